//! How does a task learn that it was told, without a lock?
//!
//! What a wait was told lies in the wait itself, in its [`Place`]; [`Waiting`], the list under the
//! lock of a [`Notify`](super::Notify), keeps where that is. Whoever is woken only has to look.
//!
//! 1. A wait that is in the list is pinned, and takes itself out before it is dropped.
//! 2. Who takes it from the list, to tell it, writes into its place under the same lock. That is the
//!    last that anybody else does with the wait, which may be gone at once.
//! 3. So a place that says [`Told::Nothing`] under the lock is of a wait that is in the list, if it
//!    was put there.
//!
//! - edge N2: who tells -> who looks: what was done before.
//!
//! The race: a wait is dropped while it is told. Its drop takes the lock, unless it sees that it was
//! told: either it finds itself in the list, and goes, or nobody will touch it any more.
//!
//! Rejected: what it was told in the list, to be taken out by the wait under the lock (safe code; two
//! more locked instructions of nine for each wait: `notify/one` took 1.15, `notify/all_1000` 1.1 of
//! the time on one thread).

use crate::primitive::atomic::AtomicUsize;
use crate::primitive::atomic::Ordering::{Acquire, Release};
use crate::sync::poll_waker::{PollWaker, Step};
use crate::sync::wait_list::{Key, WaitList};
use crate::util::WakeList;
use std::marker::PhantomPinned;
use std::pin::Pin;
use std::ptr::NonNull;
use std::task::Waker;

/// What a wait was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    Nothing,
    /// By a notification, which it has to pass on if it does not use it.
    One(Which),
    /// By a call to all.
    All,
}

/// Whom a notification is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    First,
    Last,
}

impl Told {
    const EACH: [Self; 4] =
        [Self::Nothing, Self::One(Which::First), Self::One(Which::Last), Self::All];

    fn code(self) -> usize {
        match self {
            Self::Nothing => 0,
            Self::One(Which::First) => 1,
            Self::One(Which::Last) => 2,
            Self::All => 3,
        }
    }
}

/// Where a wait is told.
#[derive(Debug)]
pub(super) struct Place {
    /// The code of a [`Told`].
    told: AtomicUsize,
    _is_pointed_to: PhantomPinned,
}

impl Place {
    pub(super) fn new() -> Self {
        Self { told: AtomicUsize::new(Told::Nothing.code()), _is_pointed_to: PhantomPinned }
    }

    pub(super) fn told(&self) -> Told {
        Told::EACH[self.told.load(Acquire)] // edge N2 acquire
    }
}

/// Where a [`Place`] is. It is there: rule 1.
#[derive(Debug)]
struct Address(NonNull<AtomicUsize>);

// SAFETY: the one thing that is done by it is an atomic store.
unsafe impl Send for Address {}

/// Who waits, first come first. To be used under a lock.
#[derive(Debug)]
pub(super) struct Waiting(WaitList<Address>);

impl Waiting {
    /// Allocates nothing.
    pub(super) const fn new() -> Self {
        Self(WaitList::new())
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Puts a wait behind all others.
    ///
    /// # Safety
    /// Before `place` is dropped it is told, or [removed](Self::remove), under the lock of this list.
    pub(super) unsafe fn push(&mut self, place: Pin<&Place>, waker: Waker) -> Key {
        self.0.push(waker, Address(NonNull::from(&place.get_ref().told)))
    }

    /// Takes one from the list, and tells it. The caller wakes it, without the lock.
    pub(super) fn tell(&mut self, which: Which) -> Option<Waker> {
        let taken = match which {
            Which::First => self.0.pop_first(),
            Which::Last => self.0.pop_last(),
        };
        taken.map(|(address, waker)| {
            tell(address, Told::One(which));
            waker
        })
    }

    /// Takes all from the list, and tells them.
    pub(super) fn tell_all(&mut self) -> WakeList {
        let mut woken = WakeList::new();
        while let Some((address, waker)) = self.0.pop_first() {
            tell(address, Told::All);
            woken.push(waker);
        }
        woken
    }

    /// Takes out one that was not told. Its waker is to be dropped without the lock.
    pub(super) fn remove(&mut self, key: Key) -> Option<Waker> {
        self.0.remove(key).waker
    }

    /// Sees to it that one that was not told wakes this task.
    pub(super) fn keep_waker<R>(&mut self, key: &Key, waker: &mut PollWaker<'_>) -> Step<R> {
        waker.store_over(self.0.waker_mut(key).expect("who is in the list is queued"))
    }
}

/// Of a wait that was just taken from the list: the lock has been ours since then.
fn tell(Address(place): Address, told: Told) {
    // SAFETY: by the contract of `push` the place is there: it was neither told nor removed yet, and
    // who drops it waits for the lock to do either. The store is the last use of the pointer.
    unsafe { place.as_ref() }.store(told.code(), Release); // edge N2 release
}
