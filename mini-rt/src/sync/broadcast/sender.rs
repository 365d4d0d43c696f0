//! Who sends to all.

use super::super::poll_waker::{Step, poll_under};
use super::super::senders::{self, Shared, Tx, WeakTx};
use super::super::waker_set::Ticket;
use super::error::SendError;
use super::ring::Ring;
use super::{Chan, Receiver};
use crate::coop;
use crate::primitive::atomic::Ordering::Relaxed;
use std::fmt;
use std::future::poll_fn;
use std::task::{Context, Poll, ready};

/// Sends to all receivers. The channel ends when the last of its clones is dropped.
pub struct Sender<T> {
    tx: Tx<Chan<T>>,
}

/// A sender that does not keep the channel open. To send, [`upgrade`](WeakSender::upgrade) it.
pub struct WeakSender<T> {
    tx: WeakTx<Chan<T>>,
}

/// A sender that waits until nobody receives.
struct Closed<'a, T> {
    chan: &'a Chan<T>,
    ticket: Option<Ticket>,
}

impl<T> Sender<T> {
    /// Makes a channel without a receiver, for [`subscribe`](Sender::subscribe) to add. `capacity`
    /// as for [`channel`](super::channel).
    ///
    /// # Panics
    ///
    /// As [`channel`](super::channel).
    #[must_use]
    #[track_caller]
    pub fn new(capacity: usize) -> Self {
        assert!(capacity > 0, "a broadcast channel keeps at least one value");
        assert!(capacity <= usize::MAX >> 1, "so many values cannot be kept");
        let ring = Ring::new(capacity.next_power_of_two());
        let (tx, _) = senders::share(Chan::new(ring));
        Self { tx }
    }

    /// Sends a value to all receivers that there are, and returns how many. Never waits: if as many
    /// values are kept as the channel keeps, the oldest is lost to those who have not received it.
    ///
    /// Takes the lock once. That there are receivers does not say that they will receive it.
    ///
    /// # Errors
    ///
    /// The value, if there is no receiver. A later send may succeed.
    pub fn send(&self, value: T) -> Result<usize, SendError<T>> {
        let sent = {
            let mut ring = self.tx.ring.lock();
            let sent = ring.send(value);
            self.tx.end.store(ring.end_low(), Relaxed); // Relaxed: a hint.
            sent
        }
        .map_err(SendError)?;
        sent.waiting.wake_all();
        Ok(sent.receivers)
    }

    /// Makes a receiver of what is sent from now on.
    #[must_use]
    pub fn subscribe(&self) -> Receiver<T> {
        let place = self.tx.ring.lock().subscribe();
        Receiver::new(Shared::clone(&self.tx), place)
    }

    /// Makes a sender that does not keep the channel open.
    #[must_use = "the sender itself stays as it is"]
    pub fn downgrade(&self) -> WeakSender<T> {
        WeakSender { tx: self.tx.downgrade() }
    }

    /// How many values are kept because a receiver has not received them.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tx.ring.lock().len()
    }

    /// Whether all receivers have received all values.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many receivers there are.
    #[must_use]
    pub fn receiver_count(&self) -> usize {
        self.tx.ring.lock().receivers()
    }

    /// Waits until there is no receiver.
    ///
    /// # Cancel safety
    ///
    /// Dropped at its await, it has changed nothing.
    pub async fn closed(&self) {
        let mut closed = Closed { chan: &self.tx, ticket: None };
        poll_fn(|cx| closed.poll(cx)).await;
    }

    /// Whether both send to the same receivers.
    #[must_use]
    pub fn same_channel(&self, other: &Self) -> bool {
        self.tx.is_same(&other.tx)
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

impl<T> Closed<'_, T> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let progress = ready!(coop::poll_proceed(cx));
        ready!(poll_under(&self.chan.ring, cx, |ring, waker| -> Step<()> {
            ring.poll_closed(&mut self.ticket, waker)
        }));
        progress.made_progress();
        Poll::Ready(())
    }
}

impl<T> Drop for Closed<'_, T> {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            let waker = self.chan.ring.lock().forget_closed(ticket);
            drop(waker);
        }
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
