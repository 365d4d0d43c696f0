//! One value, sent once, from one task to another.
//!
//! The usual way to answer: a request carries the [`Sender`], and who asks awaits the [`Receiver`],
//! which is a future. Sending never waits, so it can be done by a thread without a runtime too.
//!
//! ```
//! use mini_rt::sync::oneshot;
//!
//! # mini_rt::runtime::Runtime::new()?.block_on(async {
//! let (sender, receiver) = oneshot::channel();
//! drop(mini_rt::spawn(async move { sender.send(6 * 7) }));
//! assert_eq!(receiver.await, Ok(42));
//! # });
//! # std::io::Result::Ok(())
//! ```
//!
//! Cost: one allocation, and one locked instruction for a value that is there when it is asked for.
//! What the two ends share is `cell.rs`, and what they may do to it is a word with pure steps,
//! `word.rs`.

#[allow(
    unsafe_code,
    reason = "a value, two wakers and their memory go from end to end by one atomic word; the safe \
              version took 1.6 of Tokio's time"
)]
mod cell;
pub mod error;
mod word;

use crate::block_on::block_on_outside;
use crate::coop;
use cell::{ReceiveEnd, SendEnd};
use error::{RecvError, TryRecvError};
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// Makes a channel for one value.
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let (sender, receiver) = cell::new();
    (Sender { end: Some(sender) }, Receiver { end: Some(receiver) })
}

/// Sends the value, or is dropped: then the receiver gets an error.
pub struct Sender<T> {
    /// Until it has sent.
    end: Option<SendEnd<T>>,
}

/// A future of the value. Dropped, it takes none: [`Sender::send`] gives the value back.
#[must_use = "a receiver is a future, and dropped it refuses the value"]
pub struct Receiver<T> {
    /// Until it was ready.
    end: Option<ReceiveEnd<T>>,
}

impl<T> Sender<T> {
    /// Sends the value. Never waits.
    ///
    /// That it was sent does not say that it will be received: the receiver may be dropped before.
    ///
    /// # Errors
    ///
    /// The value, if the receiver was dropped or closed.
    pub fn send(mut self, value: T) -> Result<(), T> {
        let end = self.end.take().expect("it sends once");
        end.finish(Some(value)).map_or(Ok(()), Err)
    }

    /// Waits until the receiver is dropped or closed: nobody wants the value any more.
    ///
    /// ```
    /// # use mini_rt::sync::oneshot;
    /// # mini_rt::runtime::Runtime::new()?.block_on(async {
    /// let (mut sender, receiver) = oneshot::channel::<u32>();
    /// let work = mini_rt::spawn(async move {
    ///     futures::select! {
    ///         () = Box::pin(futures::FutureExt::fuse(sender.closed())) => "nobody wants it",
    ///         () = futures::future::pending() => unreachable!(),
    ///     }
    /// });
    /// drop(receiver);
    /// assert_eq!(work.await.unwrap(), "nobody wants it");
    /// # });
    /// # std::io::Result::Ok(())
    /// ```
    ///
    /// # Cancel safety
    ///
    /// Dropped at its await, it has changed nothing.
    pub async fn closed(&mut self) {
        poll_fn(|cx| self.poll_closed(cx)).await;
    }

    /// Is the receiver dropped or closed? If not, the task is woken when it is.
    pub fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let progress = ready!(coop::poll_proceed(cx));
        let end = self.end.as_mut().expect("it has not sent");
        ready!(end.poll_closed(cx.waker()));
        progress.made_progress();
        Poll::Ready(())
    }

    /// Whether the receiver was dropped or closed, so that a value would come back.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.end.as_ref().expect("it has not sent").is_closed()
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        if let Some(end) = self.end.take() {
            end.finish(None);
        }
    }
}

impl<T> Receiver<T> {
    /// Refuses a value that is not there yet: the sender's `send` will give it back. One that is
    /// there can still be received.
    ///
    /// ```
    /// # use mini_rt::sync::oneshot;
    /// let (sender, mut receiver) = oneshot::channel();
    /// receiver.close();
    /// assert_eq!(sender.send("late"), Err("late"));
    /// assert_eq!(receiver.try_recv(), Err(oneshot::error::TryRecvError::Closed));
    /// ```
    pub fn close(&mut self) {
        if let Some(end) = &mut self.end {
            end.close();
        }
    }

    /// Takes the value, if it is there.
    ///
    /// # Errors
    ///
    /// [`TryRecvError::Empty`] if it may still come, [`TryRecvError::Closed`] if it never will.
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        let Some(word) = self.end.as_ref().map(ReceiveEnd::word) else {
            return Err(TryRecvError::Closed);
        };
        if !word.has_value() && !word.is_over() {
            return Err(TryRecvError::Empty);
        }
        self.leave().ok_or(TryRecvError::Closed)
    }

    /// Waits for the value, with the calling thread asleep meanwhile: for threads that run no tasks.
    ///
    /// # Errors
    ///
    /// As the future.
    ///
    /// # Panics
    ///
    /// In a task, or in the future given to `block_on`.
    #[track_caller]
    pub fn blocking_recv(self) -> Result<T, RecvError> {
        block_on_outside(self)
    }

    /// Whether there is no value to take now: it has not come, it never will, or it was taken.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.end.as_ref().is_none_or(|end| !end.word().has_value())
    }

    /// Whether the future was ready, or [`try_recv`](Receiver::try_recv) gave its last answer.
    #[must_use]
    pub fn is_terminated(&self) -> bool {
        self.end.is_none()
    }

    fn leave(&mut self) -> Option<T> {
        self.end.take().and_then(ReceiveEnd::leave)
    }
}

/// Waits for the value.
///
/// # Errors
///
/// [`RecvError`] if the sender was dropped without one, or the channel was closed before it.
///
/// # Panics
///
/// If polled after it was ready.
///
/// # Cancel safety
///
/// `(&mut receiver).await` can be dropped, and awaited again. Dropping the receiver itself refuses
/// the value.
impl<T> Future for Receiver<T> {
    type Output = Result<T, RecvError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let end = self.end.as_mut().expect("a oneshot is not polled after it was ready");
        let progress = ready!(coop::poll_proceed(cx));
        ready!(end.poll_ready(cx.waker()));
        progress.made_progress();
        Poll::Ready(self.leave().ok_or(RecvError(())))
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.leave();
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").finish_non_exhaustive()
    }
}

#[cfg(all(test, loom))]
mod loom_tests;
#[cfg(all(test, not(loom)))]
mod tests;
