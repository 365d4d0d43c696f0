//! How does one task tell another that something has happened, and nothing more?
//!
//! A [`Notify`] keeps one notification at most, for who comes next; who comes and finds none waits.
//! [`notify_one`](Notify::notify_one) gives one to the first that waits, or leaves it;
//! [`notify_waiters`](Notify::notify_waiters) is for all that have come, and leaves nothing. To *have
//! come* is to have called [`notified`](Notify::notified): it notes how often all were called so far,
//! so that a call between that and the first poll is not lost.
//!
//! 1. The state, and how often all were called, are one word ([`word`]). While it says that somebody
//!    may wait it is changed under the lock of the list only; else by one exchange, with the lock or
//!    without.
//! 2. It says so if the list is not empty. It goes on saying so until a notification finds nobody in
//!    the list: who waits again and again changes it once.
//! 3. Who is told is told what by ([`waiting`]). A wait that was told by `notify_one`, and is dropped
//!    before it has seen it, gives that on.
//! 4. All that are called at once are taken from the list at once, and woken after the lock. So who
//!    has come later is never among them.
//!
//! - edge N1: `notify_one` or `notify_waiters` -> [`Notified`] that is ready: what was done before,
//!   through the word, or through the lock for who waits.
//!
//! The race: one notifies while another finds nothing, and is about to wait. The other looks again
//! under the lock, in the exchange that says it may wait: either it finds the notification, or who
//! notifies finds that somebody may wait, and comes for the lock.
//!
//! Follows Tokio's `Notify`. Rejected: its list on the stack of who notifies all, which it wakes by
//! 32, with the lock taken again in between (that is for lists without memory of their own; here a
//! `Vec` of the wakers does); a word that says that nobody waits as soon as the list is empty: two
//! exchanges more for each wait, 12 % of `notify/one` on one thread, for an exchange in place of the
//! lock where one notification finds nobody.

#[allow(unsafe_code, reason = "a wait promises to leave the list before it is dropped")]
mod notified;
#[allow(unsafe_code, reason = "who tells a wait writes into it, by a pointer that the list keeps")]
mod waiting;
mod word;

pub use notified::{Notified, OwnedNotified};

pub(super) use notified::Wait;

use super::update::update;
use crate::primitive::atomic::AtomicUsize;
use crate::primitive::atomic::Ordering::Acquire;
use crate::primitive::{Guess, Mutex, const_fn};
use crate::util::{WakeList, contain};
use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use waiting::{Waiting, Which};
use word::{State, Word};

/// Tells one task, or all that wait, that something has happened.
///
/// It carries no value: what has happened is elsewhere, and who was told looks there.
///
/// ```
/// # let runtime = mini_rt::runtime::Runtime::new()?;
/// # runtime.block_on(async {
/// use mini_rt::sync::Notify;
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicBool, Ordering};
///
/// let (ready, notify) = (Arc::new(AtomicBool::new(false)), Arc::new(Notify::new()));
/// let task = mini_rt::spawn({
///     let (ready, notify) = (Arc::clone(&ready), Arc::clone(&notify));
///     async move {
///         ready.store(true, Ordering::Relaxed);
///         notify.notify_one(); // kept, if nobody waits yet
///     }
/// });
/// notify.notified().await;
/// assert!(ready.load(Ordering::Relaxed));
/// # task.await.expect("no panic");
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Notify {
    word: AtomicUsize,
    waiting: Mutex<Waiting>,
}

impl Notify {
    const_fn! {
        /// Makes one without a notification.
        #[must_use]
        pub fn new() -> Self {
            Self { word: AtomicUsize::new(Word::NEW.0), waiting: Mutex::new(Waiting::new()) }
        }

        /// [`new`](Self::new), for a `static`.
        ///
        /// ```
        /// use mini_rt::sync::Notify;
        ///
        /// static RELOAD: Notify = Notify::const_new();
        /// RELOAD.notify_one();
        /// ```
        #[must_use]
        pub fn const_new() -> Self {
            Self::new()
        }
    }

    /// Waits for a notification.
    ///
    /// The future takes one that is there when it is first polled; it gets each call of
    /// [`notify_waiters`](Self::notify_waiters) from now on, polled or not.
    ///
    /// # Cancel safety
    /// Dropping the future gives up its place in the queue. A notification that was meant for it alone
    /// goes to the next.
    pub fn notified(&self) -> Notified<'_> {
        Notified::new(self)
    }

    /// [`notified`](Self::notified), for a future that keeps this alive.
    ///
    /// # Cancel safety
    /// As [`notified`](Self::notified).
    pub fn notified_owned(self: Arc<Self>) -> OwnedNotified {
        OwnedNotified::new(self)
    }

    /// Tells who has waited longest; if nobody waits, who comes next. A second notification that
    /// nobody has taken is the same as the first.
    pub fn notify_one(&self) {
        self.notify(Which::First);
    }

    /// Tells who has waited for the shortest time; if nobody waits, who comes next.
    pub fn notify_last(&self) {
        self.notify(Which::Last);
    }

    /// Tells all who have called [`notified`](Self::notified), and nobody who comes later.
    ///
    /// Wakes each of them, in order, without a lock: O(n), and room for n wakers.
    ///
    /// ```
    /// # let runtime = mini_rt::runtime::Runtime::new()?;
    /// # runtime.block_on(async {
    /// use mini_rt::sync::Notify;
    ///
    /// let notify = Notify::new();
    /// let (one, other) = (notify.notified(), notify.notified());
    /// notify.notify_waiters();
    /// one.await;
    /// other.await;
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn notify_waiters(&self) {
        self.take_waiters().wake_all();
    }

    /// Tells all; the caller wakes them.
    pub(super) fn take_waiters(&self) -> WakeList {
        if self.update(Word::notify_waiters).is_ok() {
            return WakeList::new();
        }
        let mut waiting = self.waiting.lock();
        self.step(&waiting, Word::take_waiters);
        waiting.tell_all()
    }

    fn notify(&self, which: Which) {
        if self.update(Word::notify_one).is_ok() {
            return;
        }
        let mut waiting = self.waiting.lock();
        let waker = waiting.tell(which);
        if waker.is_none() {
            self.step(&waiting, Word::notify_nobody);
        }
        drop(waiting);
        if let Some(waker) = waker {
            contain(|| waker.wake());
        }
    }

    fn word(&self) -> Word {
        Word(self.word.load(Acquire)) // edge N1 acquire
    }

    /// For who has the lock. Returns what the word was.
    fn step(&self, _locked: &Waiting, step: impl Fn(Word) -> Word) -> Word {
        let before = Word(self.word.guess());
        if before.state() == State::MayWait && step(before) == before {
            return before; // It stays so while the lock is ours.
        }
        match self.update(|word| Ok::<_, Infallible>(step(word))) {
            Ok(before) => before,
        }
    }

    /// The only place that writes the word. Returns what it was.
    fn update<E>(&self, step: impl Fn(Word) -> Result<Word, E>) -> Result<Word, E> {
        // edge N1, both ends; also where nothing changes: who finds a notification sees what was
        // done before each that was merged into it.
        update(&self.word, |word| step(Word(word)).map(|Word(after)| after)).map(Word)
    }
}

impl Default for Notify {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Notify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notify").field("state", &self.word().state()).finish_non_exhaustive()
    }
}

#[cfg(all(test, loom))]
mod loom_tests;
#[cfg(all(test, not(loom)))]
mod tests;
