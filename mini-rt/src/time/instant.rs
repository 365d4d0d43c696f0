//! Which clock do waits go by?

use std::fmt;
use std::ops::{Add, AddAssign, Sub, SubAssign};
use std::time::Duration;

use crate::driver::timers::was_ever_paused;
use crate::primitive::now;
use crate::runtime::context;

/// About 30 years: the wait for a deadline that no clock can tell. (Some systems' clocks overflow
/// after 100.)
const FAR_AWAY: Duration = Duration::from_secs(86_400 * 365 * 30);

/// A reading of the clock that all of [`time`](super) goes by: the machine's monotonic one, unless
/// the runtime's was [paused](super::pause()).
///
/// It is [`std::time::Instant`] under a name of its own: a deadline that is kept in one is a
/// deadline for a runtime, also where that runtime's clock is not the machine's.
///
/// ```
/// use mini_rt::time::{Duration, Instant};
///
/// let start = Instant::now();
/// let deadline = start + Duration::from_secs(1);
/// assert_eq!(deadline - start, Duration::from_secs(1));
/// assert_eq!(start - deadline, Duration::ZERO); // Never negative, and never a panic.
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(std::time::Instant);

impl Instant {
    /// Reads the clock (about 20 ns on Linux): of the runtime that this thread is in, outside of one
    /// the machine's. They differ if that runtime's clock is or was paused.
    #[must_use]
    pub fn now() -> Self {
        Self(if was_ever_paused() { now_here() } else { now() })
    }

    /// Takes over a reading of `std`'s clock, which is the same clock unless that is paused.
    #[must_use]
    pub fn from_std(std: std::time::Instant) -> Self {
        Self(std)
    }

    /// Gives the reading of `std`'s clock.
    #[must_use]
    pub fn into_std(self) -> std::time::Instant {
        self.0
    }

    /// The time from `earlier` to this; zero if `earlier` is later.
    #[must_use]
    pub fn duration_since(&self, earlier: Self) -> Duration {
        self.0.saturating_duration_since(earlier.0)
    }

    /// The time from `earlier` to this; `None` if `earlier` is later.
    #[must_use]
    pub fn checked_duration_since(&self, earlier: Self) -> Option<Duration> {
        self.0.checked_duration_since(earlier.0)
    }

    /// The time from `earlier` to this; zero if `earlier` is later. As [`duration_since`], which
    /// does not say so in its name.
    ///
    /// [`duration_since`]: Self::duration_since
    #[must_use]
    pub fn saturating_duration_since(&self, earlier: Self) -> Duration {
        self.0.saturating_duration_since(earlier.0)
    }

    /// The time from this to now; zero if this is yet to come. Reads the clock.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        Self::now().duration_since(*self)
    }

    /// This, `duration` later; `None` if the clock has no such reading.
    #[must_use]
    pub fn checked_add(&self, duration: Duration) -> Option<Self> {
        self.0.checked_add(duration).map(Self)
    }

    /// This, `duration` earlier; `None` if the clock has no such reading.
    #[must_use]
    pub fn checked_sub(&self, duration: Duration) -> Option<Self> {
        self.0.checked_sub(duration).map(Self)
    }

    /// This, `duration` or at least 30 years later.
    pub(super) fn saturating_add(&self, duration: Duration) -> Self {
        self.checked_add(duration).unwrap_or_else(|| *self + FAR_AWAY)
    }
}

/// What the clock shows of the runtime that this thread is in.
#[cold]
fn now_here() -> std::time::Instant {
    context::try_driver().map_or_else(now, |driver| driver.timers.now())
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<std::time::Instant> for Instant {
    fn from(std: std::time::Instant) -> Self {
        Self(std)
    }
}

impl From<Instant> for std::time::Instant {
    fn from(instant: Instant) -> Self {
        instant.0
    }
}

/// # Panics
/// If the clock has no such reading; see [`Instant::checked_add`].
impl Add<Duration> for Instant {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(self.0 + duration)
    }
}

impl AddAssign<Duration> for Instant {
    fn add_assign(&mut self, duration: Duration) {
        *self = *self + duration;
    }
}

/// # Panics
/// If the clock has no such reading; see [`Instant::checked_sub`].
impl Sub<Duration> for Instant {
    type Output = Self;

    fn sub(self, duration: Duration) -> Self {
        Self(self.0 - duration)
    }
}

impl SubAssign<Duration> for Instant {
    fn sub_assign(&mut self, duration: Duration) {
        *self = *self - duration;
    }
}

/// As [`Instant::duration_since`].
impl Sub for Instant {
    type Output = Duration;

    fn sub(self, earlier: Self) -> Duration {
        self.duration_since(earlier)
    }
}
