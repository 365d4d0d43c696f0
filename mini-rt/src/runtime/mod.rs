//! A runtime as its users see it: built, entered, spawned on, shut down.
//!
//! [`Builder`] puts a driver, a scheduler and a pool for blocking calls together into a
//! [`Runtime`], which owns them; a [`Handle`] refers to it from anywhere, and [`RuntimeMetrics`] tells
//! what they have done. Nothing is decided here:
//! tasks are run by the scheduler (`scheduler::current` or `scheduler::worker`).
//!
//! # Shutdown, in steps
//!
//! 1. The scheduler aborts every task. Workers drop their futures; on a current-thread runtime the
//!    dropping thread does. A spawn from now on is cancelled.
//! 2. The pool lets no blocking call begin, but for those that a thread has just taken and for
//!    writes that a file has accepted; those that wait are cancelled.
//! 3. The thread that dropped the runtime waits for the workers, then for blocking calls that have
//!    begun: without a limit ([`Drop`]), up to one ([`Runtime::shutdown_timeout`]), or not at all
//!    ([`Runtime::shutdown_background`]).

pub(crate) mod block_in_place;
mod builder;
pub(crate) mod context;
mod handle;
mod id;
pub(crate) mod join_set;
mod metrics;
#[cfg(all(test, shuttle))]
mod shuttle_tests;
mod spawn;
mod tell;
pub(crate) mod tracker;

pub use crate::local_set::{LocalOptions, LocalRuntime};
pub use builder::Builder;
pub use handle::{EnterGuard, Handle, RuntimeFlavor, TryCurrentError};
pub use id::Id;
pub use metrics::RuntimeMetrics;
pub(crate) use spawn::spawn_mandatory_blocking;
pub use spawn::{spawn, spawn_blocking};
pub use tell::{is_rt_shutdown_err, worker_index};

use crate::ended::Ended;
use crate::primitive::{now, thread};
use crate::task::JoinHandle;
use context::Blocking;
use handle::Scheduler;
use std::io;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::time::{Duration, Instant};

/// Runs futures: tasks, the sockets and timers that they wait for, and blocking calls.
///
/// Dropping it drops every task, and waits for its threads: for workers to finish the poll that
/// they are in, and for blocking calls that have begun. [`shutdown_timeout`](Self::shutdown_timeout)
/// and [`shutdown_background`](Self::shutdown_background) wait less. A blocking call may drop the
/// runtime that it runs on: no blocking call is then waited for.
///
/// # Panics
/// When dropped on a thread that runs tasks, which must not wait.
#[derive(Debug)]
pub struct Runtime {
    handle: Handle,
    threads: Vec<thread::JoinHandle<()>>,
    /// End when all workers have, and when all threads for blocking calls have.
    workers_ended: Ended,
    blocking_ended: Ended,
    is_shut_down: bool,
}

impl Runtime {
    /// Makes a multi-thread runtime with a worker for each core.
    ///
    /// # Errors
    /// As [`Builder::build`].
    pub fn new() -> io::Result<Self> {
        Builder::new_multi_thread().enable_all().build()
    }

    /// Returns the runtime's handle.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Returns what the runtime has counted. See [`Handle::metrics`].
    pub fn metrics(&self) -> RuntimeMetrics {
        self.handle.metrics()
    }

    /// Runs a future to its end on this thread.
    ///
    /// On a current-thread runtime this is what runs the tasks. Several threads may call it at
    /// once: one of them runs the tasks, and another takes over when it leaves.
    ///
    /// # Panics
    /// If this thread runs tasks already, of any runtime: it must not block. Also if the future
    /// panics; tasks then go on in the next `block_on`.
    #[track_caller]
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        match &self.handle.scheduler {
            Scheduler::Current(shared) => {
                let _entered = self.handle.enter_to_block(Blocking::Refused);
                shared.block_on(future)
            }
            Scheduler::Workers(_) => self.handle.block_on(future),
        }
    }

    /// Spawns a task. See [`Handle::spawn`].
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.handle.spawn(future)
    }

    /// Runs a function that blocks on a thread made for that. See [`Handle::spawn_blocking`].
    #[track_caller]
    pub fn spawn_blocking<F, R>(&self, f: F) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        self.handle.spawn_blocking(f)
    }

    /// Makes this the current runtime of the thread. See [`Handle::enter`].
    pub fn enter(&self) -> EnterGuard<'_> {
        self.handle.enter()
    }

    /// Shuts the runtime down, waiting for its threads at most so long.
    ///
    /// What has not ended by then, a blocking call or a poll that does not return, goes on alone.
    ///
    /// # Panics
    /// On a thread that runs tasks, which must not wait, unless `timeout` is zero.
    #[track_caller]
    pub fn shutdown_timeout(mut self, timeout: Duration) {
        if timeout.is_zero() {
            return self.shutdown(Wait::No);
        }
        // A time-out too large for the clock is as good as none.
        let until = now().checked_add(timeout).map_or(Wait::Forever, Wait::Until);
        self.shutdown_and_wait(until);
    }

    /// Shuts the runtime down without waiting. May be called from a task.
    pub fn shutdown_background(mut self) {
        self.shutdown(Wait::No);
    }

    /// Shuts down, and panics instead of waiting on a thread that runs tasks.
    #[track_caller]
    fn shutdown_and_wait(&mut self, wait: Wait) {
        if !context::is_in_async() {
            return self.shutdown(wait);
        }
        // Wait for nothing, then say so: the threads end by themselves.
        self.shutdown(Wait::No);
        if !thread::panicking() {
            panic!(
                "a runtime is dropped or shut down inside of a runtime: that waits for threads, \
                 and this thread runs tasks. Do it elsewhere, or call `shutdown_background` on it"
            );
        }
    }

    fn shutdown(&mut self, wait: Wait) {
        self.is_shut_down = true;
        match &self.handle.scheduler {
            Scheduler::Current(shared) => {
                let _current = context::CurrentGuard::new(self.handle.clone());
                shared.shutdown();
            }
            Scheduler::Workers(shared) => shared.shutdown(),
        }
        self.handle.blocking.shutdown();
        let workers_ended = wait.for_end_of(&self.workers_ended);
        for thread in self.threads.drain(..) {
            if workers_ended {
                // Its work is done; this waits for its thread-locals. A worker does not panic, and
                // if it did, it has told of it.
                let _told = thread.join();
            }
        }
        // A call that drops its own runtime would wait for itself.
        if !self.handle.blocking.is_of_this_thread() {
            wait.for_end_of(&self.blocking_ended);
        }
    }
}

// As for its handle.
impl UnwindSafe for Runtime {}
impl RefUnwindSafe for Runtime {}

impl Drop for Runtime {
    fn drop(&mut self) {
        if !self.is_shut_down {
            self.shutdown_and_wait(Wait::Forever);
        }
    }
}

/// How long a shutdown waits.
#[derive(Clone, Copy)]
enum Wait {
    No,
    Until(Instant),
    Forever,
}

impl Wait {
    /// Waits for a group of threads to end. `true`: they have.
    fn for_end_of(self, ended: &Ended) -> bool {
        match self {
            Wait::No => false,
            Wait::Until(deadline) => ended.wait(Some(deadline)),
            Wait::Forever => ended.wait(None),
        }
    }
}
