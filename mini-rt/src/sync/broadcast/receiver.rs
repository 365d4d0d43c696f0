//! Who receives what is sent to all.

use super::super::poll_waker::{PollWaker, poll_under_with};
use super::super::senders::Shared;
use super::Chan;
use super::error::{RecvError, TryRecvError};
use super::ring::{Place, Value};
use crate::block_on::block_on_outside;
use crate::coop;
use crate::primitive::atomic::Ordering::Relaxed;
use futures::Stream;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// Receives what is sent from its making on. It is a [`Stream`].
pub struct Receiver<T> {
    chan: Shared<Chan<T>>,
    place: Place,
}

impl<T> Receiver<T> {
    pub(super) fn new(chan: Shared<Chan<T>>, place: Place) -> Self {
        Self { chan, place }
    }

    /// How many values there are that this receiver has not received, the lost ones too.
    #[must_use]
    pub fn len(&self) -> usize {
        self.chan.ring.lock().len_for(&self.place)
    }

    /// Whether this receiver has received all values.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether all senders are gone. There may be values left.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.chan.ring.lock().is_ended()
    }

    /// Whether both receive from the same senders.
    #[must_use]
    pub fn same_channel(&self, other: &Self) -> bool {
        self.chan.is_same(&other.chan)
    }

    /// How many senders there are.
    #[must_use]
    pub fn sender_strong_count(&self) -> usize {
        self.chan.strong_count()
    }

    /// How many [`WeakSender`](super::WeakSender)s there are.
    #[must_use]
    pub fn sender_weak_count(&self) -> usize {
        self.chan.weak_count()
    }
}

impl<T: Clone> Receiver<T> {
    /// Makes a receiver of what is sent from now on, of the same channel.
    #[must_use]
    pub fn resubscribe(&self) -> Self {
        let place = self.chan.ring.lock().subscribe();
        Self { chan: self.chan.clone(), place }
    }

    /// Waits for the next value.
    ///
    /// ```
    /// # use mini_rt::sync::broadcast::{self, error::RecvError};
    /// # mini_rt::runtime::Runtime::new()?.block_on(async {
    /// let (sender, mut slow) = broadcast::channel(2);
    /// for value in 1..=3 {
    ///     sender.send(value).unwrap();
    /// }
    /// assert_eq!(slow.recv().await, Err(RecvError::Lagged(1)));
    /// assert_eq!(slow.recv().await, Ok(2), "and goes on with the oldest that is kept");
    /// drop(sender);
    /// assert_eq!(slow.recv().await, Ok(3));
    /// assert_eq!(slow.recv().await, Err(RecvError::Closed));
    /// # });
    /// # std::io::Result::Ok(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`RecvError::Lagged`] if values were lost to this receiver, which then goes on with the
    /// oldest; [`RecvError::Closed`] if all senders are gone and all values were received.
    ///
    /// # Cancel safety
    ///
    /// Dropped at its await, it has taken no value.
    pub async fn recv(&mut self) -> Result<T, RecvError> {
        poll_fn(|cx| self.poll_recv(cx)).await
    }

    /// Takes the next value, if it is there.
    ///
    /// # Errors
    ///
    /// As [`recv`](Receiver::recv), and [`TryRecvError::Empty`] where that would wait.
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        let received = self.chan.ring.lock().receive(&mut self.place);
        received.map(Value::into_inner)
    }

    /// [`recv`](Receiver::recv), with the calling thread asleep meanwhile: for threads that run no
    /// tasks.
    ///
    /// # Errors
    ///
    /// As [`recv`](Receiver::recv).
    ///
    /// # Panics
    ///
    /// In a task, or in the future given to `block_on`.
    #[track_caller]
    pub fn blocking_recv(&mut self) -> Result<T, RecvError> {
        block_on_outside(self.recv())
    }

    fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, RecvError>> {
        let progress = ready!(coop::poll_proceed(cx));
        let mut waker = PollWaker::new(cx.waker());
        // Relaxed: a hint. If it is right, the lock is taken once to wait, not twice.
        if self.place.is_new_at(self.chan.end.load(Relaxed)) {
            waker.make_clone();
        }
        let received = ready!(poll_under_with(&self.chan.ring, waker, |ring, waker| {
            ring.poll_receive(&mut self.place, waker)
        }));
        progress.made_progress();
        Poll::Ready(match received {
            Ok(value) => Ok(value.into_inner()),
            Err(TryRecvError::Lagged(lost)) => Err(RecvError::Lagged(lost)),
            Err(TryRecvError::Closed) => Err(RecvError::Closed),
            Err(TryRecvError::Empty) => unreachable!("then it waits"),
        })
    }
}

impl<T: Clone> Stream for Receiver<T> {
    /// A value, or how many were lost.
    type Item = Result<T, RecvError>;

    /// The stream ends with the channel.
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_recv(cx).map(|received| match received {
            Err(RecvError::Closed) => None,
            received => Some(received),
        })
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        let left = self.chan.ring.lock().leave(&mut self.place);
        left.closing.wake_all();
    }
}

/// Values are never pinned.
impl<T> Unpin for Receiver<T> {}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").finish_non_exhaustive()
    }
}
