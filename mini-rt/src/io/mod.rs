//! What sources of I/O are ready for, and what is waited for; the standard input and output.
//!
//! The traits that they are read and written by are those of `futures::io`, and so are `BufReader`,
//! `copy` and the like: `use futures::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader}`. What
//! is called otherwise than in Tokio stands on the [first page](crate). Errors are those of `std::io`.

mod async_fd;
pub(crate) mod buf;
pub(crate) mod lent;
pub(crate) mod source;
mod stdin;
mod stdout;

pub use crate::reactor::{Interest, Ready};
pub use std::io::{Error, ErrorKind, Result, SeekFrom};
pub use stdin::{Stdin, stdin};
pub use stdout::{Stderr, Stdout, stderr, stdout};

/// What only Unix systems have: file descriptors of any kind.
pub mod unix {
    pub use super::async_fd::{
        AsyncFd, AsyncFdReadyGuard, AsyncFdReadyMutGuard, AsyncFdRegisterError, TryIoError,
    };
}
