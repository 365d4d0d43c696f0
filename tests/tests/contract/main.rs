//! What does a runtime promise, and do mini-rt and Tokio keep it?
//!
//! The names and the semantics are Tokio's, so each promise is written once, in `cases/`, against
//! the alias `rt`; that directory is compiled once per runtime and flavour. The name of a case is
//! the promise, and `cargo test --test contract mini_mt::` runs one flavour.
//!
//! 1. Tokio is the oracle: a case that Tokio does not pass is wrong. What mini-rt promises on top
//!    stands apart, in `beyond_tokio/`.
//! 2. No case sleeps to arrange an order. What has to happen first is waited for, on a channel or
//!    a barrier. Timers appear where timers are what is promised.
//! 3. Each case has a watchdog, so a lost wake-up is a failing case with a name.
//!
//! Cannot tell: whether a race is absent. The cases that race two threads run it a few hundred
//! times, which finds the coarse mistakes; the loom models beside the code are there for the rest.

#![allow(clippy::duplicate_mod, reason = "the cases are compiled once per runtime, on purpose")]

mod mini_ct;
mod mini_io;
mod mini_mt;
mod mini_sync_on_tokio;
mod tokio_ct;
mod tokio_io;
mod tokio_mt;
