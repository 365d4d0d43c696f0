//! What waits to be written to one client, and how much of it may wait?
//!
//! Called from both sides: the hub pushes (under its own lock), the shell's task of the connection
//! takes, writes, and says how much was written.
//!
//! 1. Lock order: the hub's, then one outbox's. Nothing is called with an outbox locked: wakers are
//!    cloned, woken and dropped outside of it, so the lock is held for a few instructions.
//! 2. First in, first out; a line is one shared allocation, however many outboxes it stands in.
//! 3. What is counted against `bytes_max` is what was pushed and is not yet
//!    [`wrote`](Outbox::wrote): also what the shell has taken and the socket has not. A reader that
//!    has stopped is over the limit whichever side of the hand-over its bytes wait on.
//! 4. Past the limit nothing is kept but the last line that says so: what was queued is dropped.
//! 5. Closed is for ever: nothing is accepted any more, and each take says
//!    [`Closing`](Taken::Closing).
//! 6. No wake-up is lost: a take that finds nothing registers its waker under the lock that a push
//!    takes, so the push comes before (and is found) or after (and finds the waker). A task that
//!    cannot write is woken by the end alone.
//! 7. An idle client's outbox holds at most 64 bytes of queue.
//!
//! Rejected: a channel of the runtime (the core has none, and its bound would be in messages, not
//! in bytes), and one byte buffer for each client (every fanned-out line would be copied each time).

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// One line with its CR LF, shared by all the outboxes that it stands in; a clone is a reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line(Arc<[u8]>);

impl Line {
    /// The line without its CR LF, for transports that frame by other means.
    #[must_use]
    pub fn without_end(&self) -> &[u8] {
        self.0.strip_suffix(b"\r\n").unwrap_or(&self.0)
    }

    /// Copies bytes that end with CR LF into a line of their own.
    pub(super) fn new(bytes: &[u8]) -> Self {
        debug_assert!(bytes.ends_with(b"\r\n"), "a line ends with CR LF");
        Self(bytes.into())
    }
}

impl AsRef<[u8]> for Line {
    /// The line with its CR LF, as it goes to a socket.
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// What [`Outbox::poll_take`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Lines were added: write them and take again.
    Lines,
    /// These lines, if any, were the last: write them, within a deadline, and close the socket.
    Closing,
}

/// What became of a line that was pushed.
#[derive(Debug)]
pub(super) enum Pushed {
    /// It stands in the queue, or the client was closed before.
    Done,
    /// It stands in the queue, and somebody waits for it.
    Wake(Waker),
    /// It does not fit: the outbox is unchanged, to be closed by [`Outbox::overflow`].
    Full,
}

/// The lines that wait for one client.
#[derive(Debug)]
pub struct Outbox {
    /// Everything, under one lock that is never held for long.
    state: Mutex<State>,
}

/// What an [`Outbox`] holds.
#[derive(Debug)]
struct State {
    /// Pushed and not taken.
    queue: VecDeque<Line>,
    /// The bytes of `queue`.
    queued_bytes: usize,
    /// The bytes that were taken and are not known to be written.
    taken_bytes: usize,
    /// The most that both together may be.
    bytes_max: usize,
    /// Who waits.
    waker: Option<Waker>,
    /// What for.
    waits_for: WaitsFor,
    /// No line is accepted after those in `queue`.
    closing: bool,
}

/// What a task is to be woken for.
#[derive(Clone, Copy, Debug)]
enum WaitsFor {
    /// The next line, or the end.
    Lines,
    /// The end alone: it has lines that the socket does not take.
    Closing,
}

/// The places, of 16 bytes, that an empty queue keeps. Four are what a queue begins with, so a client
/// that gets a line now and then never allocates for it; more would be held by every idle client.
/// The bench of chat fan-out would move it.
const KEPT_PLACES_MAX: usize = 4;

impl Outbox {
    /// An empty outbox with a bound in bytes.
    pub(super) fn new(bytes_max: usize) -> Self {
        Self {
            state: Mutex::new(State {
                queue: VecDeque::new(),
                queued_bytes: 0,
                taken_bytes: 0,
                bytes_max,
                waker: None,
                waits_for: WaitsFor::Lines,
                closing: false,
            }),
        }
    }

    /// Moves all that waits to the end of `into`; registers the waker if there is nothing.
    ///
    /// Only one task may wait: a second one's waker takes the first one's place. The lines count
    /// as waiting until [`wrote`](Self::wrote) says otherwise. After [`Taken::Closing`] every
    /// further call says so again.
    ///
    /// # Cancel safety
    ///
    /// Lines that were moved are in `into`; a call that was pending has moved nothing.
    pub fn poll_take(&self, cx: &mut Context<'_>, into: &mut VecDeque<Line>) -> Poll<Taken> {
        self.poll(cx, WaitsFor::Lines, |state| state.take(into))
    }

    /// Ready once no more lines are accepted. A task that cannot write what it has taken waits with
    /// this: lines that are pushed meanwhile wake nobody. It takes the place of a
    /// [`poll_take`](Self::poll_take) that is pending.
    pub fn poll_closing(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.poll(cx, WaitsFor::Closing, |state| state.closing.then_some(()))
    }

    /// Looks, and registers the waker if there is nothing to see.
    fn poll<T>(
        &self,
        cx: &mut Context<'_>,
        waits_for: WaitsFor,
        mut look: impl FnMut(&mut State) -> Option<T>,
    ) -> Poll<T> {
        let mut state = self.lock();
        if let Some(seen) = look(&mut state) {
            return Poll::Ready(seen);
        }
        state.waits_for = waits_for;
        if state.waker.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
            return Poll::Pending;
        }
        drop(state);
        let waker = cx.waker().clone();
        let mut state = self.lock();
        // A line may have been pushed while the lock was free.
        if let Some(seen) = look(&mut state) {
            drop(state);
            return Poll::Ready(seen);
        }
        let former = state.waker.replace(waker);
        drop(state);
        drop(former);
        Poll::Pending
    }

    /// Tells that `bytes` of what was taken are written (or will never be).
    pub fn wrote(&self, bytes: usize) {
        let mut state = self.lock();
        debug_assert!(bytes <= state.taken_bytes, "more was written than was taken");
        state.taken_bytes = state.taken_bytes.saturating_sub(bytes);
    }

    /// The bytes that were pushed and are not known to be written.
    #[must_use]
    pub fn waiting_bytes(&self) -> usize {
        let state = self.lock();
        state.queued_bytes + state.taken_bytes
    }

    /// Adds a line, if there is room for it.
    pub(super) fn push(&self, line: &Line) -> Pushed {
        let mut state = self.lock();
        if state.closing {
            return Pushed::Done;
        }
        let bytes = line.0.len();
        if state.queued_bytes + state.taken_bytes + bytes > state.bytes_max {
            return Pushed::Full;
        }
        state.queued_bytes += bytes;
        state.queue.push_back(line.clone());
        match state.waits_for {
            WaitsFor::Lines => state.waker.take().map_or(Pushed::Done, Pushed::Wake),
            WaitsFor::Closing => Pushed::Done,
        }
    }

    /// Adds the last line, for which there is always room, and closes.
    pub(super) fn close(&self, last: Line) -> Option<Waker> {
        self.lock().close(last)
    }

    /// Drops what is queued, adds the last line and closes.
    pub(super) fn overflow(&self, last: Line) -> Option<Waker> {
        let mut state = self.lock();
        if state.closing {
            return None;
        }
        let dropped = std::mem::take(&mut state.queue);
        state.queued_bytes = 0;
        let waker = state.close(last);
        drop(state);
        drop(dropped);
        waker
    }

    /// Checks that the count of bytes is what stands in the queue, and within the bound.
    #[cfg(test)]
    pub(super) fn audit(&self) {
        let state = self.lock();
        let queued: usize = state.queue.iter().map(|line| line.0.len()).sum();
        assert_eq!(state.queued_bytes, queued);
        let last = if state.closing { 512 } else { 0 };
        assert!(queued + state.taken_bytes <= state.bytes_max + last);
    }

    /// Whether no more lines are accepted.
    #[cfg(test)]
    pub(super) fn is_closing(&self) -> bool {
        self.lock().closing
    }

    /// The places for lines that are held, used or not.
    #[cfg(test)]
    pub(super) fn places(&self) -> usize {
        self.lock().queue.capacity()
    }

    /// Locks. A panic cannot leave the state half changed, so poison is ignored.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Moves the queue to the end of `into`; `None` if there is nothing and more may come.
    fn take(&mut self, into: &mut VecDeque<Line>) -> Option<Taken> {
        if self.queue.is_empty() {
            if self.queue.capacity() > KEPT_PLACES_MAX {
                self.queue = VecDeque::new();
            }
            return self.closing.then_some(Taken::Closing);
        }
        if into.is_empty() {
            std::mem::swap(into, &mut self.queue);
        } else {
            into.append(&mut self.queue);
        }
        self.taken_bytes += std::mem::take(&mut self.queued_bytes);
        Some(if self.closing { Taken::Closing } else { Taken::Lines })
    }

    /// Adds the last line and closes.
    fn close(&mut self, last: Line) -> Option<Waker> {
        if self.closing {
            return None;
        }
        self.closing = true;
        self.queued_bytes += last.0.len();
        self.queue.push_back(last);
        self.waker.take()
    }
}
