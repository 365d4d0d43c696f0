//! Wakers: how many polls a wake is worth, and who may wake when.

use super::{builder, check, check_async, rt, settle, stall, until_polls, yield_until};
use futures::channel::oneshot;
use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed, Ordering::SeqCst};
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};
use tests::probe::Probe;
use tests::tracker::{OnDrop, Tracker};
use tests::watchdog::guarded;

#[test]
fn a_wake_during_a_poll_polls_again_exactly_once() {
    check(|rt| {
        let trace = Arc::new(Mutex::new(Vec::new()));
        let (trace_in, mut polls) = (Arc::clone(&trace), 0);
        let (polled, is_polled) = mpsc::channel();
        drop(rt.spawn(poll_fn(move |cx| {
            trace_in.lock().unwrap().push("poll");
            if polls == 0 {
                cx.waker().wake_by_ref();
                trace_in.lock().unwrap().push("wake");
                let owned = cx.waker().clone();
                owned.wake();
                trace_in.lock().unwrap().push("wake");
            }
            trace_in.lock().unwrap().push("pending");
            polls += 1;
            polled.send(()).unwrap();
            Poll::<()>::Pending
        })));
        rt.block_on(yield_until(|| is_polled.try_recv().is_ok()));
        rt.block_on(yield_until(|| is_polled.try_recv().is_ok()));
        settle(&rt);
        let expected = ["poll", "wake", "wake", "pending", "poll", "pending"];
        assert_eq!(*trace.lock().unwrap(), expected);
    });
}

#[test]
fn two_wakes_are_one_poll() {
    check(|rt| {
        let probe = Probe::default();
        drop(rt.spawn(probe.clone()));
        until_polls(&rt, &probe, 1);
        let stall = stall(&rt);
        let waker = probe.waker();
        waker.wake_by_ref();
        let other = waker.clone();
        other.wake();
        waker.wake();
        drop(stall);
        until_polls(&rt, &probe, 2);
        settle(&rt);
        assert_eq!(probe.polls(), 2);
    });
}

#[test]
fn a_wake_before_the_first_poll_adds_no_poll() {
    check(|rt| {
        // The first poll is the one that a spawn schedules; there is no waker before it.
        let probe = Probe::default();
        let task = rt.spawn(probe.clone());
        until_polls(&rt, &probe, 1);
        settle(&rt);
        assert_eq!(probe.polls(), 1);
        task.abort();
    });
}

#[test]
fn every_wake_of_a_pending_task_is_a_poll() {
    check(|rt| {
        let probe = Probe::default();
        drop(rt.spawn(probe.clone()));
        for n in 1..100 {
            until_polls(&rt, &probe, n);
            match n % 3 {
                0 => probe.waker().wake_by_ref(),
                1 => probe.waker().wake(),
                _ => probe.take_waker().unwrap().wake(),
            }
        }
    });
}

#[test]
fn an_old_waker_of_a_task_wakes_it_as_a_new_one_does() {
    check(|rt| {
        let probe = Probe::default();
        drop(rt.spawn(probe.clone()));
        until_polls(&rt, &probe, 1);
        let first = probe.waker();
        first.wake_by_ref();
        until_polls(&rt, &probe, 2);
        assert!(first.will_wake(&probe.waker()));
        first.wake();
        until_polls(&rt, &probe, 3);
    });
}

#[test]
fn a_wake_after_completion_is_harmless() {
    check(|rt| {
        let tracker = Tracker::default();
        let token = tracker.token();
        let probe = Probe::default();
        let inner = probe.clone();
        let task = rt.spawn(async move {
            inner.await;
            token
        });
        until_polls(&rt, &probe, 1);
        let waker = probe.waker();
        probe.finish();
        waker.wake_by_ref();
        rt.block_on(yield_until(|| task.is_finished()));
        waker.wake_by_ref();
        drop(rt.block_on(task).unwrap());
        waker.wake_by_ref();
        waker.wake();
        settle(&rt);
        assert_eq!((probe.polls(), tracker.dropped()), (2, 1));
    });
}

#[test]
fn a_wake_from_the_drop_of_the_future_is_harmless() {
    check(|rt| {
        let task = rt.spawn(async {
            let waker = poll_fn(|cx| Poll::Ready(cx.waker().clone())).await;
            let _on_drop = OnDrop(move || waker.wake_by_ref());
            std::future::pending::<()>().await;
        });
        rt.block_on(super::yield_times(3));
        task.abort();
        assert!(rt.block_on(task).unwrap_err().is_cancelled());
        settle(&rt);
    });
}

#[test]
fn a_waker_that_outlives_its_runtime_is_harmless() {
    check(|rt| {
        let tracker = Tracker::default();
        let token = tracker.token();
        let probe = Probe::default();
        let inner = probe.clone();
        drop(rt.spawn(async move {
            inner.await;
            drop(token);
        }));
        until_polls(&rt, &probe, 1);
        drop(rt);
        assert_eq!(tracker.dropped(), 1);
        let waker = probe.take_waker().unwrap();
        let other = waker.clone();
        waker.wake_by_ref();
        assert!(waker.will_wake(&other));
        waker.wake();
        thread::spawn(move || other.wake()).join().unwrap();
        assert_eq!((probe.polls(), tracker.dropped()), (1, 1));
    });
}

#[test]
fn a_wake_may_race_with_the_drop_of_the_runtime() {
    guarded(|| {
        for _ in 0..200 {
            let rt = builder().build().unwrap();
            let tracker = Tracker::default();
            let probes: Vec<_> = (0..4).map(|_| Probe::default()).collect();
            for probe in &probes {
                let (token, inner) = (tracker.token(), probe.clone());
                drop(rt.spawn(async move {
                    let _token = token;
                    inner.await;
                }));
                until_polls(&rt, probe, 1);
            }
            let stop = Arc::new(AtomicBool::new(false));
            let (waking, is_waking) = mpsc::channel();
            let wakers: Vec<Waker> = probes.iter().map(Probe::waker).collect();
            let waker_stops = Arc::clone(&stop);
            let thread = thread::spawn(move || {
                waking.send(()).unwrap();
                while !waker_stops.load(Relaxed) {
                    wakers.iter().for_each(Waker::wake_by_ref);
                }
            });
            is_waking.recv().unwrap();
            drop(rt);
            stop.store(true, Relaxed);
            thread.join().unwrap();
            assert!(tracker.balanced());
        }
    });
}

#[test]
fn a_wake_of_a_task_already_scheduled_still_publishes() {
    // Each round wakes the task, and a moment later writes without any ordering and wakes it again.
    // The second wake often meets a task that is scheduled and about to be polled. If it then
    // published nothing, that poll could miss the write, nothing would poll again, and the round
    // would never end.
    check(|rt| {
        /// What is told last.
        const LAST: usize = usize::MAX;
        let told = Arc::new(AtomicUsize::new(0));
        let seen = Arc::new(AtomicUsize::new(0));
        let (task_told, task_seen) = (Arc::clone(&told), Arc::clone(&seen));
        let (waker, wakers) = mpsc::sync_channel::<Waker>(1);
        let task = rt.spawn(poll_fn(move |cx| {
            let _sent_at_first = waker.try_send(cx.waker().clone());
            let value = task_told.load(Relaxed);
            task_seen.store(value, Relaxed);
            if value == LAST { Poll::Ready(()) } else { Poll::Pending }
        }));
        // Nobody sleeps: from a wake to a poll it is a fraction of a microsecond.
        let awake = rt.spawn(async { yield_until(|| false).await });
        let writer = thread::spawn(move || {
            let waker = wakers.recv().unwrap();
            // As many rounds as the machine has time for: some hundred thousand, or a few hundred.
            let start = Instant::now();
            for round in 1.. {
                let in_time = start.elapsed() < Duration::from_millis(300);
                let value = if in_time { round } else { LAST };
                waker.wake_by_ref();
                for _ in 0..round % 97 {
                    std::hint::spin_loop();
                }
                told.store(value, Relaxed);
                waker.wake_by_ref();
                while seen.load(Relaxed) != value {
                    thread::yield_now();
                }
                if value == LAST {
                    return;
                }
            }
        });
        rt.block_on(task).unwrap();
        awake.abort();
        writer.join().unwrap();
    });
}

#[test]
fn a_wake_from_another_thread_reaches_an_idle_runtime() {
    check_async(async || {
        for _ in 0..500 {
            let (tell, told) = oneshot::channel();
            let teller = thread::spawn(move || tell.send(1).unwrap());
            assert_eq!(rt::spawn(told).await.unwrap().unwrap(), 1);
            teller.join().unwrap();
        }
    });
}

/// Wakes a task again and again, each time a little later after it was polled: the wakes meet the
/// runtime as it looks for more, as it is about to sleep, and asleep. A wake that is lost on the way
/// ends in a hang.
pub(in super::super) fn wake_on_the_way_to_sleep(rt: &rt::runtime::Runtime) {
    let seen = Arc::new(AtomicUsize::new(0));
    let stop = Arc::new(AtomicBool::new(false));
    let (task_seen, task_stop) = (Arc::clone(&seen), Arc::clone(&stop));
    let (waker, wakers) = mpsc::sync_channel::<Waker>(1);
    let task = rt.spawn(poll_fn(move |cx| {
        let _sent_at_first = waker.try_send(cx.waker().clone());
        task_seen.fetch_add(1, SeqCst);
        if task_stop.load(SeqCst) { Poll::Ready(()) } else { Poll::Pending }
    }));
    let waking = thread::spawn(move || {
        let waker = wakers.recv().unwrap();
        let start = Instant::now();
        for round in 1.. {
            while seen.load(SeqCst) < round {
                thread::yield_now();
            }
            for _ in 0..round % 1_999 {
                std::hint::spin_loop();
            }
            if start.elapsed() > Duration::from_millis(300) {
                stop.store(true, SeqCst);
                return waker.wake();
            }
            waker.wake_by_ref();
        }
    });
    rt.block_on(task).unwrap();
    waking.join().unwrap();
}

#[test]
fn a_wake_that_meets_the_runtime_on_its_way_to_sleep_is_not_lost() {
    check(|rt| wake_on_the_way_to_sleep(&rt));
}

#[test]
fn a_task_pushed_between_threads_is_never_polled_by_two_at_once() {
    check_async(async || {
        let inside = Arc::new(AtomicBool::new(false));
        let (waker, wakers) = mpsc::channel::<Waker>();
        let mut polls = 0;
        let task_inside = Arc::clone(&inside);
        let task = rt::spawn(poll_fn(move |cx| {
            assert!(!task_inside.swap(true, SeqCst), "two threads in one poll");
            if polls < 2 {
                waker.send(cx.waker().clone()).unwrap();
            }
            polls += 1;
            task_inside.store(false, SeqCst);
            if polls < 5_000 { Poll::Pending } else { Poll::Ready(()) }
        }));
        let stop = Arc::new(AtomicBool::new(false));
        let thread_stops = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            let waker = wakers.recv().unwrap();
            while !thread_stops.load(Relaxed) {
                waker.wake_by_ref();
            }
        });
        task.await.unwrap();
        stop.store(true, Relaxed);
        thread.join().unwrap();
    });
}
