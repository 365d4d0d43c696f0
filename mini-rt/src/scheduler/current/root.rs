//! A future that was given to `block_on`: its wakes, and its thread's wait for the core.

use super::Shared;
use super::woken::Woken;
use crate::coop;
use crate::park::Parker;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake};

/// The waker of the future.
pub(super) struct Root {
    pub(super) woken: Woken,
    /// Where its thread sleeps while it has not got the core.
    parker: Parker,
    shared: Arc<Shared>,
}

impl Root {
    pub(super) fn new(shared: &Arc<Shared>) -> Self {
        Self { woken: Woken::new(), parker: Parker::new(), shared: Arc::clone(shared) }
    }

    /// Polls the future if it was woken since its last poll.
    pub(super) fn poll<F: Future>(
        &self,
        future: Pin<&mut F>,
        cx: &mut Context<'_>,
    ) -> Poll<F::Output> {
        if !self.woken.take() {
            return Poll::Pending;
        }
        coop::with_budget(|| future.poll(cx))
    }

    /// Sleeps until the core is free, or the future is woken.
    pub(super) fn wait_for_core(&self) {
        self.parker.park();
    }

    /// The core is free: it is this one's turn.
    pub(super) fn unpark(&self) {
        self.parker.unpark(|| unreachable!("a root without the core sleeps in its own bed"));
    }
}

impl Wake for Root {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.set();
        // Its thread sleeps in one of the two beds, or not at all.
        self.unpark();
        if self.shared.with_holder(|holder| holder.is_none()) {
            self.shared.unpark();
        }
    }
}

/// Takes a thread off the list of those who wait for the core, and passes a wake-up on that it will
/// not use (invariant 2).
pub(super) struct WaitingGuard<'a>(pub(super) &'a Arc<Root>);

impl Drop for WaitingGuard<'_> {
    fn drop(&mut self) {
        let mut seat = self.0.shared.seat.lock();
        seat.waiting.retain(|other| !Arc::ptr_eq(other, self.0));
        let next = if seat.core.is_some() { seat.waiting.front().cloned() } else { None };
        drop(seat);
        if let Some(next) = next {
            next.unpark();
        }
    }
}
