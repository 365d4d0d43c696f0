//! A value that one task at a time may reach, across awaits.
//!
//! A permit of a [`Semaphore`](super::Semaphore) and a value: all is in [`lock`].

mod guards;
mod owned;

pub use guards::{MappedMutexGuard, MutexGuard};
pub use owned::{OwnedMappedMutexGuard, OwnedMutexGuard};

use super::TryLockError;
use super::lock::{self, Locked, OneAtATime};
use crate::block_on::block_on_outside;
use crate::primitive::const_fn;
use std::fmt;
use std::sync::Arc;

/// A lock whose guard may be held across an `.await`.
///
/// It is fair: tasks get it in the order in which they asked. It is not poisoned by a panic: the
/// guard is dropped, and the next one has the value as it is. Where nothing is awaited under the
/// lock, `std::sync::Mutex` does, and costs less.
///
/// ```
/// # let runtime = mini_rt::runtime::Runtime::new()?;
/// # runtime.block_on(async {
/// use mini_rt::sync::Mutex;
/// use std::sync::Arc;
///
/// let sum = Arc::new(Mutex::new(0));
/// let tasks = [1, 2, 3].map(|number| {
///     let sum = Arc::clone(&sum);
///     mini_rt::spawn(async move {
///         let mut sum = sum.lock().await;
///         let before = *sum;
///         mini_rt::task::yield_now().await;
///         *sum = before + number;
///     })
/// });
/// for task in tasks {
///     task.await.expect("no panic");
/// }
/// assert_eq!(*sum.lock().await, 6);
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Mutex<T: ?Sized> {
    pub(super) lock: Locked<T, OneAtATime>,
}

impl<T> Mutex<T> {
    const_fn! {
        /// Makes a lock that is free.
        #[must_use]
        pub fn new(value: T) -> Self {
            Self { lock: Locked::new(value, 1) }
        }

        /// [`new`](Self::new), for a `static`.
        ///
        /// ```
        /// use mini_rt::sync::Mutex;
        ///
        /// static NAMES: Mutex<Vec<String>> = Mutex::const_new(Vec::new());
        /// assert!(NAMES.try_lock().expect("nobody has it").is_empty());
        /// ```
        #[must_use]
        pub fn const_new(value: T) -> Self {
            Self::new(value)
        }
    }

    /// Returns the value.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.lock.into_inner()
    }
}

impl<T: ?Sized> Mutex<T> {
    /// Waits until the lock is free, and takes it; dropping the guard frees it.
    ///
    /// # Cancel safety
    /// Dropping the future gives up its place in the queue; if the lock was given to it, the next
    /// gets it.
    pub async fn lock(&self) -> MutexGuard<'_, T> {
        MutexGuard(lock::write(self).await)
    }

    /// Takes the lock, if it is free and nobody waits for it.
    ///
    /// # Errors
    /// If it is not.
    pub fn try_lock(&self) -> Result<MutexGuard<'_, T>, TryLockError> {
        lock::try_write(self).map(MutexGuard)
    }

    /// [`lock`](Self::lock) for a thread that may block.
    ///
    /// # Panics
    /// If this thread runs tasks.
    ///
    /// ```
    /// # let runtime = mini_rt::runtime::Runtime::new()?;
    /// # runtime.block_on(async {
    /// use mini_rt::sync::Mutex;
    /// use std::sync::Arc;
    ///
    /// let log = Arc::new(Mutex::new(Vec::new()));
    /// let shared = Arc::clone(&log);
    /// let call = mini_rt::task::spawn_blocking(move || shared.blocking_lock().push("called"));
    /// call.await.expect("no panic");
    /// assert_eq!(*log.lock().await, ["called"]);
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn blocking_lock(&self) -> MutexGuard<'_, T> {
        block_on_outside(self.lock())
    }

    /// [`lock`](Self::lock), for a guard that keeps the lock alive, and can be sent to another task.
    ///
    /// # Cancel safety
    /// As [`lock`](Self::lock).
    ///
    /// ```
    /// # let runtime = mini_rt::runtime::Runtime::new()?;
    /// # runtime.block_on(async {
    /// use mini_rt::sync::Mutex;
    /// use std::sync::Arc;
    ///
    /// let page = Arc::new(Mutex::new(String::from("a")));
    /// let mut guard = Arc::clone(&page).lock_owned().await;
    /// mini_rt::spawn(async move { guard.push('b') }).await.expect("no panic");
    /// assert_eq!(*page.lock().await, "ab");
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub async fn lock_owned(self: Arc<Self>) -> OwnedMutexGuard<T> {
        OwnedMutexGuard(lock::write(self).await)
    }

    /// [`try_lock`](Self::try_lock), for a guard that keeps the lock alive.
    ///
    /// # Errors
    /// If it is not free, or somebody waits for it.
    pub fn try_lock_owned(self: Arc<Self>) -> Result<OwnedMutexGuard<T>, TryLockError> {
        lock::try_write(self).map(OwnedMutexGuard)
    }

    /// [`lock_owned`](Self::lock_owned) for a thread that may block.
    ///
    /// # Panics
    /// If this thread runs tasks.
    #[track_caller]
    pub fn blocking_lock_owned(self: Arc<Self>) -> OwnedMutexGuard<T> {
        block_on_outside(self.lock_owned())
    }

    /// Reaches the value without locking: who has the lock to itself needs no guard.
    #[must_use]
    pub fn get_mut(&mut self) -> &mut T {
        self.lock.get_mut()
    }
}

impl<T> From<T> for Mutex<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: Default> Default for Mutex<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Mutex");
        match self.try_lock() {
            Ok(guard) => debug.field("data", &&*guard),
            Err(_) => debug.field("data", &format_args!("<locked>")),
        };
        debug.finish()
    }
}

#[cfg(all(test, loom))]
mod loom_tests;
