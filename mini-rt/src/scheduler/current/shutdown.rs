//! How a current-thread runtime ends, and everything that it has.
//!
//! [`Owned`] is closed and every task in it aborted; then what is queued is cancelled until no task
//! is left. One that a foreign thread has just won the right to schedule arrives in the
//! injector in a moment. Then the injector is closed, and what is spawned is cancelled by its
//! spawner; the driver is shut down, and a wake finds its task complete.
//!
//! [`Owned`]: crate::task::Owned

use super::{CoreGuard, Shared};
use crate::primitive::atomic::Ordering::Relaxed;
use crate::primitive::thread;
use std::sync::Arc;

impl Shared {
    /// Ends every task and the driver. No thread is in `block_on`: each would borrow the runtime.
    pub(crate) fn shutdown(self: &Arc<Self>) {
        let Some(core) = self.seat.lock().core.take() else {
            return; // Shut down already.
        };
        self.closing.store(true, Relaxed); // Relaxed: so that no spawns keep the loop below busy.
        self.owned.close_and_abort_all();
        let mut guard = CoreGuard::hold(self, core);
        loop {
            while let Some(runnable) = guard.next_task(true) {
                // Aborted, so it completes; or just spawned, and cancelled by this.
                self.cancelled.add(1);
                drop(runnable);
                self.counters.completed.add(1);
            }
            if self.owned.len() == 0 && self.injector.close_if_empty() {
                break;
            }
            thread::yield_now();
        }
        let core = guard.core.take().expect("held until here");
        drop(guard);
        let mut wakes = core.wakes;
        drop(core.driver);
        self.driver.shutdown(&mut wakes);
        wakes.wake_all();
    }
}
