//! A clock that the seed moves.
//!
//! 1. Each reading moves it a little, mostly by a few microseconds and at most by 128: so work takes
//!    time, mostly less and now and then more than what the scheduler takes for long.
//! 2. Whoever sleeps for a time can be run at any moment, and may then find that the time has come:
//!    the clock jumps there. As on a machine, on which the others may be slow without a limit. So an
//!    hour takes no longer than a millisecond, and a wait with a limit is never a deadlock.

use shuttle::rand::{RngCore, thread_rng};
use std::cell::Cell;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// What the clock shows at first. Only differences count: a reading is a number to nobody.
static BASE: LazyLock<Instant> = LazyLock::new(Instant::now);

std::thread_local! {
    /// How far it has come. Of the machine's thread: it runs one execution, with all its coroutines.
    static PASSED: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// In one of so many cases a sleeper finds that its time has come.
const DOZES: u64 = 8;

/// Reads the clock.
pub(crate) fn now() -> Instant {
    let [one, other] = [8, 8].map(|limit| thread_rng().next_u64() % limit);
    PASSED.set(PASSED.get() + Duration::from_micros(1 << one.min(other)));
    *BASE + PASSED.get()
}

/// Lets the others go on; then it may be `until`.
pub(super) fn doze(until: Instant) {
    shuttle::thread::yield_now();
    if thread_rng().next_u64().is_multiple_of(DOZES) {
        PASSED.set(PASSED.get().max(until.saturating_duration_since(*BASE)));
    }
}

/// Leaves the token of an `unpark` for the next `park`, which may end for no reason. The caller looks
/// at its own word, as after every sleep.
pub(crate) fn park_timeout(limit: Duration) {
    doze(now() + limit);
}
