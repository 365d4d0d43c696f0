//! The [claims](super::claims) behind a lock, with a bed for each thread.
//!
//! 1. Each call is one step of the claims under the lock. What was decided is done after it: a
//!    wake-up costs a system call. Only a thread is started under it, so that one that cannot be
//!    is known to nobody. Its name, which a function of the user's may give, is asked for before.
//! 2. A thread enters the list of sleepers under the lock and lies down after it. A wake-up in
//!    between makes it get up at once: the [`Parker`] keeps it.
//! 3. A wake-up may also come when its thread has got up by itself, out of time. It then ends a
//!    later sleep for nothing.
//!
//! No edge: what a thread sees of a job, it sees by the lock.

use super::claims::{AtEnd, Claims, Next, Submitted};
use crate::park::Parker;
use crate::primitive::Mutex;
use std::io;
use std::sync::Arc;

/// The jobs of a pool, and its threads as they see them.
pub(crate) struct Jobs<J> {
    claims: Mutex<Claims<J, Bed>>,
}

/// What one thread sleeps in.
#[derive(Clone)]
pub(crate) struct Bed(Arc<Parker>);

impl Bed {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Parker::new()))
    }

    fn wake(&self) {
        self.0.unpark(|| unreachable!("a thread of the pool does not sleep in the driver"));
    }
}

impl PartialEq for Bed {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// A job that no thread will run: after the end, or as there is none, with the reason.
pub(crate) struct Refused<J>(pub(crate) J, pub(crate) Option<io::Error>);

impl<J> Jobs<J> {
    pub(crate) fn new(threads_max: usize) -> Self {
        Self { claims: Mutex::new(Claims::new(threads_max)) }
    }

    /// Has a thread come for `job`. If it has to be a new one, `next_name` is called, and then, under
    /// the lock, `start_thread`; that calls [`next`](Self::next) until there is none.
    pub(crate) fn submit(
        &self,
        job: J,
        at_end: AtEnd,
        next_name: impl FnOnce() -> io::Result<String>,
        start_thread: impl FnOnce(String) -> io::Result<()>,
    ) -> Result<(), Refused<J>> {
        let mut claims = self.claims.lock();
        let mut name = None;
        if claims.has_to_start() {
            drop(claims);
            name = Some(next_name());
            claims = self.claims.lock();
        }
        match claims.submit(job, at_end) {
            Submitted::Wake(sleeper) => {
                drop(claims);
                sleeper.wake();
            }
            Submitted::Start => {
                let name = name.expect("who has to start a thread has asked for its name");
                if let Err(error) = name.and_then(start_thread)
                    && let Some(job) = claims.thread_not_started()
                {
                    return Err(Refused(job, Some(error)));
                }
            }
            Submitted::Queued => {}
            Submitted::Refused(job) => return Err(Refused(job, None)),
        }
        Ok(())
    }

    /// Waits for a job for the calling thread, which sleeps in `bed`. `None`: it ends. `sleep` tells
    /// whether it was woken; if not, it has slept for too long.
    pub(crate) fn next(&self, bed: &Bed, sleep: impl Fn(&Parker) -> bool) -> Option<J> {
        let mut slept_too_long = false;
        loop {
            let next = self.claims.lock().next(bed, slept_too_long);
            match next {
                Next::Run(job) => return Some(job),
                Next::Sleep => slept_too_long = !sleep(&bed.0),
                Next::End => return None,
            }
        }
    }

    /// Lets no job be added, and none be taken that does not have to be. Returns these.
    pub(crate) fn end(&self) -> Vec<J> {
        let (waiting, sleepers) = self.claims.lock().end();
        sleepers.iter().for_each(Bed::wake);
        waiting
    }

    /// Looks at the claims under the lock.
    pub(crate) fn look<R>(&self, look: impl FnOnce(&Claims<J, Bed>) -> R) -> R {
        look(&self.claims.lock())
    }
}

#[cfg(all(test, loom))]
mod loom_tests;
