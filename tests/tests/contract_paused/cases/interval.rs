//! Intervals tick by the clock.

use super::*;

#[test]
fn an_interval_ticks_exactly() {
    paused(async || {
        let start = Instant::now();
        let mut ticks = interval(7 * MS);
        for n in 0..1_000 {
            assert_eq!(ticks.tick().await, start + n * 7 * MS);
            assert_eq!(start.elapsed(), n * 7 * MS);
        }
        let mut later = interval_at(start + HOUR, MS);
        assert_eq!(later.tick().await, start + HOUR);
    });
}

/// When the next ticks are due of an interval of 50 ms that is looked at 220 ms after its start.
async fn ticks_after_a_gap(behavior: MissedTickBehavior) -> Vec<u128> {
    let start = Instant::now();
    let mut ticks = interval(50 * MS);
    ticks.set_missed_tick_behavior(behavior);
    ticks.tick().await;
    ticks.tick().await;
    advance(170 * MS).await;
    let mut due = Vec::new();
    for _ in 0..5 {
        due.push((ticks.tick().await - start).as_millis());
    }
    due
}

#[test]
fn missed_ticks_are_made_up_for_put_off_or_left_out() {
    paused(async || {
        use MissedTickBehavior::{Burst, Delay, Skip};
        assert_eq!(ticks_after_a_gap(Burst).await, [100, 150, 200, 250, 300]);
        assert_eq!(ticks_after_a_gap(Delay).await, [100, 270, 320, 370, 420]);
        assert_eq!(ticks_after_a_gap(Skip).await, [100, 250, 300, 350, 400]);
    });
}

#[test]
fn an_interval_can_be_moved() {
    paused(async || {
        let start = Instant::now();
        let mut ticks = interval(100 * MS);
        let mut since_start = async |what: fn(&mut rt::time::Interval, Instant)| {
            what(&mut ticks, start);
            let first = ticks.tick().await - start;
            (first.as_millis(), (ticks.tick().await - start).as_millis())
        };
        assert_eq!(since_start(|_, _| {}).await, (0, 100));
        assert_eq!(since_start(|ticks, _| ticks.reset()).await, (200, 300));
        assert_eq!(since_start(|ticks, _| ticks.reset_immediately()).await, (300, 400));
        assert_eq!(since_start(|ticks, _| ticks.reset_after(20 * MS)).await, (420, 520));
        let in_an_hour = |ticks: &mut rt::time::Interval, start| ticks.reset_at(start + HOUR);
        assert_eq!(since_start(in_an_hour).await, (3_600_000, 3_600_100));
    });
}
