//! Intervals. The instants that `tick` hands out are when it was due, so they can be compared
//! without a thought for how late the machine is.

use super::{check_async, rt};
use rt::time::{Instant, MissedTickBehavior, interval, interval_at, sleep};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;
use tests::caught::caught;
use tests::wait::poll_once;

const PERIOD: Duration = Duration::from_millis(4);

/// Lets more than `n` periods pass.
async fn miss(n: u32) {
    sleep(n * PERIOD + PERIOD / 2).await;
}

#[test]
fn the_first_tick_comes_at_once_and_the_others_a_period_apart() {
    check_async(async || {
        let before = Instant::now();
        let mut ticks = interval(PERIOD);
        let start = ticks.tick().await;
        assert!(start >= before && start <= Instant::now());
        for n in 1..10 {
            let tick = ticks.tick().await;
            assert_eq!(tick, start + n * PERIOD);
            assert!(Instant::now() >= tick, "never early");
        }
        assert_eq!(ticks.period(), PERIOD);
    });
}

#[test]
fn an_interval_starts_when_it_is_told_to() {
    check_async(async || {
        let start = Instant::now() + 2 * PERIOD;
        let mut ticks = interval_at(start, PERIOD);
        assert!(poll_once(pin!(ticks.tick())).is_pending());
        assert_eq!(ticks.tick().await, start);
        assert!(Instant::now() >= start);
        assert_eq!(ticks.tick().await, start + PERIOD);
    });
}

#[test]
fn missed_ticks_come_in_a_burst_by_default() {
    check_async(async || {
        let mut ticks = interval(PERIOD);
        assert_eq!(ticks.missed_tick_behavior(), MissedTickBehavior::Burst);
        let start = ticks.tick().await;
        miss(3).await;
        for n in 1..=3 {
            let tick = poll_once(pin!(ticks.tick()));
            assert_eq!(tick, Poll::Ready(start + n * PERIOD));
        }
        assert_eq!(ticks.tick().await, start + 4 * PERIOD);
    });
}

#[test]
fn missed_ticks_are_skipped_when_asked() {
    check_async(async || {
        let mut ticks = interval(PERIOD);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let start = ticks.tick().await;
        miss(3).await;
        let late = Instant::now();
        let missed = ticks.tick().await;
        assert!(missed <= late, "told by when it was due");
        let mut last = missed;
        for n in 0..5 {
            let tick = ticks.tick().await;
            assert!(tick > last);
            let since = tick - start;
            assert_eq!(since.as_nanos() % PERIOD.as_nanos(), 0, "on the beat: {since:?}");
            assert!(n > 0 || tick > late, "those that were missed are not made up for");
            last = tick;
        }
    });
}

#[test]
fn missed_ticks_delay_the_next_when_asked() {
    check_async(async || {
        let mut ticks = interval(PERIOD);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks.tick().await;
        miss(3).await;
        let late = Instant::now();
        assert!(ticks.tick().await <= late, "told by when it was due");
        let next = ticks.tick().await;
        assert!(next >= late + PERIOD, "a whole period after the late one");
    });
}

#[test]
fn a_tick_that_is_not_awaited_to_its_end_is_not_lost() {
    check_async(async || {
        let mut ticks = interval(PERIOD);
        let start = ticks.tick().await;
        for n in 1..10 {
            // Polled and dropped; on a machine that is late it may be due already.
            let polled = poll_once(pin!(ticks.tick()));
            let tick = match polled {
                Poll::Ready(tick) => tick,
                Poll::Pending => ticks.tick().await,
            };
            assert_eq!(tick, start + n * PERIOD);
        }
    });
}

#[test]
fn a_period_of_nothing_is_refused() {
    check_async(async || {
        let caught = caught(|| interval(Duration::ZERO));
        assert_eq!(caught.file, file!());
    });
}
