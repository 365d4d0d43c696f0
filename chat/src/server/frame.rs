//! What is done to the hub on behalf of one client: a frame is handled, or a deadline is looked at.
//!
//! A frame that makes the hub panic is named. Nothing is caught here: the panic goes on to the client's task, which ends with it (see
//! [`connection`](super::connection)). The line is at hand only here, so it is named on the way:
//! by its command and its length, for its parameters may hold a password.

use std::any::Any;
use std::mem;
use std::net::SocketAddr;
use std::time::Duration;

use crate::core::{ClientId, Frame, Hub, Now};

/// Who a task serves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Client {
    pub(crate) id: ClientId,
    pub(crate) peer: SocketAddr,
}

/// Has the hub handle one frame; should that panic, says what it was.
pub(crate) fn handle_frame(hub: &mut Hub, now: Now, client: Client, frame: Frame<'_>) {
    let doing = Doing { client, frame };
    match frame {
        Frame::Line(line) => {
            fault::line(line);
            hub.handle_line(now, client.id, line);
        }
        Frame::Overlong => hub.handle_overlong(now, client.id),
    }
    mem::forget(doing);
}

/// Dropped only when what it names unwinds.
struct Doing<'a> {
    client: Client,
    frame: Frame<'a>,
}

impl Drop for Doing<'_> {
    fn drop(&mut self) {
        let Client { peer, id } = self.client;
        match self.frame {
            Frame::Line(line) => {
                let command = line.split(|byte| *byte == b' ').next().unwrap_or_default();
                let bytes = line.len();
                let command = command.escape_ascii();
                log::error!("client {peer} ({id:?}): panic in `{command}`, {bytes} bytes");
            }
            Frame::Overlong => log::error!("client {peer} ({id:?}): panic in an overlong line"),
        }
    }
}

/// Has the hub act on a client's deadline if that has come, and tells when to look again.
pub(crate) fn handle_timeout(
    hub: &mut Hub,
    now: Now,
    id: ClientId,
    ping_after: Duration,
) -> Duration {
    if hub.poll_timeout(id).is_some_and(|deadline| deadline <= now.mono) {
        hub.handle_timeout(now, id);
    }
    // A line that comes sets the deadline `ping_after` from then: that is nearer than the one that
    // is told here, if the client has just been asked and has long to answer. Without a deadline
    // the hub is done with the client, and the outbox says so in this turn. A deadline that stays
    // in the past must not make the caller's loop endless.
    let soonest = now.mono + ping_after;
    let deadline = hub.poll_timeout(id).unwrap_or(soonest).min(soonest);
    deadline.max(now.mono + Duration::from_millis(1))
}

/// What a panic says.
pub(crate) fn message_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}

/// A fault for the tests to trigger: nothing that a client sends is known to make the hub panic.
mod fault {
    #[cfg(test)]
    pub(super) fn line(line: &[u8]) {
        assert!(!line.starts_with(b"FAULT"), "a fault was asked for");
    }

    #[cfg(not(test))]
    pub(super) fn line(_: &[u8]) {}
}
