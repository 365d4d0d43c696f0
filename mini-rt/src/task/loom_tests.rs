//! The task's word under loom: every interleaving of the edges T1 to T5.

use super::*;
use crate::primitive::atomic::{AtomicUsize, Ordering::Relaxed};
use crate::primitive::{Arc, Mutex, thread, thread_local};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

thread_local! {
    /// The queue whose tasks this thread runs, in models that say so.
    static HERE: RefCell<Option<Queue>> = const { RefCell::new(None) };
}

#[derive(Clone)]
struct Queue(Arc<Mutex<VecDeque<Runnable>>>);

impl Schedule for Queue {
    fn schedule(&self, runnable: Runnable) {
        self.0.lock().push_back(runnable);
    }

    fn here(&self) -> Option<Take> {
        let is_own = |queue: &Queue| Arc::ptr_eq(&queue.0, &self.0);
        HERE.with_borrow(|queue| queue.as_ref().is_some_and(is_own)).then_some(|runnable| {
            HERE.with_borrow(|queue| queue.as_ref().expect("found").schedule(runnable));
        })
    }

    fn own(&self, _task: Waiting) -> Option<usize> {
        Some(0)
    }

    fn release(&self, _owner_key: usize) {}
}

impl Queue {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(VecDeque::new())))
    }

    fn run_one(&self) -> bool {
        let runnable = self.0.lock().pop_front();
        let Some(runnable) = runnable else { return false };
        if let Ran::Again(again) = runnable.run() {
            self.schedule(again);
        }
        true
    }

    fn run(&self) {
        while self.run_one() {}
    }
}

/// Counts drops with an atomic that loom sees.
struct Dropped(Arc<AtomicUsize>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.fetch_add(1, Relaxed);
    }
}

/// A waker in foreign hands, made as a poll would make it.
fn foreign_waker(runnable: &Runnable) -> Waker {
    // SAFETY: the runnable keeps the task alive for these lines; the clone has a reference.
    let waker = unsafe { waker::borrowed(runnable.0) };
    Waker::clone(&waker)
}

/// Checks a model of three threads. Every interleaving with at most three preemptions: without a
/// bound it takes hours, and no bug of this kind is known that needs four.
fn model_of_three(model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(model);
}

/// Edge T1: what was written before a wake is seen by the poll after it, also when the wake found
/// the task scheduled already, and however many polls there are.
#[test]
fn loom_a_wake_publishes_to_the_next_poll() {
    loom::model(|| a_wake_publishes_to_the_next_poll(Waker::wake));
}

/// The same for a wake that leaves the word as it was.
#[test]
fn loom_a_wake_by_reference_publishes_to_the_next_poll() {
    loom::model(|| a_wake_publishes_to_the_next_poll(|waker| waker.wake_by_ref()));
}

fn a_wake_publishes_to_the_next_poll(wake: fn(Waker)) {
    let queue = Queue::new();
    let written = Arc::new(AtomicUsize::new(0));
    let polls = Arc::new(AtomicUsize::new(0));
    let (seen, counted) = (written.clone(), polls.clone());
    let (runnable, handle) = create(
        poll_fn(move |_| {
            counted.fetch_add(1, Relaxed);
            // Relaxed on purpose, both here and in the writer: only the task's word may order
            // the two. After the wake there must be a poll that sees the 1.
            if seen.load(Relaxed) == 0 { Poll::Pending } else { Poll::Ready(()) }
        }),
        queue.clone(),
    );
    let task = handle.abort_handle();
    let waker = foreign_waker(&runnable);
    queue.schedule(runnable);
    let writer = {
        let written = written.clone();
        thread::spawn(move || {
            written.store(1, Relaxed);
            wake(waker);
        })
    };
    queue.run();
    writer.join().expect("the writer does not panic");
    queue.run();
    assert!(task.is_finished(), "the write was missed by every poll");
    assert!(polls.load(Relaxed) <= 2);
    drop(handle);
}

/// Two wakes from two threads and a poll: never two rights to poll, never none.
#[test]
fn loom_wakes_race_with_a_poll() {
    model_of_three(|| {
        let queue = Queue::new();
        let polls = Arc::new(AtomicUsize::new(0));
        let counted = polls.clone();
        let (runnable, handle) = create(
            poll_fn(move |_| {
                counted.fetch_add(1, Relaxed);
                Poll::<()>::Pending
            }),
            queue.clone(),
        );
        let wakers = [(); 2].map(|()| foreign_waker(&runnable));
        queue.schedule(runnable);
        let threads = wakers.map(|waker| thread::spawn(move || waker.wake()));
        queue.run_one();
        for thread in threads {
            thread.join().expect("a wake does not panic");
        }
        assert!(queue.0.lock().len() <= 1);
        queue.run();
        let polls = polls.load(Relaxed);
        assert!((1..=3).contains(&polls), "{polls} polls");
        handle.abort();
        queue.run();
        assert!(handle.is_finished());
    });
}

/// Edges T3 and T5: completion against a join handle that stores a waker.
#[test]
fn loom_completion_races_with_join() {
    loom::model(|| completion_races_with_join(&[0]));
}

/// The same for a handle that is polled again, by the same task and by another.
#[test]
fn loom_completion_races_with_a_second_join() {
    loom::model(|| completion_races_with_join(&[0, 0]));
    loom::model(|| completion_races_with_join(&[0, 1]));
}

/// Polls the handle with these of two wakers: it returns the output, or the last one is woken.
fn completion_races_with_join(polls: &[usize]) {
    let drops = Arc::new(AtomicUsize::new(0));
    let output = Dropped(drops.clone());
    let (runnable, mut handle) = create(async move { output }, Queue::new());
    let runner = thread::spawn(move || drop(runnable.run()));
    let wakers = [counting_waker(), counting_waker()];
    let mut last = None;
    for &index in polls {
        let (waker, woken) = &wakers[index];
        let polled = pin!(&mut handle).poll(&mut Context::from_waker(waker));
        if let Poll::Ready(result) = polled {
            drop(result.expect("it neither panics nor is aborted"));
            runner.join().expect("no panic");
            assert_eq!(drops.load(Relaxed), 1);
            return;
        }
        last = Some(woken);
    }
    runner.join().expect("no panic");
    let woken = last.expect("polled").load(std::sync::atomic::Ordering::Relaxed);
    assert_eq!(woken, 1, "pending, then woken");
    drop(handle);
    assert_eq!(drops.load(Relaxed), 1);
}

/// Edge T4 and the cleanup of output and join waker: handle dropped while the task completes.
#[test]
fn loom_completion_races_with_detach() {
    loom::model(|| {
        let drops = Arc::new(AtomicUsize::new(0));
        let output = Dropped(drops.clone());
        let (runnable, mut handle) = create(async move { output }, Queue::new());
        let (waker, _) = counting_waker();
        assert!(pin!(&mut handle).poll(&mut Context::from_waker(&waker)).is_pending());
        let runner = thread::spawn(move || drop(runnable.run()));
        drop(handle);
        runner.join().expect("no panic");
        assert_eq!(drops.load(Relaxed), 1);
    });
}

/// Abort, wake and poll at once: the future is dropped once, and the handle hears of it.
#[test]
fn loom_abort_races_with_wake_and_poll() {
    model_of_three(|| {
        let queue = Queue::new();
        let drops = Arc::new(AtomicUsize::new(0));
        let guard = Dropped(drops.clone());
        let (runnable, mut handle) = create(
            poll_fn(move |_| {
                let _kept = &guard;
                Poll::<()>::Pending
            }),
            queue.clone(),
        );
        let waker = foreign_waker(&runnable);
        let task = handle.abort_handle();
        queue.schedule(runnable);
        let aborter = thread::spawn(move || task.abort());
        let waking = thread::spawn(move || waker.wake());
        queue.run();
        aborter.join().expect("no panic");
        waking.join().expect("no panic");
        queue.run();
        assert_eq!(drops.load(Relaxed), 1);
        let polled = pin!(&mut handle).poll(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(polled, Poll::Ready(Err(error)) if error.is_cancelled()));
    });
}

/// Edge T4, R3: a wake on a worker gives the waker's reference up before the task is in the queue,
/// from where another worker runs, completes and frees it at once; or its handle goes last.
#[test]
fn loom_a_wake_on_a_worker_leaves_the_task_to_others() {
    loom::model(|| {
        let queue = Queue::new();
        let drops = Arc::new(AtomicUsize::new(0));
        let output = Dropped(drops.clone());
        let mut output = Some(output);
        let mut polls = 0;
        let future = poll_fn(move |_| {
            polls += 1;
            if polls == 1 { Poll::Pending } else { Poll::Ready(output.take()) }
        });
        let (runnable, handle) = create(future, queue.clone());
        let waker = foreign_waker(&runnable);
        assert!(matches!(runnable.run(), Ran::Waiting));
        let other = {
            let queue = queue.clone();
            thread::spawn(move || {
                queue.run();
                drop(handle);
            })
        };
        HERE.set(Some(queue.clone()));
        waker.wake();
        HERE.set(None);
        other.join().expect("no panic");
        queue.run();
        assert_eq!(drops.load(Relaxed), 1);
        assert_eq!(Arc::strong_count(&queue.0), 1, "the task's memory is freed");
    });
}

/// Edge T4: the last two references go at once; loom's leak check sees the scheduler's `Arc`.
#[test]
fn loom_the_last_reference_frees_the_task() {
    loom::model(|| {
        let (runnable, handle) = create(async {}, Queue::new());
        let waker = foreign_waker(&runnable);
        drop(runnable.run());
        let other = thread::spawn(move || waker.wake());
        drop(handle);
        other.join().expect("no panic");
    });
}

type Count = std::sync::Arc<std::sync::atomic::AtomicUsize>;

fn counting_waker() -> (Waker, Count) {
    struct Counter(Count);
    impl std::task::Wake for Counter {
        fn wake(self: std::sync::Arc<Self>) {
            self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        }
    }
    let count = Count::default();
    (std::sync::Arc::new(Counter(count.clone())).into(), count)
}
