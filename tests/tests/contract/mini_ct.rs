//! mini-rt, current-thread.

use super::mini_io as io;
use ::mini_rt as rt;

/// The thread in `block_on` is the only one that runs tasks.
static WORKERS: usize = 0;

/// The flavour, with nothing set.
fn builder() -> rt::runtime::Builder {
    let mut builder = rt::runtime::Builder::new_current_thread();
    builder.enable_all();
    builder
}

#[path = "beyond_tokio/mod.rs"]
mod beyond_tokio;
#[path = "cases/mod.rs"]
mod cases;
#[path = "current_thread/mod.rs"]
mod only;
