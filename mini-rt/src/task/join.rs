//! The two ends that a spawner keeps: [`JoinHandle`], to await a task, and [`AbortHandle`].

use super::cell::Header;
use super::{Id, JoinError, TaskRef};
use crate::coop;
use std::fmt;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::pin::Pin;
use std::ptr::NonNull;
use std::task::{Context, Poll, ready};

/// Owns the right to the output of a task; awaiting it joins the task.
///
/// Dropping it detaches the task, which goes on; its output is then dropped where it completes.
///
/// # Cancel safety
/// As a future it may be dropped and made again by reference (`&mut handle`): nothing is lost until
/// it has returned `Ready`.
///
/// # Panics
/// If polled again after it has returned `Ready`.
///
/// ```
/// # let runtime = mini_rt::runtime::Runtime::new()?;
/// let sum = runtime.block_on(async {
///     let task = mini_rt::spawn(async { 1 + 1 });
///     task.await.expect("the task neither panics nor is aborted")
/// });
/// assert_eq!(sum, 2);
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct JoinHandle<T> {
    /// The task. Its reference is given up through `detach`, not by dropping it.
    task: ManuallyDrop<TaskRef>,
    output: PhantomData<T>,
}

// SAFETY: the handle moves a `T` to its own thread and never shares one.
unsafe impl<T: Send> Send for JoinHandle<T> {}
// SAFETY: no method with `&self` reaches the `T`.
unsafe impl<T: Send> Sync for JoinHandle<T> {}

impl<T> Unpin for JoinHandle<T> {}
impl<T> std::panic::UnwindSafe for JoinHandle<T> {}
impl<T> std::panic::RefUnwindSafe for JoinHandle<T> {}

impl<T> JoinHandle<T> {
    /// # Safety
    /// `ptr` is a live task whose future's output is `T`, and the caller gives up the one reference
    /// that is the join handle's.
    pub(super) unsafe fn from_raw(ptr: NonNull<Header>) -> Self {
        // SAFETY: the caller's reference becomes the handle's.
        let task = unsafe { TaskRef::from_raw(ptr) };
        Self { task: ManuallyDrop::new(task), output: PhantomData }
    }

    /// Asks the task to end without another poll.
    ///
    /// The future is dropped by a thread of the runtime, at the task's next turn; a poll under way
    /// is not interrupted. The handle then returns an error that
    /// [is cancelled](JoinError::is_cancelled), unless the task had ended before. A blocking task
    /// that has begun goes on to its end.
    pub fn abort(&self) {
        self.task.abort();
    }

    /// Returns a handle that can abort the task and nothing else.
    pub fn abort_handle(&self) -> AbortHandle {
        AbortHandle { task: TaskRef::clone(&self.task) }
    }

    /// Whether the task has ended, so that awaiting it will not wait.
    pub fn is_finished(&self) -> bool {
        self.task.is_complete()
    }

    /// Returns the id of the task.
    pub fn id(&self) -> Id {
        self.task.id()
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, JoinError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let progress = ready!(coop::poll_proceed(cx));
        let mut output: Poll<Self::Output> = Poll::Pending;
        let ptr = self.task.as_ptr();
        // SAFETY: alive: the handle's reference.
        let vtable = unsafe { ptr.as_ref() }.vtable;
        // SAFETY: this is the join handle, and `output` has the type that the table expects.
        unsafe { (vtable.join)(ptr, (&raw mut output).cast(), cx.waker()) };
        if output.is_ready() {
            progress.made_progress();
        }
        output
    }
}

impl<T> Drop for JoinHandle<T> {
    fn drop(&mut self) {
        let ptr = self.task.as_ptr();
        // SAFETY: alive: the handle's reference.
        let vtable = unsafe { ptr.as_ref() }.vtable;
        // SAFETY: this is the join handle, and nobody uses it again.
        unsafe { (vtable.detach)(ptr) };
    }
}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinHandle").field("id", &self.id()).finish()
    }
}

/// Aborts a task from afar, without a right to its output. May outlive task and runtime.
#[derive(Clone)]
pub struct AbortHandle {
    task: TaskRef,
}

impl AbortHandle {
    /// Asks the task to end without another poll. See [`JoinHandle::abort`].
    pub fn abort(&self) {
        self.task.abort();
    }

    /// Whether the task has ended.
    pub fn is_finished(&self) -> bool {
        self.task.is_complete()
    }

    /// Returns the id of the task.
    pub fn id(&self) -> Id {
        self.task.id()
    }
}

impl fmt::Debug for AbortHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AbortHandle").field("id", &self.id()).finish()
    }
}
