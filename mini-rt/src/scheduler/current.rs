//! How do tasks run on the one thread that calls `block_on`?
//!
//! All that runs tasks, the *core* (queue and driver), lies in a seat; whoever calls
//! [`Shared::block_on`] takes it, runs the root future and all tasks, and puts it back. Several
//! threads may call at once: the others poll only their own root futures, sleep in a bed of their
//! own, and one of them is woken to take the core when it is put back.
//!
//! 1. The core is in the seat, or one thread holds it: no task runs on two threads at once.
//! 2. When the core is put back while somebody waits for it, one who waits is unparked. One who
//!    leaves without having taken the core passes that on. So the core is never in the seat while
//!    tasks are queued and everybody who could run them sleeps.
//! 3. A task that the core's own thread wakes goes to the queue, without a lock; from any other
//!    thread, into the injector, and the core's thread is unparked.
//! 4. Every [`TASKS_PER_TURN`] tasks the driver gets a turn, and the root future its poll if it was
//!    woken: neither waits for the queue to run dry. Tasks of a set that one poll has run
//!    ([`sets`]) count too, but after it has been the others' turn: nor do these wait for the set.
//!
//! How it ends stands in `current/shutdown.rs`.

use self::root::{Root, WaitingGuard};
use super::TASKS_PER_TURN;
use super::counters::Counters;
use crate::driver::{self, Driver};
use crate::park::Parker;
use crate::primitive::atomic::Ordering::Relaxed;
use crate::primitive::atomic::{AtomicBool, AtomicU64};
use crate::primitive::{Mutex, thread::ThreadId, thread_local};
use crate::queue::{Cause, Injector};
use crate::task::{self, JoinHandle, Owned, Ran, Runnable, Schedule, Take, Waiting};
use crate::threads::Settings;
use crate::util::{Counter, WakeList};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

/// What everyone who refers to a current-thread runtime has in common.
pub(crate) struct Shared {
    injector: Injector,
    owned: Owned,
    pub(crate) driver: Arc<driver::Handle>,
    seat: Mutex<Seat>,
    closing: AtomicBool,
    /// Where whoever holds the core sleeps.
    parker: Parker,
    settings: Settings,
    /// The one thread that may run the tasks, if there is one.
    home: Option<ThreadId>,
    /// Written, as the next two, by whoever holds the core.
    counters: Counters,
    /// Tasks that have gone from the injector to the queue.
    injected: Counter,
    /// Tasks that were taken from the queue and not polled.
    cancelled: Counter,
    /// How often the driver was rung to end a sleep.
    wakeups: AtomicU64,
}

struct Seat {
    core: Option<Box<Core>>,
    /// Threads in `block_on` without the core, the one that came first in front.
    waiting: VecDeque<Arc<Root>>,
}

/// What runs tasks, beside the queue.
struct Core {
    driver: Driver,
    /// What the last turn of the driver has collected. Here to keep its memory.
    wakes: WakeList,
    queue: VecDeque<Runnable>,
}

/// The core while a thread holds it.
struct Holder {
    shared: Arc<Shared>,
    queue: RefCell<VecDeque<Runnable>>,
    /// How many tasks of sets have run, and were not counted yet.
    of_sets: Cell<u32>,
}

thread_local! {
    /// The core that this thread holds, so that what a task wakes goes to its queue.
    static HOLDER: RefCell<Option<Rc<Holder>>> = const { RefCell::new(None) };
}

impl Shared {
    pub(crate) fn new(
        settings: Settings,
        home: Option<ThreadId>,
        (driver, handle): (Driver, Arc<driver::Handle>),
    ) -> Self {
        let core = Core { driver, wakes: WakeList::new(), queue: VecDeque::with_capacity(64) };
        Self {
            injector: Injector::new(),
            owned: Owned::new(1),
            driver: handle,
            seat: Mutex::new(Seat { core: Some(Box::new(core)), waiting: VecDeque::new() }),
            closing: AtomicBool::new(false),
            parker: Parker::new(),
            settings,
            home,
            counters: Counters::default(),
            injected: Counter::default(),
            cancelled: Counter::default(),
            wakeups: AtomicU64::new(0),
        }
    }

    /// Spawns a task; on a runtime that is shut down, one that is cancelled.
    pub(crate) fn spawn<F>(self: &Arc<Self>, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let (runnable, handle) = task::create(future, Arc::clone(self));
        self.begin(runnable);
        handle
    }

    fn begin(&self, runnable: Runnable) {
        if self.closing.load(Relaxed) {
            drop(runnable); // Relaxed: who does not see it yet pushes into a queue that is cancelled.
        } else {
            self.enqueue(runnable, Cause::Spawn);
        }
    }

    /// Runs `future` to its end, and tasks meanwhile if no other thread does.
    pub(crate) fn block_on<F: Future>(self: &Arc<Self>, future: F) -> F::Output {
        let (mut future, root) = (pin!(future), Arc::new(Root::new(self)));
        let waker = Waker::from(Arc::clone(&root));
        let mut cx = Context::from_waker(&waker);
        let _waiting = WaitingGuard(&root);
        loop {
            if let Some(core) = self.take_core_or_wait(&root) {
                return CoreGuard::hold(self, core).run(&root, future, &mut cx);
            }
            if let Poll::Ready(output) = root.poll(future.as_mut(), &mut cx) {
                return output;
            }
            root.wait_for_core();
        }
    }

    fn take_core_or_wait(&self, root: &Arc<Root>) -> Option<Box<Core>> {
        let mut seat = self.seat.lock();
        let core = seat.core.take();
        if core.is_none() && !seat.waiting.iter().any(|other| Arc::ptr_eq(other, root)) {
            seat.waiting.push_back(Arc::clone(root));
        }
        core
    }

    /// Calls `f` with the core of this runtime if this thread holds it.
    fn with_holder<R>(&self, f: impl FnOnce(Option<&Holder>) -> R) -> R {
        super::with_own(&HOLDER, |holder| std::ptr::eq(&*holder.shared, self), f)
    }

    fn unpark(&self) {
        self.parker.unpark(|| {
            self.wakeups.fetch_add(1, Relaxed); // Relaxed: a count. The next is a system call.
            self.driver.unpark();
        });
    }

    fn enqueue(&self, runnable: Runnable, cause: Cause) {
        let refused = self.with_holder(|holder| match holder {
            Some(holder) => {
                holder.push(runnable, cause);
                Ok(())
            }
            None => self.injector.push(runnable, cause).map(|()| self.unpark()),
        });
        drop(refused); // The runtime is gone: a task that was spawned too late is cancelled.
    }
}

impl Schedule for Arc<Shared> {
    fn schedule(&self, runnable: Runnable) {
        self.enqueue(runnable, Cause::Wake);
    }

    fn here(&self) -> Option<Take> {
        self.is_held_here().then_some(|runnable| {
            super::with_here(&HOLDER, |holder| holder.push(runnable, Cause::Wake));
        })
    }

    fn own(&self, task: Waiting) -> Option<usize> {
        self.owned.bind(task)
    }

    fn release(&self, owner_key: usize) {
        self.owned.release(owner_key);
    }
}

impl Holder {
    fn push(&self, runnable: Runnable, cause: Cause) {
        self.shared.counters.scheduled(cause);
        self.queue.borrow_mut().push_back(runnable);
    }
}

/// Holds the core for this thread, and puts it back, also when the root future panics.
struct CoreGuard<'a> {
    shared: &'a Arc<Shared>,
    core: Option<Box<Core>>,
    holder: Rc<Holder>,
    /// Since when this thread is up, and its time is not counted yet; `None` if its time is not kept.
    up_since: Option<Instant>,
    /// The core that this thread held of another runtime: a drop inside of a `block_on`.
    before: Option<Rc<Holder>>,
}

impl<'a> CoreGuard<'a> {
    fn hold(shared: &'a Arc<Shared>, mut core: Box<Core>) -> Self {
        let queue = RefCell::new(std::mem::take(&mut core.queue));
        let holder = Rc::new(Holder { shared: Arc::clone(shared), queue, of_sets: Cell::new(0) });
        // Gone when a runtime in another thread-local is dropped late: the injector serves then.
        let held = Rc::clone(&holder);
        let before = HOLDER.try_with(|slot| slot.replace(Some(held))).unwrap_or(None);
        let up_since = shared.counters.up_since();
        Self { shared, core: Some(core), holder, up_since, before }
    }

    fn run<F: Future>(
        mut self,
        root: &Root,
        mut future: Pin<&mut F>,
        cx: &mut Context<'_>,
    ) -> F::Output {
        let mut since_turn = 0;
        loop {
            if let Poll::Ready(output) = root.poll(future.as_mut(), cx) {
                return output;
            }
            let of_sets = self.holder.of_sets.take();
            since_turn = self.run_tasks(since_turn + 1).saturating_add(of_sets); // Rule 4.
            if since_turn >= TASKS_PER_TURN {
                self.up_since = self.shared.counters.keep_time(self.up_since);
                self.turn(Some(Duration::ZERO));
                since_turn = 0;
            } else if !root.woken.is_set() && self.sleep(root) {
                since_turn = 0;
            }
        }
    }

    /// Runs tasks until there is none, or the driver is due. Takes and returns how many there were
    /// since its last turn.
    fn run_tasks(&mut self, mut since_turn: u32) -> u32 {
        let mut look_into_injector = true;
        while since_turn < TASKS_PER_TURN
            && let Some(runnable) = self.next_task(look_into_injector)
        {
            look_into_injector = false;
            self.shared.counters.polls.add(1);
            match runnable.run() {
                Ran::Waiting => {}
                Ran::Again(again) => self.holder.push(again, Cause::Wake),
                Ran::Complete => self.shared.counters.completed.add(1),
            }
            since_turn = since_turn.saturating_add(self.holder.of_sets.take()).saturating_add(1);
        }
        since_turn
    }

    fn next_task(&mut self, look_into_injector: bool) -> Option<Runnable> {
        let mut queue = self.holder.queue.borrow_mut();
        if look_into_injector || queue.is_empty() {
            let Shared { injector, injected, .. } = &**self.shared;
            let count = injector.pop_many(usize::MAX, |runnable| queue.push_back(runnable));
            if count > 0 {
                injected.add(count as u64);
            }
        }
        queue.pop_front()
    }
}

impl Drop for CoreGuard<'_> {
    fn drop(&mut self) {
        self.shared.counters.keep_time(self.up_since);
        let before = self.before.take();
        let _gone = HOLDER.try_with(|slot| slot.replace(before));
        let Some(mut core) = self.core.take() else {
            return; // Shut down: nobody takes it again.
        };
        core.queue = self.holder.queue.take();
        let mut seat = self.shared.seat.lock();
        seat.core = Some(core);
        let next = seat.waiting.pop_front();
        drop(seat);
        if let Some(next) = next {
            next.unpark();
        }
    }
}

mod local;
pub(crate) mod observed;
mod root;
pub(crate) mod sets;
mod shutdown;
mod sleep;
mod woken;
