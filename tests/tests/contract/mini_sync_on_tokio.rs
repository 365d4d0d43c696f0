//! The channels and locks of mini-rt on Tokio, multi-thread: they know no runtime.

use ::tokio::runtime::{Builder, Runtime};
use tests::watchdog::guarded;

/// Tokio, but for what is under test.
mod rt {
    pub(super) use ::mini_rt::sync;
    #[allow(unused_imports, reason = "what cases of the same directory use, as it grows")]
    pub(super) use ::tokio::{runtime, spawn, task, time};
}

/// Runs `body` with a fresh runtime, under the watchdog.
fn check(body: impl FnOnce(Runtime) + Send + 'static) {
    let mut builder = Builder::new_multi_thread();
    guarded(move || body(builder.worker_threads(2).enable_all().build().expect("a runtime")));
}

/// Runs `body` inside `block_on` of a fresh runtime, under the watchdog.
fn check_async(body: impl AsyncFnOnce() + Send + 'static) {
    check(|rt| rt.block_on(body()));
}

#[path = "cases/sync/mod.rs"]
mod cases;
