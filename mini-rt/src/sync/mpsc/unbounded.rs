//! A channel that is never full.

use super::chan::{self, Rx, Tx, WeakTx};
use super::error::{SendError, TryRecvError};
use crate::block_on::block_on_outside;
use futures::Stream;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Makes a channel that takes whatever is sent, and grows.
///
/// Nothing slows its senders down: if they can outrun the receiver, they fill the memory. Where
/// something else bounds what is sent (one message for each connection) it is the simplest channel.
///
/// ```
/// # use mini_rt::sync::mpsc;
/// # mini_rt::runtime::Runtime::new()?.block_on(async {
/// let (sender, mut receiver) = mpsc::unbounded_channel();
/// sender.send("without waiting").unwrap();
/// assert_eq!(receiver.recv().await, Some("without waiting"));
/// # });
/// # std::io::Result::Ok(())
/// ```
pub fn unbounded_channel<T>() -> (UnboundedSender<T>, UnboundedReceiver<T>) {
    let (tx, rx) = chan::new_unbounded();
    (UnboundedSender { tx }, UnboundedReceiver { rx })
}

/// Sends values. Clones send to the same receiver; the channel ends when the last is dropped.
pub struct UnboundedSender<T> {
    tx: Tx<T>,
}

/// A sender that does not keep the channel open. To send, [`upgrade`](WeakUnboundedSender::upgrade)
/// it.
pub struct WeakUnboundedSender<T> {
    tx: WeakTx<T>,
}

/// Receives what the senders send. Dropped, it drops what was not received, and closes the channel.
///
/// It is a [`Stream`] of the values.
pub struct UnboundedReceiver<T> {
    pub(super) rx: Rx<T>,
}

impl<T> UnboundedSender<T> {
    /// Sends a value. Never waits.
    ///
    /// # Errors
    ///
    /// The value, if the receiver was dropped or closed.
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        self.tx.try_send(value).map_err(|(_, value)| SendError(value))
    }

    /// Waits until the receiver is dropped or closed.
    ///
    /// # Cancel safety
    ///
    /// Dropped at its await, it has changed nothing.
    pub async fn closed(&self) {
        self.tx.closed().await;
    }

    /// Whether the receiver was dropped or closed. Takes the channel's lock.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.tx.is_closed()
    }

    /// Whether both send to the same receiver.
    #[must_use]
    pub fn same_channel(&self, other: &Self) -> bool {
        self.tx.is_same(&other.tx)
    }

    /// Makes a sender that does not keep the channel open.
    #[must_use = "the sender itself stays as it is"]
    pub fn downgrade(&self) -> WeakUnboundedSender<T> {
        WeakUnboundedSender { tx: self.tx.downgrade() }
    }

    /// How many senders there are.
    #[must_use]
    pub fn strong_count(&self) -> usize {
        self.tx.strong_count()
    }

    /// How many [`WeakUnboundedSender`]s there are.
    #[must_use]
    pub fn weak_count(&self) -> usize {
        self.tx.weak_count()
    }
}

impl<T> WeakUnboundedSender<T> {
    /// Makes a sender of it. `None`: the last sender is gone, and with it the channel's end has come.
    #[must_use]
    pub fn upgrade(&self) -> Option<UnboundedSender<T>> {
        self.tx.upgrade().map(|tx| UnboundedSender { tx })
    }

    /// How many senders there are.
    #[must_use]
    pub fn strong_count(&self) -> usize {
        self.tx.strong_count()
    }

    /// How many [`WeakUnboundedSender`]s there are.
    #[must_use]
    pub fn weak_count(&self) -> usize {
        self.tx.weak_count()
    }
}

/// What the methods do, and what they cost, is as with [`Receiver`](super::Receiver), but for the
/// room: values that it has taken out of the channel together, and not yet returned, count as there.
impl<T> UnboundedReceiver<T> {
    /// Waits for the next value. `None`: the channel is empty and has ended.
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

    /// [`recv`](UnboundedReceiver::recv), with the calling thread asleep meanwhile.
    ///
    /// # Panics
    ///
    /// In a task, or in the future given to `block_on`.
    #[track_caller]
    pub fn blocking_recv(&mut self) -> Option<T> {
        block_on_outside(self.recv())
    }

    /// [`recv_many`](UnboundedReceiver::recv_many), with the calling thread asleep meanwhile.
    ///
    /// # Panics
    ///
    /// In a task, or in the future given to `block_on`.
    #[track_caller]
    pub fn blocking_recv_many(&mut self, buffer: &mut Vec<T>, limit: usize) -> usize {
        block_on_outside(self.recv_many(buffer, limit))
    }

    /// Lets nobody send any more. What was sent is there to be received.
    pub fn close(&mut self) {
        self.rx.close();
    }

    /// Whether it was closed, or all senders are gone. There may be values left.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.rx.is_closed()
    }

    /// Whether there is nothing to receive now.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many values there are to receive now.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rx.len()
    }

    /// Takes the next value, or has the task woken when there is one; `Ready(None)` at the channel's
    /// end. Only the task of the last poll is woken.
    pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.rx.poll_recv(cx)
    }

    /// The poll of [`recv_many`](UnboundedReceiver::recv_many).
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

    /// How many [`WeakUnboundedSender`]s there are.
    #[must_use]
    pub fn sender_weak_count(&self) -> usize {
        self.rx.chan().weak_count()
    }
}

impl<T> Stream for UnboundedReceiver<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.poll_recv(cx)
    }
}

/// Values are never pinned.
impl<T> Unpin for UnboundedReceiver<T> {}

impl<T> Clone for UnboundedSender<T> {
    fn clone(&self) -> Self {
        Self { tx: self.tx.clone() }
    }
}

impl<T> Clone for WeakUnboundedSender<T> {
    fn clone(&self) -> Self {
        Self { tx: self.tx.clone() }
    }
}

impl<T> fmt::Debug for UnboundedSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnboundedSender").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for WeakUnboundedSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakUnboundedSender").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for UnboundedReceiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnboundedReceiver").finish_non_exhaustive()
    }
}
