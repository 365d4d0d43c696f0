//! How does a test wait an hour in no time?
//!
//! It pauses the clock of its runtime, which then moves only by [`advance`], and to the next timer
//! when nothing else is left to do. How that is done stands in `driver/timers/clock.rs`; what it
//! costs a program that never does it, there too: one load for each reading of the clock.

use std::time::Duration;

use crate::driver::timers::Refused;
use crate::runtime::context;
use crate::task::yield_now;

/// Stops the clock of the current runtime, which has to be a current-thread one.
///
/// From now on [`Instant::now`](super::Instant::now) in this runtime says the same until it is
/// [advanced](advance), and each sleep, timeout and interval goes by that; `std`'s clock goes on.
/// [`Builder::start_paused`](crate::runtime::Builder::start_paused) does this from the beginning.
///
/// # When time moves by itself
/// When the runtime has nothing to do: no task is ready, no socket, and there is a timer. The clock
/// is then put forward to that timer, so that awaiting a [`sleep`](super::sleep()) takes no time.
/// A socket of another process or thread that is not ready *yet* holds nobody up. But a blocking
/// call does: while one that was spawned by [`spawn_blocking`](crate::task::spawn_blocking) has not
/// ended, time moves by [`advance`] only.
///
/// # Panics
/// If there is no runtime here, if it has worker threads, or if its clock is paused already.
///
/// ```
/// # let runtime = mini_rt::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// use mini_rt::time::{Duration, Instant, error::Elapsed, pause, sleep, timeout};
///
/// pause();
/// let start = Instant::now();
/// let slow = async {
///     sleep(Duration::from_secs(60)).await;
///     "too late"
/// };
/// assert!(timeout(Duration::from_secs(5), slow).await.is_err());
/// assert_eq!(start.elapsed().as_secs(), 5);
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[track_caller]
pub fn pause() {
    done(context::driver().pause());
}

/// Lets the clock of the current runtime go on, from where it is. That stays behind or ahead of the
/// machine's by what the pause has made of it.
///
/// # Panics
/// If there is no runtime here, or its clock is not paused.
///
/// ```
/// # let runtime = mini_rt::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// use mini_rt::time::{Duration, Instant, advance, pause, resume};
///
/// let start = Instant::now();
/// pause();
/// advance(Duration::from_secs(60)).await;
/// resume();
/// assert!(start.elapsed() >= Duration::from_secs(60));
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[track_caller]
pub fn resume() {
    done(context::driver().resume());
}

/// Puts the clock of the current runtime forward, in one jump, and lets other tasks run once.
///
/// Every timer that is due by then fires, and the tasks that wait for them are queued before this
/// one goes on; it does not wait until they are done. Who wants them to have run, one timer after
/// the other, awaits a [`sleep`](super::sleep()) instead.
///
/// # Panics
/// If there is no runtime here, if its clock is not paused, or if there is no such time.
///
/// # Cancel safety
/// The clock moves at the first poll. Dropped after that, it has moved.
///
/// ```
/// # let runtime =
/// #     mini_rt::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?;
/// # runtime.block_on(async {
/// use mini_rt::time::{Duration, advance, sleep};
///
/// let alarm = mini_rt::spawn(sleep(Duration::from_secs(60)));
/// mini_rt::task::yield_now().await; // It sleeps.
/// advance(Duration::from_secs(59)).await;
/// assert!(!alarm.is_finished());
/// advance(Duration::from_secs(1)).await;
/// assert!(alarm.is_finished());
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
pub async fn advance(duration: Duration) {
    done(context::driver().advance(duration));
    yield_now().await;
}

#[track_caller]
fn done(result: Result<(), Refused>) {
    if let Err(refused) = result {
        panic!("{refused}");
    }
}
