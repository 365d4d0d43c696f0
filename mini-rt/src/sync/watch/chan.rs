//! What senders and receivers of a watched value share.
//!
//! The value is under a lock of its own, for the user to read. Beside it is a word: how often the
//! value was sent, whether all senders are gone, and whether anybody waits. A send is one step of the
//! word; only if somebody waits it takes the lock of the wakers.
//!
//! 1. The version changes under the value's lock for writing: who reads the value reads the version
//!    that goes with it.
//! 2. [`WAITING`] is set and cleared under the lock of the wakers. A receiver stores its waker, sets
//!    the bit, and waits only if that step has found the version that it knows. So a send either comes
//!    before the step, and the receiver sees its version, or after it, and sees the bit.
//!
//! - edge V1: a step of the word by `announce` -> the load or step by `poll_changed` that sees its
//!   version: the send has begun, so that the value read after it is no older.

use super::super::poll_waker::{PollWaker, Step, poll_under};
use super::super::senders::Ends;
use super::super::waker_set::{Taken, Ticket, WakerSet};
use super::error::RecvError;
use crate::coop;
use crate::primitive::atomic::AtomicUsize;
use crate::primitive::atomic::Ordering::{AcqRel, Acquire, Relaxed};
use crate::primitive::{Mutex, RwLock};
use std::task::{Context, Poll, ready};

/// All senders are gone.
const CLOSED: usize = 1;
/// A receiver waits for the next version.
const WAITING: usize = 1 << 1;
/// One version.
const STEP: usize = 1 << 2;

/// How often the value was sent, modulo what fits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Version(usize);

#[derive(Clone, Copy, Debug)]
pub(super) struct Word(usize);

#[derive(Debug)]
pub(super) struct Chan<T> {
    pub(super) value: RwLock<T>,
    word: AtomicUsize,
    receivers: AtomicUsize,
    wakers: Mutex<Wakers>,
}

#[derive(Debug)]
struct Wakers {
    /// Receivers that wait for a change.
    receivers: WakerSet,
    /// Senders that wait until there is no receiver.
    senders: WakerSet,
}

/// A receiver's place.
#[derive(Debug)]
pub(super) struct Place {
    /// The version that it has seen.
    pub(super) seen: Version,
    ticket: Option<Ticket>,
}

/// A sender that waits until there is no receiver.
pub(super) struct Closed<'a, T> {
    chan: &'a Chan<T>,
    ticket: Option<Ticket>,
}

impl Word {
    pub(super) fn version(self) -> Version {
        Version(self.0 & !(CLOSED | WAITING))
    }

    pub(super) fn is_closed(self) -> bool {
        self.0 & CLOSED != 0
    }
}

impl Version {
    pub(super) fn before(self) -> Self {
        Self(self.0.wrapping_sub(STEP))
    }
}

impl Place {
    pub(super) fn new(seen: Version) -> Self {
        Self { seen, ticket: None }
    }

    /// What the word says to this receiver. `None`: nothing new.
    fn look(&mut self, word: Word) -> Option<Result<(), RecvError>> {
        if word.version() != self.seen {
            self.seen = word.version();
            return Some(Ok(()));
        }
        word.is_closed().then_some(Err(RecvError(())))
    }
}

impl<T> Chan<T> {
    /// Without receivers.
    pub(super) fn new(value: T) -> Self {
        Self {
            value: RwLock::new(value),
            word: AtomicUsize::new(0),
            receivers: AtomicUsize::new(0),
            wakers: Mutex::new(Wakers { receivers: WakerSet::new(), senders: WakerSet::new() }),
        }
    }

    pub(super) fn word(&self) -> Word {
        Word(self.word.load(Acquire)) // edge V1 acquire
    }

    /// There is a new version. Under the value's lock for writing; the answer says whether
    /// [`wake`](Chan::wake) is to be called after it.
    pub(super) fn announce(&self) -> bool {
        self.word.fetch_add(STEP, AcqRel) & WAITING != 0 // edge V1 release
    }

    /// Wakes all receivers that wait.
    pub(super) fn wake(&self) {
        let taken = {
            let mut wakers = self.wakers.lock();
            self.word.fetch_and(!WAITING, Relaxed); // Relaxed: ordered by the lock.
            wakers.receivers.take_all()
        };
        taken.wake_all();
    }

    /// Waits for a version that the receiver has not seen, which then it has.
    pub(super) fn poll_changed(
        &self,
        place: &mut Place,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), RecvError>> {
        let progress = ready!(coop::poll_proceed(cx));
        let result = ready!(self.poll_changed_unpaid(place, cx));
        progress.made_progress();
        Poll::Ready(result)
    }

    /// [`poll_changed`](Chan::poll_changed), for who pays for a longer operation.
    pub(super) fn poll_changed_unpaid(
        &self,
        place: &mut Place,
        cx: &Context<'_>,
    ) -> Poll<Result<(), RecvError>> {
        match place.look(self.word()) {
            Some(result) => Poll::Ready(result),
            None => poll_under(&self.wakers, cx, |wakers, waker| {
                self.wait(&mut wakers.receivers, place, waker)
            }),
        }
    }

    fn wait(
        &self,
        receivers: &mut WakerSet,
        place: &mut Place,
        waker: &mut PollWaker<'_>,
    ) -> Step<Result<(), RecvError>> {
        let Step::Wait = receivers.wait::<()>(&mut place.ticket, waker) else {
            return Step::NeedsClone;
        };
        let word = Word(self.word.fetch_or(WAITING, AcqRel)); // edge V1 acquire
        place.look(word).map_or(Step::Wait, Step::Ready)
    }

    pub(super) fn receivers(&self) -> usize {
        self.receivers.load(Relaxed) // Relaxed: a number to look at; who waits looks under the lock.
    }

    pub(super) fn add_receiver(&self) {
        self.receivers.fetch_add(1, Relaxed); // Relaxed: nobody learns anything from it.
    }

    pub(super) fn remove_receiver(&self, place: &mut Place) {
        if let Some(ticket) = place.ticket.take() {
            let waker = self.wakers.lock().receivers.remove(ticket);
            drop(waker);
        }
        // Relaxed: a sender that waits sees it by the lock that is taken next.
        if self.receivers.fetch_sub(1, Relaxed) == 1 {
            let taken = self.take_senders();
            taken.wake_all();
        }
    }

    fn take_senders(&self) -> Taken {
        self.wakers.lock().senders.take_all()
    }
}

impl<T> Ends for Chan<T> {
    fn end(&self) {
        if self.word.fetch_or(CLOSED, AcqRel) & WAITING != 0 {
            self.wake();
        }
    }
}

impl<'a, T> Closed<'a, T> {
    pub(super) fn new(chan: &'a Chan<T>) -> Self {
        Self { chan, ticket: None }
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let progress = ready!(coop::poll_proceed(cx));
        ready!(poll_under(&self.chan.wakers, cx, |wakers, waker| {
            if self.chan.receivers() == 0 {
                return Step::Ready(());
            }
            wakers.senders.wait(&mut self.ticket, waker)
        }));
        progress.made_progress();
        Poll::Ready(())
    }
}

impl<T> Drop for Closed<'_, T> {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            let waker = self.chan.wakers.lock().senders.remove(ticket);
            drop(waker);
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
