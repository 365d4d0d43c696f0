//! What does a worker do all day?
//!
//! ```text
//! own ring, injector ---task---> poll it; woken meanwhile: back into the ring
//!       | empty
//! search: the others' rings -----task---> if nobody else searches now and there is more: wake one
//!       | nothing
//! sleep: in the driver if its seat is free, else in a bed of its own; then from the start
//! ```
//!
//! A worker's tasks are for others to take if together they take longer than waking somebody does
//! ([`pace`](super::pace)); else they are its own, unless it gets stuck ([`watch`](super::watch)).
//!
//! 1. Every [`TASKS_PER_TURN`] tasks the driver gets a turn that does not sleep; and then, or once the
//!    polls have taken as long as a wake-up, the injector is asked before the ring. Neither waits
//!    for a ring to run dry.
//! 2. At most one worker sits in the driver (`seat`). The others sleep in their own beds, and no
//!    event is lost for it: who leaves the seat takes the events' tasks along.
//! 3. Tasks come back in the order in which they were woken: the ring is first in, first out. What
//!    finds it full goes to the worker's *spill*, and so does what comes after that, until the ring
//!    has run empty and is filled from there.
//! 4. A task that was spawned in time is dropped on a worker, at shutdown too. How they end stands in
//!    `worker/shutdown.rs`, with edges W1 and W2.
//!
//! Rejected: a slot for the task woken last, run next (Tokio's LIFO slot). It halves the latency of
//! a ping-pong, but a task in it cannot be stolen and waits behind a long poll, and a turn that
//! handles all that has arrived before it flushes writes less often.

use super::TASKS_PER_TURN;
use super::counters::Counters;
use super::crew::Crew;
use super::idle::Idle;
use super::pace::{Batch, Pace};
use super::watch::Watch;
use crate::driver::{self, Driver};
use crate::park::Parker;
use crate::primitive::atomic::{AtomicBool, AtomicU64};
use crate::primitive::{IS_MODEL, Mutex, thread, thread_local};
use crate::queue::{Cause, Injector, Local, Stealer};
use crate::task::{self, JoinHandle, Owned, Ran, Runnable, Schedule, Take, Waiting};
use crate::threads::{Jobs, Settings};
use crate::util::{Counter, Patience, Random, WakeList};
use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

/// Shards of the list of tasks. Moved by: spawn 10,000 and join. In a model one for all: which of
/// several it is would hang on a task's address, which differs from run to run.
const SHARDS_PER_WORKER: usize = if IS_MODEL { 0 } else { 4 };

/// What the workers of a runtime, and who wakes its tasks, have in common.
pub(crate) struct Shared {
    injector: Injector,
    remotes: Box<[Arc<Remote>]>,
    idle: Idle,
    pace: Pace,
    owned: Owned,
    pub(crate) driver: Arc<driver::Handle>,
    seat: Mutex<Driver>,
    /// How many turns the driver has had. Written by who has the seat.
    turns: Counter,
    crew: Crew,
    /// Workers that wait for a thread. See `worker/hand_over.rs`.
    parts: Jobs<Worker>,
    settings: Settings,
    /// Tasks that have ended on a thread that had handed its part over.
    completed_apart: AtomicU64,
}

/// A worker, as the others see it.
struct Remote {
    stealer: Stealer,
    /// What found no room in the ring. All of it is younger than what is in there.
    spill: Injector,
    parker: Parker,
    /// Set by the watch, when the worker is stuck in a poll; cleared by the worker.
    stuck: AtomicBool,
    counters: Line,
}

/// On cache lines of their own: thieves look at the rest while the worker counts.
#[derive(Default)]
#[repr(align(64))]
struct Line(Counters);

/// Starts a thread of this name that [works](Shared::work).
pub(crate) type Starter = Arc<dyn Fn(String) -> io::Result<thread::JoinHandle<()>> + Send + Sync>;

/// A worker, as its own thread sees it.
pub(crate) struct Worker {
    shared: Arc<Shared>,
    index: usize,
    ring: Local,
    remote: Arc<Remote>,
    /// Whether [`Idle`] counts this worker as searching.
    searching: Cell<bool>,
    /// It has left its bed, and not begun a task since.
    has_risen: Cell<bool>,
    /// While the wakers of a turn are woken, tasks are counted and not announced one by one.
    announces: Cell<bool>,
    /// It ends, or another thread has its part.
    has_left: Cell<bool>,
    random: Random,
    patience: Patience,
    batch: Batch,
    /// Since when it is up, and its time is not counted yet; `None` if its time is not kept.
    up_since: Cell<Option<Instant>>,
    /// What the polls have taken since this worker last asked the injector first.
    spent_ns: Cell<u64>,
    watch: RefCell<Watch>,
    /// The watch has seen a task wait that is not worth a wake-up.
    takes_any: Cell<bool>,
    starter: Starter,
}

thread_local! {
    /// The worker of this thread, so that what a task wakes goes to its own ring.
    static WORKER: RefCell<Option<Rc<Worker>>> = const { RefCell::new(None) };
}

/// Makes what the workers of a runtime share, and their rings. At most so many more threads are
/// [started](Shared::start) for those that are handed over.
pub(crate) fn new(
    count: usize,
    more_threads_max: usize,
    settings: Settings,
    driver: Driver,
    handle: Arc<driver::Handle>,
) -> (Arc<Shared>, Vec<Local>) {
    let rings: Vec<Local> = (0..count).map(|_| Local::new()).collect();
    let remote = |ring: &Local| {
        let (stealer, spill) = (ring.stealer(), Injector::new());
        let (parker, stuck) = (Parker::new(), AtomicBool::new(false));
        Arc::new(Remote { stealer, spill, parker, stuck, counters: Line::default() })
    };
    let shared = Shared {
        injector: Injector::new(),
        remotes: rings.iter().map(remote).collect(),
        idle: Idle::new(count),
        pace: Pace::new(),
        owned: Owned::new(SHARDS_PER_WORKER * count),
        driver: handle,
        seat: Mutex::new(driver),
        turns: Counter::default(),
        crew: Crew::new(count),
        parts: Jobs::new(count.saturating_add(more_threads_max)),
        settings,
        completed_apart: AtomicU64::new(0),
    };
    (Arc::new(shared), rings)
}

/// Which worker this thread is, if it is one of any runtime.
pub(crate) fn index_here() -> Option<usize> {
    WORKER.try_with(|worker| worker.borrow().as_ref().map(|worker| worker.index)).ok().flatten()
}

impl Shared {
    /// Spawns a task on these workers; on a runtime that is shut down, one that is cancelled.
    pub(crate) fn spawn<F>(self: &Arc<Self>, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let (runnable, handle) = task::create(future, Arc::clone(self));
        if self.crew.is_closing() {
            drop(runnable); // Who does not see it yet pushes into a queue that is cancelled.
        } else {
            self.enqueue(runnable, Cause::Spawn);
        }
        handle
    }

    fn enqueue(&self, runnable: Runnable, cause: Cause) {
        let refused = self.with_worker(|worker| match worker {
            Some(worker) => {
                worker.push(runnable, cause);
                Ok(())
            }
            None => self.injector.push(runnable, cause).map(|()| self.announce_injected()),
        });
        drop(refused); // The runtime is gone: a task that was spawned too late is cancelled.
    }

    /// Calls `f` with the worker of this runtime whose thread this is, if it is one.
    fn with_worker<R>(&self, f: impl FnOnce(Option<&Worker>) -> R) -> R {
        super::with_own(&WORKER, |worker| std::ptr::eq(&*worker.shared, self), f)
    }
}

impl Schedule for Arc<Shared> {
    fn schedule(&self, runnable: Runnable) {
        self.enqueue(runnable, Cause::Wake);
    }

    fn here(&self) -> Option<Take> {
        self.with_worker(|worker| worker.is_some()).then_some(|runnable| {
            super::with_here(&WORKER, |worker| worker.push(runnable, Cause::Wake));
        })
    }

    fn own(&self, task: Waiting) -> Option<usize> {
        self.owned.bind(task)
    }

    fn release(&self, owner_key: usize) {
        self.owned.release(owner_key);
    }
}

impl Worker {
    fn new(shared: &Arc<Shared>, index: usize, ring: Local, starter: &Starter) -> Self {
        Self {
            shared: Arc::clone(shared),
            index,
            ring,
            remote: Arc::clone(&shared.remotes[index]),
            searching: Cell::new(false),
            has_risen: Cell::new(true),
            announces: Cell::new(true),
            has_left: Cell::new(false),
            random: Random::new(index as u64),
            patience: Patience::new(),
            batch: Batch::default(),
            up_since: Cell::new(None),
            spent_ns: Cell::new(0),
            watch: RefCell::default(),
            takes_any: Cell::new(false),
            starter: Arc::clone(starter),
        }
    }

    /// Runs tasks until the runtime is shut down, or one of them hands this worker's part over.
    fn run(self) {
        let worker = Rc::new(self);
        worker.remote.parker.move_here();
        worker.up_since.set(worker.counters().up_since());
        WORKER.set(Some(Rc::clone(&worker)));
        let mut wakes = WakeList::new();
        let mut tasks = 0_u32;
        while !worker.shared.crew.is_closing() {
            let take_turn = tasks.is_multiple_of(TASKS_PER_TURN);
            if take_turn {
                worker.turn(&mut wakes);
            }
            let injector_first = worker.shared.pace.is_due(&worker.spent_ns) || take_turn;
            match worker.next_task(injector_first).or_else(|| worker.search()) {
                Some(runnable) => {
                    tasks = tasks.wrapping_add(1);
                    worker.run_task(runnable);
                    if worker.has_left.get() {
                        break;
                    }
                }
                None => {
                    worker.sleep(&mut wakes);
                    tasks = 1; // The driver has just had its turn.
                }
            }
        }
        worker.leave(&mut wakes);
    }

    fn run_task(&self, runnable: Runnable) {
        let has_searched = self.searching.take();
        if has_searched && self.shared.idle.stop_searching() && self.shared.has_tasks_for_all() {
            self.shared.announce();
        }
        if self.has_risen.take() || has_searched {
            self.shared.ensure_watch();
        }
        self.unstick();
        self.counters().polls.add(1);
        let ran = runnable.run();
        if self.has_left.get() {
            return self.shared.put_away(ran);
        }
        match ran {
            Ran::Waiting => {}
            Ran::Again(again) => {
                self.counters().scheduled(Cause::Wake);
                self.put(again);
                self.announce_besides(1);
            }
            Ran::Complete => self.counters().completed.add(1),
        }
    }

    /// This worker is not stuck, or no longer.
    fn unstick(&self) {
        self.shared.idle.unmark_stuck(&self.remote.stuck);
    }

    fn counters(&self) -> &Counters {
        &self.remote.counters.0
    }

    fn push(&self, runnable: Runnable, cause: Cause) {
        self.counters().scheduled(cause);
        self.put(runnable);
        if self.announces.get() {
            self.announce_besides(0);
        }
    }

    /// Puts a task behind all others of this worker. The caller announces it.
    fn put(&self, runnable: Runnable) {
        let spill = &self.remote.spill;
        let no_room = if spill.is_empty() { self.ring.push(runnable) } else { Err(runnable) };
        let put = no_room.or_else(|runnable| spill.push(runnable, Cause::Wake));
        assert!(put.is_ok(), "a spill is never closed");
    }

    /// How many tasks this worker has.
    fn backlog(&self) -> usize {
        self.ring.len() + self.remote.spill.len()
    }

    fn next_task(&self, injector_first: bool) -> Option<Runnable> {
        if injector_first {
            self.take_injected().or_else(|| self.next_own())
        } else {
            self.next_own().or_else(|| self.take_injected())
        }
    }

    fn next_own(&self) -> Option<Runnable> {
        self.ring.pop().or_else(|| self.remote.spill.pop_into(&self.ring, usize::MAX))
    }

    /// Takes this worker's share of the injector; returns the first and rings the rest.
    fn take_injected(&self) -> Option<Runnable> {
        let Shared { injector, idle, .. } = &*self.shared;
        injector.pop_into(&self.ring, injector.len().div_ceil(idle.awake()))
    }
}

mod announce;
pub(crate) mod hand_over;
mod observed;
mod search;
mod shutdown;
mod sleep;
#[cfg(all(test, not(loom)))]
mod tests;
