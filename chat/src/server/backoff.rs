//! What is done when connections cannot be accepted, and not for the fault of one of them.
//!
//! What always holds:
//! 1. Each failure asks for a pause; it doubles up to half a second, and is short again once a
//!    connection has been accepted.
//! 2. Trouble is logged once, when it starts, and once more when the backlog is empty again. A
//!    server at its limit that accepts one client whenever another leaves logs nothing between.

use std::io;
use std::time::Duration;

/// The first pause when accepting fails for want of something; it doubles up to the last.
const PAUSE_FIRST: Duration = Duration::from_millis(20);

/// The longest pause: what a client waits at most once there is room again.
const PAUSE_LAST: Duration = Duration::from_millis(500);

/// Whether accepting fails, and how long to wait then.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    trouble: Option<Trouble>,
}

/// Accepting fails.
#[derive(Debug)]
struct Trouble {
    since: Duration,
    pause: Duration,
}

impl Backoff {
    /// Accepting has failed; `clients` are open. Tells when to try again.
    pub(crate) fn failed(&mut self, now: Duration, error: &io::Error, clients: usize) -> Duration {
        let trouble = self.trouble.get_or_insert_with(|| {
            log::warn!("cannot accept connections ({clients} are open): {error}; trying on");
            Trouble { since: now, pause: PAUSE_FIRST }
        });
        let until = now + trouble.pause;
        trouble.pause = (trouble.pause * 2).min(PAUSE_LAST);
        until
    }

    /// A connection was accepted.
    pub(crate) fn accepted(&mut self) {
        if let Some(trouble) = &mut self.trouble {
            trouble.pause = PAUSE_FIRST;
        }
    }

    /// Nobody waits in a backlog: whatever was wrong is over. The clock is read if there was
    /// something.
    pub(crate) fn recovered(&mut self, now: impl FnOnce() -> Duration) {
        if let Some(trouble) = self.trouble.take() {
            let after = now().saturating_sub(trouble.since);
            log::info!("accepting connections again after {:.1} s", after.as_secs_f32());
        }
    }
}

/// Whether an error of `accept` tells of the connection that was to be accepted, as Linux does
/// with errors that were pending on it (`accept(2)`, "Error handling").
pub(crate) fn is_of_one_connection(kind: io::ErrorKind) -> bool {
    use io::ErrorKind::*;
    matches!(
        kind,
        ConnectionAborted
            | ConnectionReset
            | Interrupted
            | TimedOut
            | NetworkDown
            | NetworkUnreachable
            | HostUnreachable
            | PermissionDenied
    )
}
