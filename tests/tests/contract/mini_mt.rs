//! mini-rt, multi-thread, two workers.

use super::mini_io as io;
use ::mini_rt as rt;

/// How many threads run tasks whether or not one is in `block_on`.
static WORKERS: usize = 2;

/// The flavour, with nothing but its number of workers set.
fn builder() -> rt::runtime::Builder {
    let mut builder = rt::runtime::Builder::new_multi_thread();
    builder.worker_threads(WORKERS).enable_all();
    builder
}

#[path = "beyond_tokio/mod.rs"]
mod beyond_tokio;
#[path = "beyond_tokio/workers.rs"]
mod beyond_tokio_workers;
#[path = "cases/mod.rs"]
mod cases;
#[path = "multi_thread/mod.rs"]
mod only;
