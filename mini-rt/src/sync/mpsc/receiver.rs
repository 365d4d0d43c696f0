//! The receiving side of a channel that can be full.

use super::chan::Rx;
use super::error::TryRecvError;
use super::state::Nothing;
use crate::block_on::block_on_outside;
use futures::Stream;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Receives what the senders send. Dropped, it drops what was not received, and closes the channel.
///
/// It is a [`Stream`] of the values.
pub struct Receiver<T> {
    pub(super) rx: Rx<T>,
}

impl<T> Receiver<T> {
    /// Waits for the next value. `None`: the channel has ended. All senders are gone, or it was
    /// closed and no permit is out; and it is empty.
    ///
    /// # Cancel safety
    ///
    /// Dropped at its await, it has taken no value.
    pub async fn recv(&mut self) -> Option<T> {
        poll_fn(|cx| self.poll_recv(cx)).await
    }

    /// Waits for a value, takes as many as are there, up to `limit`, to the end of `buffer`, and
    /// returns how many. 0: the channel has ended, or `limit` is 0.
    ///
    /// All are taken under one lock, so this is the cheapest way to receive much.
    ///
    /// ```
    /// # use mini_rt::sync::mpsc;
    /// # mini_rt::runtime::Runtime::new()?.block_on(async {
    /// let (sender, mut receiver) = mpsc::channel(8);
    /// for value in 0..5 {
    ///     sender.send(value).await.unwrap();
    /// }
    /// let mut values = Vec::new();
    /// assert_eq!(receiver.recv_many(&mut values, 4).await, 4);
    /// assert_eq!(receiver.recv_many(&mut values, 4).await, 1);
    /// assert_eq!(values, [0, 1, 2, 3, 4]);
    /// # });
    /// # std::io::Result::Ok(())
    /// ```
    ///
    /// # Cancel safety
    ///
    /// Dropped at its await, it has taken no value.
    pub async fn recv_many(&mut self, buffer: &mut Vec<T>, limit: usize) -> usize {
        poll_fn(|cx| self.poll_recv_many(cx, buffer, limit)).await
    }

    /// Takes the next value, if it is there.
    ///
    /// # Errors
    ///
    /// [`TryRecvError::Empty`] if one may still come, [`TryRecvError::Disconnected`] if the channel
    /// has ended.
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        self.rx.try_recv().map_err(TryRecvError::from)
    }

    /// [`recv`](Receiver::recv), with the calling thread asleep meanwhile: for threads that run no
    /// tasks.
    ///
    /// ```
    /// # use mini_rt::sync::mpsc;
    /// let (sender, mut receiver) = mpsc::channel(1);
    /// let thread = std::thread::spawn(move || receiver.blocking_recv());
    /// sender.blocking_send("from thread to thread").unwrap();
    /// assert_eq!(thread.join().unwrap(), Some("from thread to thread"));
    /// ```
    ///
    /// # Panics
    ///
    /// In a task, or in the future given to `block_on`.
    #[track_caller]
    pub fn blocking_recv(&mut self) -> Option<T> {
        block_on_outside(self.recv())
    }

    /// [`recv_many`](Receiver::recv_many), with the calling thread asleep meanwhile.
    ///
    /// # Panics
    ///
    /// In a task, or in the future given to `block_on`.
    #[track_caller]
    pub fn blocking_recv_many(&mut self, buffer: &mut Vec<T>, limit: usize) -> usize {
        block_on_outside(self.recv_many(buffer, limit))
    }

    /// Lets nobody send any more: what was sent, and what permits that are out still send, is there
    /// to be received. Whoever waits to send gets an error.
    ///
    /// ```
    /// # use mini_rt::sync::mpsc;
    /// # mini_rt::runtime::Runtime::new()?.block_on(async {
    /// let (sender, mut receiver) = mpsc::channel(2);
    /// sender.send("sent").await.unwrap();
    /// let permit = sender.reserve().await.unwrap();
    /// receiver.close();
    /// assert!(sender.send("late").await.is_err());
    /// permit.send("promised");
    /// assert_eq!(receiver.recv().await, Some("sent"));
    /// assert_eq!(receiver.recv().await, Some("promised"));
    /// assert_eq!(receiver.recv().await, None);
    /// # });
    /// # std::io::Result::Ok(())
    /// ```
    pub fn close(&mut self) {
        self.rx.close();
    }

    /// Whether it was closed, or all senders are gone. There may be values left. Takes the channel's
    /// lock.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.rx.is_closed()
    }

    /// Whether there is nothing to receive now. Takes the channel's lock.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many values there are to receive now. Takes the channel's lock.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rx.len()
    }

    /// For how many values there is room now, that nobody waits for. Takes the channel's lock.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.rx.chan().free()
    }

    /// For how many values there is room when the channel is empty: the `buffer` that it was made
    /// with. Takes the channel's lock.
    #[must_use]
    pub fn max_capacity(&self) -> usize {
        self.rx.chan().max()
    }

    /// Takes the next value, or has the task woken when there is one; `Ready(None)` at the channel's
    /// end. Only the task of the last poll is woken.
    pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.rx.poll_recv(cx)
    }

    /// The poll of [`recv_many`](Receiver::recv_many).
    pub fn poll_recv_many(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut Vec<T>,
        limit: usize,
    ) -> Poll<usize> {
        if limit == 0 {
            return Poll::Ready(0);
        }
        self.rx.poll_recv_many(cx, buffer, limit)
    }

    /// How many senders there are.
    #[must_use]
    pub fn sender_strong_count(&self) -> usize {
        self.rx.chan().strong_count()
    }

    /// How many [`WeakSender`](super::WeakSender)s there are.
    #[must_use]
    pub fn sender_weak_count(&self) -> usize {
        self.rx.chan().weak_count()
    }
}

impl From<Nothing> for TryRecvError {
    fn from(nothing: Nothing) -> Self {
        match nothing {
            Nothing::Empty => Self::Empty,
            Nothing::Ended => Self::Disconnected,
        }
    }
}

impl<T> Stream for Receiver<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.poll_recv(cx)
    }
}

/// Values are never pinned.
impl<T> Unpin for Receiver<T> {}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").finish_non_exhaustive()
    }
}
