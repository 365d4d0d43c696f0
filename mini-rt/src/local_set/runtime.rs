//! A current-thread runtime that cannot leave its thread.
//!
//! So all of its tasks run where it was made, and need not be `Send`: `scheduler/current/local.rs`.
//!
//! Rejected: a runtime with a [`LocalSet`](super::LocalSet) in it. The set is polled in the future given to
//! `block_on`: its tasks and the others each have a queue, so that they do not run in the order of their
//! wakes, and each wake of one is a poll of that future.

use crate::primitive::thread;
use crate::runtime::{Builder, EnterGuard, Handle, Runtime, RuntimeMetrics};
use crate::task::JoinHandle;
use std::io;
use std::marker::PhantomData;
use std::time::Duration;

/// A current-thread [`Runtime`] that stays on its thread, so that its tasks need not be [`Send`].
///
/// [`spawn_local`](crate::task::spawn_local) spawns on it wherever it runs, in the future given to
/// [`block_on`](Self::block_on) and in every task, also inside of a [`LocalSet`](crate::task::LocalSet). Otherwise it does what a [`Runtime`] does: tasks run
/// while its thread is in [`block_on`](Self::block_on), and are dropped when it is.
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
///
/// Another thread can neither have it nor borrow it; a [`handle`](Self::handle) it can have:
///
/// ```compile_fail,E0277
/// # let runtime = mini_rt::runtime::LocalRuntime::new().expect("a runtime");
/// std::thread::spawn(move || drop(runtime));
/// ```
///
/// ```compile_fail,E0277
/// # let runtime = mini_rt::runtime::LocalRuntime::new().expect("a runtime");
/// std::thread::scope(|scope| drop(scope.spawn(|| runtime.block_on(async {}))));
/// ```
///
/// # Panics
/// When dropped on a thread that runs tasks, which must not wait.
#[derive(Debug)]
pub struct LocalRuntime {
    runtime: Runtime,
    /// Not `Send`, not `Sync`: that its tasks stay here rests on it.
    stays: PhantomData<*const ()>,
}

/// What a [`LocalRuntime`] can be told beside: nothing as yet.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct LocalOptions {}

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

    /// Spawns a task that stays on this thread. It begins in the next [`block_on`](Self::block_on), or in
    /// that which runs.
    pub fn spawn_local<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let shared = self.handle().local().expect("it is one");
        shared.spawn_local(future)
    }

    /// Runs a function that blocks on a thread made for that. See [`Handle::spawn_blocking`].
    ///
    /// # Panics
    /// As [`Handle::spawn_blocking`].
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
        self.runtime.block_on(future)
    }

    /// Makes this the current runtime of the thread, until the guard is dropped: of
    /// [`spawn`](crate::spawn), and of [`spawn_local`](crate::task::spawn_local).
    pub fn enter(&self) -> EnterGuard<'_> {
        self.runtime.enter()
    }

    /// Shuts the runtime down, waiting for its blocking calls at most so long. See
    /// [`Runtime::shutdown_timeout`].
    ///
    /// # Panics
    /// On a thread that runs tasks, which must not wait, unless `timeout` is zero.
    #[track_caller]
    pub fn shutdown_timeout(self, timeout: Duration) {
        self.runtime.shutdown_timeout(timeout);
    }

    /// Shuts the runtime down without waiting. May be called from a task of another.
    pub fn shutdown_background(self) {
        self.runtime.shutdown_background();
    }
}

impl Builder {
    /// Makes a runtime that stays on this thread.
    ///
    /// ```
    /// use mini_rt::runtime::{Builder, LocalOptions};
    ///
    /// let runtime = Builder::new_current_thread().build_local(LocalOptions::default())?;
    /// let task = runtime.spawn_local(async { std::rc::Rc::new(5) });
    /// assert_eq!(*runtime.block_on(task).expect("no panic"), 5);
    /// # Ok::<(), std::io::Error>(())
    /// ```
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
        let runtime = self.build_at(Some(thread::current().id()))?;
        Ok(LocalRuntime { runtime, stays: PhantomData })
    }
}
