//! The smallest executor: one future, one thread.
//!
//! Poll; if it is not ready, sleep until its waker is woken; again. Everything else in this crate
//! is about doing that for many futures on few threads. A multi-thread runtime uses it as it stands
//! for the future given to `block_on`, whose tasks run elsewhere.
//!
//! A thread in there must not be one that runs tasks, since they would wait for it: what a thread may do
//! is kept here too, for whoever blocks.

use crate::coop;
use crate::park::Parker;
use crate::primitive::thread_local;
use crate::util::Patience;
use std::cell::Cell;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// Runs a future to its end on the calling thread, which sleeps while the future waits.
///
/// The waker is the thread's [`Parker`]: a wake before the thread sleeps is kept there, so none is
/// lost between the poll and the sleep (edge P1 in `park.rs`). Before it sleeps it looks out for a wake
/// for some microseconds, where that has paid lately (`util/patience.rs`). Each poll has a task's budget: a future that would
/// loop over a socket that is always ready returns here, and with it a `timeout` around it.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let parker = Arc::new(Parker::new());
    let waker = Waker::from(Arc::clone(&parker));
    let mut cx = Context::from_waker(&waker);
    let mut future = pin!(future);
    let patience = Patience::new();
    loop {
        if let Poll::Ready(output) = coop::with_budget(|| future.as_mut().poll(&mut cx)) {
            return output;
        }
        patience.look_out(|| parker.is_notified().then_some(()));
        parker.park();
    }
}

thread_local! {
    static BLOCKING: Cell<Blocking> = const { Cell::new(Blocking::Allowed) };
}

/// Whether this thread may block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Blocking {
    /// It runs no tasks.
    Allowed,
    /// It runs tasks, and may say that it does not for a while: nobody else on it waits for it.
    InPlace,
    /// It runs tasks, or a future with tasks that stay on this thread.
    Refused,
}

impl Blocking {
    pub(crate) fn here() -> Self {
        BLOCKING.get()
    }

    /// Makes it so for this thread, until the guard is dropped.
    pub(crate) fn enter(self) -> BlockingGuard {
        BlockingGuard(BLOCKING.replace(self))
    }
}

/// Holds what was so before.
#[derive(Debug)]
pub(crate) struct BlockingGuard(Blocking);

impl Drop for BlockingGuard {
    fn drop(&mut self) {
        BLOCKING.set(self.0);
    }
}

/// Whether this thread runs tasks now, so that it must not block.
pub(crate) fn is_in_async() -> bool {
    Blocking::here() != Blocking::Allowed
}

/// [`block_on`] for the blocking side of what tasks wait for too: a lock, a channel.
///
/// # Panics
/// If this thread runs tasks of a runtime of this crate.
#[track_caller]
pub(crate) fn block_on_outside<F: Future>(future: F) -> F::Output {
    assert!(
        !is_in_async(),
        "this blocks the thread, and the thread runs tasks: await instead, or call it inside \
         `spawn_blocking`"
    );
    block_on(future)
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use std::future::poll_fn;

    #[test]
    fn a_wake_before_the_sleep_is_kept() {
        let mut polls = 0;
        let polls = block_on(poll_fn(|cx| {
            polls += 1;
            cx.waker().wake_by_ref();
            if polls == 3 { Poll::Ready(polls) } else { Poll::Pending }
        }));
        assert_eq!(polls, 3);
    }

    #[test]
    fn a_wake_from_another_thread_ends_the_sleep() {
        let (sender, receiver) = futures::channel::oneshot::channel();
        let other = std::thread::spawn(move || sender.send(7));
        assert_eq!(block_on(receiver), Ok(7));
        assert_eq!(other.join().expect("no panic"), Ok(()));
    }

    #[test]
    fn a_park_token_used_up_by_the_future_loses_nothing() {
        let mut polled = false;
        block_on(poll_fn(|cx| {
            if std::mem::replace(&mut polled, true) {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            std::thread::current().unpark();
            std::thread::park();
            Poll::Pending
        }));
    }
}
