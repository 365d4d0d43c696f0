//! What the workers show of themselves.

use super::Shared;
use crate::primitive::atomic::Ordering::Relaxed;
use crate::queue::Injector;
use crate::scheduler::counters::{Counters, Observed};

impl Observed for Shared {
    fn workers(&self) -> usize {
        self.remotes.len()
    }

    fn counters(&self, worker: usize) -> Option<&Counters> {
        self.remotes.get(worker).map(|remote| &remote.counters.0)
    }

    fn local_queue_depth(&self, worker: usize) -> Option<usize> {
        self.remotes.get(worker).map(|remote| remote.len())
    }

    fn overflows(&self, worker: usize) -> Option<u64> {
        self.remotes.get(worker).map(|remote| remote.spill.pushed().all)
    }

    fn injector(&self) -> &Injector {
        &self.injector
    }

    fn completed_apart(&self) -> u64 {
        self.completed_apart.load(Relaxed) // Relaxed: a count.
    }

    fn wakeups_sent(&self) -> u64 {
        self.idle.woken()
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
