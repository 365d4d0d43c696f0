use std::future::{pending, poll_fn, ready};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use futures::channel::oneshot;

use super::error::Elapsed;
use super::*;
use crate::coop;
use crate::runtime::{Builder, context};
use crate::spawn;

const MS: Duration = Duration::from_millis(1);
const HOUR: Duration = Duration::from_secs(3600);

/// Runs `future` on a runtime of its own, with one thread.
fn run<F: Future>(future: F) -> F::Output {
    Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// Does the runtime here have a timer to wait for?
fn has_timers() -> bool {
    let timers = &context::driver().timers;
    let sleep = timers.prepare_park(None).timeout;
    timers.finish_park(&mut crate::util::WakeList::new());
    sleep.is_some()
}

fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn a_sleep_ends_no_earlier_than_its_duration() {
    run(async {
        for duration in [Duration::from_nanos(1), Duration::from_micros(300), MS, MS * 7] {
            let start = Instant::now();
            sleep(duration).await;
            assert!(start.elapsed() >= duration, "{duration:?}, but {:?}", start.elapsed());
        }
        assert!(!has_timers());
    });
}

#[test]
fn a_sleep_whose_time_has_passed_is_ready_at_its_first_poll() {
    run(async {
        assert!(poll_once(&mut sleep(Duration::ZERO)).is_ready());
        assert!(poll_once(&mut sleep_until(Instant::now() - MS)).is_ready());
        assert!(!has_timers());
    });
}

#[test]
fn a_dropped_sleep_leaves_nothing_to_wait_for() {
    run(async {
        let mut sleep = sleep(HOUR);
        assert!(poll_once(&mut sleep).is_pending());
        assert!(has_timers());
        drop(sleep);
        assert!(!has_timers());
    });
}

#[test]
fn a_sleep_that_is_reset_ends_at_the_new_deadline() {
    run(async {
        let mut sleep = pin!(sleep(HOUR));
        assert!(poll_once(&mut sleep).is_pending());
        for millis in [2, 20, 10] {
            let deadline = Instant::now() + MS * millis;
            sleep.as_mut().reset(deadline);
            assert_eq!((sleep.deadline(), sleep.is_elapsed()), (deadline, false));
            sleep.as_mut().await;
            assert!(Instant::now() >= deadline);
            assert!(sleep.is_elapsed());
        }
        sleep.as_mut().reset(Instant::now() + HOUR);
        assert!(!sleep.is_elapsed());
        assert!(poll_once(&mut sleep).is_pending());
    });
}

#[test]
fn a_duration_without_end_waits_and_does_not_panic() {
    run(async {
        assert!(poll_once(&mut sleep(Duration::MAX)).is_pending());
        assert!(poll_once(&mut timeout(Duration::MAX, pending::<()>())).is_pending());
        let mut interval = interval(Duration::MAX);
        interval.tick().await;
        assert!(poll_once(&mut Box::pin(interval.tick())).is_pending());
    });
}

/// Wakes by unparking a thread: an executor that is not ours.
struct Unparker(thread::Thread);

impl Wake for Unparker {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

#[test]
fn a_sleep_polled_on_another_thread_wakes_a_runtime_that_is_parked_without_end() {
    run(async {
        let mut sleep = sleep(MS * 5);
        let deadline = sleep.deadline();
        let (done, wait) = oneshot::channel();
        let other = thread::spawn(move || {
            let waker = Waker::from(Arc::new(Unparker(thread::current())));
            while Pin::new(&mut sleep).poll(&mut Context::from_waker(&waker)).is_pending() {
                thread::park();
            }
            done.send(Instant::now()).unwrap();
        });
        assert!(wait.await.unwrap() >= deadline);
        other.join().unwrap();
    });
}

#[test]
fn sleeps_of_many_tasks_on_many_workers_all_end_and_none_early() {
    let runtime = Builder::new_multi_thread().worker_threads(3).enable_all().build().unwrap();
    runtime.block_on(async {
        let sleepers: Vec<_> = (0..200)
            .map(|n| {
                spawn(async move {
                    for round in 0..5 {
                        let deadline = Instant::now() + Duration::from_micros(n * 37 + round * 411);
                        sleep_until(deadline).await;
                        assert!(Instant::now() >= deadline);
                    }
                    timeout(HOUR, sleep(MS)).await.unwrap();
                })
            })
            .collect();
        for sleeper in sleepers {
            sleeper.await.unwrap();
        }
    });
}

#[test]
fn a_sleep_that_outlives_its_runtime_is_woken_and_panics() {
    let mut sleep = run(async {
        let mut sleep = sleep(HOUR);
        assert!(poll_once(&mut sleep).is_pending());
        Some(sleep)
    });
    let polled = catch_unwind(AssertUnwindSafe(|| poll_once(sleep.as_mut().unwrap())));
    let message = *polled.unwrap_err().downcast::<&str>().unwrap();
    assert!(message.contains("has been shut down"), "{message}");
    drop(sleep); // And this does not panic.
}

#[test]
fn a_timeout_gives_what_the_future_gives_in_time() {
    run(async {
        assert_eq!(timeout(Duration::ZERO, ready(5)).await, Ok(5), "the future is asked first");
        assert_eq!(timeout(HOUR, async { sleep(MS).await }).await, Ok(()));
        assert!(!has_timers());
    });
}

#[test]
fn a_timeout_that_resolves_before_it_waits_never_registers() {
    run(async {
        let mut timeout = timeout(HOUR, Box::pin(async { has_timers() }));
        assert_eq!(poll_once(&mut timeout), Poll::Ready(Ok(false)));
        assert!(!has_timers());
    });
}

#[test]
fn a_timeout_ends_a_future_that_takes_too_long() {
    run(async {
        let start = Instant::now();
        let elapsed = timeout(MS * 3, pending::<()>()).await.unwrap_err();
        assert!(start.elapsed() >= MS * 3);
        assert_eq!(elapsed.to_string(), "deadline has elapsed");
        assert_eq!(io::Error::from(elapsed).kind(), io::ErrorKind::TimedOut);
        assert_eq!(timeout_at(start, pending::<()>()).await, Err(Elapsed(())));
    });
}

#[test]
fn a_timeout_ends_a_future_that_uses_up_the_budget_in_each_poll() {
    run(async {
        let greedy = poll_fn(|cx| {
            while let Poll::Ready(progress) = coop::poll_proceed(cx) {
                progress.made_progress();
            }
            Poll::<()>::Pending
        });
        assert_eq!(timeout(MS * 3, greedy).await, Err(Elapsed(())));
    });
}

#[test]
fn waits_that_are_always_over_yield_when_the_budget_is_used_up() {
    run(async {
        let mut sleeps = Box::pin(async {
            loop {
                sleep(Duration::ZERO).await;
            }
        });
        let mut timeouts = Box::pin(async {
            loop {
                timeout(Duration::ZERO, pending::<()>()).await.unwrap_err();
            }
        });
        // Without a budget, neither would return.
        assert!(coop::with_budget(|| poll_once(&mut sleeps)).is_pending());
        assert!(coop::with_budget(|| poll_once(&mut timeouts)).is_pending());
    });
}

#[test]
fn a_timeout_gives_its_future_back() {
    run(async {
        let mut timeout = timeout(HOUR, ready(5));
        assert_eq!(timeout.get_ref().clone().into_inner(), 5);
        *timeout.get_mut() = ready(6);
        assert_eq!(timeout.into_inner().await, 6);
    });
}

#[test]
fn an_interval_ticks_at_once_and_then_every_period() {
    run(async {
        let start = Instant::now();
        let mut interval = interval_at(start, MS * 3);
        for n in 0..4 {
            let due = interval.tick().await;
            assert_eq!(due, start + MS * 3 * n);
            assert!(Instant::now() >= due);
        }
        assert_eq!(interval.period(), MS * 3);
    });
}

#[test]
fn missed_ticks_are_made_up_for_or_counted_anew_or_left_out() {
    run(async {
        // The ticks of the last three and a half hours were missed.
        let start = Instant::now() - HOUR / 2 * 7;
        let next_ticks = async |behavior| {
            let mut interval = interval_at(start, HOUR);
            interval.set_missed_tick_behavior(behavior);
            assert_eq!(interval.missed_tick_behavior(), behavior);
            let mut ticks = 0;
            while let Poll::Ready(due) = poll_once(&mut Box::pin(interval.tick())) {
                assert_eq!(due, start + HOUR * ticks);
                ticks += 1;
            }
            (ticks, interval)
        };
        assert_eq!(next_ticks(MissedTickBehavior::Burst).await.0, 4);
        assert_eq!(next_ticks(MissedTickBehavior::Skip).await.0, 1);
        let (ticks, mut interval) = next_ticks(MissedTickBehavior::Delay).await;
        assert_eq!(ticks, 1);
        interval.reset();
        assert!(poll_once(&mut Box::pin(interval.tick())).is_pending());
        assert!(has_timers());
    });
}

#[test]
fn misuse_is_told_at_once() {
    assert!(catch_unwind(|| sleep(MS)).is_err(), "no runtime");
    assert!(catch_unwind(|| timeout(MS, ready(()))).is_err(), "no runtime");
    run(async {
        let panic = catch_unwind(|| interval(Duration::ZERO)).unwrap_err();
        assert!(panic.downcast_ref::<&str>().unwrap().contains("must not be zero"));
    });
}

#[test]
fn waits_can_be_sent_shared_and_moved() {
    fn check<T: Send + Sync + Unpin>() {}
    check::<Sleep>();
    check::<Timeout<std::future::Ready<()>>>();
    check::<Interval>();
}

#[test]
fn instants_subtract_to_zero_and_convert_both_ways() {
    let now = Instant::now();
    let later = now + MS;
    assert_eq!((later - now, now - later), (MS, Duration::ZERO));
    assert_eq!(now.checked_duration_since(later), None);
    assert_eq!(later.saturating_duration_since(now), MS);
    assert_eq!(later - MS, now);
    assert_eq!(now.checked_add(Duration::MAX), None);
    assert_eq!(Instant::from(std::time::Instant::from(now)), now);
    assert!(now.elapsed() <= now.elapsed());
    let mut moved = now;
    moved += MS;
    moved -= MS;
    assert_eq!(moved, now);
}
