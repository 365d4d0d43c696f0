//! Who says what the value is.

use super::super::senders::{self, Shared, Tx};
use super::chan::{Chan, Closed, Place};
use super::error::SendError;
use super::{Receiver, Ref};
use std::fmt;
use std::future::poll_fn;
use std::mem;

/// Sends values. When the last of its clones is dropped the value stays as it is, and receivers get
/// an error where they would wait.
pub struct Sender<T> {
    tx: Tx<Chan<T>>,
}

impl<T> Sender<T> {
    /// Makes a channel without a receiver, for [`subscribe`](Sender::subscribe) to add.
    #[must_use]
    pub fn new(value: T) -> Self {
        let (tx, _) = senders::share(Chan::new(value));
        Self { tx }
    }

    /// Replaces the value, and wakes the receivers that wait for a change.
    ///
    /// Waits, with its thread, for readers to let go of the value.
    ///
    /// # Errors
    ///
    /// The value, if there is no receiver: then the old one stays. To set it for receivers that are
    /// still to come, use [`send_replace`](Sender::send_replace).
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        if self.receiver_count() == 0 {
            return Err(SendError(value));
        }
        drop(self.send_replace(value));
        Ok(())
    }

    /// Replaces the value, whether there is a receiver or not, and returns the old one.
    pub fn send_replace(&self, mut value: T) -> T {
        self.send_modify(|current| mem::swap(current, &mut value));
        value
    }

    /// Changes the value in place, whether there is a receiver or not.
    ///
    /// `modify` runs under the value's lock: it must not borrow the value, or send. If it panics, the
    /// value stays as `modify` has left it, and nobody is told.
    pub fn send_modify(&self, modify: impl FnOnce(&mut T)) {
        self.send_if_modified(|value| {
            modify(value);
            true
        });
    }

    /// Changes the value in place, and wakes receivers only if `modify` says that it has. Returns
    /// what that says.
    ///
    /// ```
    /// # use mini_rt::sync::watch;
    /// let (sender, receiver) = watch::channel(1);
    /// assert!(!sender.send_if_modified(|level| std::mem::replace(level, 1) != 1));
    /// assert!(!receiver.has_changed().unwrap());
    /// assert!(sender.send_if_modified(|level| std::mem::replace(level, 2) != 2));
    /// assert!(receiver.has_changed().unwrap());
    /// ```
    ///
    /// `modify` runs under the value's lock, as with [`send_modify`](Sender::send_modify).
    pub fn send_if_modified(&self, modify: impl FnOnce(&mut T) -> bool) -> bool {
        let somebody_waits = {
            let mut value = self.tx.value.write();
            if !modify(&mut value) {
                return false;
            }
            self.tx.announce()
        };
        if somebody_waits {
            self.tx.wake();
        }
        true
    }

    /// Borrows the value.
    pub fn borrow(&self) -> Ref<'_, T> {
        Ref { value: self.tx.value.read(), has_changed: false }
    }

    /// Makes a receiver, which has seen the value that is there.
    #[must_use]
    pub fn subscribe(&self) -> Receiver<T> {
        let seen = self.tx.word().version();
        Receiver::new(Shared::clone(&self.tx), Place::new(seen))
    }

    /// Waits until there is no receiver.
    ///
    /// # Cancel safety
    ///
    /// Dropped at its await, it has changed nothing.
    pub async fn closed(&self) {
        let mut closed = Closed::new(&self.tx);
        poll_fn(|cx| closed.poll(cx)).await;
    }

    /// Whether there is no receiver.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.receiver_count() == 0
    }

    /// How many receivers there are.
    #[must_use]
    pub fn receiver_count(&self) -> usize {
        self.tx.receivers()
    }

    /// How many senders there are.
    #[must_use]
    pub fn sender_count(&self) -> usize {
        self.tx.strong_count()
    }

    /// Whether both send to the same receivers.
    #[must_use]
    pub fn same_channel(&self, other: &Self) -> bool {
        self.tx.is_same(&other.tx)
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Self { tx: self.tx.clone() }
    }
}

impl<T: Default> Default for Sender<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").finish_non_exhaustive()
    }
}
