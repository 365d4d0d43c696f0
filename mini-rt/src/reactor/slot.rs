//! Who waits for a source, and how are they woken without a wake-up being lost?
//!
//! A slot belongs to one source. It holds the readiness word and the wakers of those who wait:
//!
//! - one for reading and one for writing, for the `poll_*` methods, of which one task each may use;
//! - a list, for the async methods through `&self`, which any number of tasks may await at once.
//!   It is allocated when somebody first waits through it.
//!
//! The slot answers [`Reactor::turn`](super::Reactor::turn) from above and the I/O types below.
//!
//! 1. Who waits stores a waker under the lock, then looks at the word again. Who delivers steps the
//!    word, then takes the wakers under the lock. Whichever comes second to the lock sees what the
//!    other did: either the word shows the event, or the event finds the waker.
//! 2. No waker is woken, cloned or dropped while the lock is held: all three run code of others.
//! 3. An event takes every waker that waits for it. A waiter who finds that another was faster
//!    waits again, without a system call.
//!
//! - edge E1  [`Slot::step`] in the reactor -> [`Slot::look`]   publishes all that was done before
//!   the event was delivered (a test's simulated source; for the kernel's it is not needed)
//! - edge E2  unlock of `waiters` -> its next lock   publishes a stored waker to who delivers, and
//!   the stepped word to who has stored a waker
//!
//! Rejected: an intrusive list as in Tokio's `ScheduledIo` (unsafe and pinning, to save an
//! allocation that only the second way of waiting makes, once); alignment to a cache line or two (a
//! slot is touched by one worker at a time; padding costs each idle connection up to 200 bytes).

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use slab::Slab;

use super::readiness::{Event, Gone, Word};
use super::{Interest, Ready};
use crate::primitive::atomic::AtomicU32;
use crate::primitive::atomic::Ordering::{AcqRel, Acquire};
use crate::primitive::{Guess, Mutex};
use crate::util::WakeList;

/// Which of the two single waker slots a `poll_*` method uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Read,
    Write,
}

impl Direction {
    pub(crate) const fn interest(self) -> Interest {
        match self {
            Direction::Read => Interest::READABLE,
            Direction::Write => Interest::WRITABLE,
        }
    }
}

/// Readiness and waiters of one source. 56 bytes on a 64-bit Linux, 72 with the counts of its
/// `Arc`.
#[derive(Debug)]
pub(crate) struct Slot {
    /// A [`Word`].
    word: AtomicU32,
    waiters: Mutex<Waiters>,
}

#[derive(Debug, Default)]
struct Waiters {
    reader: Option<Waker>,
    writer: Option<Waker>,
    list: Option<Box<Slab<Waiter>>>,
}

/// One entry of the list: lives as long as its [`Readiness`] waits; without a waker once woken.
#[derive(Debug)]
struct Waiter {
    interest: Interest,
    waker: Option<Waker>,
}

impl Slot {
    pub(super) fn new() -> Slot {
        Slot { word: AtomicU32::new(Word::NEW.bits()), waiters: Mutex::default() }
    }

    /// What of `interest` is ready now, without waiting. `Pending` registers nothing.
    pub(crate) fn look(&self, interest: Interest) -> Poll<Result<Event, Gone>> {
        Word::from_bits(self.word.load(Acquire)).look(interest) // edge E1 acquire
    }

    /// Waits for `direction`. Only the waker of the last call in each direction is kept.
    pub(crate) fn poll_ready(
        &self,
        cx: &mut Context<'_>,
        direction: Direction,
    ) -> Poll<Result<Event, Gone>> {
        let event = self.look(direction.interest());
        if event.is_ready() {
            return event;
        }
        self.store_waker(cx.waker(), |waiters| match direction {
            Direction::Read => &mut waiters.reader,
            Direction::Write => &mut waiters.writer,
        });
        self.look(direction.interest()) // rule 1: an event may have come before the waker was there
    }

    /// Waits for `interest` through the list: any number of tasks may, at the same time.
    ///
    /// # Cancel safety
    /// Dropping the future takes its entry out of the list. It consumes nothing.
    pub(crate) fn readiness(&self, interest: Interest) -> Readiness<'_> {
        Readiness { slot: self, interest, key: None }
    }

    /// Clears what an attempt has used up, unless an event came since `event` was seen.
    pub(crate) fn consume(&self, event: Event) {
        self.step(|word| word.consume(event));
    }

    /// Takes the source to be ready before the kernel says so; nobody is woken. For a source whose
    /// owner alone can wait for it yet.
    pub(crate) fn assume(&self, ready: Ready) {
        self.step(|word| Some(word.assume(ready)));
    }

    pub(super) fn deliver(&self, ready: Ready, wakes: &mut WakeList) {
        self.step(|word| Some(word.deliver(ready))); // edge E1 release
        self.take_wakers(ready, wakes);
    }

    pub(super) fn shut_down(&self, wakes: &mut WakeList) {
        self.step(|word| Some(word.shut_down())); // edge E1 release
        self.take_wakers(Ready::ALL, wakes);
    }

    /// The one place where the word changes.
    fn step(&self, step: impl Fn(Word) -> Option<Word>) {
        let mut seen = self.word.guess();
        while let Some(next) = step(Word::from_bits(seen)) {
            match self.word.compare_exchange_weak(seen, next.bits(), AcqRel, Acquire) {
                Ok(_) => return,
                Err(now) => seen = now,
            }
        }
    }

    fn take_wakers(&self, ready: Ready, wakes: &mut WakeList) {
        let mut waiters = self.waiters.lock(); // edge E2
        let Waiters { reader, writer, list } = &mut *waiters;
        let singles = [(Interest::READABLE, reader), (Interest::WRITABLE, writer)];
        let listed = list.iter_mut().flat_map(|list| list.iter_mut());
        let listed = listed.map(|(_, waiter)| (waiter.interest, &mut waiter.waker));
        for (_, waker) in singles.into_iter().chain(listed).filter(|(i, _)| i.is_met_by(ready)) {
            if let Some(waker) = waker.take() {
                wakes.push(waker);
            }
        }
    }

    /// Stores `waker` in the place that `place` finds. The lock is taken twice when the waker there
    /// is not the same one, so that cloning and dropping happen without it.
    fn store_waker(
        &self,
        waker: &Waker,
        mut place: impl FnMut(&mut Waiters) -> &mut Option<Waker>,
    ) {
        let is_same = |stored: &Waker| stored.will_wake(waker);
        if place(&mut self.waiters.lock()).as_ref().is_some_and(is_same) {
            return;
        }
        let fresh = waker.clone();
        let old = place(&mut self.waiters.lock()).replace(fresh); // edge E2
        drop(old);
    }
}

/// Waits until a source is ready; see [`Slot::readiness`].
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub(crate) struct Readiness<'a> {
    slot: &'a Slot,
    interest: Interest,
    /// The place in the list, once it has waited.
    key: Option<usize>,
}

impl Readiness<'_> {
    /// Ends a poll that found the source ready: nobody needs to wake this future any more.
    fn leave(&mut self) {
        let Some(key) = self.key.take() else { return };
        let waiter = {
            let mut waiters = self.slot.waiters.lock();
            waiters.list.as_mut().expect("made before the key was").remove(key)
        };
        drop(waiter); // its waker too: not under the lock
    }
}

impl Future for Readiness<'_> {
    type Output = Result<Event, Gone>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        if this.slot.look(this.interest).is_pending() {
            let Readiness { slot, interest, key } = this;
            slot.store_waker(cx.waker(), |waiters| {
                let list = waiters.list.get_or_insert_default();
                let waiter = Waiter { interest: *interest, waker: None };
                let key = *key.get_or_insert_with(|| list.insert(waiter));
                &mut list[key].waker
            });
        }
        let event = ready!(this.slot.look(this.interest)); // rule 1, as in `poll_ready`
        this.leave();
        Poll::Ready(event)
    }
}

impl Drop for Readiness<'_> {
    fn drop(&mut self) {
        self.leave();
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
