//! The guards that keep their [`Mutex`] alive.

use super::Mutex;
use crate::sync::lock::{Exclusive, guard_traits};
use std::sync::Arc;

/// The value of a [`Mutex`], which is kept alive, and is free again when this is dropped. See
/// [`lock_owned`](Mutex::lock_owned).
#[must_use = "the lock is free again when this is dropped"]
pub struct OwnedMutexGuard<T: ?Sized>(pub(super) Exclusive<Arc<Mutex<T>>, T>);

guard_traits!(mut [T: ?Sized] OwnedMutexGuard<T> => T);

impl<T: ?Sized> OwnedMutexGuard<T> {
    /// Makes a guard of a part of the value. The lock stays taken. If `part` panics, it is freed.
    pub fn map<U, F>(this: Self, part: F) -> OwnedMappedMutexGuard<T, U>
    where
        U: ?Sized,
        F: FnOnce(&mut T) -> &mut U,
    {
        OwnedMappedMutexGuard(this.0.map(part))
    }

    /// [`map`](Self::map), if there is that part.
    ///
    /// # Errors
    /// The guard itself, if there is not.
    pub fn try_map<U, F>(this: Self, part: F) -> Result<OwnedMappedMutexGuard<T, U>, Self>
    where
        U: ?Sized,
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        this.0.try_map(part).map(OwnedMappedMutexGuard).map_err(Self)
    }

    /// The lock that this is of.
    #[must_use]
    pub fn mutex(this: &Self) -> &Arc<Mutex<T>> {
        this.0.lender()
    }
}

/// A part of the value of a [`Mutex`], which is kept alive, and is free again when this is dropped.
/// See [`OwnedMutexGuard::map`].
#[must_use = "the lock is free again when this is dropped"]
pub struct OwnedMappedMutexGuard<T: ?Sized, U: ?Sized = T>(Exclusive<Arc<Mutex<T>>, U>);

guard_traits!(mut [T: ?Sized, U: ?Sized] OwnedMappedMutexGuard<T, U> => U);

impl<T: ?Sized, U: ?Sized> OwnedMappedMutexGuard<T, U> {
    /// Makes a guard of a part of this one's. If `part` panics, the lock is freed.
    pub fn map<V, F>(this: Self, part: F) -> OwnedMappedMutexGuard<T, V>
    where
        V: ?Sized,
        F: FnOnce(&mut U) -> &mut V,
    {
        OwnedMappedMutexGuard(this.0.map(part))
    }

    /// [`map`](Self::map), if there is that part.
    ///
    /// # Errors
    /// The guard itself, if there is not.
    pub fn try_map<V, F>(this: Self, part: F) -> Result<OwnedMappedMutexGuard<T, V>, Self>
    where
        V: ?Sized,
        F: FnOnce(&mut U) -> Option<&mut V>,
    {
        this.0.try_map(part).map(OwnedMappedMutexGuard).map_err(Self)
    }
}
