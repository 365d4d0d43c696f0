//! What the ends of a channel share, and the ends without their public face.
//!
//! Everything is [`State`] under one lock: a send takes and leaves it once, and so does a receive.

use super::super::poll_waker::{Step, poll_under};
use super::super::senders::{self, Ends, Shared};
use super::super::wait_list::Key;
use super::super::waker_set::Ticket;
use super::state::{Nothing, Refused, State, give_memory_back};
use crate::coop;
use crate::primitive::Mutex;
use crate::util::{Unshared, WakeList, contain};
use std::collections::VecDeque;
use std::task::{Context, Poll, Waker, ready};

pub(super) struct Chan<T> {
    state: Mutex<State<T>>,
}

/// A sender.
pub(super) type Tx<T> = senders::Tx<Chan<T>>;

/// A sender that does not keep the channel open.
pub(super) type WeakTx<T> = senders::WeakTx<Chan<T>>;

/// The receiver.
pub(super) struct Rx<T> {
    chan: Shared<Chan<T>>,
    /// Of an unbounded channel: values taken out together, under one lock. (Of a bounded one a value
    /// holds a permit until it is received, so each is taken by itself.)
    taken: Option<Unshared<VecDeque<T>>>,
}

/// A sender on its way to its permits. Dropped, it gives back what it was promised.
pub(super) struct Acquire<'a, T> {
    chan: &'a Chan<T>,
    permits: usize,
    key: Option<Key>,
}

/// A sender that waits for the close.
pub(super) struct Closed<'a, T> {
    chan: &'a Chan<T>,
    ticket: Option<Ticket>,
}

/// A channel of so many permits.
pub(super) fn new<T>(permits: usize) -> (Tx<T>, Rx<T>) {
    let (tx, chan) = senders::share(Chan { state: Mutex::new(State::new(permits)) });
    (tx, Rx { chan, taken: None })
}

/// A channel without a bound.
pub(super) fn new_unbounded<T>() -> (Tx<T>, Rx<T>) {
    let (tx, mut rx) = new(usize::MAX);
    rx.taken = Some(Unshared::new(VecDeque::new()));
    (tx, rx)
}

impl<T> Chan<T> {
    /// Sends by a permit that is free.
    pub(super) fn try_send(&self, value: T) -> Result<(), (Refused, T)> {
        let pushed = {
            let mut state = self.state.lock();
            match state.acquire(1) {
                Ok(()) => state.push(value),
                Err(refused) => return Err((refused, value)),
            }
        };
        finish_push(pushed);
        Ok(())
    }

    /// Sends by a permit that the caller has.
    pub(super) fn send(&self, value: T) {
        let pushed = self.state.lock().push(value);
        finish_push(pushed);
    }

    pub(super) fn try_acquire(&self, permits: usize) -> Result<(), Refused> {
        self.state.lock().acquire(permits)
    }

    pub(super) fn release(&self, permits: usize) {
        self.with_wakes(|state, wake| state.release(permits, wake));
    }

    pub(super) async fn closed(&self) {
        let mut closed = Closed { chan: self, ticket: None };
        std::future::poll_fn(|cx| closed.poll(cx)).await;
    }

    pub(super) fn is_closed(&self) -> bool {
        self.state.lock().is_closed()
    }

    pub(super) fn free(&self) -> usize {
        self.state.lock().free()
    }

    pub(super) fn max(&self) -> usize {
        self.state.lock().max()
    }

    /// Runs a step under the lock, and wakes whom it says after it.
    fn with_wakes<R>(&self, step: impl FnOnce(&mut State<T>, &mut WakeList) -> R) -> R {
        let mut wake = WakeList::new();
        let result = step(&mut self.state.lock(), &mut wake);
        wake.wake_all();
        result
    }
}

/// Wakes the receiver, or drops the value that nobody will take.
fn finish_push<T>(pushed: Result<Option<Waker>, T>) {
    if let Ok(Some(receiver)) = pushed {
        receiver.wake();
    }
}

impl<'a, T> Acquire<'a, T> {
    pub(super) fn new(chan: &'a Chan<T>, permits: usize) -> Self {
        Self { chan, permits, key: None }
    }

    /// Waits for the permits.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Refused>> {
        self.poll_then(cx, |_| ())
    }

    /// Waits for one permit, and spends it on the value under the same lock.
    pub(super) fn poll_send(
        &mut self,
        cx: &mut Context<'_>,
        value: &mut Option<T>,
    ) -> Poll<Result<(), Refused>> {
        let pushed = ready!(
            self.poll_then(cx, |state| { state.push(value.take().expect("it is sent once")) })
        );
        Poll::Ready(pushed.map(finish_push))
    }

    fn poll_then<R>(
        &mut self,
        cx: &mut Context<'_>,
        mut then: impl FnMut(&mut State<T>) -> R,
    ) -> Poll<Result<R, Refused>> {
        let progress = ready!(coop::poll_proceed(cx));
        let result = ready!(poll_under(&self.chan.state, cx, |state, waker| {
            match state.poll_acquire(self.permits, &mut self.key, waker) {
                Step::Ready(result) => Step::Ready(result.map(|()| then(state))),
                Step::Wait => Step::Wait,
                Step::NeedsClone => Step::NeedsClone,
            }
        }));
        progress.made_progress();
        Poll::Ready(result)
    }
}

impl<T> Drop for Acquire<'_, T> {
    fn drop(&mut self) {
        if let Some(key) = self.key.take() {
            let waker = self.chan.with_wakes(|state, wake| state.forget(key, self.permits, wake));
            drop(waker);
        }
    }
}

impl<T> Closed<'_, T> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let progress = ready!(coop::poll_proceed(cx));
        ready!(poll_under(&self.chan.state, cx, |state, waker| {
            state.poll_closed(&mut self.ticket, waker)
        }));
        progress.made_progress();
        Poll::Ready(())
    }
}

impl<T> Drop for Closed<'_, T> {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            let waker = self.chan.state.lock().forget_closed(ticket);
            drop(waker);
        }
    }
}

impl<T> Ends for Chan<T> {
    fn end(&self) {
        let receiver = self.state.lock().end();
        receiver.into_iter().for_each(Waker::wake);
    }
}

impl<T> Rx<T> {
    pub(super) fn chan(&self) -> &Shared<Chan<T>> {
        &self.chan
    }

    /// `Ready(None)`: the channel has ended.
    pub(super) fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let progress = ready!(coop::poll_proceed(cx));
        if let Some(value) = self.pop_taken() {
            progress.made_progress();
            return Poll::Ready(Some(value));
        }
        let poll =
            poll_under(&self.chan.state, cx, |state, waker| match pop(state, &mut self.taken) {
                Ok(popped) => Step::Ready(Some(popped)),
                Err(Nothing::Ended) => Step::Ready(None),
                Err(Nothing::Empty) => state.wait(waker),
            });
        let popped = ready!(poll);
        progress.made_progress();
        Poll::Ready(popped.map(finish_pop))
    }

    /// Waits for one value, and takes up to `limit`. `Ready(0)`: the channel has ended.
    pub(super) fn poll_recv_many(
        &mut self,
        cx: &mut Context<'_>,
        values: &mut Vec<T>,
        limit: usize,
    ) -> Poll<usize> {
        let progress = ready!(coop::poll_proceed(cx));
        let mut count = 0;
        if let Some(taken) = &mut self.taken {
            let taken = taken.get_mut();
            count = taken.len().min(limit);
            values.extend(taken.drain(..count));
            give_memory_back(taken);
        }
        if count < limit {
            let mut wake = WakeList::new();
            let poll = poll_under(&self.chan.state, cx, |state, waker| {
                match state.pop_many(values, limit - count, &mut wake) {
                    Ok(popped) => Step::Ready(count + popped),
                    Err(Nothing::Ended) => Step::Ready(count),
                    Err(Nothing::Empty) if count > 0 => Step::Ready(count),
                    Err(Nothing::Empty) => state.wait(waker),
                }
            });
            count = ready!(poll);
            wake.wake_all();
        }
        progress.made_progress();
        Poll::Ready(count)
    }

    pub(super) fn try_recv(&mut self) -> Result<T, Nothing> {
        if let Some(value) = self.pop_taken() {
            return Ok(value);
        }
        let popped = pop(&mut self.chan.state.lock(), &mut self.taken);
        popped.map(finish_pop)
    }

    pub(super) fn close(&mut self) {
        let mut wake = WakeList::new();
        let closed = self.chan.state.lock().close(&mut wake);
        wake.wake_all();
        closed.wake_all();
    }

    pub(super) fn is_closed(&self) -> bool {
        let state = self.chan.state.lock();
        state.is_closed() || state.is_ended()
    }

    pub(super) fn len(&self) -> usize {
        let taken = self.taken.as_ref().map_or(0, |taken| taken.look(VecDeque::len));
        taken + self.chan.state.lock().len()
    }

    /// For how many values there is memory.
    #[cfg(all(test, not(loom)))]
    pub(super) fn room(&self) -> usize {
        let taken = self.taken.as_ref().map_or(0, |taken| taken.look(VecDeque::capacity));
        taken + self.chan.state.lock().room()
    }

    fn pop_taken(&mut self) -> Option<T> {
        pop_front(self.taken.as_mut()?.get_mut())
    }
}

/// Takes one value, or all at once. With it the sender that got its permit.
fn pop<T>(
    state: &mut State<T>,
    taken: &mut Option<Unshared<VecDeque<T>>>,
) -> Result<(T, Option<Waker>), Nothing> {
    let Some(taken) = taken else { return state.pop() };
    let taken = taken.get_mut();
    state.swap(taken)?;
    Ok((pop_front(taken).expect("what is not empty was taken"), None))
}

/// Wakes the sender. The value is not lost if that panics.
fn finish_pop<T>((value, sender): (T, Option<Waker>)) -> T {
    if let Some(sender) = sender {
        contain(|| sender.wake());
    }
    value
}

fn pop_front<T>(taken: &mut VecDeque<T>) -> Option<T> {
    let value = taken.pop_front()?;
    give_memory_back(taken);
    Some(value)
}

impl<T> Drop for Rx<T> {
    fn drop(&mut self) {
        self.close();
        let remains = self.chan.with_wakes(State::abandon);
        drop(remains);
    }
}
