//! The promises that both flavours keep, and what their cases share.

use super::{WORKERS, builder, io, rt};
use rt::runtime::Runtime;
use std::sync::mpsc;
use std::time::Duration;
use tests::probe::Probe;
use tests::watchdog::guarded;

mod abort;
mod async_fd;
mod block_in_place;
mod block_on;
mod blocking;
mod builder;
mod cancellation;
mod context;
mod coop;
mod drop_orders;
mod entry;
pub(crate) mod flood;
mod fs;
mod fs_cursor;
mod fs_dir;
mod fs_file;
mod join;
mod join_set;
mod local_join_set;
pub(super) mod local_set;
mod metrics;
mod panics;
mod select;
mod shutdown;
mod shutdown_calls;
mod signal;
mod sockets;
mod spawn;
pub(super) mod stdio;
mod storm;
mod sync;
mod sync_blocking;
mod task_local;
mod tcp;
mod tcp_accept;
mod tcp_readiness;
mod tcp_socket;
mod tcp_split;
mod thread_local;
mod time;
mod time_interval;
mod turns;
mod udp;
mod unix;
pub(super) mod wake;

/// Longer than any case runs: a timer with this deadline never fires.
const NEVER: Duration = Duration::from_secs(3600);

/// Runs `body` with a fresh runtime, under the watchdog.
pub(super) fn check(body: impl FnOnce(Runtime) + Send + 'static) {
    guarded(|| body(builder().build().expect("a runtime can be built")));
}

/// Runs `body` inside `block_on` of a fresh runtime, under the watchdog.
pub(super) fn check_async(body: impl AsyncFnOnce() + Send + 'static) {
    check(|rt| rt.block_on(body()));
}

/// Keeps every worker inside a poll until it is dropped, so that what is spawned stays queued. On
/// a current-thread runtime there is nothing to do: outside of `block_on` nothing runs.
struct Stall(#[expect(dead_code, reason = "dropped, not sent on")] Vec<mpsc::Sender<()>>);

/// Returns once no task is inside a poll and no worker can start one.
fn stall(rt: &Runtime) -> Stall {
    let (started, starts) = mpsc::channel();
    let releases = (0..WORKERS).map(|_| {
        let (release, released) = mpsc::channel::<()>();
        let started = started.clone();
        drop(rt.spawn(async move {
            started.send(()).expect("the stalling thread waits");
            // Ends when the `Stall` is dropped.
            let _ = released.recv();
        }));
        release
    });
    let stall = Stall(releases.collect());
    for _ in 0..WORKERS {
        nudged_recv(rt, &starts);
    }
    stall
}

/// Receives what a task sends while other tasks block their workers.
///
/// Two tasks spawned at once do not always start on two workers at once: in Tokio (1.54) a worker
/// that goes to sleep because enough others search does not look again, so a task can stay queued
/// beside it until the next spawn, or until the first task's poll is over. Hence the nudges.
pub(super) fn nudged_recv<T>(rt: &Runtime, receiver: &mpsc::Receiver<T>) -> T {
    loop {
        match receiver.recv_timeout(Duration::from_millis(1)) {
            Ok(value) => return value,
            Err(mpsc::RecvTimeoutError::Timeout) => drop(rt.spawn(async {})),
            Err(mpsc::RecvTimeoutError::Disconnected) => panic!("the sender was dropped"),
        }
    }
}

/// Gives everything that is queued several chances to run. For "and no more than that" only: what
/// must happen is waited for.
fn settle(rt: &Runtime) {
    for _ in 0..3 {
        drop(stall(rt));
        rt.block_on(yield_times(10));
    }
}

/// Yields `n` times.
async fn yield_times(n: usize) {
    for _ in 0..n {
        rt::task::yield_now().await;
    }
}

/// Yields until `condition` holds.
async fn yield_until(mut condition: impl FnMut() -> bool) {
    while !condition() {
        rt::task::yield_now().await;
    }
}

/// Runs the runtime until `probe` was polled `n` times and nothing is inside a poll.
fn until_polls(rt: &Runtime, probe: &Probe, n: usize) {
    rt.block_on(yield_until(|| probe.polls() >= n));
    drop(stall(rt));
}
