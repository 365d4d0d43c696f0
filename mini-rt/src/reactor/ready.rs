//! What a source is ready for, and what somebody waits for: sets of flags.

use std::fmt;
use std::ops::{BitAnd, BitOr, BitOrAssign, Sub};

/// What a source is ready for: a set of flags.
///
/// Readiness is a hint and may be out of date: the attempt itself decides.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ready(pub(super) u8);

impl Ready {
    /// Ready for nothing.
    pub const EMPTY: Ready = Ready(0);
    /// Something can be read (or accepted).
    pub const READABLE: Ready = Ready(1);
    /// Something can be written.
    pub const WRITABLE: Ready = Ready(1 << 1);
    /// The reading side is closed: reads return what is left, then the end. Never taken back.
    pub const READ_CLOSED: Ready = Ready(1 << 2);
    /// The writing side is closed: writes fail. Never taken back.
    pub const WRITE_CLOSED: Ready = Ready(1 << 3);
    /// An error is pending; the next operation, or `take_error`, reports it.
    pub const ERROR: Ready = Ready(1 << 4);
    /// Every flag.
    pub const ALL: Ready = Ready(0b1_1111);

    /// The flags that stay once set.
    pub(super) const CLOSED: Ready = Ready(Self::READ_CLOSED.0 | Self::WRITE_CLOSED.0);
    /// The flags that mean something for a source without an end, such as a datagram socket.
    pub(super) const ENDLESS: Ready = Ready(Self::ALL.0 & !Self::CLOSED.0);

    pub(super) fn from_mio(event: &mio::event::Event) -> Ready {
        [
            (event.is_readable(), Ready::READABLE),
            (event.is_writable(), Ready::WRITABLE),
            (event.is_read_closed(), Ready::READ_CLOSED),
            (event.is_write_closed(), Ready::WRITE_CLOSED),
            (event.is_error(), Ready::ERROR),
        ]
        .into_iter()
        .fold(Ready::EMPTY, |all, (is_set, flag)| if is_set { all | flag } else { all })
    }

    /// Whether no flag is set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether a read has something to say: data, the end of the stream, or both.
    pub const fn is_readable(self) -> bool {
        self.intersects(Ready(Self::READABLE.0 | Self::READ_CLOSED.0))
    }

    /// Whether a write has something to say: room, or that the stream is closed.
    pub const fn is_writable(self) -> bool {
        self.intersects(Ready(Self::WRITABLE.0 | Self::WRITE_CLOSED.0))
    }

    /// Whether the reading side is closed.
    pub const fn is_read_closed(self) -> bool {
        self.intersects(Self::READ_CLOSED)
    }

    /// Whether the writing side is closed.
    pub const fn is_write_closed(self) -> bool {
        self.intersects(Self::WRITE_CLOSED)
    }

    /// Whether an error is pending.
    pub const fn is_error(self) -> bool {
        self.intersects(Self::ERROR)
    }

    pub(super) const fn intersection(self, other: Ready) -> Ready {
        Ready(self.0 & other.0)
    }

    pub(super) const fn intersects(self, other: Ready) -> bool {
        !self.intersection(other).is_empty()
    }
}

impl BitOr for Ready {
    type Output = Ready;
    fn bitor(self, other: Ready) -> Ready {
        Ready(self.0 | other.0)
    }
}

impl BitOrAssign for Ready {
    fn bitor_assign(&mut self, other: Ready) {
        *self = *self | other;
    }
}

impl BitAnd for Ready {
    type Output = Ready;
    fn bitand(self, other: Ready) -> Ready {
        self.intersection(other)
    }
}

/// The flags of the first that the second has not.
impl Sub for Ready {
    type Output = Ready;
    fn sub(self, other: Ready) -> Ready {
        Ready(self.0 & !other.0)
    }
}

impl fmt::Debug for Ready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = ["readable", "writable", "read_closed", "write_closed", "error"];
        let set = (0..).zip(names).filter(|(bit, _)| self.0 >> bit & 1 == 1);
        write!(f, "Ready({})", set.map(|(_, name)| name).collect::<Vec<_>>().join(" | "))
    }
}

/// Which operations somebody waits to be ready for: reading, writing, or either.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Interest(pub(super) Ready);

impl Interest {
    /// Reading, and whatever ends the wait for it: the end of the stream, or an error.
    pub const READABLE: Interest =
        Interest(Ready(Ready::READABLE.0 | Ready::READ_CLOSED.0 | Ready::ERROR.0));
    /// Writing, and whatever ends the wait for it: a closed stream, or an error.
    pub const WRITABLE: Interest =
        Interest(Ready(Ready::WRITABLE.0 | Ready::WRITE_CLOSED.0 | Ready::ERROR.0));

    /// Either of the two. In constants, where `|` is not.
    #[must_use = "it changes nothing"]
    pub const fn add(self, other: Interest) -> Interest {
        Interest(Ready(self.0.0 | other.0.0))
    }

    /// Whether reading is of interest.
    pub const fn is_readable(self) -> bool {
        self.0.intersects(Ready::READABLE)
    }

    /// Whether writing is of interest.
    pub const fn is_writable(self) -> bool {
        self.0.intersects(Ready::WRITABLE)
    }

    /// Whether an event with these flags ends the wait.
    pub(super) const fn is_met_by(self, ready: Ready) -> bool {
        self.0.intersects(ready)
    }
}

impl BitOr for Interest {
    type Output = Interest;
    fn bitor(self, other: Interest) -> Interest {
        self.add(other)
    }
}

impl fmt::Debug for Interest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.is_readable(), self.is_writable()) {
            (true, true) => "READABLE | WRITABLE",
            (true, false) => "READABLE",
            _ => "WRITABLE",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> impl Iterator<Item = Ready> {
        (0..=Ready::ALL.0).map(Ready)
    }

    #[test]
    fn flags_are_sets() {
        for (a, b) in all().flat_map(|a| all().map(move |b| (a, b))) {
            let mut both = a;
            both |= b;
            assert_eq!((both, (a - b) | (a & b)), (a | b, a));
            assert!(((a - b) & b).is_empty());
        }
    }

    #[test]
    fn flags_print_as_their_names() {
        assert_eq!(format!("{:?}", Ready::READABLE | Ready::ERROR), "Ready(readable | error)");
        assert_eq!(format!("{:?}", Interest::READABLE | Interest::WRITABLE), "READABLE | WRITABLE");
    }
}
