//! [`Builder`]: the knobs of a runtime, and how it is put together.

mod threads;

use super::context::{Blocking, CurrentGuard};
use super::handle::Scheduler;
use super::{Handle, Runtime};
use crate::blocking::Pool;
use crate::driver;
use crate::driver::timers::{Clock, Refused};
use crate::ended::{self, Alive};
use crate::primitive::thread::{self, ThreadId};
use crate::scheduler::current;
use crate::scheduler::worker::{self, Starter};
use crate::threads::Settings;
use std::io;
use std::num::NonZeroUsize;
use std::sync::Arc;

/// Builds a [`Runtime`].
///
/// ```
/// let runtime = mini_rt::runtime::Builder::new_multi_thread()
///     .worker_threads(2)
///     .thread_name("crew")
///     .enable_all()
///     .build()?;
/// assert_eq!(runtime.block_on(async { 1 + 1 }), 2);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Builder {
    /// `None`: all tasks run on the thread that is in `block_on`.
    workers: Option<usize>,
    blocking_threads_max: usize,
    threads: Settings,
    start_paused: bool,
}

impl Builder {
    /// Begins a runtime whose tasks all run on the thread that is in
    /// [`block_on`](Runtime::block_on).
    pub fn new_current_thread() -> Self {
        Self::new(None)
    }

    /// Begins a runtime whose tasks run on worker threads that steal from each other: as many as
    /// the machine runs at once, unless [`worker_threads`](Self::worker_threads) says otherwise.
    pub fn new_multi_thread() -> Self {
        let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self::new(Some(cores))
    }

    fn new(workers: Option<usize>) -> Self {
        // 512 as in Tokio: blocking calls wait more than they compute.
        let threads = Settings::default();
        Self { workers, blocking_threads_max: 512, threads, start_paused: false }
    }

    /// Sets the number of worker threads. A current-thread runtime has none, and ignores it.
    ///
    /// # Panics
    /// If `count` is zero.
    #[track_caller]
    pub fn worker_threads(&mut self, count: usize) -> &mut Self {
        assert!(count > 0, "a runtime with 0 worker threads would never run a task: use 1 or more");
        self.workers = self.workers.map(|_| count);
        self
    }

    /// Sets the most threads that run blocking calls at once. Workers are not counted.
    ///
    /// # Panics
    /// If `count` is zero.
    #[track_caller]
    pub fn max_blocking_threads(&mut self, count: usize) -> &mut Self {
        assert!(
            count > 0,
            "with 0 blocking threads no blocking call would ever run: use 1 or more"
        );
        self.blocking_threads_max = count;
        self
    }

    /// Enables sockets and timers. They always are: this is here for code written for Tokio.
    pub fn enable_all(&mut self) -> &mut Self {
        self
    }

    /// Enables sockets, which always are: this is here for code written for Tokio.
    pub fn enable_io(&mut self) -> &mut Self {
        self
    }

    /// Enables timers, which always are: this is here for code written for Tokio.
    pub fn enable_time(&mut self) -> &mut Self {
        self
    }

    /// Makes the runtime's clock stand from the beginning, as if its first task called
    /// [`time::pause`](crate::time::pause). For tests.
    ///
    /// ```
    /// use mini_rt::time::{Duration, Instant, sleep};
    ///
    /// let runtime =
    ///     mini_rt::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?;
    /// runtime.block_on(async {
    ///     let start = Instant::now();
    ///     sleep(Duration::from_secs(3600)).await; // Takes no time at all.
    ///     assert_eq!(start.elapsed(), Duration::from_secs(3600));
    /// });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn start_paused(&mut self, start_paused: bool) -> &mut Self {
        self.start_paused = start_paused;
        self
    }

    /// Makes the runtime and starts its workers.
    ///
    /// # Errors
    /// If the operating system gives no event queue (too many open files) or no thread.
    ///
    /// # Panics
    /// If a multi-thread runtime is to [start paused](Self::start_paused).
    #[track_caller]
    pub fn build(&mut self) -> io::Result<Runtime> {
        self.build_at(None)
    }

    /// [`build`](Self::build), and says where the one thread is that runs the tasks, if they are to stay
    /// there. The caller keeps the runtime on that thread.
    #[track_caller]
    pub(crate) fn build_at(&mut self, home: Option<ThreadId>) -> io::Result<Runtime> {
        let clock = match (self.workers, self.start_paused) {
            (None, false) => Clock::with_hand(),
            (None, true) => Clock::paused(),
            (Some(_), false) => Clock::of_machine(),
            (Some(_), true) => panic!("{}", Refused::Machine),
        };
        let (driver, driver_handle) = driver::new(clock)?;
        let (pool, blocking_ended) =
            Pool::new(self.blocking_threads_max, self.threads.clone(), Arc::clone(&driver_handle));
        let blocking = Arc::new(pool);
        let (scheduler, rings) = match self.workers {
            None => {
                let drivers = (driver, driver_handle);
                let shared = current::Shared::new(self.threads.clone(), home, drivers);
                (Scheduler::Current(Arc::new(shared)), Vec::new())
            }
            Some(count) => {
                let more_max = self.blocking_threads_max;
                let threads = self.threads.clone();
                let (shared, rings) = worker::new(count, more_max, threads, driver, driver_handle);
                (Scheduler::Workers(shared), rings)
            }
        };
        let handle = Handle { scheduler, blocking };
        let (alive, workers_ended) = ended::group();
        let mut runtime = Runtime {
            handle,
            threads: Vec::new(),
            workers_ended,
            blocking_ended,
            is_shut_down: false,
        };
        if let Scheduler::Workers(shared) = &runtime.handle.scheduler {
            let starter = self.starter(shared, &runtime.handle, alive);
            // A failure drops the runtime, which ends the workers, after their `starter` is gone.
            let started = shared.start(rings, &starter, &mut runtime.threads);
            drop(starter);
            started?;
        }
        Ok(runtime)
    }

    pub(crate) fn has_workers(&self) -> bool {
        self.workers.is_some()
    }

    /// Starts threads that work, each of which holds a clone of `alive`.
    fn starter(&self, shared: &Arc<worker::Shared>, handle: &Handle, alive: Alive) -> Starter {
        let threads = self.threads.clone();
        let (shared, handle) = (Arc::clone(shared), handle.clone());
        Arc::new(move |name| {
            let (shared, handle, alive) = (Arc::clone(&shared), handle.clone(), alive.clone());
            let hooks = threads.clone();
            threads.start(name, move || {
                let _alive = alive;
                let _current = CurrentGuard::new(handle);
                hooks.run(|| {
                    let _in_place = Blocking::InPlace.enter();
                    shared.work();
                });
            })
        })
    }
}
