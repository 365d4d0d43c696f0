//! What sources of I/O are ready for, and what is waited for.

pub(crate) mod source;

pub use crate::reactor::{Interest, Ready};
