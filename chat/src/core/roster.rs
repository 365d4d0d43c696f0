//! Who is where, who hears whom, and how is it changed so that it stays true?
//!
//! Called by the commands. These are the only functions that change membership, the index of nicks
//! and the census; the invariants of the [`Hub`] are kept here.

use super::channel::{Channel, ChannelId, Member};
use super::client::{ClientId, Joined, Stage};
use super::config::Now;
use super::hub::Hub;
use super::mode::{Flags, channel, status, user};
use super::names::same;
use super::numeric::Numeric;
use super::outbox::Line;

impl Hub {
    /// Sends a numeric reply whose text is always the same.
    pub(super) fn reply(&mut self, to: ClientId, numeric: Numeric, middle: &[&[u8]]) {
        self.post.numeric(&self.clients[to.0], numeric, middle);
    }

    /// The client with a nick, if it has registered: others do not see it before.
    pub(super) fn registered(&self, nick: &[u8]) -> Option<ClientId> {
        self.nicks.get(nick).filter(|id| self.clients[id.0].is_registered())
    }

    /// Gives a client a nick that nobody else has.
    pub(super) fn rename(&mut self, id: ClientId, nick: &[u8]) {
        let client = &mut self.clients[id.0];
        let identity = client.identity.with_nick(nick);
        let former = std::mem::replace(&mut client.identity, identity);
        if !same(former.nick(), nick) {
            self.nicks.remove(former.nick());
            self.nicks.insert(nick, id);
        }
    }

    /// Makes a connection a client that others see.
    pub(super) fn admit(&mut self, id: ClientId, now: Now) {
        let client = &mut self.clients[id.0];
        client.stage = Stage::Registered;
        client.password = None;
        client.heard = now.mono;
        client.spoke = now.mono;
        client.signon_unix_s = now.unix_s;
        self.census.registered += 1;
        self.census.registered_max = self.census.registered_max.max(self.census.registered);
    }

    /// Sets or clears a user mode; tells whether that changed it.
    pub(super) fn set_user_mode(&mut self, id: ClientId, mode: Flags, on: bool) -> bool {
        let client = &mut self.clients[id.0];
        if client.modes.has(mode) == on {
            return false;
        }
        client.modes.set(mode, on);
        let count = match mode {
            user::INVISIBLE => &mut self.census.invisible,
            user::OPERATOR => &mut self.census.operators,
            _ => return true,
        };
        *count = if on { *count + 1 } else { *count - 1 };
        true
    }

    /// Makes a channel that nobody is in; the caller lets somebody [`enter`](Self::enter) at once.
    pub(super) fn found(&mut self, name: &[u8], now: Now) -> ChannelId {
        let id = ChannelId(self.channels.insert_with(|_| Channel::new(name, now.unix_s)));
        self.channel_names.insert(name, id);
        id
    }

    /// Puts a client that is not there yet into a channel.
    pub(super) fn enter(&mut self, id: ClientId, channel: ChannelId, status: Flags) {
        let members = &mut self.channels[channel.0].members;
        let place = u32::try_from(members.len()).expect("a channel has fewer members than clients");
        members.push(Member { client: id, status });
        let client = &mut self.clients[id.0];
        client.channels.push(Joined { channel, place });
        client.invites.retain(|invited| *invited != channel);
    }

    /// Takes a client out of a channel that it is in; an empty channel is gone.
    pub(super) fn leave(&mut self, id: ClientId, channel: ChannelId) {
        let joined = &mut self.clients[id.0].channels;
        let at = joined.iter().position(|joined| joined.channel == channel);
        let place = joined.swap_remove(at.expect("membership is symmetric")).place;
        let members = &mut self.channels[channel.0].members;
        members.swap_remove(place as usize);
        // The last member has moved to the free place.
        if let Some(moved) = members.get(place as usize) {
            let joined = &mut self.clients[moved.client.0].channels;
            let joined = joined.iter_mut().find(|joined| joined.channel == channel);
            joined.expect("membership is symmetric").place = place;
        }
        if members.is_empty() {
            let channel = self.channels.remove(channel.0).expect("it was there a moment ago");
            self.channel_names.remove(&channel.name);
        }
    }

    /// Ends a connection: an ERROR line to it (if its outbox is open), QUIT to its peers. Harmless
    /// if it is gone.
    pub(super) fn close(&mut self, now: Now, id: ClientId, reason: &[u8]) {
        let Some(client) = self.clients.get(id.0) else { return };
        self.post.close(client, reason);
        if client.is_registered() {
            let line = self.post.compose(&[b":", client.identity.mask(), b" QUIT :", reason]);
            self.tell_peers(id, &line);
            self.set_user_mode(id, user::INVISIBLE, false);
            self.set_user_mode(id, user::OPERATOR, false);
            self.census.registered -= 1;
            self.whowas.add(&self.clients[id.0], now);
        }
        while let Some(joined) = self.clients[id.0].channels.last() {
            self.leave(id, joined.channel);
        }
        let client = self.clients.remove(id.0).expect("it was there a moment ago");
        if !client.identity.nick().is_empty() {
            self.nicks.remove(client.identity.nick());
        }
    }

    /// Delivers one line to all members of a channel but one.
    pub(super) fn tell_channel(&mut self, channel: ChannelId, line: &Line, but: Option<ClientId>) {
        for member in &self.channels[channel.0].members {
            if Some(member.client) != but {
                self.post.send(&self.clients[member.client.0], line);
            }
        }
    }

    /// Delivers one line, once, to everyone who shares a channel with the client, but not to it.
    pub(super) fn tell_peers(&mut self, id: ClientId, line: &Line) {
        self.fanout += 1;
        let client = &self.clients[id.0];
        client.fanout.set(self.fanout);
        for joined in &client.channels {
            for member in &self.channels[joined.channel.0].members {
                let peer = &self.clients[member.client.0];
                if peer.fanout.replace(self.fanout) != self.fanout {
                    self.post.send(peer, line);
                }
            }
        }
    }

    /// What a client may do in a channel, if it is in it.
    pub(super) fn status_in(&self, id: ClientId, channel: ChannelId) -> Option<Flags> {
        let place = self.clients[id.0].place_in(channel)?;
        Some(self.channels[channel.0].members[place].status)
    }

    /// Whether a client is operator of a channel.
    pub(super) fn is_operator_in(&self, id: ClientId, channel: ChannelId) -> bool {
        self.status_in(id, channel).is_some_and(|it| it.has(status::OPERATOR))
    }

    /// Whether a client is a server operator.
    pub(super) fn is_operator(&self, id: ClientId) -> bool {
        self.clients[id.0].modes.has(user::OPERATOR)
    }

    /// The channel of a name, if the client may know of it: it is in it, or it is not secret.
    pub(super) fn visible_channel(&self, id: ClientId, name: &[u8]) -> Option<ChannelId> {
        self.channel_names.get(name).filter(|channel| self.sees_channel(id, *channel))
    }

    /// Whether a client may know of a channel.
    pub(super) fn sees_channel(&self, id: ClientId, channel: ChannelId) -> bool {
        !self.channels[channel.0].modes.has(channel::SECRET)
            || self.clients[id.0].place_in(channel).is_some()
            || self.is_operator(id)
    }

    /// Whether a client sees another one in lists: it is not +i, or they share a channel.
    pub(super) fn sees(&self, id: ClientId, other: ClientId) -> bool {
        let (client, other) = (&self.clients[id.0], &self.clients[other.0]);
        id == other.id
            || !other.modes.has(user::INVISIBLE)
            || client.channels.iter().any(|joined| other.place_in(joined.channel).is_some())
            || client.modes.has(user::OPERATOR)
    }
}
