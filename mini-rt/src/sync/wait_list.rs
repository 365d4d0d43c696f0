//! Who waits, and whose turn is it?
//!
//! Each primitive of [`sync`](super) keeps the tasks that wait for it in a [`WaitList`], under a
//! lock of its own. A waiting future pushes an entry, keeps its [`Key`], and removes the entry when
//! it is done or dropped; in between, whoever has something to give takes entries from the front.
//!
//! 1. First in, first out.
//! 2. An entry is *queued* from its push until it is taken from the front. A taken entry is out of
//!    the queue, and stays in the list for its owner to see what it was given: its value.
//! 3. The owner of a key removes the entry, queued or taken, exactly once. What a taken entry was
//!    given and did not use, its owner passes on. (Where an owner is told by another way, the entry
//!    is *popped*: taken and removed at once, and the owner forgets its key.)
//! 4. Nothing here wakes, clones or drops a waker: they are handed in and out, so that the caller
//!    does that after it has let go of its lock.
//!
//! Rejected: links inside of the waiting futures, as Tokio's (no allocation, but unsafe code in
//! each primitive, and a proof for each that a future is pinned and unlinked before its memory
//! goes; a slab's push is a few nanoseconds beside the waker's clone); a `VecDeque` of wakers (no
//! removal from the middle).

use super::poll_waker::lock_in_bursts;
use crate::primitive::{Mutex, MutexGuard};
use slab::Slab;
use std::task::{Poll, Waker};

/// No entry.
const NONE: u32 = u32::MAX;

/// The list. `T` is what an entry waits for or was given.
#[derive(Debug)]
pub(super) struct WaitList<T> {
    entries: Slab<Entry<T>>,
    first: u32,
    last: u32,
}

/// An entry, to its owner.
#[derive(Debug)]
#[must_use = "an entry is removed by its owner"]
pub(super) struct Key(u32);

#[derive(Debug)]
struct Entry<T> {
    value: T,
    /// There while it is queued.
    waker: Option<Waker>,
    before: u32,
    after: u32,
}

/// What [`WaitList::remove`] took out.
#[derive(Debug)]
pub(super) struct Removed<T> {
    pub(super) value: T,
    /// Of an entry that was still queued. To be dropped without the lock.
    pub(super) waker: Option<Waker>,
}

impl<T> WaitList<T> {
    /// Allocates nothing.
    pub(super) const fn new() -> Self {
        Self { entries: Slab::new(), first: NONE, last: NONE }
    }

    /// Whether nobody is queued.
    pub(super) fn is_empty(&self) -> bool {
        self.first == NONE
    }

    /// Queues an entry behind all others. O(1), amortised.
    pub(super) fn push(&mut self, waker: Waker, value: T) -> Key {
        let entry = Entry { value, waker: Some(waker), before: self.last, after: NONE };
        let idx = self.entries.insert(entry);
        let idx = u32::try_from(idx).ok().filter(|idx| *idx != NONE).expect("so many do not wait");
        match self.last {
            NONE => self.first = idx,
            last => self.entry(last).after = idx,
        }
        self.last = idx;
        Key(idx)
    }

    /// The value of the entry whose turn is next.
    pub(super) fn first_mut(&mut self) -> Option<&mut T> {
        (self.first != NONE).then(|| {
            let first = self.first;
            &mut self.entry(first).value
        })
    }

    /// Takes the first entry out of the queue: its value, which stays for its owner, and its waker,
    /// which the caller wakes. O(1).
    pub(super) fn take_first(&mut self) -> Option<(&mut T, Waker)> {
        let idx = self.first;
        if idx == NONE {
            return None;
        }
        self.unlink(idx);
        let entry = self.entry(idx);
        let waker = entry.waker.take().expect("a queued entry has one");
        Some((&mut entry.value, waker))
    }

    /// Takes the first entry out of the queue, and out of the list: it has no owner any more.
    pub(super) fn pop_first(&mut self) -> Option<(T, Waker)> {
        self.pop(self.first)
    }

    /// [`pop_first`](Self::pop_first), for the last.
    pub(super) fn pop_last(&mut self) -> Option<(T, Waker)> {
        self.pop(self.last)
    }

    fn pop(&mut self, idx: u32) -> Option<(T, Waker)> {
        if idx == NONE {
            return None;
        }
        let Removed { value, waker } = self.remove(Key(idx));
        Some((value, waker.expect("a queued entry has one")))
    }

    /// The value of an entry, and whether it is still queued.
    pub(super) fn get_mut(&mut self, key: &Key) -> (&mut T, bool) {
        let entry = self.entry(key.0);
        let is_queued = entry.waker.is_some();
        (&mut entry.value, is_queued)
    }

    /// The waker of an entry that is queued.
    pub(super) fn waker_mut(&mut self, key: &Key) -> Option<&mut Waker> {
        self.entry(key.0).waker.as_mut()
    }

    /// Does the entry, if it is queued, wake another than `waker`?
    pub(super) fn wakes_another(&self, key: &Key, waker: &Waker) -> bool {
        let entry = &self.entries[key.0 as usize];
        entry.waker.as_ref().is_some_and(|own| !own.will_wake(waker))
    }

    /// Replaces a queued entry's waker; returns the one to drop without the lock, which is the
    /// given one if the entry was taken.
    pub(super) fn replace_waker(&mut self, key: &Key, waker: Waker) -> Waker {
        match &mut self.entry(key.0).waker {
            Some(own) => std::mem::replace(own, waker),
            None => waker,
        }
    }

    /// Removes an entry, wherever in the queue it is. O(1).
    pub(super) fn remove(&mut self, key: Key) -> Removed<T> {
        if self.entry(key.0).waker.is_some() {
            self.unlink(key.0);
        }
        let Entry { value, waker, .. } = self.entries.remove(key.0 as usize);
        if self.entries.is_empty() && self.entries.capacity() > KEPT_ENTRIES {
            self.entries = Slab::new();
        }
        Removed { value, waker }
    }

    fn unlink(&mut self, idx: u32) {
        let Entry { before, after, .. } = *self.entry(idx);
        match before {
            NONE => self.first = after,
            before => self.entry(before).after = after,
        }
        match after {
            NONE => self.last = before,
            after => self.entry(after).before = before,
        }
    }

    fn entry(&mut self, idx: u32) -> &mut Entry<T> {
        self.entries.get_mut(idx as usize).expect("an entry is there until its owner removes it")
    }
}

/// For the owner of an entry that is polled again. Pending: it is still queued, and wakes `waker`.
/// Ready: it was taken; the lock is for its owner to remove it.
pub(super) fn poll_taken<'a, T>(
    list: &'a Mutex<WaitList<T>>,
    key: &Key,
    waker: &Waker,
) -> Poll<MutexGuard<'a, WaitList<T>>> {
    let mut locked = lock_in_bursts(list);
    let (_value, is_queued) = locked.get_mut(key);
    if !is_queued {
        return Poll::Ready(locked);
    }
    if !locked.wakes_another(key, waker) {
        return Poll::Pending;
    }
    drop(locked);
    let own = waker.clone();
    let mut locked = list.lock();
    let (_value, is_queued) = locked.get_mut(key);
    let replaced = locked.replace_waker(key, own);
    drop(locked);
    drop(replaced);
    // Whether it was, and not whether it wakes `waker` now: `will_wake` may say no of two clones.
    if is_queued { Poll::Pending } else { Poll::Ready(list.lock()) }
}

/// The memory of so many entries is kept once nobody waits any more; after a crowd it is given
/// back. Moved by: contended locks.
const KEPT_ENTRIES: usize = 64;

#[cfg(test)]
mod tests;
