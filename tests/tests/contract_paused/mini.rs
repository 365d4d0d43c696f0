//! mini-rt.

use ::mini_rt as rt;

#[path = "cases/mod.rs"]
mod cases;
