//! How are many tasks awaited at once, in the order in which they end?
//!
//! [`JoinSet`] holds their join handles in a slab, and has one waker for each place in it. A task that
//! ends wakes its waker, which puts the place's key into a queue ([`finished`]), and wakes who waits for the
//! set. So a join costs the same whatever the size of the set.
//!
//! 1. A handle is polled when it comes in: from then on its waker is there. What has ended by then goes
//!    into the queue at once.
//! 2. After that it is polled only when its key is in the queue, and then it has ended, unless the key is
//!    left over from an earlier task of the place that was detached: so a key is a hint.
//! 3. The queue has at most one key of each task that was ever in the set and not joined; keys of detached
//!    tasks go with the next look.
//!
//! Rejected: Tokio's two linked lists of entries, idle and notified, each entry an allocation per task
//! under one lock (here the waker of a place is used again by its next task); `FuturesUnordered`, which
//! polls new futures late, and so returns them in the order of their spawns.

mod finished;

use super::{Handle, spawn, spawn_blocking};
use crate::coop;
use crate::task::{AbortHandle, Id, JoinError, JoinHandle};
use crate::util::Unshared;
use finished::{Finished, Place};
use futures::future::{MaybeDone, maybe_done};
use slab::Slab;
use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

/// Tasks with outputs of one type, joined as they end.
///
/// Dropping it aborts them all.
///
/// ```
/// # #[mini_rt::main(flavor = "current_thread")]
/// # async fn main() {
/// use mini_rt::task::JoinSet;
///
/// let mut set = JoinSet::new();
/// for n in 0..10 {
///     set.spawn(async move { n * n });
/// }
/// let mut sum = 0;
/// while let Some(joined) = set.join_next().await {
///     sum += joined.expect("no task panics or is aborted");
/// }
/// assert_eq!(sum, 285);
/// # }
/// ```
pub struct JoinSet<T> {
    tasks: Slab<Member<T>>,
    /// One for each place of the slab that was ever used.
    wakers: Vec<Waker>,
    /// Keys taken from `finished`, all at once: one lock for many joins.
    taken: VecDeque<usize>,
    finished: Arc<Finished>,
}

struct Member<T> {
    id: Id,
    /// An output that is not `Sync` leaves the set so: Tokio's set is, if outputs are `Send`.
    handle: Unshared<MaybeDone<JoinHandle<T>>>,
}

impl<T> JoinSet<T> {
    /// Makes a set without tasks. Allocates nothing for tasks yet.
    pub fn new() -> Self {
        Self {
            tasks: Slab::new(),
            wakers: Vec::new(),
            taken: VecDeque::new(),
            finished: Arc::default(),
        }
    }

    /// Returns the number of tasks that have not been joined.
    pub fn len(&self) -> usize {
        self.tasks.len()
    }

    /// Whether all tasks have been joined.
    pub fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }
}

impl<T: 'static> JoinSet<T> {
    /// Spawns a task on the current runtime, into the set.
    ///
    /// It begins at once, whether or not the set is awaited.
    ///
    /// # Panics
    /// If this thread is in no runtime.
    #[track_caller]
    pub fn spawn<F>(&mut self, task: F) -> AbortHandle
    where
        F: Future<Output = T> + Send + 'static,
        T: Send,
    {
        self.insert(spawn(task))
    }

    /// Spawns a task on another runtime, into the set.
    #[track_caller]
    pub fn spawn_on<F>(&mut self, task: F, handle: &Handle) -> AbortHandle
    where
        F: Future<Output = T> + Send + 'static,
        T: Send,
    {
        self.insert(handle.spawn(task))
    }

    /// Runs a function that blocks on a thread made for that. See
    /// [`spawn_blocking`]. Once it has begun, nothing aborts it.
    ///
    /// # Panics
    /// If this thread is in no runtime, or the operating system gives no thread at all.
    #[track_caller]
    pub fn spawn_blocking<F>(&mut self, f: F) -> AbortHandle
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send,
    {
        self.insert(spawn_blocking(f))
    }

    /// Runs a function that blocks on a thread of another runtime.
    ///
    /// # Panics
    /// If the operating system gives no thread at all.
    #[track_caller]
    pub fn spawn_blocking_on<F>(&mut self, f: F, handle: &Handle) -> AbortHandle
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send,
    {
        self.insert(handle.spawn_blocking(f))
    }

    pub(crate) fn insert(&mut self, handle: JoinHandle<T>) -> AbortHandle {
        let abort = handle.abort_handle();
        let member = Member { id: handle.id(), handle: Unshared::new(maybe_done(handle)) };
        let key = self.tasks.insert(member);
        if key == self.wakers.len() {
            let place = Place::new(key, Arc::clone(&self.finished));
            self.wakers.push(Waker::from(Arc::new(place)));
        }
        if self.poll_member(key).is_ready() {
            self.wakers[key].wake_by_ref();
        }
        abort
    }

    /// Polls one handle, with the waker of its place. Asks for no budget: that is the caller's.
    fn poll_member(&mut self, key: usize) -> Poll<()> {
        let handle = Pin::new(self.tasks[key].handle.get_mut());
        let mut cx = Context::from_waker(&self.wakers[key]);
        coop::without_budget(|| handle.poll(&mut cx))
    }

    /// Joins the task of the first key that was taken and is right.
    fn join_taken(&mut self) -> Option<Result<(Id, T), JoinError>> {
        while let Some(key) = self.taken.pop_front() {
            if self.tasks.contains(key) && self.poll_member(key).is_ready() {
                let Member { id, mut handle } = self.tasks.remove(key);
                let joined = Pin::new(handle.get_mut()).take_output();
                let joined = joined.expect("it is ready, and not joined");
                return Some(joined.map(|output| (id, output)));
            }
        }
        None
    }

    /// Waits for the next task to end. `None`: the set is empty.
    ///
    /// # Errors
    /// If the task panicked or was aborted.
    ///
    /// # Cancel safety
    /// When it is dropped before it has returned, no task has left the set.
    pub async fn join_next(&mut self) -> Option<Result<T, JoinError>> {
        poll_fn(|cx| self.poll_join_next(cx)).await
    }

    /// Waits for the next task to end, and returns its id with its output. `None`: the set is empty.
    ///
    /// # Errors
    /// If the task panicked or was aborted. The [error](JoinError::id) has the id.
    ///
    /// # Cancel safety
    /// When it is dropped before it has returned, no task has left the set.
    pub async fn join_next_with_id(&mut self) -> Option<Result<(Id, T), JoinError>> {
        poll_fn(|cx| self.poll_join_next_with_id(cx)).await
    }

    /// Joins a task that has ended. `None`: none has, or the set is empty.
    ///
    /// # Errors
    /// If the task panicked or was aborted.
    pub fn try_join_next(&mut self) -> Option<Result<T, JoinError>> {
        self.try_join_next_with_id().map(without_id)
    }

    /// Joins a task that has ended, and returns its id with its output. `None`: none has, or the set is
    /// empty.
    ///
    /// # Errors
    /// If the task panicked or was aborted. The [error](JoinError::id) has the id.
    pub fn try_join_next_with_id(&mut self) -> Option<Result<(Id, T), JoinError>> {
        self.join_taken().or_else(|| {
            self.finished.take(&mut self.taken);
            self.join_taken()
        })
    }

    /// Polls for the next task to end, as [`join_next`](Self::join_next) does.
    ///
    /// `Pending` also where the budget of this poll is used up. The waker of the last call is the one that
    /// is woken.
    pub fn poll_join_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T, JoinError>>> {
        self.poll_join_next_with_id(cx).map(|joined| joined.map(without_id))
    }

    /// Polls for the next task to end, as [`join_next_with_id`](Self::join_next_with_id) does.
    pub fn poll_join_next_with_id(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<(Id, T), JoinError>>> {
        if self.is_empty() {
            return Poll::Ready(None);
        }
        let budget = ready!(coop::poll_proceed(cx));
        loop {
            if let Some(joined) = self.join_taken() {
                budget.made_progress();
                return Poll::Ready(Some(joined));
            }
            ready!(self.finished.poll_take(&mut self.taken, cx));
        }
    }

    /// Waits for all tasks to end, and returns their outputs in the order in which they did.
    ///
    /// # Panics
    /// If one of them panicked, with its payload, or was aborted. The others are then aborted.
    ///
    /// # Cancel safety
    /// When it is dropped, all tasks are aborted, and the outputs so far are lost.
    pub async fn join_all(mut self) -> Vec<T> {
        let mut outputs = Vec::with_capacity(self.len());
        while let Some(joined) = self.join_next().await {
            match joined.map_err(JoinError::try_into_panic) {
                Ok(output) => outputs.push(output),
                Err(Ok(payload)) => resume_unwind(payload),
                Err(Err(cancelled)) => panic!("{cancelled}"),
            }
        }
        outputs
    }

    /// Aborts all tasks, and waits for them to end. Outputs and panics are dropped.
    ///
    /// # Cancel safety
    /// When it is dropped before it has returned, all tasks are aborted, and some may be left in the set.
    pub async fn shutdown(&mut self) {
        self.abort_all();
        while self.join_next().await.is_some() {}
    }

    /// Aborts all tasks. They stay in the set until they are joined.
    pub fn abort_all(&mut self) {
        self.tasks.iter_mut().for_each(|(_, member)| member.abort());
    }

    /// Takes all tasks out of the set, to go on alone.
    pub fn detach_all(&mut self) {
        self.tasks.clear();
    }
}

fn without_id<T>(joined: Result<(Id, T), JoinError>) -> Result<T, JoinError> {
    joined.map(|(_id, output)| output)
}

impl<T> Member<T> {
    fn abort(&mut self) {
        if let MaybeDone::Future(handle) = self.handle.get_mut() {
            handle.abort();
        }
    }
}

impl<T> Drop for JoinSet<T> {
    fn drop(&mut self) {
        self.tasks.iter_mut().for_each(|(_, member)| member.abort());
    }
}

impl<T> fmt::Debug for JoinSet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinSet").field("len", &self.len()).finish()
    }
}

impl<T> Default for JoinSet<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// Spawns each future, as [`JoinSet::spawn`] does.
///
/// ```
/// # #[mini_rt::main(flavor = "current_thread")]
/// # async fn main() {
/// let mut set: mini_rt::task::JoinSet<_> = (0..3).map(|n| async move { n }).collect();
/// set.extend((3..5).map(|n| async move { n }));
/// assert_eq!(set.len(), 5);
/// # }
/// ```
impl<T, F> FromIterator<F> for JoinSet<T>
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    fn from_iter<I: IntoIterator<Item = F>>(tasks: I) -> Self {
        let mut set = Self::new();
        set.extend(tasks);
        set
    }
}

/// Spawns each future, as [`JoinSet::spawn`] does.
impl<T, F> Extend<F> for JoinSet<T>
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    fn extend<I: IntoIterator<Item = F>>(&mut self, tasks: I) {
        for task in tasks {
            self.spawn(task);
        }
    }
}
