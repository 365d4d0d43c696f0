//! The lock under loom: its value is a cell of loom's, which sees who is in it, and when.

use super::*;
use crate::primitive::{UnsafeCell, thread};
use crate::sync::model::block_on;

fn model(model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(2);
    builder.check(model);
}

/// A writer is alone; readers see what it wrote, and it comes after what they read.
#[test]
fn loom_a_writer_is_alone() {
    // Two readers at most, so that a third is in the model too: the writer that has become one.
    model(|| {
        let lock = Arc::new(RwLock::with_max_readers(SharedCell::default(), 2));
        let reader = thread::spawn({
            let lock = Arc::clone(&lock);
            move || block_on(lock.read_owned()).cell.with(|_| ())
        });
        let writer = block_on(lock.write());
        writer.cell.with_mut(|_| ());
        let reads = writer.downgrade();
        reads.cell.with(|_| ());
        drop(reads);
        reader.join().expect("no panic");
        let last = lock.try_write().expect("all permits are back");
        last.cell.with_mut(|_| ());
    });
}

#[test]
fn loom_two_writers_take_turns_and_a_reader_comes_between() {
    model(|| {
        let lock = Arc::new(RwLock::with_max_readers(SharedCell::default(), 2));
        let others = [true, false].map(|writes| {
            let lock = Arc::clone(&lock);
            thread::spawn(move || {
                if writes {
                    block_on(lock.write()).cell.with_mut(|_| ());
                } else {
                    block_on(lock.read()).cell.with(|_| ());
                }
            })
        });
        block_on(lock.write()).cell.with_mut(|_| ());
        for other in others {
            other.join().expect("no panic");
        }
    });
}

/// Loom's cell is not `Sync`; that readers and writers do not overlap is what it tells us.
struct SharedCell {
    cell: UnsafeCell<()>,
}

#[allow(unsafe_code, reason = "the lock is under test, and loom watches the cell")]
// SAFETY: reached under the lock that is under test; loom panics if it does not keep readers and
// writers apart.
unsafe impl Sync for SharedCell {}

impl Default for SharedCell {
    fn default() -> Self {
        Self { cell: UnsafeCell::new(()) }
    }
}
