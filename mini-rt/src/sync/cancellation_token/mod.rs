//! How are tasks told to stop, those that they have started too?
//!
//! A [`CancellationToken`] is a counted reference to a node: a flag, and a [`Notify`] for who waits
//! for it. Tokens made from one another share a [`Forest`] under a lock, which says whom a
//! cancellation reaches.
//!
//! 1. A node's flag is set under the forest's lock, as it is taken out; a child of one whose flag is
//!    set is made with its flag set, and is in no forest.
//! 2. The forest holds its nodes weakly: tokens keep them, and the last one takes its node out, if
//!    that has not happened. (A place tells whether it has: a node that is being dropped while another
//!    is cancelled above it cannot be reached for its flag.)
//! 3. Those that are reached are told, parents first, without the lock, after all flags are set.
//!
//! - edge X1: `cancel` flag -> `is_cancelled`: what was done before. Who waits notes that it has come
//!   to the [`Notify`] before it looks at the flag, so that no call is missed.
//!
//! Rejected: a lock in each node (Tokio's), to be taken in the order of the nodes' age, with a retry
//! where the parent changes meanwhile. To make or drop a child takes its parent's lock there too; here
//! only trees of which several levels are busy on several threads at once share more. In return a look
//! at the flag, and a clone, take no lock.

mod guards;
mod tree;
mod waits;

pub use guards::{DropGuard, DropGuardRef};
pub use waits::{WaitForCancellationFuture, WaitForCancellationFutureOwned};

use super::Notify;
use crate::primitive::Mutex;
use crate::primitive::atomic::AtomicBool;
use crate::primitive::atomic::Ordering::{Acquire, Relaxed, Release};
use std::fmt;
use std::future::poll_fn;
use std::hash::{Hash, Hasher};
use std::pin::pin;
use std::sync::{Arc, Weak};
use std::task::Poll;
use tree::{Forest, Place};

/// Tells tasks to stop: all that hold a clone of it, or of a child.
///
/// A child is cancelled together with its parent, and can be cancelled alone. Dropping tokens cancels
/// nothing (a [`drop_guard`](Self::drop_guard) does).
///
/// ```
/// # let runtime = mini_rt::runtime::Runtime::new()?;
/// # runtime.block_on(async {
/// use mini_rt::sync::CancellationToken;
///
/// let shutdown = CancellationToken::new();
/// let task = mini_rt::spawn({
///     let shutdown = shutdown.clone();
///     async move {
///         shutdown.cancelled().await;
///         "stopped"
///     }
/// });
/// let request = shutdown.child_token();
/// request.cancel();
/// assert!(request.is_cancelled() && !shutdown.is_cancelled());
/// shutdown.cancel();
/// assert_eq!(task.await.expect("no panic"), "stopped");
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct CancellationToken {
    node: Arc<Node>,
}

struct Node {
    is_cancelled: AtomicBool,
    told: Notify,
    forest: Arc<Mutex<Forest<Weak<Node>>>>,
    /// `None`: it was made cancelled.
    place: Option<Place>,
}

impl CancellationToken {
    /// Makes a token that nothing but its own [`cancel`](Self::cancel) cancels.
    #[must_use]
    pub fn new() -> Self {
        let forest = Arc::new(Mutex::new(Forest::new()));
        let mut locked = forest.lock();
        Self { node: Node::new(&forest, |node| Some(locked.insert_root(node))) }
    }

    /// Makes a token that is cancelled together with this one. If that has happened, it is cancelled
    /// from the start.
    ///
    /// Takes the lock of all tokens made from one another.
    #[must_use]
    pub fn child_token(&self) -> Self {
        let parent = &self.node;
        let mut locked = parent.forest.lock();
        let parent_place = parent.place.filter(|_| !self.is_cancelled());
        // Under the lock until it is whole: a cancellation that came sooner could not reach it.
        let node = Node::new(&parent.forest, |node| {
            parent_place.map(|parent| locked.insert_child(node, parent))
        });
        Self { node }
    }

    /// Cancels this token and all below it, for good; who waits for them is told.
    ///
    /// O(n) for as many tokens and waits, under the lock of all tokens made from one another; tasks
    /// are woken without it.
    pub fn cancel(&self) {
        let mut forest = self.node.forest.lock();
        let Some(place) = self.node.place.filter(|_| !self.is_cancelled()) else { return };
        let removed = forest.remove_tree(place);
        // For one that cannot be had its last token is being dropped: there is nobody to tell.
        let cancelled: Vec<_> = removed.iter().filter_map(Weak::upgrade).collect();
        for node in &cancelled {
            node.is_cancelled.store(true, Release); // edge X1 release
        }
        drop(forest);
        for node in &cancelled {
            node.told.notify_waiters();
        }
    }

    /// Whether it has been cancelled. Takes no lock.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.node.is_cancelled()
    }

    /// Waits until it is cancelled. Ready at once, if it is.
    ///
    /// # Cancel safety
    /// Nothing is lost when it is dropped.
    pub fn cancelled(&self) -> WaitForCancellationFuture<'_> {
        WaitForCancellationFuture::new(self)
    }

    /// [`cancelled`](Self::cancelled), for a future that keeps the token.
    ///
    /// # Cancel safety
    /// As [`cancelled`](Self::cancelled).
    pub fn cancelled_owned(self) -> WaitForCancellationFutureOwned {
        WaitForCancellationFutureOwned::new(self)
    }

    /// Makes a guard that cancels this token when it is dropped.
    ///
    /// ```
    /// use mini_rt::sync::CancellationToken;
    ///
    /// let token = CancellationToken::new();
    /// let guard = token.clone().drop_guard();
    /// drop(guard);
    /// assert!(token.is_cancelled());
    /// ```
    pub fn drop_guard(self) -> DropGuard {
        DropGuard::new(self)
    }

    /// Makes a guard that cancels this token when it is dropped, and borrows it.
    pub fn drop_guard_ref(&self) -> DropGuardRef<'_> {
        DropGuardRef::new(self)
    }

    /// Runs a future to its end, or drops it when the token is cancelled. `None`: it was.
    ///
    /// If the token is cancelled already, the future is not polled. If both come at once, what the
    /// future returns counts.
    ///
    /// # Cancel safety
    /// That of the future: it is dropped with this one.
    ///
    /// ```
    /// # let runtime = mini_rt::runtime::Runtime::new()?;
    /// # runtime.block_on(async {
    /// use mini_rt::sync::CancellationToken;
    ///
    /// let token = CancellationToken::new();
    /// assert_eq!(token.run_until_cancelled(async { 5 }).await, Some(5));
    /// token.cancel();
    /// assert_eq!(token.run_until_cancelled(async { 5 }).await, None);
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub async fn run_until_cancelled<F: Future>(&self, future: F) -> Option<F::Output> {
        if self.is_cancelled() {
            return None;
        }
        let (mut cancelled, mut future) = (pin!(self.cancelled()), pin!(future));
        poll_fn(|cx| match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending => cancelled.as_mut().poll(cx).map(|()| None),
        })
        .await
    }

    /// [`run_until_cancelled`](Self::run_until_cancelled), for a future that keeps the token.
    ///
    /// # Cancel safety
    /// That of the future: it is dropped with this one.
    pub async fn run_until_cancelled_owned<F: Future>(self, future: F) -> Option<F::Output> {
        self.run_until_cancelled(future).await
    }
}

impl Node {
    /// For who holds the forest's lock: makes a node, and puts it into the forest, or into none.
    fn new(
        forest: &Arc<Mutex<Forest<Weak<Self>>>>,
        put: impl FnOnce(Weak<Self>) -> Option<Place>,
    ) -> Arc<Self> {
        Arc::new_cyclic(|node| {
            let place = put(Weak::clone(node));
            Self {
                is_cancelled: AtomicBool::new(place.is_none()),
                told: Notify::new(),
                forest: Arc::clone(forest),
                place,
            }
        })
    }

    fn is_cancelled(&self) -> bool {
        self.is_cancelled.load(Acquire) // edge X1 acquire
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // Relaxed: nobody else has it. A node that is cancelled is in no forest.
        if let Some(place) = self.place.filter(|_| !self.is_cancelled.load(Relaxed)) {
            self.forest.lock().remove(place);
        }
    }
}

impl Default for CancellationToken {
    fn default() -> Self {
        Self::new()
    }
}

/// Clones of one token are equal; a child is another.
impl PartialEq for CancellationToken {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.node, &other.node)
    }
}

impl Eq for CancellationToken {}

impl Hash for CancellationToken {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.node).hash(state);
    }
}

impl fmt::Debug for CancellationToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_cancelled = self.is_cancelled();
        f.debug_struct("CancellationToken").field("is_cancelled", &is_cancelled).finish()
    }
}

#[cfg(all(test, loom))]
mod loom_tests;
