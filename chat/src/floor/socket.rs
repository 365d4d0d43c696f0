//! A client's socket, and what the events have told of it.
//!
//! It is a [`Stream`], so that the server's own gathered write does for the floor too; but it wakes
//! nobody. What is pending is known from here, and the loop looks.
//!
//! What always holds:
//! 1. The poller tells of changes only. So what was told is kept until a call says that there is
//!    nothing more.
//! 2. A read or write that was not filled has emptied, or filled, the system's buffer: that saves
//!    the call that would say so. After the end has been told there is no further event, so then a
//!    read is tried until it says the end.

use std::io::{self, IoSlice, Read, Write};
use std::net::Shutdown;
use std::task::{Context, Poll};

use mio::event::Event;
use mio::net::TcpStream;

use crate::runtime::Stream;

/// A connected socket.
#[derive(Debug)]
pub(super) struct Socket {
    stream: TcpStream,
    readable: bool,
    writable: bool,
    /// The peer has sent its end, or there is an error to be read.
    ended: bool,
}

impl Socket {
    /// A new connection: it takes what is written, and an event will tell that it has been sent
    /// something.
    pub(super) fn new(stream: TcpStream) -> Self {
        Self { stream, readable: false, writable: true, ended: false }
    }

    /// Notes what an event tells.
    pub(super) fn handle_event(&mut self, event: &Event) {
        self.ended |= event.is_read_closed() || event.is_error();
        self.readable |= event.is_readable() || self.ended;
        self.writable |= event.is_writable() || event.is_write_closed() || event.is_error();
    }

    /// Whether a read may find something.
    pub(super) fn is_readable(&self) -> bool {
        self.readable
    }

    /// Whether a write may be taken.
    pub(super) fn is_writable(&self) -> bool {
        self.writable
    }
}

/// `call` until no signal interrupts it; `ready` is what is known of the socket.
fn attempt(
    ready: &mut bool,
    mut call: impl FnMut() -> io::Result<usize>,
) -> Poll<io::Result<usize>> {
    while *ready {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => *ready = false,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return Poll::Ready(result),
        }
    }
    Poll::Pending
}

impl Stream for Socket {
    fn poll_read(&mut self, _: &mut Context<'_>, into: &mut [u8]) -> Poll<io::Result<usize>> {
        let polled = attempt(&mut self.readable, || self.stream.read(into));
        if let Poll::Ready(Ok(bytes)) = polled
            && bytes < into.len()
        {
            self.readable = self.ended;
        }
        polled
    }

    fn poll_write_vectored(
        &mut self,
        _: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = attempt(&mut self.writable, || self.stream.write_vectored(slices));
        if let Poll::Ready(Ok(bytes)) = polled {
            self.writable = bytes == slices.iter().map(|slice| slice.len()).sum::<usize>();
        }
        polled
    }

    fn poll_shutdown(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.stream.shutdown(Shutdown::Write))
    }
}
