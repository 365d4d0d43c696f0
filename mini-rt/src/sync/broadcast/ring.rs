//! The pure steps of a broadcast: which values are kept, and for whom.
//!
//! 1. Values are numbered in the order of their sending. A receiver is the number that it wants
//!    next; the ring holds the last values, up to its capacity, and none that nobody wants.
//! 2. Each value knows how many will still take it. Receivers take values in order, so those that
//!    nobody wants any more are the oldest.
//! 3. Who wants a value that is not kept any more has lagged, and goes on with the oldest.
//! 4. Values are handed in and out. What several want is in an [`Arc`], to be cloned outside, and the
//!    last of them gets it for itself; only what owns nothing is cloned here.

use super::super::poll_waker::{PollWaker, Step};
use super::super::waker_set::{Taken, Ticket, WakerSet};
use super::error::TryRecvError;
use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Waker;

#[derive(Debug)]
pub(super) struct Ring<T> {
    kept: VecDeque<Kept<T>>,
    capacity: usize,
    /// The number of the next value.
    end: u64,
    receivers: usize,
    /// No sender is left.
    is_ended: bool,
    /// Receivers that wait for a value.
    waiting: WakerSet,
    /// Senders that wait until there is no receiver.
    closing: WakerSet,
}

#[derive(Debug)]
struct Kept<T> {
    value: Value<T>,
    /// How many will still take it.
    wanted: usize,
}

/// A value, on its way.
#[derive(Debug)]
pub(super) enum Value<T> {
    /// For one receiver, or a clone for each: it needs no allocation.
    One(T),
    /// For several.
    Each(Arc<T>),
}

/// Whether a clone under the lock is short, and does not come back to this channel: what needs no drop
/// has no allocation, and no end of a channel (but by a reference to a static, for who insists).
const fn owns_nothing<T>() -> bool {
    !std::mem::needs_drop::<T>()
}

/// A receiver's place.
#[derive(Debug)]
pub(super) struct Place {
    next: u64,
    ticket: Option<Ticket>,
    /// Whether it waits for that value since an earlier poll.
    waits: bool,
}

impl Place {
    /// Whether it would have to wait, and does not yet, if this were the end.
    pub(super) fn is_new_at(&self, end: usize) -> bool {
        self.next as usize == end && !self.waits
    }
}

/// What a send has done: to be woken, and to be dropped, without the lock.
pub(super) struct Sent<T> {
    pub(super) receivers: usize,
    pub(super) waiting: Taken,
    /// The oldest value, if it had to make room.
    #[expect(dead_code, reason = "it is only to be dropped")]
    lost: Option<Kept<T>>,
}

/// What a receiver leaves behind, to be woken and dropped without the lock.
pub(super) struct Left<T> {
    pub(super) closing: Taken,
    #[expect(dead_code, reason = "they are only to be dropped")]
    dropped: (Vec<Kept<T>>, Option<Waker>),
}

impl<T: Clone> Value<T> {
    /// Clones what others want too. Without the lock.
    pub(super) fn into_inner(self) -> T {
        match self {
            Self::One(value) => value,
            Self::Each(value) => Arc::unwrap_or_clone(value),
        }
    }
}

impl<T> Ring<T> {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            kept: VecDeque::new(),
            capacity,
            end: 0,
            receivers: 0,
            is_ended: false,
            waiting: WakerSet::new(),
            closing: WakerSet::new(),
        }
    }

    /// A receiver of what comes from now on.
    pub(super) fn subscribe(&mut self) -> Place {
        self.receivers += 1;
        Place { next: self.end, ticket: None, waits: false }
    }

    /// `Err`: nobody receives.
    pub(super) fn send(&mut self, value: T) -> Result<Sent<T>, T> {
        let value = match self.receivers {
            0 => return Err(value),
            2.. if !owns_nothing::<T>() => Value::Each(Arc::new(value)),
            _ => Value::One(value),
        };
        let is_full = self.kept.len() == self.capacity;
        let lost = if is_full { self.kept.pop_front() } else { None };
        self.kept.push_back(Kept { value, wanted: self.receivers });
        self.end += 1;
        Ok(Sent { receivers: self.receivers, waiting: self.waiting.take_all(), lost })
    }

    /// Takes the next value.
    pub(super) fn receive(&mut self, place: &mut Place) -> Result<Value<T>, TryRecvError>
    where
        T: Clone,
    {
        let lost = self.start().saturating_sub(place.next);
        if lost > 0 {
            place.next += lost;
            return Err(TryRecvError::Lagged(lost));
        }
        let idx = self.idx(place);
        let Some(kept) = self.kept.get_mut(idx) else {
            return Err(if self.is_ended { TryRecvError::Closed } else { TryRecvError::Empty });
        };
        place.next += 1;
        kept.wanted -= 1;
        if kept.wanted > 0 {
            return Ok(match &kept.value {
                Value::One(value) => Value::One(value.clone()),
                Value::Each(value) => Value::Each(Arc::clone(value)),
            });
        }
        debug_assert_eq!(idx, 0, "what is older is wanted by nobody, and not kept");
        Ok(self.kept.pop_front().expect("it was found").value)
    }

    pub(super) fn poll_receive(
        &mut self,
        place: &mut Place,
        waker: &mut PollWaker<'_>,
    ) -> Step<Result<Value<T>, TryRecvError>>
    where
        T: Clone,
    {
        match self.receive(place) {
            Err(TryRecvError::Empty) => {
                place.waits = true;
                self.waiting.wait(&mut place.ticket, waker)
            }
            result => {
                place.waits = false;
                Step::Ready(result)
            }
        }
    }

    /// A receiver goes. O(n) in the values that it has not received.
    pub(super) fn leave(&mut self, place: &mut Place) -> Left<T> {
        self.receivers -= 1;
        let waker = place.ticket.take().and_then(|ticket| self.waiting.remove(ticket));
        place.next = place.next.max(self.start());
        for kept in self.kept.range_mut(self.idx(place)..) {
            kept.wanted -= 1;
        }
        let unwanted = self.kept.iter().take_while(|kept| kept.wanted == 0).count();
        let values = self.kept.drain(..unwanted).collect();
        let closing = if self.receivers == 0 { self.closing.take_all() } else { Taken::new() };
        Left { closing, dropped: (values, waker) }
    }

    /// The last sender goes. Whom to wake.
    pub(super) fn end(&mut self) -> Taken {
        self.is_ended = true;
        self.waiting.take_all()
    }

    pub(super) fn poll_closed(
        &mut self,
        ticket: &mut Option<Ticket>,
        waker: &mut PollWaker<'_>,
    ) -> Step<()> {
        if self.receivers == 0 { Step::Ready(()) } else { self.closing.wait(ticket, waker) }
    }

    pub(super) fn forget_closed(&mut self, ticket: Ticket) -> Option<Waker> {
        self.closing.remove(ticket)
    }

    /// How many values are kept because somebody wants them.
    pub(super) fn len(&self) -> usize {
        self.kept.len()
    }

    /// How many values there are, kept or lost, that the receiver has not seen.
    pub(super) fn len_for(&self, place: &Place) -> usize {
        usize::try_from(self.end - place.next).unwrap_or(usize::MAX)
    }

    pub(super) fn receivers(&self) -> usize {
        self.receivers
    }

    pub(super) fn is_ended(&self) -> bool {
        self.is_ended
    }

    /// The number of the next value, as far as it fits.
    pub(super) fn end_low(&self) -> usize {
        self.end as usize
    }

    /// The number of the oldest value that is kept.
    fn start(&self) -> u64 {
        self.end - self.kept.len() as u64
    }

    /// Where in the ring the receiver's next value is, or will be.
    fn idx(&self, place: &Place) -> usize {
        usize::try_from(place.next - self.start()).expect("no more than are kept")
    }
}

#[cfg(test)]
mod tests;
