//! How do futures that must stay on their thread become tasks?
//!
//! A [`LocalSet`] is a scheduler in a future: whoever polls it polls the tasks in it, one after the
//! other, on its own thread. It belongs to no runtime; the one that polls it serves its sockets and
//! timers.
//!
//! 1. A task of the set is polled and dropped on the set's thread, and nowhere else: the set is not
//!    `Send`, and only it takes from its queues. (The task checks it besides: `task/local.rs`.)
//! 2. What the set's own tasks wake while it is polled goes to `queue`, without a lock; what is woken
//!    elsewhere, by another thread or by this one's driver, into the [`Inbox`].
//! 3. Who puts a task into either while the set is not polled wakes who polled it last. So the set is
//!    never left with a task that is ready and nobody to poll it.
//! 4. A poll runs [`TASKS_PER_TURN`] tasks, each with a budget of its own, then lets others run, and says how
//!    many it were: a driver is to have its turn as often as without a set.
//! 5. When the set is dropped, all of its tasks are, here and now. One that a foreign thread has just
//!    won the right to schedule arrives in the inbox in a moment, and is waited for. After that a wake
//!    finds its task complete, and nothing comes any more.

mod inbox;
mod join_set;
mod runtime;
mod spawn;
#[cfg(all(test, not(loom)))]
mod tests;

pub use runtime::{LocalOptions, LocalRuntime};
pub use spawn::{LocalEnterGuard, spawn_local};

use crate::block_on::Blocking;
use crate::primitive::thread;
use crate::runtime::{Id, Runtime};
use crate::scheduler::current::sets::tasks_of_sets;
use crate::scheduler::{self, TASKS_PER_TURN};
use crate::task::{self, JoinHandle, Owned, Ran, Runnable, Schedule, Take, Waiting};
use inbox::Inbox;
use spawn::{CURRENT, Entered};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};

/// Tasks that stay on the thread that made them, so that they need not be [`Send`].
///
/// They run while somebody polls the set: in [`run_until`](Self::run_until), in
/// [`block_on`](Self::block_on), or when the set itself is awaited, which takes until all of its
/// tasks have ended. Of several who do at once the one that polled last is woken.
///
/// Where a [`LocalRuntime`] is the current runtime, [`spawn_local`] spawns on that and on no set, whether
/// one is polled or entered.
///
/// Dropping it drops its tasks, whose join handles then return an error that
/// [is cancelled](crate::task::JoinError::is_cancelled).
///
/// # Cancel safety
/// `(&mut set).await` can be dropped and begun again.
///
/// ```
/// # let runtime = mini_rt::runtime::Runtime::new()?;
/// use std::{cell::Cell, rc::Rc};
/// use mini_rt::task::{LocalSet, spawn_local};
///
/// let sum = Rc::new(Cell::new(0));
/// let set = LocalSet::new();
/// for n in 1..=3 {
///     let sum = Rc::clone(&sum);
///     drop(set.spawn_local(async move {
///         let more = spawn_local(async move { n }).await.expect("it neither panics nor is aborted");
///         sum.set(sum.get() + more);
///     }));
/// }
/// runtime.block_on(set);
/// assert_eq!(sum.get(), 6);
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct LocalSet {
    local: Rc<Local>,
}

/// A set, as its own thread sees it.
struct Local {
    shared: Arc<Shared>,
    queue: RefCell<VecDeque<Runnable>>,
    /// It is in a poll, which looks into the queue before it ends.
    is_polled: Cell<bool>,
    is_closed: Cell<bool>,
}

/// A set, as its tasks' wakers see it, on any thread.
struct Shared {
    inbox: Inbox<Runnable>,
    owned: Owned,
}

impl LocalSet {
    /// Makes a set without a task.
    #[must_use]
    pub fn new() -> Self {
        let shared = Arc::new(Shared { inbox: Inbox::new(), owned: Owned::new(1) });
        let (is_polled, is_closed) = (Cell::new(false), Cell::new(false));
        let local = Local { shared, queue: RefCell::default(), is_polled, is_closed };
        Self { local: Rc::new(local) }
    }

    /// Makes this the set of [`spawn_local`] on this thread, until the guard is dropped. Polls
    /// nothing.
    pub fn enter(&self) -> LocalEnterGuard {
        LocalEnterGuard::new(&self.local)
    }

    /// Spawns a task on the set. It begins when the set is polled.
    pub fn spawn_local<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        self.local.spawn(future)
    }

    /// Returns the id of the set, which is no runtime's.
    #[must_use]
    pub fn id(&self) -> Id {
        Id::of(&*self.local.shared)
    }

    /// Runs `future`, and the tasks of the set meanwhile, to its end on this thread. Tasks that have
    /// not ended by then stay in the set.
    ///
    /// # Panics
    /// As [`Runtime::block_on`].
    #[track_caller]
    pub fn block_on<F: Future>(&self, runtime: &Runtime, future: F) -> F::Output {
        runtime.block_on(self.run_until(future))
    }

    /// Runs the tasks of the set until `future` is ready, with [`spawn_local`] at hand. Tasks that
    /// have not ended by then stay in the set.
    ///
    /// # Cancel safety
    /// That of `future`; the tasks stay in the set.
    ///
    /// ```
    /// # let runtime = mini_rt::runtime::Runtime::new()?;
    /// # runtime.block_on(async {
    /// use std::rc::Rc;
    /// use mini_rt::task::{LocalSet, spawn_local};
    ///
    /// let set = LocalSet::new();
    /// let name = Rc::new("not Send");
    /// let length = set.run_until(async move { spawn_local(async move { name.len() }).await }).await;
    /// assert_eq!(length.expect("it neither panics nor is aborted"), 8);
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub async fn run_until<F: Future>(&self, future: F) -> F::Output {
        let mut future = pin!(future);
        poll_fn(|cx| {
            self.local.poll_with(cx, |local, cx| {
                let polled = future.as_mut().poll(cx);
                if polled.is_pending() {
                    local.run_tasks(cx);
                }
                polled
            })
        })
        .await
    }
}

impl Local {
    fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let (runnable, handle) = task::create_local(future, Arc::clone(&self.shared));
        if self.is_closed.get() {
            drop(runnable); // The set is gone: its task is cancelled.
        } else if self.push(runnable) {
            self.shared.inbox.wake();
        }
        handle
    }

    /// `true`: who polls the set has to be woken.
    fn push(&self, runnable: Runnable) -> bool {
        self.queue.borrow_mut().push_back(runnable);
        !self.is_polled.get()
    }

    /// Does one poll, of the set or of a future with it.
    fn poll_with<R>(
        self: &Rc<Self>,
        cx: &mut Context<'_>,
        poll: impl FnOnce(&Self, &mut Context<'_>) -> R,
    ) -> R {
        let _entered = Entered::new(self);
        let _stays = match Blocking::here() {
            Blocking::InPlace => Some(Blocking::Refused.enter()),
            Blocking::Allowed | Blocking::Refused => None,
        };
        let _polled = PolledGuard { local: self, before: self.is_polled.replace(true) };
        self.shared.inbox.register(cx.waker()); // Before it looks for tasks: rule 3.
        poll(self, cx)
    }

    /// Runs tasks until there is none (`true`) or others are to have their turn.
    fn run_tasks(&self, cx: &Context<'_>) -> bool {
        self.take_in();
        let mut count = 0;
        while count < TASKS_PER_TURN
            && let Some(runnable) = self.next_task()
        {
            count += 1;
            match runnable.run() {
                Ran::Again(again) => self.queue.borrow_mut().push_back(again),
                Ran::Waiting | Ran::Complete => {}
            }
        }
        tasks_of_sets(count);
        let is_done = count < TASKS_PER_TURN;
        if !is_done {
            cx.waker().wake_by_ref();
        }
        is_done
    }

    fn next_task(&self) -> Option<Runnable> {
        let own = self.queue.borrow_mut().pop_front();
        own.or_else(|| {
            self.take_in();
            self.queue.borrow_mut().pop_front()
        })
    }

    fn take_in(&self) {
        self.shared.inbox.take(&mut self.queue.borrow_mut());
    }
}

impl Schedule for Arc<Shared> {
    fn schedule(&self, runnable: Runnable) {
        let is_own = |local: &Local| Arc::ptr_eq(&local.shared, self);
        let must_wake = scheduler::with_own(&CURRENT, is_own, |local| match local {
            Some(local) => local.push(runnable),
            None => {
                self.inbox.push(runnable);
                true
            }
        });
        if must_wake {
            self.inbox.wake();
        }
    }

    fn here(&self) -> Option<Take> {
        let is_polled = |local: &Local| local.is_polled.get() && Arc::ptr_eq(&local.shared, self);
        scheduler::with_own(&CURRENT, is_polled, |local| local.is_some()).then_some(|runnable| {
            let must_wake = scheduler::with_here(&CURRENT, |local| local.push(runnable));
            debug_assert!(!must_wake, "it is in a poll");
        })
    }

    fn own(&self, task: Waiting) -> Option<usize> {
        self.owned.bind(task)
    }

    fn release(&self, owner_key: usize) {
        self.owned.release(owner_key);
    }
}

/// Ready when every task of the set has ended.
impl Future for LocalSet {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.local.poll_with(cx, |local, cx| {
            // A task that is in no queue is owned, until it has ended.
            if local.run_tasks(cx) && local.shared.owned.len() == 0 {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
    }
}

impl Drop for LocalSet {
    fn drop(&mut self) {
        let Self { local } = self;
        let _entered = Entered::new(local);
        local.is_closed.set(true);
        local.shared.inbox.forget();
        local.shared.owned.close_and_abort_all();
        loop {
            while let Some(runnable) = local.next_task() {
                drop(runnable); // Cancels it.
            }
            if local.shared.owned.len() == 0 {
                break;
            }
            thread::yield_now();
        }
    }
}

impl Default for LocalSet {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for LocalSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalSet").finish_non_exhaustive()
    }
}

/// A poll of the set ends with it, also by a panic.
struct PolledGuard<'a> {
    local: &'a Local,
    before: bool,
}

impl Drop for PolledGuard<'_> {
    fn drop(&mut self) {
        self.local.is_polled.set(self.before);
    }
}
