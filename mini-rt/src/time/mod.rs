//! Waiting for a time to come: [`sleep()`], [`timeout()`], [`interval()`].
//!
//! Each of these belongs to the runtime in whose context it was made, and waits by one entry in
//! that runtime's timer wheel. The names and their meaning are Tokio's.
//!
//! 1. Time is measured in milliseconds, by the machine's monotonic clock; in a test also by one that
//!    is [paused](pause()), and moves as the test says. Nothing ends early; how late it ends, a
//!    millisecond more or less and the load on the runtime decide.
//! 2. Making one of these reads the clock and takes a reference to the runtime. The first poll that
//!    has to wait registers it (a lock, O(1), no allocation once there have been as many timers
//!    before), and dropping it while it waits takes it out again. What resolves before it waits
//!    never gets that far.
//! 3. All of them are [`Unpin`]: the wheel's entry lies in the wheel, not in the future. Tokio's
//!    [`Sleep`] is not, so what is to run on both pins it.
//!
//! # Panics
//! Making one outside of a runtime's context panics, at the caller's line. So does polling one when
//! its runtime has been shut down.

pub mod error;
mod instant;
mod interval;
mod pause;
mod send_timeout;
mod sleep;
mod timeout;

pub use std::time::Duration;

pub use instant::Instant;
pub use interval::{Interval, MissedTickBehavior, interval, interval_at};
pub use pause::{advance, pause, resume};
pub use sleep::{Sleep, sleep, sleep_until};
pub use timeout::{Timeout, timeout, timeout_at};

#[cfg(all(test, not(loom)))]
mod tests;
