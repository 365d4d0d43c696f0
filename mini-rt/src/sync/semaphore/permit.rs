//! Permits that are held, and given back when they are dropped.

use super::Semaphore;
use std::fmt;
use std::mem;
use std::sync::Arc;

/// Something that keeps a semaphore alive: a reference to it, or to the lock that it is in.
pub(in crate::sync) trait Lender {
    fn semaphore(&self) -> &Semaphore;
}

impl Lender for &Semaphore {
    fn semaphore(&self) -> &Semaphore {
        self
    }
}

impl Lender for Arc<Semaphore> {
    fn semaphore(&self) -> &Semaphore {
        self
    }
}

/// So many permits of what was lent by `L`. Every guard of a lock has one.
pub(in crate::sync) struct Permit<L: Lender> {
    lender: L,
    permits: usize,
}

impl<L: Lender> Permit<L> {
    /// For who has just taken so many.
    pub(in crate::sync) fn new(lender: L, permits: u32) -> Self {
        Self { lender, permits: permits as usize }
    }

    pub(in crate::sync) fn lender(&self) -> &L {
        &self.lender
    }

    /// Gives back all but `kept`.
    pub(in crate::sync) fn keep(&mut self, kept: usize) {
        let released = self.permits - kept;
        self.permits = kept;
        self.lender.semaphore().release(released);
    }

    /// The same permits, lent by what `lender` makes of the lender, which has the same semaphore.
    pub(in crate::sync) fn lent_by<M: Lender>(mut self, lender: impl FnOnce(L) -> M) -> Permit<M>
    where
        L: Copy,
    {
        Permit { lender: lender(self.lender), permits: self.take() }
    }

    fn take(&mut self) -> usize {
        mem::take(&mut self.permits)
    }

    #[track_caller]
    fn merge(&mut self, mut other: Self) {
        assert!(
            std::ptr::eq(self.lender.semaphore(), other.lender.semaphore()),
            "permits of two semaphores cannot be merged"
        );
        let sum = self.permits.checked_add(other.permits);
        self.permits = sum.expect("permits that there are can be counted");
        other.take();
    }

    fn split(&mut self, permits: usize) -> Option<Self>
    where
        L: Clone,
    {
        let left = self.permits.checked_sub(permits)?;
        let lender = self.lender.clone();
        self.permits = left;
        Some(Self { lender, permits })
    }
}

impl<L: Lender> Drop for Permit<L> {
    fn drop(&mut self) {
        self.lender.semaphore().release(self.permits);
    }
}

impl<L: Lender> fmt::Debug for Permit<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { lender, permits } = self;
        let semaphore = lender.semaphore();
        f.debug_struct("Permit").field("semaphore", semaphore).field("permits", permits).finish()
    }
}

/// Permits of a [`Semaphore`], given back when this is dropped. See
/// [`acquire`](Semaphore::acquire).
///
/// ```
/// use mini_rt::sync::Semaphore;
///
/// let semaphore = Semaphore::new(5);
/// let mut permit = semaphore.try_acquire_many(3).expect("five are free");
/// let one = permit.split(1).expect("it has three");
/// drop(permit);
/// assert_eq!(semaphore.available_permits(), 4);
/// one.forget();
/// assert_eq!(semaphore.available_permits(), 4, "there are four in all now");
/// ```
#[must_use = "permits are given back when this is dropped"]
#[derive(Debug)]
pub struct SemaphorePermit<'a>(pub(super) Permit<&'a Semaphore>);

impl<'a> SemaphorePermit<'a> {
    /// Never gives its permits back.
    pub fn forget(mut self) {
        self.0.take();
    }

    /// Takes the permits of another over.
    ///
    /// # Panics
    /// If they are of two semaphores.
    #[track_caller]
    pub fn merge(&mut self, other: Self) {
        self.0.merge(other.0);
    }

    /// Gives `permits` of its own to a new one. `None`: it has fewer, and keeps them.
    pub fn split(&mut self, permits: usize) -> Option<Self> {
        self.0.split(permits).map(Self)
    }

    /// The semaphore that these are of.
    #[must_use]
    pub fn semaphore(&self) -> &'a Semaphore {
        self.0.lender
    }

    /// How many permits this has.
    #[must_use]
    pub fn num_permits(&self) -> usize {
        self.0.permits
    }
}

/// Permits of a [`Semaphore`] that is kept alive for them, given back when this is dropped. See
/// [`acquire_owned`](Semaphore::acquire_owned).
#[must_use = "permits are given back when this is dropped"]
#[derive(Debug)]
pub struct OwnedSemaphorePermit(pub(super) Permit<Arc<Semaphore>>);

impl OwnedSemaphorePermit {
    /// Never gives its permits back.
    pub fn forget(mut self) {
        self.0.take();
    }

    /// Takes the permits of another over.
    ///
    /// # Panics
    /// If they are of two semaphores.
    #[track_caller]
    pub fn merge(&mut self, other: Self) {
        self.0.merge(other.0);
    }

    /// Gives `permits` of its own to a new one. `None`: it has fewer, and keeps them.
    pub fn split(&mut self, permits: usize) -> Option<Self> {
        self.0.split(permits).map(Self)
    }

    /// The semaphore that these are of.
    #[must_use]
    pub fn semaphore(&self) -> &Arc<Semaphore> {
        &self.0.lender
    }

    /// How many permits this has.
    #[must_use]
    pub fn num_permits(&self) -> usize {
        self.0.permits
    }
}
