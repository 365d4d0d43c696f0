//! [`yield_now`]: the smallest leaf future.

use std::future::poll_fn;
use std::task::Poll;

/// Goes to the back of the queue, so that others run.
///
/// What its worker has queued is polled before this task resumes; the driver has its turn at the
/// latest after some tens of tasks. The future given to `block_on` is no task: on a current-thread
/// runtime it lets at most as many run.
///
/// # Cancel safety
/// Nothing is lost when it is dropped.
pub async fn yield_now() {
    let mut yielded = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
