//! The sending side of a channel that can be full.

use super::chan::{self, Acquire, Tx, WeakTx};
use super::error::{SendError, TrySendError};
use super::state::Refused;
use super::{OwnedPermit, Permit, PermitIterator, Receiver};
use crate::block_on::block_on_outside;
use std::fmt;
use std::future::poll_fn;

/// Makes a channel for up to `buffer` values that were sent and not received.
///
/// # Panics
///
/// If `buffer` is 0.
#[track_caller]
pub fn channel<T>(buffer: usize) -> (Sender<T>, Receiver<T>) {
    assert!(buffer > 0, "a channel without room: give `channel` a buffer of 1 or more");
    let (tx, rx) = chan::new(buffer);
    (Sender { tx }, Receiver { rx })
}

/// Sends values. Clones send to the same receiver; the channel ends when the last is dropped.
pub struct Sender<T> {
    pub(super) tx: Tx<T>,
}

/// A sender that does not keep the channel open. To send, [`upgrade`](WeakSender::upgrade) it.
pub struct WeakSender<T> {
    tx: WeakTx<T>,
}

impl<T> Sender<T> {
    /// Sends a value, once there is room.
    ///
    /// # Errors
    ///
    /// The value, if the receiver was dropped or closed.
    ///
    /// # Cancel safety
    ///
    /// Dropped at its await, it has sent nothing, and the value is dropped with it; its place among
    /// those who wait for room is lost. To keep the value, [`reserve`](Sender::reserve) first.
    pub async fn send(&self, value: T) -> Result<(), SendError<T>> {
        let mut value = Some(value);
        let mut acquire = Acquire::new(&self.tx, 1);
        let sent = poll_fn(|cx| acquire.poll_send(cx, &mut value)).await;
        sent.map_err(|_| SendError(value.take().expect("it was not sent")))
    }

    /// Sends a value, if there is room now.
    ///
    /// # Errors
    ///
    /// The value: [`TrySendError::Full`] if there is no room, or others wait for it;
    /// [`TrySendError::Closed`] if the receiver was dropped or closed.
    pub fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        self.tx.try_send(value).map_err(|(refused, value)| refused.with(value))
    }

    /// [`send`](Sender::send), with the calling thread asleep while there is no room: for threads
    /// that run no tasks.
    ///
    /// # Errors
    ///
    /// As [`send`](Sender::send).
    ///
    /// # Panics
    ///
    /// In a task, or in the future given to `block_on`.
    #[track_caller]
    pub fn blocking_send(&self, value: T) -> Result<(), SendError<T>> {
        block_on_outside(self.send(value))
    }

    /// Waits for room for one value, and keeps it for the caller.
    ///
    /// ```
    /// # use mini_rt::sync::mpsc;
    /// # mini_rt::runtime::Runtime::new()?.block_on(async {
    /// let (sender, mut receiver) = mpsc::channel(1);
    /// let permit = sender.reserve().await.unwrap();
    /// assert!(sender.try_send("no room").is_err());
    /// permit.send("first");
    /// assert_eq!(receiver.recv().await, Some("first"));
    /// # });
    /// # std::io::Result::Ok(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the receiver was dropped or closed.
    ///
    /// # Cancel safety
    ///
    /// Dropped at its await, it gives back what it was promised, and loses its place in the queue.
    pub async fn reserve(&self) -> Result<Permit<'_, T>, SendError<()>> {
        self.acquire(1).await?;
        Ok(Permit::new(&self.tx))
    }

    /// Waits for room for `n` values, and keeps it for the caller. Those who come later wait until
    /// it has it.
    ///
    /// # Errors
    ///
    /// If the receiver was dropped or closed, or `n` is more than the channel's
    /// [`max_capacity`](Sender::max_capacity).
    ///
    /// # Cancel safety
    ///
    /// As [`reserve`](Sender::reserve).
    pub async fn reserve_many(&self, n: usize) -> Result<PermitIterator<'_, T>, SendError<()>> {
        self.acquire(n).await?;
        Ok(PermitIterator::new(&self.tx, n))
    }

    /// Waits for room for one value; the permit holds the sender, and gives it back when it is used.
    ///
    /// # Errors
    ///
    /// If the receiver was dropped or closed. The sender is dropped.
    ///
    /// # Cancel safety
    ///
    /// As [`reserve`](Sender::reserve); the sender is dropped.
    pub async fn reserve_owned(self) -> Result<OwnedPermit<T>, SendError<()>> {
        self.acquire(1).await?;
        Ok(OwnedPermit::new(self.tx))
    }

    /// Keeps room for one value, if there is some now.
    ///
    /// # Errors
    ///
    /// As [`try_send`](Sender::try_send).
    pub fn try_reserve(&self) -> Result<Permit<'_, T>, TrySendError<()>> {
        self.try_acquire(1)?;
        Ok(Permit::new(&self.tx))
    }

    /// Keeps room for `n` values, if there is as much now.
    ///
    /// # Errors
    ///
    /// As [`try_send`](Sender::try_send).
    pub fn try_reserve_many(&self, n: usize) -> Result<PermitIterator<'_, T>, TrySendError<()>> {
        self.try_acquire(n)?;
        Ok(PermitIterator::new(&self.tx, n))
    }

    /// Keeps room for one value, if there is some now; the permit holds the sender.
    ///
    /// # Errors
    ///
    /// The sender, for the reasons of [`try_send`](Sender::try_send).
    pub fn try_reserve_owned(self) -> Result<OwnedPermit<T>, TrySendError<Self>> {
        match self.tx.try_acquire(1) {
            Ok(()) => Ok(OwnedPermit::new(self.tx)),
            Err(refused) => Err(refused.with(self)),
        }
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

    /// For how many values there is room now, that nobody waits for. Takes the channel's lock.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.tx.free()
    }

    /// For how many values there is room when the channel is empty: the `buffer` that it was made
    /// with. Takes the channel's lock.
    #[must_use]
    pub fn max_capacity(&self) -> usize {
        self.tx.max()
    }

    /// Whether both send to the same receiver.
    #[must_use]
    pub fn same_channel(&self, other: &Self) -> bool {
        self.tx.is_same(&other.tx)
    }

    /// Makes a sender that does not keep the channel open.
    #[must_use = "the sender itself stays as it is"]
    pub fn downgrade(&self) -> WeakSender<T> {
        WeakSender { tx: self.tx.downgrade() }
    }

    /// How many senders there are.
    #[must_use]
    pub fn strong_count(&self) -> usize {
        self.tx.strong_count()
    }

    /// How many [`WeakSender`]s there are.
    #[must_use]
    pub fn weak_count(&self) -> usize {
        self.tx.weak_count()
    }

    async fn acquire(&self, permits: usize) -> Result<(), SendError<()>> {
        let chan = &self.tx;
        if permits > 1 && permits > chan.max() {
            return Err(SendError(())); // It would wait for ever.
        }
        let mut acquire = Acquire::new(chan, permits);
        poll_fn(|cx| acquire.poll(cx)).await.map_err(|_| SendError(()))
    }

    fn try_acquire(&self, permits: usize) -> Result<(), TrySendError<()>> {
        self.tx.try_acquire(permits).map_err(|refused| refused.with(()))
    }
}

impl Refused {
    fn with<V>(self, value: V) -> TrySendError<V> {
        match self {
            Self::Full => TrySendError::Full(value),
            Self::Closed => TrySendError::Closed(value),
        }
    }
}

impl<T> WeakSender<T> {
    /// Makes a sender of it. `None`: the last sender is gone, and with it the channel's end has come.
    #[must_use]
    pub fn upgrade(&self) -> Option<Sender<T>> {
        self.tx.upgrade().map(|tx| Sender { tx })
    }

    /// How many senders there are.
    #[must_use]
    pub fn strong_count(&self) -> usize {
        self.tx.strong_count()
    }

    /// How many [`WeakSender`]s there are.
    #[must_use]
    pub fn weak_count(&self) -> usize {
        self.tx.weak_count()
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Self { tx: self.tx.clone() }
    }
}

impl<T> Clone for WeakSender<T> {
    fn clone(&self) -> Self {
        Self { tx: self.tx.clone() }
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for WeakSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakSender").finish_non_exhaustive()
    }
}
