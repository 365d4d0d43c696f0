//! How does a task do something at regular times?

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::{Duration, Instant, Sleep};

/// A tick that is seen no later than this after its time was not missed. Five milliseconds is
/// Tokio's figure: what a timer and a busy worker may take.
const MISSED_AFTER: Duration = Duration::from_millis(5);

/// Ticks every `period`, the first time at once.
///
/// # Panics
/// If `period` is zero, or there is no runtime here.
///
/// ```
/// # let runtime = mini_rt::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// use mini_rt::time::{Duration, interval};
///
/// let mut interval = interval(Duration::from_millis(2));
/// let first = interval.tick().await;
/// assert_eq!(interval.tick().await, first + Duration::from_millis(2));
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[track_caller]
pub fn interval(period: Duration) -> Interval {
    interval_at(Instant::now(), period)
}

/// Ticks every `period`, the first time at `start`.
///
/// # Panics
/// If `period` is zero, or there is no runtime here.
///
/// ```
/// # let runtime = mini_rt::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// use mini_rt::time::{Duration, Instant, MissedTickBehavior, interval_at};
///
/// let (period, start) = (Duration::from_secs(60), Instant::now());
/// // The first tick is due a period from now.
/// let mut pings = interval_at(start + period, period);
/// pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[track_caller]
pub fn interval_at(start: Instant, period: Duration) -> Interval {
    assert!(!period.is_zero(), "the period of an interval must not be zero");
    Interval { sleep: Sleep::new(start), period, missed_tick_behavior: MissedTickBehavior::Burst }
}

/// What an [`Interval`] does when a tick is asked for more than 5 ms late.
///
/// With a period of 50 ms, a tick that was due at 100 and is asked for at 220:
///
/// | behavior | this tick returns | the next are due at |
/// |----------|------------------:|---------------------|
/// | `Burst`  |               100 | 150, 200, 250, 300  |
/// | `Delay`  |               100 | 270, 320, 370       |
/// | `Skip`   |               100 | 250, 300, 350       |
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissedTickBehavior {
    /// Makes up for the missed ticks at once: as many ticks in the long run as there were periods.
    #[default]
    Burst,
    /// Counts anew from the late tick: never less than a period between two ticks.
    Delay,
    /// Leaves the missed ticks out: always a multiple of the period after the start.
    Skip,
}

impl MissedTickBehavior {
    /// When the tick after the one of `due` is due, if that was missed and it is `now`.
    fn next(self, due: Instant, now: Instant, period: Duration) -> Instant {
        match self {
            Self::Burst => due.saturating_add(period),
            Self::Delay => now.saturating_add(period),
            Self::Skip => {
                let past_tick = (now - due).as_nanos() % period.as_nanos();
                let past_tick = u64::try_from(past_tick)
                    .expect("no tick is seen 584 years late: that many nanoseconds are 2^64");
                now.saturating_add(period - Duration::from_nanos(past_tick))
            }
        }
    }
}

/// A row of points in time: what [`interval()`] and [`interval_at`] return.
///
/// It costs one timer while it is awaited, and none between ticks.
#[derive(Debug)]
pub struct Interval {
    /// Until the next tick.
    sleep: Sleep,
    period: Duration,
    missed_tick_behavior: MissedTickBehavior,
}

impl Interval {
    /// Waits for the next tick, and returns the time at which it was due.
    ///
    /// # Cancel safety
    /// Dropping the future loses no tick.
    pub async fn tick(&mut self) -> Instant {
        poll_fn(|cx| self.poll_tick(cx)).await
    }

    /// Is it time for the next tick? If not, the task of `cx` is woken then. Ready with the time at
    /// which the tick was due.
    pub fn poll_tick(&mut self, cx: &mut Context<'_>) -> Poll<Instant> {
        ready!(Pin::new(&mut self.sleep).poll(cx));
        let (due, now) = (self.sleep.deadline(), Instant::now());
        let next = if now - due > MISSED_AFTER {
            self.missed_tick_behavior.next(due, now, self.period)
        } else {
            due.saturating_add(self.period)
        };
        self.reset_at(next);
        Poll::Ready(due)
    }

    /// Makes the next tick due one period from now. As the next three, whatever the
    /// [`MissedTickBehavior`].
    pub fn reset(&mut self) {
        self.reset_after(self.period);
    }

    /// Makes the next tick due now, and the one after it a period later.
    pub fn reset_immediately(&mut self) {
        self.reset_at(Instant::now());
    }

    /// Makes the next tick due `after` so long from now, and the one after it a period later.
    pub fn reset_after(&mut self, after: Duration) {
        self.reset_at(Instant::now().saturating_add(after));
    }

    /// Makes the next tick due at `deadline`, and the one after it a period later. A time that has
    /// passed is a tick that was missed.
    ///
    /// ```
    /// # let runtime =
    /// #     mini_rt::runtime::Builder::new_current_thread().start_paused(true).build()?;
    /// # runtime.block_on(async {
    /// use mini_rt::time::{Duration, Instant, interval};
    ///
    /// let (start, period) = (Instant::now(), Duration::from_secs(10));
    /// let mut pings = interval(period);
    /// pings.tick().await;
    /// pings.reset_at(start + Duration::from_secs(3));
    /// assert_eq!((pings.tick().await - start).as_secs(), 3);
    /// assert_eq!((pings.tick().await - start).as_secs(), 13);
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn reset_at(&mut self, deadline: Instant) {
        Pin::new(&mut self.sleep).reset(deadline);
    }

    /// What this does about ticks that are missed: [`MissedTickBehavior::Burst`] unless it was set.
    #[must_use]
    pub fn missed_tick_behavior(&self) -> MissedTickBehavior {
        self.missed_tick_behavior
    }

    /// Says what to do about ticks that are missed.
    pub fn set_missed_tick_behavior(&mut self, behavior: MissedTickBehavior) {
        self.missed_tick_behavior = behavior;
    }

    /// The time between two ticks.
    #[must_use]
    pub fn period(&self) -> Duration {
        self.period
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missed_ticks_are_handled_as_the_table_says() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let next = |behavior: MissedTickBehavior, due, now| {
            behavior.next(at(due), at(now), Duration::from_millis(50))
        };
        assert_eq!(next(MissedTickBehavior::Burst, 100, 220), at(150));
        assert_eq!(next(MissedTickBehavior::Delay, 100, 220), at(270));
        assert_eq!(next(MissedTickBehavior::Skip, 100, 220), at(250));
        assert_eq!(next(MissedTickBehavior::Skip, 100, 200), at(250));
        assert_eq!(next(MissedTickBehavior::Skip, 100, 106), at(150));
    }
}
