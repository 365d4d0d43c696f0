//! Who of the workers is still there, and do they have to go?
//!
//! - edge W1: [`Crew::close`] -> [`Crew::is_closing`] that says so: what was done before, and that the
//!   runtime is being dropped. Who sleeps is unparked after it.
//! - edge W2: [`Crew::leave`] of each worker -> that of the last: what they have done, so that their
//!   rings are empty.

use crate::primitive::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use crate::primitive::atomic::{AtomicBool, AtomicUsize};

/// The workers of a runtime, from their start to their end.
#[derive(Debug)]
pub(super) struct Crew {
    closing: AtomicBool,
    live: AtomicUsize,
}

impl Crew {
    pub(super) fn new(workers: usize) -> Self {
        Self { closing: AtomicBool::new(false), live: AtomicUsize::new(workers) }
    }

    /// Tells all to leave.
    pub(super) fn close(&self) {
        self.closing.store(true, Release); // edge W1 release
    }

    pub(super) fn is_closing(&self) -> bool {
        self.closing.load(Acquire) // edge W1 acquire
    }

    /// Counts one in. For one who is there: so it is not the last who leaves meanwhile.
    pub(super) fn join(&self) {
        self.live.fetch_add(1, Relaxed); // Relaxed: what the new one does, W2 orders.
    }

    /// Counts one out. Whether it is the last.
    pub(super) fn leave(&self) -> bool {
        // edge W2 release, and acquire for the last
        self.live.fetch_sub(1, AcqRel) == 1
    }
}

#[cfg(all(test, loom))]
mod loom_tests {
    use super::*;
    use crate::primitive::{Arc, UnsafeCell, thread};

    /// Loom says so if two threads are at the cell with nothing to order them.
    struct Shared {
        crew: Crew,
        cells: [UnsafeCell<u32>; 2],
    }

    impl Shared {
        fn new() -> Arc<Self> {
            let cells = [UnsafeCell::new(0), UnsafeCell::new(0)];
            Arc::new(Self { crew: Crew::new(2), cells })
        }

        #[allow(unsafe_code, reason = "the model is of who may be at the cell")]
        fn add(&self, idx: usize) -> u32 {
            self.cells[idx].with_mut(|cell| {
                // SAFETY: alone here, by the edge that is tested: loom fails otherwise.
                unsafe { *cell += 1 };
                // SAFETY: as above.
                unsafe { *cell }
            })
        }
    }

    /// Edge W1.
    #[test]
    fn loom_who_sees_the_end_sees_what_was_done_before_it() {
        loom::model(|| {
            let shared = Shared::new();
            let worker = {
                let shared = shared.clone();
                thread::spawn(move || match shared.crew.is_closing() {
                    true => assert_eq!(shared.add(0), 2),
                    false => {}
                })
            };
            shared.add(0);
            shared.crew.close();
            worker.join().unwrap();
        });
    }

    /// Edge W2.
    #[test]
    fn loom_the_last_one_out_sees_what_the_others_have_done() {
        loom::model(|| {
            let shared = Shared::new();
            let leave = |own: usize| {
                let shared = shared.clone();
                move || {
                    shared.add(own);
                    let is_last = shared.crew.leave();
                    if is_last {
                        assert_eq!([shared.add(0), shared.add(1)], [2, 2]);
                    }
                    is_last
                }
            };
            let other = thread::spawn(leave(1));
            let is_last = leave(0)();
            assert!(is_last != other.join().unwrap(), "one of them is the last");
        });
    }
}
