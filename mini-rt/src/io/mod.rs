//! What sources of I/O are ready for, and what is waited for.

mod async_fd;
pub(crate) mod buf;
pub(crate) mod lent;
pub(crate) mod source;

pub use crate::reactor::{Interest, Ready};

/// What only Unix systems have: file descriptors of any kind.
pub mod unix {
    pub use super::async_fd::{
        AsyncFd, AsyncFdReadyGuard, AsyncFdReadyMutGuard, AsyncFdRegisterError, TryIoError,
    };
}
