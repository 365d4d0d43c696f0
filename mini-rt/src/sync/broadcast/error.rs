//! What can go wrong in a broadcast.

use std::error::Error;
use std::fmt;

/// Nobody receives: here is the value back.
#[derive(Debug)]
pub struct SendError<T>(pub T);

/// Why a receive gave no value.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RecvError {
    /// All senders are gone, and all values were received.
    Closed,
    /// The receiver was too slow: so many values were lost to it. The next receive gives the oldest
    /// that is still there.
    Lagged(u64),
}

/// Why there is no value now.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum TryRecvError {
    /// All values were received, and more may come.
    Empty,
    /// All senders are gone, and all values were received.
    Closed,
    /// As [`RecvError::Lagged`].
    Lagged(u64),
}

impl<T> fmt::Display for SendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("channel closed")
    }
}

impl fmt::Display for RecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => f.write_str("channel closed"),
            Self::Lagged(lost) => write!(f, "channel lagged by {lost}"),
        }
    }
}

impl fmt::Display for TryRecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("channel empty"),
            Self::Closed => f.write_str("channel closed"),
            Self::Lagged(lost) => write!(f, "channel lagged by {lost}"),
        }
    }
}

impl<T: fmt::Debug> Error for SendError<T> {}
impl Error for RecvError {}
impl Error for TryRecvError {}
