//! What can go wrong with a value sent once.

use std::error::Error;
use std::fmt;

/// The sender was dropped without a value, or the channel was closed before it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RecvError(pub(super) ());

/// Why there is no value now.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum TryRecvError {
    /// Not yet.
    Empty,
    /// Never: the sender was dropped, the channel was closed, or the value was taken.
    Closed,
}

impl fmt::Display for RecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("channel closed")
    }
}

impl fmt::Display for TryRecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "channel empty",
            Self::Closed => "channel closed",
        })
    }
}

impl Error for RecvError {}
impl Error for TryRecvError {}
