//! A number that one thread at a time writes, and that any thread may read.

use crate::primitive::atomic::AtomicU64;
use crate::primitive::atomic::Ordering::Relaxed;

/// Counts what its owner does: a thread, or who holds the lock that it is written under.
///
/// Counting is a load and a store, in a cache line that is the owner's unless somebody reads. What
/// is read may be old by as much as the owner has done since, and says nothing of other memory.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    /// For the owner.
    pub(crate) fn add(&self, count: u64) {
        // Owner-only: nobody else stores, so no count is lost between load and store.
        self.set(self.get() + count);
    }

    /// For the owner.
    pub(crate) fn set(&self, value: u64) {
        self.0.store(value, Relaxed); // Relaxed: publishes nothing.
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Relaxed) // Relaxed: as above.
    }
}
