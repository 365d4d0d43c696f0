//! How is the server told to stop, and how does it know that its tasks are done?
//!
//! [`Stop`] goes to whoever may end the server: a signal thread, a test, an operator's command. The
//! first reason given wins; later ones change nothing. [`Tally`] counts the server's tasks. The
//! server's own future is the only one that waits on either, so one waker slot each is enough.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use futures::task::AtomicWaker;

/// Tells a server to stop; usable from every thread, and as often as one likes.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<StopState>);

#[derive(Debug, Default)]
struct StopState {
    reason: OnceLock<String>,
    waker: AtomicWaker,
}

impl Stop {
    /// Starts the shutdown; `reason` is what clients are told. Returns at once.
    pub fn stop(&self, reason: impl Into<String>) {
        let _ = self.0.reason.set(reason.into()); // an earlier reason stands
        self.0.waker.wake();
    }

    /// Whether somebody has called [`Stop::stop`].
    pub fn is_stopped(&self) -> bool {
        self.0.reason.get().is_some()
    }

    /// The reason, once there is one. Waits for one caller at a time.
    pub(crate) fn poll_stopped(&self, cx: &mut Context<'_>) -> Poll<&str> {
        self.0.waker.register(cx.waker()); // before the look: a stop in between wakes us
        match self.0.reason.get() {
            Some(reason) => Poll::Ready(reason),
            None => Poll::Pending,
        }
    }
}

/// Counts tasks that are alive.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally(Arc<TallyState>);

#[derive(Debug, Default)]
struct TallyState {
    alive: AtomicUsize,
    waker: AtomicWaker,
}

impl Tally {
    /// Counts one more, until the guard is dropped; also when its task panics or is dropped.
    pub(super) fn enter(&self) -> TallyGuard {
        // Relaxed: the guard goes to its task by `spawn`, which orders all that matters.
        self.0.alive.fetch_add(1, Ordering::Relaxed);
        TallyGuard(self.clone())
    }

    /// How many are alive.
    pub(super) fn alive(&self) -> usize {
        self.0.alive.load(Ordering::Acquire)
    }

    /// Ready when none is alive. Waits for one caller at a time.
    pub(super) fn poll_empty(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.0.waker.register(cx.waker()); // before the look: the last drop in between wakes us
        if self.alive() == 0 { Poll::Ready(()) } else { Poll::Pending }
    }
}

/// One task that is alive.
#[derive(Debug)]
pub(super) struct TallyGuard(Tally);

impl Drop for TallyGuard {
    fn drop(&mut self) {
        // Release: what the task did is visible to who sees the count reach zero.
        if self.0.0.alive.fetch_sub(1, Ordering::Release) == 1 {
            self.0.0.waker.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::task::noop_waker_ref;

    use super::*;

    #[test]
    fn the_first_reason_stands() {
        let stop = Stop::default();
        let mut cx = Context::from_waker(noop_waker_ref());
        assert_eq!(stop.poll_stopped(&mut cx), Poll::Pending);
        stop.stop("first");
        stop.stop("second");
        assert_eq!(stop.poll_stopped(&mut cx), Poll::Ready("first"));
    }

    #[test]
    fn a_tally_is_empty_when_the_last_guard_is_gone() {
        let tally = Tally::default();
        let mut cx = Context::from_waker(noop_waker_ref());
        let (one, two) = (tally.enter(), tally.enter());
        drop(one);
        assert_eq!(tally.poll_empty(&mut cx), Poll::Pending);
        drop(two);
        assert_eq!(tally.poll_empty(&mut cx), Poll::Ready(()));
    }
}
