//! Has the root future been woken since its last poll?
//!
//! - edge C1: [`Woken::set`] -> [`Woken::take`] that finds it: what was written before the wake, also
//!   of a wake that found it set.

use crate::primitive::atomic::AtomicBool;
use crate::primitive::atomic::Ordering::{AcqRel, Relaxed, Release};

#[derive(Debug)]
pub(super) struct Woken(AtomicBool);

impl Woken {
    /// It begins woken: the first poll is nobody's doing.
    pub(super) fn new() -> Self {
        Self(AtomicBool::new(true))
    }

    pub(super) fn set(&self) {
        // edge C1 release. An exchange, not a store: a store would end the edge of the wake before,
        // whose writes the poll is to see as well.
        let _was_set = self.0.swap(true, Release);
    }

    /// For who would sleep otherwise: it is to be taken.
    pub(super) fn is_set(&self) -> bool {
        self.0.load(Relaxed) // Relaxed: who finds it does not poll by that.
    }

    pub(super) fn take(&self) -> bool {
        self.0.swap(false, AcqRel) // edge C1 acquire
    }
}

#[cfg(all(test, loom))]
mod loom_tests {
    use super::*;
    use crate::primitive::{Arc, thread};

    /// Edge C1, with two who wake: the poll after the last wake sees what both have written.
    #[test]
    fn loom_a_poll_sees_what_was_written_before_each_wake() {
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound = Some(3);
        builder.check(|| {
            let shared = Arc::new((Woken::new(), [AtomicBool::new(false), AtomicBool::new(false)]));
            for own in [0, 1] {
                let shared = shared.clone();
                thread::spawn(move || {
                    let (woken, written) = &*shared;
                    written[own].store(true, Relaxed); // Relaxed: edge C1 is what is tested.
                    woken.set();
                });
            }
            let (woken, written) = &*shared;
            while !(woken.take() && written.iter().all(|written| written.load(Relaxed))) {
                thread::yield_now();
            }
        });
    }
}
