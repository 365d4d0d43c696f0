//! The queue that every thread may push to and every worker takes from.
//!
//! 1. First in, first out.
//! 2. `len` follows the queue under its lock, so that looking whether there is something costs a
//!    load and no lock. Who looks after a `SeqCst` fence that pairs with one after the push sees it
//!    (see [`idle`](crate::scheduler)).
//! 3. What moves from here to a ring is never in neither: whoever finds it gone from here, and then
//!    looks into the rings, sees it there. Else the last worker to look before all sleep could
//!    overlook it, and it would wait behind the poll that the mover begins.
//! 4. Once closed it stays empty: what comes too late is its pusher's to end.
//! 5. Without a bound of its own: a task is queued at most once, so the number of tasks bounds it.
//!
//! - edge Q3: `pop_many` `len.store` -> `len` `len.load`: what `take` has put into a ring.
//!
//! Rejected: a lock-free list (an allocation per push, or a link in each task; the lock is held
//! for a few instructions, and a foreign wake pays for waking a thread anyway).

use super::Local;
use crate::primitive::Mutex;
use crate::primitive::atomic::AtomicUsize;
use crate::primitive::atomic::Ordering::{Acquire, Relaxed, Release};
use crate::task::Runnable;
use std::collections::VecDeque;

/// A first-in, first-out queue of runnables for all threads.
pub(crate) struct Injector {
    state: Mutex<State>,
    len: AtomicUsize,
}

struct State {
    /// `None` once closed.
    queue: Option<VecDeque<Runnable>>,
    pushed: Pushed,
}

/// How many runnables have come so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pushed {
    pub(crate) all: u64,
    /// Those among them whose tasks were new.
    pub(crate) spawned: u64,
}

/// Why is a task to be polled?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// It is new.
    Spawn,
    /// It was woken.
    Wake,
}

impl Injector {
    pub(crate) fn new() -> Self {
        let state = State { queue: Some(VecDeque::new()), pushed: Pushed::default() };
        Self { state: Mutex::new(state), len: AtomicUsize::new(0) }
    }

    /// Whether there was nothing at some moment during the call.
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many there were at some moment during the call.
    pub(crate) fn len(&self) -> usize {
        self.len.load(Acquire) // edge Q3 acquire
    }

    /// How many have come so far. Takes the lock.
    pub(crate) fn pushed(&self) -> Pushed {
        self.state.lock().pushed
    }

    /// Adds a runnable at the end; hands it back when closed.
    pub(crate) fn push(&self, runnable: Runnable, cause: Cause) -> Result<(), Runnable> {
        let mut guard = self.state.lock();
        let State { queue, pushed } = &mut *guard;
        let Some(queue) = queue else { return Err(runnable) };
        queue.push_back(runnable);
        pushed.all += 1;
        pushed.spawned += u64::from(cause == Cause::Spawn);
        self.len.store(queue.len(), Relaxed); // Relaxed: invariant 2.
        Ok(())
    }

    /// Refuses what comes from now on, if there is nothing now. Whether it is closed.
    pub(crate) fn close_if_empty(&self) -> bool {
        let queue = &mut self.state.lock().queue;
        if queue.as_ref().is_some_and(VecDeque::is_empty) {
            *queue = None;
        }
        queue.is_none()
    }

    /// Moves up to `max` runnables to the end of a worker's own ring, as far as there is room;
    /// returns the first instead.
    pub(crate) fn pop_into(&self, ring: &Local, max: usize) -> Option<Runnable> {
        if self.is_empty() {
            return None;
        }
        let mut first = None;
        self.pop_many(max.clamp(1, ring.room() + 1), |runnable| {
            if first.is_none() {
                first = Some(runnable);
            } else {
                let pushed = ring.push(runnable);
                assert!(pushed.is_ok(), "no more was taken than there is room for");
            }
        });
        first
    }

    /// Gives up to `max` runnables to `take`, in order. Returns how many.
    ///
    /// `take` is called under the lock: it may put a runnable away, and nothing else.
    pub(crate) fn pop_many(&self, max: usize, take: impl FnMut(Runnable)) -> usize {
        if self.is_empty() {
            return 0;
        }
        let mut guard = self.state.lock();
        let Some(queue) = &mut guard.queue else { return 0 };
        let count = max.min(queue.len());
        queue.drain(..count).for_each(take);
        self.len.store(queue.len(), Release); // edge Q3 release, after all have been put away
        count
    }
}

#[cfg(all(test, loom))]
mod loom_tests {
    use super::*;
    use crate::primitive::{Arc, thread};
    use crate::queue::Local;
    use crate::queue::local::loom_tests::{Runs, counted};

    /// Invariant 3: a worker takes two, to run one and ring the other, while another looks whether
    /// there is anything.
    #[test]
    fn loom_what_moves_from_the_injector_to_a_ring_is_seen_in_one_of_them() {
        loom::model(|| {
            let runs = Runs::default();
            let injector = Arc::new(Injector::new());
            assert!(injector.push(counted(&runs), Cause::Wake).is_ok());
            assert!(injector.push(counted(&runs), Cause::Wake).is_ok());
            let local = Local::new();
            let stealer = local.stealer();
            let looking = {
                let injector = injector.clone();
                thread::spawn(move || {
                    assert!(!injector.is_empty() || stealer.len() > 0);
                })
            };
            let mut first = None;
            injector.pop_many(2, |runnable| match first {
                None => first = Some(runnable),
                Some(_) => assert!(local.push(runnable).is_ok()),
            });
            looking.join().expect("it is seen");
        });
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::queue::local::tests::{order_of, runnables};

    #[test]
    fn what_is_pushed_comes_out_in_order_and_in_parts() {
        let (made, order) = runnables(5);
        let injector = Injector::new();
        made.into_iter().for_each(|runnable| assert!(injector.push(runnable, Cause::Wake).is_ok()));
        assert_eq!(injector.len(), 5);
        assert_eq!(injector.pushed(), Pushed { all: 5, spawned: 0 });
        let mut taken = Vec::new();
        assert_eq!(injector.pop_many(2, |runnable| taken.push(runnable)), 2);
        assert_eq!(injector.pop_many(9, |runnable| taken.push(runnable)), 3);
        assert_eq!(injector.pop_many(9, |_| unreachable!()), 0);
        assert!(injector.is_empty());
        assert_eq!(order_of(taken, &order), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn it_closes_when_it_is_empty_and_then_refuses() {
        let (made, order) = runnables(2);
        let [one, other] = <[_; 2]>::try_from(made).ok().expect("two");
        let injector = Injector::new();
        assert!(injector.push(one, Cause::Spawn).is_ok());
        assert!(!injector.close_if_empty());
        injector.pop_many(1, |runnable| drop(runnable.run()));
        assert!(injector.close_if_empty() && injector.close_if_empty());
        let refused = injector.push(other, Cause::Spawn).expect_err("it is closed");
        assert_eq!(order_of(vec![refused], &order), [0, 1]);
        assert_eq!(injector.pushed(), Pushed { all: 1, spawned: 1 }, "not what was refused");
        assert_eq!(injector.pop_many(9, |_| unreachable!()), 0);
    }
}
