//! A value that is made once, by whoever needs it first, with awaits.
//!
//! A permit of a [`Semaphore`] is the right to make the value; with the value there, the semaphore is
//! closed. Who makes it, and panics or is dropped, gives the right to the next.
//!
//! 1. The value is stored by who has the permit, before the close: so who finds the semaphore closed
//!    finds the value.
//!
//! Rejected: a cell of our own (`std`'s `OnceLock` is one; that it could make a second thread wait
//! does not come up, as one at a time stores).

use super::once::Once;
use super::{Semaphore, SemaphorePermit, TryAcquireError};
use crate::primitive::const_fn;
use std::convert::Infallible;
use std::error::Error;
use std::fmt;

/// A cell that is written once, at its first use, by an async function.
///
/// ```
/// # let runtime = mini_rt::runtime::Runtime::new()?;
/// # runtime.block_on(async {
/// use mini_rt::sync::OnceCell;
///
/// static CONFIG: OnceCell<String> = OnceCell::const_new();
///
/// async fn config() -> &'static str {
///     CONFIG.get_or_init(|| async { String::from("read from somewhere") }).await
/// }
///
/// assert_eq!(config().await, "read from somewhere");
/// assert!(CONFIG.initialized());
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct OnceCell<T> {
    value: Once<T>,
    /// One permit: the right to store the value. Closed when it is there.
    right: Semaphore,
}

impl<T> OnceCell<T> {
    const_fn! {
        /// Makes an empty cell.
        #[must_use]
        pub fn new() -> Self {
            Self { value: Once::new(), right: Semaphore::new(1) }
        }

        /// [`new`](Self::new), for a `static`.
        #[must_use]
        pub fn const_new() -> Self {
            Self::new()
        }

        /// Makes a cell that has a value, for a `static`.
        ///
        /// ```
        /// use mini_rt::sync::OnceCell;
        ///
        /// static FIVE: OnceCell<u32> = OnceCell::const_new_with(5);
        /// assert_eq!(FIVE.get(), Some(&5));
        /// ```
        #[must_use]
        pub fn const_new_with(value: T) -> Self {
            Self { value: Once::Given(value), right: Semaphore::new_closed() }
        }
    }

    /// Makes a cell that has a value, if there is one.
    #[must_use]
    pub fn new_with(value: Option<T>) -> Self {
        value.map_or_else(Self::new, Self::from)
    }

    /// Whether the value is there.
    #[must_use]
    pub fn initialized(&self) -> bool {
        self.value.get().is_some()
    }

    /// Returns the value, if it is there.
    #[must_use]
    pub fn get(&self) -> Option<&T> {
        self.value.get()
    }

    /// Returns the value to write to, if it is there.
    #[must_use]
    pub fn get_mut(&mut self) -> Option<&mut T> {
        self.value.get_mut()
    }

    /// Stores the value, if there is none, and nobody is making one.
    ///
    /// # Errors
    /// If there is one, or one is being made, with what was to be stored.
    ///
    /// ```
    /// use mini_rt::sync::{OnceCell, SetError};
    ///
    /// let cell = OnceCell::new();
    /// assert_eq!(cell.set(1), Ok(()));
    /// assert_eq!(cell.set(2), Err(SetError::AlreadyInitializedError(2)));
    /// assert_eq!(cell.get(), Some(&1));
    /// ```
    pub fn set(&self, value: T) -> Result<(), SetError<T>> {
        match self.right.try_acquire() {
            Ok(right) => {
                self.store(value, right);
                Ok(())
            }
            Err(TryAcquireError::NoPermits) => Err(SetError::InitializingError(value)),
            Err(TryAcquireError::Closed) => Err(SetError::AlreadyInitializedError(value)),
        }
    }

    /// Returns the value. If there is none, makes it by `init`, or waits for who is making it.
    ///
    /// # Cancel safety
    /// Dropping the future drops that of `init`, if that is running. If it is dropped, or panics, the
    /// next that waits runs its own.
    pub async fn get_or_init<F, Fut>(&self, init: F) -> &T
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = T>,
    {
        let init = || async { Ok::<_, Infallible>(init().await) };
        match self.get_or_try_init(init).await {
            Ok(value) => value,
        }
    }

    /// Returns the value. If there is none, makes it by `init`, or waits for who is making it.
    ///
    /// # Errors
    /// That of `init`, if it was run. The cell stays empty, and the next that waits runs its own.
    ///
    /// # Cancel safety
    /// As [`get_or_init`](Self::get_or_init).
    ///
    /// ```
    /// # let runtime = mini_rt::runtime::Runtime::new()?;
    /// # runtime.block_on(async {
    /// use mini_rt::sync::OnceCell;
    ///
    /// let cell = OnceCell::new();
    /// assert_eq!(cell.get_or_try_init(|| async { Err("not there") }).await, Err("not there"));
    /// assert_eq!(cell.get_or_try_init(|| async { Ok::<_, &str>(5) }).await, Ok(&5));
    /// assert_eq!(cell.get_or_try_init(|| async { Err("not run") }).await, Ok(&5));
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub async fn get_or_try_init<E, F, Fut>(&self, init: F) -> Result<&T, E>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        if let Some(value) = self.get() {
            return Ok(value);
        }
        match self.right.acquire().await {
            Ok(right) => {
                let value = init().await?;
                Ok(self.store(value, right))
            }
            Err(_closed) => Ok(self.get().expect("the value is stored before the close")),
        }
    }

    /// Returns the value, if it is there.
    #[must_use]
    pub fn into_inner(self) -> Option<T> {
        self.value.into_inner()
    }

    /// Takes the value out, if it is there, and leaves an empty cell.
    pub fn take(&mut self) -> Option<T> {
        std::mem::take(self).into_inner()
    }

    fn store(&self, value: T, right: SemaphorePermit<'_>) -> &T {
        assert!(self.value.set(value).is_ok(), "who has the right is the first");
        self.right.close();
        right.forget();
        self.value.get().expect("it was stored")
    }
}

impl<T> Default for OnceCell<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> From<T> for OnceCell<T> {
    fn from(value: T) -> Self {
        Self::const_new_with(value)
    }
}

impl<T: fmt::Debug> fmt::Debug for OnceCell<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnceCell").field("value", &self.get()).finish()
    }
}

impl<T: Clone> Clone for OnceCell<T> {
    fn clone(&self) -> Self {
        Self::new_with(self.get().cloned())
    }
}

impl<T: PartialEq> PartialEq for OnceCell<T> {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl<T: Eq> Eq for OnceCell<T> {}

/// Why was the value not stored? It is handed back.
#[derive(Debug, PartialEq, Eq)]
pub enum SetError<T> {
    /// There is one.
    AlreadyInitializedError(T),
    /// Somebody is making one.
    InitializingError(T),
}

impl<T> SetError<T> {
    /// Whether there is one.
    #[must_use]
    pub fn is_already_init_err(&self) -> bool {
        matches!(self, Self::AlreadyInitializedError(_))
    }

    /// Whether somebody is making one.
    #[must_use]
    pub fn is_initializing_err(&self) -> bool {
        matches!(self, Self::InitializingError(_))
    }
}

impl<T> fmt::Display for SetError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlreadyInitializedError(_) => f.write_str("the cell has a value"),
            Self::InitializingError(_) => f.write_str("the cell's value is being made"),
        }
    }
}

impl<T: fmt::Debug> Error for SetError<T> {}

#[cfg(all(test, loom))]
mod loom_tests {
    use super::*;
    use crate::primitive::atomic::{AtomicUsize, Ordering::Relaxed};
    use crate::primitive::{Arc, thread};
    use crate::sync::model::block_on;
    use futures::future::poll_immediate;

    /// Two make it, one of them gives up if it has to wait, a third stores one: there is one value,
    /// and it is made once.
    #[test]
    fn loom_the_value_is_made_once() {
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound = Some(2);
        builder.check(|| {
            let shared = Arc::new((OnceCell::new(), AtomicUsize::new(0)));
            let others = [false, true].map(|stores| {
                let shared = Arc::clone(&shared);
                thread::spawn(move || {
                    let (cell, made) = &*shared;
                    if stores {
                        made.fetch_add(usize::from(cell.set(2).is_ok()), Relaxed);
                    } else {
                        let init = || async { made.fetch_add(1, Relaxed) };
                        let _ = block_on(poll_immediate(cell.get_or_init(init)));
                    }
                })
            });
            let (cell, made) = &*shared;
            let value = *block_on(cell.get_or_init(|| async { made.fetch_add(1, Relaxed) }));
            for other in others {
                other.join().expect("no panic");
            }
            assert_eq!((made.load(Relaxed), cell.get()), (1, Some(&value)));
        });
    }
}
