//! The end of a runtime: every task is dropped, whatever it waits for.

use super::{NEVER, builder, check, rt, stall, until_polls};
use std::future::pending;
use std::net::TcpStream;
use std::panic::resume_unwind;
use std::sync::mpsc;
use std::thread;
use tests::probe::Probe;
use tests::tracker::{OnDrop, Tracker};
use tests::wait::wait;
use tests::watchdog::guarded;

#[test]
fn dropping_the_runtime_drops_pending_tasks() {
    check(|rt| {
        let tracker = Tracker::default();
        for _ in 0..1_000 {
            let token = tracker.token();
            drop(rt.spawn(async move {
                let _token = token;
                pending::<()>().await;
            }));
        }
        rt.block_on(super::yield_times(10));
        drop(rt);
        assert!(tracker.balanced());
    });
}

#[test]
fn dropping_the_runtime_drops_tasks_that_were_never_polled() {
    check(|rt| {
        let tracker = Tracker::default();
        let stall = stall(&rt);
        for _ in 0..1_000 {
            let token = tracker.token();
            drop(rt.spawn(async move { drop(token) }));
        }
        let dropper = thread::spawn(move || drop(rt));
        drop(stall);
        dropper.join().unwrap();
        assert!(tracker.balanced());
    });
}

#[test]
fn dropping_the_runtime_drops_tasks_that_wait_for_sockets_and_timers() {
    check(|rt| {
        let tracker = Tracker::default();
        let (waiting, waits) = mpsc::channel();
        let (listener, peer) = rt.block_on(async {
            let listener = rt::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let peer = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            (listener, peer)
        });
        let (token, accepted) = (tracker.token(), waiting.clone());
        drop(rt.spawn(async move {
            let _token = token;
            let (stream, _) = listener.accept().await.unwrap();
            let reader = async {
                accepted.send(()).unwrap();
                stream.readable().await.unwrap();
            };
            futures::join!(reader, async { listener.accept().await.map(|_| ()).unwrap() });
        }));
        let token = tracker.token();
        drop(rt.spawn(async move {
            let _token = token;
            waiting.send(()).unwrap();
            rt::time::sleep(NEVER).await;
        }));
        rt.block_on(super::yield_until(|| waits.try_recv().is_ok()));
        rt.block_on(super::yield_until(|| waits.try_recv().is_ok()));
        rt.block_on(super::yield_times(3));
        drop(rt);
        assert!(tracker.balanced());
        // The sockets are closed, so the peer reads to the end.
        let mut peer = peer;
        assert_eq!(std::io::Read::read(&mut peer, &mut [0]).unwrap(), 0);
    });
}

#[test]
fn dropping_the_runtime_drops_tasks_that_hold_its_handle_or_join_each_other() {
    check(|rt| {
        let tracker = Tracker::default();
        let (token, handle) = (tracker.token(), rt.handle().clone());
        let inner = rt.spawn(async move {
            let (_token, _handle) = (token, handle);
            pending::<()>().await;
        });
        let token = tracker.token();
        drop(rt.spawn(async move {
            let _token = token;
            let _ = inner.await;
            pending::<()>().await;
        }));
        rt.block_on(super::yield_times(3));
        drop(rt);
        assert!(tracker.balanced());
    });
}

#[test]
fn a_task_spawned_by_a_drop_during_shutdown_is_dropped_too() {
    check(|rt| {
        let tracker = Tracker::default();
        for _ in 0..10 {
            let (handle, tracker) = (rt.handle().clone(), tracker.clone());
            let on_drop = OnDrop(move || {
                let (token, other) = (tracker.token(), tracker.token());
                drop(handle.spawn(async move {
                    let _token = token;
                    pending::<()>().await;
                }));
                // The runtime is still current while it drops its tasks.
                drop(rt::spawn(async move { drop(other) }));
            });
            drop(rt.spawn(async move {
                let _on_drop = on_drop;
                pending::<()>().await;
            }));
        }
        rt.block_on(super::yield_times(3));
        drop(rt);
        assert_eq!(tracker.made(), 20);
        assert!(tracker.balanced());
    });
}

#[test]
fn tasks_that_wake_each_other_as_they_are_dropped_do_no_harm() {
    check(|rt| {
        let tracker = Tracker::default();
        let probes: Vec<_> = (0..8).map(|_| Probe::default()).collect();
        for probe in &probes {
            let (inner, token) = (probe.clone(), tracker.token());
            let others = probes.clone();
            drop(rt.spawn(async move {
                let _token = token;
                let _on_drop = OnDrop(move || {
                    others.iter().for_each(Probe::finish);
                    others.iter().for_each(|other| other.waker().wake());
                });
                inner.await;
            }));
            until_polls(&rt, probe, 1);
        }
        drop(rt);
        assert!(tracker.balanced());
    });
}

#[test]
fn a_panic_in_a_drop_during_shutdown_does_not_save_the_other_tasks() {
    check(|rt| {
        let tracker = Tracker::default();
        for i in 0..10 {
            let token = tracker.token();
            let on_drop = OnDrop(move || {
                if i % 2 == 0 {
                    resume_unwind(Box::new("meant"));
                }
            });
            drop(rt.spawn(async move {
                let _token = token;
                let _on_drop = on_drop;
                pending::<()>().await;
            }));
        }
        rt.block_on(super::yield_times(3));
        drop(rt);
        assert!(tracker.balanced());
    });
}

#[test]
fn who_joins_a_task_of_a_dropped_runtime_is_told() {
    check(|rt| {
        let probe = Probe::default();
        let task = rt.spawn(probe.clone());
        until_polls(&rt, &probe, 1);
        let (joining, is_joining) = mpsc::channel();
        let other = thread::spawn(move || {
            builder().build().unwrap().block_on(async {
                joining.send(()).unwrap();
                task.await.unwrap_err().is_cancelled()
            })
        });
        is_joining.recv().unwrap();
        drop(rt);
        assert!(other.join().unwrap());
    });
}

#[test]
fn what_is_spawned_after_the_end_is_cancelled() {
    check(|rt| {
        let handle = rt.handle().clone();
        drop(rt);
        let tracker = Tracker::default();
        let (token, other) = (tracker.token(), tracker.token());
        assert!(wait(handle.spawn(async { drop(token) })).unwrap_err().is_cancelled());
        assert!(wait(handle.spawn_blocking(|| drop(other))).unwrap_err().is_cancelled());
        assert!(tracker.balanced());
    });
}

#[test]
fn a_socket_says_that_its_runtime_is_gone() {
    guarded(|| {
        let (gone, other) = (builder().build().unwrap(), builder().build().unwrap());
        let bind = rt::net::TcpListener::bind("127.0.0.1:0");
        let listener = gone.block_on(bind).unwrap();
        drop(gone);
        let error = other.block_on(listener.accept()).unwrap_err();
        assert!(rt::runtime::is_rt_shutdown_err(&error), "{error:?}");
        let another = std::io::Error::other("of another kind");
        assert!(!rt::runtime::is_rt_shutdown_err(&another));
    });
}
