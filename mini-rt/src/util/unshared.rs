//! How can a value that is not `Sync` lie in one that is?
//!
//! If only its owner, by `&mut`, does more than look at it for a moment: then it never is with two
//! threads, and `Send` is all that it has to be. (`std` has this as `SyncView`, not yet stable.)
//!
//! The lock is `std`'s also under a model: it orders nothing, and a model has nothing to see.

use std::sync::{Mutex, PoisonError};

/// A value for its owner.
#[derive(Debug)]
pub(crate) struct Unshared<T>(Mutex<T>);

impl<T> Unshared<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    /// Costs nothing: there is no lock to take.
    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner)
    }

    /// For who has only a reference: takes the lock for the time of `look`, which is none of the
    /// user's code.
    pub(crate) fn look<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        look(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
