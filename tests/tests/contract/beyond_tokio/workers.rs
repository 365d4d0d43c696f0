//! What mini-rt promises and Tokio does not: no work waits while a worker sleeps, even if the
//! worker that knew of it first is stuck in a poll.

use super::io::AsyncReadExt;
use super::{builder, rt};
use std::io::Write;
use std::sync::mpsc;
use std::time::Duration;
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
