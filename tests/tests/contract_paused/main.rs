//! What does a clock promise that is paused, and do mini-rt and Tokio keep it?
//!
//! Each promise is written once, in `cases/`, as in `contract`. Tokio has such a clock behind its
//! feature `test-util`, which makes each reading of it dearer. Features are those of a whole build,
//! and the benches must not have this one; so Tokio passes these cases in a run of its own, with
//! `--features tokio-paused`.

#![allow(clippy::duplicate_mod, reason = "the cases are compiled once per runtime, on purpose")]

mod mini;
#[cfg(feature = "tokio-paused")]
mod tokio;
