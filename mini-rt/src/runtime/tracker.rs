//! Have all tasks of a group ended?
//!
//! A [`TaskTracker`] counts tasks, and keeps nothing of them. A count and a flag, whether it is
//! closed, are one word; who waits is told when it is closed and the count is zero.
//!
//! - edge Y1: the drop of a [`TaskTrackerToken`] -> a wait that has ended: what the task has done.
//!
//! Here, and not in `sync`, because it spawns.

use super::Handle;
use crate::primitive::atomic::AtomicUsize;
use crate::primitive::atomic::Ordering::{AcqRel, Acquire, Relaxed};
use crate::sync::Notify;
use crate::sync::futures::Notified;
use crate::task::JoinHandle;
use pin_project_lite::pin_project;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

const CLOSED: usize = 1;
const TASK_ONE: usize = 1 << 1;

/// Waits until all tasks of a group have ended: for a shutdown that is graceful.
///
/// A wait ends when the tracker is closed and has no tasks. Closing it keeps nothing from being
/// tracked. It keeps no output: that is what a [`JoinHandle`] is for.
///
/// ```
/// # let runtime = mini_rt::runtime::Runtime::new()?;
/// # runtime.block_on(async {
/// use mini_rt::sync::CancellationToken;
/// use mini_rt::task::TaskTracker;
///
/// let (tracker, stop) = (TaskTracker::new(), CancellationToken::new());
/// for _ in 0..3 {
///     let stop = stop.clone();
///     drop(tracker.spawn(async move { stop.cancelled().await }));
/// }
/// tracker.close();
/// stop.cancel();
/// tracker.wait().await;
/// assert!(tracker.is_empty());
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct TaskTracker {
    group: Arc<Group>,
}

#[derive(Default)]
struct Group {
    word: AtomicUsize,
    ended: Notify,
}

impl Group {
    fn is_closed_and_empty(&self) -> bool {
        self.word.load(Acquire) == CLOSED // edge Y1 acquire
    }
}

impl TaskTracker {
    /// Makes one that is open, without tasks.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Waits until it is closed and has no tasks. If that is so at some moment from now on, this
    /// ends, also if it is opened again since.
    ///
    /// # Cancel safety
    /// Nothing is lost when it is dropped.
    pub fn wait(&self) -> TaskTrackerWaitFuture<'_> {
        let ended = self.group.ended.notified();
        // After it was made: what ends it is noted from there on.
        let group = (!self.group.is_closed_and_empty()).then_some(&*self.group);
        TaskTrackerWaitFuture { ended, group }
    }

    /// Closes it, so that a wait can end. Whether it was open.
    pub fn close(&self) -> bool {
        let before = self.group.word.fetch_or(CLOSED, AcqRel); // edge Y1, both ends
        if before == 0 {
            self.group.ended.notify_waiters();
        }
        before & CLOSED == 0
    }

    /// Opens it again. Whether it was closed.
    pub fn reopen(&self) -> bool {
        self.group.word.fetch_and(!CLOSED, AcqRel) & CLOSED != 0 // edge Y1, passed on
    }

    /// Whether it is closed.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.group.word.load(Acquire) & CLOSED != 0
    }

    /// How many tasks it has now.
    #[must_use]
    pub fn len(&self) -> usize {
        self.group.word.load(Acquire) / TASK_ONE // edge Y1 acquire
    }

    /// Whether it has no tasks now.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Spawns a task of the group on the current runtime.
    ///
    /// # Panics
    /// If there is no runtime here.
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        super::spawn(self.track_future(future))
    }

    /// Spawns a task of the group on the runtime of `handle`.
    pub fn spawn_on<F>(&self, future: F, handle: &Handle) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        handle.spawn(self.track_future(future))
    }

    /// Runs a function that blocks, as a task of the group, on the current runtime.
    ///
    /// # Panics
    /// If there is no runtime here, or the operating system gives no thread at all.
    #[track_caller]
    pub fn spawn_blocking<F, R>(&self, f: F) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        super::spawn_blocking(self.track_call(f))
    }

    /// Runs a function that blocks, as a task of the group, on the runtime of `handle`.
    ///
    /// # Panics
    /// If the operating system gives no thread at all.
    #[track_caller]
    pub fn spawn_blocking_on<F, R>(&self, f: F, handle: &Handle) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        handle.spawn_blocking(self.track_call(f))
    }

    fn track_call<F, R>(&self, f: F) -> impl FnOnce() -> R + use<F, R>
    where
        F: FnOnce() -> R,
    {
        let token = self.token();
        move || {
            let output = f();
            drop(token);
            output
        }
    }

    /// Counts a future as a task of the group until it is dropped.
    pub fn track_future<F: Future>(&self, future: F) -> TrackedFuture<F> {
        TrackedFuture { future, token: self.token() }
    }

    /// Counts a task of the group until the token is dropped.
    pub fn token(&self) -> TaskTrackerToken {
        self.group.word.fetch_add(TASK_ONE, Relaxed); // Relaxed: a task that begins publishes nothing.
        TaskTrackerToken { tracker: self.clone() }
    }

    /// Whether two are the same, or clones of one.
    #[must_use]
    pub fn ptr_eq(left: &Self, right: &Self) -> bool {
        Arc::ptr_eq(&left.group, &right.group)
    }
}

impl fmt::Debug for TaskTracker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskTracker")
            .field("len", &self.len())
            .field("is_closed", &self.is_closed())
            .finish()
    }
}

/// A task of a [`TaskTracker`], until it is dropped.
#[must_use = "it counts until it is dropped"]
#[derive(Debug)]
pub struct TaskTrackerToken {
    tracker: TaskTracker,
}

impl TaskTrackerToken {
    /// The tracker that counts it.
    #[must_use]
    pub fn task_tracker(&self) -> &TaskTracker {
        &self.tracker
    }
}

/// Another task of the same group.
impl Clone for TaskTrackerToken {
    fn clone(&self) -> Self {
        self.tracker.token()
    }
}

impl Drop for TaskTrackerToken {
    fn drop(&mut self) {
        let group = &self.tracker.group;
        // edge Y1 release, and acquire for the last to pass on what the others have done
        if group.word.fetch_sub(TASK_ONE, AcqRel) == TASK_ONE + CLOSED {
            group.ended.notify_waiters();
        }
    }
}

pin_project! {
    /// A future that counts as a task of a [`TaskTracker`] until it is dropped.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    #[derive(Debug)]
    pub struct TrackedFuture<F> {
        // Dropped first.
        #[pin]
        future: F,
        token: TaskTrackerToken,
    }
}

impl<F: Future> Future for TrackedFuture<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.project().future.poll(cx)
    }
}

pin_project! {
    /// A wait for the end of all tasks: what [`TaskTracker::wait`] returns.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct TaskTrackerWaitFuture<'a> {
        #[pin]
        ended: Notified<'a>,
        // `None`: it is over.
        group: Option<&'a Group>,
    }
}

impl Future for TaskTrackerWaitFuture<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        let Some(group) = *this.group else { return Poll::Ready(()) };
        if !group.is_closed_and_empty() && this.ended.poll(cx).is_pending() {
            return Poll::Pending;
        }
        *this.group = None;
        Poll::Ready(())
    }
}

impl fmt::Debug for TaskTrackerWaitFuture<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskTrackerWaitFuture")
            .field("is_over", &self.group.is_none())
            .finish_non_exhaustive()
    }
}

#[cfg(all(test, loom))]
mod loom_tests {
    use super::*;
    use crate::primitive::{UnsafeCell, thread};
    use crate::sync::model::block_on;

    /// Edge Y1: who has waited is alone with what the tasks have done.
    #[test]
    fn loom_a_wait_ends_after_all_that_the_tasks_have_done() {
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound = Some(2);
        builder.check(|| {
            let tracker = TaskTracker::new();
            let cells = [(); 2].map(|()| loom::sync::Arc::new(UnsafeCell::new(())));
            for cell in &cells {
                let (token, cell) = (tracker.token(), loom::sync::Arc::clone(cell));
                thread::spawn(move || {
                    cell.with_mut(|_| ());
                    drop(cell);
                    drop(token);
                });
            }
            tracker.close();
            block_on(tracker.wait());
            for cell in cells {
                cell.with_mut(|_| ());
            }
        });
    }
}
