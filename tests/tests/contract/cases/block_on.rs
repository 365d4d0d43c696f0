//! `block_on`: from many threads, with the driver handed over, and never inside itself.

use super::{builder, check, rt, yield_until};
use futures::channel::oneshot;
use std::cell::Cell;
use std::pin::pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier, mpsc};
use std::task::Poll;
use std::thread;
use std::time::Duration;
use tests::caught::caught;
use tests::probe::Probe;

#[test]
fn the_root_future_may_borrow_and_need_not_be_send() {
    check(|rt| {
        let local = Rc::new(Cell::new(1));
        let text = String::from("borrowed");
        let length = rt.block_on(async {
            rt::task::yield_now().await;
            local.set(local.get() + 1);
            text.len()
        });
        assert_eq!((length, local.get()), (8, 2));
    });
}

#[test]
fn a_wake_of_the_root_future_during_its_poll_is_not_lost() {
    check(|rt| {
        let mut polls = 0;
        rt.block_on(std::future::poll_fn(|cx| {
            polls += 1;
            cx.waker().wake_by_ref();
            if polls < 100 { Poll::Pending } else { Poll::Ready(()) }
        }));
        assert_eq!(polls, 100);
    });
}

#[test]
fn a_root_future_is_woken_from_another_thread() {
    check(|rt| {
        for _ in 0..500 {
            let probe = Probe::default();
            let waker = probe.clone();
            let thread = thread::spawn(move || {
                while waker.polls() == 0 {
                    thread::yield_now();
                }
                waker.finish();
                waker.waker().wake();
            });
            rt.block_on(probe);
            thread.join().unwrap();
        }
    });
}

#[test]
fn tasks_go_on_in_the_next_block_on() {
    check(|rt| {
        let (go, gone) = oneshot::channel();
        let task = rt.spawn(async { gone.await.unwrap() });
        rt.block_on(super::yield_times(3));
        go.send(11).unwrap();
        assert_eq!(rt.block_on(task).unwrap(), 11);
    });
}

#[test]
fn several_threads_block_on_at_once() {
    check(|rt| {
        let rt = Arc::new(rt);
        let barrier = Arc::new(Barrier::new(4));
        let done = Arc::new(AtomicUsize::new(0));
        let threads: Vec<_> = (0..4)
            .map(|i| {
                let (rt, barrier, done) = (rt.clone(), barrier.clone(), done.clone());
                thread::spawn(move || {
                    barrier.wait();
                    for _ in 0..50 {
                        rt.block_on(async {
                            let sum = rt::spawn(async move {
                                rt::task::yield_now().await;
                                i + 1
                            });
                            assert_eq!(sum.await.unwrap(), i + 1);
                        });
                    }
                    done.fetch_add(1, SeqCst);
                    // Whoever leaves last still has a driver.
                    rt.block_on(yield_until(|| done.load(SeqCst) == 4));
                    rt.block_on(async { rt::time::sleep(Duration::from_millis(1)).await });
                })
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}

#[test]
fn two_threads_in_block_on_wake_each_other() {
    check(|rt| {
        const ROUNDS: usize = 300;
        let rt = Arc::new(rt);
        let (to_left, mut at_left) = futures::channel::mpsc::unbounded();
        let (to_right, mut at_right) = futures::channel::mpsc::unbounded();
        let right_rt = Arc::clone(&rt);
        let right = thread::spawn(move || {
            right_rt.block_on(async {
                for round in 0..ROUNDS {
                    assert_eq!(futures::StreamExt::next(&mut at_right).await, Some(round));
                    to_left.unbounded_send(round).unwrap();
                }
            });
        });
        rt.block_on(async {
            for round in 0..ROUNDS {
                to_right.unbounded_send(round).unwrap();
                assert_eq!(futures::StreamExt::next(&mut at_left).await, Some(round));
            }
        });
        right.join().unwrap();
    });
}

#[test]
fn the_driver_is_handed_over_when_the_thread_that_turns_it_leaves() {
    check(|rt| {
        let rt = Arc::new(rt);
        for _ in 0..50 {
            let (leave, left) = oneshot::channel::<()>();
            let (inside, is_inside) = mpsc::channel();
            let first_rt = Arc::clone(&rt);
            let first_inside = inside.clone();
            let first = thread::spawn(move || {
                first_rt.block_on(async move {
                    first_inside.send(()).unwrap();
                    left.await.unwrap();
                });
            });
            is_inside.recv().unwrap();

            // The second thread finds the driver taken. What it waits for needs somebody to run
            // tasks and to fire timers, after the first is gone.
            let (go, gone) = oneshot::channel::<()>();
            let second_rt = Arc::clone(&rt);
            let second = thread::spawn(move || {
                second_rt.block_on(async move {
                    inside.send(()).unwrap();
                    gone.await.unwrap();
                    let task = rt::spawn(rt::time::sleep(Duration::from_millis(1)));
                    task.await.unwrap();
                });
            });
            is_inside.recv().unwrap();
            leave.send(()).unwrap();
            first.join().unwrap();
            go.send(()).unwrap();
            second.join().unwrap();
        }
    });
}

#[test]
fn a_task_pending_on_the_driver_survives_the_hand_over() {
    check(|rt| {
        let rt = Arc::new(rt);
        let (leave, left) = oneshot::channel::<()>();
        let (inside, is_inside) = mpsc::channel();
        let first_rt = Arc::clone(&rt);
        let first_inside = inside.clone();
        let (task, has_task) = oneshot::channel();
        let first = thread::spawn(move || {
            first_rt.block_on(async move {
                task.send(rt::spawn(rt::time::sleep(Duration::from_millis(50)))).unwrap();
                first_inside.send(()).unwrap();
                left.await.unwrap();
            });
        });
        is_inside.recv().unwrap();
        let second_rt = Arc::clone(&rt);
        let second = thread::spawn(move || {
            second_rt.block_on(async move {
                inside.send(()).unwrap();
                has_task.await.unwrap().await.unwrap();
            });
        });
        is_inside.recv().unwrap();
        leave.send(()).unwrap();
        first.join().unwrap();
        second.join().unwrap();
    });
}

#[test]
fn a_handle_blocks_on_from_another_thread() {
    check(|rt| {
        let handle = rt.handle().clone();
        let (done, is_done) = oneshot::channel();
        let thread = thread::spawn(move || {
            // Tasks are run by whoever is in `Runtime::block_on`, or by the workers.
            let sum = handle.block_on(async { rt::spawn(async { 20 }).await.unwrap() + 1 });
            done.send(sum).unwrap();
        });
        assert_eq!(rt.block_on(is_done).unwrap(), 21);
        thread.join().unwrap();
    });
}

#[test]
fn block_on_inside_block_on_panics() {
    check(|rt| {
        let other = builder().build().unwrap();
        for inner in [&rt, &other] {
            let caught = rt.block_on(async { caught(|| inner.block_on(async {})) });
            assert!(caught.message.contains("runtime"), "{}", caught.message);
        }
        // Neither took harm.
        assert_eq!(other.block_on(async { 1 }) + rt.block_on(async { 2 }), 3);
    });
}

#[test]
fn block_on_inside_a_task_panics() {
    check(|rt| {
        let handle = rt.handle().clone();
        let task = rt.spawn(async move { caught(|| handle.block_on(async {})) });
        let caught = rt.block_on(task).unwrap();
        assert!(caught.message.contains("runtime"), "{}", caught.message);
    });
}

#[test]
fn block_on_takes_a_pinned_future_by_reference() {
    check(|rt| {
        let mut future = pin!(async {
            rt::task::yield_now().await;
            1
        });
        assert_eq!(rt.block_on(future.as_mut()), 1);
    });
}
