//! What the one thread shows of itself: it counts as worker 0.

use super::{HOLDER, Shared};
use crate::primitive::atomic::Ordering::Relaxed;
use crate::queue::Injector;
use crate::scheduler::counters::{Counters, Observed};

/// Which worker this thread is, if it runs the tasks of a current-thread runtime.
pub(crate) fn index_here() -> Option<usize> {
    HOLDER.try_with(|holder| holder.borrow().as_ref().map(|_| 0)).ok().flatten()
}

impl Observed for Shared {
    fn workers(&self) -> usize {
        1
    }

    fn counters(&self, worker: usize) -> Option<&Counters> {
        (worker == 0).then_some(&self.counters)
    }

    fn local_queue_depth(&self, worker: usize) -> Option<usize> {
        // What has come after what has gone, so that it is not less.
        let gone = self.counters.polls.get() + self.cancelled.get();
        let come = self.counters.local_schedules.get() + self.injected.get();
        (worker == 0).then_some(come.saturating_sub(gone) as usize)
    }

    /// Its queue has no bound.
    fn overflows(&self, worker: usize) -> Option<u64> {
        (worker == 0).then_some(0)
    }

    fn injector(&self) -> &Injector {
        &self.injector
    }

    fn wakeups_sent(&self) -> u64 {
        self.wakeups.load(Relaxed) // Relaxed: a count.
    }
}
