//! A value that is set once, and that tasks wait for.
//!
//! `std`'s `OnceLock` with a [`Notify`] for who waits: the value is stored first, then all are woken.
//!
//! 1. Who finds no value has entered the list before it looked: so it is woken.

use super::Notify;
use super::once::Once;
use crate::primitive::const_fn;
use std::error::Error;
use std::fmt;
use std::pin::pin;

/// A cell that is written once, by anyone, and read by those who wait for it.
///
/// Unlike a [`OnceCell`](super::OnceCell), it does not know how to make its value.
///
/// ```
/// # let runtime = mini_rt::runtime::Runtime::new()?;
/// # runtime.block_on(async {
/// use mini_rt::sync::SetOnce;
///
/// static ADDR: SetOnce<&str> = SetOnce::const_new();
///
/// let waits = mini_rt::spawn(async { *ADDR.wait().await });
/// assert_eq!(ADDR.set("127.0.0.1"), Ok(()));
/// assert_eq!(waits.await.expect("no panic"), "127.0.0.1");
/// assert!(ADDR.set("another").is_err());
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct SetOnce<T> {
    value: Once<T>,
    is_set: Notify,
}

/// There is a value already. Has the one that was to be set. Returned by [`SetOnce::set`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetOnceError<T>(pub T);

impl<T> SetOnce<T> {
    const_fn! {
        /// Makes an empty cell.
        #[must_use]
        pub fn new() -> Self {
            Self { value: Once::new(), is_set: Notify::new() }
        }

        /// [`new`](Self::new), for a `static`.
        #[must_use]
        pub fn const_new() -> Self {
            Self::new()
        }

        /// Makes a cell that has a value, for a `static`.
        ///
        /// ```
        /// use mini_rt::sync::SetOnce;
        ///
        /// static FIVE: SetOnce<u32> = SetOnce::const_new_with(5);
        /// assert_eq!(FIVE.get(), Some(&5));
        /// ```
        #[must_use]
        pub fn const_new_with(value: T) -> Self {
            Self { value: Once::Given(value), is_set: Notify::new() }
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

    /// Stores the value, and wakes all who wait for it.
    ///
    /// # Errors
    /// If there is one, with the one that was to be stored.
    pub fn set(&self, value: T) -> Result<(), SetOnceError<T>> {
        self.value.set(value).map_err(SetOnceError)?;
        self.is_set.notify_waiters();
        Ok(())
    }

    /// Returns the value, without the cell.
    #[must_use]
    pub fn into_inner(self) -> Option<T> {
        self.value.into_inner()
    }

    /// Waits for the value.
    ///
    /// # Cancel safety
    /// Nothing is lost when it is dropped.
    pub async fn wait(&self) -> &T {
        loop {
            let mut is_set = pin!(self.is_set.notified());
            is_set.as_mut().enable(); // Before it looks: rule 1.
            if let Some(value) = self.value.get() {
                return value;
            }
            is_set.await;
        }
    }
}

impl<T> From<T> for SetOnce<T> {
    fn from(value: T) -> Self {
        Self::const_new_with(value)
    }
}

impl<T> Default for SetOnce<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Clone> Clone for SetOnce<T> {
    fn clone(&self) -> Self {
        Self::new_with(self.get().cloned())
    }
}

impl<T: PartialEq> PartialEq for SetOnce<T> {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl<T: Eq> Eq for SetOnce<T> {}

impl<T: fmt::Debug> fmt::Debug for SetOnce<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetOnce").field("value", &self.get()).finish()
    }
}

impl<T> fmt::Display for SetOnceError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the cell has a value already")
    }
}

impl<T: fmt::Debug> Error for SetOnceError<T> {}
