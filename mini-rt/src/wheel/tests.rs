use super::*;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::task::Wake;

/// Which timers were woken, in order.
type Log = Arc<Mutex<Vec<u64>>>;

struct Recorder {
    id: u64,
    log: Log,
}

impl Wake for Recorder {
    fn wake(self: Arc<Self>) {
        self.log.lock().unwrap().push(self.id);
    }
}

fn recorder(log: &Log, id: u64) -> Waker {
    Arc::new(Recorder { id, log: log.clone() }).into()
}

/// Advances the wheel and wakes; returns who was woken.
fn advance(wheel: &mut Wheel, log: &Log, now: u64) -> Vec<u64> {
    let mut wakes = WakeList::new();
    wheel.advance(Tick(now), &mut wakes);
    wakes.wake_all();
    std::mem::take(&mut *log.lock().unwrap())
}

/// SplitMix64 (Steele, Lea, Flood 2014): the whole test follows from the seed.
struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// A number with 0 to `bits_max` bits: every level of the wheel is as likely.
    fn up_to_bits(&mut self, bits_max: u64) -> u64 {
        let bits = self.below(bits_max + 1);
        self.below(1 << bits)
    }
}

/// The wheel beside a sorted list that says what it must do.
struct Pair {
    wheel: Wheel,
    log: Log,
    now: u64,
    /// (deadline, order of insertion): the order in which timers have to fire.
    list: BTreeMap<(u64, u64), Key>,
    inserted: u64,
}

impl Pair {
    fn new() -> Self {
        let (wheel, log, list) = (Wheel::new(), Log::default(), BTreeMap::new());
        Self { wheel, log, now: 0, list, inserted: 0 }
    }

    fn insert(&mut self, deadline: u64) {
        self.inserted += 1;
        match self.wheel.insert(Tick(deadline), recorder(&self.log, self.inserted)) {
            Ok(key) => {
                assert!(deadline > self.now, "a due deadline is handed back");
                assert_eq!(key.deadline(), Tick(deadline));
                self.list.insert((deadline, self.inserted), key);
            }
            Err(_) => assert!(deadline <= self.now, "only a due deadline is handed back"),
        }
    }

    fn remove_nth(&mut self, nth: usize) {
        let (deadline, id) = *self.list.keys().nth(nth).unwrap();
        let key = self.list.remove(&(deadline, id)).unwrap();
        let waker = self.wheel.remove(key).expect("a timer on the list has not fired");
        waker.wake();
        assert_eq!(std::mem::take(&mut *self.log.lock().unwrap()), [id], "its own waker");
    }

    fn advance(&mut self, now: u64) {
        self.now = now;
        let later = self.list.split_off(&(now + 1, 0));
        let due = std::mem::replace(&mut self.list, later);
        let expected: Vec<u64> = due.keys().map(|(_, id)| *id).collect();
        assert_eq!(advance(&mut self.wheel, &self.log, now), expected, "who fires, and the order");
        for key in due.into_values() {
            assert!(self.wheel.remove(key).is_none(), "what has fired has left the wheel");
        }
    }

    fn check(&self) {
        assert_eq!(self.wheel.nodes.len(), self.list.len(), "one node a timer");
        assert_eq!(self.wheel.now(), Tick(self.now));
        let next = self.wheel.next_deadline().map(|next| next.0);
        let first = self.list.keys().next().map(|(deadline, _)| *deadline);
        assert_eq!(next.is_some(), first.is_some());
        if let (Some(next), Some(first)) = (next, first) {
            assert!(self.now < next && next <= first, "{} < {next} <= {first}", self.now);
            if first / 64 == self.now / 64 {
                assert_eq!(next, first, "exact on level 0");
            }
        }
    }
}

/// Random operations from a seed; panics, naming it, where wheel and list part.
fn run_against_list(seed: u64, operations: u32) {
    let mut rng = Rng(seed);
    let mut pair = Pair::new();
    for step in 0..operations {
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            match rng.below(10) {
                0..=4 => {
                    // A few timers share a deadline; some are due, some lie out of range.
                    let deadline = (pair.now + rng.up_to_bits(38)).saturating_sub(rng.below(3));
                    (0..=rng.below(3)).for_each(|_| pair.insert(deadline));
                }
                5 | 6 if !pair.list.is_empty() => {
                    let nth = rng.below(pair.list.len() as u64) as usize;
                    pair.remove_nth(nth);
                }
                7 => {
                    // To the very tick at which something happens, or just before.
                    let next = pair.wheel.next_deadline().map_or(pair.now, |next| next.0);
                    pair.advance(next.saturating_sub(rng.below(2)).max(pair.now));
                }
                8 => {
                    let target = pair.now + rng.up_to_bits(20);
                    pair.wheel.skip(Tick(target));
                    pair.now = pair.wheel.now().0;
                    assert!(pair.now <= target);
                }
                _ => pair.advance(pair.now + rng.up_to_bits(38)),
            }
            pair.check();
        }));
        if let Err(panic) = outcome {
            eprintln!("seed {seed}, step {step}");
            std::panic::resume_unwind(panic);
        }
    }
}

#[test]
fn fires_what_a_sorted_list_would_in_the_same_order() {
    (0..200).for_each(|seed| run_against_list(seed, 500));
}

#[test]
fn never_fires_early_and_never_late_around_every_power_of_the_radix() {
    let edges: Vec<u64> = (0..=7 * 6)
        .flat_map(|bits| [(1 << bits) - 1, 1 << bits, (1 << bits) + 1])
        .filter(|edge| *edge > 0)
        .collect();
    for start in edges.iter().copied().filter(|start| *start < 1 << 37) {
        for delta in &edges {
            let mut pair = Pair::new();
            pair.advance(start);
            pair.insert(start + delta);
            pair.check();
            pair.advance(start + delta - 1);
            pair.check();
            pair.advance(start + delta);
            pair.check();
        }
    }
}

#[test]
fn wakes_up_a_handful_of_times_for_a_far_timer() {
    let mut pair = Pair::new();
    pair.insert((1 << 36) - 1);
    let mut turns = 0;
    while let Some(next) = pair.wheel.next_deadline() {
        pair.advance(next.0);
        turns += 1;
    }
    assert_eq!(turns, LEVELS, "once on each level");
}

#[test]
fn one_deadline_fires_in_order_of_insertion_across_levels() {
    let mut pair = Pair::new();
    for now in [0, 1, 63, 64, 4095, 4096, 4990, 4999] {
        pair.advance(now);
        pair.insert(5000);
    }
    pair.advance(5000);
    assert!(pair.list.is_empty());
}

#[test]
fn time_that_goes_back_changes_nothing() {
    let mut pair = Pair::new();
    pair.advance(1000);
    pair.insert(1001);
    assert!(advance(&mut pair.wheel, &pair.log, 500).is_empty());
    pair.check();
}

#[test]
fn no_memory_is_allocated_once_the_wheel_is_warm() {
    let mut pair = Pair::new();
    (1..=100).for_each(|deadline| pair.insert(deadline));
    let capacity = pair.wheel.nodes.capacity();
    for round in 1..100 {
        pair.advance(round * 100);
        (1..=100).for_each(|delta| pair.insert(round * 100 + delta * 50));
        while !pair.list.is_empty() && round % 2 == 0 {
            pair.remove_nth(0);
        }
        pair.advance(round * 100 + 99);
        while !pair.list.is_empty() {
            pair.remove_nth(0);
        }
    }
    assert_eq!(pair.wheel.nodes.capacity(), capacity);
}

#[test]
fn a_node_is_half_a_cache_line() {
    assert_eq!(size_of::<Option<Node>>(), 32); // an option has the same spare values as a slab's entry
}

#[test]
fn shutdown_fires_everything_and_takes_nothing_more() {
    let mut pair = Pair::new();
    [1, 100, 100_000, 1 << 40].into_iter().for_each(|deadline| pair.insert(deadline));
    let mut wakes = WakeList::new();
    pair.wheel.shutdown(&mut wakes);
    assert_eq!(wakes.len(), 4);
    wakes.wake_all();
    assert_eq!(pair.wheel.now(), Tick::END);
    assert!(pair.wheel.insert(Tick::LAST, recorder(&pair.log, 9)).is_err());
    for key in std::mem::take(&mut pair.list).into_values() {
        assert!(pair.wheel.remove(key).is_none());
    }
    assert_eq!(pair.wheel.next_deadline(), None);
}
