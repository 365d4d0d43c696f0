//! Who had this nick before?
//!
//! Called by the hub when a client quits or changes its nick, and by WHOWAS.
//!
//! 1. It holds at most as many nicks as it is told to; the oldest goes first.

use std::collections::VecDeque;

use super::client::Client;
use super::config::Now;
use super::names::same;

/// The nicks that were in use, the newest last.
#[derive(Debug)]
pub(super) struct Whowas {
    /// Oldest first.
    entries: VecDeque<Was>,
    /// The most of them.
    entries_max: usize,
}

/// Somebody who had a nick.
#[derive(Debug)]
pub(super) struct Was {
    /// As it was then.
    pub(super) nick: Box<[u8]>,
    /// The user name.
    pub(super) user: Box<[u8]>,
    /// The host.
    pub(super) host: Box<[u8]>,
    /// The real name.
    pub(super) realname: Box<[u8]>,
    /// When it was given up, in seconds since 1970.
    pub(super) until_unix_s: u64,
}

impl Whowas {
    /// Nobody.
    pub(super) fn new(entries_max: usize) -> Self {
        Self { entries: VecDeque::new(), entries_max }
    }

    /// Notes that a client gives its nick up now.
    pub(super) fn add(&mut self, client: &Client, now: Now) {
        if self.entries_max == 0 {
            return;
        }
        if self.entries.len() >= self.entries_max {
            self.entries.pop_front();
        }
        self.entries.push_back(Was {
            nick: client.identity.nick().into(),
            user: client.identity.user().into(),
            host: client.identity.host().into(),
            realname: client.realname.clone(),
            until_unix_s: now.unix_s,
        });
    }

    /// Those who had a nick, the newest first. Looks at every entry: WHOWAS is rare.
    pub(super) fn of<'a>(&'a self, nick: &'a [u8]) -> impl Iterator<Item = &'a Was> {
        self.entries.iter().rev().filter(move |was| same(&was.nick, nick))
    }
}
