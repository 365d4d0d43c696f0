//! The cases with Tokio's channels and locks.

#[path = "cases.rs"]
pub(super) mod cases;

use ::tokio as rt;
