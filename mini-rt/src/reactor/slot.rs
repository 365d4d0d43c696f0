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
//! - edge R1  [`Slot::step`] in the reactor -> [`Slot::look`]   publishes all that was done before
//!   the event was delivered (a test's simulated source; for the kernel's it is not needed)
//! - edge R2  unlock of `waiters` -> its next lock   publishes a stored waker to who delivers, and
//!   the stepped word to who has stored a waker
//!
//! Rejected: an intrusive list as in Tokio's `ScheduledIo` (unsafe and pinning, to save an allocation
//! that only the second way of waiting makes, once); alignment to a cache line or two (a slot is
//! touched by one worker at a time; padding costs each idle connection up to 200 bytes).

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use slab::Slab;

use super::readiness::{Event, Gone, Interest, Ready, Word};
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

/// Readiness and waiters of one source. 56 bytes on a 64-bit Linux, 72 with the counts of its `Arc`.
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
        Word::from_bits(self.word.load(Acquire)).look(interest) // edge R1 acquire
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
        self.step(|word| Some(word.deliver(ready))); // edge R1 release
        self.take_wakers(ready, wakes);
    }

    pub(super) fn shut_down(&self, wakes: &mut WakeList) {
        self.step(|word| Some(word.shut_down())); // edge R1 release
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
        let mut waiters = self.waiters.lock(); // edge R2
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
        let old = place(&mut self.waiters.lock()).replace(fresh); // edge R2
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
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicUsize;
    use std::sync::atomic::Ordering::Relaxed;

    use futures::task::{ArcWake, waker};

    use super::*;

    #[derive(Default)]
    struct Count(AtomicUsize);
    impl ArcWake for Count {
        fn wake_by_ref(this: &Arc<Self>) {
            this.0.fetch_add(1, Relaxed);
        }
    }

    /// A task that counts how often it is woken.
    struct Task(Arc<Count>, Waker);
    impl Task {
        fn new() -> Task {
            let count = Arc::<Count>::default();
            Task(count.clone(), waker(count))
        }
        fn poll(&self, slot: &Slot, direction: Direction) -> Poll<Result<Event, Gone>> {
            slot.poll_ready(&mut Context::from_waker(&self.1), direction)
        }
        fn await_on(&self, future: &mut Readiness<'_>) -> Poll<Result<Event, Gone>> {
            Pin::new(future).poll(&mut Context::from_waker(&self.1))
        }
        fn wakes(&self) -> usize {
            self.0.0.load(Relaxed)
        }
        /// References to the waker that others hold.
        fn held(&self) -> usize {
            Arc::strong_count(&self.0) - 2
        }
    }

    fn deliver(slot: &Slot, ready: Ready) {
        let mut wakes = WakeList::new();
        slot.deliver(ready, &mut wakes);
        wakes.wake_all();
    }

    #[test]
    fn an_idle_slot_fits_its_budget() {
        #[cfg(all(target_os = "linux", target_pointer_width = "64"))]
        assert!(size_of::<Slot>() <= 56, "{} bytes", size_of::<Slot>());
    }

    #[test]
    fn each_direction_is_woken_by_its_own_events_only() {
        let (slot, reader, writer) = (Slot::new(), Task::new(), Task::new());
        assert!(reader.poll(&slot, Direction::Read).is_pending());
        assert!(writer.poll(&slot, Direction::Write).is_pending());
        deliver(&slot, Ready::WRITABLE);
        assert_eq!((reader.wakes(), writer.wakes()), (0, 1));
        deliver(&slot, Ready::READ_CLOSED);
        assert_eq!((reader.wakes(), writer.wakes()), (1, 1));
        assert!(reader.poll(&slot, Direction::Read).is_ready());
    }

    #[test]
    fn an_error_wakes_both_directions() {
        let (slot, reader, writer) = (Slot::new(), Task::new(), Task::new());
        assert!(reader.poll(&slot, Direction::Read).is_pending());
        assert!(writer.poll(&slot, Direction::Write).is_pending());
        deliver(&slot, Ready::ERROR);
        assert_eq!((reader.wakes(), writer.wakes()), (1, 1));
    }

    #[test]
    fn the_last_task_to_poll_a_direction_is_the_one_woken() {
        let (slot, first, last) = (Slot::new(), Task::new(), Task::new());
        assert!(first.poll(&slot, Direction::Read).is_pending());
        assert!(last.poll(&slot, Direction::Read).is_pending());
        deliver(&slot, Ready::READABLE);
        assert_eq!((first.wakes(), last.wakes()), (0, 1));
        assert_eq!((first.held(), last.held()), (0, 0));
    }

    #[test]
    fn polling_again_with_the_same_waker_keeps_one_reference() {
        let (slot, task) = (Slot::new(), Task::new());
        for _ in 0..3 {
            assert!(task.poll(&slot, Direction::Read).is_pending());
            assert_eq!(task.held(), 1);
        }
        drop(slot);
        assert_eq!(task.held(), 0);
    }

    #[test]
    fn any_number_of_tasks_may_wait_through_the_list() {
        let slot = Slot::new();
        let tasks: Vec<_> = (0..20).map(|_| Task::new()).collect();
        let mut waiting: Vec<_> =
            tasks.iter().map(|_| slot.readiness(Interest::READABLE)).collect();
        for (task, future) in tasks.iter().zip(&mut waiting) {
            assert!(task.await_on(future).is_pending());
        }
        deliver(&slot, Ready::WRITABLE);
        assert!(tasks.iter().all(|task| task.wakes() == 0), "nobody waits to write");
        deliver(&slot, Ready::READABLE);
        assert!(tasks.iter().all(|task| task.wakes() == 1));
        for (task, future) in tasks.iter().zip(&mut waiting) {
            assert!(task.await_on(future).is_ready());
        }
    }

    #[test]
    fn who_comes_too_late_waits_for_the_next_event() {
        let (slot, fast, slow) = (Slot::new(), Task::new(), Task::new());
        let mut fast_wait = slot.readiness(Interest::READABLE);
        let mut slow_wait = slot.readiness(Interest::READABLE);
        assert!(fast.await_on(&mut fast_wait).is_pending());
        assert!(slow.await_on(&mut slow_wait).is_pending());
        deliver(&slot, Ready::READABLE);
        let Poll::Ready(Ok(event)) = fast.await_on(&mut fast_wait) else { panic!("not ready") };
        slot.consume(event);
        assert!(slow.await_on(&mut slow_wait).is_pending(), "nothing is left to read");
        deliver(&slot, Ready::READABLE);
        assert_eq!((fast.wakes(), slow.wakes()), (1, 2));
        assert!(slow.await_on(&mut slow_wait).is_ready());
    }

    #[test]
    fn a_dropped_wait_leaves_the_list_and_lets_go_of_its_waker() {
        let (slot, task) = (Slot::new(), Task::new());
        let mut wait = slot.readiness(Interest::READABLE);
        assert!(task.await_on(&mut wait).is_pending());
        assert_eq!(task.held(), 1);
        drop(wait);
        assert_eq!(task.held(), 0);
        assert!(slot.waiters.lock().list.as_ref().is_some_and(|list| list.is_empty()));
        deliver(&slot, Ready::ALL);
        assert_eq!(task.wakes(), 0);
    }

    #[test]
    fn nothing_is_allocated_for_who_does_not_wait_through_the_list() {
        let (slot, task) = (Slot::new(), Task::new());
        assert!(task.poll(&slot, Direction::Read).is_pending());
        slot.assume(Ready::WRITABLE);
        assert!(task.await_on(&mut slot.readiness(Interest::WRITABLE)).is_ready());
        assert!(slot.waiters.lock().list.is_none());
    }

    #[test]
    fn shutting_down_wakes_everybody_and_fails_them() {
        let (slot, [reader, writer, listed]) = (Slot::new(), [(); 3].map(|()| Task::new()));
        let mut wait = slot.readiness(Interest::READABLE);
        assert!(reader.poll(&slot, Direction::Read).is_pending());
        assert!(writer.poll(&slot, Direction::Write).is_pending());
        assert!(listed.await_on(&mut wait).is_pending());
        let mut wakes = WakeList::new();
        slot.shut_down(&mut wakes);
        wakes.wake_all();
        assert_eq!([&reader, &writer, &listed].map(Task::wakes), [1; 3]);
        assert_eq!(reader.poll(&slot, Direction::Read), Poll::Ready(Err(Gone)));
        assert_eq!(listed.await_on(&mut wait), Poll::Ready(Err(Gone)));
    }

    /// A waker that minds whether the slot is locked when it is woken, and when it is dropped.
    struct Nosy(Arc<Slot>);
    impl Nosy {
        fn check(&self) {
            assert!(self.0.waiters.try_lock().is_some(), "the slot is locked");
        }
    }
    impl ArcWake for Nosy {
        fn wake_by_ref(this: &Arc<Self>) {
            this.check();
        }
    }
    impl Drop for Nosy {
        fn drop(&mut self) {
            self.check();
        }
    }

    #[test]
    fn no_waker_is_woken_or_dropped_under_the_lock() {
        let slot = Arc::new(Slot::new());
        let mut wait = slot.readiness(Interest::WRITABLE);
        for ready in [Ready::EMPTY, Ready::EMPTY, Ready::READABLE] {
            let waker = waker(Arc::new(Nosy(slot.clone())));
            let mut cx = Context::from_waker(&waker);
            assert!(slot.poll_ready(&mut cx, Direction::Read).is_pending());
            assert!(Pin::new(&mut wait).poll(&mut cx).is_pending());
            drop(waker); // the slot holds the last references: replacing them drops
            deliver(&slot, ready);
        }
        drop(wait);
    }
}
