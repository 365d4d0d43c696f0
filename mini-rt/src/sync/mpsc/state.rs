//! The pure steps of a channel: told what senders and the receiver do, they say whom to wake.
//!
//! 1. A *permit* is the right to send one value. Each is free, or promised to a sender that waits,
//!    or in a sender's hands, or spent on a value in the queue; together they are `max`.
//! 2. Who waits for permits gets them in the order of arrival. While somebody waits nothing is free:
//!    so nobody overtakes.
//! 3. After the close nobody gets a permit; those that were out may still be spent. The receiver's
//!    end has come when the queue is empty and no permit is out, or no sender is left.
//! 4. Wakers and values only pass through: all that a step gives back is woken or dropped without
//!    the lock.
//!
//! An unbounded channel is one with `usize::MAX` permits.

use super::super::poll_waker::{PollWaker, Step};
use super::super::wait_list::{Key, WaitList};
use super::super::waker_set::{Taken, Ticket, WakerSet};
use crate::util::WakeList;
use std::collections::VecDeque;
use std::mem;
use std::task::Waker;

/// The memory of so many values is kept when the queue is empty; after a flood it is given back.
/// Moved by: bursts through a channel.
const KEPT_VALUES: usize = 64;

#[derive(Debug)]
pub(super) struct State<T> {
    queue: VecDeque<T>,
    /// Free permits.
    free: usize,
    max: usize,
    /// The receiver's, while it waits.
    receiver: Option<Waker>,
    /// The receiver wants no more.
    is_closed: bool,
    /// The receiver is gone.
    is_abandoned: bool,
    /// No sender is left.
    is_ended: bool,
    /// Made when the first sender waits: most channels never need it.
    waiting: Option<Box<Waiting>>,
}

#[derive(Debug)]
struct Waiting {
    /// For permits: how many each still needs.
    permits: WaitList<usize>,
    /// For the close.
    close: WakerSet,
}

/// Why there is no permit now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Refused {
    Full,
    Closed,
}

/// Why there is no value now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Nothing {
    Empty,
    Ended,
}

/// What the receiver's end leaves behind. The values are dropped without the lock.
pub(super) type Remains<T> = (VecDeque<T>, Option<Waker>);

impl<T> State<T> {
    pub(super) fn new(max: usize) -> Self {
        Self {
            queue: VecDeque::new(),
            free: max,
            max,
            receiver: None,
            is_closed: false,
            is_abandoned: false,
            is_ended: false,
            waiting: None,
        }
    }

    /// Takes permits that are free.
    pub(super) fn acquire(&mut self, permits: usize) -> Result<(), Refused> {
        if self.is_closed {
            return Err(Refused::Closed);
        }
        self.free = self.free.checked_sub(permits).ok_or(Refused::Full)?;
        Ok(())
    }

    /// Takes permits, or waits for them: `key` is the sender's place among those that do.
    pub(super) fn poll_acquire(
        &mut self,
        permits: usize,
        key: &mut Option<Key>,
        waker: &mut PollWaker<'_>,
    ) -> Step<Result<(), Refused>> {
        let Some(own) = key else {
            let result = self.acquire(permits);
            if result != Err(Refused::Full) {
                return Step::Ready(result);
            }
            let Some(clone) = waker.take_clone() else { return Step::NeedsClone };
            let missing = permits - mem::take(&mut self.free);
            *key = Some(self.waiting().permits.push(clone, missing));
            return Step::Wait;
        };
        let list = &mut self.waiting.as_mut().expect("somebody waits").permits;
        if self.is_closed {
            return Step::Ready(Err(Refused::Closed)); // What it was promised it gives back.
        }
        let (_, is_queued) = list.get_mut(own);
        if is_queued {
            if list.wakes_another(own, waker.get()) {
                let Some(clone) = waker.take_clone() else { return Step::NeedsClone };
                waker.put_spare(list.replace_waker(own, clone));
            }
            return Step::Wait;
        }
        let _ = list.remove(key.take().expect("it waits"));
        Step::Ready(Ok(()))
    }

    /// A sender waits no longer, and gives back what it was promised.
    pub(super) fn forget(
        &mut self,
        key: Key,
        permits: usize,
        wake: &mut WakeList,
    ) -> Option<Waker> {
        let list = &mut self.waiting.as_mut().expect("somebody waits").permits;
        let removed = list.remove(key);
        self.release(permits - removed.value, wake);
        removed.waker
    }

    /// A sender gives permits back.
    pub(super) fn release(&mut self, permits: usize, wake: &mut WakeList) {
        self.give_back(permits, |waker| wake.push(waker));
        if self.is_closed
            && self.is_over()
            && let Some(receiver) = self.receiver.take()
        {
            wake.push(receiver);
        }
    }

    /// Gives permits to those that wait, then to all.
    fn give_back(&mut self, permits: usize, wake: impl FnMut(Waker)) {
        let left = match &mut self.waiting {
            None => permits,
            Some(waiting) => waiting.give(permits, wake),
        };
        self.free += left;
    }

    /// Spends a permit. The receiver's waker; or the value, if the receiver is gone.
    pub(super) fn push(&mut self, value: T) -> Result<Option<Waker>, T> {
        if self.is_abandoned {
            self.free += 1;
            return Err(value);
        }
        self.queue.push_back(value);
        Ok(self.receiver.take())
    }

    /// Takes the next value, and gives its permit back; to whom, if one waited for it.
    pub(super) fn pop(&mut self) -> Result<(T, Option<Waker>), Nothing> {
        let Some(value) = self.queue.pop_front() else { return Err(self.nothing()) };
        give_memory_back(&mut self.queue);
        let mut sender = None;
        self.give_back(1, |waker| sender = Some(waker));
        Ok((value, sender))
    }

    /// Takes up to `limit` values, of which there must be one; how many.
    pub(super) fn pop_many(
        &mut self,
        values: &mut impl Extend<T>,
        limit: usize,
        wake: &mut WakeList,
    ) -> Result<usize, Nothing> {
        let taken = self.queue.len().min(limit);
        if taken == 0 {
            return Err(self.nothing());
        }
        values.extend(self.queue.drain(..taken));
        give_memory_back(&mut self.queue);
        self.give_back(taken, |waker| wake.push(waker));
        Ok(taken)
    }

    /// Takes all values, by exchanging the queue for an empty one. Of an unbounded channel: nobody
    /// waits for their permits.
    pub(super) fn swap(&mut self, empty: &mut VecDeque<T>) -> Result<(), Nothing> {
        if self.queue.is_empty() {
            return Err(self.nothing());
        }
        mem::swap(&mut self.queue, empty);
        self.give_back(empty.len(), |_| unreachable!("it is never full"));
        Ok(())
    }

    /// The receiver waits for a value.
    pub(super) fn wait<R>(&mut self, waker: &mut PollWaker<'_>) -> Step<R> {
        waker.store_in(&mut self.receiver)
    }

    /// The receiver wants no more. Who waits for a permit gets none; who waited for this is woken.
    pub(super) fn close(&mut self, wake: &mut WakeList) -> Taken {
        self.is_closed = true;
        let Some(waiting) = &mut self.waiting else { return Taken::new() };
        while let Some((_, waker)) = waiting.permits.take_first() {
            wake.push(waker);
        }
        waiting.close.take_all()
    }

    /// The receiver is gone, closed before.
    pub(super) fn abandon(&mut self, wake: &mut WakeList) -> Remains<T> {
        self.is_abandoned = true;
        let receiver = self.receiver.take();
        let values = mem::take(&mut self.queue);
        self.give_back(values.len(), |waker| wake.push(waker));
        (values, receiver)
    }

    /// The last sender is gone. The receiver's waker.
    pub(super) fn end(&mut self) -> Option<Waker> {
        self.is_ended = true;
        self.receiver.take()
    }

    pub(super) fn poll_closed(
        &mut self,
        ticket: &mut Option<Ticket>,
        waker: &mut PollWaker<'_>,
    ) -> Step<()> {
        if self.is_closed {
            return Step::Ready(());
        }
        self.waiting().close.wait(ticket, waker)
    }

    /// Who waited for the close does no more.
    pub(super) fn forget_closed(&mut self, ticket: Ticket) -> Option<Waker> {
        self.waiting().close.remove(ticket)
    }

    pub(super) fn len(&self) -> usize {
        self.queue.len()
    }

    #[cfg(all(test, not(loom)))]
    pub(super) fn room(&self) -> usize {
        self.queue.capacity()
    }

    pub(super) fn free(&self) -> usize {
        self.free
    }

    pub(super) fn max(&self) -> usize {
        self.max
    }

    pub(super) fn is_closed(&self) -> bool {
        self.is_closed
    }

    pub(super) fn is_ended(&self) -> bool {
        self.is_ended
    }

    /// Whether no value will come after those in the queue.
    fn is_over(&self) -> bool {
        self.is_ended || self.is_closed && self.free == self.max
    }

    /// Why the queue is empty.
    fn nothing(&self) -> Nothing {
        if self.is_over() { Nothing::Ended } else { Nothing::Empty }
    }

    fn waiting(&mut self) -> &mut Waiting {
        self.waiting.get_or_insert_with(|| {
            Box::new(Waiting { permits: WaitList::new(), close: WakerSet::new() })
        })
    }
}

impl Waiting {
    /// Gives permits in the order of arrival. Those that are left; then nobody waits for any.
    fn give(&mut self, permits: usize, mut wake: impl FnMut(Waker)) -> usize {
        let mut left = permits;
        while left > 0
            && let Some(missing) = self.permits.first_mut()
        {
            let given = left.min(*missing);
            *missing -= given;
            left -= given;
            if *missing == 0
                && let Some((_, waker)) = self.permits.take_first()
            {
                wake(waker);
            }
        }
        left
    }
}

/// Of a queue that is empty after many values.
pub(super) fn give_memory_back<T>(queue: &mut VecDeque<T>) {
    if queue.is_empty() && queue.capacity() > KEPT_VALUES {
        *queue = VecDeque::new();
    }
}

#[cfg(test)]
mod tests;
