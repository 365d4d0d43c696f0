//! Aborting a task, at each moment of its life.

use super::{check, check_async, rt, settle, stall, until_polls, yield_until};
use futures::channel::oneshot;
use std::future::{pending, poll_fn};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, mpsc};
use std::task::Poll;
use std::thread;
use tests::probe::Probe;
use tests::tracker::{OnDrop, Tracker};

#[test]
fn a_task_aborted_before_its_first_poll_is_never_polled() {
    check(|rt| {
        let stall = stall(&rt);
        let probe = Probe::default();
        let task = rt.spawn(probe.clone());
        task.abort();
        drop(stall);
        assert!(rt.block_on(task).unwrap_err().is_cancelled());
        assert_eq!(probe.polls(), 0);
    });
}

#[test]
fn a_pending_task_aborted_is_not_polled_again() {
    check(|rt| {
        let probe = Probe::default();
        let task = rt.spawn(probe.clone());
        until_polls(&rt, &probe, 1);
        task.abort();
        assert!(rt.block_on(task).unwrap_err().is_cancelled());
        assert_eq!(probe.polls(), 1);
    });
}

#[test]
fn a_scheduled_task_aborted_is_not_polled_again() {
    check(|rt| {
        let probe = Probe::default();
        let task = rt.spawn(probe.clone());
        until_polls(&rt, &probe, 1);
        let stall = stall(&rt);
        probe.waker().wake();
        task.abort();
        drop(stall);
        assert!(rt.block_on(task).unwrap_err().is_cancelled());
        assert_eq!(probe.polls(), 1);
    });
}

/// Spawns a future that is aborted from another thread while it is being polled, and then is
/// ready or pending.
fn abort_while_running(rt: &rt::runtime::Runtime, then: Poll<u32>) -> rt::task::JoinHandle<u32> {
    let (running, runs) = mpsc::channel();
    let (aborted, is_aborted) = mpsc::channel::<()>();
    let task = rt.spawn(poll_fn(move |_| {
        running.send(()).unwrap();
        is_aborted.recv().unwrap();
        then
    }));
    let abort = task.abort_handle();
    thread::spawn(move || {
        runs.recv().unwrap();
        abort.abort();
        aborted.send(()).unwrap();
    });
    task
}

#[test]
fn a_running_task_that_stays_pending_is_cancelled() {
    check(|rt| {
        let task = abort_while_running(&rt, Poll::Pending);
        assert!(rt.block_on(task).unwrap_err().is_cancelled());
    });
}

#[test]
fn a_running_task_that_becomes_ready_keeps_its_output() {
    check(|rt| {
        let task = abort_while_running(&rt, Poll::Ready(4));
        assert_eq!(rt.block_on(task).unwrap(), 4);
    });
}

#[test]
fn a_task_aborts_itself() {
    check_async(async || {
        let (handle, has_handle) = oneshot::channel::<rt::task::AbortHandle>();
        let task = rt::spawn(async move {
            has_handle.await.unwrap().abort();
            pending::<()>().await;
        });
        handle.send(task.abort_handle()).ok().unwrap();
        assert!(task.await.unwrap_err().is_cancelled());
    });
}

#[test]
fn a_finished_task_keeps_its_output_when_aborted() {
    check_async(async || {
        let task = rt::spawn(async { 8 });
        yield_until(|| task.is_finished()).await;
        task.abort();
        assert_eq!(task.await.unwrap(), 8);
    });
}

#[test]
fn aborting_twice_is_aborting_once() {
    check(|rt| {
        let tracker = Tracker::default();
        let token = tracker.token();
        let task = rt.spawn(async move {
            let _token = token;
            pending::<()>().await;
        });
        let again = task.abort_handle();
        task.abort();
        task.abort();
        again.abort();
        assert!(rt.block_on(task).unwrap_err().is_cancelled());
        again.abort();
        settle(&rt);
        assert_eq!(tracker.dropped(), 1);
    });
}

#[test]
fn an_abort_handle_cancels_a_detached_task() {
    check_async(async || {
        let tracker = Tracker::default();
        let token = tracker.token();
        let task = rt::spawn(async move {
            let _token = token;
            pending::<()>().await;
        });
        let abort = task.abort_handle();
        drop(task);
        assert!(!abort.is_finished());
        abort.abort();
        yield_until(|| abort.is_finished()).await;
        yield_until(|| tracker.dropped() == 1).await;
    });
}

#[test]
fn dropping_an_abort_handle_aborts_nothing() {
    check_async(async || {
        let task = rt::spawn(async { 1 });
        drop(task.abort_handle());
        assert_eq!(task.await.unwrap(), 1);
    });
}

#[test]
fn the_future_is_gone_before_is_cancelled_is_seen() {
    check_async(async || {
        for _ in 0..500 {
            let gone = Arc::new(AtomicBool::new(false));
            let sets = Arc::clone(&gone);
            let (polled, is_polled) = oneshot::channel();
            let task = rt::spawn(async move {
                let _on_drop = OnDrop(move || sets.store(true, SeqCst));
                polled.send(()).unwrap();
                pending::<()>().await;
            });
            is_polled.await.unwrap();
            task.abort();
            assert!(task.await.unwrap_err().is_cancelled());
            assert!(gone.load(SeqCst));
        }
    });
}

#[test]
fn a_cancelled_future_is_dropped_inside_its_runtime() {
    check(|rt| {
        let (dropped, drops) = mpsc::channel();
        let (ran, runs) = mpsc::channel();
        let on_drop = OnDrop(move || {
            dropped.send(thread::current().id()).unwrap();
            let ran = ran.clone();
            drop(rt::spawn(async move { ran.send(()).unwrap() }));
        });
        let task = rt.spawn(async move {
            let _on_drop = on_drop;
            pending::<()>().await;
        });
        let abort = task.abort_handle();
        let aborter = thread::spawn(move || {
            abort.abort();
            thread::current().id()
        });
        let aborted_on = aborter.join().unwrap();
        assert!(rt.block_on(task).unwrap_err().is_cancelled());
        assert_ne!(drops.recv().unwrap(), aborted_on);
        rt.block_on(yield_until(|| runs.try_recv().is_ok()));
    });
}

#[test]
fn an_abort_wakes_who_joins() {
    check_async(async || {
        let task = rt::spawn(pending::<()>());
        let abort = task.abort_handle();
        let joiner = rt::spawn(task);
        rt::task::yield_now().await;
        abort.abort();
        assert!(joiner.await.unwrap().unwrap_err().is_cancelled());
    });
}

#[test]
fn an_abort_racing_with_completion_yields_one_of_both() {
    check(|rt| {
        let tracker = Tracker::default();
        for _ in 0..300 {
            let (future_token, output_token) = (tracker.token(), tracker.token());
            let (go, gone) = mpsc::channel::<()>();
            let task = rt.spawn(async move {
                let _future_token = future_token;
                go.send(()).unwrap();
                rt::task::yield_now().await;
                output_token
            });
            let abort = task.abort_handle();
            let aborter = thread::spawn(move || {
                gone.recv().unwrap();
                abort.abort();
            });
            match rt.block_on(task) {
                Ok(output) => drop(output),
                Err(error) => assert!(error.is_cancelled()),
            }
            aborter.join().unwrap();
        }
        drop(rt);
        assert!(tracker.balanced());
    });
}
