//! The guards that keep their [`RwLock`] alive.

use super::RwLock;
use crate::sync::lock::{Exclusive, Shared, guard_traits};
use std::sync::Arc;

/// The value of a [`RwLock`], or a part of it, to read. It is kept alive, and may be written again
/// when this and others are dropped. See [`read_owned`](RwLock::read_owned).
#[must_use = "the lock is free again when this is dropped"]
pub struct OwnedRwLockReadGuard<T: ?Sized, U: ?Sized = T>(pub(super) Shared<Arc<RwLock<T>>, U>);

guard_traits!([T: ?Sized, U: ?Sized] OwnedRwLockReadGuard<T, U> => U);

impl<T: ?Sized, U: ?Sized> OwnedRwLockReadGuard<T, U> {
    /// Makes a guard of a part of the value. If `part` panics, this one is dropped.
    pub fn map<F, V: ?Sized>(this: Self, part: F) -> OwnedRwLockReadGuard<T, V>
    where
        F: FnOnce(&U) -> &V,
    {
        OwnedRwLockReadGuard(this.0.map(part))
    }

    /// [`map`](Self::map), if there is that part.
    ///
    /// # Errors
    /// The guard itself, if there is not.
    pub fn try_map<F, V: ?Sized>(this: Self, part: F) -> Result<OwnedRwLockReadGuard<T, V>, Self>
    where
        F: FnOnce(&U) -> Option<&V>,
    {
        this.0.try_map(part).map(OwnedRwLockReadGuard).map_err(Self)
    }

    /// The lock that this is of.
    #[must_use]
    pub fn rwlock(this: &Self) -> &Arc<RwLock<T>> {
        this.0.lender()
    }
}

/// The value of a [`RwLock`], to write. It is kept alive, and free again when this is dropped. See
/// [`write_owned`](RwLock::write_owned).
#[must_use = "the lock is free again when this is dropped"]
pub struct OwnedRwLockWriteGuard<T: ?Sized>(pub(super) Exclusive<Arc<RwLock<T>>, T>);

guard_traits!(mut [T: ?Sized] OwnedRwLockWriteGuard<T> => T);

impl<T: ?Sized> OwnedRwLockWriteGuard<T> {
    /// Makes a guard of a part of the value. The lock stays taken. If `part` panics, it is freed.
    pub fn map<F, U: ?Sized>(this: Self, part: F) -> OwnedRwLockMappedWriteGuard<T, U>
    where
        F: FnOnce(&mut T) -> &mut U,
    {
        OwnedRwLockMappedWriteGuard(this.0.map(part))
    }

    /// [`map`](Self::map), if there is that part.
    ///
    /// # Errors
    /// The guard itself, if there is not.
    pub fn try_map<F, U: ?Sized>(
        this: Self,
        part: F,
    ) -> Result<OwnedRwLockMappedWriteGuard<T, U>, Self>
    where
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        this.0.try_map(part).map(OwnedRwLockMappedWriteGuard).map_err(Self)
    }

    /// Lets others read as well, and makes a guard of a part of the value. Nobody writes in between.
    pub fn downgrade_map<F, U: ?Sized>(this: Self, part: F) -> OwnedRwLockReadGuard<T, U>
    where
        F: FnOnce(&T) -> &U,
    {
        OwnedRwLockReadGuard(this.0.downgrade_map(part))
    }

    /// [`downgrade_map`](Self::downgrade_map), if there is that part.
    ///
    /// # Errors
    /// The guard itself, if there is not.
    pub fn try_downgrade_map<F, U: ?Sized>(
        this: Self,
        part: F,
    ) -> Result<OwnedRwLockReadGuard<T, U>, Self>
    where
        F: FnOnce(&T) -> Option<&U>,
    {
        this.0.try_downgrade_map(part).map(OwnedRwLockReadGuard).map_err(Self)
    }

    /// Makes a guard of the same value, of the type that [`map`](Self::map) gives.
    pub fn into_mapped(this: Self) -> OwnedRwLockMappedWriteGuard<T> {
        OwnedRwLockMappedWriteGuard(this.0)
    }

    /// Lets others read as well. Nobody writes in between.
    pub fn downgrade(self) -> OwnedRwLockReadGuard<T> {
        OwnedRwLockReadGuard(self.0.downgrade())
    }

    /// The lock that this is of.
    #[must_use]
    pub fn rwlock(this: &Self) -> &Arc<RwLock<T>> {
        this.0.lender()
    }
}

/// A part of the value of a [`RwLock`], to write. It is kept alive, and free again when this is
/// dropped. See [`OwnedRwLockWriteGuard::map`].
#[must_use = "the lock is free again when this is dropped"]
pub struct OwnedRwLockMappedWriteGuard<T: ?Sized, U: ?Sized = T>(Exclusive<Arc<RwLock<T>>, U>);

guard_traits!(mut [T: ?Sized, U: ?Sized] OwnedRwLockMappedWriteGuard<T, U> => U);

impl<T: ?Sized, U: ?Sized> OwnedRwLockMappedWriteGuard<T, U> {
    /// Makes a guard of a part of this one's. If `part` panics, the lock is freed.
    pub fn map<F, V: ?Sized>(this: Self, part: F) -> OwnedRwLockMappedWriteGuard<T, V>
    where
        F: FnOnce(&mut U) -> &mut V,
    {
        OwnedRwLockMappedWriteGuard(this.0.map(part))
    }

    /// [`map`](Self::map), if there is that part.
    ///
    /// # Errors
    /// The guard itself, if there is not.
    pub fn try_map<F, V: ?Sized>(
        this: Self,
        part: F,
    ) -> Result<OwnedRwLockMappedWriteGuard<T, V>, Self>
    where
        F: FnOnce(&mut U) -> Option<&mut V>,
    {
        this.0.try_map(part).map(OwnedRwLockMappedWriteGuard).map_err(Self)
    }

    /// The lock that this is of.
    #[must_use]
    pub fn rwlock(this: &Self) -> &Arc<RwLock<T>> {
        this.0.lender()
    }
}
