//! `spawn_blocking`: threads for calls that block.

use super::{builder, check, check_async, rt, yield_until};
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier, mpsc};
use std::thread;
use tests::tracker::Tracker;
use tests::wait::wait;
use tests::watchdog::guarded;

#[test]
fn join_returns_the_result() {
    check_async(async || {
        let task = rt::task::spawn_blocking(|| thread::current().id());
        assert_ne!(task.await.unwrap(), thread::current().id());
    });
}

#[test]
fn a_panic_is_seen_by_who_joins() {
    check_async(async || {
        let error = rt::task::spawn_blocking(|| resume_unwind(Box::new(5))).await.unwrap_err();
        assert_eq!(*error.into_panic().downcast::<i32>().unwrap(), 5);
        // The thread that ran it is not lost for others.
        assert_eq!(rt::task::spawn_blocking(|| 6).await.unwrap(), 6);
    });
}

#[test]
fn as_many_run_at_once_as_there_may_be_threads() {
    guarded(|| {
        let rt = builder().max_blocking_threads(3).build().unwrap();
        let barrier = Arc::new(Barrier::new(3));
        let tasks: Vec<_> = (0..3)
            .map(|_| {
                let barrier = Arc::clone(&barrier);
                rt.spawn_blocking(move || barrier.wait().is_leader())
            })
            .collect();
        let leaders = tasks.into_iter().filter_map(|task| rt.block_on(task).unwrap().then_some(()));
        assert_eq!(leaders.count(), 1);
    });
}

#[test]
fn never_more_run_than_there_may_be_threads_and_all_run() {
    guarded(|| {
        let rt = builder().max_blocking_threads(2).build().unwrap();
        let running = Arc::new(AtomicUsize::new(0));
        let tasks: Vec<_> = (0..200)
            .map(|i| {
                let running = Arc::clone(&running);
                rt.spawn_blocking(move || {
                    assert!(running.fetch_add(1, SeqCst) < 2);
                    thread::yield_now();
                    running.fetch_sub(1, SeqCst);
                    i
                })
            })
            .collect();
        for (i, task) in tasks.into_iter().enumerate() {
            assert_eq!(rt.block_on(task).unwrap(), i);
        }
    });
}

#[test]
fn a_blocking_call_does_not_keep_tasks_from_running() {
    check_async(async || {
        let (release, released) = mpsc::channel::<()>();
        let call = rt::task::spawn_blocking(move || released.recv().is_ok());
        for i in 0..100 {
            assert_eq!(rt::spawn(async move { i }).await.unwrap(), i);
        }
        release.send(()).unwrap();
        assert!(call.await.unwrap());
    });
}

#[test]
fn the_runtime_is_current_inside() {
    check_async(async || {
        let call = rt::task::spawn_blocking(|| {
            let task = rt::spawn(async { 1 });
            rt::runtime::Handle::current().block_on(task).unwrap()
        });
        assert_eq!(call.await.unwrap(), 1);
    });
}

#[test]
fn calls_are_made_from_any_thread() {
    check(|rt| {
        let handle = rt.handle().clone();
        let thread = thread::spawn(move || handle.spawn_blocking(|| 7));
        assert_eq!(rt.block_on(thread.join().unwrap()).unwrap(), 7);
    });
}

#[test]
fn a_call_needs_nobody_in_block_on() {
    check(|rt| {
        let (done, is_done) = mpsc::channel();
        let call = rt.spawn_blocking(move || done.send(()).unwrap());
        is_done.recv().unwrap();
        assert!(wait(call).is_ok());
    });
}

/// A runtime with one blocking thread, which is inside a call until the sender is dropped.
fn with_a_busy_thread() -> (rt::runtime::Runtime, mpsc::Sender<()>) {
    let rt = builder().max_blocking_threads(1).build().unwrap();
    let (started, starts) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    drop(rt.spawn_blocking(move || {
        started.send(()).unwrap();
        let _ = released.recv();
    }));
    starts.recv().unwrap();
    (rt, release)
}

#[test]
fn a_call_that_waits_for_a_thread_is_aborted() {
    guarded(|| {
        let (rt, release) = with_a_busy_thread();
        let tracker = Tracker::default();
        let token = tracker.token();
        let call = rt.spawn_blocking(move || {
            drop(token);
            unreachable!("aborted before it started")
        });
        call.abort();
        drop(release);
        let error: rt::task::JoinError = rt.block_on(call).unwrap_err();
        assert!(error.is_cancelled());
        assert_eq!(tracker.dropped(), 1);
    });
}

#[test]
fn a_call_that_has_started_is_not_aborted() {
    check_async(async || {
        let (started, starts) = mpsc::channel();
        let (release, released) = mpsc::channel::<()>();
        let call = rt::task::spawn_blocking(move || {
            started.send(()).unwrap();
            released.recv().unwrap();
            8
        });
        starts.recv().unwrap();
        call.abort();
        release.send(()).unwrap();
        assert_eq!(call.await.unwrap(), 8);
    });
}

#[test]
fn a_call_that_waits_for_a_thread_at_shutdown_is_run_or_cancelled() {
    guarded(|| {
        let (rt, release) = with_a_busy_thread();
        let tracker = Tracker::default();
        let token = tracker.token();
        let call = rt.spawn_blocking(move || drop(token));
        rt.shutdown_background();
        drop(release);
        if let Err(error) = wait(call) {
            assert!(error.is_cancelled());
        }
        assert_eq!(tracker.dropped(), 1);
    });
}

#[test]
fn a_result_that_nobody_joins_is_dropped_once() {
    check_async(async || {
        let tracker = Tracker::default();
        let (token, other) = (tracker.token(), tracker.token());
        drop(rt::task::spawn_blocking(|| token));
        let call = rt::task::spawn_blocking(|| other);
        yield_until(|| call.is_finished()).await;
        drop(call);
        yield_until(|| tracker.dropped() >= 2).await;
        assert!(tracker.balanced());
    });
}

#[test]
fn a_burst_of_calls_all_end() {
    check_async(async || {
        let calls: Vec<_> =
            (0..1_000_u64).map(|i| rt::task::spawn_blocking(move || i * i)).collect();
        let mut sum = 0;
        for call in calls {
            sum += call.await.unwrap();
        }
        assert_eq!(sum, (0..1_000).map(|i| i * i).sum::<u64>());
    });
}
