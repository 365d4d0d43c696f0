//! A task driven by hand: the scheduler is a queue, the thread is the test's.

use super::*;
use crate::primitive::{Arc, Mutex};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll, Waker};

/// A scheduler that keeps what it is given until the test runs it.
#[derive(Clone, Default)]
struct Queue(Arc<Mutex<VecDeque<Runnable>>>);

impl Schedule for Queue {
    fn schedule(&self, runnable: Runnable) {
        self.0.lock().push_back(runnable);
    }

    fn own(&self, _task: Waiting) -> Option<usize> {
        Some(7)
    }

    fn release(&self, owner_key: usize) {
        assert_eq!(owner_key, 7);
    }
}

impl Queue {
    /// Runs what is scheduled until nothing is; returns how many polls that took.
    fn run(&self) -> usize {
        let mut polls = 0;
        while let Some(runnable) = self.pop() {
            polls += 1;
            if let Ran::Again(again) = runnable.run() {
                self.schedule(again);
            }
        }
        polls
    }

    fn pop(&self) -> Option<Runnable> {
        self.0.lock().pop_front()
    }
}

fn poll_once<F: Future + Unpin>(mut future: F) -> Poll<F::Output> {
    pin!(&mut future).poll(&mut Context::from_waker(Waker::noop()))
}

/// Counts its drops; panics in them if told to.
struct Dropped {
    count: Arc<AtomicUsize>,
    panics: bool,
}

impl Drop for Dropped {
    fn drop(&mut self) {
        self.count.fetch_add(1, Relaxed);
        if self.panics && !std::thread::panicking() {
            panic!("panic in drop");
        }
    }
}

#[test]
fn two_wakes_during_a_poll_make_one_more_poll() {
    let trace = Arc::new(Mutex::new(Vec::new()));
    let queue = Queue::default();
    let seen = trace.clone();
    let mut polls = 0;
    let future = poll_fn(move |cx| {
        seen.lock().push("poll");
        polls += 1;
        if polls == 2 {
            return Poll::Ready(());
        }
        for _ in 0..2 {
            seen.lock().push("wake");
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    });
    let (runnable, handle) = create(future, queue.clone());
    queue.schedule(runnable);
    queue.run();
    assert_eq!(*trace.lock(), ["poll", "wake", "wake", "poll"]);
    assert!(matches!(poll_once(handle), Poll::Ready(Ok(()))));
}

#[test]
fn a_wake_of_an_idle_task_schedules_it_once() {
    let waker = Arc::new(Mutex::new(None::<Waker>));
    let queue = Queue::default();
    let slot = waker.clone();
    let (runnable, handle) = create(
        poll_fn(move |cx| {
            *slot.lock() = Some(cx.waker().clone());
            Poll::<()>::Pending
        }),
        queue.clone(),
    );
    assert!(matches!(runnable.run(), Ran::Waiting));
    let stored = waker.lock().take().expect("the poll has left its waker");
    stored.wake_by_ref();
    stored.wake_by_ref();
    stored.wake();
    assert_eq!(queue.run(), 1);
    handle.abort();
    assert_eq!(queue.run(), 1, "an idle task that is aborted runs once, to drop its future");
    assert!(matches!(poll_once(handle), Poll::Ready(Err(error)) if error.is_cancelled()));
    let waker = waker.lock().take().expect("the second poll has left one too");
    waker.wake();
    assert_eq!(queue.run(), 0, "a wake after the end is harmless");
}

/// A scheduler whose tasks run where they are woken, and before the call that schedules them returns.
struct AtOnce {
    _kept: Arc<()>,
}

impl Schedule for AtOnce {
    fn schedule(&self, _runnable: Runnable) {
        unreachable!("every thread is its own");
    }

    fn here(&self) -> Option<Take> {
        Some(|runnable| assert!(matches!(runnable.run(), Ran::Complete)))
    }

    fn own(&self, _task: Waiting) -> Option<usize> {
        Some(7)
    }

    fn release(&self, _owner_key: usize) {}
}

/// Miri sees it if anything that is called still refers to the task.
#[test]
fn a_task_may_be_gone_before_the_call_that_schedules_it_returns() {
    let waker = Arc::new(Mutex::new(None::<Waker>));
    let slot = waker.clone();
    let mut polls = 0;
    let future = poll_fn(move |cx| {
        polls += 1;
        if polls == 2 {
            return Poll::Ready(());
        }
        *slot.lock() = Some(cx.waker().clone());
        Poll::Pending
    });
    let scheduler = Arc::new(());
    let (runnable, handle) = create(future, AtOnce { _kept: scheduler.clone() });
    assert!(matches!(runnable.run(), Ran::Waiting));
    drop(handle);
    let woken = waker.lock().take().expect("the poll has left its waker");
    woken.wake();
    assert_eq!(Arc::strong_count(&scheduler), 1, "the task's memory is freed");
}

#[test]
fn a_runnable_that_is_dropped_cancels_its_task() {
    let count = Arc::new(AtomicUsize::new(0));
    let guard = Dropped { count: count.clone(), panics: false };
    let (runnable, handle) = create(
        async move {
            let _guard = guard;
            std::future::pending::<()>().await;
        },
        Queue::default(),
    );
    drop(runnable);
    assert_eq!(count.load(Relaxed), 1);
    assert!(matches!(poll_once(handle), Poll::Ready(Err(error)) if error.is_cancelled()));
}

#[test]
fn the_join_handle_wakes_whoever_polled_it_last() {
    struct Flag(AtomicUsize);
    impl std::task::Wake for Flag {
        fn wake(self: std::sync::Arc<Self>) {
            self.0.fetch_add(1, Relaxed);
        }
    }
    let flags = [(); 2].map(|()| std::sync::Arc::new(Flag(AtomicUsize::new(0))));
    let (runnable, mut handle) = create(async { 7 }, Queue::default());
    for flag in [&flags[0], &flags[0], &flags[1]] {
        let waker = Waker::from(flag.clone());
        assert!(pin!(&mut handle).poll(&mut Context::from_waker(&waker)).is_pending());
    }
    assert!(matches!(runnable.run(), Ran::Complete));
    assert_eq!(flags.each_ref().map(|flag| flag.0.load(Relaxed)), [0, 1]);
    assert!(matches!(poll_once(&mut handle), Poll::Ready(Ok(7))));
    let again = catch_unwind(AssertUnwindSafe(|| poll_once(&mut handle)));
    assert!(again.is_err(), "polled after it has returned the output");
}

/// A panic's payload whose drop panics, with another such.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic_any(Bomb);
    }
}

#[test]
fn a_payload_that_panics_when_it_is_dropped_goes_no_further_than_its_task() {
    struct Exploding;
    impl std::task::Wake for Exploding {
        fn wake(self: std::sync::Arc<Self>) {
            panic_any(Bomb);
        }
    }
    let queue = Queue::default();
    let guard = Bomb;
    let future = poll_fn(move |_| -> Poll<()> {
        let _kept = &guard;
        panic_any(Bomb);
    });
    let (runnable, mut handle) = create(future, queue.clone());
    let waker = Waker::from(std::sync::Arc::new(Exploding));
    assert!(pin!(&mut handle).poll(&mut Context::from_waker(&waker)).is_pending());
    assert!(matches!(runnable.run(), Ran::Complete));
    assert!(handle.is_finished());
    drop(handle);
    assert_eq!(Arc::strong_count(&queue.0), 1, "the task's memory is freed");
}

/// What one step of a plan does to the task.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Act {
    Run,
    Wake,
    Abort,
    PollHandle,
    DropHandle,
    DropWaker,
}

/// How the task ends, and what panics on the way.
#[derive(Clone, Copy, Debug)]
struct Nature {
    polls_until_ready: usize,
    panics_in_poll: bool,
    panics_in_future_drop: bool,
    panics_in_output_drop: bool,
}

/// Does `acts` in order to a task of this nature, then lets the runtime end it.
fn carry_out(acts: &[Act], nature: Nature) {
    thread_local! { static WAKER: RefCell<Option<Waker>> = const { RefCell::new(None) }; }
    let futures = Arc::new(AtomicUsize::new(0));
    let outputs = Arc::new(AtomicUsize::new(0));
    let made = Arc::new(AtomicUsize::new(0));
    let in_future = Dropped { count: futures.clone(), panics: nature.panics_in_future_drop };
    let (output_count, made_count) = (outputs.clone(), made.clone());
    let mut polls = 0;
    let future = poll_fn(move |cx| {
        let _kept = &in_future;
        polls += 1;
        WAKER.set(Some(cx.waker().clone()));
        if polls < nature.polls_until_ready {
            return Poll::Pending;
        }
        if nature.panics_in_poll {
            panic!("panic in poll");
        }
        made_count.fetch_add(1, Relaxed);
        Poll::Ready(Dropped { count: output_count.clone(), panics: nature.panics_in_output_drop })
    });
    let queue = Queue::default();
    let (runnable, handle) = create(future, queue.clone());
    let task = handle.abort_handle();
    let mut handle = Some(handle);
    queue.schedule(runnable);
    for act in acts {
        match act {
            Act::Run => {
                if let Some(Ran::Again(again)) = queue.pop().map(Runnable::run) {
                    queue.schedule(again);
                }
            }
            Act::Wake => WAKER.with_borrow(|waker| {
                if let Some(waker) = waker {
                    waker.wake_by_ref();
                }
            }),
            Act::Abort => task.abort(),
            Act::PollHandle => {
                if let Some(joined) = &mut handle
                    && let Poll::Ready(result) = poll_once(joined)
                {
                    assert_eq!(futures.load(Relaxed), 1, "the future goes before the output");
                    let _panic_of_output = catch_unwind(AssertUnwindSafe(|| drop(result)));
                    handle = None;
                }
            }
            Act::DropHandle => handle = None,
            Act::DropWaker => WAKER.set(None),
        }
        let queued = queue.0.lock().len();
        assert!(queued <= 1, "one right to poll at most");
    }
    task.abort();
    queue.run();
    assert!(task.is_finished());
    drop(handle);
    WAKER.set(None);
    assert_eq!(futures.load(Relaxed), 1, "future dropped once: {acts:?} {nature:?}");
    assert_eq!(outputs.load(Relaxed), made.load(Relaxed), "output too: {acts:?} {nature:?}");
    drop(task);
    assert_eq!(Arc::strong_count(&queue.0), 1, "the task's memory is freed: {acts:?} {nature:?}");
}

#[test]
fn future_and_output_are_dropped_once_in_every_order() {
    use Act::*;
    std::panic::set_hook(Box::new(|_| {})); // thousands of panics are meant
    let acts = [Run, Wake, Abort, PollHandle, DropHandle, DropWaker];
    let mut orders = 0;
    for code in 0..acts.len().pow(5) {
        let plan: Vec<Act> =
            (0..5).map(|place| acts[code / acts.len().pow(place) % acts.len()]).collect();
        for bits in 0..16 {
            let nature = Nature {
                polls_until_ready: 1 + (bits & 1),
                panics_in_poll: bits & 2 != 0,
                panics_in_future_drop: bits & 4 != 0,
                panics_in_output_drop: bits & 8 != 0,
            };
            carry_out(&plan, nature);
            orders += 1;
        }
    }
    let _ = std::panic::take_hook();
    assert_eq!(orders, 6usize.pow(5) * 16);
}
