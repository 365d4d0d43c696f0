//! Tokio, multi-thread, two workers.

use super::tokio_io as io;
use ::tokio as rt;

/// How many threads run tasks whether or not one is in `block_on`.
static WORKERS: usize = 2;

/// The flavour, with nothing but its number of workers set.
fn builder() -> rt::runtime::Builder {
    let mut builder = rt::runtime::Builder::new_multi_thread();
    builder.worker_threads(WORKERS).enable_all();
    builder
}

#[path = "cases/mod.rs"]
mod cases;
#[path = "multi_thread/mod.rs"]
mod only;
