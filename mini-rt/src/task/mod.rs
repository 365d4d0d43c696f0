//! Tasks: futures that run by themselves.
//!
//! [`spawn`] makes one, a [`JoinHandle`] waits for its output, a [`JoinSet`] for those of many. What
//! blocks or computes for long goes to [`spawn_blocking`] or [`block_in_place`]; what is not [`Send`], to a
//! [`LocalSet`].
//!
//! ```
//! # mini_rt::runtime::Runtime::new()?.block_on(async {
//! let squares = [1, 2, 3].map(|n| mini_rt::spawn(async move { n * n }));
//! let mut sum = 0;
//! for square in squares {
//!     sum += square.await.expect("it neither panics nor is aborted");
//! }
//! assert_eq!(sum, 14);
//! # });
//! # std::io::Result::Ok(())
//! ```
//!
//! # How it works: what is a task, and who may do what to it when?
//!
//! `create` puts a future into one allocation, a *task*, and returns the two ends of it: a
//! `Runnable`, the right to poll it once, for a scheduler; and a [`JoinHandle`], the right to its
//! output, for whoever spawned it. Wakers are references to the task; a wake that finds the task
//! idle makes a new `Runnable` and gives it to the scheduler by the one trait that leads upwards,
//! `Schedule`. Nothing here knows a queue or a thread.
//!
//! ```text
//!           create                            wake (1st)
//!             |      .------------------------------------------.
//!             v      v                                          |
//!           queued --run--> polled --Pending, nobody woke it--> idle
//!             ^              | |                                |
//!             '-Pending, woken '--Ready, panic, or cancelled    | abort: queued and CANCELLED,
//!                meanwhile              |                       | so that the next run drops
//!                                       v                       | the future
//!                                   COMPLETE <-------run--------'
//! ```
//!
//! # The contract
//!
//! Code in this module cites these rules by number. `COMPLETE` and `JOIN_WAKER` are bits of the task's
//! word, and its references are counted there (`state.rs`).
//!
//! - **R1** Who has used a right to poll, and nobody else, touches the stage (future or output), until
//!   the poll hands the right back, or ends the right with the task idle or complete.
//! - **R2** Once `COMPLETE`, the stage belongs to the join handle; if `complete` found no join
//!   handle, to the completer. Whoever drops the last reference finds nothing in it to drop that
//!   user code wrote, unless the join handle was leaked.
//! - **R3** A right to poll keeps a task alive only until it is used. Who needs the task after it
//!   has given the right away, or after a poll has ended, holds a reference of its own. So does who
//!   gives it to the scheduler in the task; not who gives it to the one that the thread runs tasks of
//!   (`Schedule::here`), which the thread keeps alive.
//! - **R4** The place of the join waker belongs to the join handle while `JOIN_WAKER` is clear and the
//!   task not complete. While it is set, the waker is read and not written. Who clears it owns the
//!   waker: the join handle, or the completer.
//! - **R5** The future and the output are each dropped exactly once, in every order of drop, abort,
//!   wake, join and shutdown; a panic of either drop goes no further than the task.
//! - **R6** No user code (poll, drop, wake, clone) runs between the two halves of a transition or
//!   under a lock.
//!
//! # Rejected
//!
//! A `Runnable` that owns a reference, as in Tokio and async-task: two read-modify-writes more for
//! each wake. `run` handing the task to the scheduler itself when it was woken while it ran: it
//! would need a reference (R3); it returns the right instead, and the worker puts it back.

mod cell;
mod error;
mod id;
mod join;
mod local;
mod owned;
mod state;
mod task_local;
mod waker;
mod yield_now;

#[cfg(all(test, loom))]
mod loom_tests;
#[cfg(all(test, not(loom)))]
mod tests;

pub(crate) use cell::Header;
pub use error::JoinError;
pub use id::{Id, id, try_id};
pub use join::{AbortHandle, JoinHandle};
pub(crate) use local::create_local;
pub(crate) use owned::Owned;
pub use task_local::{AccessError, LocalKey};
pub use yield_now::yield_now;

// Here because Tokio's users look for them here. Nothing in this module knows them.
pub use crate::local_set::{LocalEnterGuard, LocalSet, spawn_local};
pub use crate::runtime::block_in_place::block_in_place;
pub use crate::runtime::join_set::JoinSet;
pub use crate::runtime::tracker::TaskTracker;
pub use crate::runtime::{spawn, spawn_blocking};
pub use coop::{Unconstrained, consume_budget, unconstrained};

/// The futures of functions and methods that are not `async`.
pub mod futures {
    pub use super::task_local::TaskLocalFuture;
}

/// The budget of operations that each poll of a task has, so that a task whose work is always ready
/// cannot keep its thread.
///
/// Sockets, timers and join handles take part; a future that comes to the end of the budget is pending,
/// with its task woken, and goes on after the tasks that are queued.
pub mod coop {
    pub use crate::coop::{
        Coop, RestoreOnPending, Unconstrained, consume_budget, cooperative, has_budget_remaining,
        poll_proceed, unconstrained,
    };
}

/// A [`TaskTracker`], and what its methods return.
pub mod task_tracker {
    pub use crate::runtime::tracker::{
        TaskTracker, TaskTrackerToken, TaskTrackerWaitFuture, TrackedFuture,
    };
}

use cell::Cell;
use state::Wake;
use std::mem;
use std::ptr::NonNull;

/// What a task asks of whoever runs it.
pub(crate) trait Schedule: Send + Sync + 'static {
    /// Takes a right to poll, to use it soon. Called on any thread, by whoever woke the task.
    fn schedule(&self, runnable: Runnable);

    /// What to call at once in place of [`schedule`](Self::schedule), on a thread that runs the
    /// scheduler's tasks: a function that finds the scheduler by its thread, and not in the task,
    /// which another thread may run and free before it returns (R3).
    fn here(&self) -> Option<Take> {
        None
    }

    /// Keeps a task that will wait, so that a shutdown finds it; returns its key in [`Owned`], or
    /// `None` if it is to end instead. Called after the task's first poll, unless that was its last.
    fn own(&self, task: Waiting) -> Option<usize>;

    /// The task with this key in [`Owned`] has ended. Called once, on the thread that completed it,
    /// while the task is still there.
    fn release(&self, owner_key: usize);
}

/// Takes a right to poll: see [`Schedule::here`].
pub(crate) type Take = fn(Runnable);

/// A task that has been polled and is not complete. Made by its poller, before it lets go of it.
pub(crate) struct Waiting(NonNull<Header>);

/// Makes a task of a future. Nothing is polled before the `Runnable` is run.
pub(crate) fn create<F, S>(future: F, scheduler: S) -> (Runnable, JoinHandle<F::Output>)
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
    S: Schedule,
{
    // SAFETY: future and output are `Send`.
    unsafe { create_unchecked(future, scheduler) }
}

/// As [`create`], of any future.
///
/// # Safety
/// The future may be polled and dropped, and its output dropped, on every thread that has a
/// [`Runnable`] of the task.
unsafe fn create_unchecked<F, S>(future: F, scheduler: S) -> (Runnable, JoinHandle<F::Output>)
where
    F: Future + 'static,
    F::Output: 'static,
    S: Schedule,
{
    let ptr = Cell::allocate(future, scheduler);
    // SAFETY: the new task is scheduled, and its one right to poll has not been given out.
    let runnable = unsafe { Runnable::from_raw(ptr) };
    // SAFETY: nor has the join handle's reference, and `F::Output` is the output's type.
    let handle = unsafe { JoinHandle::from_raw(ptr) };
    (runnable, handle)
}

/// The right to poll a task once. There is at most one for a task at any time.
///
/// Dropping it cancels the task, here and now.
#[must_use = "dropping it cancels the task"]
pub(crate) struct Runnable(NonNull<Header>);

/// What has become of a task that was run.
#[must_use = "dropping `Again` cancels the task"]
pub(crate) enum Ran {
    /// It waits, or somebody else runs it by now: the right to poll is with whoever wakes it.
    Waiting,
    /// It was woken meanwhile: the right to poll it again.
    Again(Runnable),
    /// It has ended.
    Complete,
}

// SAFETY: futures and outputs that are spawned are `Send`, or stay where they are (`local.rs`),
// schedulers are `Send + Sync`, and the rest of a task is atomics.
unsafe impl Send for Runnable {}

impl Runnable {
    /// Polls the task once, or drops its future if it was cancelled. Panics of the task end in its
    /// join handle.
    pub(crate) fn run(self) -> Ran {
        let ptr = self.into_raw();
        // SAFETY: alive: a task with a right to poll has its life reference.
        let vtable = unsafe { ptr.as_ref() }.vtable;
        // SAFETY: this uses the right up.
        unsafe { (vtable.run)(ptr) }
    }

    fn header(&self) -> &Header {
        // SAFETY: alive: a task with a right to poll has its life reference.
        unsafe { self.0.as_ref() }
    }

    /// Gives the right out as a pointer, for a queue of words.
    pub(crate) fn into_raw(self) -> NonNull<Header> {
        let ptr = self.0;
        mem::forget(self);
        ptr
    }

    /// # Safety
    /// `ptr` comes from [`into_raw`](Self::into_raw), or from a step of the state that gave the
    /// right to poll; and it is used once.
    pub(crate) unsafe fn from_raw(ptr: NonNull<Header>) -> Self {
        Self(ptr)
    }
}

impl Drop for Runnable {
    fn drop(&mut self) {
        let wake = self.header().state.abort();
        debug_assert_eq!(wake, Wake::Nothing, "it is scheduled: this is the right to poll it");
        let vtable = self.header().vtable;
        // SAFETY: this uses the right up, and nobody uses the pointer again.
        let ran = unsafe { (vtable.run)(self.0) };
        debug_assert!(matches!(ran, Ran::Complete), "a cancelled task completes");
    }
}

/// A counted reference to a task: keeps its memory, and can abort it.
pub(crate) struct TaskRef(NonNull<Header>);

// SAFETY: it reaches the atomics of the header, and what the rules of the module let it reach.
unsafe impl Send for TaskRef {}
// SAFETY: as above; every method works on atomics.
unsafe impl Sync for TaskRef {}

impl TaskRef {
    /// # Safety
    /// `ptr` is a live task, and the caller gives up one of its references.
    unsafe fn from_raw(ptr: NonNull<Header>) -> Self {
        Self(ptr)
    }

    fn as_ptr(&self) -> NonNull<Header> {
        self.0
    }

    fn header(&self) -> &Header {
        // SAFETY: alive: this reference.
        unsafe { self.0.as_ref() }
    }

    pub(crate) fn abort(&self) {
        if self.header().state.abort() == Wake::Schedule {
            // SAFETY: the step gave us the right to poll; this reference outlasts the call.
            unsafe { (self.header().vtable.schedule)(self.0) };
        }
    }

    fn is_complete(&self) -> bool {
        self.header().state.load().is_complete()
    }

    fn id(&self) -> Id {
        Id::of(self.0)
    }
}

impl Clone for TaskRef {
    fn clone(&self) -> Self {
        self.header().state.add_ref();
        Self(self.0)
    }
}

impl Drop for TaskRef {
    fn drop(&mut self) {
        // SAFETY: this reference, given up once.
        unsafe { drop_ref(self.0) };
    }
}

/// Gives up one reference; frees the task if it was the last.
///
/// # Safety
/// `ptr` is a live task, and one of its references is the caller's, who does not use it again.
unsafe fn drop_ref(ptr: NonNull<Header>) {
    // SAFETY: alive: the caller's reference.
    let header = unsafe { ptr.as_ref() };
    if header.state.drop_ref() {
        // SAFETY: the last reference is gone, and the table is the one of this task.
        unsafe { (header.vtable.free)(ptr) };
    }
}
