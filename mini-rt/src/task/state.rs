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
//! | `SCHEDULED` | a wake, or spawn | a poll starts, or the task is complete | a poll follows: of the one [`Runnable`](super::Runnable), or by who polls now |
//! | `ACTIVE` | a wake of an idle task, or spawn | a poll ends that nobody has woken, or the task is complete | exactly one holds the right to poll: a `Runnable`, or who polls now. It alone touches the future |
//! | `COMPLETE` | the output is stored | never | the future is gone; the output belongs to the join handle, or to nobody |
//! | `CANCELLED` | abort, shutdown | never | the next who holds the right to poll drops the future instead |
//! | `JOIN_INTEREST` | spawn | the join handle is dropped | the output is kept for the join handle |
//! | `JOIN_WAKER` | the join handle has stored a waker | it takes it back, or the task is complete | the waker is there, shared and read-only |
//!
//! A task in a queue and one that was woken during its poll have the same word: nobody needs to know
//! which it is, but who holds the right. So a poll that was woken ends without writing.
//!
//! # References
//!
//! A count of two at the start: the *life* reference, given up by whoever completes the task, and
//! the join handle's. Wakers and [`TaskRef`](super::TaskRef)s add one each. A `Runnable` needs none:
//! a task that can still run is not complete, so its life reference is there. Who reads a count of
//! one and holds that one is alone with the task, and frees it without writing. Who wakes by a waker
//! that ends with it gives up the waker's reference in the same step, unless it needs the task to
//! reach the scheduler (R3): then after that.
//!
//! # Reachable words
//!
//! Whether a flag is set: S(CHEDULED) A(CTIVE) D(one, COMPLETE) X(CANCELLED) J(OIN_INTEREST)
//! W(AKER). The test `the_table_lists_every_reachable_word` walks every order of every step and
//! rebuilds this list.
//!
//! ```text
//! idle   polled  queued   cancelled      complete
//! ------ -A---- SA---- -A-X-- SA-X-- --D--- --DX--      handle dropped
//! ----J- -A--J- SA--J- -A-XJ- SA-XJ- --D-J- --DXJ-      nobody waits in join
//! ----JW -A--JW SA--JW -A-XJW SA-XJW                    somebody waits in join
//! ```
//!
//! # Happens-before edges
//!
//! - edge T1: a wake's step (also of a task that is scheduled already) -> `start_poll`: the poll
//!   sees what was written before the wake. That is why a redundant wake still writes.
//! - edge T2: `end_poll` of a task that goes idle -> the next `start_poll`: polls on different threads
//!   follow each other. Where the poll has left it active, what carries the `Runnable` orders them.
//! - edge T3: `complete` -> the join handle reads `COMPLETE`: publishes the output.
//! - edge T4: each `drop_ref` -> the last `drop_ref`: everything is over before memory is freed.
//! - edge T5: `set_join_waker` -> `complete`: publishes the waker, which is the completer's then.
//!
//! All steps are `AcqRel`, one that leaves the word alone is `Acquire`; `add_ref` alone is relaxed.
//!
//! Rejected: a count that a `Runnable` owns (two more read-modify-writes per wake and poll);
//! separate words for flags and count (a completion would need both at once); a flag for "polled
//! now", as Tokio has it (a task that yields is then written to three times a round and not twice); a
//! join waker that stays with the handle, so that the completer clones or borrows it and gives it
//! back (two more).

use crate::primitive::Guess;
use crate::primitive::atomic::AtomicUsize;
use crate::primitive::atomic::Ordering::{AcqRel, Acquire, Relaxed};
use std::fmt;

const SCHEDULED: usize = 1 << 0;
const ACTIVE: usize = 1 << 1;
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
    /// The handle is gone: the completer drops the output, and gives up the life reference.
    Gone,
    /// The handle will come for it. The life reference is given up already: the completer does not
    /// touch the task again.
    Idle,
    /// The handle's waker is the completer's now, who wakes it, and gives up the life reference.
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
    /// The output.
    DropOutput,
}

impl Word {
    /// Scheduled, with the life reference and the join handle's.
    pub(super) const NEW: Self = Self(SCHEDULED | ACTIVE | JOIN_INTEREST | (2 * REF_ONE));

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
        if self.has(COMPLETE) {
            (self, Wake::Nothing)
        } else {
            (self.with(SCHEDULED | ACTIVE), self.schedule_if_idle())
        }
    }

    fn schedule_if_idle(self) -> Wake {
        if self.has(ACTIVE) { Wake::Nothing } else { Wake::Schedule }
    }

    /// A wake by a waker that ends with it. On [`Wake::Schedule`] the waker's reference stays if the
    /// call that hands the task over `needs_ref` (R3); otherwise it is given up, and `true` says it
    /// was the last.
    fn wake_owned(self, needs_ref: bool) -> (Option<Self>, (Wake, bool)) {
        if self.has(COMPLETE) {
            let (word, last) = self.drop_ref();
            return (word, (Wake::Nothing, last));
        }
        match self.wake() {
            (word, Wake::Schedule) if needs_ref => (Some(word), (Wake::Schedule, false)),
            // Not complete, so the life reference is left: this one cannot be the last.
            (word, wake) => (Some(Self(word.0 - REF_ONE)), (wake, false)),
        }
    }

    /// The task should end without another poll. A poll under way is not interrupted.
    fn abort(self) -> (Self, Wake) {
        if self.has(COMPLETE) {
            return (self, Wake::Nothing);
        }
        let word = self.with(CANCELLED);
        match self.schedule_if_idle() {
            Wake::Nothing => (word, Wake::Nothing),
            Wake::Schedule => (word.with(SCHEDULED | ACTIVE), Wake::Schedule),
        }
    }

    fn start_poll(self) -> (Self, Start) {
        debug_assert!(self.has(SCHEDULED) && self.has(ACTIVE) && !self.has(COMPLETE), "{self:?}");
        (self.without(SCHEDULED), if self.has(CANCELLED) { Start::Cancel } else { Start::Poll })
    }

    /// `None`: the poller keeps the right to poll, and the word is left alone.
    fn end_poll(self) -> (Option<Self>, End) {
        debug_assert!(self.has(ACTIVE) && !self.has(COMPLETE), "{self:?}");
        if self.has(CANCELLED) {
            (None, End::Cancel)
        } else if self.has(SCHEDULED) {
            (None, End::Again)
        } else {
            (Some(self.without(ACTIVE)), End::Idle)
        }
    }

    fn complete(self) -> (Self, Joiner) {
        debug_assert!(self.has(ACTIVE) && !self.has(COMPLETE), "{self:?}");
        let word = self.without(ACTIVE | SCHEDULED | JOIN_WAKER).with(COMPLETE);
        match (self.has(JOIN_INTEREST), self.has(JOIN_WAKER)) {
            (false, _) => (word, Joiner::Gone),
            // The handle's reference is left: this one cannot be the last.
            (true, false) => (Self(word.0 - REF_ONE), Joiner::Idle),
            (true, true) => (word, Joiner::Waiting),
        }
    }

    /// The join handle has written its waker: from now on it is shared. Refused when complete.
    fn set_join_waker(self) -> (Option<Self>, bool) {
        debug_assert!(self.has(JOIN_INTEREST) && !self.has(JOIN_WAKER), "{self:?}");
        if self.has(COMPLETE) { (None, false) } else { (Some(self.with(JOIN_WAKER)), true) }
    }

    /// The join handle takes its waker back, to write another. Refused when complete: it is the
    /// completer's.
    fn take_join_waker(self) -> (Option<Self>, bool) {
        debug_assert!(self.has(JOIN_INTEREST) && self.has(JOIN_WAKER | COMPLETE), "{self:?}");
        if self.has(COMPLETE) { (None, false) } else { (Some(self.without(JOIN_WAKER)), true) }
    }

    /// `None`: once the task is complete, nobody asks whether there is a handle.
    fn detach(self) -> (Option<Self>, Detach) {
        debug_assert!(self.has(JOIN_INTEREST), "{self:?}");
        let word = self.without(JOIN_INTEREST);
        if self.has(COMPLETE) {
            (None, Detach::DropOutput)
        } else if self.has(JOIN_WAKER) {
            (Some(word.without(JOIN_WAKER)), Detach::DropWaker)
        } else {
            // Not complete, so the life reference is left: this one cannot be the last.
            (Some(Self(word.0 - REF_ONE)), Detach::Done)
        }
    }

    /// `true`: it was the last, and the caller, alone with the task, frees it.
    fn drop_ref(self) -> (Option<Self>, bool) {
        debug_assert!(self.refs() > 0, "{self:?}");
        if self.refs() == 1 { (None, true) } else { (Some(Self(self.0 - REF_ONE)), false) }
    }
}

impl fmt::Debug for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flags = [SCHEDULED, ACTIVE, COMPLETE, CANCELLED, JOIN_INTEREST, JOIN_WAKER];
        for (flag, letter) in flags.into_iter().zip("SADXJW".chars()) {
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

    pub(super) fn wake_owned(&self, needs_ref: bool) -> (Wake, bool) {
        self.try_step(|word| word.wake_owned(needs_ref)) // edge T1 release, edge T4
    }

    pub(super) fn abort(&self) -> Wake {
        self.step(Word::abort)
    }

    pub(super) fn start_poll(&self) -> Start {
        self.step(Word::start_poll) // edge T1 acquire, edge T2 acquire
    }

    pub(super) fn end_poll(&self) -> End {
        self.try_step(Word::end_poll) // edge T2 release
    }

    pub(super) fn complete(&self) -> Joiner {
        self.step(Word::complete) // edge T3 release, edge T5 acquire
    }

    /// Whether the waker was accepted; if not, the task is complete.
    pub(super) fn set_join_waker(&self) -> bool {
        self.try_step(Word::set_join_waker) // edge T5 release, edge T3 acquire
    }

    /// Whether the waker is the handle's again; if not, the task is complete.
    pub(super) fn take_join_waker(&self) -> bool {
        self.try_step(Word::take_join_waker) // edge T3 acquire
    }

    pub(super) fn detach(&self) -> Detach {
        self.try_step(Word::detach) // edge T3 acquire
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
        self.try_step(Word::drop_ref) // edge T4
    }

    fn step<R>(&self, step: impl Fn(Word) -> (Word, R)) -> R {
        // Also when the word stays the same: a redundant wake must still be a release (edge T1).
        self.try_step(|word| {
            let (next, reply) = step(word);
            (Some(next), reply)
        })
    }

    /// The one place where a word is replaced. `step` is pure: it may run several times.
    fn try_step<R>(&self, step: impl Fn(Word) -> (Option<Word>, R)) -> R {
        let mut seen = Word(self.0.guess());
        loop {
            let (next, reply) = step(seen);
            let Some(next) = next else { return reply };
            match self.0.compare_exchange_weak(seen.0, next.0, AcqRel, Acquire) {
                Ok(_) => return reply,
                Err(now) => seen = Word(now),
            }
        }
    }
}

#[cfg(test)]
mod tests;
