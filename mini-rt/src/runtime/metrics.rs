//! [`RuntimeMetrics`]: what a runtime has counted.
//!
//! Counting costs nothing that would show (see `scheduler/counters.rs`); asking adds up what the
//! threads have written.

use super::Handle;
use crate::scheduler::Counters;
use std::time::Duration;

/// What a runtime has done so far, and what it has to do now. Made by [`Handle::metrics`].
///
/// Names are those of Tokio's `RuntimeMetrics`; so are the meanings, but for
/// [`worker_overflow_count`](Self::worker_overflow_count), which counts tasks and not occasions, and
/// [`worker_total_busy_duration`](Self::worker_total_busy_duration), which begins at the first question. Each method reads anew, and works after
/// the runtime has ended too. All other counts begin with the runtime; each begins at 0 and only grows. Nothing is read at
/// one moment: while the runtime works, two numbers may not go together. Methods that take a lock
/// say so; none is held for longer than it takes to read a number.
///
/// A current-thread runtime counts as one worker, whichever thread is in
/// [`block_on`](super::Runtime::block_on).
///
/// Not there is what would cost something while nobody asks: `worker_mean_poll_time` and the histograms
/// (the clock would be read around each poll), and
/// `budget_forced_yield_count` (the budget of a poll does not know its runtime). Nor is
/// `worker_thread_id`.
///
/// ```
/// let runtime = mini_rt::runtime::Runtime::new()?;
/// let metrics = runtime.metrics();
/// runtime.block_on(async { mini_rt::spawn(async {}).await }).expect("joined");
/// assert_eq!(metrics.spawned_tasks_count(), 1);
/// let polls: u64 = (0..metrics.num_workers()).map(|worker| metrics.worker_poll_count(worker)).sum();
/// assert_eq!(polls, 1);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct RuntimeMetrics {
    handle: Handle,
}

/// The runtime as a whole.
impl RuntimeMetrics {
    pub(super) fn new(handle: Handle) -> Self {
        let scheduler = handle.observed();
        let workers = 0..scheduler.workers();
        workers.filter_map(|worker| scheduler.counters(worker)).for_each(Counters::begin_time);
        Self { handle }
    }

    /// Returns how many workers there are: 1 for a current-thread runtime.
    pub fn num_workers(&self) -> usize {
        self.handle.observed().workers()
    }

    /// Returns how many tasks were spawned and have not ended. Takes the injector's lock.
    ///
    /// Blocking calls are not counted. A task ends here when the worker that ran it comes back to
    /// its loop, which may be a moment after whoever joins it was woken.
    pub fn num_alive_tasks(&self) -> usize {
        // In this order: a task that ends in between is then counted, and not one too few.
        let apart = self.handle.observed().completed_apart();
        let completed = apart + self.sum(|counters| counters.completed.get());
        let spawned = self.spawned_tasks_count();
        // Never negative, unless another thread's counts become visible out of order.
        spawned.saturating_sub(completed) as usize
    }

    /// Returns how many tasks were spawned. Takes the injector's lock.
    ///
    /// Not counted are blocking calls, and what was refused because the runtime had ended.
    pub fn spawned_tasks_count(&self) -> u64 {
        let remote = self.handle.observed().injector().pushed().spawned;
        remote + self.sum(|counters| counters.spawned.get())
    }

    /// Returns how many tasks wait in the queue for all workers.
    pub fn global_queue_depth(&self) -> usize {
        self.handle.observed().injector().len()
    }

    /// Returns how many times a task was queued by a thread that is no worker of the runtime, be it
    /// a spawn or a wake. Takes the injector's lock.
    pub fn remote_schedule_count(&self) -> u64 {
        self.handle.observed().injector().pushed().all
    }

    /// Returns how many times a sleeping worker was woken for tasks, or to be on watch. Not in Tokio.
    ///
    /// Each costs a system call, unless the worker had not yet lain down. On a current-thread runtime
    /// these are the wake-ups of the thread that runs the tasks, for a task or for the future in its
    /// [`block_on`](super::Runtime::block_on). What events and timers end a sleep is not counted.
    /// Takes the lock of the list of sleepers.
    pub fn wakeups_sent(&self) -> u64 {
        self.handle.observed().wakeups_sent()
    }

    /// Returns how many timers are registered and have not fired. Takes the timers' lock. Not in
    /// Tokio.
    pub fn timers_live(&self) -> usize {
        self.handle.driver().timers.live()
    }
}

/// One worker each, from 0 to [`num_workers`](Self::num_workers). All panic for another `worker`.
impl RuntimeMetrics {
    /// Returns how many tasks wait in the worker's own queue: its ring, and what did not fit in.
    #[track_caller]
    pub fn worker_local_queue_depth(&self, worker: usize) -> usize {
        self.of(worker, self.handle.observed().local_queue_depth(worker))
    }

    /// Returns how many polls of tasks the worker has begun. The future given to
    /// [`block_on`](super::Runtime::block_on) is no task.
    #[track_caller]
    pub fn worker_poll_count(&self, worker: usize) -> u64 {
        self.worker(worker).polls.get()
    }

    /// Returns how many tasks the worker has taken from the queues of others.
    #[track_caller]
    pub fn worker_steal_count(&self, worker: usize) -> u64 {
        self.worker(worker).steals.get()
    }

    /// Returns how many times the worker has taken tasks from another, some at once.
    #[track_caller]
    pub fn worker_steal_operations(&self, worker: usize) -> u64 {
        self.worker(worker).steal_operations.get()
    }

    /// Returns how many times a task was queued for the worker on its own thread: by a spawn, by a
    /// wake, or because the task was woken during its poll.
    #[track_caller]
    pub fn worker_local_schedule_count(&self, worker: usize) -> u64 {
        self.worker(worker).local_schedules.get()
    }

    /// Returns how many tasks have found the worker's ring full, or others that had before them.
    /// Takes a lock that the worker takes for such tasks.
    ///
    /// They stay with the worker (Tokio's go to the queue for all, half a ring at a time). A
    /// current-thread runtime's queue is never full.
    #[track_caller]
    pub fn worker_overflow_count(&self, worker: usize) -> u64 {
        self.of(worker, self.handle.observed().overflows(worker))
    }

    /// Returns how many times the worker went to sleep, or was woken just before it could.
    ///
    /// One that is on watch, to see whether others are stuck, does so each millisecond.
    #[track_caller]
    pub fn worker_park_count(&self, worker: usize) -> u64 {
        self.worker(worker).parks.get()
    }

    /// Returns how many times the worker went to sleep or got up: odd while it sleeps.
    #[track_caller]
    pub fn worker_park_unpark_count(&self, worker: usize) -> u64 {
        self.worker(worker).park_unparks.get()
    }

    /// Returns how long the worker has been up: running tasks, looking for one, or giving the driver a
    /// turn, and not asleep. A current-thread runtime is up only within
    /// [`block_on`](super::Runtime::block_on).
    ///
    /// Counted from the first [`Handle::metrics`] on, so that the clock is not read where nobody asks; with
    /// Tokio, from the beginning. A worker's time is added when it goes to sleep or ends, and once in 61
    /// polls: the poll under way is not in it.
    ///
    /// ```
    /// # mini_rt::runtime::Runtime::new().expect("a runtime").block_on(async {
    /// let metrics = mini_rt::runtime::Handle::current().metrics();
    /// println!("worker 0 has worked for {:?}", metrics.worker_total_busy_duration(0));
    /// # });
    /// ```
    #[track_caller]
    pub fn worker_total_busy_duration(&self, worker: usize) -> Duration {
        Duration::from_nanos(self.worker(worker).busy_ns.get())
    }

    /// Returns how many times the worker went to sleep without a poll since it last did.
    #[track_caller]
    pub fn worker_noop_count(&self, worker: usize) -> u64 {
        self.worker(worker).noops.get()
    }

    fn sum(&self, count: impl Fn(&Counters) -> u64) -> u64 {
        let scheduler = self.handle.observed();
        (0..scheduler.workers()).filter_map(|worker| scheduler.counters(worker)).map(count).sum()
    }

    #[track_caller]
    fn worker(&self, worker: usize) -> &Counters {
        self.of(worker, self.handle.observed().counters(worker))
    }

    #[track_caller]
    fn of<T>(&self, worker: usize, value: Option<T>) -> T {
        let Some(value) = value else {
            panic!("there is no worker {worker}: their numbers are below {}", self.num_workers());
        };
        value
    }
}

/// Threads for blocking calls. Each method takes their pool's lock.
impl RuntimeMetrics {
    /// Returns how many threads there are for blocking calls.
    pub fn num_blocking_threads(&self) -> usize {
        self.handle.blocking.stats().threads
    }

    /// Returns how many of these threads wait for a call.
    pub fn num_idle_blocking_threads(&self) -> usize {
        self.handle.blocking.stats().idle
    }

    /// Returns how many blocking calls no thread has taken yet.
    pub fn blocking_queue_depth(&self) -> usize {
        self.handle.blocking.stats().queued
    }
}

/// Sockets.
impl RuntimeMetrics {
    /// Returns how many sockets were registered with the driver.
    pub fn io_driver_fd_registered_count(&self) -> u64 {
        self.handle.driver().io.stats().registered
    }

    /// Returns how many sockets have left the driver.
    pub fn io_driver_fd_deregistered_count(&self) -> u64 {
        self.handle.driver().io.stats().deregistered
    }

    /// Returns how many events of sockets the operating system has reported to the driver.
    pub fn io_driver_ready_count(&self) -> u64 {
        self.handle.driver().io.stats().events
    }
}
