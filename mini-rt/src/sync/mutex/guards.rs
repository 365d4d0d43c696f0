//! The guards that borrow their [`Mutex`].

use super::Mutex;
use crate::sync::Semaphore;
use crate::sync::lock::{Exclusive, guard_traits};

/// The value of a [`Mutex`], which is free again when this is dropped. See
/// [`lock`](Mutex::lock).
///
/// ```
/// use mini_rt::sync::{Mutex, MutexGuard};
///
/// let pair = Mutex::new((1, "one"));
/// let guard = pair.try_lock().expect("nobody has it");
/// let mut number = MutexGuard::map(guard, |pair| &mut pair.0);
/// *number += 1;
/// drop(number);
/// assert_eq!(pair.into_inner(), (2, "one"));
/// ```
#[must_use = "the lock is free again when this is dropped"]
pub struct MutexGuard<'a, T: ?Sized>(pub(super) Exclusive<&'a Mutex<T>, T>);

guard_traits!(mut ['a, T: ?Sized] MutexGuard<'a, T> => T);

impl<'a, T: ?Sized> MutexGuard<'a, T> {
    /// Makes a guard of a part of the value. The lock stays taken. If `part` panics, it is freed.
    pub fn map<U, F>(this: Self, part: F) -> MappedMutexGuard<'a, U>
    where
        U: ?Sized,
        F: FnOnce(&mut T) -> &mut U,
    {
        MappedMutexGuard(this.0.map(part).lent_by(|mutex| mutex.lock.semaphore()))
    }

    /// [`map`](Self::map), if there is that part.
    ///
    /// # Errors
    /// The guard itself, if there is not.
    pub fn try_map<U, F>(this: Self, part: F) -> Result<MappedMutexGuard<'a, U>, Self>
    where
        U: ?Sized,
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        let mapped = this.0.try_map(part).map_err(Self)?;
        Ok(MappedMutexGuard(mapped.lent_by(|mutex| mutex.lock.semaphore())))
    }

    /// The lock that this is of.
    #[must_use]
    pub fn mutex(this: &Self) -> &'a Mutex<T> {
        this.0.lender()
    }
}

/// A part of the value of a [`Mutex`], which is free again when this is dropped. See
/// [`MutexGuard::map`].
#[must_use = "the lock is free again when this is dropped"]
pub struct MappedMutexGuard<'a, T: ?Sized>(Exclusive<&'a Semaphore, T>);

guard_traits!(mut ['a, T: ?Sized] MappedMutexGuard<'a, T> => T);

impl<'a, T: ?Sized> MappedMutexGuard<'a, T> {
    /// Makes a guard of a part of this one's. If `part` panics, the lock is freed.
    pub fn map<U, F>(this: Self, part: F) -> MappedMutexGuard<'a, U>
    where
        U: ?Sized,
        F: FnOnce(&mut T) -> &mut U,
    {
        MappedMutexGuard(this.0.map(part))
    }

    /// [`map`](Self::map), if there is that part.
    ///
    /// # Errors
    /// The guard itself, if there is not.
    pub fn try_map<U, F>(this: Self, part: F) -> Result<MappedMutexGuard<'a, U>, Self>
    where
        U: ?Sized,
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        this.0.try_map(part).map(MappedMutexGuard).map_err(Self)
    }
}
