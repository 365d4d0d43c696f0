//! What would the chat server cost without a runtime? The same core in one bare loop over mio.
//!
//! Who calls it: the command line, the tests and the benches, by
//! [`Candidate::Floor`](crate::candidate::Candidate::Floor). It is no second server to run: it is
//! what a runtime cannot be cheaper than, and keeps the same promises, so that the comparison is
//! fair. What knows no runtime is [`server`](crate::server)'s own: the listening socket, how much
//! of a client's input a turn handles, the gathered write, the pauses when accepting fails.
//!
//! A turn of the loop:
//! 1. Events are waited for, and noted at the sockets that they concern.
//! 2. Connections are accepted. Each client that can be read is read once, and its complete lines go
//!    to the hub. Timeouts that have come are looked at.
//! 3. All who have got something are written to: one gathered write each, however many have talked to
//!    them in this turn.
//!
//! What always holds:
//! 1. There is one thread, and the hub has no lock.
//! 2. A turn reads for no longer than [`TURN_MAX`], and no more than a part of what an outbox holds:
//!    then what is queued is written. Who was not read has its turn after that.
//! 3. A client is not read while what was taken for it is not written, and the other promises of
//!    [`server::connection`](crate::server::connection): [`client`] keeps them.
//! 4. A shutdown goes in the same numbered steps as [`server`](crate::server)'s.
//!
//! Who is to be written to: the core keeps a [`Waker`] for each outbox. Here it is
//! a number, and to wake it puts that on a list of this thread ([`marks`]): no lock and no atomic but
//! the reference count.
//!
//! Rejected: an own entry to the core that tells ids in place of wakers. It would be cheaper by some
//! nanoseconds for each delivery, but the floor of another core.

mod client;
mod listeners;
mod marks;
mod socket;
mod timers;
mod world;

use std::io;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use mio::{Events, Interest, Token};
use slab::Slab;

use self::client::{Client, Over};
use self::listeners::Listeners;
use self::socket::Socket;
use self::world::World;
use crate::server::accept::ACCEPTS_PER_POLL;
use crate::server::backoff::is_of_one_connection;
use crate::server::connection::LINGER;
use crate::server::frame::message_of;
use crate::server::input::LOCK_MAX;
use crate::server::{Ended, Options, Stop};

/// Events that one wait takes at most: as Tokio as it comes.
const EVENTS: usize = 1024;

/// How long clients are read before what is queued is written: what one of them may take.
const TURN_MAX: Duration = LOCK_MAX;

/// The part of an outbox that may be read in one turn, from all clients together. What is read may
/// go to one client, with a prefix before each line that makes a short one some times as long.
const TURN_BYTES_PART: usize = 8;

/// Tokens from here on are no clients.
const NO_CLIENT: usize = usize::MAX / 2;

/// Somebody has told the server to stop.
const STOP: Token = Token(NO_CLIENT);

/// The first of the listeners' tokens.
const LISTENERS: usize = NO_CLIENT + 1;

/// A server that is listening, and needs nothing but a thread.
pub struct Floor {
    poll: mio::Poll,
    listeners: Listeners,
    clients: Slab<Box<Client>>,
    world: World,
    stop: Stop,
    /// Rings when somebody stops the server.
    bell: Waker,
    stage: Stage,
    addrs: Vec<SocketAddr>,
}

/// How far the server is.
#[derive(Clone, Copy, Debug)]
enum Stage {
    Serving,
    /// The clients are told: what is queued is written, until then.
    Draining {
        until: Duration,
        clients: usize,
    },
    /// The peers' ends are waited for, until then.
    Lingering {
        until: Duration,
        ended: Ended,
    },
}

impl Floor {
    /// Listens on all of `options.listen`. Connections wait in the backlog until [`Floor::run`].
    ///
    /// # Errors
    /// The first address that cannot be had, as a [`BindError`](crate::server::BindError) with its
    /// kind; or what the operating system says when there is no poller to be had.
    pub fn bind(options: Options) -> io::Result<Self> {
        let poll = mio::Poll::new()?;
        let bell = Waker::from(Arc::new(Bell(mio::Waker::new(poll.registry(), STOP)?)));
        let (listeners, addrs) = Listeners::bind(poll.registry(), &options.listen, LISTENERS)?;
        Ok(Self {
            poll,
            listeners,
            clients: Slab::new(),
            world: World::new(options),
            stop: Stop::default(),
            bell,
            stage: Stage::Serving,
            addrs,
        })
    }

    /// Where it listens, with the ports that the system chose.
    pub fn local_addrs(&self) -> &[SocketAddr] {
        &self.addrs
    }

    /// What ends it, from any thread.
    pub fn stop_handle(&self) -> Stop {
        self.stop.clone()
    }

    /// Serves on this thread until it is told to stop, then shuts down as [`server`](crate::server)
    /// does.
    ///
    /// # Errors
    /// What the operating system says if it cannot be asked for events; clients are cut off then.
    pub fn run(mut self) -> io::Result<Ended> {
        let mut events = Events::with_capacity(EVENTS);
        self.look_for_stop(); // it may have come before
        loop {
            if let Some(ended) = self.advance() {
                return Ok(ended);
            }
            match self.poll.poll(&mut events, self.timeout()) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                polled => polled?,
            }
            self.world.tick();
            // Before the clients' own deadlines: who is late is to be counted.
            if let Some(ended) = self.advance() {
                return Ok(ended);
            }
            self.turn(&events);
        }
    }

    /// All that follows from these events.
    fn turn(&mut self, events: &Events) {
        for event in events {
            match event.token() {
                STOP => self.look_for_stop(),
                Token(idx) if idx < NO_CLIENT => {
                    // A client may be gone since: its events are of no interest.
                    if let Some(client) = self.clients.get_mut(idx) {
                        client.handle_event(event, &mut self.world);
                    }
                }
                token => self.listeners.handle_event(token),
            }
        }
        self.accept();
        self.read();
        while let Some(idx) = self.world.timers.pop_due(self.world.now.mono) {
            self.with(idx, Client::handle_timer);
        }
        if self.world.hub.poll_shutdown() && !self.stop.is_stopped() {
            self.stop.stop("An operator has ended the server");
        }
        self.write();
    }

    /// Takes connections, as many as one turn may.
    fn accept(&mut self) {
        let now = self.world.now.mono;
        for _ in 0..ACCEPTS_PER_POLL {
            let accepted = match self.listeners.accept(now) {
                None => return,
                Some(Ok((stream, peer))) => self.enter(stream, peer),
                Some(Err(error)) => Err(error),
            };
            match accepted {
                Ok(()) => self.listeners.accepted(),
                Err(error) if is_of_one_connection(error.kind()) => {
                    log::debug!("a connection was gone before it was accepted: {error}");
                }
                Err(error) => return self.listeners.failed(now, &error, self.clients.len()),
            }
        }
    }

    /// Lets a client in.
    fn enter(&mut self, mut stream: mio::net::TcpStream, peer: SocketAddr) -> io::Result<()> {
        let entry = self.clients.vacant_entry();
        let both = Interest::READABLE | Interest::WRITABLE;
        self.poll.registry().register(&mut stream, Token(entry.key()), both)?;
        let client = Client::new(entry.key(), Socket::new(stream), peer, &mut self.world);
        entry.insert(Box::new(client));
        Ok(())
    }

    /// Reads who can be read, each once.
    fn read(&mut self) {
        let began = self.world.now.mono;
        let bytes_max = self.world.limits.outbox_bytes_max / TURN_BYTES_PART;
        self.world.read_bytes = 0;
        for _ in 0..self.world.readable.len() {
            let Some(idx) = self.world.readable.pop_front() else { return };
            self.with(idx, Client::read);
            let taken = self.world.now.mono.saturating_sub(began);
            if taken >= TURN_MAX || self.world.read_bytes >= bytes_max {
                return;
            }
        }
    }

    /// Writes to all who have got something, or have it still and can take it now.
    fn write(&mut self) {
        loop {
            self.world.wake();
            let marked = marks::take();
            if marked.is_empty() {
                return marks::give_back(marked);
            }
            for &idx in &marked {
                self.with(idx, Client::write);
            }
            marks::give_back(marked);
        }
    }

    /// Has a client do something, and removes it if that was its last. A panic ends that client
    /// alone. One that is gone does nothing: a mark may come too late.
    fn with(&mut self, idx: usize, step: fn(&mut Client, &mut World) -> Result<(), Over>) {
        let Some(client) = self.clients.get_mut(idx) else { return };
        let world = &mut self.world;
        match catch_unwind(AssertUnwindSafe(|| step(client, world))) {
            Ok(Ok(())) => return,
            Ok(Err(Over)) => {}
            Err(panic) => {
                let peer = client.peer();
                log::error!("client {peer}: closed after a panic: {}", message_of(&*panic));
                client.disconnect(world, b"Internal error");
            }
        }
        // Closing a socket takes it out of the poller: it has no second descriptor.
        self.clients.remove(idx).leave(&mut self.world);
    }

    /// How long there is nothing to do without an event.
    fn timeout(&self) -> Option<Duration> {
        let until = match self.stage {
            Stage::Serving => None,
            Stage::Draining { until, .. } | Stage::Lingering { until, .. } => Some(until),
        };
        if !self.world.readable.is_empty() {
            return Some(Duration::ZERO);
        }
        let deadlines = [until, self.world.timers.first(), self.listeners.retry()];
        let first = deadlines.into_iter().flatten().min()?;
        Some(first.saturating_sub(self.world.read_clock()))
    }

    /// Takes note if the server has been told to stop, and has the bell ring if it has not.
    fn look_for_stop(&mut self) {
        let _ = self.stop.poll_stopped(&mut Context::from_waker(&self.bell));
    }

    /// Goes on in the shutdown as far as it can be gone; tells when it is done.
    fn advance(&mut self) -> Option<Ended> {
        let now = self.world.now.mono;
        if matches!(self.stage, Stage::Serving) && self.stop.is_stopped() {
            self.stage = self.shut_down(now);
        }
        if let Stage::Draining { until, clients } = self.stage
            && (self.world.unwritten == 0 || until <= now)
        {
            let ended = Ended { clients, cut_off: self.world.unwritten };
            self.stage = Stage::Lingering { until: now + LINGER, ended }; // 4
        }
        match self.stage {
            Stage::Lingering { until, ended } if self.clients.is_empty() || until <= now => {
                Some(ended)
            }
            _ => None,
        }
    }

    /// The first steps of a shutdown, by the numbers of [`server`](crate::server).
    fn shut_down(&mut self, now: Duration) -> Stage {
        let mut cx = Context::from_waker(&self.bell);
        let Poll::Ready(reason) = self.stop.poll_stopped(&mut cx).map(str::to_owned) else {
            return Stage::Serving;
        };
        self.listeners.close(); // 1
        let clients = self.clients.len();
        log::info!("shutting down ({reason}); clients to tell: {clients}");
        self.world.hub.handle_shutdown(self.world.now, reason.as_bytes()); // 2
        self.write(); // 3
        Stage::Draining { until: now + self.world.drain, clients }
    }
}

/// Rings in the loop that sleeps.
struct Bell(mio::Waker);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        // Fails only if the poller is gone, and with it who would hear it.
        let _ = self.0.wake();
    }
}
