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
use crate::util::contain;
use std::fmt;
use std::io::{self, ErrorKind};
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::time::Duration;

/// How often a thread pauses, twice as long each time, and then lets others run, before it sleeps.
/// Some microseconds: a short call is then often followed by the next at no system call's cost.
/// As in crossbeam's channels. Moved by: `spawn_blocking/batch_16`, 37 us without, 7 us with it.
const PAUSES: u32 = 7;
const YIELDS: u32 = 4;

/// What the runtime is called, how its threads are made, and what its user does when they start, sleep and end.
#[derive(Clone)]
pub(crate) struct Settings {
    /// What the runtime is called, if it is.
    pub(crate) runtime_name: Option<Arc<str>>,
    pub(crate) name: Arc<dyn Fn() -> String + Send + Sync>,
    pub(crate) stack_bytes: Option<usize>,
    /// How long a thread waits for its next job before it ends.
    pub(crate) keep_alive: Duration,
    pub(crate) on_start: Hook,
    pub(crate) on_stop: Hook,
    pub(crate) on_park: Hook,
    pub(crate) on_unpark: Hook,
}

/// A function of the user's, if there is one. Called where user code may run.
#[derive(Clone, Default)]
pub(crate) struct Hook(Option<Arc<dyn Fn() + Send + Sync>>);

impl Settings {
    /// What the next thread is called. Runs a function of the user's, so: under no lock.
    pub(crate) fn next_name(&self) -> io::Result<String> {
        match panic::catch_unwind(AssertUnwindSafe(|| (self.name)())) {
            Ok(name) if !name.contains('\0') => Ok(name),
            Ok(_) => Err(io::Error::new(ErrorKind::InvalidInput, "its name has a null byte in it")),
            Err(panic) => {
                contain(|| drop(panic));
                Err(io::Error::other("the function that names it has panicked"))
            }
        }
    }

    /// Starts a thread.
    pub(crate) fn start(
        &self,
        name: String,
        body: impl FnOnce() + Send + 'static,
    ) -> io::Result<thread::JoinHandle<()>> {
        let mut builder = thread::Builder::new().name(name);
        if let Some(bytes) = self.stack_bytes {
            builder = builder.stack_size(bytes);
        }
        builder.spawn(body)
    }

    /// Does what a thread does, once it is in its runtime.
    pub(crate) fn run(&self, work: impl FnOnce()) {
        self.on_start.call();
        work();
        self.on_stop.call();
    }

    /// Sleeps until woken (`true`) or for too long; but stays up for a moment first.
    pub(crate) fn sleep(&self, parker: &Parker) -> bool {
        stay_up(parker);
        parker.park_for(Some(self.keep_alive))
    }
}

impl Default for Settings {
    fn default() -> Self {
        let no = Hook::default;
        Self {
            runtime_name: None,
            name: Arc::new(|| "mini-rt-worker".to_owned()),
            stack_bytes: None,
            keep_alive: Duration::from_secs(10), // As in Tokio.
            on_start: no(),
            on_stop: no(),
            on_park: no(),
            on_unpark: no(),
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").finish_non_exhaustive()
    }
}

impl Hook {
    pub(crate) fn new(f: impl Fn() + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(f)))
    }

    pub(crate) fn is_set(&self) -> bool {
        self.0.is_some()
    }

    pub(crate) fn call(&self) {
        if let Some(f) = &self.0 {
            f();
        }
    }
}

/// Waits for a wake-up, but not for long.
fn stay_up(parker: &Parker) {
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
}
