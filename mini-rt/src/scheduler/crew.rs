//! Who of the workers is still there, and do they have to go?
//!
//! - edge W1: [`Crew::close`] -> [`Crew::is_closing`] that says so: what was done before, and that the
//!   runtime is being dropped. Who sleeps is unparked after it.
//! - edge W2: [`Crew::leave`] of each worker -> that of the last: what they have done, so that their
//!   rings are empty. [`Crew::leave_apart`] -> [`Crew::nobody_is_apart`]: so that what they have queued is seen.

use crate::primitive::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use crate::primitive::atomic::{AtomicBool, AtomicUsize};

/// The workers of a runtime, from their start to their end.
#[derive(Debug)]
pub(super) struct Crew {
    closing: AtomicBool,
    live: AtomicUsize,
    /// Threads in a poll that are no worker any more (`worker/hand_over.rs`).
    apart: AtomicUsize,
}

impl Crew {
    pub(super) fn new(workers: usize) -> Self {
        let (live, apart) = (AtomicUsize::new(workers), AtomicUsize::new(0));
        Self { closing: AtomicBool::new(false), live, apart }
    }

    /// Tells all to leave.
    pub(super) fn close(&self) {
        self.closing.store(true, Release); // edge W1 release
    }

    pub(super) fn is_closing(&self) -> bool {
        self.closing.load(Acquire) // edge W1 acquire
    }

    /// Counts one out. Whether it is the last.
    pub(super) fn leave(&self) -> bool {
        // edge W2 release, and acquire for the last
        self.live.fetch_sub(1, AcqRel) == 1
    }

    /// A worker's thread goes on without it. The worker has not left, and is another's after this.
    pub(super) fn go_apart(&self) {
        self.apart.fetch_add(1, Relaxed); // Relaxed: the last worker sees it by W2.
    }

    /// Its poll has ended.
    pub(super) fn leave_apart(&self) {
        self.apart.fetch_sub(1, Release); // edge W2 release
    }

    /// Whether no thread is in a poll any more. For the last worker.
    pub(super) fn nobody_is_apart(&self) -> bool {
        self.apart.load(Acquire) == 0 // edge W2 acquire
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

    /// Edge W2, of a thread whose worker is another's.
    #[test]
    fn loom_the_last_one_out_waits_for_who_is_apart_and_sees_what_they_have_done() {
        loom::model(|| {
            let shared = Shared::new();
            let handed_over = || {
                let shared = shared.clone();
                move || {
                    shared.crew.go_apart();
                    let worker = {
                        let shared = shared.clone();
                        thread::spawn(move || shared.crew.leave())
                    };
                    shared.add(0);
                    shared.crew.leave_apart();
                    worker.join().unwrap()
                }
            };
            let other = thread::spawn(handed_over());
            let is_last = shared.crew.leave();
            if is_last && shared.crew.nobody_is_apart() {
                assert_eq!(shared.add(0), 2);
            }
            assert!(is_last != other.join().unwrap(), "one of them is the last");
        });
    }
}
