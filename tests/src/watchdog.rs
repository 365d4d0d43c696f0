//! What turns a hang into a failing test?
//!
//! A lost wake-up shows as a test that never ends, and a test that never ends tells nobody which
//! promise was broken. [`guarded`] runs a test on a thread of its own and fails, by name, when it
//! has not ended in time.

use std::panic::resume_unwind;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// How long a test may take. Far beyond what any needs, on a machine with a busy loop on each
/// core: whoever gets here hangs.
pub const LIMIT: Duration = Duration::from_secs(60);

/// Runs `body` on a fresh thread and waits until the thread is gone, its thread-locals included.
///
/// # Panics
///
/// With the panic of `body`, or with the name of the test once [`LIMIT`] has passed. The stuck
/// thread is left behind: nothing can end it, and the process ends with the tests.
pub fn guarded(body: impl FnOnce() + Send + 'static) {
    guarded_for(LIMIT, body);
}

/// [`guarded`] with a limit of its own.
///
/// # Panics
///
/// As [`guarded`] does.
pub fn guarded_for(limit: Duration, body: impl FnOnce() + Send + 'static) {
    let name = thread::current().name().unwrap_or("a test").to_owned();
    let (ended, end) = channel();
    let case = thread::Builder::new().name(name.clone()).spawn(body).expect("a thread can start");
    // Joined from a second thread: `join` has no time limit, and only `join` covers the
    // destructors of thread-locals.
    thread::spawn(move || {
        let _ = ended.send(case.join());
    });
    match end.recv_timeout(limit) {
        Ok(Ok(())) => {}
        Ok(Err(panic)) => resume_unwind(panic),
        Err(RecvTimeoutError::Timeout) => panic!("{name} still hangs after {limit:?}"),
        Err(RecvTimeoutError::Disconnected) => unreachable!("the joiner sends before it ends"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::catch_unwind;

    #[test]
    fn a_body_that_hangs_fails_by_name() {
        let result = catch_unwind(|| guarded_for(Duration::from_millis(1), thread::park));
        let message = result.unwrap_err().downcast::<String>().expect("a formatted message");
        assert!(message.contains("a_body_that_hangs_fails_by_name"), "{message}");
    }

    #[test]
    fn a_panic_of_the_body_comes_through() {
        let result = catch_unwind(|| guarded(|| resume_unwind(Box::new(5))));
        assert_eq!(*result.unwrap_err().downcast::<i32>().expect("the payload"), 5);
    }
}
