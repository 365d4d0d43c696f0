use super::*;
use crate::runtime::Builder;
use crate::task::yield_now;
use crate::time::{Duration, sleep};
use futures::channel::oneshot;
use std::cell::RefCell;
use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Wake, Waker};

fn runtime() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// Is not woken.
struct Nobody;

impl Wake for Nobody {
    fn wake(self: Arc<Self>) {
        unreachable!("nobody is to be woken");
    }
}

#[test]
fn what_a_task_wakes_within_a_poll_takes_no_lock_and_wakes_nobody() {
    let (tell, told) = oneshot::channel();
    let mut set = LocalSet::new();
    let waits = set.spawn_local(told);
    drop(set.spawn_local(async move {
        yield_now().await;
        tell.send(7).unwrap();
    }));
    let waker = Waker::from(Arc::new(Nobody));
    assert!(Pin::new(&mut set).poll(&mut Context::from_waker(&waker)).is_ready());
    assert!(waits.is_finished());
}

/// Counts how often it is woken.
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Relaxed);
    }
}

/// Whether who polled a set last is woken if `wake` wakes a task of it, on the thread of the set.
fn wakes_who_polled(wake: impl FnOnce(&LocalSet, oneshot::Sender<()>)) -> bool {
    let (tell, told) = oneshot::channel();
    let mut set = LocalSet::new();
    let waits = set.spawn_local(told);
    let count = Arc::new(Count(AtomicUsize::new(0)));
    let waker = Waker::from(Arc::clone(&count));
    assert!(Pin::new(&mut set).poll(&mut Context::from_waker(&waker)).is_pending());
    wake(&set, tell);
    let woken = count.0.load(Relaxed) > 0;
    assert!(poll_once(&mut set).is_ready() && waits.is_finished());
    woken
}

#[test]
fn what_is_woken_in_a_set_that_is_entered_but_not_polled_wakes_who_polled_it() {
    assert!(wakes_who_polled(|set, tell| {
        let _entered = set.enter();
        tell.send(()).unwrap();
    }));
}

#[test]
fn what_is_woken_in_a_poll_of_another_set_wakes_who_polled_its_own() {
    assert!(wakes_who_polled(|_, tell| {
        let other = LocalSet::new();
        runtime().block_on(other.run_until(async { tell.send(()).unwrap() }));
    }));
}

#[test]
fn a_poll_ends_after_so_many_tasks_and_asks_for_another() {
    let mut set = LocalSet::new();
    let done = Rc::new(Cell::new(0));
    for _ in 0..3 * TASKS_PER_TURN {
        let done = Rc::clone(&done);
        drop(set.spawn_local(async move { done.set(done.get() + 1) }));
    }
    assert!(poll_once(&mut set).is_pending());
    assert_eq!(done.get(), TASKS_PER_TURN);
    runtime().block_on(set);
    assert_eq!(done.get(), 3 * TASKS_PER_TURN);
}

#[test]
fn a_task_that_only_yields_lets_the_driver_have_its_turn() {
    let set = LocalSet::new();
    drop(set.spawn_local(async {
        loop {
            yield_now().await;
        }
    }));
    set.block_on(&runtime(), async { sleep(Duration::from_millis(2)).await });
}

#[test]
fn nothing_is_left_of_a_set_that_is_gone_with_tasks_in_every_state() {
    let set = LocalSet::new();
    let shared = Arc::downgrade(&set.local.shared);
    let wakers = Rc::new(RefCell::new(Vec::new()));
    let kept = Rc::clone(&wakers);
    let waiting = set.spawn_local(poll_fn(move |cx| {
        kept.borrow_mut().push(cx.waker().clone());
        Poll::<()>::Pending
    }));
    let poller = Arc::new(Nobody);
    let queued = {
        let (mut set, waker) = (set, Waker::from(Arc::clone(&poller)));
        assert!(Pin::new(&mut set).poll(&mut Context::from_waker(&waker)).is_pending());
        set.local.shared.inbox.register(Waker::noop());
        drop(set.spawn_local(async { 7 }));
        let queued = set.spawn_local(pending::<()>());
        set.local.shared.inbox.register(&waker);
        queued
    };
    assert!(waiting.is_finished() && queued.is_finished());
    wakers.borrow().iter().for_each(Waker::wake_by_ref); // Too late: to nobody.
    assert_eq!(Arc::strong_count(&poller), 1, "who polled the set is not kept");
    drop((waiting, queued));
    assert!(shared.upgrade().is_some(), "a waker keeps its task, and that the inbox");
    wakers.borrow_mut().clear();
    assert!(shared.upgrade().is_none());
}
