//! Which atomics, locks, threads and clock does the runtime run on: the machine's, or a model's?
//!
//! Everything shared between threads is built from the names of this module, so that the same
//! source runs on three grounds. This is the only module with `cfg(loom)` or `cfg(shuttle)` outside
//! of test modules.
//!
//! | | what it is | what runs on it |
//! |---|---|---|
//! | `std.rs` | the machine, by re-exports of `std` and mio | production |
//! | `loom.rs` | [loom]: every order of few steps, weak memory too | models beside the code |
//! | `shuttle/` | [shuttle]: seeded orders of many steps | whole runtimes: `runtime/shuttle_tests` |
//!
//! 1. No other module names `std::sync::atomic`, `std::sync::Mutex`, `std::cell::UnsafeCell`,
//!    `std::thread_local`, threads, `Instant::now` or mio's `Poll`. (A `std` atomic is invisible to
//!    a model, which then proves nothing about it, and a clock of the machine's makes no two runs
//!    alike.) Exceptions: locks that order nothing, but make what is in them `Sync`, in
//!    [`Unshared`](crate::util::Unshared) and [`JoinError`](crate::task::JoinError); the one around the
//!    thread of a [`Parker`](crate::park::Parker) (with a switch of threads between its look and its
//!    bell, loom wakes a thread that joins); and [`Latch`], which no model sees change.
//! 2. [`Mutex`] ignores poisoning. User code never runs under one of our locks, so a poisoned lock
//!    could only come from a panic of our own, and then the first panic is the one to report. So does
//!    [`RwLock`], under which user code does run, and whose user says what a panic leaves.
//!
//! Rejected: `parking_lot` (one more dependency; `std`'s mutex is the same futex word), and a
//! feature instead of a `cfg` (features are additive across a build, a model checker is not).
//!
//! [loom]: https://docs.rs/loom
//! [shuttle]: https://docs.rs/shuttle

#[cfg(not(loom))]
mod cell;
#[cfg_attr(not(any(loom, shuttle)), path = "std.rs")]
#[cfg_attr(loom, path = "loom.rs")]
#[cfg_attr(shuttle, path = "shuttle/mod.rs")]
mod imp;
mod latch;

pub(crate) use imp::{Arc, LocalKey, UnsafeCell, atomic, events, now, park_timeout, thread};
pub(crate) use imp::{MutexGuard, RwLockReadGuard, RwLockWriteGuard, thread_local};
pub(crate) use latch::Latch;

/// Makes functions `const`, but not under loom, whose atomics and locks are made at run time.
#[cfg(not(loom))]
macro_rules! const_fn {
    ($($(#[$attr:meta])* $vis:vis fn $name:ident($($params:tt)*) -> $ret:ty $body:block)*) => {
        $($(#[$attr])* $vis const fn $name($($params)*) -> $ret $body)*
    };
}
#[cfg(loom)]
macro_rules! const_fn {
    ($($item:tt)*) => { $($item)* };
}
pub(crate) use const_fn;

/// Whether this build is for a model: sizes are shrunk then, so that it reaches "full" and "wrapped
/// around" within a few steps.
pub(crate) const IS_MODEL: bool = cfg!(any(loom, shuttle));

/// A mutual exclusion lock whose [`lock`](Mutex::lock) cannot fail. See the module's rule 2.
#[derive(Debug, Default)]
pub(crate) struct Mutex<T>(imp::Mutex<T>);

impl<T> Mutex<T> {
    const_fn! {
        pub(crate) fn new(value: T) -> Self {
            Self(imp::Mutex::new(value))
        }
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

/// A lock for one writer or many readers, which cannot fail. See the module's rule 2.
#[derive(Debug, Default)]
pub(crate) struct RwLock<T>(imp::RwLock<T>);

impl<T> RwLock<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(imp::RwLock::new(value))
    }

    /// Blocks until nobody writes.
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, T> {
        self.0.read().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Blocks until nobody reads or writes.
    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, T> {
        self.0.write().unwrap_or_else(std::sync::PoisonError::into_inner)
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
