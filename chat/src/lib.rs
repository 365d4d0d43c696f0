//! The chat server.
#![forbid(unsafe_code)]

pub mod core;
