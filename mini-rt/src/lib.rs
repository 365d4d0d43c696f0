//! An async runtime, written to be read.

#![cfg_attr(not(test), allow(dead_code, reason = "the strata are being laid"))]

mod block_on;
mod blocking;
mod coop;
mod driver;
pub mod net;
mod park;
mod primitive;
#[allow(
    unsafe_code,
    reason = "a ring of words that are tasks: a claimed word becomes a task again"
)]
mod queue;
mod reactor;
pub mod runtime;
mod scheduler;
#[allow(
    unsafe_code,
    reason = "one allocation per task, shared by untyped pointers and a state word"
)]
pub mod task;
pub mod time;
mod util;
mod wheel;

pub use runtime::spawn;

/// What sources of I/O are ready for, and what is waited for.
pub mod io {
    pub use crate::reactor::{Interest, Ready};
}
