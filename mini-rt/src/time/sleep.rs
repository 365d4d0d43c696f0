//! How does a task wait for one point in time?

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use super::{Duration, Instant};
use crate::coop;
use crate::driver;
use crate::driver::timers::{Entry, Unpark};
use crate::runtime::context;

/// Waits until `duration` has passed, and no less, from the call (not from the first poll).
///
/// With [`Duration::ZERO`] it is ready at once. A duration that the clock cannot add is taken as
/// 30 years.
///
/// # Panics
/// If there is no runtime here.
///
/// # Cancel safety
/// Dropping the [`Sleep`] forgets the wait; nothing else is lost.
///
/// ```
/// # let runtime = mini_rt::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// use mini_rt::time::{Duration, Instant, sleep};
///
/// let start = Instant::now();
/// sleep(Duration::from_millis(5)).await;
/// assert!(start.elapsed() >= Duration::from_millis(5));
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[track_caller]
pub fn sleep(duration: Duration) -> Sleep {
    Sleep::after(duration)
}

/// Waits until `deadline`. If it has passed, this is ready at once.
///
/// # Panics
/// If there is no runtime here.
///
/// # Cancel safety
/// Dropping the [`Sleep`] forgets the wait; nothing else is lost.
///
/// ```
/// # let runtime = mini_rt::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// use mini_rt::time::{Duration, Instant, sleep_until};
///
/// let deadline = Instant::now() + Duration::from_millis(5);
/// sleep_until(deadline).await;
/// assert!(Instant::now() >= deadline);
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[track_caller]
pub fn sleep_until(deadline: Instant) -> Sleep {
    Sleep::new(deadline)
}

/// A wait for one point in time: what [`sleep()`] and [`sleep_until`] return.
///
/// Once it is ready it stays so, however often it is polled, until it is [reset](Sleep::reset). It
/// can be moved and polled by another task, of another executor too: the runtime that it was made
/// in wakes the task that polled last.
///
/// # Panics
/// When polled after that runtime has been shut down.
///
/// # Cancel safety
/// `(&mut sleep).await` can be dropped and begun again: it is the same wait.
///
/// ```
/// # let runtime = mini_rt::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// use std::pin::pin;
/// use mini_rt::time::{Duration, Instant, sleep};
///
/// let mut idle = pin!(sleep(Duration::from_secs(60)));
/// // Something happens: the minute begins again. Here, to see the end of it, a shorter one.
/// idle.as_mut().reset(Instant::now() + Duration::from_millis(5));
/// idle.as_mut().await;
/// assert!(idle.is_elapsed());
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct Sleep {
    deadline: Instant,
    driver: Arc<driver::Handle>,
    entry: Entry,
}

impl Sleep {
    #[track_caller]
    pub(super) fn new(deadline: Instant) -> Self {
        Self { deadline, driver: context::driver(), entry: Entry::Idle(None) }
    }

    /// Reads the clock here, and not again at the first poll.
    #[track_caller]
    pub(super) fn after(duration: Duration) -> Self {
        let now = Instant::now();
        let deadline = now.saturating_add(duration);
        Self { deadline, driver: context::driver(), entry: Entry::Idle(Some(now.into_std())) }
    }

    /// When the wait ends.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Has the wait ended? As of the last time that the runtime looked at the clock for its timers:
    /// this does not read it. If so, the next poll is ready.
    #[must_use]
    pub fn is_elapsed(&self) -> bool {
        self.driver.timers.is_elapsed(&self.entry, self.deadline.into_std())
    }

    /// Waits until `deadline` instead, whether the wait has ended or not. A task that waits is
    /// woken no later than at the new deadline, even if it does not poll again.
    ///
    /// A later deadline costs next to nothing, which makes this the way to put off an idle timeout:
    /// the task is woken at the old deadline, and waits for the new one when it polls. An earlier
    /// one takes a lock, O(1).
    pub fn reset(self: Pin<&mut Self>, deadline: Instant) {
        let this = self.get_mut();
        this.deadline = deadline;
        let unpark = this.driver.timers.reset(&mut this.entry, deadline.into_std());
        this.unpark_if(unpark);
    }

    /// Polls without regard to the task's budget.
    pub(super) fn poll_elapsed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let deadline = self.deadline.into_std();
        let (poll, unpark) = self.driver.timers.poll_deadline(&mut self.entry, deadline, cx);
        self.unpark_if(unpark);
        poll
    }

    fn unpark_if(&self, unpark: Unpark) {
        match unpark {
            Unpark::Needed => self.driver.unpark(),
            Unpark::No => {}
        }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let progress = ready!(coop::poll_proceed(cx));
        ready!(self.get_mut().poll_elapsed(cx));
        progress.made_progress();
        Poll::Ready(())
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if self.entry.is_waiting() {
            self.driver.timers.cancel(&mut self.entry);
        }
    }
}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sleep").field("deadline", &self.deadline).finish_non_exhaustive()
    }
}
