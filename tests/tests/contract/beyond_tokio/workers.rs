//! What mini-rt promises and Tokio does not: no work waits while a worker sleeps, even if the
//! worker that knew of it first is stuck in a poll.

use super::io::AsyncReadExt;
use super::{builder, rt};
use std::future::Future;
use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Context, Wake, Waker};
use std::time::{Duration, Instant};
use tests::watchdog::guarded;

/// What is blocked until the other thing ran.
fn meet() -> (impl FnOnce() + Send, impl FnOnce() + Send) {
    let (left, right) = (mpsc::channel(), mpsc::channel());
    let meet = |to: mpsc::Sender<()>, from: mpsc::Receiver<()>| {
        move || {
            to.send(()).unwrap();
            from.recv().unwrap();
        }
    };
    (meet(left.0, right.1), meet(right.0, left.1))
}

#[test]
fn two_tasks_spawned_at_once_run_at_once() {
    // On fresh runtimes, because what goes wrong goes wrong as the workers first go to sleep.
    guarded(|| {
        for _ in 0..500 {
            let rt = builder().build().unwrap();
            let (one, other) = meet();
            drop(rt.spawn(async { one() }));
            tests::wait::wait(rt.spawn(async { other() })).unwrap();
        }
    });
}

#[test]
fn a_task_whose_parent_blocks_is_stolen() {
    guarded(|| {
        let rt = builder().build().unwrap();
        for _ in 0..200 {
            let (parent, child) = meet();
            let parent = rt.spawn(async {
                drop(rt::spawn(async { child() }));
                parent();
            });
            tests::wait::wait(parent).unwrap();
        }
    });
}

#[test]
fn a_task_woken_by_one_that_blocks_is_stolen() {
    guarded(|| {
        let rt = builder().build().unwrap();
        for _ in 0..200 {
            let (waker, woken) = meet();
            let (wake, is_woken) = futures::channel::oneshot::channel::<()>();
            drop(rt.spawn(async {
                is_woken.await.unwrap();
                woken();
            }));
            let waker = rt.spawn(async {
                wake.send(()).unwrap();
                waker();
            });
            tests::wait::wait(waker).unwrap();
        }
    });
}

/// A runtime whose workers have learned that polls are short, all of whom sleep.
fn with_short_polls() -> rt::runtime::Runtime {
    let rt = builder().worker_threads(2).build().unwrap();
    for _ in 0..40 {
        let parent = rt.spawn(async {
            let children: Vec<_> = (0..200).map(|_| rt::spawn(rt::task::yield_now())).collect();
            for child in children {
                child.await.unwrap();
            }
        });
        tests::wait::wait(parent).unwrap();
    }
    std::thread::sleep(Duration::from_millis(20));
    rt
}

/// The waker of a future outside of the runtime, which keeps the worker that wakes it until told.
struct Outside(Mutex<(mpsc::Sender<()>, mpsc::Receiver<()>)>);

impl Wake for Outside {
    fn wake(self: Arc<Self>) {
        let outside = self.0.lock().unwrap();
        outside.0.send(()).unwrap();
        outside.1.recv().unwrap();
    }
}

/// The driver's worker gets up for a waker that is no task's, with nothing in its ring, and then
/// takes an injected task without a search: that must be watched as well.
#[test]
fn a_task_behind_one_that_was_injected_while_a_worker_rose_is_stolen() {
    guarded(|| {
        let rt = with_short_polls();
        let (to_outside, wakes) = mpsc::channel();
        let (spawned, is_spawned) = mpsc::channel();
        let waker = Waker::from(Arc::new(Outside(Mutex::new((to_outside, is_spawned)))));
        let mut timer = {
            let _entered = rt.enter();
            Box::pin(rt::time::sleep(Duration::from_millis(20)))
        };
        assert!(timer.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        wakes.recv().unwrap();
        let (one, other) = meet();
        let (begins, begun) = mpsc::channel();
        let one = rt.spawn(async move {
            begins.send(()).unwrap();
            one();
        });
        spawned.send(()).unwrap();
        begun.recv().unwrap();
        drop(rt.spawn(async { other() }));
        tests::wait::wait(one).unwrap();
    });
}

#[test]
fn an_injected_task_waits_for_few_polls_of_another() {
    guarded(|| {
        let rt = with_short_polls();
        let yields = rt.spawn(async {
            loop {
                let begun = Instant::now();
                while begun.elapsed() < Duration::from_micros(900) {}
                rt::task::yield_now().await;
            }
        });
        let wait = |_| {
            let begun = Instant::now();
            tests::wait::wait(rt.spawn(async {})).unwrap();
            begun.elapsed()
        };
        let waits: Vec<_> = (0..100).map(wait).collect();
        yields.abort();
        // Sixty polls are 54 ms. A few may be due to a machine that is busy with other tests.
        let long = waits.iter().filter(|wait| wait.as_millis() > 20).count();
        assert!(long < 5, "{long} of 100: {waits:?}");
    });
}

#[test]
fn only_the_first_injected_task_waits_for_a_worker_that_is_stuck() {
    guarded(|| {
        let rt = with_short_polls();
        let ((begins, begun), (end, ends)) = (mpsc::channel(), mpsc::channel());
        let stuck = rt.spawn(async move {
            begins.send(()).unwrap();
            ends.recv().unwrap();
        });
        begun.recv().unwrap();
        let hundred = |_| {
            let begun = Instant::now();
            (0..100).for_each(|_| tests::wait::wait(rt.spawn(async {})).unwrap());
            begun.elapsed()
        };
        // Each would take a look of the watch, a millisecond.
        let best = (0..10).map(hundred).min().unwrap();
        end.send(()).unwrap();
        tests::wait::wait(stuck).unwrap();
        assert!(best < Duration::from_millis(80), "{best:?}");
    });
}

/// Takes its time to be dropped.
struct Slow;

impl Drop for Slow {
    fn drop(&mut self) {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_micros(20) {}
    }
}

#[test]
fn a_runtime_ends_while_other_threads_go_on_spawning() {
    guarded(|| {
        for workers in [1, 2] {
            let rt = builder().worker_threads(workers).build().unwrap();
            let handle = rt.handle().clone();
            let (goes_on, spawned) = (AtomicBool::new(true), AtomicUsize::new(0));
            std::thread::scope(|scope| {
                for _ in 0..2 {
                    scope.spawn(|| {
                        while goes_on.load(Ordering::Relaxed) {
                            let slow = Slow;
                            drop(handle.spawn(async move { drop(slow) }));
                            spawned.fetch_add(1, Ordering::Relaxed);
                        }
                    });
                }
                while spawned.load(Ordering::Relaxed) < 1_000 {
                    std::thread::yield_now();
                }
                drop(rt);
                goes_on.store(false, Ordering::Relaxed);
            });
        }
    });
}

/// Blocks the worker that has just left the driver until a timer and a socket were served.
#[test]
fn timers_and_sockets_are_served_while_the_worker_that_left_the_driver_blocks() {
    guarded(|| {
        let rt = builder().build().unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        for _ in 0..20 {
            let (served, is_served) = mpsc::channel();
            let (timer, socket) = (served.clone(), served);
            let mut reader = rt.block_on(rt::net::TcpStream::connect(addr)).unwrap();
            let (mut writer, _) = listener.accept().unwrap();
            drop(rt.spawn(async move {
                rt::time::sleep(Duration::from_millis(4)).await;
                timer.send(()).unwrap();
            }));
            drop(rt.spawn(async move {
                reader.read_exact(&mut [0]).await.unwrap();
                socket.send(()).unwrap();
            }));
            let blocking = rt.spawn(async move {
                // Long enough for every other worker to have gone to sleep.
                rt::time::sleep(Duration::from_millis(2)).await;
                writer.write_all(b"x").unwrap();
                (0..2).for_each(|_| is_served.recv().unwrap());
            });
            tests::wait::wait(blocking).unwrap();
        }
    });
}
