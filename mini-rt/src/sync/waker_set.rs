//! Who waits for what all wait for, and are all woken by?
//!
//! The end of a channel, the next message of a broadcast, a change of a watched value: nobody's turn
//! comes before another's, so a [`WakerSet`] gives all its wakers away at once, in O(1), and whoever
//! is woken has nothing to remove. (Where each takes something away from the next it is a
//! [`WaitList`](super::wait_list::WaitList).)
//!
//! 1. A [`Ticket`] stands for a waker until it is removed, or all are taken: then it is of an earlier
//!    round, and stands for nothing.
//! 2. Nothing here wakes, clones or drops a waker.

use super::poll_waker::{PollWaker, Step};
use crate::util::contain;
use slab::Slab;
use std::task::Waker;

#[derive(Debug)]
pub(super) struct WakerSet {
    round: u64,
    wakers: Slab<Waker>,
}

/// One who waits.
#[derive(Debug)]
pub(super) struct Ticket {
    round: u64,
    idx: usize,
}

/// All who waited. To be woken without the lock.
#[derive(Debug)]
#[must_use = "dropping them loses wake-ups"]
pub(super) struct Taken(Slab<Waker>);

impl WakerSet {
    /// Allocates nothing.
    pub(super) const fn new() -> Self {
        Self { round: 0, wakers: Slab::new() }
    }

    /// Sees to it that the task is woken with the others; its ticket is kept by the caller from poll
    /// to poll.
    pub(super) fn wait<R>(
        &mut self,
        ticket: &mut Option<Ticket>,
        waker: &mut PollWaker<'_>,
    ) -> Step<R> {
        let round = self.round;
        if let Some(Ticket { idx, .. }) = ticket.as_ref().filter(|ticket| ticket.round == round) {
            let stored = self.wakers.get_mut(*idx).expect("it is there in its round");
            return waker.store_over(stored);
        }
        let Some(clone) = waker.take_clone() else { return Step::NeedsClone };
        *ticket = Some(Ticket { round, idx: self.wakers.insert(clone) });
        Step::Wait
    }

    /// Takes one out who waits no more; its waker, if it was not taken, is to be dropped without the
    /// lock.
    pub(super) fn remove(&mut self, ticket: Ticket) -> Option<Waker> {
        (ticket.round == self.round).then(|| self.wakers.remove(ticket.idx))
    }

    /// Takes all.
    pub(super) fn take_all(&mut self) -> Taken {
        self.round += 1;
        Taken(std::mem::take(&mut self.wakers))
    }
}

impl Taken {
    /// Nobody.
    pub(super) const fn new() -> Self {
        Self(Slab::new())
    }

    /// A waker that panics keeps no other from being woken.
    pub(super) fn wake_all(self) {
        for (_, waker) in self.0 {
            contain(|| waker.wake());
        }
    }
}

#[cfg(test)]
mod tests;
