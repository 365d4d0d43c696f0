//! A worker's own queue: pushed and popped by one thread, stolen from by the others.
//!
//! A ring of words between two counters: `tail` is where the owner pushes, `head` where everyone
//! takes. Taking is reading the slots first and then moving `head` over them with one exchange; who
//! loses the exchange throws away what it read. The shape is that of Go's scheduler (`runqget`,
//! `runqgrab`), after Vyukov.
//!
//! 1. Only the owner stores `tail` and writes slots, and only beyond `tail`.
//! 2. `head <= tail <= head + CAPACITY`. Both only grow (a `usize` does not come round).
//! 3. A runnable belongs to whoever moves `head` over it; until then to the ring.
//! 4. The owner writes a slot again only after it has seen `head` beyond it. So a thief that read a
//!    slot too late (the newer word) read it after `head` had moved, and its exchange fails.
//!
//! - edge Q1: `push`/`steal` `tail.store` -> `steal` `tail.load`: publishes the slots' words.
//! - edge Q2: `head` exchange of a thief -> `push` `head.load`: the slot has been read.
//!
//! Half is stolen, rounded up, so that a ring of one gives its one: the thief is idle, and the
//! owner may be in a long poll.
//!
//! Rejected: two heads, one ahead of the other while a thief copies (Tokio): it lets slots be plain
//! memory, and buys unsafe code and a second counter for it; a word in a slot is as cheap as an
//! atomic word. The Chase-Lev deque: the owner would take the newest first, which starves the rest.

use crate::primitive::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use crate::primitive::atomic::{AtomicPtr, AtomicUsize};
use crate::primitive::{Arc, IS_MODEL};
use crate::task::{Header, Runnable};
use std::cell::Cell;
use std::ptr::{self, NonNull};

/// Runnables that a ring holds. More go to the worker's spill. 256 is Go's and Tokio's figure; a
/// turn of the driver that wakes more tasks than that is rare. Moved by: spawn 10,000.
pub(crate) const CAPACITY: usize = if IS_MODEL { 4 } else { 256 };
const _: () = assert!(CAPACITY.is_power_of_two());

struct Ring {
    head: Line<AtomicUsize>,
    tail: Line<AtomicUsize>,
    slots: Box<[AtomicPtr<Header>]>,
}

/// A counter on a cache line of its own: `head` is written by thieves, `tail` by the owner.
#[repr(align(64))]
struct Line<T>(T);

/// The owner's end. There is one, on one thread at a time.
pub(crate) struct Local {
    ring: Arc<Ring>,
    /// What may lie in the ring for this end to push: `CAPACITY`; or 0, once there is another end.
    /// (Not `Sync`, so that an end is not on two threads.)
    capacity: Cell<usize>,
}

/// The thieves' end.
pub(crate) struct Stealer {
    ring: Arc<Ring>,
}

impl Ring {
    fn slot(&self, position: usize) -> &AtomicPtr<Header> {
        &self.slots[position & (CAPACITY - 1)]
    }

    /// Takes over what lies between `head` and `head + count`. The caller has read the slots.
    fn claim(&self, head: usize, count: usize) -> bool {
        self.head.0.compare_exchange(head, head + count, AcqRel, Relaxed).is_ok() // edge Q2 release
    }

    fn pop(&self) -> Option<Runnable> {
        loop {
            let head = self.head.0.load(Acquire);
            // Acquire, for an end that was handed over: it is a thief (edge Q1).
            let tail = self.tail.0.load(Acquire);
            if head == tail {
                return None;
            }
            let word = self.slot(head).load(Relaxed); // Relaxed: this thread wrote it, or as above.
            if self.claim(head, 1) {
                return Some(runnable(word));
            }
        }
    }
}

impl Local {
    pub(crate) fn new() -> Self {
        let slots = (0..CAPACITY).map(|_| AtomicPtr::new(ptr::null_mut())).collect();
        let ring = Ring { head: Line(AtomicUsize::new(0)), tail: Line(AtomicUsize::new(0)), slots };
        Self::end_of(Arc::new(ring))
    }

    fn end_of(ring: Arc<Ring>) -> Self {
        Self { ring, capacity: Cell::new(CAPACITY) }
    }

    /// Makes a new owner's end, for another thread, in the place of this one: which refuses what is
    /// pushed from now on, and pops as a thief does.
    pub(crate) fn hand_over(&self) -> Self {
        let has_been = self.capacity.replace(0) == 0;
        assert!(!has_been, "an owner's end is handed over once");
        Self::end_of(Arc::clone(&self.ring))
    }

    pub(crate) fn stealer(&self) -> Stealer {
        Stealer { ring: Arc::clone(&self.ring) }
    }

    /// Adds a runnable at the end; hands it back when the ring is full.
    pub(crate) fn push(&self, runnable: Runnable) -> Result<(), Runnable> {
        // Owner-only: no other thread stores `tail`, so this load cannot race.
        let tail = self.ring.tail.0.load(Relaxed);
        if self.room_behind(tail) == 0 {
            return Err(runnable);
        }
        self.ring.slot(tail).store(runnable.into_raw().as_ptr(), Relaxed); // Relaxed: edge Q1 next
        self.ring.tail.0.store(tail + 1, Release); // edge Q1 release
        Ok(())
    }

    /// Takes the runnable that has waited longest.
    pub(crate) fn pop(&self) -> Option<Runnable> {
        self.ring.pop()
    }

    /// How many runnables there are, at most: thieves may be taking some.
    pub(crate) fn len(&self) -> usize {
        let tail = self.ring.tail.0.load(Relaxed); // Relaxed: owner-only, as in `push`.
        tail.wrapping_sub(self.ring.head.0.load(Acquire))
    }

    /// How many have ever been pushed, or taken over from another ring.
    pub(crate) fn pushed(&self) -> usize {
        self.ring.tail.0.load(Relaxed) // Relaxed: owner-only, as in `push`.
    }

    /// How many more can be pushed, at least.
    pub(crate) fn room(&self) -> usize {
        self.room_behind(self.ring.tail.0.load(Relaxed)) // Relaxed: owner-only, as in `push`.
    }

    fn room_behind(&self, tail: usize) -> usize {
        // Wrapping: an end that was handed over may know an old tail only, and has no room.
        let used = tail.wrapping_sub(self.ring.head.0.load(Acquire)); // edge Q2 acquire
        self.capacity.get().saturating_sub(used)
    }
}

impl Stealer {
    /// Moves half of what is there, rounded up, into `thief`; returns the first of it instead.
    ///
    /// `thief` is the caller's own ring, and another one than this.
    pub(crate) fn steal_into(&self, thief: &Local) -> Option<Runnable> {
        let from = &self.ring;
        // Owner-only: no other thread stores `tail`, so this load cannot race.
        let thief_tail = thief.ring.tail.0.load(Relaxed);
        let room = thief.room_behind(thief_tail);
        loop {
            let head = from.head.0.load(Acquire);
            let tail = from.tail.0.load(Acquire); // edge Q1 acquire
            // More than `CAPACITY` if `head` has moved in between: then `claim` fails.
            let len = tail - head;
            let count = (len - len / 2).min(room + 1);
            if count == 0 {
                return None;
            }
            let first = from.slot(head).load(Relaxed); // Relaxed: ordered by edge Q1.
            for offset in 1..count {
                let word = from.slot(head + offset).load(Relaxed); // Relaxed: as above.
                // Beyond our own `tail`, so nobody reads it before the store below.
                thief.ring.slot(thief_tail + offset - 1).store(word, Relaxed);
            }
            if from.claim(head, count) {
                if count > 1 {
                    thief.ring.tail.0.store(thief_tail + count - 1, Release); // edge Q1 release
                }
                return Some(runnable(first));
            }
        }
    }

    /// How many there were at some moment during the call, or a few more.
    pub(crate) fn len(&self) -> usize {
        // Relaxed: a hint, ordered by the fences of the idle protocol, and by edge Q3, where that
        // matters. The tail first: a head that moves in between does not make it negative.
        let tail = self.ring.tail.0.load(Relaxed);
        tail.saturating_sub(self.ring.head.0.load(Relaxed))
    }
}

/// Makes a claimed word a runnable again.
fn runnable(word: *mut Header) -> Runnable {
    let ptr = NonNull::new(word).expect("a slot between `head` and `tail` has been written");
    // SAFETY: the word comes from `into_raw` in `push`, and `claim` gave it to us alone (3).
    unsafe { Runnable::from_raw(ptr) }
}

impl Drop for Ring {
    fn drop(&mut self) {
        while let Some(runnable) = self.pop() {
            drop(runnable);
        }
    }
}

#[cfg(all(test, loom))]
pub(super) mod loom_tests;

#[cfg(all(test, not(loom)))]
pub(super) mod tests {
    use super::*;
    use crate::task::{Ran, Schedule, Waiting, create};
    use std::sync::Mutex;

    struct Nowhere;
    impl Schedule for Nowhere {
        fn schedule(&self, _runnable: Runnable) {
            unreachable!("these tasks are never woken");
        }
        fn own(&self, _task: Waiting) -> Option<usize> {
            Some(0)
        }

        fn release(&self, _owner_key: usize) {}
    }

    pub(crate) type Order = std::sync::Arc<Mutex<Vec<usize>>>;

    /// Tasks that write their number into a list when they run.
    pub(crate) fn runnables(count: usize) -> (Vec<Runnable>, Order) {
        let order = Order::default();
        let one = |number| {
            let order = order.clone();
            create(async move { order.lock().expect("no panic").push(number) }, Nowhere).0
        };
        ((0..count).map(one).collect(), order)
    }

    pub(crate) fn order_of(runnables: Vec<Runnable>, order: &Order) -> Vec<usize> {
        for runnable in runnables {
            assert!(matches!(runnable.run(), Ran::Complete));
        }
        std::mem::take(&mut *order.lock().expect("no panic"))
    }

    #[test]
    fn first_in_first_out_and_full_at_capacity() {
        let (made, order) = runnables(CAPACITY + 1);
        let local = Local::new();
        let mut refused = Vec::new();
        for runnable in made {
            refused.extend(local.push(runnable).err());
        }
        assert_eq!(local.len(), CAPACITY);
        let popped: Vec<_> = std::iter::from_fn(|| local.pop()).collect();
        assert_eq!(order_of(popped, &order), (0..CAPACITY).collect::<Vec<_>>());
        assert_eq!(order_of(refused, &order), [CAPACITY]);
    }

    #[test]
    fn a_thief_takes_the_older_half_rounded_up() {
        for len in 0..=9 {
            let (made, order) = runnables(len);
            let (local, thief) = (Local::new(), Local::new());
            for runnable in made {
                assert!(local.push(runnable).is_ok());
            }
            let mut stolen: Vec<_> = local.stealer().steal_into(&thief).into_iter().collect();
            stolen.extend(std::iter::from_fn(|| thief.pop()));
            let half = len.div_ceil(2);
            assert_eq!(order_of(stolen, &order), (0..half).collect::<Vec<_>>());
            let left: Vec<_> = std::iter::from_fn(|| local.pop()).collect();
            assert_eq!(order_of(left, &order), (half..len).collect::<Vec<_>>());
            assert_eq!(local.stealer().len(), 0);
        }
    }

    #[test]
    fn an_end_that_is_handed_over_adds_nothing_and_the_new_one_goes_on() {
        let (mut made, order) = runnables(CAPACITY + 5);
        let old = Local::new();
        for runnable in made.drain(..3) {
            assert!(old.push(runnable).is_ok());
        }
        let new = old.hand_over();
        let refused = made.drain(CAPACITY..).map(|runnable| old.push(runnable).unwrap_err());
        assert_eq!(order_of(refused.collect(), &order), [CAPACITY + 3, CAPACITY + 4]);
        for runnable in made.drain(..CAPACITY - 3) {
            assert!(new.push(runnable).is_ok());
        }
        assert!(made.drain(..).all(|runnable| new.push(runnable).is_err()), "it is full");
        assert_eq!(old.room(), 0);
        let others = Local::new();
        let popped = [old.pop(), new.stealer().steal_into(&old), new.pop()];
        let (made, others_order) = runnables(5);
        made.into_iter().for_each(|runnable| assert!(others.push(runnable).is_ok()));
        let stolen = others.stealer().steal_into(&old);
        assert_eq!(others.len(), 4, "one, for which no room is needed");
        assert_eq!(order_of(popped.into_iter().flatten().collect(), &order), [0, 1, 2]);
        assert_eq!(order_of(stolen.into_iter().collect(), &others_order), [0]);
        let left: Vec<_> = std::iter::from_fn(|| new.pop()).collect();
        assert_eq!(order_of(left, &order), (3..CAPACITY).collect::<Vec<_>>());
        assert!(
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| old.hand_over())).is_err()
        );
    }

    #[test]
    fn a_ring_that_is_dropped_cancels_what_it_holds() {
        let local = Local::new();
        let (runnable, handle) = create(std::future::pending::<()>(), Nowhere);
        assert!(local.push(runnable).is_ok());
        drop(local);
        assert!(handle.is_finished());
    }
}
