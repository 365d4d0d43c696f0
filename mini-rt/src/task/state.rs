//! Who may touch a task now, and who must act next?
//!
//! One word per task answers both: six flags and a count of references. This file is the whole of
//! it: each thing that can happen to a task is a *pure step* from word to word with a reply that
//! says what the caller has to do, and [`State`] applies steps atomically, in one loop.
//!
//! # The flags
//!
//! | flag | set when | cleared when | while it is set |
//! |---|---|---|---|
//! | `SCHEDULED` | a wake, or spawn | its poll starts, or the task is complete | exactly one [`Runnable`](super::Runnable) exists, or the poll under way will be followed by another run |
//! | `RUNNING` | a poll starts | it ends | the poller alone touches the future |
//! | `COMPLETE` | the output is stored | never | the future is gone; the output belongs to the join handle, or to nobody |
//! | `CANCELLED` | abort, shutdown | never | the next who holds the right to poll drops the future instead |
//! | `JOIN_INTEREST` | spawn | the join handle is dropped | the output is kept for the join handle |
//! | `JOIN_WAKER` | the join handle has stored a waker | it takes it back, or it was woken | the waker is shared and read-only; else it is the join handle's alone |
//!
//! # References
//!
//! A count of two at the start: the *life* reference, given up by whoever completes the task, and
//! the join handle's. Wakers and [`TaskRef`](super::TaskRef)s add one each. A `Runnable` needs none:
//! a task that can still run is not complete, so its life reference is there.
//!
//! # Reachable words
//!
//! Whether a flag is set: S(CHEDULED) R(UNNING) D(one, COMPLETE) X(CANCELLED) J(OIN_INTEREST)
//! W(AKER). The test `the_table_lists_every_reachable_word` walks every order of every step and
//! rebuilds this list.
//!
//! ```text
//! ------ S----- -R---- SR---- S--X-- -R-X-- SR-X-- --D--- --DX--          handle dropped
//! ----J- S---J- -R--J- SR--J- S--XJ- -R-XJ- SR-XJ- --D-J- --DXJ-          nobody waits in join
//! ----JW S---JW -R--JW SR--JW S--XJW -R-XJW SR-XJW --D-JW --DXJW          somebody waits in join
//! --D--W --DX-W                                         dropped while being woken
//! ```
//!
//! # Happens-before edges
//!
//! - edge T1: a wake's step (also of a task that is scheduled already) -> `start_poll`: the poll
//!   sees what was written before the wake. That is why a redundant wake still writes.
//! - edge T2: `end_poll` -> the next `start_poll`: polls on different threads follow each other.
//! - edge T3: `complete` -> the join handle reads `COMPLETE`: publishes the output.
//! - edge T4: each `drop_ref` -> the last `drop_ref`: everything is over before memory is freed.
//! - edge T5: `set_join_waker` -> `complete`: publishes the waker; `complete` or
//!   `release_join_waker` -> the join handle: the waker is no longer read.
//!
//! All steps are `AcqRel`, a failed or refused one is `Acquire`; `add_ref` alone is relaxed.
//!
//! Rejected: a count that a `Runnable` owns (two more read-modify-writes per wake and poll);
//! separate words for flags and count (a completion would need both at once).

use crate::primitive::Guess;
use crate::primitive::atomic::AtomicUsize;
use crate::primitive::atomic::Ordering::{AcqRel, Acquire, Relaxed};
use std::fmt;

const SCHEDULED: usize = 1 << 0;
const RUNNING: usize = 1 << 1;
const COMPLETE: usize = 1 << 2;
const CANCELLED: usize = 1 << 3;
const JOIN_INTEREST: usize = 1 << 4;
const JOIN_WAKER: usize = 1 << 5;
const REF_ONE: usize = 1 << 6;
/// Far below the point where the count would run over, far above what memory can hold: a leak of
/// references in a loop ends here, not in a use after free.
const REFS_MAX: usize = isize::MAX as usize / REF_ONE;

/// A value of the state word.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Word(usize);

/// What a wake or an abort leaves to its caller.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Wake {
    /// Somebody else polls the task, or nobody has to.
    Nothing,
    /// The caller now holds the one right to poll and must schedule it.
    Schedule,
}

/// What the holder of a `Runnable` does with the task.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Start {
    Poll,
    /// Drop the future, then complete.
    Cancel,
}

/// What the poller does after a poll that returned `Pending`.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum End {
    /// Nothing, and it must not touch the task again.
    Idle,
    /// It was woken meanwhile: the poller holds the right to poll again.
    Again,
    /// It was cancelled meanwhile: drop the future, then complete.
    Cancel,
}

/// Who waits for the output that was just stored.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Joiner {
    /// The handle is gone: the completer drops the output.
    Gone,
    /// The handle will come for it.
    Idle,
    /// The handle's waker must be woken, then released with `release_join_waker`.
    Waiting,
}

/// What a join handle that is dropped has to clean up before its reference.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Detach {
    /// Nothing: its reference is given up too, already.
    Done,
    /// The waker it had stored.
    DropWaker,
    /// The output, and the waker unless the completer is about to wake it.
    DropOutput { waker: bool },
}

impl Word {
    /// Scheduled, with the life reference and the join handle's.
    pub(super) const NEW: Self = Self(SCHEDULED | JOIN_INTEREST | (2 * REF_ONE));

    fn has(self, flags: usize) -> bool {
        self.0 & flags != 0
    }

    fn with(self, flags: usize) -> Self {
        Self(self.0 | flags)
    }

    fn without(self, flags: usize) -> Self {
        Self(self.0 & !flags)
    }

    fn refs(self) -> usize {
        self.0 / REF_ONE
    }

    pub(super) fn is_complete(self) -> bool {
        self.has(COMPLETE)
    }

    pub(super) fn has_join_waker(self) -> bool {
        self.has(JOIN_WAKER)
    }

    /// The task should be polled (again).
    fn wake(self) -> (Self, Wake) {
        if self.has(COMPLETE | SCHEDULED) {
            (self, Wake::Nothing)
        } else if self.has(RUNNING) {
            (self.with(SCHEDULED), Wake::Nothing)
        } else {
            (self.with(SCHEDULED), Wake::Schedule)
        }
    }

    /// A wake by a waker that ends with it. On [`Wake::Schedule`] the waker's reference stays, for
    /// the call that hands the task over (R3); otherwise it is given up, and `true` says it was the
    /// last.
    fn wake_owned(self) -> (Self, (Wake, bool)) {
        match self.wake() {
            (word, Wake::Schedule) => (word, (Wake::Schedule, false)),
            (word, Wake::Nothing) => {
                let (word, last) = word.drop_ref();
                (word, (Wake::Nothing, last))
            }
        }
    }

    /// The task should end without another poll. A poll under way is not interrupted.
    fn abort(self) -> (Self, Wake) {
        if self.has(COMPLETE) {
            return (self, Wake::Nothing);
        }
        let word = self.with(CANCELLED);
        if self.has(RUNNING | SCHEDULED) {
            (word, Wake::Nothing)
        } else {
            (word.with(SCHEDULED), Wake::Schedule)
        }
    }

    fn start_poll(self) -> (Self, Start) {
        debug_assert!(self.has(SCHEDULED) && !self.has(RUNNING | COMPLETE), "{self:?}");
        let word = self.without(SCHEDULED).with(RUNNING);
        (word, if self.has(CANCELLED) { Start::Cancel } else { Start::Poll })
    }

    fn end_poll(self) -> (Self, End) {
        debug_assert!(self.has(RUNNING) && !self.has(COMPLETE), "{self:?}");
        if self.has(CANCELLED) {
            (self, End::Cancel)
        } else if self.has(SCHEDULED) {
            (self.without(RUNNING), End::Again)
        } else {
            (self.without(RUNNING), End::Idle)
        }
    }

    fn complete(self) -> (Self, Joiner) {
        debug_assert!(self.has(RUNNING) && !self.has(COMPLETE), "{self:?}");
        let word = self.without(RUNNING | SCHEDULED).with(COMPLETE);
        let joiner = match (self.has(JOIN_INTEREST), self.has(JOIN_WAKER)) {
            (false, _) => Joiner::Gone,
            (true, false) => Joiner::Idle,
            (true, true) => Joiner::Waiting,
        };
        (word, joiner)
    }

    /// The join handle has written its waker: from now on it is shared. Refused when complete.
    fn set_join_waker(self) -> Result<Self, Self> {
        debug_assert!(self.has(JOIN_INTEREST) && !self.has(JOIN_WAKER), "{self:?}");
        if self.has(COMPLETE) { Err(self) } else { Ok(self.with(JOIN_WAKER)) }
    }

    /// The join handle takes its waker back, to write another. Refused when complete: the completer
    /// may have woken it already, and cleared the flag.
    fn take_join_waker(self) -> Result<Self, Self> {
        debug_assert!(self.has(JOIN_INTEREST) && self.has(JOIN_WAKER | COMPLETE), "{self:?}");
        if self.has(COMPLETE) { Err(self) } else { Ok(self.without(JOIN_WAKER)) }
    }

    /// The completer has woken the join waker. `true`: the handle is gone, and left it to drop.
    fn release_join_waker(self) -> (Self, bool) {
        debug_assert!(self.has(COMPLETE) && self.has(JOIN_WAKER), "{self:?}");
        (self.without(JOIN_WAKER), !self.has(JOIN_INTEREST))
    }

    fn detach(self) -> (Self, Detach) {
        debug_assert!(self.has(JOIN_INTEREST), "{self:?}");
        let word = self.without(JOIN_INTEREST);
        if self.has(COMPLETE) {
            (word, Detach::DropOutput { waker: !self.has(JOIN_WAKER) })
        } else if self.has(JOIN_WAKER) {
            (word.without(JOIN_WAKER), Detach::DropWaker)
        } else {
            // Not complete, so the life reference is left: this one cannot be the last.
            (Self(word.0 - REF_ONE), Detach::Done)
        }
    }

    /// `true`: it was the last, and the caller frees the task.
    fn drop_ref(self) -> (Self, bool) {
        debug_assert!(self.refs() > 0, "{self:?}");
        (Self(self.0 - REF_ONE), self.refs() == 1)
    }
}

impl fmt::Debug for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flags = [SCHEDULED, RUNNING, COMPLETE, CANCELLED, JOIN_INTEREST, JOIN_WAKER];
        for (flag, letter) in flags.into_iter().zip("SRDXJW".chars()) {
            write!(f, "{}", if self.has(flag) { letter } else { '-' })?;
        }
        write!(f, "+{}", self.refs())
    }
}

/// The word of one task, shared between all who refer to it.
pub(super) struct State(AtomicUsize);

impl State {
    pub(super) fn new() -> Self {
        Self(AtomicUsize::new(Word::NEW.0))
    }

    /// What the word is now. Acquire: who sees `COMPLETE` sees the output. edge T3 acquire
    pub(super) fn load(&self) -> Word {
        Word(self.0.load(Acquire))
    }

    pub(super) fn wake(&self) -> Wake {
        self.step(Word::wake) // edge T1 release
    }

    pub(super) fn wake_owned(&self) -> (Wake, bool) {
        self.step(Word::wake_owned) // edge T1 release, edge T4
    }

    pub(super) fn abort(&self) -> Wake {
        self.step(Word::abort)
    }

    pub(super) fn start_poll(&self) -> Start {
        self.step(Word::start_poll) // edge T1 acquire, edge T2 acquire
    }

    pub(super) fn end_poll(&self) -> End {
        self.step(Word::end_poll) // edge T2 release
    }

    pub(super) fn complete(&self) -> Joiner {
        self.step(Word::complete) // edge T3 release, edge T5 acquire
    }

    /// Whether the waker was accepted; if not, the task is complete.
    pub(super) fn set_join_waker(&self) -> bool {
        self.try_step(Word::set_join_waker) // edge T5 release
    }

    /// Whether the waker is the handle's again; if not, the task is complete.
    pub(super) fn take_join_waker(&self) -> bool {
        self.try_step(Word::take_join_waker)
    }

    pub(super) fn release_join_waker(&self) -> bool {
        self.step(Word::release_join_waker) // edge T5 release
    }

    pub(super) fn detach(&self) -> Detach {
        self.step(Word::detach) // edge T3 acquire, edge T5 acquire
    }

    pub(super) fn add_ref(&self) {
        // Relaxed: a new reference is made from one that exists, so nothing is published by it.
        let before = Word(self.0.fetch_add(REF_ONE, Relaxed));
        if before.refs() > REFS_MAX {
            // Unwinding would go on leaking; the count must not run over into a live zero.
            std::process::abort();
        }
    }

    pub(super) fn drop_ref(&self) -> bool {
        self.step(Word::drop_ref) // edge T4
    }

    /// The one place where a word is replaced. `step` is pure: it may run several times.
    fn step<R>(&self, step: impl Fn(Word) -> (Word, R)) -> R {
        let mut seen = Word(self.0.guess());
        loop {
            let (next, reply) = step(seen);
            // Also when `next == seen`: a redundant wake must still be a release (edge T1).
            match self.0.compare_exchange_weak(seen.0, next.0, AcqRel, Acquire) {
                Ok(_) => return reply,
                Err(now) => seen = Word(now),
            }
        }
    }

    fn try_step(&self, step: impl Fn(Word) -> Result<Word, Word>) -> bool {
        self.step(|word| match step(word) {
            Ok(next) => (next, true),
            Err(same) => (same, false),
        })
    }
}

#[cfg(test)]
mod tests;
