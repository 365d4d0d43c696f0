//! Something that has happened once, anywhere in the process.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// Set once and never cleared: lets what nobody has asked for yet cost one load.
///
/// In a model it counts as set: it outlives an execution, so the next would differ from the same
/// one run alone.
pub(crate) struct Latch(AtomicBool);

impl Latch {
    pub(crate) const fn new() -> Self {
        Self(AtomicBool::new(false))
    }

    /// Whether it was set by this thread, or by one that has told this one of something since.
    #[inline(always)]
    pub(crate) fn is_set(&self) -> bool {
        super::IS_MODEL || self.0.load(Relaxed) // Relaxed: says to look elsewhere, publishes nothing.
    }

    pub(crate) fn set(&self) {
        self.0.store(true, Relaxed); // Relaxed: as above.
    }
}
