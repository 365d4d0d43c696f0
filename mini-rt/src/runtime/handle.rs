//! [`Handle`]: a runtime, seen from anywhere.

use super::context::{self, Blocking, BlockingGuard, CurrentGuard};
use super::{Id, RuntimeMetrics};
use crate::blocking::{Enter, Pool};
use crate::driver;
use crate::scheduler::{Observed, current, worker};
use crate::task::JoinHandle;
use futures::future::FutureObj;
use futures::task::{Spawn, SpawnError};
use std::fmt;
use std::marker::PhantomData;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;

/// A reference to a runtime: spawns on it from any thread. Cheap to clone.
///
/// It does not keep the runtime alive: when the [`Runtime`](super::Runtime) is dropped, its tasks
/// are, and what is spawned through a handle after that is cancelled.
#[derive(Clone)]
pub struct Handle {
    pub(super) scheduler: Scheduler,
    pub(super) blocking: Arc<Pool>,
}

#[derive(Clone)]
pub(super) enum Scheduler {
    Current(Arc<current::Shared>),
    Workers(Arc<worker::Shared>),
}

/// Says which of the two schedulers a runtime has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RuntimeFlavor {
    /// All tasks run on the thread that is in `block_on`.
    CurrentThread,
    /// Tasks run on worker threads that steal from each other.
    MultiThread,
}

/// Keeps a runtime the current one of this thread. Made by [`Handle::enter`].
///
/// # Panics
/// If guards are dropped in another order than the opposite of their making.
#[derive(Debug)]
#[must_use = "the runtime is left when the guard is dropped"]
pub struct EnterGuard<'a> {
    _current: CurrentGuard,
    /// Borrows the handle, as Tokio's does, and stays on its thread.
    handle: PhantomData<(&'a Handle, *const ())>,
}

/// No runtime is current on this thread. Returned by [`Handle::try_current`].
#[derive(Debug)]
pub struct TryCurrentError(());

impl Handle {
    /// Returns the handle of the runtime that this thread is in.
    ///
    /// # Panics
    /// If it is in none. [`try_current`](Self::try_current) does not.
    #[track_caller]
    pub fn current() -> Self {
        context::with_current(Self::clone)
    }

    /// Returns the handle of the runtime that this thread is in.
    ///
    /// # Errors
    /// If it is in none.
    pub fn try_current() -> Result<Self, TryCurrentError> {
        context::try_current().ok_or(TryCurrentError(()))
    }

    /// Makes this the current runtime of the thread until the guard is dropped, so that
    /// [`spawn`](crate::spawn), sockets and timers find it.
    pub fn enter(&self) -> EnterGuard<'_> {
        EnterGuard { _current: CurrentGuard::new(self.clone()), handle: PhantomData }
    }

    /// Spawns a task on the runtime. It begins at once, whether or not its handle is awaited.
    ///
    /// On a current-thread runtime, tasks run while a thread is in
    /// [`Runtime::block_on`](super::Runtime::block_on). Once the runtime is shut down, the task is
    /// cancelled. Costs one allocation.
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        match &self.scheduler {
            Scheduler::Current(shared) => shared.spawn(future),
            Scheduler::Workers(shared) => shared.spawn(future),
        }
    }

    /// Runs a function that blocks, on a thread made for that.
    ///
    /// Up to [`max_blocking_threads`](super::Builder::max_blocking_threads) run at once; more wait
    /// in a queue without a bound. Abort ends only what has not begun.
    ///
    /// # Panics
    /// If the operating system gives no thread at all.
    #[track_caller]
    pub fn spawn_blocking<F, R>(&self, f: F) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        self.blocking.spawn(f, &|| self.entered())
    }

    /// [`spawn_blocking`](Self::spawn_blocking) for a call that the shutdown does not cancel. `None`
    /// if the runtime is shut down already.
    #[track_caller]
    pub(super) fn spawn_mandatory_blocking<F, R>(&self, f: F) -> Option<JoinHandle<R>>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        self.blocking.spawn_mandatory(f, &|| self.entered())
    }

    /// What a thread for blocking calls works in.
    fn entered(&self) -> Enter {
        let handle = self.clone();
        Box::new(move |work| {
            let _current = CurrentGuard::new(handle);
            work();
        })
    }

    /// Runs a future to its end on this thread, with the runtime entered.
    ///
    /// Unlike [`Runtime::block_on`](super::Runtime::block_on), it runs no tasks: on a
    /// current-thread runtime another thread must be in that for tasks, sockets and timers to go on.
    ///
    /// # Panics
    /// If this thread runs tasks: it must not block. Also if the future panics.
    #[track_caller]
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        let _entered = self.enter_to_block(Blocking::InPlace);
        crate::block_on::block_on(future)
    }

    /// Returns which scheduler the runtime has.
    pub fn runtime_flavor(&self) -> RuntimeFlavor {
        match &self.scheduler {
            Scheduler::Current(_) => RuntimeFlavor::CurrentThread,
            Scheduler::Workers(_) => RuntimeFlavor::MultiThread,
        }
    }

    /// Returns the id of the runtime.
    ///
    /// ```
    /// # let (runtime, other) = (mini_rt::runtime::Runtime::new()?, mini_rt::runtime::Runtime::new()?);
    /// let here = runtime.block_on(async { mini_rt::runtime::Handle::current().id() });
    /// assert_eq!(here, runtime.handle().id());
    /// assert_ne!(here, other.handle().id());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn id(&self) -> Id {
        Id::of(&*self.blocking)
    }

    /// Returns what the runtime is called, if [`Builder::name`](super::Builder::name) was told.
    pub fn name(&self) -> Option<&str> {
        self.blocking.runtime_name()
    }

    /// Returns what the runtime has counted, now and whenever it is asked again.
    pub fn metrics(&self) -> RuntimeMetrics {
        RuntimeMetrics::new(self.clone())
    }

    /// Enters the runtime on a thread that may block, for a `block_on` in which it may do so as
    /// `inside` says.
    #[track_caller]
    pub(super) fn enter_to_block(&self, inside: Blocking) -> (CurrentGuard, BlockingGuard) {
        if context::is_in_async() {
            panic!(
                "`block_on` inside of a runtime: this thread runs tasks, and would keep them all \
                 waiting. Use `.await` here, or `spawn_blocking` for a call that has to block"
            );
        }
        (CurrentGuard::new(self.clone()), inside.enter())
    }

    /// What runs futures that stay on their thread, if the runtime is one of those that do.
    pub(crate) fn local(&self) -> Option<&Arc<current::Shared>> {
        match &self.scheduler {
            Scheduler::Current(shared) => Some(shared).filter(|shared| shared.has_home()),
            Scheduler::Workers(_) => None,
        }
    }

    pub(super) fn observed(&self) -> &dyn Observed {
        match &self.scheduler {
            Scheduler::Current(shared) => &**shared,
            Scheduler::Workers(shared) => &**shared,
        }
    }

    pub(super) fn driver(&self) -> &Arc<driver::Handle> {
        match &self.scheduler {
            Scheduler::Current(shared) => &shared.driver,
            Scheduler::Workers(shared) => &shared.driver,
        }
    }
}

// A panic leaves nothing half-done: it is a task's, or the future's that `block_on` was given.
impl UnwindSafe for Handle {}
impl RefUnwindSafe for Handle {}

/// Lets libraries of the `futures` family spawn on the runtime. The tasks are detached.
impl Spawn for Handle {
    fn spawn_obj(&self, future: FutureObj<'static, ()>) -> Result<(), SpawnError> {
        drop(self.spawn(future));
        Ok(())
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle")
            .field("flavor", &self.runtime_flavor())
            .field("name", &self.name())
            .finish_non_exhaustive()
    }
}

impl fmt::Display for TryCurrentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this thread is in no runtime")
    }
}

impl std::error::Error for TryCurrentError {}
