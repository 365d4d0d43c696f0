//! Shuttle's: threads are coroutines of one thread, and at each access of an atomic or a lock a
//! seeded scheduler says who goes on. Memory is sequentially consistent: orderings are loom's part.
//!
//! Shuttle has no time and no events of an operating system; they are here.
//!
//! 1. Nothing here, and nothing in the runtime, depends on what is not in the seed: not the
//!    machine's clock or randomness, not an address. So a seed gives the same run each time.

mod clock;
pub(crate) mod events;
mod local;

pub(crate) use super::cell::UnsafeCell;
pub(crate) use clock::{now, park_timeout};
pub(crate) use local::{LocalKey, shuttle_local as thread_local};
pub(crate) use shuttle::sync::{
    Arc, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard, atomic,
};

pub(crate) mod thread {
    #[cfg(test)]
    pub(crate) use shuttle::thread::spawn;
    pub(crate) use shuttle::thread::{
        Builder, JoinHandle, Thread, ThreadId, current, park, yield_now,
    };
    pub(crate) use std::thread::{available_parallelism, panicking};
}

pub(super) fn guess<T>(load: impl FnOnce() -> T, _: impl FnOnce() -> T) -> T {
    load()
}
