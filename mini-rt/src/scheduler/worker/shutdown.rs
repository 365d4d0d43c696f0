//! How the workers of a runtime end, and everything that they have.
//!
//! 1. [`Shared::shutdown`], on the thread that drops the runtime: the [`Crew`] is closed, [`Owned`] is
//!    closed, every task in it is aborted (which schedules the idle ones), everyone is unparked.
//! 2. Each worker leaves its loop when it sees that, and cancels what its own queues and the
//!    injector hold.
//! 3. The last one out shuts the driver down, which nobody would turn any more. What that wakes is
//!    cancelled too.
//! 4. It stays until no thread is in a poll that has handed its worker over (`worker/hand_over.rs`), and
//!    cancels what comes meanwhile: so what such a poll waits for, a timer, a socket, a task, has ended.
//! 5. It stays until [`Owned`] is empty. A task may still be in the hands of a foreign
//!    thread that has just won the right to schedule it; it arrives in the injector in a moment.
//!    Then it closes the injector, empty. What is spawned from step 1 on is cancelled by its spawner
//!    as soon as that sees it: else threads that spawn faster than this one cancels would
//!    keep it here. A wake from now on finds its task complete.
//! 6. Threads that wait for a worker to run end.
//!
//! Who is still there, and the order of all that, is [`Crew`]'s.
//!
//! [`Crew`]: crate::scheduler::crew::Crew
//! [`Owned`]: crate::task::Owned

use super::{Shared, WORKER, Worker};
use crate::primitive::thread;
use crate::scheduler::watch;
use crate::util::WakeList;
use std::time::Duration;

/// How long the last worker lies down at a time, in the end, while a poll goes on without one. What comes
/// comes within moments of the shutdown's begin; later it would have to wait for so long.
const NAP_MAX: Duration = Duration::from_millis(64);

impl Shared {
    /// Step 1 of the shutdown. Returns at once; the workers do the rest.
    pub(crate) fn shutdown(&self) {
        self.crew.close();
        self.owned.close_and_abort_all();
        self.unpark_all();
    }

    fn unpark_all(&self) {
        (0..self.remotes.len()).for_each(|index| self.unpark(index));
    }
}

impl Worker {
    /// Steps 2 to 6 of the shutdown; or, of a worker that is another's by now, the end of its last poll.
    pub(super) fn leave(&self, wakes: &mut WakeList) {
        let Shared { injector, crew, driver, parts, .. } = &*self.shared;
        if self.has_left.replace(true) {
            crew.leave_apart();
            if crew.is_closing() {
                self.shared.unpark_all(); // The last one waits for it.
            }
            return;
        }
        self.keep_time();
        self.announces.set(false);
        self.cancel_queued();
        let is_last = crew.leave();
        if is_last {
            driver.shutdown(wakes);
            wakes.wake_all();
            self.wait_for_the_rest();
        }
        // What this thread wakes or spawns from now on goes the way of any other thread's.
        WORKER.set(None);
        if is_last {
            while !injector.close_if_empty() {
                self.cancel_queued();
            }
            let none = parts.end();
            debug_assert!(none.is_empty(), "a worker in there has not left");
        }
    }

    /// Steps 4 and 5. A poll that has handed its worker over may take long, and then next to nothing comes.
    fn wait_for_the_rest(&self) {
        let Shared { owned, crew, .. } = &*self.shared;
        let mut nap = watch::EVERY;
        loop {
            let is_alone = crew.nobody_is_apart(); // Before it looks for what they have queued.
            self.cancel_queued();
            match is_alone {
                true if owned.len() == 0 => return,
                true => thread::yield_now(),
                false => {
                    self.remote.parker.park_for(Some(nap));
                    nap = (2 * nap).min(NAP_MAX);
                }
            }
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
