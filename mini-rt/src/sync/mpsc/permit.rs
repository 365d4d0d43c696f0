//! Room in a channel that is one's own until it is used or given back.

use super::Sender;
use super::chan::{Chan, Tx};
use std::fmt;
use std::iter::FusedIterator;

/// Room for one value in the channel of a [`Sender`]. Dropped, it is given back.
#[must_use = "dropped, the room is given back"]
pub struct Permit<'a, T> {
    chan: &'a Chan<T>,
}

/// Room for several values, handed out one [`Permit`] at a time. What is left when it is dropped is
/// given back.
#[must_use = "dropped, the room is given back"]
pub struct PermitIterator<'a, T> {
    chan: &'a Chan<T>,
    left: usize,
}

/// Room for one value, with the sender itself in it: for `'static` tasks and structures.
#[must_use = "dropped, the room is given back"]
pub struct OwnedPermit<T> {
    /// Until it is used.
    tx: Option<Tx<T>>,
}

impl<'a, T> Permit<'a, T> {
    pub(super) fn new(chan: &'a Chan<T>) -> Self {
        Self { chan }
    }

    /// Sends the value: never waits, never fails.
    ///
    /// It reaches the receiver even if that was closed meanwhile; if the receiver was dropped, the
    /// value is.
    pub fn send(self, value: T) {
        let chan = self.chan;
        std::mem::forget(self); // The permit is spent.
        chan.send(value);
    }
}

impl<T> Drop for Permit<'_, T> {
    fn drop(&mut self) {
        self.chan.release(1);
    }
}

impl<'a, T> PermitIterator<'a, T> {
    pub(super) fn new(chan: &'a Chan<T>, left: usize) -> Self {
        Self { chan, left }
    }
}

impl<'a, T> Iterator for PermitIterator<'a, T> {
    type Item = Permit<'a, T>;

    fn next(&mut self) -> Option<Permit<'a, T>> {
        self.left = self.left.checked_sub(1)?;
        Some(Permit { chan: self.chan })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<T> ExactSizeIterator for PermitIterator<'_, T> {}
impl<T> FusedIterator for PermitIterator<'_, T> {}

impl<T> Drop for PermitIterator<'_, T> {
    fn drop(&mut self) {
        if self.left > 0 {
            self.chan.release(self.left);
        }
    }
}

impl<T> OwnedPermit<T> {
    pub(super) fn new(tx: Tx<T>) -> Self {
        Self { tx: Some(tx) }
    }

    /// Sends the value, as [`Permit::send`] does; the sender comes back.
    pub fn send(mut self, value: T) -> Sender<T> {
        let tx = self.tx.take().expect("a permit is used once");
        tx.send(value);
        Sender { tx }
    }

    /// Gives the room back; the sender comes back.
    pub fn release(mut self) -> Sender<T> {
        let tx = self.tx.take().expect("a permit is used once");
        tx.release(1);
        Sender { tx }
    }

    /// Whether both are room in one channel.
    #[must_use]
    pub fn same_channel(&self, other: &Self) -> bool {
        self.tx().is_same(other.tx())
    }

    /// Whether it is room in the sender's channel.
    #[must_use]
    pub fn same_channel_as_sender(&self, sender: &Sender<T>) -> bool {
        self.tx().is_same(&sender.tx)
    }

    fn tx(&self) -> &Tx<T> {
        self.tx.as_ref().expect("a permit is used once")
    }
}

impl<T> Drop for OwnedPermit<T> {
    fn drop(&mut self) {
        if let Some(tx) = self.tx.take() {
            tx.release(1);
        }
    }
}

impl<T> fmt::Debug for Permit<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for PermitIterator<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PermitIterator").field("left", &self.left).finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for OwnedPermit<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnedPermit").finish_non_exhaustive()
    }
}
