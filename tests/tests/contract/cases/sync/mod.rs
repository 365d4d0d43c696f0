//! The promises of channels and locks, which hold on any runtime: mini-rt's run on Tokio too.
//!
//! What drops a future at an await polls it by hand before: a future that was polled once and is
//! dropped has been there.

use super::{check_async, rt};
use std::pin::Pin;
use std::task::Poll;
use tests::wait::poll_once;

mod auto_traits;
mod barrier;
mod broadcast;
mod mpsc;
mod mpsc_ends;
mod mutex;
mod notify;
mod once_cell;
mod oneshot;
mod rwlock;
mod semaphore;
mod set_once;
mod watch;

/// Yields until `condition` holds.
async fn yield_until(mut condition: impl FnMut() -> bool) {
    while !condition() {
        rt::task::yield_now().await;
    }
}

/// Polls a future that must be ready.
fn ready<F: Future>(future: Pin<&mut F>) -> F::Output {
    match poll_once(future) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("it should be ready"),
    }
}

/// Polls a future that must wait.
fn waits<F: Future>(future: Pin<&mut F>) -> bool {
    poll_once(future).is_pending()
}
