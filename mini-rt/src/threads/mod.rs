//! Which thread does what has to be done on some thread, and when does a thread end?
//!
//! A number of threads wait for jobs, in a pool: calls that block
//! ([`blocking`](crate::blocking)), or the part of a worker ([`scheduler`](crate::scheduler)).
//! Who comes for which job, and who sleeps or ends, is a pure state ([`claims`]) behind one lock
//! ([`jobs`]).
//!
//! Rejected: a channel that all threads take from (loom does not see into it, and how many wait at
//! it has to be counted beside it); staying up by [`Patience`](crate::util::Patience), which lets
//! nobody else run meanwhile (on two cores it never paid).

mod claims;
mod jobs;

pub(crate) use claims::AtEnd;
pub(crate) use jobs::{Bed, Jobs, Refused};

use crate::park::Parker;
use crate::primitive::thread;
use std::time::Duration;

/// How long a thread waits for its next job before it ends. As in Tokio.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// How often a thread pauses, twice as long each time, and then lets others run, before it sleeps.
/// Some microseconds: a short call is then often followed by the next at no system call's cost.
/// As in crossbeam's channels. Moved by: `spawn_blocking/batch_16`, 37 us without, 7 us with it.
const PAUSES: u32 = 7;
const YIELDS: u32 = 4;

/// Sleeps until woken (`true`) or for too long; but stays up for a moment first.
pub(crate) fn sleep(parker: &Parker) -> bool {
    for step in 0..PAUSES + YIELDS {
        if parker.is_notified() {
            break;
        }
        if step < PAUSES {
            (0..1 << step).for_each(|_| std::hint::spin_loop());
        } else {
            thread::yield_now();
        }
    }
    parker.park_for(Some(KEEP_ALIVE))
}
