//! The machine's own: what production runs on.

pub(crate) use super::cell::UnsafeCell;
pub(crate) use std::sync::{
    Arc, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard, atomic,
};
pub(crate) use std::thread::{self, LocalKey, park_timeout};
pub(crate) use std::thread_local;

/// Events of the operating system, and a bell that ends the wait for them.
pub(crate) mod events {
    pub(crate) use mio::{Events, Poll, Registry, Waker};
}

/// Reads the monotonic clock.
#[inline(always)]
pub(crate) fn now() -> std::time::Instant {
    std::time::Instant::now()
}

#[inline(always)]
pub(super) fn guess<T>(load: impl FnOnce() -> T, _: impl FnOnce() -> T) -> T {
    load()
}
