//! How does a task leave its waker under a lock, if nobody may clone or drop one there?
//!
//! A waker may belong to any executor, so its clone and its drop are code that is not ours: they run
//! without a lock. [`poll_under`] tries a step under the lock; only if the step has to wait, and the
//! waker that is stored would wake another task, is the lock let go for a clone, and the step tried
//! again. What is ready takes the lock once, and so does a task that is polled for no reason.
//!
//! Rejected: cloning first (each poll that is ready would pay two locked instructions for nothing).

use crate::primitive::{IS_MODEL, Mutex, MutexGuard};
use std::mem;
use std::task::{Context, Poll, Waker};

/// What a step under the lock has come to.
#[derive(Debug)]
pub(super) enum Step<R> {
    Ready(R),
    /// The waker is stored.
    Wait,
    /// There is no clone of the waker to store: again, with one.
    NeedsClone,
}

/// The waker of the poll under way.
#[derive(Debug)]
pub(super) struct PollWaker<'a> {
    waker: &'a Waker,
    /// A clone of it; or, once that is stored, what was stored before.
    spare: Option<Waker>,
    has_clone: bool,
}

impl<'a> PollWaker<'a> {
    pub(super) fn new(waker: &'a Waker) -> Self {
        Self { waker, spare: None, has_clone: false }
    }

    /// Clones the waker. Without a lock.
    pub(super) fn make_clone(&mut self) {
        self.spare = Some(self.waker.clone());
        self.has_clone = true;
    }

    /// The clone, if there is one.
    pub(super) fn take_clone(&mut self) -> Option<Waker> {
        if mem::take(&mut self.has_clone) { self.spare.take() } else { None }
    }

    pub(super) fn get(&self) -> &Waker {
        self.waker
    }

    /// Keeps a waker that was replaced by the clone, to be dropped without the lock.
    pub(super) fn put_spare(&mut self, replaced: Waker) {
        debug_assert!(self.spare.is_none(), "the clone was taken");
        self.spare = Some(replaced);
    }

    /// Sees to it that `slot` wakes this task.
    pub(super) fn store_in<R>(&mut self, slot: &mut Option<Waker>) -> Step<R> {
        if let Some(stored) = slot {
            return self.store_over(stored);
        }
        *slot = self.take_clone();
        if slot.is_some() { Step::Wait } else { Step::NeedsClone }
    }

    /// The same, where a waker is stored already.
    pub(super) fn store_over<R>(&mut self, stored: &mut Waker) -> Step<R> {
        if stored.will_wake(self.waker) {
            return Step::Wait;
        }
        match self.take_clone() {
            Some(clone) => {
                self.put_spare(mem::replace(stored, clone));
                Step::Wait
            }
            None => Step::NeedsClone,
        }
    }
}

/// Polls a step of what is under `lock`.
#[inline]
pub(super) fn poll_under<S, R>(
    lock: &Mutex<S>,
    cx: &Context<'_>,
    step: impl FnMut(&mut S, &mut PollWaker<'_>) -> Step<R>,
) -> Poll<R> {
    poll_under_with(lock, PollWaker::new(cx.waker()), step)
}

/// [`poll_under`], for who has cloned the waker because it expects to wait.
#[inline]
pub(super) fn poll_under_with<S, R>(
    lock: &Mutex<S>,
    mut waker: PollWaker<'_>,
    mut step: impl FnMut(&mut S, &mut PollWaker<'_>) -> Step<R>,
) -> Poll<R> {
    loop {
        let step = step(&mut lock_in_bursts(lock), &mut waker);
        match step {
            Step::Ready(result) => return Poll::Ready(result),
            Step::Wait => return Poll::Pending,
            Step::NeedsClone => waker.make_clone(),
        }
    }
}

/// Takes a lock that many tasks take in a row, on several workers: who finds it taken pauses, and does
/// not look, so that the other goes on for some tens of turns with the lock in its own cache. (The
/// lock itself spins and looks: then each turn is the other's, and moves the cache line.)
#[inline]
pub(super) fn lock_in_bursts<S>(lock: &Mutex<S>) -> MutexGuard<'_, S> {
    if IS_MODEL {
        return lock.lock();
    }
    lock.try_lock().unwrap_or_else(|| {
        (0..PAUSES).for_each(|_| std::hint::spin_loop());
        lock.lock()
    })
}

/// Some microseconds. Moved by, with two workers: `broadcast/to_100` takes 0.29, `to_1000` 0.37 and
/// `notify/all_1000` 0.46 of the time without it (`cargo bench --bench sync`, medians of three runs);
/// 16 pauses gain about half of that.
const PAUSES: u32 = 64;

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::primitive::Arc;
    use std::task::Wake;

    struct Nothing;
    impl Wake for Nothing {
        fn wake(self: std::sync::Arc<Self>) {}
    }

    /// Polls once; how often the step ran, and the reference count of the waker after it.
    fn poll(slot: &Mutex<Option<Waker>>, task: &std::sync::Arc<Nothing>) -> (usize, usize) {
        let waker = Waker::from(task.clone());
        let mut steps = 0;
        let poll = poll_under(slot, &Context::from_waker(&waker), |slot, waker| {
            steps += 1;
            waker.store_in::<()>(slot)
        });
        assert!(poll.is_pending());
        drop(waker);
        (steps, std::sync::Arc::strong_count(task))
    }

    #[test]
    fn a_waker_is_cloned_once_and_what_it_replaces_is_dropped() {
        let slot = Arc::new(Mutex::new(None));
        let (first, second) = (std::sync::Arc::new(Nothing), std::sync::Arc::new(Nothing));
        assert_eq!(poll(&slot, &first), (2, 2), "stored by the second step");
        assert_eq!(poll(&slot, &first), (1, 2), "it is there");
        assert_eq!(poll(&slot, &second), (2, 2));
        assert_eq!(std::sync::Arc::strong_count(&first), 1);
    }
}
