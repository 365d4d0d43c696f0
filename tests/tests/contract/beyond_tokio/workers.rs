//! What mini-rt promises and Tokio does not: no work waits while a worker sleeps, even if the
//! worker that knew of it first is stuck in a poll.

use super::{builder, rt};
use std::sync::mpsc;
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
