//! The guards that borrow their [`RwLock`].

use super::RwLock;
use crate::sync::Semaphore;
use crate::sync::lock::{Exclusive, Shared, guard_traits};

/// The value of a [`RwLock`], or a part of it, to read. It may be written again when this and others
/// are dropped. See [`read`](RwLock::read).
///
/// ```
/// use mini_rt::sync::{RwLock, RwLockReadGuard};
///
/// let pair = RwLock::new((1, "one"));
/// let guard = pair.try_read().expect("nobody writes");
/// let name = RwLockReadGuard::map(guard, |pair| pair.1);
/// assert_eq!(&*name, "one");
/// ```
#[must_use = "the lock is free again when this is dropped"]
pub struct RwLockReadGuard<'a, T: ?Sized>(pub(super) Shared<&'a Semaphore, T>);

guard_traits!(['a, T: ?Sized] RwLockReadGuard<'a, T> => T);

impl<'a, T: ?Sized> RwLockReadGuard<'a, T> {
    /// Makes a guard of a part of the value. If `part` panics, this one is dropped.
    pub fn map<F, U: ?Sized>(this: Self, part: F) -> RwLockReadGuard<'a, U>
    where
        F: FnOnce(&T) -> &U,
    {
        RwLockReadGuard(this.0.map(part))
    }

    /// [`map`](Self::map), if there is that part.
    ///
    /// # Errors
    /// The guard itself, if there is not.
    pub fn try_map<F, U: ?Sized>(this: Self, part: F) -> Result<RwLockReadGuard<'a, U>, Self>
    where
        F: FnOnce(&T) -> Option<&U>,
    {
        this.0.try_map(part).map(RwLockReadGuard).map_err(Self)
    }
}

/// The value of a [`RwLock`], to write. It is free again when this is dropped. See
/// [`write`](RwLock::write).
///
/// ```
/// use mini_rt::sync::{RwLock, RwLockWriteGuard};
///
/// let pair = RwLock::new((1, "one"));
/// let mut guard = pair.try_write().expect("nobody has it");
/// guard.0 = 2;
/// let number = RwLockWriteGuard::downgrade_map(guard, |pair| &pair.0);
/// let other = pair.try_read().expect("only read");
/// assert_eq!(*number, other.0);
/// ```
#[must_use = "the lock is free again when this is dropped"]
pub struct RwLockWriteGuard<'a, T: ?Sized>(pub(super) Exclusive<&'a RwLock<T>, T>);

guard_traits!(mut ['a, T: ?Sized] RwLockWriteGuard<'a, T> => T);

impl<'a, T: ?Sized> RwLockWriteGuard<'a, T> {
    /// Makes a guard of a part of the value. The lock stays taken. If `part` panics, it is freed.
    pub fn map<F, U: ?Sized>(this: Self, part: F) -> RwLockMappedWriteGuard<'a, U>
    where
        F: FnOnce(&mut T) -> &mut U,
    {
        RwLockMappedWriteGuard(this.0.map(part).lent_by(|rwlock| rwlock.lock.semaphore()))
    }

    /// [`map`](Self::map), if there is that part.
    ///
    /// # Errors
    /// The guard itself, if there is not.
    pub fn try_map<F, U: ?Sized>(this: Self, part: F) -> Result<RwLockMappedWriteGuard<'a, U>, Self>
    where
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        let mapped = this.0.try_map(part).map_err(Self)?;
        Ok(RwLockMappedWriteGuard(mapped.lent_by(|rwlock| rwlock.lock.semaphore())))
    }

    /// Lets others read as well, and makes a guard of a part of the value. Nobody writes in between.
    pub fn downgrade_map<F, U: ?Sized>(this: Self, part: F) -> RwLockReadGuard<'a, U>
    where
        F: FnOnce(&T) -> &U,
    {
        RwLockReadGuard(this.0.downgrade_map(part).lent_by(|rwlock| rwlock.lock.semaphore()))
    }

    /// [`downgrade_map`](Self::downgrade_map), if there is that part.
    ///
    /// # Errors
    /// The guard itself, if there is not.
    pub fn try_downgrade_map<F, U: ?Sized>(
        this: Self,
        part: F,
    ) -> Result<RwLockReadGuard<'a, U>, Self>
    where
        F: FnOnce(&T) -> Option<&U>,
    {
        let mapped = this.0.try_downgrade_map(part).map_err(Self)?;
        Ok(RwLockReadGuard(mapped.lent_by(|rwlock| rwlock.lock.semaphore())))
    }

    /// Makes a guard of the same value, of the type that [`map`](Self::map) gives.
    pub fn into_mapped(this: Self) -> RwLockMappedWriteGuard<'a, T> {
        RwLockMappedWriteGuard(this.0.lent_by(|rwlock| rwlock.lock.semaphore()))
    }

    /// Lets others read as well. Nobody writes in between.
    pub fn downgrade(self) -> RwLockReadGuard<'a, T> {
        RwLockReadGuard(self.0.downgrade().lent_by(|rwlock| rwlock.lock.semaphore()))
    }
}

/// A part of the value of a [`RwLock`], to write. It is free again when this is dropped. See
/// [`RwLockWriteGuard::map`].
#[must_use = "the lock is free again when this is dropped"]
pub struct RwLockMappedWriteGuard<'a, T: ?Sized>(Exclusive<&'a Semaphore, T>);

guard_traits!(mut ['a, T: ?Sized] RwLockMappedWriteGuard<'a, T> => T);

impl<'a, T: ?Sized> RwLockMappedWriteGuard<'a, T> {
    /// Makes a guard of a part of this one's. If `part` panics, the lock is freed.
    pub fn map<F, U: ?Sized>(this: Self, part: F) -> RwLockMappedWriteGuard<'a, U>
    where
        F: FnOnce(&mut T) -> &mut U,
    {
        RwLockMappedWriteGuard(this.0.map(part))
    }

    /// [`map`](Self::map), if there is that part.
    ///
    /// # Errors
    /// The guard itself, if there is not.
    pub fn try_map<F, U: ?Sized>(this: Self, part: F) -> Result<RwLockMappedWriteGuard<'a, U>, Self>
    where
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        this.0.try_map(part).map(RwLockMappedWriteGuard).map_err(Self)
    }
}
