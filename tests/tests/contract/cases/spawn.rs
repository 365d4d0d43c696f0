//! Spawning, joining, detaching.

use super::{check, check_async, rt, until_polls, yield_until};
use futures::channel::oneshot;
use std::hint::black_box;
use std::pin::pin;
use std::sync::mpsc;
use std::task::{Context, Poll};
use std::thread;
use tests::probe::Probe;
use tests::tracker::Tracker;
use tests::wait::{WakeCount, wait};

#[test]
fn join_returns_the_output() {
    check_async(async || {
        assert_eq!(rt::spawn(async { 7 }).await.unwrap(), 7);
    });
}

#[test]
fn an_output_is_kept_until_it_is_joined() {
    check_async(async || {
        let task = rt::spawn(async { "kept".to_owned() });
        yield_until(|| task.is_finished()).await;
        assert_eq!(task.await.unwrap(), "kept");
    });
}

#[test]
fn a_pending_task_is_not_finished() {
    check(|rt| {
        let probe = Probe::default();
        let task = rt.spawn(probe.clone());
        assert!(!task.is_finished());
        until_polls(&rt, &probe, 1);
        assert!(!task.is_finished());
        probe.finish();
        probe.waker().wake();
        rt.block_on(yield_until(|| task.is_finished()));
    });
}

#[test]
fn a_task_whose_handle_is_dropped_runs_to_its_end() {
    check_async(async || {
        let (go, gone) = oneshot::channel();
        let (done, is_done) = oneshot::channel();
        drop(rt::spawn(async move {
            let value: u32 = gone.await.unwrap();
            done.send(value + 1).unwrap();
        }));
        go.send(1).unwrap();
        assert_eq!(is_done.await.unwrap(), 2);
    });
}

#[test]
fn an_output_that_nobody_joins_is_dropped_once() {
    check_async(async || {
        let tracker = Tracker::default();
        let (before, after) = (tracker.token(), tracker.token());
        drop(rt::spawn(async { before }));
        let task = rt::spawn(async { after });
        yield_until(|| task.is_finished()).await;
        drop(task);
        yield_until(|| tracker.dropped() >= 2).await;
        assert!(tracker.balanced());
    });
}

#[test]
fn a_task_spawns_tasks() {
    check_async(async || {
        let sum = rt::spawn(async {
            let left = rt::spawn(async { 1 });
            let right = rt::task::spawn(async { rt::spawn(async { 2 }).await.unwrap() });
            left.await.unwrap() + right.await.unwrap()
        });
        assert_eq!(sum.await.unwrap(), 3);
    });
}

#[test]
fn ten_thousand_tasks_all_complete() {
    check_async(async || {
        let tasks: Vec<_> = (0..10_000_u64).map(|i| rt::spawn(async move { i })).collect();
        let mut sum = 0;
        for task in tasks {
            sum += task.await.unwrap();
        }
        assert_eq!(sum, 10_000 * 9_999 / 2);
    });
}

#[test]
fn a_spawn_from_another_thread_wakes_an_idle_runtime() {
    check(|rt| {
        let handle = rt.handle().clone();
        let probe = Probe::default();
        let root = probe.clone();
        let spawner = thread::spawn(move || {
            // The root has been polled and is pending, so the runtime has nothing to do.
            while probe.polls() == 0 {
                thread::yield_now();
            }
            drop(handle.spawn(async move {
                probe.finish();
                probe.waker().wake();
            }));
        });
        rt.block_on(root);
        spawner.join().unwrap();
    });
}

#[test]
fn spawns_from_many_threads_all_run() {
    check(|rt| {
        let (ran, runs) = mpsc::channel();
        let spawners: Vec<_> = (0..4)
            .map(|_| {
                let (handle, ran) = (rt.handle().clone(), ran.clone());
                thread::spawn(move || {
                    for _ in 0..500 {
                        let ran = ran.clone();
                        drop(handle.spawn(async move { ran.send(()).unwrap() }));
                    }
                })
            })
            .collect();
        drop(ran);
        let mut count = 0;
        rt.block_on(yield_until(|| {
            count += runs.try_iter().count();
            count == 2_000
        }));
        spawners.into_iter().for_each(|spawner| spawner.join().unwrap());
    });
}

#[test]
fn a_task_is_joined_from_another_runtime() {
    check(|rt| {
        let (go, gone) = oneshot::channel::<()>();
        let (done, is_done) = oneshot::channel();
        let task = rt.spawn(async move {
            gone.await.unwrap();
            done.send(()).unwrap();
            5
        });
        let joiner =
            thread::spawn(move || super::builder().build().unwrap().block_on(task).unwrap());
        go.send(()).unwrap();
        rt.block_on(is_done).unwrap();
        assert_eq!(joiner.join().unwrap(), 5);
    });
}

#[test]
fn a_task_is_joined_from_a_thread_without_a_runtime() {
    check(|rt| {
        let task = rt.spawn(async { 6 });
        rt.block_on(yield_until(|| task.is_finished()));
        assert_eq!(wait(task).unwrap(), 6);
    });
}

#[test]
fn the_latest_waker_of_a_join_handle_is_the_one_woken() {
    check(|rt| {
        let probe = Probe::default();
        let mut task = pin!(rt.spawn(probe.clone()));
        let (first, first_waker) = WakeCount::new();
        let (second, second_waker) = WakeCount::new();
        assert!(task.as_mut().poll(&mut Context::from_waker(&first_waker)).is_pending());
        assert!(task.as_mut().poll(&mut Context::from_waker(&second_waker)).is_pending());
        until_polls(&rt, &probe, 1);
        probe.finish();
        probe.waker().wake();
        rt.block_on(yield_until(|| second.get() > 0));
        assert_eq!((first.get(), second.get()), (0, 1));
        assert!(matches!(
            task.as_mut().poll(&mut Context::from_waker(&first_waker)),
            Poll::Ready(Ok(()))
        ));
    });
}

#[test]
fn the_waker_of_a_dropped_join_handle_is_not_woken() {
    check(|rt| {
        let probe = Probe::default();
        let mut task = Box::pin(rt.spawn(probe.clone()));
        let (count, waker) = WakeCount::new();
        assert!(task.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        until_polls(&rt, &probe, 1);
        drop(task);
        drop(waker);
        probe.finish();
        probe.waker().wake();
        until_polls(&rt, &probe, 2);
        assert_eq!(count.get(), 0);
        assert_eq!(std::sync::Arc::strong_count(&count), 1, "the task let go of the waker");
    });
}

#[test]
fn ids_tell_tasks_apart() {
    check_async(async || {
        let (one, two) = (rt::spawn(std::future::pending::<()>()), rt::spawn(async {}));
        assert_ne!(one.id(), two.id());
        assert_eq!(one.id(), one.abort_handle().id());
        let id = one.id();
        one.abort();
        assert_eq!(one.await.unwrap_err().id(), id);
    });
}

#[test]
fn a_future_is_polled_at_its_alignment() {
    #[repr(align(256))]
    struct Aligned(u8);

    check_async(async || {
        let task = rt::spawn(async {
            let value = Aligned(3);
            rt::task::yield_now().await;
            assert_eq!(black_box(&raw const value).addr() % 256, 0);
            value
        });
        assert_eq!(task.await.unwrap().0, 3);
    });
}

#[test]
fn a_large_future_and_a_large_output_arrive_whole() {
    check_async(async || {
        let task = rt::spawn(async {
            let mut page = [0_u8; 64 * 1024];
            rt::task::yield_now().await;
            page[65_535] = 9;
            page
        });
        assert_eq!(task.await.unwrap()[65_535], 9);
    });
}
