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

use super::ready::{Interest, Ready};
use std::fmt;
use std::task::Poll;

/// The reactor was shut down: its sources will never be ready again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Gone;

impl From<Gone> for std::io::Error {
    fn from(_: Gone) -> Self {
        std::io::Error::other(Gone)
    }
}

impl fmt::Display for Gone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the runtime that this socket belongs to is shut down")
    }
}

impl std::error::Error for Gone {}

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
}
