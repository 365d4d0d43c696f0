//! How long does a poll take, lately, and does it pay to share what waits?
//!
//! Waking another worker costs some tens of microseconds until it runs a task: two system calls, the
//! kernel's scheduler, cold caches, a core that was asleep or was somebody else's. And a task that
//! changes workers leaves its caches behind: a few hundred nanoseconds. That pays if the tasks that
//! wait will take longer. Nobody knows how long a poll will take, but the last ones tell: the workers keep
//! their mean, in nanoseconds. It costs two readings of the clock for a batch of polls.
//!
//! A guess may be wrong, because a long poll follows short ones or because many short polls follow.
//! The [watch](super::watch) sees both, after a millisecond or two.
//!
//! Rejected: waking for every second task, as Tokio does. 10,000 tasks that end at once, spawned by
//! a task on two workers, then take three times as long as on one.

use crate::primitive::atomic::AtomicU32;
use crate::primitive::atomic::Ordering::Relaxed;
use crate::primitive::now;
use std::cell::Cell;
use std::time::{Duration, Instant};

/// What it costs to wake a worker, and it to find a task: work that takes less is not worth it. In
/// nanoseconds. Moved by: `chat compare`, open loop at 20 and 60 %. There 20 us made CPU per delivery
/// 0.94 and 0.97 of Tokio's and the median latency equal; 60 us, 0.78 to 0.82 and 0.75; 100 us no
/// less; and with 200 us the p90 at 60 % began to grow.
const WAKE_NS: u64 = 60_000;

/// What it costs to take a task from another worker. In nanoseconds. Moved by: spawn 10,000 inside.
const MOVE_NS: u64 = 250;

/// How many sleeps pass until a single poll is timed again.
const TIME_EVERY: u32 = 8;

/// The mean of the workers' last polls.
pub(crate) struct Pace {
    poll_ns: AtomicU32,
}

impl Pace {
    /// At first, every poll is taken to be long.
    pub(crate) fn new() -> Self {
        Self { poll_ns: AtomicU32::new(WAKE_NS as u32) }
    }

    /// Whether it pays to wake a worker for so many tasks that wait for another.
    pub(crate) fn pays(&self, tasks: usize) -> bool {
        // Relaxed: a guess, which orders nothing.
        let poll_ns = u64::from(self.poll_ns.load(Relaxed));
        poll_ns >= MOVE_NS && (tasks as u64).saturating_mul(poll_ns) >= WAKE_NS
    }

    /// Whether the polls since the last `true` have taken as long as a wake-up, by the mean: `spent_ns`
    /// keeps the sum. To be asked once a poll.
    pub(crate) fn is_due(&self, spent_ns: &Cell<u64>) -> bool {
        let spent = spent_ns.get() + u64::from(self.poll_ns.load(Relaxed)); // Relaxed: as above.
        let is_due = spent >= WAKE_NS;
        spent_ns.set(if is_due { 0 } else { spent });
        is_due
    }

    fn learn(&self, elapsed: Duration, polls: u64) {
        // Relaxed: as above. Of two workers that learn at once, one may learn for nothing.
        let before = self.poll_ns.load(Relaxed);
        self.poll_ns.store(mean(before, elapsed, polls), Relaxed);
    }
}

/// The mean with a new batch in it, which counts for a quarter.
fn mean(before_ns: u32, elapsed: Duration, polls: u64) -> u32 {
    let sample = elapsed.as_nanos() / u128::from(polls);
    let mean = (3 * u128::from(before_ns) + sample) / 4;
    u32::try_from(mean).unwrap_or(u32::MAX)
}

/// The batch of polls that a worker is in, if it is timed.
#[derive(Default)]
pub(crate) struct Batch {
    /// When it began, and at which poll of the worker.
    begun: Cell<Option<(Instant, u64)>>,
    untimed: Cell<u32>,
}

impl Batch {
    /// So many tasks lie before the worker now, which has polled so often.
    pub(crate) fn begin(&self, tasks: usize, polls: u64) {
        let is_timed = tasks > 1 || self.untimed.get() == TIME_EVERY;
        self.untimed.set(if is_timed { 0 } else { self.untimed.get() + 1 });
        self.begun.set(is_timed.then(|| (now(), polls)));
    }

    /// The worker turns to something else.
    pub(crate) fn end(&self, pace: &Pace, polls: u64) {
        if let Some((begun, before)) = self.begun.take()
            && polls > before
        {
            pace.learn(now() - begun, polls - before);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learned(elapsed: Duration, polls: u64) -> Pace {
        let pace = Pace::new();
        (0..50).for_each(|_| pace.learn(elapsed, polls));
        pace
    }

    #[test]
    fn sharing_pays_by_what_the_tasks_will_take() {
        assert!(Pace::new().pays(1) && !Pace::new().pays(0), "long, until known to be short");
        let micros = learned(Duration::from_micros(61), 61);
        assert!(!micros.pays(50) && micros.pays(70), "{:?}", micros.poll_ns);
        let tiny = learned(Duration::from_micros(10), 100);
        assert!(!tiny.pays(usize::MAX), "moving them costs more");
        let endless = learned(Duration::from_secs(100), 2);
        assert_eq!(endless.poll_ns.load(Relaxed), u32::MAX);
        assert!(endless.pays(1) && endless.pays(usize::MAX) && !endless.pays(0));
    }

    #[test]
    fn a_look_is_due_after_polls_as_long_as_a_wake_up() {
        let spent = Cell::default();
        let polls = |pace: &Pace| 1 + (0..).take_while(|_| !pace.is_due(&spent)).count();
        assert_eq!(polls(&Pace::new()), 1);
        let micros = learned(Duration::from_micros(61), 61);
        assert!((50..=60).contains(&polls(&micros)), "{:?}", micros.poll_ns);
        assert_eq!(polls(&learned(Duration::from_secs(100), 2)), 1);
    }

    #[test]
    fn a_batch_is_timed_if_it_has_polls_and_single_polls_now_and_then() {
        let (batch, pace) = (Batch::default(), Pace::new());
        batch.begin(2, 1);
        batch.end(&pace, 1);
        for _ in 0..TIME_EVERY {
            batch.begin(1, 1);
            batch.end(&pace, 2);
        }
        assert_eq!(pace.poll_ns.load(Relaxed), WAKE_NS as u32, "nothing was learned");
        batch.begin(1, 1);
        batch.end(&pace, 1_000_000);
        let once = pace.poll_ns.load(Relaxed);
        assert!(once < WAKE_NS as u32);
        batch.begin(1_000_000, 1);
        batch.end(&pace, 1_000_001);
        assert!(pace.poll_ns.load(Relaxed) < once);
    }
}
