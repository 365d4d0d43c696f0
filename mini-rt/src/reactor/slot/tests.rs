//! Who is woken by what, on one thread.

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
    let mut waiting: Vec<_> = tasks.iter().map(|_| slot.readiness(Interest::READABLE)).collect();
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
