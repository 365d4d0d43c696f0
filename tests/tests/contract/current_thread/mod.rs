//! What a current-thread runtime promises beside.

mod local_runtime;

use super::{builder, rt};
use futures::channel::oneshot;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;
use tests::caught::caught;
use tests::watchdog::guarded;

#[test]
fn tasks_run_on_the_thread_in_block_on() {
    guarded(|| {
        let rt = builder().build().unwrap();
        let task = rt.spawn(async { thread::current().id() });
        assert_eq!(rt.block_on(task).unwrap(), thread::current().id());
    });
}

#[test]
fn nothing_runs_outside_of_block_on() {
    guarded(|| {
        let rt = builder().build().unwrap();
        let ran = Arc::new(AtomicBool::new(false));
        let sets = Arc::clone(&ran);
        let task = rt.spawn(async move { sets.store(true, SeqCst) });
        thread::yield_now();
        assert!(!ran.load(SeqCst));
        rt.block_on(task).unwrap();
        assert!(ran.load(SeqCst));
    });
}

#[test]
fn tasks_start_in_the_order_of_their_spawns() {
    guarded(|| {
        let rt = builder().build().unwrap();
        let (sent, order) = std::sync::mpsc::channel();
        rt.block_on(async {
            let tasks: Vec<_> = (0..100)
                .map(|i| {
                    let sent = sent.clone();
                    rt::spawn(async move { sent.send(i).unwrap() })
                })
                .collect();
            for task in tasks {
                task.await.unwrap();
            }
        });
        drop(sent);
        assert!(order.iter().eq(0..100));
    });
}

#[test]
fn a_yield_goes_behind_who_was_waiting() {
    guarded(|| {
        let rt = builder().build().unwrap();
        let (sent, trace) = std::sync::mpsc::channel();
        let other = sent.clone();
        rt.block_on(async move {
            let first = rt::spawn(async move {
                sent.send("first").unwrap();
                rt::task::yield_now().await;
                sent.send("first again").unwrap();
            });
            let second = rt::spawn(async move { other.send("second").unwrap() });
            first.await.unwrap();
            second.await.unwrap();
        });
        assert!(trace.iter().eq(["first", "second", "first again"]));
    });
}

#[test]
fn a_second_thread_runs_tasks_once_the_first_has_left() {
    guarded(|| {
        let rt = Arc::new(builder().build().unwrap());
        let (tell, told) = oneshot::channel();
        let task = rt.spawn(async move { tell.send(thread::current().id()).unwrap() });
        let other = Arc::clone(&rt);
        let thread = thread::spawn(move || {
            other.block_on(task).unwrap();
            thread::current().id()
        });
        let id = thread.join().unwrap();
        assert_eq!(rt.block_on(told).unwrap(), id);
    });
}

#[test]
fn a_call_in_place_is_refused() {
    guarded(|| {
        let rt = builder().build().unwrap();
        let refused = || {
            let refused = caught(|| rt::task::block_in_place(|| unreachable!("it is refused")));
            assert_eq!(refused.file, file!(), "{}", refused.message);
        };
        rt.block_on(async { refused() });
        rt.block_on(rt.spawn(async move { refused() })).unwrap();
    });
}
