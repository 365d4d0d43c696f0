//! An async runtime, written to be read.

#![cfg_attr(not(test), allow(dead_code, reason = "the strata are being laid"))]

mod primitive;
mod util;
