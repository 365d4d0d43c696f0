//! The current runtime: entering, leaving, and having none.

use super::{WORKERS, builder, check, rt, until_polls};
use futures::FutureExt;
use rt::runtime::{Handle, worker_index};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::thread;
use std::time::Duration;
use tests::caught::caught;
use tests::probe::Probe;
use tests::watchdog::guarded;

#[test]
fn a_spawn_without_a_runtime_panics() {
    guarded(|| {
        for caught in [
            caught(|| rt::spawn(async {})),
            caught(|| rt::task::spawn(async {})),
            caught(|| rt::task::spawn_blocking(|| ())),
        ] {
            assert!(caught.message.contains("runtime"), "{}", caught.message);
            assert_eq!(caught.file, file!());
        }
    });
}

#[test]
fn a_timer_without_a_runtime_panics() {
    guarded(|| {
        let caught = caught(|| rt::time::sleep(Duration::from_millis(1)).now_or_never());
        assert!(caught.message.contains("runtime"), "{}", caught.message);
        assert_eq!(caught.file, file!());
    });
}

#[test]
fn a_socket_without_a_runtime_panics() {
    guarded(|| {
        let caught = caught(|| rt::net::TcpListener::bind("127.0.0.1:0").now_or_never());
        assert!(caught.message.contains("runtime"), "{}", caught.message);
    });
}

#[test]
fn there_is_no_current_handle_without_a_runtime() {
    guarded(|| {
        assert!(Handle::try_current().is_err());
        let caught = caught(Handle::current);
        assert!(caught.message.contains("runtime"), "{}", caught.message);
    });
}

#[test]
fn each_worker_has_an_index_and_nobody_else() {
    check(|rt| {
        assert_eq!(worker_index(), None);
        // On a current-thread runtime this is the thread that runs the tasks.
        let here = (WORKERS == 0).then_some(0);
        assert_eq!(rt.block_on(async { worker_index() }), here);
        for _ in 0..50 {
            let index = rt.block_on(rt.spawn(async { worker_index() })).unwrap().unwrap();
            assert!(index < WORKERS.max(1), "{index}");
        }
        let other = builder().build().unwrap().handle().clone();
        let in_other = rt.spawn(async move {
            let _entered = other.enter(); // The thread is whose it was.
            worker_index()
        });
        assert!(rt.block_on(in_other).unwrap().is_some());
        assert_eq!(rt.block_on(rt.spawn_blocking(worker_index)).unwrap(), None);
        assert_eq!(worker_index(), None, "left again");
    });
}

#[test]
fn inside_a_runtime_its_handle_is_current() {
    check(|rt| {
        rt.block_on(async { assert!(Handle::try_current().is_ok()) });
        let task = rt.spawn(async { Handle::current().spawn(async { 4 }).await.unwrap() });
        assert_eq!(rt.block_on(task).unwrap(), 4);
        assert!(Handle::try_current().is_err(), "left again");
    });
}

#[test]
fn a_spawn_after_enter_runs_on_the_runtime_entered() {
    check(|rt| {
        let task = {
            let _guard = rt.enter();
            rt::spawn(async { 9 })
        };
        assert!(Handle::try_current().is_err(), "the guard's drop leaves");
        assert_eq!(rt.block_on(task).unwrap(), 9);
    });
}

#[test]
fn a_handle_is_entered_from_any_thread() {
    check(|rt| {
        let handle = rt.handle().clone();
        let thread = thread::spawn(move || {
            let _guard = handle.enter();
            rt::spawn(async { 10 })
        });
        assert_eq!(rt.block_on(thread.join().unwrap()).unwrap(), 10);
    });
}

#[test]
fn leaving_an_inner_runtime_returns_to_the_outer() {
    check(|outer| {
        let inner = builder().build().unwrap();
        let (at_outer, at_inner, at_outer_again) = {
            let _outer = outer.enter();
            let first = rt::spawn(async {});
            let second = {
                let _inner = inner.enter();
                rt::spawn(async {})
            };
            (first, second, rt::spawn(async {}))
        };
        drop(outer);
        // Only what went to the inner runtime can still run: the outer took the rest with it,
        // unless a worker had run it already.
        assert!(inner.block_on(at_inner).is_ok());
        for task in [at_outer, at_outer_again] {
            match inner.block_on(task) {
                Ok(()) => assert!(super::WORKERS > 0),
                Err(error) => assert!(error.is_cancelled()),
            }
        }
    });
}

#[test]
fn block_on_works_while_the_runtime_is_entered() {
    check(|rt| {
        let _guard = rt.enter();
        assert_eq!(rt.block_on(async { rt::spawn(async { 3 }).await.unwrap() }), 3);
        drop(rt::spawn(async {}));
    });
}

#[test]
fn a_task_runs_on_its_own_runtime_when_a_task_of_another_wakes_it() {
    check(|rt| {
        let other = builder().build().unwrap();
        let probe = Probe::default();
        let waits = probe.clone();
        let task = rt.spawn(async move {
            waits.await;
            Handle::current().id()
        });
        until_polls(&rt, &probe, 1);
        probe.finish();
        let waker = probe.take_waker().unwrap();
        let waking = other.spawn(async move {
            waker.wake();
            rt::task::yield_now().await; // What has come into this runtime's queue runs.
        });
        other.block_on(waking).unwrap();
        assert_eq!(rt.block_on(task).unwrap(), rt.handle().id());
    });
}

#[test]
fn handles_and_runtimes_cross_a_caught_panic() {
    fn unwinds<T: UnwindSafe + RefUnwindSafe>() {}
    unwinds::<rt::runtime::Runtime>();
    unwinds::<Handle>();
}

#[test]
fn handles_and_runtimes_cross_threads() {
    fn send_and_sync<T: Send + Sync + 'static>() {}
    send_and_sync::<Handle>();
    send_and_sync::<rt::runtime::Runtime>();
    send_and_sync::<rt::task::JoinHandle<String>>();
    send_and_sync::<rt::task::AbortHandle>();
    send_and_sync::<rt::task::JoinError>();
    send_and_sync::<rt::net::TcpStream>();
    send_and_sync::<rt::net::TcpListener>();
    send_and_sync::<rt::net::UdpSocket>();
    send_and_sync::<rt::time::Sleep>();
    fn unpin<T: Unpin>() {}
    unpin::<rt::task::JoinHandle<std::marker::PhantomPinned>>();
    unpin::<rt::net::TcpStream>();
}
