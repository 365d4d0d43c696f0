//! A task that blocks its thread with `block_in_place` keeps nobody waiting but itself.

use super::super::{WORKERS, builder, rt};
use futures::FutureExt;
use rt::runtime::{Handle, Runtime};
use rt::task::block_in_place;
use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier, mpsc};
use std::time::Duration;
use std::{panic, thread};
use tests::caught::caught;
use tests::wait::wait;
use tests::watchdog::guarded;

fn check(body: impl FnOnce(Runtime) + Send + 'static) {
    guarded(|| body(builder().build().unwrap()));
}

/// Tasks, a timer and a socket go on, with every worker in a call.
async fn everything_goes_on() {
    let listener = rt::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let server = rt::spawn(async move { listener.accept().await.unwrap().1 });
    let stream = rt::net::TcpStream::connect(addr).await.unwrap();
    assert_eq!(server.await.unwrap(), stream.local_addr().unwrap());
    rt::time::sleep(Duration::from_millis(1)).await;
    assert_eq!(rt::task::spawn_blocking(|| 7).await.unwrap(), 7);
}

#[test]
fn a_task_that_the_call_waits_for_runs_though_it_was_queued_behind_the_caller() {
    check(|rt| {
        for _ in 0..100 {
            let task = rt.spawn(async {
                let (sent, received) = mpsc::channel();
                drop(rt::spawn(async move { sent.send(7).unwrap() }));
                block_in_place(|| received.recv().unwrap())
            });
            assert_eq!(wait(task).unwrap(), 7);
        }
    });
}

#[test]
fn with_all_workers_in_calls_that_block_on_everything_goes_on() {
    check(|rt| {
        let barrier = Arc::new(Barrier::new(4 * WORKERS));
        let tasks: Vec<_> = (0..4 * WORKERS)
            .map(|_| {
                let barrier = Arc::clone(&barrier);
                rt.spawn(async move {
                    block_in_place(|| {
                        barrier.wait(); // Only if all are in such a call at once.
                        Handle::current().block_on(everything_goes_on());
                        barrier.wait();
                    });
                    everything_goes_on().await;
                })
            })
            .collect();
        for task in tasks {
            wait(task).unwrap();
        }
    });
}

#[test]
fn calls_in_calls_and_in_their_block_on_run() {
    check(|rt| {
        let task = rt.spawn(async {
            let inner = || block_in_place(|| block_in_place(|| 7));
            let nested = || Handle::current().block_on(async { block_in_place(inner) });
            block_in_place(|| block_in_place(nested))
        });
        assert_eq!(wait(task).unwrap(), 7);
        assert_eq!(rt.block_on(async { block_in_place(|| block_in_place(|| 8)) }), 8);
    });
}

#[test]
fn in_the_future_of_block_on_the_call_may_block_on() {
    check(|rt| {
        let handle = rt.handle().clone();
        rt.block_on(async { block_in_place(|| handle.block_on(everything_goes_on())) });
        handle.block_on(async { block_in_place(|| handle.block_on(everything_goes_on())) });
    });
}

#[test]
fn the_call_runs_on_the_thread_of_its_task_which_goes_on_there() {
    check(|rt| {
        let task = rt.spawn(async {
            let here = thread::current().id();
            let there = block_in_place(|| thread::current().id());
            (here, there, thread::current().id(), rt::task::id(), block_in_place(rt::task::id))
        });
        let id = task.id();
        let (here, there, after, outside, inside) = wait(task).unwrap();
        assert_eq!([here, here], [there, after]);
        assert_eq!([id, id], [outside, inside]);
    });
}

#[test]
fn after_the_call_the_thread_runs_tasks_again_and_must_not_block() {
    check(|rt| {
        let task = rt.spawn(async {
            block_in_place(|| {});
            caught(|| Handle::current().block_on(async {}));
            block_in_place(|| Handle::current().block_on(async {}));
            rt::task::yield_now().await;
            caught(|| Handle::current().block_on(async {}));
        });
        wait(task).unwrap();
    });
}

#[test]
fn a_panic_of_the_call_is_its_tasks_and_the_worker_goes_on() {
    check(|rt| {
        for _ in 0..2 * WORKERS {
            let task =
                rt.spawn(async { block_in_place::<_, ()>(|| panic::resume_unwind(Box::new(7))) });
            let error = wait(task).unwrap_err();
            assert_eq!(*error.into_panic().downcast::<i32>().unwrap(), 7);
        }
        let caught = rt.spawn(async {
            caught(|| block_in_place(|| panic!("said")));
            caught(|| Handle::current().block_on(async {}));
            block_in_place(|| 7)
        });
        assert_eq!(wait(caught).unwrap(), 7);
        wait(rt.spawn(everything_goes_on())).unwrap();
    });
}

#[test]
fn what_a_caller_wakes_and_spawns_before_during_and_after_the_call_is_run() {
    check(|rt| {
        let ran = Arc::new(AtomicUsize::new(0));
        let tasks = (0..20).map(|_| {
            let ran = Arc::clone(&ran);
            rt.spawn(async move {
                let spawn = || {
                    let ran = Arc::clone(&ran);
                    rt::spawn(async move {
                        rt::task::yield_now().await;
                        ran.fetch_add(1, SeqCst);
                    })
                };
                let mut spawned: Vec<_> = (0..300).map(|_| spawn()).collect();
                block_in_place(|| spawned.push(spawn()));
                spawned.push(spawn());
                rt::task::yield_now().await;
                for task in spawned {
                    task.await.unwrap();
                }
            })
        });
        for task in tasks.collect::<Vec<_>>() {
            wait(task).unwrap();
        }
        assert_eq!(ran.load(SeqCst), 20 * 302);
    });
}

#[test]
fn the_budget_of_the_poll_is_not_that_of_the_call() {
    check(|rt| {
        let task = rt.spawn(async {
            while rt::task::coop::has_budget_remaining() {
                assert!(rt::task::consume_budget().now_or_never().is_some());
            }
            block_in_place(|| {
                (0..1000).all(|_| rt::task::consume_budget().now_or_never().is_some())
            }) && !rt::task::coop::has_budget_remaining()
        });
        assert!(wait(task).unwrap());
    });
}

/// Returns once `count` tasks are in calls that return when the sender is dropped or has sent.
fn in_calls(rt: &Runtime, count: usize) -> (Vec<mpsc::Sender<()>>, Arc<AtomicUsize>) {
    let (ended, (started, starts)) = (Arc::new(AtomicUsize::new(0)), mpsc::channel());
    let releases = (0..count).map(|_| {
        let ((release, released), started) = (mpsc::channel::<()>(), started.clone());
        let ended = Arc::clone(&ended);
        drop(rt.spawn(async move {
            rt::task::yield_now().await;
            block_in_place(|| {
                started.send(()).unwrap();
                let _ = released.recv();
                ended.fetch_add(1, SeqCst);
            });
            rt::task::yield_now().await; // Not after a shutdown.
            ended.fetch_add(1000, SeqCst);
        }));
        release
    });
    let releases = releases.collect();
    (0..count).for_each(|_| starts.recv().unwrap());
    (releases, ended)
}

#[test]
fn a_shutdown_waits_for_calls_as_for_polls() {
    check(|rt| {
        let (releases, ended) = in_calls(&rt, 2 * WORKERS);
        let end = thread::spawn(move || drop(rt));
        thread::sleep(Duration::from_millis(5));
        assert!(!end.is_finished());
        drop(releases);
        end.join().unwrap();
        assert_eq!(ended.load(SeqCst), 2 * WORKERS);
    });
}

#[test]
fn a_shutdown_that_waits_for_little_or_nothing_leaves_calls_alone() {
    guarded(|| {
        for timeout in [Some(Duration::from_millis(5)), None] {
            let rt = builder().build().unwrap();
            let handle = rt.handle().clone();
            let (releases, _) = in_calls(&rt, 2 * WORKERS);
            match timeout {
                Some(timeout) => rt.shutdown_timeout(timeout),
                None => rt.shutdown_background(),
            }
            assert!(wait(handle.spawn(async {})).unwrap_err().is_cancelled());
            drop(releases);
        }
    });
}

/// Ends `rt` once a call is in the `block_on` of `future`. Returns how its task has ended.
fn end_in_a_call(rt: Runtime, future: impl Future<Output = ()> + Send + 'static) -> bool {
    let (started, starts) = mpsc::channel();
    let task = rt.spawn(async move {
        block_in_place(|| {
            started.send(()).unwrap();
            Handle::current().block_on(future);
        });
    });
    starts.recv().unwrap();
    drop(rt);
    wait(task).is_ok()
}

#[test]
fn a_shutdown_ends_the_timers_and_sockets_that_a_call_waits_for() {
    check(|rt| assert!(!end_in_a_call(rt, async { rt::time::sleep(Duration::MAX).await })));
    check(|rt| {
        let receive = async {
            if let Ok(socket) = rt::net::UdpSocket::bind("127.0.0.1:0").await {
                socket.recv(&mut [0]).await.unwrap_err();
            }
        };
        assert!(end_in_a_call(rt, receive));
    });
}

#[test]
fn a_shutdown_ends_the_tasks_that_a_call_waits_for() {
    guarded(|| {
        for _ in 0..500 {
            let rt = builder().worker_threads(1).build().unwrap();
            let mut tasks: Vec<_> = (0..3).map(|_| rt.spawn(pending())).collect();
            tasks.push(rt.spawn(async {
                loop {
                    rt::task::yield_now().await; // The worker is awake, and quick to leave.
                }
            }));
            let join = async {
                for task in tasks {
                    assert!(task.await.unwrap_err().is_cancelled());
                }
            };
            assert!(end_in_a_call(rt, join));
            let spawn = async { while rt::spawn(async {}).await.is_ok() {} };
            assert!(end_in_a_call(builder().build().unwrap(), spawn));
        }
    });
}

#[test]
fn a_call_may_end_another_runtime() {
    check(|rt| {
        let task = rt.spawn(async {
            let other = builder().build().unwrap();
            block_in_place(|| {
                assert_eq!(other.block_on(async { 7 }), 7);
                drop(other);
            });
        });
        wait(task).unwrap();
    });
}

#[test]
fn one_worker_is_enough_for_many_calls_at_once() {
    guarded(|| {
        let rt = builder().worker_threads(1).build().unwrap();
        let barrier = Arc::new(Barrier::new(50));
        let tasks = (0..50).map(|_| {
            let barrier = Arc::clone(&barrier);
            rt.spawn(async move { block_in_place(|| _ = barrier.wait()) })
        });
        for task in tasks.collect::<Vec<_>>() {
            wait(task).unwrap();
        }
        wait(rt.spawn(everything_goes_on())).unwrap();
    });
}
