//! An async runtime, written to be read.

#![cfg_attr(not(test), allow(dead_code, reason = "the strata are being laid"))]

mod coop;
mod primitive;
#[allow(
    unsafe_code,
    reason = "one allocation per task, shared by untyped pointers and a state word"
)]
pub mod task;
mod util;
