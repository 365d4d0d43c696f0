//! Which atomics, locks and threads does the runtime run on: the machine's, or loom's?
//!
//! Everything shared between threads is built from the names of this module, so that the same
//! source runs on `std` in production and under the [loom] model checker in the models that stand
//! beside the code. This is the only file with `cfg(loom)` outside of test modules.
//!
//! 1. No other module names `std::sync::atomic`, `std::sync::Mutex`, `std::cell::UnsafeCell` or
//!    `std::thread::park`. (A `std` atomic is invisible to loom: a model that uses one proves
//!    nothing about it.) The one exception orders nothing: a lock that makes a panic's payload
//!    `Sync`, in [`JoinError`](crate::task::JoinError).
//! 2. [`Mutex`] ignores poisoning. User code never runs under one of our locks, so a poisoned lock
//!    could only come from a panic of our own, and then the first panic is the one to report.
//!
//! Rejected: `parking_lot` (one more dependency; `std`'s mutex is the same futex word), and a
//! feature instead of a `cfg` (features are additive across a build, a model checker is not).
//!
//! [loom]: https://docs.rs/loom

pub(crate) use imp::{Arc, UnsafeCell, atomic, park_timeout, thread};

/// Whether this build is for the model checker: sizes are shrunk then, so that a model reaches
/// "full" and "wrapped around" within a few steps.
pub(crate) const IS_MODEL: bool = cfg!(loom);

/// A mutual exclusion lock whose [`lock`](Mutex::lock) cannot fail. See the module's rule 2.
#[derive(Debug, Default)]
pub(crate) struct Mutex<T>(imp::Mutex<T>);

pub(crate) use imp::MutexGuard;

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(imp::Mutex::new(value))
    }

    /// Blocks until the lock is free.
    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Takes the lock if it is free now.
    pub(crate) fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        match self.0.try_lock() {
            Ok(guard) => Some(guard),
            Err(std::sync::TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(std::sync::TryLockError::WouldBlock) => None,
        }
    }
}

/// The value that a compare-exchange loop starts from: `atomic.guess()` in place of a load.
///
/// Under loom it is a read-modify-write that changes nothing. Loom remembers one last access of an
/// atomic; a load just before an exchange makes it forget the accesses of other threads, and it
/// skips the interleavings with them (its issues 166 and 392: with a plain load, a model that must
/// fail passed after one run).
pub(crate) trait Guess {
    type Value;
    fn guess(&self) -> Self::Value;
}

macro_rules! guess_for {
    ($($atomic:ident: $value:ty),*) => {$(
        impl Guess for atomic::$atomic {
            type Value = $value;
            #[inline(always)]
            fn guess(&self) -> $value {
                // Acquire, for who finds that there is nothing to exchange.
                imp::guess(
                    || self.load(atomic::Ordering::Acquire),
                    || self.fetch_or(0, atomic::Ordering::Acquire),
                )
            }
        }
    )*};
}

guess_for!(AtomicU32: u32, AtomicU64: u64, AtomicUsize: usize);

#[cfg(not(loom))]
mod imp {
    pub(crate) use std::sync::{Arc, Mutex, MutexGuard, atomic};
    pub(crate) use std::thread;
    pub(crate) use std::thread::park_timeout;

    #[inline(always)]
    pub(super) fn guess<T>(load: impl FnOnce() -> T, _: impl FnOnce() -> T) -> T {
        load()
    }

    /// `std`'s cell with loom's interface: access is a closure, so that loom can see where each
    /// access begins and ends and report two that overlap.
    #[derive(Debug)]
    #[repr(transparent)]
    pub(crate) struct UnsafeCell<T>(std::cell::UnsafeCell<T>);

    impl<T> UnsafeCell<T> {
        pub(crate) const fn new(value: T) -> Self {
            Self(std::cell::UnsafeCell::new(value))
        }

        #[inline(always)]
        pub(crate) fn with<R>(&self, f: impl FnOnce(*const T) -> R) -> R {
            f(self.0.get())
        }

        #[inline(always)]
        pub(crate) fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
            f(self.0.get())
        }
    }
}

#[cfg(loom)]
mod imp {
    pub(crate) use loom::cell::UnsafeCell;
    pub(crate) use loom::sync::{Arc, Mutex, MutexGuard, atomic};
    pub(crate) use loom::thread;

    /// Loom knows no time: it is over as soon as every other thread has had its chance.
    pub(crate) fn park_timeout(_: std::time::Duration) {
        thread::yield_now();
    }

    pub(super) fn guess<T>(_: impl FnOnce() -> T, modify: impl FnOnce() -> T) -> T {
        modify()
    }
}
