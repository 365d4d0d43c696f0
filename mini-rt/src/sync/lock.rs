//! Who may reach the value that is under a lock?
//!
//! Who holds permits of the lock's [`Semaphore`]: all of them to write, one to read. The value lies
//! in a [`Locked`]; a guard is an [`Exclusive`] or a [`Shared`], which is a pointer to the value, or
//! to a part of it, and the [`Permit`]. What the guards of [`Mutex`] and [`RwLock`] do is forwarded to
//! them: their unsafe code is here, and nowhere else.
//!
//! 1. While an [`Exclusive`] of a value is there, nothing else is. While a [`Shared`] is there,
//!    nothing but others are.
//! 2. A guard's pointer stays valid while its permit's lender does, which keeps the value.
//! 3. The pointer is used before the permit is given back: fields are dropped in their order, and
//!    nothing is done with a pointer when it is dropped.
//!
//! - edge M1 of the [`semaphore`](super::semaphore) orders what one guard did before the next.
//!
//! Rejected: a guard of one word that finds its value by the lock (Tokio's), as a mapped one cannot,
//! and each map then has to take a guard with a destructor apart by hand; references in place of
//! pointers (a guard that is passed to a function would promise the value to it until the function
//! ends, though the guard may be dropped, and the lock be taken by another, before that).

mod guard_traits;

pub(super) use guard_traits::guard_traits;

use super::semaphore::{Lender, Permit};
use super::{Mutex, RwLock, Semaphore};
use crate::primitive::{UnsafeCell, const_fn};
use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::sync::Arc;

/// A value, and the permits to reach it. `A` is [`OneAtATime`] or [`ManyRead`].
pub(super) struct Locked<T: ?Sized, A> {
    semaphore: Semaphore,
    /// How many there are, which who writes needs. One at least: without any, all would be alone.
    permits: u32,
    _access: PhantomData<A>,
    /// The only field with a `T`, so that a lock of an array can become one of a slice.
    value: UnsafeCell<T>,
}

/// All access to the value is exclusive.
pub(super) enum OneAtATime {}

/// Several may [`read`] the value at a time.
pub(super) enum ManyRead {}

// SAFETY: whoever owns the lock owns the value, and nothing else of it is bound to a thread.
unsafe impl<T: ?Sized + Send, A> Send for Locked<T, A> {}

// SAFETY: sharing it lets threads reach its value one after the other, for which it must be `Send`.
unsafe impl<T: ?Sized + Send> Sync for Locked<T, OneAtATime> {}

// SAFETY: as above, and several threads at a time, for which the value must be `Sync`.
unsafe impl<T: ?Sized + Send + Sync> Sync for Locked<T, ManyRead> {}

impl<T, A> Locked<T, A> {
    const_fn! {
        /// # Panics
        /// Without permits.
        #[track_caller]
        pub(super) fn new(value: T, permits: u32) -> Self {
            assert!(permits > 0, "a lock that nobody may take: give it room for 1 reader or more");
            let semaphore = Semaphore::new(permits as usize);
            Self { semaphore, permits, _access: PhantomData, value: UnsafeCell::new(value) }
        }
    }

    pub(super) fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

impl<T: ?Sized, A> Locked<T, A> {
    pub(super) fn get_mut(&mut self) -> &mut T {
        self.value.with_mut(|value| {
            // SAFETY: `self` is borrowed for as long as what is returned, and no guard is there,
            // as that would borrow `self`, or own it together with others.
            unsafe { &mut *value }
        })
    }

    pub(super) fn semaphore(&self) -> &Semaphore {
        &self.semaphore
    }
}

/// A lock that its users know.
///
/// # Safety
/// [`locked`](Kept::locked) returns a part of it, always the same.
pub(super) unsafe trait Kept {
    type Value: ?Sized;
    type Access;
    fn locked(&self) -> &Locked<Self::Value, Self::Access>;
}

// SAFETY: it is a field.
unsafe impl<T: ?Sized> Kept for Mutex<T> {
    type Value = T;
    type Access = OneAtATime;

    fn locked(&self) -> &Locked<T, OneAtATime> {
        &self.lock
    }
}

// SAFETY: it is a field.
unsafe impl<T: ?Sized> Kept for RwLock<T> {
    type Value = T;
    type Access = ManyRead;

    fn locked(&self) -> &Locked<T, ManyRead> {
        &self.lock
    }
}

impl<K: Kept + ?Sized> Lender for &K {
    fn semaphore(&self) -> &Semaphore {
        &self.locked().semaphore
    }
}

impl<K: Kept + ?Sized> Lender for Arc<K> {
    fn semaphore(&self) -> &Semaphore {
        &self.locked().semaphore
    }
}

/// Something that keeps a lock alive, where it is, also when this is moved.
pub(super) trait Keeps: Lender + Deref<Target: Kept> {}
impl<K: Kept + ?Sized> Keeps for &K {}
impl<K: Kept + ?Sized> Keeps for Arc<K> {}

/// The value of the lock that `K` keeps.
pub(super) type ValueOf<K> = <<K as Deref>::Target as Kept>::Value;

/// Waits until nobody else has access.
pub(super) async fn write<K: Keeps>(keeper: K) -> Exclusive<K, ValueOf<K>> {
    let locked = keeper.locked();
    let permits = locked.permits;
    locked.semaphore.wait_for(permits).await.expect("a lock's semaphore is never closed");
    Exclusive::new(Permit::new(keeper, permits))
}

/// Access, if nobody else has it, or waits.
pub(super) fn try_write<K: Keeps>(keeper: K) -> Result<Exclusive<K, ValueOf<K>>, TryLockError> {
    let permits = keeper.locked().permits;
    keeper.semaphore().try_take(permits).map_err(|_| TryLockError(()))?;
    Ok(Exclusive::new(Permit::new(keeper, permits)))
}

/// Waits until nobody writes.
pub(super) async fn read<K>(keeper: K) -> Shared<K, ValueOf<K>>
where
    K: Keeps<Target: Kept<Access = ManyRead>>,
{
    keeper.semaphore().wait_for(1).await.expect("a lock's semaphore is never closed");
    Shared::new(Permit::new(keeper, 1))
}

/// Access, if nobody writes, or waits.
pub(super) fn try_read<K>(keeper: K) -> Result<Shared<K, ValueOf<K>>, TryLockError>
where
    K: Keeps<Target: Kept<Access = ManyRead>>,
{
    keeper.semaphore().try_take(1).map_err(|_| TryLockError(()))?;
    Ok(Shared::new(Permit::new(keeper, 1)))
}

/// Access to a `U` that no one else has. Gives its permits back when it is dropped.
pub(super) struct Exclusive<L: Lender, U: ?Sized> {
    value: NonNull<U>,
    permit: Permit<L>,
    /// As in a `&mut U`, no lifetime within `U` may be shortened.
    _invariant: PhantomData<fn(U) -> U>,
}

// SAFETY: it is a `&mut U` and a permit, and can go where both can. (What is left of the lock's value,
// outside of `U`, it does not touch.)
unsafe impl<L: Lender + Send, U: ?Sized + Send> Send for Exclusive<L, U> {}

// SAFETY: as above; shared, it gives out `&U`.
unsafe impl<L: Lender + Sync, U: ?Sized + Sync> Sync for Exclusive<L, U> {}

impl<K: Keeps> Exclusive<K, ValueOf<K>> {
    /// For who has all permits.
    fn new(permit: Permit<K>) -> Self {
        let value = permit.lender().locked().value.with_mut(NonNull::new);
        let value = value.expect("a cell is somewhere");
        Self { value, permit, _invariant: PhantomData }
    }

    /// Lets others read as well: gives back all permits but one.
    pub(super) fn downgrade(mut self) -> Shared<K, ValueOf<K>> {
        self.permit.keep(1);
        Shared { value: self.value, permit: self.permit }
    }
}

impl<L: Lender, U: ?Sized> Exclusive<L, U> {
    pub(super) fn lender(&self) -> &L {
        self.permit.lender()
    }

    /// Access to a part of it. If `part` panics the lock is let go.
    pub(super) fn map<V: ?Sized>(mut self, part: impl FnOnce(&mut U) -> &mut V) -> Exclusive<L, V> {
        let value = NonNull::from(part(&mut self));
        Exclusive { value, permit: self.permit, _invariant: PhantomData }
    }

    /// Access to a part of it, if it has that.
    pub(super) fn try_map<V: ?Sized>(
        mut self,
        part: impl FnOnce(&mut U) -> Option<&mut V>,
    ) -> Result<Exclusive<L, V>, Self> {
        match part(&mut self).map(NonNull::from) {
            Some(value) => Ok(Exclusive { value, permit: self.permit, _invariant: PhantomData }),
            None => Err(self),
        }
    }

    /// Access to a part of it for many readers. The part is found before the others are let in.
    pub(super) fn downgrade_map<V: ?Sized>(mut self, part: impl FnOnce(&U) -> &V) -> Shared<L, V> {
        let value = NonNull::from(part(&self));
        self.permit.keep(1);
        Shared { value, permit: self.permit }
    }

    /// [`downgrade_map`](Self::downgrade_map), if it has that part.
    pub(super) fn try_downgrade_map<V: ?Sized>(
        mut self,
        part: impl FnOnce(&U) -> Option<&V>,
    ) -> Result<Shared<L, V>, Self> {
        match part(&self).map(NonNull::from) {
            Some(value) => {
                self.permit.keep(1);
                Ok(Shared { value, permit: self.permit })
            }
            None => Err(self),
        }
    }

    /// The same access by what `lender` makes of the lender.
    pub(super) fn lent_by<M: Lender>(self, lender: impl FnOnce(L) -> M) -> Exclusive<M, U>
    where
        L: Copy,
    {
        Exclusive {
            value: self.value,
            permit: self.permit.lent_by(lender),
            _invariant: PhantomData,
        }
    }
}

impl<L: Lender, U: ?Sized> Deref for Exclusive<L, U> {
    type Target = U;

    fn deref(&self) -> &U {
        // SAFETY: invariants 1 and 2; nobody writes while `self` is borrowed.
        unsafe { self.value.as_ref() }
    }
}

impl<L: Lender, U: ?Sized> DerefMut for Exclusive<L, U> {
    fn deref_mut(&mut self) -> &mut U {
        // SAFETY: invariants 1 and 2; nobody else has it while `self` is borrowed.
        unsafe { self.value.as_mut() }
    }
}

/// Access to a `U` that others may read too. Gives its permit back when it is dropped.
pub(super) struct Shared<L: Lender, U: ?Sized> {
    value: NonNull<U>,
    permit: Permit<L>,
}

// SAFETY: it is a `&U` and a permit, and can go where both can.
unsafe impl<L: Lender + Send, U: ?Sized + Sync> Send for Shared<L, U> {}

// SAFETY: as above.
unsafe impl<L: Lender + Sync, U: ?Sized + Sync> Sync for Shared<L, U> {}

impl<K: Keeps> Shared<K, ValueOf<K>> {
    /// For who has a permit.
    fn new(permit: Permit<K>) -> Self {
        let value = permit.lender().locked().value.with(|value| NonNull::new(value.cast_mut()));
        Self { value: value.expect("a cell is somewhere"), permit }
    }
}

impl<L: Lender, U: ?Sized> Shared<L, U> {
    pub(super) fn lender(&self) -> &L {
        self.permit.lender()
    }

    /// Access to a part of it.
    pub(super) fn map<V: ?Sized>(self, part: impl FnOnce(&U) -> &V) -> Shared<L, V> {
        Shared { value: NonNull::from(part(&self)), permit: self.permit }
    }

    /// Access to a part of it, if it has that.
    pub(super) fn try_map<V: ?Sized>(
        self,
        part: impl FnOnce(&U) -> Option<&V>,
    ) -> Result<Shared<L, V>, Self> {
        match part(&self).map(NonNull::from) {
            Some(value) => Ok(Shared { value, permit: self.permit }),
            None => Err(self),
        }
    }

    /// The same access by what `lender` makes of the lender.
    pub(super) fn lent_by<M: Lender>(self, lender: impl FnOnce(L) -> M) -> Shared<M, U>
    where
        L: Copy,
    {
        Shared { value: self.value, permit: self.permit.lent_by(lender) }
    }
}

impl<L: Lender, U: ?Sized> Deref for Shared<L, U> {
    type Target = U;

    fn deref(&self) -> &U {
        // SAFETY: invariants 1 and 2.
        unsafe { self.value.as_ref() }
    }
}

/// There is somebody in the lock, or waiting for it: what `try_lock` and its like say.
#[derive(Debug)]
pub struct TryLockError(pub(super) ());

impl fmt::Display for TryLockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the lock is held by another")
    }
}

impl std::error::Error for TryLockError {}
