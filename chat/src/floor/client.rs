//! One client: the steps of [`server::connection`](crate::server::connection), called by a loop in
//! place of a task that is polled.
//!
//! What always holds:
//! 1. A client is not read while what was taken for it is not written. Once it is closed it is read
//!    all the same, and ignored: it may have to write before it reads.
//! 2. From the end of each step on, it stands in [`World::readable`] if it [can be
//!    read](Client::can_be_read).
//! 3. Timeouts belong to the hub, and closing has a deadline, as there.

use std::io;
use std::mem;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use mio::event::Event;

use super::marks;
use super::socket::Socket;
use super::world::World;
use crate::core::{Outbox, Taken};
use crate::runtime::Stream;
use crate::server::connection::LINGER;
use crate::server::frame::{self, handle_frame, handle_timeout};
use crate::server::input::{Input, Next};
use crate::server::output::Output;
use crate::server::scratch;

/// One client's socket and what goes in and out of it.
pub(super) struct Client {
    idx: usize,
    who: frame::Client,
    socket: Socket,
    outbox: Arc<Outbox>,
    /// Marks this client.
    waker: Waker,
    input: Input,
    /// Nothing is read or handled until the timer goes off.
    resting: bool,
    /// Stands among the readable.
    queued: bool,
    output: Output,
    phase: Phase,
    /// Whether the end of the input has been read.
    peer_ended: bool,
    /// What stands in [`World::timers`].
    timer: Duration,
    /// When the socket is dropped whatever has been written; for phases after [`Phase::Open`].
    deadline: Duration,
}

/// How far the end of a connection has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The client is in the hub, as far as is known here.
    Open,
    /// The hub is done with the client: what is queued is written.
    Flushing,
    /// All is written, and the end of it sent: the peer's end is waited for.
    Lingering,
}

/// The socket is to be dropped, and the hub knows.
pub(super) struct Over;

impl Client {
    /// Lets a client into the hub. It is marked, so that the first write registers its waker.
    pub(super) fn new(idx: usize, socket: Socket, peer: SocketAddr, world: &mut World) -> Self {
        let (id, outbox) = world.hub.handle_connect(world.now, peer.ip());
        world.unwritten += 1;
        marks::mark(idx);
        let mut timer = Duration::ZERO;
        let first = handle_timeout(&mut world.hub, world.now, id, world.ping_after);
        world.timers.reset(idx, &mut timer, first);
        Self {
            idx,
            who: frame::Client { id, peer },
            socket,
            outbox,
            waker: marks::waker(idx),
            input: Input::new(&world.limits),
            resting: false,
            queued: false,
            output: Output::default(),
            phase: Phase::Open,
            peer_ended: false,
            timer,
            deadline: Duration::MAX,
        }
    }

    /// Where it connects from.
    pub(super) fn peer(&self) -> SocketAddr {
        self.who.peer
    }

    /// The socket can do something that it could not.
    pub(super) fn handle_event(&mut self, event: &Event, world: &mut World) {
        self.socket.handle_event(event);
        self.queue(world);
        if !self.output.is_empty() && self.socket.is_writable() {
            marks::mark(self.idx);
        }
    }

    /// Handles what was left of the last read; or reads once, and handles that.
    pub(super) fn read(&mut self, world: &mut World) -> Result<(), Over> {
        self.queued = false;
        if !self.can_be_read() {
            return Ok(()); // it could, when it was queued
        }
        if !self.input.is_empty() {
            let piece = self.input.take_kept();
            self.handle(&piece, world);
            self.queue(world);
            return Ok(());
        }
        let is_open = self.phase == Phase::Open;
        let mut buffer = scratch::read_buffer();
        match self.socket.poll_read(&mut Context::from_waker(&self.waker), &mut buffer) {
            Poll::Pending => {}
            Poll::Ready(Err(error)) => return Err(self.lost(world, "Read", &error)),
            Poll::Ready(Ok(0)) => {
                self.peer_ended = true;
                match self.phase {
                    Phase::Open => {
                        self.disconnect(world, b"Connection closed");
                        self.close(world, Phase::Flushing); // perhaps its sending side only
                    }
                    Phase::Flushing => {}
                    Phase::Lingering => return Err(Over),
                }
            }
            Poll::Ready(Ok(bytes)) if is_open => {
                world.read_bytes += bytes;
                self.handle(&buffer[..bytes], world);
            }
            Poll::Ready(Ok(_)) => {} // the hub is done with this client
        }
        self.queue(world);
        Ok(())
    }

    /// Hands the complete lines in `piece` to the hub, for as long as a turn may take; the client
    /// may have to rest then.
    fn handle(&mut self, piece: &[u8], world: &mut World) {
        let (who, outbox) = (self.who, &self.outbox);
        let began = world.now.mono;
        let rest = self.input.handle(piece, |frame| {
            handle_frame(&mut world.hub, world.now, who, frame);
            world.now.mono = world.read_clock();
            Next::after(began, world.now.mono, outbox, &world.limits)
        });
        if let Some(until) = rest {
            self.resting = true;
            world.timers.reset(self.idx, &mut self.timer, until);
        }
    }

    /// Whether there is something to handle, or may be something to read.
    fn can_be_read(&self) -> bool {
        let may_be = match self.phase {
            Phase::Open => !self.resting && self.output.is_empty(),
            Phase::Flushing | Phase::Lingering => true,
        };
        may_be && (!self.input.is_empty() || (self.socket.is_readable() && !self.peer_ended))
    }

    /// Has the client read in its turn, if it can be.
    fn queue(&mut self, world: &mut World) {
        if !self.queued && self.can_be_read() {
            self.queued = true;
            world.readable.push_back(self.idx);
        }
    }

    /// The timer has gone off: the hub's deadline while the client is open, its own after that. It
    /// is only a hint: it may have been set before the deadline moved, or for a rest.
    pub(super) fn handle_timer(&mut self, world: &mut World) -> Result<(), Over> {
        let deadline = if self.phase == Phase::Open {
            handle_timeout(&mut world.hub, world.now, self.who.id, world.ping_after)
        } else if self.deadline <= world.now.mono {
            return Err(Over);
        } else {
            self.deadline
        };
        world.timers.reset(self.idx, &mut self.timer, deadline);
        if mem::take(&mut self.resting) {
            self.queue(world);
        }
        Ok(())
    }

    /// Takes and writes all that is queued, or as much as the socket takes, or sends the end. What
    /// comes after that marks the client.
    pub(super) fn write(&mut self, world: &mut World) -> Result<(), Over> {
        loop {
            let mut cx = Context::from_waker(&self.waker);
            let taken = self.outbox.poll_take(&mut cx, self.output.lines());
            if taken == Poll::Ready(Taken::Closing) && self.phase == Phase::Open {
                self.closed(world);
            }
            if self.output.is_empty() {
                break;
            }
            let mut cx = Context::from_waker(&self.waker);
            match self.output.poll_write(&mut self.socket, &mut cx) {
                Poll::Pending => {
                    // What else is queued can wait until the socket takes this; the end cannot.
                    if self.phase == Phase::Open && self.outbox.poll_closing(&mut cx).is_ready() {
                        self.closed(world);
                    }
                    self.queue(world);
                    return Ok(());
                }
                Poll::Ready(Err(error)) => return Err(self.lost(world, "Write", &error)),
                Poll::Ready(Ok(bytes)) => self.outbox.wrote(bytes),
            }
        }
        if self.phase == Phase::Flushing {
            let mut cx = Context::from_waker(&self.waker);
            let Poll::Ready(Ok(())) = self.socket.poll_shutdown(&mut cx) else { return Err(Over) };
            self.close(world, Phase::Lingering);
        }
        if self.phase == Phase::Lingering && self.peer_ended {
            return Err(Over);
        }
        self.queue(world);
        Ok(())
    }

    /// The hub has closed the client.
    fn closed(&mut self, world: &mut World) {
        world.hub.handle_closing(world.now, self.who.id);
        self.close(world, Phase::Flushing);
    }

    /// Goes one step further in closing, with a deadline for that step.
    fn close(&mut self, world: &mut World, phase: Phase) {
        let patience = if phase == Phase::Lingering { LINGER } else { world.drain };
        if phase == Phase::Lingering {
            world.unwritten -= 1;
        } else {
            marks::mark(self.idx); // there is an end to be sent, whatever else
        }
        self.phase = phase;
        self.resting = false;
        self.input.clear();
        self.deadline = world.now.mono + patience;
        world.timers.reset(self.idx, &mut self.timer, self.deadline);
    }

    /// Nothing more can be read or written: the others are told.
    fn lost(&self, world: &mut World, what: &str, error: &io::Error) -> Over {
        // The kind reads "connection reset"; the error itself would add its number.
        self.disconnect(world, format!("{what} error: {}", error.kind()).as_bytes());
        Over
    }

    /// Tells the hub that the client is gone, which may know it.
    pub(super) fn disconnect(&self, world: &mut World, reason: &[u8]) {
        world.hub.handle_disconnect(world.now, self.who.id, reason);
    }

    /// Takes the client out of the world, and closes its socket.
    pub(super) fn leave(self, world: &mut World) {
        world.timers.remove(self.idx, self.timer);
        if self.phase != Phase::Lingering {
            world.unwritten -= 1;
        }
        // What stands of it among the readable and the marked is harmless to who comes into its
        // place: it is looked at once more than it needs.
    }
}
