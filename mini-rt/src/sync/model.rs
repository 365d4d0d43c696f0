//! How does a model wait for a future?
//!
//! As [`block_on`](crate::block_on::block_on) does, without staying up: that reads the clock, and a
//! model must do the same in each run.

use crate::park::Parker;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// Runs a future on one of the model's threads. A wake-up that is lost is a deadlock, which loom
/// reports.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let parker = Arc::new(Parker::new());
    let waker = Waker::from(Arc::clone(&parker));
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        parker.park();
    }
}
