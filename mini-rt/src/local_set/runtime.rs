//! A runtime that has a [`LocalSet`] of its own.

use super::{LocalEnterGuard, LocalSet};
use crate::runtime::{Builder, EnterGuard, Handle, Runtime, RuntimeMetrics};
use crate::task::JoinHandle;
use std::io;
use std::mem;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::time::Duration;

/// A current-thread [`Runtime`] that stays on its thread, so that
/// [`spawn_local`](crate::task::spawn_local) finds a set wherever it runs: in the future given to
/// [`block_on`](Self::block_on), and in every task.
///
/// It is a [`Runtime`] and a [`LocalSet`] in one, and does what they do: local tasks run while its thread
/// is in [`block_on`](Self::block_on), and are dropped, before the others, when it is. Its
/// [`metrics`](Self::metrics) do not count them.
///
/// ```
/// use std::rc::Rc;
/// use mini_rt::runtime::LocalRuntime;
/// use mini_rt::task::spawn_local;
///
/// let runtime = LocalRuntime::new()?;
/// let shared = Rc::new("not Send");
/// let length = runtime.block_on(async {
///     let shared = Rc::clone(&shared);
///     spawn_local(async move { shared.len() }).await
/// });
/// assert_eq!(length.expect("it neither panics nor is aborted"), 8);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct LocalRuntime {
    local: Local,
    runtime: Runtime,
}

/// The set. Its tasks are dropped with the runtime at hand.
#[derive(Debug)]
struct Local {
    set: LocalSet,
    handle: Handle,
}

/// What a [`LocalRuntime`] can be told beside: nothing as yet.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct LocalOptions {}

/// Keeps a [`LocalRuntime`] the current runtime of its thread, and of
/// [`spawn_local`](crate::task::spawn_local). Made by [`LocalRuntime::enter`].
#[derive(Debug)]
#[must_use = "the runtime is left when the guard is dropped"]
pub struct LocalRuntimeEnterGuard<'a> {
    _set: LocalEnterGuard,
    _runtime: EnterGuard<'a>,
}

impl LocalRuntime {
    /// Makes a runtime with nothing set.
    ///
    /// # Errors
    /// As [`Builder::build`].
    pub fn new() -> io::Result<Self> {
        Builder::new_current_thread().enable_all().build_local(LocalOptions::default())
    }

    /// Returns the runtime's handle, which spawns futures that are [`Send`], from any thread.
    pub fn handle(&self) -> &Handle {
        self.runtime.handle()
    }

    /// Returns what the runtime has counted. See [`Handle::metrics`].
    pub fn metrics(&self) -> RuntimeMetrics {
        self.runtime.metrics()
    }

    /// Spawns a task that stays on this thread. It begins in the next [`block_on`](Self::block_on).
    pub fn spawn_local<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        self.local.set.spawn_local(future)
    }

    /// Runs a function that blocks on a thread made for that. See [`Handle::spawn_blocking`].
    #[track_caller]
    pub fn spawn_blocking<F, R>(&self, f: F) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        self.runtime.spawn_blocking(f)
    }

    /// Runs a future to its end on this thread, and the tasks meanwhile.
    ///
    /// # Panics
    /// As [`Runtime::block_on`].
    #[track_caller]
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        // Also while the runtime polls its other tasks.
        let _entered = self.local.set.enter();
        self.local.set.block_on(&self.runtime, future)
    }

    /// Makes this the current runtime of the thread, until the guard is dropped: of
    /// [`spawn`](crate::spawn), and of [`spawn_local`](crate::task::spawn_local).
    pub fn enter(&self) -> LocalRuntimeEnterGuard<'_> {
        LocalRuntimeEnterGuard { _set: self.local.set.enter(), _runtime: self.runtime.enter() }
    }

    /// Shuts the runtime down, waiting for its blocking calls at most so long. See
    /// [`Runtime::shutdown_timeout`].
    ///
    /// # Panics
    /// On a thread that runs tasks, which must not wait, unless `timeout` is zero.
    #[track_caller]
    pub fn shutdown_timeout(self, timeout: Duration) {
        let Self { local, runtime } = self;
        drop(local);
        runtime.shutdown_timeout(timeout);
    }

    /// Shuts the runtime down without waiting. May be called from a task of another.
    pub fn shutdown_background(self) {
        let Self { local, runtime } = self;
        drop(local);
        runtime.shutdown_background();
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        let _entered = self.handle.enter();
        drop(mem::take(&mut self.set));
    }
}

// A panic leaves nothing half-done: it is a task's, or the future's that `block_on` was given.
impl UnwindSafe for LocalRuntime {}
impl RefUnwindSafe for LocalRuntime {}

impl Builder {
    /// Makes a runtime that stays on this thread.
    ///
    /// # Errors
    /// As [`build`](Self::build).
    ///
    /// # Panics
    /// If this builds a multi-thread runtime.
    #[track_caller]
    pub fn build_local(&mut self, _options: LocalOptions) -> io::Result<LocalRuntime> {
        assert!(
            !self.has_workers(),
            "a local runtime has no worker threads: begin with `Builder::new_current_thread`"
        );
        let runtime = self.build()?;
        let local = Local { set: LocalSet::new(), handle: runtime.handle().clone() };
        Ok(LocalRuntime { local, runtime })
    }
}
