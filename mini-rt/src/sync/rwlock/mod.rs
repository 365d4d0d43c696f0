//! A value that many tasks at a time may read, or one may write, across awaits.
//!
//! A semaphore of as many permits as there can be readers, and a value: a reader holds one permit, a
//! writer all. All is in [`lock`]; that nobody overtakes who waits first, writer or
//! reader, is the [`semaphore`](super::semaphore)'s.

mod guards;
mod owned;

pub use guards::{RwLockMappedWriteGuard, RwLockReadGuard, RwLockWriteGuard};
pub use owned::{OwnedRwLockMappedWriteGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard};

use super::TryLockError;
use super::lock::{self, Locked, ManyRead};
use crate::block_on::block_on_outside;
use crate::primitive::const_fn;
use std::fmt;
use std::sync::Arc;

/// Tokio's figure.
const MAX_READS: u32 = u32::MAX >> 3;

/// A lock that many may read at a time, or one write, and whose guards may be held across an
/// `.await`.
///
/// It is fair: tasks get it in the order in which they asked, and readers that stand side by side in
/// the queue together. So while a writer waits, who asks to read waits behind it: who holds a read
/// guard and asks for another may wait for itself.
///
/// ```
/// # let runtime = mini_rt::runtime::Runtime::new()?;
/// # runtime.block_on(async {
/// use mini_rt::sync::RwLock;
///
/// let limits = RwLock::new((10, 20));
/// {
///     let (one, other) = (limits.read().await, limits.read().await);
///     assert_eq!(one.0 + other.1, 30);
/// }
/// let mut limits = limits.write().await;
/// limits.0 = 15;
/// let limits = limits.downgrade(); // others may read, and nobody has written in between
/// assert_eq!(*limits, (15, 20));
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct RwLock<T: ?Sized> {
    pub(super) lock: Locked<T, ManyRead>,
}

impl<T> RwLock<T> {
    const_fn! {
        /// Makes a lock that is free.
        #[must_use]
        pub fn new(value: T) -> Self {
            Self::with_max_readers(value, MAX_READS)
        }

        /// Makes a lock that at most so many read at a time.
        ///
        /// # Panics
        /// If `max_reads` is 0, or above `u32::MAX >> 3`.
        #[must_use]
        #[track_caller]
        pub fn with_max_readers(value: T, max_reads: u32) -> Self {
            assert!(max_reads <= MAX_READS, "a `RwLock` has at most `u32::MAX >> 3` readers");
            Self { lock: Locked::new(value, max_reads) }
        }

        /// [`new`](Self::new), for a `static`.
        ///
        /// ```
        /// use mini_rt::sync::RwLock;
        ///
        /// static MOTD: RwLock<String> = RwLock::const_new(String::new());
        /// assert!(MOTD.try_read().expect("nobody writes").is_empty());
        /// ```
        #[must_use]
        pub fn const_new(value: T) -> Self {
            Self::new(value)
        }

        /// [`with_max_readers`](Self::with_max_readers), for a `static`.
        ///
        /// # Panics
        /// If `max_reads` is 0, or above `u32::MAX >> 3`.
        #[must_use]
        #[track_caller]
        pub fn const_with_max_readers(value: T, max_reads: u32) -> Self {
            Self::with_max_readers(value, max_reads)
        }
    }

    /// Returns the value.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.lock.into_inner()
    }
}

impl<T: ?Sized> RwLock<T> {
    /// Waits until nobody writes, and nobody who asked before waits; others may read meanwhile.
    ///
    /// # Cancel safety
    /// Dropping the future gives up its place in the queue; what was given to it goes to the next.
    pub async fn read(&self) -> RwLockReadGuard<'_, T> {
        RwLockReadGuard(lock::read(self).await.lent_by(|rwlock| rwlock.lock.semaphore()))
    }

    /// Reads, if nobody writes, and nobody waits.
    ///
    /// # Errors
    /// If somebody does.
    pub fn try_read(&self) -> Result<RwLockReadGuard<'_, T>, TryLockError> {
        let shared = lock::try_read(self)?;
        Ok(RwLockReadGuard(shared.lent_by(|rwlock| rwlock.lock.semaphore())))
    }

    /// [`read`](Self::read) for a thread that may block.
    ///
    /// # Panics
    /// If this thread runs tasks.
    #[track_caller]
    pub fn blocking_read(&self) -> RwLockReadGuard<'_, T> {
        block_on_outside(self.read())
    }

    /// [`read`](Self::read), for a guard that keeps the lock alive, and can be sent to another task.
    ///
    /// # Cancel safety
    /// As [`read`](Self::read).
    pub async fn read_owned(self: Arc<Self>) -> OwnedRwLockReadGuard<T> {
        OwnedRwLockReadGuard(lock::read(self).await)
    }

    /// [`try_read`](Self::try_read), for a guard that keeps the lock alive.
    ///
    /// # Errors
    /// If somebody writes, or waits.
    pub fn try_read_owned(self: Arc<Self>) -> Result<OwnedRwLockReadGuard<T>, TryLockError> {
        lock::try_read(self).map(OwnedRwLockReadGuard)
    }

    /// Waits until nobody reads or writes, and nobody who asked before waits.
    ///
    /// # Cancel safety
    /// Dropping the future gives up its place in the queue, and lets those behind it go on.
    pub async fn write(&self) -> RwLockWriteGuard<'_, T> {
        RwLockWriteGuard(lock::write(self).await)
    }

    /// Writes, if nobody reads, writes or waits.
    ///
    /// # Errors
    /// If somebody does.
    pub fn try_write(&self) -> Result<RwLockWriteGuard<'_, T>, TryLockError> {
        lock::try_write(self).map(RwLockWriteGuard)
    }

    /// [`write`](Self::write) for a thread that may block.
    ///
    /// # Panics
    /// If this thread runs tasks.
    #[track_caller]
    pub fn blocking_write(&self) -> RwLockWriteGuard<'_, T> {
        block_on_outside(self.write())
    }

    /// [`write`](Self::write), for a guard that keeps the lock alive, and can be sent to another
    /// task.
    ///
    /// # Cancel safety
    /// As [`write`](Self::write).
    pub async fn write_owned(self: Arc<Self>) -> OwnedRwLockWriteGuard<T> {
        OwnedRwLockWriteGuard(lock::write(self).await)
    }

    /// [`try_write`](Self::try_write), for a guard that keeps the lock alive.
    ///
    /// # Errors
    /// If somebody reads, writes or waits.
    pub fn try_write_owned(self: Arc<Self>) -> Result<OwnedRwLockWriteGuard<T>, TryLockError> {
        lock::try_write(self).map(OwnedRwLockWriteGuard)
    }

    /// Reaches the value without locking: who has the lock to itself needs no guard.
    #[must_use]
    pub fn get_mut(&mut self) -> &mut T {
        self.lock.get_mut()
    }
}

impl<T> From<T> for RwLock<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: Default> Default for RwLock<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("RwLock");
        match self.try_read() {
            Ok(guard) => debug.field("data", &&*guard),
            Err(_) => debug.field("data", &format_args!("<locked>")),
        };
        debug.finish()
    }
}

#[cfg(all(test, loom))]
mod loom_tests;
