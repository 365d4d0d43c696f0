//! Why was there no permit?

use std::error::Error;
use std::fmt;

/// The semaphore has been [closed](super::Semaphore::close).
#[derive(Debug)]
pub struct AcquireError(pub(super) ());

/// There is no permit now.
#[derive(Debug, PartialEq, Eq)]
pub enum TryAcquireError {
    /// The semaphore has been [closed](super::Semaphore::close): there will be none.
    Closed,
    /// Fewer than asked for are free, or others wait for them.
    NoPermits,
}

impl fmt::Display for AcquireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the semaphore is closed")
    }
}

impl Error for AcquireError {}

impl fmt::Display for TryAcquireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => f.write_str("the semaphore is closed"),
            Self::NoPermits => f.write_str("no permits are free"),
        }
    }
}

impl Error for TryAcquireError {}
