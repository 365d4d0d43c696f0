//! The end of a runtime, and who waits for whom: blocking calls, time limits, async code around.

use super::{NEVER, builder, check, rt};
use futures::channel::oneshot;
use std::future::pending;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;
use tests::caught::caught;
use tests::tracker::{OnDrop, Tracker};
use tests::wait::wait;
use tests::watchdog::guarded;

#[test]
fn dropping_the_runtime_waits_for_calls_that_have_started() {
    check(|rt| {
        let (release, released) = mpsc::channel();
        let (started, starts) = mpsc::channel();
        let finished = Arc::new(AtomicBool::new(false));
        let call_finished = Arc::clone(&finished);
        drop(rt.spawn_blocking(move || {
            started.send(()).unwrap();
            // Until the runtime is already dropping its tasks.
            released.recv().unwrap();
            for _ in 0..1_000 {
                thread::yield_now();
            }
            call_finished.store(true, SeqCst);
        }));
        starts.recv().unwrap();
        let on_drop = OnDrop(move || release.send(()).unwrap());
        drop(rt.spawn(async move {
            let _on_drop = on_drop;
            pending::<()>().await;
        }));
        rt.block_on(super::yield_times(3));
        drop(rt);
        assert!(finished.load(SeqCst));
    });
}

#[test]
fn shutdown_timeout_and_shutdown_background_leave_a_blocked_call_behind() {
    guarded(|| {
        let shutdowns: [fn(rt::runtime::Runtime); 2] =
            [|rt| rt.shutdown_timeout(Duration::from_millis(5)), |rt| rt.shutdown_background()];
        for shutdown in shutdowns {
            let rt = builder().build().unwrap();
            let tracker = Tracker::default();
            let (started, starts) = mpsc::channel();
            let (release, released) = mpsc::channel::<()>();
            let call = rt.spawn_blocking(move || {
                started.send(()).unwrap();
                released.recv().is_ok()
            });
            starts.recv().unwrap();
            let token = tracker.token();
            let task = rt.spawn(async move {
                let _token = token;
                pending::<()>().await;
            });
            shutdown(rt);
            assert!(!call.is_finished());
            assert!(wait(task).unwrap_err().is_cancelled());
            assert!(tracker.balanced());
            release.send(()).unwrap();
            assert!(wait(call).unwrap());
        }
    });
}

#[test]
fn shutdown_timeout_does_not_wait_for_nothing() {
    check(|rt| {
        assert_eq!(rt.block_on(rt.spawn_blocking(|| 1)).unwrap(), 1);
        // The limit is beyond the watchdog's.
        rt.shutdown_timeout(NEVER);
    });
}

#[test]
fn dropping_a_runtime_inside_async_code_panics() {
    check(|rt| {
        let other = builder().build().unwrap();
        let caught = rt.block_on(async { caught(|| drop(other)) });
        assert!(caught.message.contains("runtime"), "{}", caught.message);
    });
}

#[test]
fn shutdown_timeout_inside_async_code_panics() {
    check(|rt| {
        let other = builder().build().unwrap();
        let caught = rt.block_on(async { caught(|| other.shutdown_timeout(NEVER)) });
        assert!(caught.message.contains("runtime"), "{}", caught.message);
    });
}

#[test]
fn shutdown_background_works_inside_async_code() {
    check(|rt| {
        let other = builder().build().unwrap();
        let tracker = Tracker::default();
        let token = tracker.token();
        let task = other.spawn(async move {
            let _token = token;
            pending::<()>().await;
        });
        rt.block_on(async {
            other.shutdown_background();
            assert!(task.await.unwrap_err().is_cancelled());
        });
        assert!(tracker.balanced());
    });
}

#[test]
fn a_runtime_is_dropped_by_a_blocking_call_of_another() {
    check(|rt| {
        let other = builder().build().unwrap();
        let (tell, told) = oneshot::channel();
        drop(other.spawn(async move {
            pending::<()>().await;
            tell.send(()).unwrap();
        }));
        drop(rt.spawn_blocking(move || drop(other)));
        assert!(rt.block_on(told).is_err(), "the task is dropped, and its sender with it");
    });
}

#[test]
fn a_runtime_that_never_ran_anything_ends() {
    guarded(|| {
        for _ in 0..50 {
            drop(builder().build().unwrap());
        }
    });
}
