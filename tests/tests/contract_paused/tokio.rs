//! Tokio.

use ::tokio as rt;

#[path = "cases/mod.rs"]
mod cases;
