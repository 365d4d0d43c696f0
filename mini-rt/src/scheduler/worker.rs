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
//! 1. Every [`TASKS_PER_TURN`] tasks the driver gets a turn that does not sleep, and the injector is
//!    asked before the ring: neither waits for a ring to run dry.
//! 2. At most one worker sits in the driver (`seat`). The others sleep in their own beds, and no
//!    event is lost for it: who leaves the seat takes the events' tasks along.
//! 3. Tasks come back in the order in which they were woken: the ring is first in, first out. But
//!    what a full ring spills into the injector, its older half, may be overtaken.
//! 4. A task that was spawned in time is dropped on a worker, at shutdown too.
//!
//! # Shutdown, in steps
//!
//! 1. [`Shared::shutdown`], on the thread that drops the runtime: `closing` is set, [`Owned`] is
//!    closed, every task is aborted (which schedules the idle ones), everyone is unparked.
//! 2. Each worker leaves its loop when it sees `closing`, and runs what its ring and the injector
//!    hold: aborted tasks, so each run drops a future.
//! 3. The last one out stays until [`Owned`] is empty. A task may still be in the hands of a foreign
//!    thread that has just won the right to schedule it; it arrives in the injector in a moment.
//! 4. It then shuts the driver down. A wake from now on finds its task complete.
//!
//! - edge W1: `closing` set -> seen: the runtime is being dropped. Who sleeps is unparked after it.
//! - edge W2: `live` counted down by each worker -> by the last: their rings are empty.
//!
//! Rejected: a slot for the task woken last, run next (Tokio's LIFO slot). It halves the latency of
//! a ping-pong, but a task in it cannot be stolen and waits behind a long poll, and a turn that
//! handles all that has arrived before it flushes writes less often.

use super::TASKS_PER_TURN;
use super::idle::Idle;
use crate::driver::{self, Driver};
use crate::park::{Bed, Parker};
use crate::primitive::atomic::Ordering::{AcqRel, Acquire, Release};
use crate::primitive::atomic::{AtomicBool, AtomicUsize};
use crate::primitive::{Mutex, thread};
use crate::queue::{CAPACITY, Injector, Local, Stealer};
use crate::task::{self, JoinHandle, Owned, Runnable, Schedule};
use crate::util::{Random, WakeList};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// Shards of the list of tasks. Moved by: spawn 10,000 and join.
const SHARDS_PER_WORKER: usize = 4;

/// What the workers of a runtime, and who wakes its tasks, have in common.
pub(crate) struct Shared {
    injector: Injector,
    remotes: Box<[Remote]>,
    idle: Idle,
    owned: Owned,
    pub(crate) driver: Arc<driver::Handle>,
    seat: Mutex<Driver>,
    closing: AtomicBool,
    live: AtomicUsize,
}

/// A worker, as the others see it.
struct Remote {
    stealer: Stealer,
    parker: Parker,
}

/// A worker, as its own thread sees it.
pub(crate) struct Worker {
    shared: Arc<Shared>,
    index: usize,
    ring: Local,
    /// Whether [`Idle`] counts this worker as searching.
    searching: Cell<bool>,
    /// While the wakers of a turn are woken, tasks are counted and not announced one by one.
    announces: Cell<bool>,
    has_left: Cell<bool>,
    random: Random,
}

thread_local! {
    /// The worker of this thread, so that what a task wakes goes to its own ring.
    static WORKER: RefCell<Option<Rc<Worker>>> = const { RefCell::new(None) };
}

/// Makes the workers of a runtime. Each is to be [run](Worker::run) on a thread of its own.
pub(crate) fn new(count: usize, driver: Driver, handle: driver::Handle) -> Vec<Worker> {
    let rings: Vec<Local> = (0..count).map(|_| Local::new()).collect();
    let remote = |ring: &Local| Remote { stealer: ring.stealer(), parker: Parker::new() };
    let shared = Arc::new(Shared {
        injector: Injector::new(),
        remotes: rings.iter().map(remote).collect(),
        idle: Idle::new(count),
        owned: Owned::new(SHARDS_PER_WORKER * count),
        driver: Arc::new(handle),
        seat: Mutex::new(driver),
        closing: AtomicBool::new(false),
        live: AtomicUsize::new(count),
    });
    let worker = |(index, ring)| Worker {
        shared: Arc::clone(&shared),
        index,
        ring,
        searching: Cell::new(false),
        announces: Cell::new(true),
        has_left: Cell::new(false),
        random: Random::new(index as u64),
    };
    rings.into_iter().enumerate().map(worker).collect()
}

impl Shared {
    /// Spawns a task on these workers; on a runtime that is shut down, one that is cancelled.
    pub(crate) fn spawn<F>(self: &Arc<Self>, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let (runnable, handle) = task::create(future, Arc::clone(self));
        match self.owned.bind(runnable) {
            Ok(runnable) => self.schedule(runnable),
            Err(refused) => drop(refused),
        }
        handle
    }

    /// Step 1 of the shutdown. Returns at once; the workers do the rest.
    pub(crate) fn shutdown(&self) {
        self.closing.store(true, Release); // edge W1 release
        self.owned.close_and_abort_all();
        for index in 0..self.remotes.len() {
            self.unpark(index);
        }
    }

    /// Calls `f` with the worker of this runtime whose thread this is, if it is one.
    fn with_worker<R>(&self, f: impl FnOnce(Option<&Worker>) -> R) -> R {
        super::with_own(&WORKER, |worker| std::ptr::eq(&*worker.shared, self), f)
    }

    /// Wakes a sleeper if the task that was just queued needs one.
    fn announce(&self) {
        if let Some(index) = self.idle.worker_to_wake() {
            self.unpark(index);
        }
    }

    fn unpark(&self, index: usize) {
        self.remotes[index].parker.unpark(|| self.driver.unpark());
    }

    /// Looks into the injector first: what moves from there to a ring is seen here or there (edge
    /// Q3).
    fn has_tasks(&self) -> bool {
        !self.injector.is_empty() || self.remotes.iter().any(|remote| !remote.stealer.is_empty())
    }
}

impl Schedule for Arc<Shared> {
    fn schedule(&self, runnable: Runnable) {
        self.with_worker(|worker| match worker {
            Some(worker) => worker.push(runnable),
            None => {
                self.injector.push(runnable);
                self.announce();
            }
        });
    }

    fn release(&self, owner_key: usize) {
        self.owned.release(owner_key);
    }
}

impl Worker {
    /// Returns what this worker shares with the others.
    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Runs tasks until the runtime is shut down.
    pub(crate) fn run(self) {
        let worker = Rc::new(self);
        WORKER.set(Some(Rc::clone(&worker)));
        let mut wakes = WakeList::new();
        let mut tasks = 0_u32;
        while !worker.shared.closing.load(Acquire) {
            // edge W1 acquire
            let take_turn = tasks.is_multiple_of(TASKS_PER_TURN);
            if take_turn {
                worker.turn(&mut wakes);
            }
            match worker.next_task(take_turn).or_else(|| worker.search()) {
                Some(runnable) => {
                    tasks = tasks.wrapping_add(1);
                    worker.run_task(runnable);
                }
                None => {
                    worker.sleep(&mut wakes);
                    tasks = 1; // The driver has just had its turn.
                }
            }
        }
        worker.leave(&mut wakes);
        WORKER.set(None);
    }

    fn run_task(&self, runnable: Runnable) {
        if self.searching.take() && self.shared.idle.stop_searching() && self.shared.has_tasks() {
            self.shared.announce();
        }
        if let Some(again) = runnable.run() {
            self.put(again);
            self.announce_more();
        }
    }

    fn push(&self, runnable: Runnable) {
        self.put(runnable);
        if self.announces.get() {
            self.shared.announce();
        }
    }

    /// Puts a task at the end of the own ring. A full ring gives its older half to the injector, in
    /// one go, so that the next hundred find room. The caller announces it.
    fn put(&self, runnable: Runnable) {
        if let Err(runnable) = self.ring.push(runnable) {
            let older = (0..CAPACITY / 2).map_while(|_| self.ring.pop());
            self.shared.injector.push_many(older);
            let pushed = self.ring.push(runnable);
            assert!(pushed.is_ok(), "there is room: only this worker pushes");
        }
    }

    /// Announces what was put away, of which the first is this worker's own to run next: a sleeper
    /// is woken only if there is more. If the worker takes an injected task before it, whoever was
    /// woken for that one finds this one.
    fn announce_more(&self) {
        if self.ring.len() + self.shared.injector.len() > 1 {
            self.shared.announce();
        }
    }

    fn next_task(&self, injector_first: bool) -> Option<Runnable> {
        if injector_first {
            self.take_injected().or_else(|| self.ring.pop())
        } else {
            self.ring.pop().or_else(|| self.take_injected())
        }
    }

    /// Takes this worker's share of the injector; returns the first and rings the rest.
    fn take_injected(&self) -> Option<Runnable> {
        let injector = &self.shared.injector;
        if injector.is_empty() {
            return None;
        }
        let share = injector.len() / self.shared.remotes.len() + 1;
        let mut first = None;
        injector.pop_many(share.min(self.ring.room() + 1), |runnable| {
            if first.is_none() {
                first = Some(runnable);
            } else {
                let pushed = self.ring.push(runnable);
                assert!(pushed.is_ok(), "no more was taken than there is room for");
            }
        });
        first
    }

    /// Looks into the others' rings, from a random one on, and into the injector once more.
    fn search(&self) -> Option<Runnable> {
        let count = self.shared.remotes.len();
        if !self.searching.get() {
            self.searching.set(self.shared.idle.start_searching());
        }
        if !self.searching.get() {
            return None;
        }
        let start = self.random.below(count);
        let others = (0..count).map(|offset| (start + offset) % count);
        others
            .filter(|&index| index != self.index)
            .find_map(|index| self.shared.remotes[index].stealer.steal_into(&self.ring))
            .or_else(|| self.take_injected())
    }

    /// Sleeps until there may be something to do.
    fn sleep(&self, wakes: &mut WakeList) {
        let Shared { idle, remotes, seat, closing, .. } = &*self.shared;
        let parker = &remotes[self.index].parker;
        idle.go_to_sleep(self.index, self.searching.take());
        let found = self.shared.has_tasks();
        if !found && !closing.load(Acquire) {
            match seat.try_lock() {
                Some(mut driver) => {
                    if parker.lie_down(Bed::Driver) {
                        driver.turn(&self.shared.driver, None, wakes);
                        parker.get_up();
                    }
                }
                None => parker.park(),
            }
        }
        self.searching.set(idle.get_up(self.index, found));
        self.wake(wakes);
    }

    /// Gives the driver a turn that does not sleep, if its seat is free.
    fn turn(&self, wakes: &mut WakeList) {
        if let Some(mut driver) = self.shared.seat.try_lock() {
            driver.turn(&self.shared.driver, Some(Duration::ZERO), wakes);
        }
        self.wake(wakes);
    }

    /// Wakes what a turn has collected.
    fn wake(&self, wakes: &mut WakeList) {
        if wakes.is_empty() {
            return;
        }
        self.announces.set(false);
        wakes.wake_all();
        self.announces.set(true);
        self.announce_more();
    }

    /// Steps 2 to 4 of the shutdown.
    fn leave(&self, wakes: &mut WakeList) {
        self.announces.set(false);
        let drain = || {
            while let Some(runnable) = self.next_task(false) {
                // Aborted, so it completes. One that step 1 has not reached yet may be handed back:
                // dropping the right to poll cancels it too.
                drop(runnable.run());
            }
        };
        drain();
        self.has_left.set(true);
        if self.shared.live.fetch_sub(1, AcqRel) == 1 {
            // edge W2
            while self.shared.owned.len() > 0 {
                drain();
                thread::yield_now();
            }
            self.shared.driver.shutdown(wakes);
            wakes.wake_all();
        }
    }
}

/// A worker whose thread could not be started is counted out, so that the last one is the last.
impl Drop for Worker {
    fn drop(&mut self) {
        if !self.has_left.get() {
            self.shared.live.fetch_sub(1, AcqRel);
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
