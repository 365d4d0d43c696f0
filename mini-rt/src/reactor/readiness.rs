//! What is known of a source without asking the kernel, as pure steps over one word.
//!
//! The word of a source holds the ready bits of [`Ready`], a shut-down bit, and the *tick*: a count
//! of the events that were delivered.
//!
//! ```text
//!  31            8  7           6 5  4      3             2            1         0
//! | tick (24 bits) | shut down | - | error | write closed | read closed | writable | readable |
//! ```
//!
//! 1. Events are edges: the kernel reports a change once. A bit may be cleared only when the kernel
//!    is known to have nothing more to give (it said so, or a read or write came back short).
//! 2. [`Word::consume`] clears what was seen only while the tick is the one that was seen with it:
//!    an event that came between the attempt and the clearing stays.
//! 3. Closed bits and the shut-down bit, once set, stay.
//!
//! A stale tick could pass for the current one if exactly 2^24 events were delivered to one source
//! between one attempt and its clearing.

use std::fmt;
use std::ops::{BitAnd, BitOr, BitOrAssign, Sub};
use std::task::Poll;

/// What a source is ready for: a set of flags.
///
/// Readiness is a hint and may be out of date: the attempt itself decides.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ready(u8);

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
    const CLOSED: Ready = Ready(Self::READ_CLOSED.0 | Self::WRITE_CLOSED.0);
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

    const fn intersects(self, other: Ready) -> bool {
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
pub struct Interest(Ready);

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

/// The reactor was shut down: its sources will never be ready again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Gone;

impl From<Gone> for std::io::Error {
    fn from(_: Gone) -> Self {
        std::io::Error::other("the runtime that this socket belongs to is shut down")
    }
}

/// Readiness as it was seen, with the tick that proves how old it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) ready: Ready,
    tick: u32,
}

/// The whole state of one source. Each step is pure; [`Slot`](super::Slot) makes it atomic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word(u32);

const READY_MASK: u32 = Ready::ALL.0 as u32;
const SHUT_DOWN: u32 = 1 << 7;
const TICK_SHIFT: u32 = 8;
const _: () = assert!(READY_MASK < SHUT_DOWN && SHUT_DOWN < 1 << TICK_SHIFT);

impl Word {
    /// A source that nothing is known of yet.
    pub(super) const NEW: Word = Word(0);

    pub(super) const fn from_bits(bits: u32) -> Word {
        Word(bits)
    }

    pub(super) const fn bits(self) -> u32 {
        self.0
    }

    const fn tick(self) -> u32 {
        self.0 >> TICK_SHIFT
    }

    const fn ready(self) -> Ready {
        Ready((self.0 & READY_MASK) as u8)
    }

    /// What of `interest` is ready now; `Pending` if nothing is.
    pub(super) const fn look(self, interest: Interest) -> Poll<Result<Event, Gone>> {
        if self.0 & SHUT_DOWN != 0 {
            return Poll::Ready(Err(Gone));
        }
        let ready = self.ready().intersection(interest.0);
        if ready.is_empty() {
            return Poll::Pending;
        }
        Poll::Ready(Ok(Event { ready, tick: self.tick() }))
    }

    /// The kernel reported `ready`.
    pub(super) const fn deliver(self, ready: Ready) -> Word {
        // The tick wraps within its own bits: they are the highest.
        Word((self.0 | ready.0 as u32).wrapping_add(1 << TICK_SHIFT))
    }

    /// The source is taken to be `ready` before the kernel said so. An attempt that finds it is not
    /// clears it again.
    pub(super) const fn assume(self, ready: Ready) -> Word {
        Word(self.0 | ready.0 as u32)
    }

    /// Whoever saw `event` has used it up. `None`: an event came since, and nothing is cleared.
    pub(super) const fn consume(self, event: Event) -> Option<Word> {
        if self.tick() != event.tick {
            return None;
        }
        Some(Word(self.0 & !(event.ready.intersection(Ready::ENDLESS).0 as u32)))
    }

    /// No event will come any more.
    pub(super) const fn shut_down(self) -> Word {
        Word(self.0 | SHUT_DOWN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TICKS: [u32; 4] = [0, 1, 2, (1 << 24) - 1];
    const INTERESTS: [Interest; 3] = [Interest::READABLE, Interest::WRITABLE, Interest(Ready::ALL)];

    fn every_ready() -> impl Iterator<Item = Ready> {
        (0..=Ready::ALL.0).map(Ready)
    }

    /// Every word there is, but for the ticks between those of [`TICKS`].
    fn every_word() -> impl Iterator<Item = Word> {
        TICKS.into_iter().flat_map(|tick| {
            every_ready().flat_map(move |ready| {
                [0, SHUT_DOWN].map(|down| Word(tick << TICK_SHIFT | down | u32::from(ready.0)))
            })
        })
    }

    #[test]
    fn looking_reports_exactly_the_bits_of_interest() {
        for (word, interest) in every_word().flat_map(|w| INTERESTS.map(|i| (w, i))) {
            let expected = word.ready().intersection(interest.0);
            match word.look(interest) {
                Poll::Ready(Err(Gone)) => assert!(word.0 & SHUT_DOWN != 0),
                Poll::Pending => assert!(expected.is_empty() && word.0 & SHUT_DOWN == 0),
                Poll::Ready(Ok(event)) => {
                    assert_eq!((event.ready, event.tick), (expected, word.tick()));
                    assert!(!expected.is_empty() && word.0 & SHUT_DOWN == 0);
                }
            }
        }
    }

    #[test]
    fn delivery_adds_its_bits_and_takes_one_tick() {
        for (word, ready) in every_word().flat_map(|w| every_ready().map(move |r| (w, r))) {
            let after = word.deliver(ready);
            assert_eq!(after.ready(), word.ready() | ready);
            assert_eq!(after.tick(), (word.tick() + 1) % (1 << 24));
            assert_eq!(after.0 & SHUT_DOWN, word.0 & SHUT_DOWN);
        }
    }

    #[test]
    fn an_event_in_between_survives_the_clearing() {
        for (word, interest) in every_word().flat_map(|w| INTERESTS.map(|i| (w, i))) {
            let Poll::Ready(Ok(seen)) = word.look(interest) else { continue };
            for ready in every_ready() {
                assert_eq!(word.deliver(ready).consume(seen), None);
            }
        }
    }

    #[test]
    fn clearing_takes_what_was_seen_and_nothing_that_is_final() {
        for (word, interest) in every_word().flat_map(|w| INTERESTS.map(|i| (w, i))) {
            let Poll::Ready(Ok(seen)) = word.look(interest) else { continue };
            for later in [word, word.shut_down(), word.assume(Ready::WRITABLE)] {
                let after = later.consume(seen).expect("no event came in between");
                let final_bits = later.ready().intersection(Ready::CLOSED);
                assert_eq!(after.ready().intersection(Ready::CLOSED), final_bits);
                assert!(!after.ready().intersects(seen.ready.intersection(Ready::ENDLESS)));
                let others = Ready(Ready::ALL.0 & !seen.ready.0);
                assert_eq!(
                    after.ready().intersection(others),
                    later.ready().intersection(others),
                    "what was not seen is left alone"
                );
                assert_eq!(after.0 >> 7, later.0 >> 7, "the tick and the shut-down bit stay");
            }
        }
    }

    #[test]
    fn after_the_end_a_read_is_always_worth_trying() {
        let word = Word::NEW.deliver(Ready::READABLE | Ready::READ_CLOSED);
        let Poll::Ready(Ok(seen)) = word.look(Interest::READABLE) else { panic!("not ready") };
        let after = word.consume(seen).expect("no event came in between");
        let Poll::Ready(Ok(event)) = after.look(Interest::READABLE) else { panic!("not ready") };
        assert_eq!(event.ready, Ready::READ_CLOSED);
        assert!(event.ready.is_readable());
    }

    #[test]
    fn nothing_brings_a_shut_down_source_back() {
        for word in every_word().map(Word::shut_down) {
            let seen = Event { ready: Ready::ALL, tick: word.tick() };
            for after in [word.deliver(Ready::ALL), word.assume(Ready::ALL)] {
                assert_eq!(after.look(Interest::READABLE), Poll::Ready(Err(Gone)));
            }
            let after = word.consume(seen).expect("no event came in between");
            assert_eq!(after.look(Interest::WRITABLE), Poll::Ready(Err(Gone)));
        }
    }

    #[test]
    fn flags_are_sets() {
        for (a, b) in every_ready().flat_map(|a| every_ready().map(move |b| (a, b))) {
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
