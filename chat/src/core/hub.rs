//! Who is here, who is where, and what happens to them?
//!
//! Called by the shell, which keeps the one [`Hub`] behind one lock.
//!
//! 1. A nick in the index belongs to exactly one client, registered or not.
//! 2. Membership is symmetric, and a channel without members does not exist (see
//!    [`channel`](super::channel)).
//! 3. When a `handle_*` returns, every line that it caused stands in the outboxes. So what a command sends to others stands in their queues
//!    before its sender gets the answer to its next command.
//! 4. An id of a client that is gone is harmless everywhere: nothing happens.
//! 5. Nothing here reads a clock, blocks, wakes a task or does I/O.
//! 6. A client whose outbox has overflowed is told nothing more and not heard. It quits when its task
//!    has seen that ([`Hub::handle_closing`]).
//!
//! Rejected: a lock for each channel and each client. Every command would take several, in an order
//! that a NICK or a QUIT (which touch everything) cannot keep, and invariant 3, which lets clients
//! reason about what they see, would be gone. What is done under the one lock is short: composing
//! once and pushing references.
//!
//! Rejected: to let those who have overflowed quit at the end of the command. A crowd that does not
//! read goes over its limit with the same line; a QUIT from each to all is too much for one lock.

use std::net::IpAddr;
use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

use super::channel::{Channel, ChannelId};
use super::client::{Client, ClientId};
use super::commands;
use super::config::{Config, Now};
use super::message::Message;
use super::names::NameIndex;
use super::numeric::ERR_INPUTTOOLONG;
use super::outbox::Outbox;
use super::post::Post;
use super::slots::{SlotId, Slots};
use super::whowas::Whowas;

/// The server without its sockets: all clients and channels.
#[derive(Debug)]
pub struct Hub {
    /// As it was given.
    pub(super) config: Config,
    /// When it was made.
    pub(super) started: Now,
    /// Everybody who is connected.
    pub(super) clients: Slots<Client>,
    /// Everybody who has a nick.
    pub(super) nicks: NameIndex<ClientId>,
    /// Every channel that somebody is in.
    pub(super) channels: Slots<Channel>,
    /// The same by name.
    pub(super) channel_names: NameIndex<ChannelId>,
    /// Who was here.
    pub(super) whowas: Whowas,
    /// Composes and delivers.
    pub(super) post: Post,
    /// How many clients are what, as LUSERS tells.
    pub(super) census: Census,
    /// How often each command was given, in the order of the table of commands.
    pub(super) command_counts: Box<[u64]>,
    /// The number of the last fan-out to peers.
    pub(super) fanout: u64,
    /// An operator said DIE.
    pub(super) dying: bool,
    /// [`handle_shutdown`](Self::handle_shutdown) was called.
    closed: bool,
}

/// How many clients are what; the rest of [`Hub::client_count`] has not registered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Census {
    /// Those who have registered.
    pub(super) registered: usize,
    /// The most that there ever were at once.
    pub(super) registered_max: usize,
    /// Those with +i.
    pub(super) invisible: usize,
    /// Those with +o.
    pub(super) operators: usize,
}

impl Hub {
    /// A server without clients. `now` is what it will tell as its start.
    ///
    /// # Panics
    ///
    /// If [`Config::check`] finds something: call that first to tell the operator.
    #[must_use]
    pub fn new(config: Config, now: Now) -> Self {
        if let Err(wrong) = config.check() {
            panic!("the configuration cannot be served, see `Config::check`: {wrong}");
        }
        Self {
            post: Post::new(&config.server_name, config.limits.line_bytes_max),
            whowas: Whowas::new(config.limits.whowas_max),
            config,
            started: now,
            clients: Slots::new(),
            nicks: NameIndex::new(),
            channels: Slots::new(),
            channel_names: NameIndex::new(),
            census: Census::default(),
            command_counts: commands::counts(),
            fanout: 0,
            dying: false,
            closed: false,
        }
    }

    /// Lets a connection in. The shell passes its lines in, and writes what its outbox gives.
    ///
    /// After [`handle_shutdown`](Self::handle_shutdown) the outbox is closed from the start and the
    /// id is nobody's.
    pub fn handle_connect(&mut self, now: Now, peer: IpAddr) -> (ClientId, Arc<Outbox>) {
        let outbox = Arc::new(Outbox::new(self.config.limits.outbox_bytes_max));
        if self.closed {
            self.post.refuse(peer, &outbox, b"Server is shutting down");
            return (ClientId(SlotId::NONE), outbox);
        }
        let id = self
            .clients
            .insert_with(|id| Client::new(ClientId(id), peer, Arc::clone(&outbox), now.mono));
        (ClientId(id), outbox)
    }

    /// Does what one line says. Its terminator is removed already; what follows a CR, LF or NUL
    /// that is in it all the same is ignored, so that no line can smuggle a second one to others.
    pub fn handle_line(&mut self, now: Now, id: ClientId, line: &[u8]) {
        if !self.hear(now, id) {
            return;
        }
        let end = line.iter().position(|b| matches!(b, 0 | b'\r' | b'\n'));
        if let Some(message) = Message::parse(&line[..end.unwrap_or(line.len())]) {
            commands::run(self, now, id, &message);
        }
    }

    /// Answers a line that was too long with 417. The connection lives.
    pub fn handle_overlong(&mut self, now: Now, id: ClientId) {
        if self.hear(now, id) {
            self.reply(id, ERR_INPUTTOOLONG, &[]);
        }
    }

    /// Notes that a line came; whether anything is to be done about it.
    fn hear(&mut self, now: Now, id: ClientId) -> bool {
        let client = self.clients.get_mut(id.0).filter(|client| !client.overflowed.get());
        let heard = client.map(|client| client.hear(now.mono));
        heard.is_some()
    }

    /// The instant that [`poll_timeout`](Self::poll_timeout) told has come: asks with PING, or
    /// closes. Called too early, or after the client was heard, it does nothing.
    pub fn handle_timeout(&mut self, now: Now, id: ClientId) {
        if self.poll_timeout(id).is_none_or(|deadline| now.mono < deadline) {
            return;
        }
        let client = &mut self.clients[id.0];
        if !client.is_registered() {
            self.close(now, id, b"Registration timed out");
        } else if client.pinged.is_some() {
            let silent_s = now.mono.saturating_sub(client.heard).as_secs();
            self.close(now, id, format!("Ping timeout: {silent_s} seconds").as_bytes());
        } else {
            client.pinged = Some(now.mono);
            let name = self.config.server_name.as_bytes();
            let line = self.post.compose(&[b"PING :", name]);
            self.post.send(&self.clients[id.0], &line);
        }
    }

    /// When [`handle_timeout`](Self::handle_timeout) is next to be called, as time since the
    /// server's start; `None` for a client that is gone.
    ///
    /// Every line that comes moves it back, so the shell asks only when the instant that it was
    /// told has come, and sleeps again if there is a later one.
    #[must_use]
    pub fn poll_timeout(&self, id: ClientId) -> Option<Duration> {
        let client = self.clients.get(id.0)?;
        let timeouts = &self.config.timeouts;
        Some(match (client.is_registered(), client.pinged) {
            (false, _) => client.heard + timeouts.registration,
            (true, None) => client.heard + timeouts.ping_after,
            (true, Some(at)) => at + timeouts.ping_timeout,
        })
    }

    /// The socket is gone: tells the others with QUIT and frees the nick. Harmless if the client is
    /// gone already, so the shell may call it at the end of each connection, however it ended.
    pub fn handle_disconnect(&mut self, now: Now, id: ClientId, reason: &[u8]) {
        self.close(now, id, reason);
    }

    /// The outbox has said [`Taken::Closing`](super::Taken::Closing): if that is because it was full,
    /// the client quits now. Harmless if it is gone already.
    pub fn handle_closing(&mut self, now: Now, id: ClientId) {
        self.close(now, id, b"SendQ exceeded");
    }

    /// Tells every client good-bye and closes its outbox; connections to come are refused.
    ///
    /// Nobody is told of the others' end: each is told its own. O(clients).
    pub fn handle_shutdown(&mut self, _now: Now, reason: &[u8]) {
        self.closed = true;
        for client in self.clients.iter() {
            self.post.close(client, reason);
        }
        self.clients = Slots::new();
        self.nicks = NameIndex::new();
        self.channels = Slots::new();
        self.channel_names = NameIndex::new();
        self.census = Census { registered_max: self.census.registered_max, ..Census::default() };
    }

    /// Whether an operator has asked the server to end (DIE). The shell looks after each
    /// `handle_line`, and then shuts down as it does on a signal.
    #[must_use]
    pub fn poll_shutdown(&self) -> bool {
        self.dying
    }

    /// Moves the wakers of all who have got something to the end of `into`. The shell wakes them
    /// after it has released its lock of the hub.
    pub fn poll_wakers(&mut self, into: &mut Vec<Waker>) {
        into.append(&mut self.post.wakers);
    }

    /// The connections that are open, registered or not.
    #[must_use]
    pub fn client_count(&self) -> usize {
        self.clients.len()
    }
}
