//! Sleeping and time limits.

use super::{NEVER, check, check_async, rt, yield_until};
use futures::channel::oneshot;
use futures::stream::{FuturesUnordered, StreamExt};
use rt::time::{sleep, sleep_until, timeout, timeout_at};
use std::future::{pending, ready};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};
use tests::tracker::Tracker;
use tests::wait::{WakeCount, poll_once, wait};

const MS: Duration = Duration::from_millis(1);

#[test]
fn a_sleep_is_never_early() {
    check_async(async || {
        let mut sleeps: FuturesUnordered<_> = (0..400_u32)
            .map(|i| async move {
                // Not whole milliseconds: whatever the resolution is, it rounds up.
                let duration = Duration::from_micros(u64::from(i) * 101 % 20_000);
                let start = Instant::now();
                sleep(duration).await;
                assert!(start.elapsed() >= duration, "{:?} of {duration:?}", start.elapsed());
            })
            .collect();
        while sleeps.next().await.is_some() {}
    });
}

#[test]
fn sleeps_end_in_the_order_of_their_deadlines() {
    check_async(async || {
        let start = rt::time::Instant::now();
        let mut sleeps: FuturesUnordered<_> = [30, 10, 50, 20, 40, 5, 200, 90]
            .into_iter()
            .map(|ms| async move {
                sleep_until(start + ms * MS).await;
                ms
            })
            .collect();
        let mut order = Vec::new();
        while let Some(ms) = sleeps.next().await {
            order.push(ms);
        }
        assert_eq!(order, [5, 10, 20, 30, 40, 50, 90, 200]);
    });
}

#[test]
fn a_sleep_of_nothing_and_a_deadline_in_the_past_end() {
    check_async(async || {
        sleep(Duration::ZERO).await;
        sleep_until(rt::time::Instant::now()).await;
        let past = rt::time::Instant::now();
        sleep(MS).await;
        sleep_until(past).await;
    });
}

#[test]
fn a_deadline_in_the_far_future_neither_panics_nor_fires() {
    check_async(async || {
        for duration in [Duration::MAX, Duration::from_secs(u32::MAX.into()), 400 * 24 * NEVER] {
            let mut far = pin!(sleep(duration));
            assert!(poll_once(far.as_mut()).is_pending());
            sleep(MS).await;
            assert!(poll_once(far.as_mut()).is_pending());
            assert_eq!(timeout(duration, ready(1)).await.unwrap(), 1);
        }
    });
}

#[test]
fn a_sleep_of_one_task_does_not_delay_others() {
    check_async(async || {
        let sleeper = rt::spawn(sleep(NEVER));
        for i in 0..100 {
            assert_eq!(rt::spawn(async move { i }).await.unwrap(), i);
        }
        assert!(!sleeper.is_finished());
        sleeper.abort();
        assert!(sleeper.await.unwrap_err().is_cancelled());
    });
}

#[test]
fn an_earlier_deadline_from_another_thread_wakes_the_driver() {
    check(|rt| {
        let (tell, told) = oneshot::channel();
        let handle = rt.handle().clone();
        let spawner = thread::spawn(move || {
            drop(handle.spawn(async {
                sleep(MS).await;
                tell.send(()).unwrap();
            }));
        });
        rt.block_on(async {
            let far = rt::spawn(sleep(NEVER));
            told.await.unwrap();
            assert!(!far.is_finished());
        });
        spawner.join().unwrap();
    });
}

#[test]
fn an_earlier_deadline_after_a_later_one_fires_first() {
    check_async(async || {
        for _ in 0..20 {
            let mut late = pin!(sleep(NEVER));
            assert!(poll_once(late.as_mut()).is_pending());
            sleep(MS).await;
            assert!(poll_once(late.as_mut()).is_pending());
        }
    });
}

#[test]
fn ten_thousand_sleeps_all_end_and_none_early() {
    check_async(async || {
        let ended = Arc::new(AtomicUsize::new(0));
        let tasks: Vec<_> = (0..10_000_u64)
            .map(|i| {
                let ended = Arc::clone(&ended);
                rt::spawn(async move {
                    let duration = Duration::from_micros(i * 7_919 % 100_000);
                    let start = Instant::now();
                    sleep(duration).await;
                    assert!(start.elapsed() >= duration);
                    ended.fetch_add(1, SeqCst);
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(ended.load(SeqCst), 10_000);
    });
}

#[test]
fn a_dropped_sleep_wakes_nobody() {
    check_async(async || {
        let (count, waker) = WakeCount::new();
        for _ in 0..1_000 {
            let mut dropped = Box::pin(sleep(MS));
            let mut cx = std::task::Context::from_waker(&waker);
            let _ = dropped.as_mut().poll(&mut cx);
        }
        let woken = count.get();
        sleep(5 * MS).await;
        assert_eq!(count.get(), woken);
        drop(waker);
        assert_eq!(Arc::strong_count(&count), 1, "the driver let go of the wakers");
    });
}

#[test]
fn the_latest_waker_of_a_sleep_is_the_one_woken() {
    check_async(async || {
        let (first, first_waker) = WakeCount::new();
        let (second, second_waker) = WakeCount::new();
        // Long enough that both polls come before it fires, wherever this thread is interrupted.
        let mut slept = pin!(sleep(300 * MS));
        for waker in [&first_waker, &second_waker] {
            let polled = slept.as_mut().poll(&mut std::task::Context::from_waker(waker));
            assert!(polled.is_pending());
        }
        yield_until(|| second.get() > 0).await;
        assert_eq!((first.get(), second.get()), (0, 1));
        assert!(poll_once(slept).is_ready());
    });
}

#[test]
fn a_sleep_that_is_reset_ends_at_its_new_deadline() {
    check_async(async || {
        let start = rt::time::Instant::now();
        let mut slept = pin!(sleep(NEVER));
        assert!(poll_once(slept.as_mut()).is_pending());
        // Earlier.
        slept.as_mut().reset(start + 5 * MS);
        assert_eq!(slept.deadline(), start + 5 * MS);
        slept.as_mut().await;
        assert!(slept.is_elapsed());
        assert!(rt::time::Instant::now() >= start + 5 * MS);
        // Later, after it has ended.
        slept.as_mut().reset(rt::time::Instant::now() + NEVER);
        assert!(!slept.is_elapsed());
        assert!(poll_once(slept.as_mut()).is_pending());
        // Later, while it waits; then to what is past.
        slept.as_mut().reset(start + 2 * NEVER);
        assert!(poll_once(slept.as_mut()).is_pending());
        slept.as_mut().reset(start);
        slept.await;
    });
}

#[test]
fn a_sleep_reset_to_later_does_not_end_at_its_old_deadline() {
    check_async(async || {
        let start = rt::time::Instant::now();
        let mut slept = pin!(sleep_until(start + 2 * MS));
        let _ = poll_once(slept.as_mut());
        slept.as_mut().reset(start + 30 * MS);
        slept.await;
        assert!(rt::time::Instant::now() >= start + 30 * MS);
    });
}

#[test]
fn a_timeout_hands_out_what_was_ready_in_time() {
    check_async(async || {
        assert_eq!(timeout(NEVER, ready(1)).await.unwrap(), 1);
        let later = async {
            sleep(MS).await;
            2
        };
        assert_eq!(timeout(NEVER, later).await.unwrap(), 2);
        assert_eq!(timeout_at(rt::time::Instant::now() + NEVER, ready(3)).await.unwrap(), 3);
    });
}

#[test]
fn a_timeout_that_elapses_says_so() {
    check_async(async || {
        let start = Instant::now();
        let elapsed: rt::time::error::Elapsed = timeout(3 * MS, pending::<()>()).await.unwrap_err();
        assert!(start.elapsed() >= 3 * MS);
        assert!(!elapsed.to_string().is_empty());
        assert_eq!(std::io::Error::from(elapsed).kind(), std::io::ErrorKind::TimedOut);
        timeout_at(rt::time::Instant::now() + MS, pending::<()>()).await.unwrap_err();
    });
}

#[test]
fn a_timeout_of_nothing_still_polls_its_future_first() {
    check_async(async || {
        assert_eq!(timeout(Duration::ZERO, ready(1)).await.unwrap(), 1);
        assert_eq!(timeout_at(rt::time::Instant::now(), ready(2)).await.unwrap(), 2);
        timeout(Duration::ZERO, pending::<()>()).await.unwrap_err();
    });
}

#[test]
fn a_timeout_drops_its_future_with_itself() {
    check_async(async || {
        let tracker = Tracker::default();
        let token = tracker.token();
        let limited = timeout(MS, async move {
            let _token = token;
            pending::<()>().await;
        });
        limited.await.unwrap_err();
        assert_eq!(tracker.dropped(), 1);
    });
}

#[test]
fn a_sleep_is_awaited_on_a_thread_without_a_runtime() {
    check(|rt| {
        let slept = {
            let _guard = rt.enter();
            sleep(5 * MS)
        };
        let (tell, told) = oneshot::channel();
        let thread = thread::spawn(move || {
            let start = Instant::now();
            wait(slept);
            tell.send(start).unwrap();
        });
        // Timers of a current-thread runtime fire while somebody is in `block_on`.
        rt.block_on(told).unwrap();
        thread.join().unwrap();
    });
}

#[test]
fn a_sleep_dropped_on_another_thread_may_race_with_its_end() {
    check_async(async || {
        for i in 0..200_u32 {
            let mut raced = Box::pin(sleep(Duration::from_micros(u64::from(i % 4) * 500)));
            let _ = poll_once(raced.as_mut());
            let dropper = thread::spawn(move || drop(raced));
            sleep(MS).await;
            dropper.join().unwrap();
        }
    });
}

#[test]
fn a_sleep_may_outlive_its_runtime() {
    check(|rt| {
        let guard = rt.enter();
        let mut slept = Box::pin(sleep(NEVER));
        assert!(poll_once(slept.as_mut()).is_pending());
        drop(guard);
        drop(rt);
        drop(slept);
    });
}

#[test]
fn a_send_with_a_limit_waits_for_room_until_then_and_hands_the_value_back() {
    use rt::sync::mpsc::error::SendTimeoutError;
    check_async(async || {
        let (sender, mut receiver) = rt::sync::mpsc::channel(1);
        assert_eq!(sender.send_timeout(1, Duration::from_millis(1)).await, Ok(()));
        let full = sender.send_timeout(2, Duration::from_millis(1)).await;
        assert_eq!(full, Err(SendTimeoutError::Timeout(2)));
        let (sent, received) =
            futures::join!(sender.send_timeout(3, NEVER), async { receiver.recv().await });
        assert_eq!((sent, received), (Ok(()), Some(1)));
        drop(receiver);
        let closed = sender.send_timeout(4, NEVER).await;
        assert_eq!(closed, Err(SendTimeoutError::Closed(4)));
        assert_eq!(closed.unwrap_err().into_inner(), 4);
    });
}
