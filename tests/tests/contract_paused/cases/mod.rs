//! Of a current-thread runtime: no other has a clock that can be paused.

use super::rt;
use futures::channel::oneshot;
use rt::net::{TcpListener, TcpStream};
use rt::runtime::{Builder, Handle};
use rt::task::{spawn_blocking, yield_now};
use rt::time::{
    Instant, MissedTickBehavior, advance, interval, interval_at, pause, resume, sleep, sleep_until,
    timeout,
};
use std::cell::RefCell;
use std::future::pending;
use std::pin::pin;
use std::sync::mpsc;
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;
use tests::caught::caught;
use tests::wait::{WakeCount, poll_once};
use tests::watchdog::guarded;

const HOUR: Duration = Duration::from_secs(3600);
const MS: Duration = Duration::from_millis(1);

mod blocking;
mod interval;
mod refused;

/// A current-thread runtime, with nothing set.
fn builder() -> Builder {
    let mut builder = Builder::new_current_thread();
    builder.enable_all();
    builder
}

/// Runs `body` on a runtime whose clock stands from the beginning.
fn paused(body: impl AsyncFnOnce() + Send + 'static) {
    guarded(|| builder().start_paused(true).build().unwrap().block_on(body()));
}

#[test]
fn a_sleep_takes_no_time_and_the_clock_says_it_did() {
    paused(async || {
        let (start, real) = (Instant::now(), std::time::Instant::now());
        for duration in [MS, HOUR, 24 * HOUR, 7 * MS] {
            let before = Instant::now();
            sleep(duration).await;
            assert_eq!(before.elapsed(), duration);
        }
        assert_eq!(start.elapsed(), 25 * HOUR + 8 * MS);
        assert!(real.elapsed() < HOUR);
    });
}

#[test]
fn a_clock_that_is_paused_later_stands_where_it_was() {
    guarded(|| {
        builder().build().unwrap().block_on(async {
            let before = Instant::now();
            pause();
            let start = Instant::now();
            assert!(start >= before);
            thread::sleep(2 * MS);
            yield_now().await;
            assert_eq!(Instant::now(), start);
            sleep(HOUR).await;
            // A tick of the runtime is no more than a millisecond off.
            assert!(start.elapsed() >= HOUR && start.elapsed() <= HOUR + MS);
        });
    });
}

#[test]
fn every_timer_fires_at_its_own_time_in_the_order_of_time() {
    paused(async || {
        let (start, seen) = (Instant::now(), RefCell::new(Vec::new()));
        let sleeper = async |ms: u32| {
            sleep(ms * MS).await;
            assert_eq!(start.elapsed(), ms * MS);
            seen.borrow_mut().push(ms);
        };
        let all = [70_000, 3, 64, 5_000_000, 4_096, 1, 63, 65].map(sleeper);
        futures::future::join_all(all).await;
        assert_eq!(seen.into_inner(), [1, 3, 63, 64, 65, 4_096, 70_000, 5_000_000]);
    });
}

#[test]
fn time_stands_while_a_task_is_ready() {
    paused(async || {
        let start = Instant::now();
        let mut alarm = pin!(sleep(MS));
        for _ in 0..200 {
            assert!(poll_once(alarm.as_mut()).is_pending());
            yield_now().await;
        }
        assert_eq!(start.elapsed(), Duration::ZERO);
    });
}

#[test]
fn a_socket_that_is_ready_is_not_overtaken_by_a_timer() {
    paused(async || {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let start = Instant::now();
        let connection = rt::spawn(async move {
            let accepted = listener.accept().await.unwrap();
            assert_eq!(start.elapsed(), Duration::ZERO);
            accepted
        });
        // The kernel has finished it when this returns.
        let client = std::net::TcpStream::connect(addr).unwrap();
        sleep(HOUR).await;
        drop((connection.await.unwrap(), client));
        assert_eq!(start.elapsed(), HOUR);
        drop(TcpStream::connect(addr).await);
    });
}

#[test]
fn without_a_timer_it_waits_for_other_threads() {
    paused(async || {
        let start = Instant::now();
        let (tell, told) = oneshot::channel();
        let other = thread::spawn(move || tell.send(7).unwrap());
        assert_eq!(told.await, Ok(7));
        other.join().unwrap();
        assert_eq!(start.elapsed(), Duration::ZERO);
    });
}

#[test]
fn an_advance_moves_the_clock_by_exactly_that() {
    paused(async || {
        let start = Instant::now();
        for step in [MS, Duration::from_micros(51_592), Duration::from_nanos(1), HOUR] {
            let before = Instant::now();
            advance(step).await;
            assert_eq!(before.elapsed(), step);
        }
        assert_eq!(start.elapsed(), HOUR + Duration::from_nanos(52_592_001));
    });
}

#[test]
fn an_advance_fires_what_is_due_and_nothing_else() {
    paused(async || {
        let mut alarm = pin!(sleep(10 * MS));
        let (wakes, waker) = WakeCount::new();
        let mut cx = Context::from_waker(&waker);
        assert!(alarm.as_mut().poll(&mut cx).is_pending());
        for _ in 0..9 {
            advance(MS).await;
            assert!(alarm.as_mut().poll(&mut cx).is_pending());
        }
        assert_eq!(wakes.get(), 0);
        advance(MS / 2).await;
        assert!(alarm.as_mut().poll(&mut cx).is_pending());
        advance(MS / 2).await;
        assert!(wakes.get() > 0 && alarm.is_elapsed());
        assert!(alarm.as_mut().poll(&mut cx).is_ready());
    });
}

#[test]
fn an_advance_lets_others_run() {
    paused(async || {
        let other = rt::spawn(async {});
        advance(MS).await;
        assert!(other.is_finished());
    });
}

#[test]
fn tasks_that_an_advance_wakes_all_end_at_its_time() {
    paused(async || {
        let start = Instant::now();
        let tasks: Vec<_> = (1..=20)
            .map(|ms| {
                rt::spawn(async move {
                    sleep(ms * MS).await;
                    start.elapsed()
                })
            })
            .collect();
        yield_now().await;
        advance(HOUR).await;
        for task in tasks {
            assert_eq!(task.await.unwrap(), HOUR);
        }
    });
}

#[test]
fn a_clock_that_goes_on_does_so_where_it_was() {
    paused(async || {
        let start = Instant::now();
        advance(HOUR).await;
        let mut alarm = pin!(sleep(5 * MS));
        assert!(poll_once(alarm.as_mut()).is_pending());
        resume();
        let real = std::time::Instant::now();
        alarm.as_mut().await;
        assert!(real.elapsed() >= 4 * MS, "it waits again");
        assert!(start.elapsed() >= HOUR + 5 * MS && start.elapsed() < 2 * HOUR);
        pause();
        sleep(HOUR).await;
        assert!(start.elapsed() >= 2 * HOUR + 5 * MS && real.elapsed() < HOUR);
    });
}

#[test]
fn a_time_limit_on_what_never_comes_is_over_at_once() {
    paused(async || {
        let start = Instant::now();
        assert!(timeout(HOUR, pending::<()>()).await.is_err());
        assert_eq!(start.elapsed(), HOUR);
    });
}

#[test]
fn a_sleep_that_is_reset_ends_at_its_new_time() {
    paused(async || {
        let start = Instant::now();
        let mut alarm = pin!(sleep(HOUR));
        assert!(poll_once(alarm.as_mut()).is_pending());
        for deadline in [start + 10 * MS, start + 2 * HOUR, start + HOUR] {
            alarm.as_mut().reset(deadline);
            alarm.as_mut().await;
            assert!(alarm.is_elapsed());
            assert_eq!(Instant::now(), deadline.max(start + 10 * MS).max(Instant::now()));
        }
        assert_eq!(start.elapsed(), 2 * HOUR);
        sleep_until(start).await;
        assert_eq!(start.elapsed(), 2 * HOUR, "that was past");
    });
}

#[test]
fn another_thread_of_the_runtime_can_put_the_clock_forward() {
    paused(async || {
        let start = Instant::now();
        let mut alarm = pin!(sleep(HOUR));
        assert!(poll_once(alarm.as_mut()).is_pending());
        let call = spawn_blocking(|| Handle::current().block_on(advance(HOUR)));
        alarm.await;
        assert_eq!(start.elapsed(), HOUR);
        call.await.unwrap();
    });
}

#[test]
fn another_thread_of_the_runtime_can_let_the_clock_go_on() {
    paused(async || {
        let (release, released) = mpsc::channel();
        let call = spawn_blocking(move || {
            resume();
            released.recv().unwrap();
        });
        sleep(5 * MS).await; // While the call holds the clock.
        release.send(()).unwrap();
        call.await.unwrap();
    });
}

#[test]
fn outside_of_a_runtime_time_is_the_machine_s() {
    paused(async || {
        advance(24 * HOUR).await;
        let (here, machine) = (Instant::now(), std::time::Instant::now());
        assert!(here.into_std() > machine + HOUR);
        let elsewhere = thread::spawn(Instant::now).join().unwrap();
        assert!(elsewhere.into_std() < machine + HOUR && elsewhere < here);
    });
}

#[test]
fn runtimes_have_clocks_of_their_own() {
    guarded(|| {
        let stands = builder().start_paused(true).build().unwrap();
        let runs = builder().build().unwrap();
        let far = stands.block_on(async {
            advance(HOUR).await;
            Instant::now()
        });
        runs.block_on(async {
            let start = Instant::now();
            assert!(start < far);
            sleep(2 * MS).await;
            assert!(start.elapsed() >= 2 * MS && Instant::now() < far);
            // What was made elsewhere goes by the clock of there.
            let entered = stands.enter();
            assert_eq!(Instant::now(), far);
            let mut alarm = pin!(sleep_until(far));
            drop(entered);
            assert_eq!(poll_once(alarm.as_mut()), Poll::Ready(()));
        });
    });
}

#[rt::test(start_paused = true)]
async fn a_test_may_begin_with_it() {
    let start = Instant::now();
    sleep(HOUR).await;
    assert_eq!(start.elapsed(), HOUR);
}
