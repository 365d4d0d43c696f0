//! Who is told that a task waits?
//!
//! A sleeper, if that pays ([`pace`](crate::scheduler)) and nobody looks for tasks already
//! ([`idle`](crate::scheduler)).

use super::{Shared, Worker};

impl Shared {
    /// Wakes a sleeper if the task for all that was just queued needs one.
    pub(super) fn announce(&self) {
        if let Some(index) = self.idle.worker_to_wake() {
            self.unpark(index);
        }
    }

    /// Wakes a sleeper to be on watch, if nobody is. For a worker that begins to run tasks.
    pub(super) fn ensure_watch(&self) {
        if let Some(index) = self.idle.worker_to_watch() {
            self.unpark(index);
        }
    }

    pub(super) fn unpark(&self, index: usize) {
        self.remotes[index].parker.unpark(|| self.driver.unpark());
    }

    /// Wakes a sleeper for a task that was just injected, unless those who are awake will soon be
    /// done with all.
    pub(super) fn announce_injected(&self) {
        if self.pace.pays(self.injector.len()) {
            self.announce();
        } else if let Some(index) = self.idle.worker_to_wake_if_all_sleep() {
            self.unpark(index);
        }
    }

    /// Whether there are tasks for all. Looks into the injector first: what moves from there to a
    /// ring is seen here or there (edge Q3), or is its worker's own.
    pub(super) fn has_tasks_for_all(&self) -> bool {
        self.pace.pays(self.injector.len())
            || self.remotes.iter().any(|remote| self.pace.pays(remote.len()))
    }
}

impl Worker {
    /// Announces what waits, if it is for all, besides the `next` tasks that this worker will see to.
    /// Of what was just put away a thief may have left nothing.
    pub(super) fn announce_besides(&self, next: usize) {
        if self.shared.pace.pays(self.backlog().saturating_sub(next)) {
            self.shared.announce();
        }
    }
}
