//! How do tasks meet, all of them, before any of them goes on?
//!
//! Who comes is counted under a lock. All but the last wait at a [`Notify`]; the last, the leader,
//! begins the next round and tells them.
//!
//! 1. A wait is noted, and all are told, under the lock that counts: so who comes for the next round
//!    is not told with those of this one. They are woken after it.
//!
//! Rejected: a `watch` channel of the generation (Tokio's): it would know as much, and cost a value.

use super::Notify;
use super::futures::Notified;
use crate::primitive::Mutex;
use std::fmt;

/// Lets tasks wait until so many of them have come.
///
/// ```
/// # let runtime = mini_rt::runtime::Runtime::new()?;
/// # runtime.block_on(async {
/// use mini_rt::sync::Barrier;
/// use std::sync::Arc;
///
/// let barrier = Arc::new(Barrier::new(3));
/// let tasks = [(); 3].map(|()| {
///     let barrier = Arc::clone(&barrier);
///     mini_rt::spawn(async move { barrier.wait().await.is_leader() })
/// });
/// let mut leaders = 0;
/// for task in tasks {
///     leaders += u32::from(task.await.expect("no panic"));
/// }
/// assert_eq!(leaders, 1);
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Barrier {
    size: usize,
    /// How many have come in this round.
    arrived: Mutex<usize>,
    round_over: Notify,
}

/// What [`Barrier::wait`] returns.
#[derive(Debug, Clone)]
pub struct BarrierWaitResult {
    is_leader: bool,
}

impl Barrier {
    /// Makes one for so many tasks. None at all are taken as one.
    #[must_use]
    pub fn new(size: usize) -> Self {
        Self { size: size.max(1), arrived: Mutex::new(0), round_over: Notify::new() }
    }

    /// Waits until as many have come as this was made for. Then the next round begins.
    ///
    /// # Cancel safety
    /// Who has come, and gives up, stays counted: the others go on without it.
    pub async fn wait(&self) -> BarrierWaitResult {
        match self.arrive() {
            Some(told) => {
                told.await;
                BarrierWaitResult { is_leader: false }
            }
            None => BarrierWaitResult { is_leader: true },
        }
    }

    /// Counts who comes, which has to wait; or, as the last, begins the next round.
    fn arrive(&self) -> Option<Notified<'_>> {
        let mut arrived = self.arrived.lock();
        *arrived += 1;
        if *arrived < self.size {
            return Some(self.round_over.notified());
        }
        *arrived = 0;
        let mut woken = self.round_over.take_waiters();
        drop(arrived);
        woken.wake_all();
        None
    }
}

impl BarrierWaitResult {
    /// Whether this is the one that came last, of each round.
    #[must_use]
    pub fn is_leader(&self) -> bool {
        self.is_leader
    }
}

impl fmt::Debug for Barrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Barrier").field("size", &self.size).finish_non_exhaustive()
    }
}

#[cfg(all(test, loom))]
mod loom_tests {
    use super::*;
    use crate::primitive::atomic::{AtomicUsize, Ordering::SeqCst};
    use crate::primitive::{Arc, thread};
    use crate::sync::model::block_on;
    use futures::future::poll_immediate;

    /// Two rounds: nobody is ahead of the other by more than one, and each has one leader.
    #[test]
    fn loom_nobody_goes_on_before_all_have_come() {
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound = Some(3);
        builder.check(|| {
            let barrier = Arc::new(Barrier::new(2));
            let rounds = |barrier: &Barrier| {
                [(); 2].map(|()| usize::from(block_on(barrier.wait()).is_leader()))
            };
            let other = thread::spawn({
                let barrier = Arc::clone(&barrier);
                move || rounds(&barrier)
            });
            let mine = rounds(&barrier);
            let others = other.join().expect("no panic");
            assert_eq!([mine[0] + others[0], mine[1] + others[1]], [1, 1]);
        });
    }

    /// Two rounds of two, of which one comes twice, and gives up the first time: nobody is told of the
    /// end of a round before the last of it has come.
    #[test]
    fn loom_who_comes_for_the_next_round_is_not_told_of_the_end_of_this_one() {
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound = Some(2);
        builder.check(|| {
            // Who has come, and who has gone on.
            let counts = (AtomicUsize::new(0), AtomicUsize::new(0));
            let shared = Arc::new((Barrier::new(2), counts));
            let (barrier, (came, went)) = &*shared;
            let goes_on = |came: &AtomicUsize, went: &AtomicUsize| {
                let went = went.fetch_add(1, SeqCst) + 1;
                assert!(went <= came.load(SeqCst) / 2 * 2, "ahead of its round");
            };
            for _ in 0..2 {
                let shared = Arc::clone(&shared);
                thread::spawn(move || {
                    let (barrier, (came, went)) = &*shared;
                    came.fetch_add(1, SeqCst);
                    block_on(barrier.wait());
                    goes_on(came, went);
                });
            }
            came.fetch_add(1, SeqCst);
            if block_on(poll_immediate(barrier.wait())).is_some() {
                goes_on(came, went);
            }
            came.fetch_add(1, SeqCst);
            block_on(barrier.wait());
            goes_on(came, went);
        });
    }
}
