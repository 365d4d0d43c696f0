//! The chat server: an IRC server written once, generic over the async runtime that serves it.
//!
//! [`core`] is the protocol: bytes in, lines out, no I/O, no clock, no task. [`server`] is the shell
//! around it: sockets, tasks, timeouts, shutdown. [`runtime`] is what the shell needs of a runtime,
//! and the adapters for those there are. [`floor`] is the same core without a runtime, to compare.

#![forbid(unsafe_code)]

pub mod candidate;
pub mod compare;
mod conditions;
pub mod core;
pub mod floor;
pub mod load;
pub mod markdown;
pub mod runtime;
pub mod server;

pub use self::conditions::conditions;
