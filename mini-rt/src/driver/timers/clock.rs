//! Which tick is it?
//!
//! The [timers](super) ask. This is the one place in the driver that reads a clock: the machine's
//! monotonic one. Reading it costs about 21 ns on Linux.
//!
//! A time is rounded down to a tick and a deadline up, so that whatever is due by ticks is due by
//! the clock.

use std::time::{Duration, Instant};

use crate::primitive::now;
use crate::wheel::Tick;

/// A clock that counts [`Tick`]s (milliseconds) since it was made.
#[derive(Debug)]
pub(super) struct Clock {
    start: Instant,
    /// By how much a test has put the clock forward.
    #[cfg(test)]
    pub(super) skew: Duration,
}

impl Clock {
    pub(super) fn new() -> Self {
        Self {
            start: now(),
            #[cfg(test)]
            skew: Duration::ZERO,
        }
    }

    pub(super) fn now(&self) -> Instant {
        let now = now();
        #[cfg(test)]
        let now = now + self.skew;
        now
    }

    /// The tick in which `instant` lies: rounded down.
    pub(super) fn tick(&self, instant: Instant) -> Tick {
        let since = instant.saturating_duration_since(self.start);
        ticks(since.as_secs(), since.subsec_millis())
    }

    /// The first tick that does not begin before `instant`: rounded up.
    pub(super) fn tick_at_or_after(&self, instant: Instant) -> Tick {
        let since = instant.saturating_duration_since(self.start);
        ticks(since.as_secs(), since.subsec_nanos().div_ceil(1_000_000))
    }

    /// How long is it from now to the beginning of `tick`?
    pub(super) fn until(&self, tick: Tick) -> Duration {
        let since = self.now().saturating_duration_since(self.start);
        Duration::from_millis(tick.0).saturating_sub(since)
    }
}

/// No later than [`Tick::LAST`], which no process lives to see.
fn ticks(secs: u64, millis: u32) -> Tick {
    Tick(secs.saturating_mul(1000).saturating_add(u64::from(millis))).min(Tick::LAST)
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn deadlines_are_rounded_up_and_the_time_down() {
        let clock = Clock::new();
        for (nanos, down, up) in [
            (0, 0, 0),
            (1, 0, 1),
            (999_999, 0, 1),
            (1_000_000, 1, 1),
            (1_000_001, 1, 2),
            (999_000_001, 999, 1000),
            (5_000_000_000, 5000, 5000),
        ] {
            let instant = clock.start + Duration::from_nanos(nanos);
            assert_eq!(clock.tick(instant), Tick(down), "{nanos} ns down");
            assert_eq!(clock.tick_at_or_after(instant), Tick(up), "{nanos} ns up");
        }
        assert_eq!(clock.tick_at_or_after(clock.start - Duration::from_nanos(1)), Tick(0));
        assert_eq!(ticks(u64::MAX, 1), Tick::LAST);
    }

    #[test]
    fn whoever_sleeps_until_a_tick_wakes_up_in_it() {
        let clock = Clock::new();
        let sleep = clock.until(Tick(3_600_000));
        assert!(clock.tick(Instant::now() + sleep) >= Tick(3_600_000));
        assert_eq!(clock.until(Tick(0)), Duration::ZERO);
    }
}
