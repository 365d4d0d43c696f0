//! Loom's. Its models are of parts that read no clock, wait for no event and start no runtime: for
//! those the machine's own stand here, so that the rest compiles.

pub(crate) use loom::cell::UnsafeCell;
pub(crate) use loom::sync::{
    Arc, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard, atomic,
};
pub(crate) use std::thread::LocalKey;
pub(crate) use std::thread_local;

pub(crate) mod thread {
    pub(crate) use loom::thread::*;
    pub(crate) use std::thread::{available_parallelism, panicking};
}

pub(crate) mod events {
    pub(crate) use mio::{Events, Poll, Registry, Waker};
}

pub(crate) fn now() -> std::time::Instant {
    std::time::Instant::now()
}

/// Loom knows no time: it is over as soon as every other thread has had its chance.
pub(crate) fn park_timeout(_: std::time::Duration) {
    thread::yield_now();
}

pub(super) fn guess<T>(_: impl FnOnce() -> T, modify: impl FnOnce() -> T) -> T {
    modify()
}
