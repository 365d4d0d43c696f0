//! One word: how many permits are free, whether somebody waits, and whether it is closed.
//!
//! | bits | what |
//! |---|---|
//! | 0 | [`CLOSED`]: nobody gets a permit any more, and nobody waits |
//! | 1 | [`WAITERS`]: the list of who waits is not empty |
//! | from 2 | how many permits are free |
//!
//! 1. If somebody waits, no permit is free: what is given back is given on.
//! 2. Closed is for ever, and nobody waits then.
//!
//! The steps are pure; [`Semaphore`](super::Semaphore) makes each of them in one exchange.

const CLOSED: usize = 1;
const WAITERS: usize = 1 << 1;
const FREE_ONE: usize = 1 << 2;

/// Tokio's figure. It leaves the flags their bits, and two of it can be added up.
pub(super) const MAX_PERMITS: usize = usize::MAX >> 3;

const _: () = assert!(MAX_PERMITS < usize::MAX / FREE_ONE);

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Word(pub(super) usize);

/// Why a step did not give the permits asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Closed,
    TooFew,
}

impl Word {
    #[track_caller]
    pub(super) const fn new(permits: usize) -> Self {
        assert!(permits <= MAX_PERMITS, "a semaphore has at most `Semaphore::MAX_PERMITS` permits");
        Self(permits * FREE_ONE)
    }

    pub(super) const fn new_closed() -> Self {
        Self(CLOSED)
    }

    pub(super) fn free(self) -> usize {
        self.0 / FREE_ONE
    }

    pub(super) fn is_closed(self) -> bool {
        self.0 & CLOSED != 0
    }

    pub(super) fn has_waiters(self) -> bool {
        self.0 & WAITERS != 0
    }

    /// Takes `permits`, all of them or none.
    pub(super) fn acquire(self, permits: usize) -> Result<Self, Refusal> {
        if self.is_closed() {
            return Err(Refusal::Closed);
        }
        match self.free().checked_sub(permits) {
            Some(_) => Ok(Self(self.0 - permits * FREE_ONE)),
            None => Err(Refusal::TooFew),
        }
    }

    /// For who cannot have all that it needs, and will wait for the rest: takes what is free.
    pub(super) fn wait(self) -> Self {
        Self(WAITERS)
    }

    /// Gives `permits` back, unless somebody waits for them.
    ///
    /// # Panics
    /// If that is more than [`MAX_PERMITS`].
    pub(super) fn release(self, permits: usize) -> Option<Self> {
        (!self.has_waiters()).then(|| self.with_more(permits))
    }

    /// The last of the waiters has gone, and `permits` are left over.
    ///
    /// # Panics
    /// As [`release`](Self::release) does.
    pub(super) fn end_wait(self, permits: usize) -> Self {
        Self(self.0 & !WAITERS).with_more(permits)
    }

    /// Closes it, with everybody who waits sent away.
    pub(super) fn close(self) -> Self {
        Self((self.0 | CLOSED) & !WAITERS)
    }

    /// Takes up to `permits` away, closed or not.
    pub(super) fn forget(self, permits: usize) -> Self {
        Self(self.0 - permits.min(self.free()) * FREE_ONE)
    }

    #[track_caller]
    fn with_more(self, permits: usize) -> Self {
        let fits = permits <= MAX_PERMITS && self.free() + permits <= MAX_PERMITS;
        assert!(fits, "a semaphore has at most `Semaphore::MAX_PERMITS` permits");
        Self(self.0 + permits * FREE_ONE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::catch_unwind;

    /// Every word that the invariants allow, with few permits and with nearly all.
    fn words() -> impl Iterator<Item = Word> {
        let free = (0..4).chain(MAX_PERMITS - 1..=MAX_PERMITS);
        let open_or_closed = free.flat_map(|free| [free * FREE_ONE, (free * FREE_ONE) | CLOSED]);
        open_or_closed.chain([WAITERS]).map(Word)
    }

    fn flags(word: Word) -> (bool, bool) {
        (word.is_closed(), word.has_waiters())
    }

    #[test]
    fn permits_are_taken_all_or_none_and_never_made() {
        for (word, permits) in words().flat_map(|word| (0..5).map(move |permits| (word, permits))) {
            match word.acquire(permits) {
                Ok(after) => {
                    assert_eq!(after.free() + permits, word.free());
                    assert_eq!(flags(after), (false, word.has_waiters()));
                    assert!(!word.has_waiters() || permits == 0, "no one overtakes who waits");
                }
                Err(Refusal::Closed) => assert!(word.is_closed()),
                Err(Refusal::TooFew) => assert!(!word.is_closed() && word.free() < permits),
            }
        }
    }

    #[test]
    fn what_is_given_back_is_free_or_for_who_waits() {
        for word in words() {
            match word.release(1) {
                None => assert!(word.has_waiters()),
                Some(_) if word.free() == MAX_PERMITS => unreachable!("that panics"),
                Some(after) => {
                    assert!(!word.has_waiters());
                    assert_eq!(after.free(), word.free() + 1);
                    assert_eq!(flags(after), flags(word));
                }
            }
            if word.free() == MAX_PERMITS - 1 {
                break;
            }
        }
        let full = Word::new(MAX_PERMITS);
        for permits in [1, MAX_PERMITS, usize::MAX] {
            assert!(catch_unwind(|| full.release(permits)).is_err(), "{permits} more");
        }
        assert!(catch_unwind(|| Word::new(0).release(usize::MAX)).is_err());
        assert!(catch_unwind(|| Word::new(MAX_PERMITS + 1)).is_err());
    }

    #[test]
    fn a_wait_takes_what_is_free_and_ends_with_what_is_left() {
        for word in words().filter(|word| !word.is_closed()) {
            assert_eq!((word.wait().free(), flags(word.wait())), (0, (false, true)));
        }
        for left in 0..3 {
            let after = Word(WAITERS).end_wait(left);
            assert_eq!((after.free(), flags(after)), (left, (false, false)));
        }
    }

    #[test]
    fn what_is_closed_keeps_its_permits_and_sends_everybody_away() {
        for word in words() {
            assert_eq!((word.close().free(), flags(word.close())), (word.free(), (true, false)));
        }
    }

    #[test]
    fn no_more_is_forgotten_than_is_free() {
        for (word, permits) in words().flat_map(|word| [0, 1, 9].map(|permits| (word, permits))) {
            let after = word.forget(permits);
            assert_eq!(word.free() - after.free(), permits.min(word.free()));
            assert_eq!(flags(after), flags(word));
        }
    }
}
