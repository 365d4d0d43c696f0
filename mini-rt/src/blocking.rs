//! Where does a call run that blocks its thread?
//!
//! On a thread of this pool, never on a worker's. A blocking call is a task like any other, whose
//! future runs a closure in its first poll: so its join handle, its panics and its abort are those
//! of every task. Threads are made as they are needed, up to a limit, and end after some idle time.
//!
//! 1. A job that is submitted either gets a thread that is idle *now* or a new one, for itself; or,
//!    at the limit, waits in the backlog, from which every thread that finishes a job takes the
//!    next. So no job waits behind another while the limit is not reached: two jobs that wait for
//!    each other do not deadlock.
//! 2. `idle` is the number of threads that wait at the channel, less the jobs sent into it. A job
//!    is sent only by counting `idle` down, under the lock; a thread that finds none within its
//!    time counts itself out under the same lock, unless a job has come in meanwhile.
//! 3. After `shutdown` no thread takes a job: what waits is cancelled. One that is taken goes on.
//!
//! Bound: threads by their limit; the backlog has none, like Tokio's, because `spawn_blocking` can
//! neither wait nor fail. Who needs a bound takes a permit of a semaphore first.
//!
//! Rejected: one shared channel that all threads take from (a busy thread and an idle one race for
//! a job, and then the count of idle threads says nothing).

use crate::primitive::Mutex;
use crate::task::{self, JoinHandle, Ran, Runnable, Schedule, Waiting};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use std::cell::Cell;
use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::ptr;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

/// How long a thread waits for its next job before it ends. As in Tokio.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// Runs the work of a new thread in the context of the runtime, which is not known down here.
pub(crate) type Enter = Box<dyn FnOnce(&dyn Fn()) + Send>;

/// The threads for blocking calls of one runtime.
pub(crate) struct Pool {
    state: Mutex<State>,
    jobs: Receiver<Runnable>,
    threads_max: usize,
    thread_name: String,
}

struct State {
    /// `None` after the shutdown: the threads then find the channel closed.
    sender: Option<Sender<Runnable>>,
    backlog: VecDeque<Runnable>,
    idle: usize,
    threads: usize,
    /// Every thread holds a clone: when all have ended, the receiver sees the end.
    alive: Option<Sender<()>>,
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
    /// Makes a pool without a thread. The second value ends when, after a
    /// [`shutdown`](Self::shutdown), the last thread has ended.
    pub(crate) fn new(threads_max: usize, thread_name: String) -> (Self, Receiver<()>) {
        let (sender, jobs) = crossbeam_channel::unbounded();
        let (alive, ended) = crossbeam_channel::bounded(0);
        let state = State {
            sender: Some(sender),
            backlog: VecDeque::new(),
            idle: 0,
            threads: 0,
            alive: Some(alive),
        };
        (Self { state: Mutex::new(state), jobs, threads_max, thread_name }, ended)
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
        if let Err((refused, error)) = self.submit(runnable, enter) {
            drop(refused);
            if let Some(error) = error {
                panic!("the operating system gives no thread for blocking calls: {error}");
            }
        }
        handle
    }

    fn submit(
        self: &Arc<Self>,
        job: Runnable,
        enter: &dyn Fn() -> Enter,
    ) -> Result<(), (Runnable, Option<io::Error>)> {
        let mut state = self.state.lock();
        let Some(sender) = &state.sender else {
            return Err((job, None));
        };
        if state.idle > 0 {
            sender.send(job).expect("the pool holds a receiver");
            state.idle -= 1;
        } else {
            state.backlog.push_back(job);
            if state.threads < self.threads_max
                && let Err(error) = self.start_thread(&mut state, enter())
                && state.threads == 0
            {
                // Nobody would ever take it.
                let job = state.backlog.pop_back().expect("just pushed");
                return Err((job, Some(error)));
            }
        }
        Ok(())
    }

    fn start_thread(self: &Arc<Self>, state: &mut State, enter: Enter) -> io::Result<()> {
        let pool = Arc::clone(self);
        let alive = state.alive.clone();
        std::thread::Builder::new().name(self.thread_name.clone()).spawn(move || {
            let _alive = alive;
            enter(&|| pool.run());
        })?;
        state.threads += 1;
        Ok(())
    }

    /// Runs jobs until the shutdown, or until none has come for some time.
    fn run(&self) {
        POOL.set(self);
        while let Some(job) = self.next_job() {
            let ran = job.run();
            debug_assert!(matches!(ran, Ran::Complete), "a blocking task does not wait");
        }
    }

    fn next_job(&self) -> Option<Runnable> {
        let mut state = self.state.lock();
        if let Some(job) = state.backlog.pop_front() {
            return Some(job);
        }
        state.idle += 1;
        drop(state);
        match self.jobs.recv_timeout(KEEP_ALIVE) {
            Ok(job) => Some(job),
            Err(RecvTimeoutError::Disconnected) => {
                self.state.lock().threads -= 1;
                None
            }
            Err(RecvTimeoutError::Timeout) => {
                let mut state = self.state.lock();
                // Sent between the time-out and the lock: `idle` was counted down for it.
                if let Ok(job) = self.jobs.try_recv() {
                    return Some(job);
                }
                // Unless a shutdown has taken a job back that was sent here and counted so.
                if state.sender.is_some() {
                    state.idle -= 1;
                }
                state.threads -= 1;
                None
            }
        }
    }

    /// Whether the calling thread is one of the pool's.
    pub(crate) fn is_of_this_thread(&self) -> bool {
        ptr::eq(POOL.get(), self)
    }

    /// Counts threads and jobs. Takes the lock.
    pub(crate) fn stats(&self) -> Stats {
        let state = self.state.lock();
        Stats {
            threads: state.threads,
            // After the shutdown whoever waits is on its way to its end.
            idle: if state.sender.is_some() { state.idle } else { 0 },
            queued: state.backlog.len() + self.jobs.len(),
        }
    }

    /// Lets no thread take a job any more, and cancels what waits. Threads end after the job they
    /// are in.
    pub(crate) fn shutdown(&self) {
        let mut state = self.state.lock();
        let sender = state.sender.take();
        state.alive = None;
        let mut waiting = std::mem::take(&mut state.backlog);
        // Jobs sent to threads that have not picked them up yet.
        waiting.extend(self.jobs.try_iter());
        drop(state);
        // Dropping a runnable cancels its task, which runs user code: not under the lock.
        drop(sender);
        drop(waiting);
    }
}
