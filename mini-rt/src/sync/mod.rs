//! Channels, locks and signals between tasks.
//!
//! Names and semantics are Tokio's. Nothing here knows a runtime: it runs wherever a future is
//! polled, under Tokio too (and is tested there). Inside a task of mini-rt an operation counts
//! against the poll's budget, as a socket's does.
//!
//! How each is built: what is shared stands under one lock or in one atomic word, as a value with
//! pure steps; who has to wait has an entry in a `WaitList`. A step says whom
//! to wake, and they are woken after the lock.

mod barrier;
pub mod broadcast;
mod cancellation_token;
#[allow(
    unsafe_code,
    reason = "a guard is a pointer to its lock's value, which it may reach while it has permits"
)]
mod lock;
#[cfg(all(test, loom))]
pub(crate) mod model;
pub mod mpsc;
mod mutex;
mod notify;
mod once;
mod once_cell;
pub mod oneshot;
mod poll_waker;
mod rwlock;
mod semaphore;
mod senders;
mod set_once;
mod update;
mod wait_list;
mod waker_set;
pub mod watch;

pub use barrier::{Barrier, BarrierWaitResult};
pub use cancellation_token::{CancellationToken, DropGuard, DropGuardRef};
pub use lock::TryLockError;
pub use mutex::{MappedMutexGuard, Mutex, MutexGuard, OwnedMappedMutexGuard, OwnedMutexGuard};
pub use notify::Notify;
pub use once_cell::{OnceCell, SetError};
pub use rwlock::{
    OwnedRwLockMappedWriteGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock,
    RwLockMappedWriteGuard, RwLockReadGuard, RwLockWriteGuard,
};
pub use semaphore::{
    AcquireError, OwnedSemaphorePermit, Semaphore, SemaphorePermit, TryAcquireError,
};
pub use set_once::{SetOnce, SetOnceError};

/// The futures that have names. (Beside `use mini_rt::sync::*` the crate of this name is `::futures`.)
pub mod futures {
    pub use super::cancellation_token::{
        WaitForCancellationFuture, WaitForCancellationFutureOwned,
    };
    pub use super::notify::{Notified, OwnedNotified};
}
