//! How long may a future take?

use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::error::Elapsed;
use super::{Duration, Instant, Sleep};
use crate::coop;

/// Runs `future` for no longer than `duration` from the call.
///
/// # Errors
/// [`Elapsed`] if the time is over and the future is not ready. The future is polled first: one
/// that is ready at its first poll succeeds, even with [`Duration::ZERO`].
///
/// # Panics
/// If there is no runtime here.
///
/// # Cancel safety
/// That of `future`, which is dropped with the [`Timeout`], as it is by whoever gets [`Elapsed`]
/// from a `timeout(..).await`. Pass `&mut future` or [`Pin<&mut F>`](Pin) to keep it.
///
/// ```
/// # let runtime = mini_rt::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// use mini_rt::time::{Duration, timeout};
///
/// let limit = Duration::from_millis(5);
/// assert_eq!(timeout(limit, async { "done" }).await, Ok("done"));
///
/// let error = timeout(limit, std::future::pending::<()>()).await.unwrap_err();
/// assert_eq!(error.to_string(), "deadline has elapsed");
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[track_caller]
pub fn timeout<F: IntoFuture>(duration: Duration, future: F) -> Timeout<F::IntoFuture> {
    Timeout { future: future.into_future(), sleep: Sleep::after(duration) }
}

/// Runs `future` until `deadline` and no longer. Otherwise as [`timeout`](timeout()).
///
/// # Errors
/// [`Elapsed`] if the time is over and the future is not ready.
///
/// # Panics
/// If there is no runtime here.
///
/// # Cancel safety
/// That of `future`.
///
/// ```
/// # let runtime = mini_rt::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// use mini_rt::time::{Duration, Instant, timeout_at};
///
/// // One deadline for two steps together.
/// let deadline = Instant::now() + Duration::from_millis(5);
/// assert!(timeout_at(deadline, std::future::ready(())).await.is_ok());
/// assert!(timeout_at(deadline, std::future::pending::<()>()).await.is_err());
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[track_caller]
pub fn timeout_at<F: IntoFuture>(deadline: Instant, future: F) -> Timeout<F::IntoFuture> {
    Timeout { future: future.into_future(), sleep: Sleep::new(deadline) }
}

pin_project! {
    /// A future with a deadline: what [`timeout`](timeout()) and [`timeout_at`] return.
    ///
    /// Nothing is registered with the runtime before the future has been pending once. However often
    /// the same task polls it from then on, that takes no lock and reads no clock.
    ///
    /// # Panics
    /// When the future panics, and when polled after the runtime has been shut down.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Timeout<F> {
        #[pin]
        future: F,
        sleep: Sleep,
    }
}

impl<F> Timeout<F> {
    /// The future.
    pub fn get_ref(&self) -> &F {
        &self.future
    }

    /// The future.
    pub fn get_mut(&mut self) -> &mut F {
        &mut self.future
    }

    /// The future, without a deadline.
    pub fn into_inner(self) -> F {
        self.future
    }
}

impl<F: Future> Future for Timeout<F> {
    type Output = Result<F::Output, Elapsed>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let had_budget = coop::has_budget_remaining();
        if let Poll::Ready(output) = this.future.poll(cx) {
            return Poll::Ready(Ok(output));
        }
        // A future that uses up the budget in each poll would otherwise never be timed out: the
        // sleep would be told to wait, each time. One that found none left waits as all do.
        let elapsed = if had_budget && !coop::has_budget_remaining() {
            this.sleep.poll_elapsed(cx)
        } else {
            Pin::new(this.sleep).poll(cx)
        };
        elapsed.map(|()| Err(Elapsed(())))
    }
}
