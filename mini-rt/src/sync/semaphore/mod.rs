//! Who may go on, if only so many may at a time?
//!
//! Tasks ask for permits; who cannot have them waits. The locks of [`sync`](super) stand on this:
//! a mutex is one permit, and a lock of many readers has one for each.
//!
//! What is free is a number in a word, with two flags ([`word`]). Who waits has an entry in a
//! [`WaitList`], under a lock: how many permits it still needs.
//!
//! 1. First come, first served: while somebody waits nothing is free, and what is given back goes
//!    to the first, in parts if need be. So who asks for many is not starved by those that ask for
//!    few.
//! 2. The flag `WAITERS` changes under the lock, and says whether the list is not empty. While it is
//!    set the word changes under the lock only.
//! 3. So with nobody waiting, taking and giving back are one exchange each, and take no lock.
//!    (Tokio's takes its lock whenever something is given back.)
//! 4. Once closed, nobody is queued.
//! 5. A permit is in the word, given to an entry, or held: never in two of them, and lost only by
//!    `forget`. An [`Acquire`] that is dropped gives on what it was given.
//!
//! - edge M1: `release`, `update` of the word or the lock -> `acquire`, the same: what was done while
//!   the permit was held. (Every change of the word is an exchange, so one that takes permits given
//!   back by several is ordered after all of them.)
//!
//! The race: one gives back while another finds too few, and is about to wait. The other looks again
//! under the lock, in the exchange that sets `WAITERS`: either it finds what was given back, or
//! who gives back finds the flag, and comes for the lock.
//!
//! Follows Tokio's `batch_semaphore`. Rejected: its links inside of the futures (see [`WaitList`]); a
//! count of waiters in place of the flag (nobody asks how many).

mod acquire;
mod error;
mod owned;
mod permit;
mod word;

pub use error::{AcquireError, TryAcquireError};
pub use permit::{OwnedSemaphorePermit, SemaphorePermit};

pub(super) use permit::{Lender, Permit};

use super::update::update;
use super::wait_list::WaitList;
use crate::block_on::block_on_outside;
use crate::primitive::atomic::AtomicUsize;
use crate::primitive::atomic::Ordering::Acquire as AcquireOrdering;
use crate::primitive::{Mutex, MutexGuard, const_fn};
use crate::util::WakeList;
use acquire::Acquire;
use std::fmt;
use word::{Refusal, Word};

/// Lets so many tasks go on at a time: each holds a permit, and the next waits for one.
///
/// It is fair: permits are given in the order in which they were asked for. Who waits for many is
/// not overtaken by who wants one. With nobody waiting, taking a permit and giving it back are one
/// atomic operation each.
///
/// ```
/// # let runtime = mini_rt::runtime::Runtime::new()?;
/// # runtime.block_on(async {
/// use mini_rt::sync::Semaphore;
/// use std::sync::Arc;
///
/// // At most two of these are under way at a time.
/// let limit = Arc::new(Semaphore::new(2));
/// let requests: Vec<_> = (0..5)
///     .map(|request| {
///         let limit = Arc::clone(&limit);
///         mini_rt::spawn(async move {
///             let _permit = limit.acquire().await.expect("never closed");
///             request * 10
///         })
///     })
///     .collect();
/// for (request, task) in requests.into_iter().enumerate() {
///     assert_eq!(task.await.expect("no panic"), request * 10);
/// }
/// assert_eq!(limit.available_permits(), 2);
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Semaphore {
    word: AtomicUsize,
    /// How many permits each still needs.
    waiting: Mutex<WaitList<usize>>,
}

impl Semaphore {
    /// The largest number of permits that a semaphore can have: `usize::MAX >> 3`.
    pub const MAX_PERMITS: usize = word::MAX_PERMITS;

    const_fn! {
        /// Makes a semaphore with `permits` free.
        ///
        /// # Panics
        /// If `permits` is above [`MAX_PERMITS`](Self::MAX_PERMITS).
        #[must_use]
        #[track_caller]
        pub fn new(permits: usize) -> Self {
            let word = AtomicUsize::new(Word::new(permits).0);
            Self { word, waiting: Mutex::new(WaitList::new()) }
        }

        /// [`new`](Self::new), for a `static`.
        ///
        /// # Panics
        /// If `permits` is above [`MAX_PERMITS`](Self::MAX_PERMITS).
        ///
        /// ```
        /// use mini_rt::sync::Semaphore;
        ///
        /// static LIMIT: Semaphore = Semaphore::const_new(100);
        /// assert_eq!(LIMIT.available_permits(), 100);
        /// ```
        #[must_use]
        #[track_caller]
        pub fn const_new(permits: usize) -> Self {
            Self::new(permits)
        }

        pub(super) fn new_closed() -> Self {
            let word = AtomicUsize::new(Word::new_closed().0);
            Self { word, waiting: Mutex::new(WaitList::new()) }
        }
    }

    /// How many permits are free now.
    #[must_use]
    pub fn available_permits(&self) -> usize {
        self.word().free()
    }

    /// Adds `permits`, for who waits first. They need not have been there before.
    ///
    /// # Panics
    /// If there would be more than [`MAX_PERMITS`](Self::MAX_PERMITS) free.
    ///
    /// ```
    /// use mini_rt::sync::Semaphore;
    ///
    /// let semaphore = Semaphore::new(1);
    /// semaphore.add_permits(2);
    /// assert_eq!(semaphore.available_permits(), 3);
    /// assert_eq!(semaphore.forget_permits(5), 3);
    /// assert!(semaphore.try_acquire().is_err());
    /// ```
    #[track_caller]
    pub fn add_permits(&self, permits: usize) {
        self.release(permits);
    }

    /// Takes up to `permits` of those that are free away for good; returns how many there were to
    /// take.
    pub fn forget_permits(&self, permits: usize) -> usize {
        let before = self.step(|word| word.forget(permits));
        before.free().min(permits)
    }

    /// Takes a permit, waiting for one to be free; dropping it gives it back.
    ///
    /// # Errors
    /// If the semaphore is closed, now or while this waits.
    ///
    /// # Cancel safety
    /// Dropping the future gives up its place in the queue; a permit that it was given goes to the
    /// next.
    pub async fn acquire(&self) -> Result<SemaphorePermit<'_>, AcquireError> {
        self.acquire_many(1).await
    }

    /// Takes `permits` at once, waiting until all of them are free. While it waits as the first it
    /// gathers what is given back, and nobody overtakes it.
    ///
    /// # Errors
    /// If the semaphore is closed, now or while this waits.
    ///
    /// # Cancel safety
    /// As [`acquire`](Self::acquire): what it had gathered goes to the next.
    pub async fn acquire_many(&self, permits: u32) -> Result<SemaphorePermit<'_>, AcquireError> {
        self.wait_for(permits).await?;
        Ok(SemaphorePermit(Permit::new(self, permits)))
    }

    /// Takes a permit if one is free, and nobody waits for it.
    ///
    /// # Errors
    /// If the semaphore is closed, or has no permit now.
    pub fn try_acquire(&self) -> Result<SemaphorePermit<'_>, TryAcquireError> {
        self.try_acquire_many(1)
    }

    /// Takes `permits` at once, if so many are free, and nobody waits for them.
    ///
    /// # Errors
    /// If the semaphore is closed, or has fewer now.
    pub fn try_acquire_many(&self, permits: u32) -> Result<SemaphorePermit<'_>, TryAcquireError> {
        self.try_take(permits)?;
        Ok(SemaphorePermit(Permit::new(self, permits)))
    }

    /// [`acquire`](Self::acquire) for a thread that may block.
    ///
    /// # Errors
    /// If the semaphore is closed, now or while this waits.
    ///
    /// # Panics
    /// If this thread runs tasks.
    #[track_caller]
    pub fn blocking_acquire(&self) -> Result<SemaphorePermit<'_>, AcquireError> {
        block_on_outside(self.acquire())
    }

    /// [`acquire_many`](Self::acquire_many) for a thread that may block.
    ///
    /// # Errors
    /// If the semaphore is closed, now or while this waits.
    ///
    /// # Panics
    /// If this thread runs tasks.
    #[track_caller]
    pub fn blocking_acquire_many(&self, n: u32) -> Result<SemaphorePermit<'_>, AcquireError> {
        block_on_outside(self.acquire_many(n))
    }

    /// Closes the semaphore for good: who waits, or asks from now on, gets an error. Permits that
    /// are held stay valid.
    ///
    /// ```
    /// # let runtime = mini_rt::runtime::Runtime::new()?;
    /// # runtime.block_on(async {
    /// use mini_rt::sync::{Semaphore, TryAcquireError};
    ///
    /// let semaphore = Semaphore::new(1);
    /// semaphore.close();
    /// assert!(semaphore.acquire().await.is_err());
    /// assert_eq!(semaphore.try_acquire().err(), Some(TryAcquireError::Closed));
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn close(&self) {
        let mut woken = WakeList::new();
        let mut waiting = self.waiting.lock();
        self.step(Word::close);
        while let Some((_needed, waker)) = waiting.take_first() {
            woken.push(waker);
        }
        drop(waiting);
        woken.wake_all();
    }

    /// Whether it has been closed.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.word().is_closed()
    }
}

/// What the locks use, and the steps.
impl Semaphore {
    /// Waits for `permits`, which are then the caller's to put in a [`Permit`].
    pub(super) fn wait_for(&self, permits: u32) -> Acquire<'_> {
        Acquire::new(self, permits)
    }

    /// Takes `permits` that are free, for the caller to put in a [`Permit`].
    pub(super) fn try_take(&self, permits: u32) -> Result<(), TryAcquireError> {
        match self.take(permits as usize) {
            Ok(()) => Ok(()),
            Err(Refusal::Closed) => Err(TryAcquireError::Closed),
            Err(Refusal::TooFew) => Err(TryAcquireError::NoPermits),
        }
    }

    fn take(&self, permits: usize) -> Result<(), Refusal> {
        self.update(|word| word.acquire(permits)).map(drop)
    }

    /// Gives permits back.
    #[track_caller]
    pub(super) fn release(&self, permits: usize) {
        if permits == 0 {
            return;
        }
        // Before the first of them is given on: what panics after that would wake nobody.
        assert!(permits <= Self::MAX_PERMITS, "a semaphore has at most `MAX_PERMITS` permits");
        if self.update(|word| word.release(permits).ok_or(())).is_err() {
            self.give(self.waiting.lock(), permits);
        }
    }

    /// Gives `permits` to who waits, and frees what is left. Whoever may have emptied the list calls
    /// this too, with none.
    fn give(&self, mut waiting: MutexGuard<'_, WaitList<usize>>, permits: usize) {
        let mut woken = WakeList::new();
        let left = hand_out(&mut waiting, permits, &mut woken);
        if waiting.is_empty() {
            self.step(|word| word.end_wait(left));
        }
        drop(waiting);
        woken.wake_all();
    }

    fn word(&self) -> Word {
        Word(self.word.load(AcquireOrdering)) // edge M1 acquire, for who counts
    }

    fn step(&self, step: impl Fn(Word) -> Word) -> Word {
        match self.update(|word| Ok::<_, std::convert::Infallible>(step(word))) {
            Ok(before) => before,
        }
    }

    /// The only place that writes the word. Returns what it was.
    fn update<E>(&self, step: impl Fn(Word) -> Result<Word, E>) -> Result<Word, E> {
        // edge M1, both ends
        update(&self.word, |word| step(Word(word)).map(|Word(after)| after)).map(Word)
    }
}

/// Gives `permits` to the entries, first come, first served; returns what is left.
fn hand_out(waiting: &mut WaitList<usize>, mut permits: usize, woken: &mut WakeList) -> usize {
    while let Some(needed) = waiting.first_mut() {
        let given = permits.min(*needed);
        permits -= given;
        *needed -= given;
        if *needed > 0 {
            break;
        }
        if let Some((_needed, waker)) = waiting.take_first() {
            woken.push(waker);
        }
    }
    permits
}

impl fmt::Debug for Semaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Semaphore").field("permits", &self.available_permits()).finish()
    }
}

#[cfg(all(test, loom))]
mod loom_tests;
#[cfg(all(test, not(loom)))]
mod tests;
