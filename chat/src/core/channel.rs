//! What does the server know about one channel?
//!
//! Called by the hub, which owns the channels.
//!
//! 1. A channel has members, or it is gone.
//! 2. Membership is kept at both ends: the member's place stands in its client's list, and the
//!    client's id at that place. So "is it in?" looks through the few channels of one client, not
//!    through the many members of a channel, and leaving moves one other member at most.
//! 3. The members stand next to one another, as fanning out a line to all of them is what a chat
//!    server does most.
//!
//! Rejected: a hash map of members (a hash for each look-up, and no order to test by).

use super::client::ClientId;
use super::mode::{self, Flags, List};
use super::names::matches;
use super::slots::SlotId;

/// Names one channel for ever: after its end it finds none, also if the name is used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ChannelId(pub(super) SlotId);

/// One channel.
#[derive(Debug)]
pub(super) struct Channel {
    /// As its creator wrote it.
    pub(super) name: Box<[u8]>,
    /// When it was created, in seconds since 1970.
    pub(super) created_unix_s: u64,
    /// Who is in it.
    pub(super) members: Vec<Member>,
    /// The topic, if one is set.
    pub(super) topic: Option<Stamped>,
    /// See [`mode::channel`].
    pub(super) modes: Flags,
    /// +k.
    pub(super) key: Option<Box<[u8]>>,
    /// +l.
    pub(super) members_max: Option<u32>,
    /// +b: masks that may not join, nor speak without a voice.
    pub(super) bans: Vec<Stamped>,
    /// +e: masks that no ban holds for.
    pub(super) excepts: Vec<Stamped>,
    /// +I: masks that may join although the channel is +i.
    pub(super) invexes: Vec<Stamped>,
}

/// A client in a channel.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    /// Who.
    pub(super) client: ClientId,
    /// See [`mode::status`].
    pub(super) status: Flags,
}

/// A text, who set it and when: a topic, or an entry of a list.
#[derive(Debug)]
pub(super) struct Stamped {
    /// The topic or the mask.
    pub(super) text: Box<[u8]>,
    /// The setter's nick.
    pub(super) by: Box<[u8]>,
    /// In seconds since 1970.
    pub(super) at_unix_s: u64,
}

impl Channel {
    /// A channel that nobody is in yet.
    pub(super) fn new(name: &[u8], unix_s: u64) -> Self {
        Self {
            name: name.into(),
            created_unix_s: unix_s,
            members: Vec::new(),
            topic: None,
            modes: mode::channel::INITIAL,
            key: None,
            members_max: None,
            bans: Vec::new(),
            excepts: Vec::new(),
            invexes: Vec::new(),
        }
    }

    /// Whether a ban holds for `nick!user@host`.
    pub(super) fn is_banned(&self, mask: &[u8]) -> bool {
        let listed = |list: &[Stamped]| list.iter().any(|entry| matches(&entry.text, mask));
        listed(&self.bans) && !listed(&self.excepts)
    }

    /// A list of masks.
    pub(super) fn list(&self, list: List) -> &Vec<Stamped> {
        match list {
            List::Ban => &self.bans,
            List::Except => &self.excepts,
            List::Invex => &self.invexes,
        }
    }

    /// A list of masks, to change it.
    pub(super) fn list_mut(&mut self, list: List) -> &mut Vec<Stamped> {
        match list {
            List::Ban => &mut self.bans,
            List::Except => &mut self.excepts,
            List::Invex => &mut self.invexes,
        }
    }

    /// The entries of all lists together.
    pub(super) fn list_entries(&self) -> usize {
        self.bans.len() + self.excepts.len() + self.invexes.len()
    }
}
