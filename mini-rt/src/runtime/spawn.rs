//! The functions that find their runtime by themselves.

use super::context;
use crate::task::JoinHandle;

/// Spawns a task on the current runtime. See [`Handle::spawn`](super::Handle::spawn).
///
/// # Panics
/// If this thread is in no runtime.
///
/// ```
/// # let runtime = mini_rt::runtime::Runtime::new()?;
/// runtime.block_on(async {
///     let task = mini_rt::spawn(async { "done" });
///     assert_eq!(task.await?, "done");
///     Ok::<(), mini_rt::task::JoinError>(())
/// }).expect("the task neither panics nor is aborted");
/// # Ok::<(), std::io::Error>(())
/// ```
#[track_caller]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    context::with_current(|handle| handle.spawn(future))
}

/// Runs a function that blocks on a thread made for that, of the current runtime. See
/// [`Handle::spawn_blocking`](super::Handle::spawn_blocking).
///
/// # Panics
/// If this thread is in no runtime, or the operating system gives no thread at all.
#[track_caller]
pub fn spawn_blocking<F, R>(f: F) -> JoinHandle<R>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    context::with_current(|handle| handle.spawn_blocking(f))
}

/// [`spawn_blocking`] for a call that the shutdown of the runtime does not cancel. `None` if that is
/// shut down already.
#[track_caller]
pub(crate) fn spawn_mandatory_blocking<F, R>(f: F) -> Option<JoinHandle<R>>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    context::with_current(|handle| handle.spawn_mandatory_blocking(f))
}
