//! How the workers of a runtime end, and everything that they have.
//!
//! 1. [`Shared::shutdown`], on the thread that drops the runtime: the [`Crew`] is closed, [`Owned`] is
//!    closed, every task in it is aborted (which schedules the idle ones), everyone is unparked.
//! 2. Each worker leaves its loop when it sees that, and cancels what its own queues and the
//!    injector hold.
//! 3. The last one out stays until [`Owned`] is empty. A task may still be in the hands of a foreign
//!    thread that has just won the right to schedule it; it arrives in the injector in a moment.
//!    Then it closes the injector, empty. What is spawned from step 1 on is cancelled by its spawner
//!    as soon as that sees it: else threads that spawn faster than this one cancels would
//!    keep it here.
//! 4. It shuts the driver down. A wake from now on finds its task complete.
//! 5. Threads that wait for a part of a worker (`worker/hand_over.rs`) end. A thread that has handed
//!    its part over is not out before the poll that it is in has ended.
//!
//! Who is still there, and the order of all that, is [`Crew`]'s.
//!
//! [`Crew`]: crate::scheduler::crew::Crew
//! [`Owned`]: crate::task::Owned

use super::{Shared, WORKER, Worker};
use crate::primitive::thread;
use crate::util::WakeList;

impl Shared {
    /// Step 1 of the shutdown. Returns at once; the workers do the rest.
    pub(crate) fn shutdown(&self) {
        self.crew.close();
        self.owned.close_and_abort_all();
        for index in 0..self.remotes.len() {
            self.unpark(index);
        }
    }
}

impl Worker {
    /// Steps 2 to 5 of the shutdown; or, of a worker that has handed its part over, the rest of it.
    pub(super) fn leave(&self, wakes: &mut WakeList) {
        let Shared { injector, owned, crew, driver, parts, .. } = &*self.shared;
        self.announces.set(false);
        if !self.has_left.replace(true) {
            self.cancel_queued();
        }
        let is_last = crew.leave();
        while is_last && owned.len() > 0 {
            self.cancel_queued();
            thread::yield_now();
        }
        // What this thread wakes or spawns from now on goes the way of any other thread's.
        WORKER.set(None);
        if is_last {
            while !injector.close_if_empty() {
                self.cancel_queued();
            }
            driver.shutdown(wakes);
            wakes.wake_all();
            let none = parts.end();
            debug_assert!(none.is_empty(), "a worker in there has not left");
        }
    }

    /// Drops the futures of all tasks that are queued for this worker or for any. An aborted one
    /// completes, and one that was just spawned is cancelled by dropping the right to poll it.
    pub(super) fn cancel_queued(&self) {
        while let Some(runnable) = self.next_task(false) {
            drop(runnable);
            self.counters().completed.add(1);
        }
    }
}

/// A worker that no thread was to be had for is counted out, so that the last one is the last.
impl Drop for Worker {
    fn drop(&mut self) {
        if !self.has_left.get() {
            self.shared.crew.leave();
        }
    }
}
