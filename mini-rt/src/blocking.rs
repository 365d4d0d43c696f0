//! Where does a call run that blocks its thread?
//!
//! On a thread of this pool, never on a worker's. A blocking call is a task like any other, whose
//! future runs a closure in its first poll: so its join handle, its panics and its abort are those
//! of every task. Threads are made as they are needed, up to a limit, and end after some idle time.
//!
//! 1. For each job that is submitted a thread comes: one that is idle *now*, or a new one. At the
//!    limit it waits for a thread that finishes its job. So no job waits behind another while the
//!    limit is not reached: two jobs that wait for each other do not deadlock.
//! 2. Who comes for which job, and who sleeps or ends, is [`threads`](crate::threads)'.
//! 3. A call holds the clock of its runtime from before it is queued until its join handle was woken:
//!    a clock that is paused does not move by itself meanwhile.
//! 4. After `shutdown` no thread takes a job: what waits is cancelled. One that is taken goes on, and
//!    one that is mandatory is taken: a write that a file has accepted is not lost.
//!
//! Bound: threads by their limit; the backlog has none, like Tokio's, because `spawn_blocking` can
//! neither wait nor fail. Who needs a bound takes a permit of a semaphore first.

use crate::driver;
use crate::ended::{self, Alive, Ended};
use crate::primitive::{Mutex, thread_local};
use crate::task::{self, JoinHandle, Ran, Runnable, Schedule, Waiting};
use crate::threads::{AtEnd, Bed, Jobs, Refused, Settings};
use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::ptr;
use std::sync::Arc;
use std::task::{Context, Poll};

/// Runs the work of a new thread in the context of the runtime, which is not known down here.
pub(crate) type Enter = Box<dyn FnOnce(&dyn Fn()) + Send>;

/// The threads for blocking calls of one runtime.
pub(crate) struct Pool {
    jobs: Jobs<Runnable>,
    driver: Arc<driver::Handle>,
    /// Every thread holds a clone. `None` after the shutdown. Locked under the lock of `jobs` only to start a thread.
    alive: Mutex<Option<Alive>>,
    settings: Settings,
}

/// A pool at one moment.
pub(crate) struct Stats {
    pub(crate) threads: usize,
    /// Threads among them that wait for a job.
    pub(crate) idle: usize,
    /// Jobs that no thread has taken yet.
    pub(crate) queued: usize,
}

thread_local! {
    /// The pool that this thread belongs to. An address, to compare with.
    static POOL: Cell<*const Pool> = const { Cell::new(ptr::null()) };
}

/// A future that calls a function in its first poll.
struct Call<F>(Option<F>);

impl<F> Unpin for Call<F> {}

impl<F: FnOnce() -> T, T> Future for Call<F> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<T> {
        let f = self.0.take().expect("a task that returned `Ready` is not polled again");
        Poll::Ready(crate::coop::without_budget(f))
    }
}

/// A blocking task is scheduled once, by the pool itself.
struct Once;

impl Schedule for Once {
    fn schedule(&self, _runnable: Runnable) {
        unreachable!("a blocking task is scheduled until it runs, so no wake schedules it");
    }

    fn own(&self, _task: Waiting) -> Option<usize> {
        unreachable!("a blocking task ends in its first poll");
    }

    fn release(&self, _owner_key: usize) {
        unreachable!("so nobody keeps it");
    }
}

impl Pool {
    /// Makes a pool without a thread, for the runtime that has this driver. The second value ends
    /// when, after a [`shutdown`](Self::shutdown), the last thread has ended.
    pub(crate) fn new(
        threads_max: usize,
        settings: Settings,
        driver: Arc<driver::Handle>,
    ) -> (Self, Ended) {
        let (alive, ended) = ended::group();
        let (jobs, alive) = (Jobs::new(threads_max), Mutex::new(Some(alive)));
        (Self { jobs, driver, alive, settings }, ended)
    }

    /// What the runtime is called, if it is.
    pub(crate) fn runtime_name(&self) -> Option<&str> {
        self.settings.runtime_name.as_deref()
    }

    /// Runs `f` on a thread of the pool. After the shutdown the task is cancelled.
    ///
    /// `enter` is asked for when a thread has to be made for it.
    ///
    /// # Panics
    /// If the operating system refuses the pool its first thread.
    #[track_caller]
    pub(crate) fn spawn<F, R>(self: &Arc<Self>, f: F, enter: &dyn Fn() -> Enter) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        let (runnable, handle) = task::create(Call(Some(f)), Once);
        let _is_taken = self.submit(runnable, AtEnd::Cancel, enter);
        handle
    }

    /// [`spawn`](Self::spawn) for a call that the shutdown does not cancel. `None`: it is shut down
    /// already, and `f` is not called.
    ///
    /// # Panics
    /// As `spawn`.
    #[track_caller]
    pub(crate) fn spawn_mandatory<F, R>(
        self: &Arc<Self>,
        f: F,
        enter: &dyn Fn() -> Enter,
    ) -> Option<JoinHandle<R>>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        let (runnable, handle) = task::create(Call(Some(f)), Once);
        self.submit(runnable, AtEnd::Run, enter).then_some(handle)
    }

    /// `false`: it is shut down, and the job is cancelled.
    #[track_caller]
    fn submit(self: &Arc<Self>, job: Runnable, at_end: AtEnd, enter: &dyn Fn() -> Enter) -> bool {
        self.driver.timers.hold();
        let submitted = {
            let next_name = || self.settings.next_name();
            self.jobs.submit(job, at_end, next_name, |name| self.start_thread(name, enter()))
        };
        let Err(Refused(job, error)) = submitted else { return true };
        drop(job);
        self.driver.let_go();
        if let Some(error) = error {
            panic!("there is no thread to be had for blocking calls: {error}");
        }
        false
    }

    fn start_thread(self: &Arc<Self>, name: String, enter: Enter) -> io::Result<()> {
        let pool = Arc::clone(self);
        let alive = self.alive.lock().clone();
        self.settings.start(name, move || {
            let _alive = alive;
            enter(&|| pool.settings.run(|| pool.run()));
        })?;
        Ok(())
    }

    /// Runs jobs until the shutdown, or until none has come for some time.
    fn run(&self) {
        POOL.set(self);
        let bed = Bed::new();
        while let Some(job) = self.jobs.next(&bed, |parker| self.settings.sleep(parker)) {
            let ran = job.run();
            debug_assert!(matches!(ran, Ran::Complete), "a blocking task does not wait");
            self.driver.let_go(); // After the join handle was woken, so that no time-out overtakes it.
        }
    }

    /// Whether the calling thread is one of the pool's.
    pub(crate) fn is_of_this_thread(&self) -> bool {
        ptr::eq(POOL.get(), self)
    }

    /// Counts threads and jobs. Takes the lock.
    pub(crate) fn stats(&self) -> Stats {
        self.jobs.look(|claims| Stats {
            threads: claims.threads(),
            idle: claims.sleeping(),
            queued: claims.waiting(),
        })
    }

    /// Lets no thread take a job any more, and cancels what waits, unless it is mandatory. Threads
    /// end after the job they are in.
    pub(crate) fn shutdown(&self) {
        let waiting = self.jobs.end();
        // After the end: a thread that was started before it holds a clone.
        *self.alive.lock() = None;
        // Dropping a runnable cancels its task, which runs user code: not under a lock. They keep
        // their hold on the clock: nobody waits for it any more.
        drop(waiting);
    }
}
