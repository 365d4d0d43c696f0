//! Hands one frame to the hub, and names it should that panic.
//!
//! Nothing is caught here: the panic goes on to the client's task, which ends with it (see
//! [`connection`](super::connection)). The line is at hand only here, so it is named on the way:
//! by its command and its length, for its parameters may hold a password.

use std::any::Any;
use std::mem;
use std::net::SocketAddr;

use crate::core::{ClientId, Frame, Hub, Now};

/// Who a task serves.
#[derive(Clone, Copy, Debug)]
pub(super) struct Client {
    pub(super) id: ClientId,
    pub(super) peer: SocketAddr,
}

/// Has the hub handle one frame; should that panic, says what it was.
pub(super) fn handle_frame(hub: &mut Hub, now: Now, client: Client, frame: Frame<'_>) {
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

/// What a panic says.
pub(super) fn message_of(panic: &(dyn Any + Send)) -> &str {
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
