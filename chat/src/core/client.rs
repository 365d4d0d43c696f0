//! What does the server know about one client?
//!
//! Called by the hub, which owns the clients.
//!
//! 1. `nick!user@host` is put together when a part of it changes, not when it is sent; nick, user
//!    and host are slices of it.
//! 2. An idle client is this value, its outbox, its names and its entry in the index of nicks: a
//!    test holds them under a bound in bytes.

use std::cell::Cell;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use super::channel::ChannelId;
use super::mode::Flags;
use super::outbox::Outbox;
use super::slots::SlotId;

/// Names one connection of a [`Hub`](super::Hub), for ever: a stale one finds nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientId(pub(super) SlotId);

/// One connection, from its start until it is closed.
#[derive(Debug)]
pub(super) struct Client {
    /// Its own id.
    pub(super) id: ClientId,
    /// What waits to be written to it.
    pub(super) outbox: Arc<Outbox>,
    /// Its names.
    pub(super) identity: Identity,
    /// The last parameter of USER.
    pub(super) realname: Box<[u8]>,
    /// What PASS gave, until it is registered.
    pub(super) password: Option<Box<[u8]>>,
    /// The message of AWAY.
    pub(super) away: Option<Box<[u8]>>,
    /// The channels that it is in, and its place in each one's members.
    pub(super) channels: Vec<Joined>,
    /// The channels that it may join although they are +i. Some may be gone.
    pub(super) invites: Vec<ChannelId>,
    /// See [`mode::user`](super::mode::user).
    pub(super) modes: Flags,
    /// See [`mode::cap`](super::mode::cap).
    pub(super) caps: Flags,
    /// How far it is.
    pub(super) stage: Stage,
    /// CAP LS or CAP REQ came before registration, and CAP END did not.
    pub(super) negotiating: bool,
    /// When a PING was sent, if nothing was heard since.
    pub(super) pinged: Option<Duration>,
    /// When its last line came; its start, as long as it is not registered.
    pub(super) heard: Duration,
    /// When it last sent a PRIVMSG; WHOIS tells how long ago.
    pub(super) spoke: Duration,
    /// When it registered, in seconds since 1970.
    pub(super) signon_unix_s: u64,
    /// The number of the last fan-out that has reached it, so that each reaches it once.
    pub(super) fanout: Cell<u64>,
    /// Its outbox was full, and is closed.
    pub(super) overflowed: Cell<bool>,
}

/// How far a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// USER has not come.
    Unnamed,
    /// USER has come; NICK, CAP END or the password may be missing.
    Named,
    /// 001 was sent.
    Registered,
}

/// A channel that a client is in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Joined {
    /// Which one.
    pub(super) channel: ChannelId,
    /// Where the client stands in the channel's members.
    pub(super) place: u32,
}

impl Client {
    /// A connection that has said nothing yet.
    pub(super) fn new(id: ClientId, peer: IpAddr, outbox: Arc<Outbox>, mono: Duration) -> Self {
        Self {
            id,
            outbox,
            identity: Identity::new(b"", b"", host_of(peer).as_bytes()),
            realname: Box::default(),
            password: None,
            away: None,
            channels: Vec::new(),
            invites: Vec::new(),
            modes: Flags::default(),
            caps: Flags::default(),
            stage: Stage::Unnamed,
            negotiating: false,
            pinged: None,
            heard: mono,
            spoke: mono,
            signon_unix_s: 0,
            fanout: Cell::new(0),
            overflowed: Cell::new(false),
        }
    }

    /// Whether 001 was sent.
    pub(super) fn is_registered(&self) -> bool {
        self.stage == Stage::Registered
    }

    /// Notes that a line came. Before registration only the start counts, so that a peer cannot
    /// hold a place by talking.
    pub(super) fn hear(&mut self, mono: Duration) {
        if self.is_registered() {
            self.heard = mono;
            self.pinged = None;
        }
    }

    /// The nick, or `*` as long as there is none: how replies address the client.
    pub(super) fn label(&self) -> &[u8] {
        match self.identity.nick() {
            b"" => b"*",
            nick => nick,
        }
    }

    /// Its place in a channel's members, if it is there. Looks through the channels of one client,
    /// which are few and bounded.
    pub(super) fn place_in(&self, channel: ChannelId) -> Option<usize> {
        let joined = self.channels.iter().find(|joined| joined.channel == channel)?;
        Some(joined.place as usize)
    }
}

/// `nick!user@host` in one piece.
#[derive(Debug)]
pub(super) struct Identity {
    /// The whole; before registration nick and user may be empty in it.
    mask: Box<[u8]>,
    /// The length of the nick.
    nick_len: u16,
    /// The length of the user name.
    user_len: u16,
}

impl Identity {
    /// Puts the parts together; they are within the limits.
    pub(super) fn new(nick: &[u8], user: &[u8], host: &[u8]) -> Self {
        let len = |part: &[u8]| u16::try_from(part.len()).expect("names are within their limits");
        Self {
            mask: [nick, b"!", user, b"@", host].concat().into(),
            nick_len: len(nick),
            user_len: len(user),
        }
    }

    /// `nick!user@host`.
    pub(super) fn mask(&self) -> &[u8] {
        &self.mask
    }

    /// Empty before the first NICK.
    pub(super) fn nick(&self) -> &[u8] {
        &self.mask[..self.nick_len.into()]
    }

    /// Empty before USER.
    pub(super) fn user(&self) -> &[u8] {
        let start = usize::from(self.nick_len) + 1;
        &self.mask[start..start + usize::from(self.user_len)]
    }

    /// The peer's address.
    pub(super) fn host(&self) -> &[u8] {
        &self.mask[usize::from(self.nick_len) + usize::from(self.user_len) + 2..]
    }

    /// `user@host`.
    pub(super) fn user_at_host(&self) -> &[u8] {
        &self.mask[usize::from(self.nick_len) + 1..]
    }

    /// The same with another nick.
    pub(super) fn with_nick(&self, nick: &[u8]) -> Self {
        Self::new(nick, self.user(), self.host())
    }

    /// The same with another user name.
    pub(super) fn with_user(&self, user: &[u8]) -> Self {
        Self::new(self.nick(), user, self.host())
    }
}

/// An address as a host in a prefix: never beginning with a colon, which would end the parameters.
pub(super) fn host_of(peer: IpAddr) -> String {
    let host = peer.to_canonical().to_string();
    if host.starts_with(':') { format!("0{host}") } else { host }
}
