//! Whose is what of a oneshot, in one word?
//!
//! The value, the two wakers and the memory itself go from one end to the other. The steps say, for
//! each thing that an end may do, what the word becomes and what the end now has to do. They are
//! pure: the tests walk through every order of them.
//!
//! 1. The value is the sender's until [`VALUE`] is set, and the receiver's from then on.
//! 2. An end's waker is its own while its bit ([`RX_WAKER`], [`TX_WAKER`]) is not set. Set, it is the
//!    other end's to take, in the one step that clears the bit: [`send`](Word::send) for the
//!    receiver's, [`close`](Word::close) for the sender's. After that step the owner stays away.
//! 3. [`DONE`] and [`CLOSED`] are what an end has to say: the sender will send nothing more, the
//!    receiver takes nothing that is not there. What was said first holds: a send after the close is
//!    refused, a value that was there before it is received.
//! 4. [`SENDER_GONE`] and [`RECEIVER_GONE`] are an end's last touch of the memory. Whoever is last
//!    frees it, with the wakers whose bits are still set.

/// There is a value for the receiver.
const VALUE: u32 = 1;
/// The sender has sent, or will not.
const DONE: u32 = 1 << 1;
/// The receiver takes no value that is not there already.
const CLOSED: u32 = 1 << 2;
/// The receiver waits.
const RX_WAKER: u32 = 1 << 3;
/// The sender waits for the close.
const TX_WAKER: u32 = 1 << 4;
const SENDER_GONE: u32 = 1 << 5;
const RECEIVER_GONE: u32 = 1 << 6;

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) struct Word(pub(super) u32);

/// What the sender does about its last step.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Sent {
    /// Nothing: it is gone.
    Gone,
    /// The receiver's waker is the sender's now. It takes it, is [`gone`](Word::sender_gone), and
    /// only then wakes.
    Wake,
    /// The value stays the sender's. It is gone, and `free`s the memory if the receiver is too.
    Refused { free: bool },
}

/// What the receiver does about a step on its way out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Left {
    /// It takes the value, and leaves again.
    Value,
    /// It takes the sender's waker, leaves again, and only then wakes.
    Wake,
    /// It is gone, and `free`s the memory if the sender is too.
    Gone { free: bool },
}

impl Word {
    pub(super) const NEW: Self = Self(0);

    pub(super) const fn has(self, bits: u32) -> bool {
        self.0 & bits != 0
    }

    pub(super) const fn has_value(self) -> bool {
        self.has(VALUE)
    }

    pub(super) const fn is_closed(self) -> bool {
        self.has(CLOSED)
    }

    /// No value is there, and none will be.
    pub(super) const fn is_over(self) -> bool {
        self.has(DONE | CLOSED) && !self.has(VALUE)
    }

    pub(super) const fn receiver_waits(self) -> bool {
        self.has(RX_WAKER)
    }

    pub(super) const fn sender_waits(self) -> bool {
        self.has(TX_WAKER)
    }

    pub(super) const fn is_sender_gone(self) -> bool {
        self.has(SENDER_GONE)
    }

    /// The sender's last word: that there is a value, or that there will be none.
    pub(super) const fn send(self, has_value: bool) -> (Self, Sent) {
        if self.has(CLOSED) {
            let free = self.has(RECEIVER_GONE);
            return (Self(self.0 | DONE | SENDER_GONE), Sent::Refused { free });
        }
        let word = self.0 | DONE | if has_value { VALUE } else { 0 };
        if self.has(RX_WAKER) {
            (Self(word & !RX_WAKER), Sent::Wake)
        } else {
            (Self(word | SENDER_GONE), Sent::Gone)
        }
    }

    /// After [`Sent::Wake`]. Whether the sender frees the memory.
    pub(super) const fn sender_gone(self) -> (Self, bool) {
        (Self(self.0 | SENDER_GONE), self.has(RECEIVER_GONE))
    }

    /// The receiver takes no later value. Whether it takes and wakes the sender's waker.
    pub(super) const fn close(self) -> (Self, bool) {
        if self.has(DONE) {
            return (Self(self.0 | CLOSED), false);
        }
        (Self((self.0 | CLOSED) & !TX_WAKER), self.has(TX_WAKER))
    }

    /// The receiver is on its way out.
    pub(super) const fn leave(self) -> (Self, Left) {
        if self.has(VALUE) {
            return (Self(self.0 & !VALUE), Left::Value);
        }
        match self.close() {
            (word, true) => (word, Left::Wake),
            (Self(word), false) => {
                (Self(word | RECEIVER_GONE), Left::Gone { free: self.has(SENDER_GONE) })
            }
        }
    }

    /// The receiver has stored its waker. `false`: there is something to receive, or never will be.
    pub(super) const fn receiver_wait(self) -> (Self, bool) {
        if self.has(DONE | CLOSED) { (self, false) } else { (Self(self.0 | RX_WAKER), true) }
    }

    /// The receiver wants its waker back. `false`: the sender has it, or it never was there.
    pub(super) const fn receiver_unwait(self) -> (Self, bool) {
        (Self(self.0 & !RX_WAKER), self.has(RX_WAKER))
    }

    /// The sender has stored its waker. `false`: the receiver has closed.
    pub(super) const fn sender_wait(self) -> (Self, bool) {
        if self.has(CLOSED) { (self, false) } else { (Self(self.0 | TX_WAKER), true) }
    }

    /// The sender wants its waker back. `false`: the receiver has it.
    pub(super) const fn sender_unwait(self) -> (Self, bool) {
        (Self(self.0 & !TX_WAKER), self.has(TX_WAKER))
    }
}

#[cfg(test)]
mod tests;
