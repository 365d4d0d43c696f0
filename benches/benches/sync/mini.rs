//! The cases with mini-rt's channels and locks.

#[path = "cases.rs"]
pub(super) mod cases;

use ::mini_rt as rt;
