//! How are the modes of a channel asked for and changed: MODE with a channel.
//!
//! 1. What had an effect, and nothing else, is told to all members, on one line if it fits.
//! 2. Only operators change anything; who is none is told so once for each command.
//! 3. A list is sent once for each command, however often its letter stands there.

use super::{Call, user_mode};
use crate::core::channel::{ChannelId, Stamped};
use crate::core::client::ClientId;
use crate::core::config::Now;
use crate::core::hub::Hub;
use crate::core::mode::{
    CHANNEL_LETTERS, Flags, List, channel as modes, flag_of, letters_of, status,
};
use crate::core::names::{full_mask, same};
use crate::core::numeric::{
    ERR_BANLISTFULL, ERR_CHANOPRIVSNEEDED, ERR_INVALIDMODEPARAM, ERR_NOSUCHCHANNEL, ERR_NOSUCHNICK,
    ERR_UNKNOWNMODE, ERR_USERNOTINCHANNEL, RPL_BANLIST, RPL_CHANNELMODEIS, RPL_CREATIONTIME,
    RPL_ENDOFBANLIST, RPL_ENDOFEXCEPTLIST, RPL_ENDOFINVEXLIST, RPL_EXCEPTLIST, RPL_INVEXLIST,
};

/// `MODE <target> [<modes> {<parameter>}]`
pub(super) fn mode(hub: &mut Hub, call: Call<'_>) {
    let target = call.message.params()[0];
    if target.first() != Some(&b'#') {
        return user_mode::mode(hub, call, target);
    }
    let Some(channel) = hub.visible_channel(call.id, target) else {
        return hub.reply(call.id, ERR_NOSUCHCHANNEL, &[target]);
    };
    match call.param(1) {
        None => send_modes(hub, call.id, channel),
        Some(letters) => {
            let params = call.message.params()[2..].iter();
            let change = Changes {
                now: call.now,
                id: call.id,
                channel,
                params,
                budget: 0,
                done: Vec::new(),
                listed: Vec::new(),
            };
            change.run(hub, letters);
        }
    }
}

/// Sends 324 and 329. The key is for members.
fn send_modes(hub: &mut Hub, id: ClientId, channel: ChannelId) {
    let client = &hub.clients[id.0];
    let member = client.place_in(channel).is_some();
    let channel = &hub.channels[channel.0];
    let mut letters = letters_of(&modes::TABLE, channel.modes);
    let limit = channel.members_max.map(|max| max.to_string());
    let mut params: Vec<&[u8]> = Vec::new();
    if let Some(key) = &channel.key {
        letters.push(b'k');
        params.push(if member { key } else { b"*" });
    }
    if let Some(limit) = &limit {
        letters.push(b'l');
        params.push(limit.as_bytes());
    }
    let middle: Vec<&[u8]> = [&channel.name[..], &letters].into_iter().chain(params).collect();
    hub.post.numeric_bare(client, RPL_CHANNELMODEIS, &middle);
    let created = channel.created_unix_s.to_string();
    hub.post.numeric_bare(client, RPL_CREATIONTIME, &[&channel.name, created.as_bytes()]);
}

/// A change that had an effect.
struct Change {
    /// Set or cleared.
    on: bool,
    /// Which mode.
    letter: u8,
    /// With what.
    param: Option<Box<[u8]>>,
}

/// One command at work.
struct Changes<'a> {
    /// When it came.
    now: Now,
    /// Who gave it.
    id: ClientId,
    /// What it is about.
    channel: ChannelId,
    /// The parameters that no mode has taken yet.
    params: std::slice::Iter<'a, &'a [u8]>,
    /// The changes with a parameter so far.
    budget: usize,
    /// What is to be told.
    done: Vec<Change>,
    /// The lists that were sent.
    listed: Vec<List>,
}

impl Changes<'_> {
    /// Does what the letters say, and tells the members.
    fn run(mut self, hub: &mut Hub, letters: &[u8]) {
        let operator = hub.is_operator_in(self.id, self.channel);
        let mut refused = false;
        let mut on = true;
        for &letter in letters {
            match letter {
                b'+' | b'-' => on = letter == b'+',
                _ if self.asks_for_list(hub, letter) => {}
                _ if !operator && self.is_known(letter) => {
                    self.params.next();
                    if !std::mem::replace(&mut refused, true) {
                        let name = hub.channels[self.channel.0].name.clone();
                        hub.reply(self.id, ERR_CHANOPRIVSNEEDED, &[&name]);
                    }
                }
                _ => self.one(hub, on, letter),
            }
        }
        self.tell(hub);
    }

    /// Whether there is such a mode.
    fn is_known(&self, letter: u8) -> bool {
        CHANNEL_LETTERS.contains(&letter)
    }

    /// If the letter is a list's and no parameter is left, sends the list.
    fn asks_for_list(&mut self, hub: &mut Hub, letter: u8) -> bool {
        let Some(list) = List::of(letter) else { return false };
        if self.params.len() > 0 {
            return false;
        }
        if !self.listed.contains(&list) {
            self.listed.push(list);
            self.send_list(hub, list);
        }
        true
    }

    /// Sends the entries of a list and its end.
    fn send_list(&self, hub: &mut Hub, list: List) {
        let (entry, end) = match list {
            List::Ban => (RPL_BANLIST, RPL_ENDOFBANLIST),
            List::Except => (RPL_EXCEPTLIST, RPL_ENDOFEXCEPTLIST),
            List::Invex => (RPL_INVEXLIST, RPL_ENDOFINVEXLIST),
        };
        let (client, channel) = (&hub.clients[self.id.0], &hub.channels[self.channel.0]);
        for Stamped { text, by, at_unix_s } in channel.list(list) {
            let at = at_unix_s.to_string();
            let middle: [&[u8]; 4] = [&channel.name, text, by, at.as_bytes()];
            hub.post.numeric_bare(client, entry, &middle);
        }
        hub.post.numeric(client, end, &[&channel.name]);
    }

    /// Makes one change, or tells why not.
    fn one(&mut self, hub: &mut Hub, on: bool, letter: u8) {
        if let Some(flag) = flag_of(&modes::TABLE, letter) {
            let channel = &mut hub.channels[self.channel.0];
            if channel.modes.has(flag) != on {
                channel.modes.set(flag, on);
                self.done.push(Change { on, letter, param: None });
            }
        } else if let Some(status) = flag_of(&status::TABLE, letter) {
            self.with_param(hub, letter, |it, hub, nick| it.status(hub, on, letter, status, nick));
        } else if let Some(list) = List::of(letter) {
            self.with_param(hub, letter, |it, hub, mask| it.list(hub, on, letter, list, mask));
        } else if letter == b'l' && !on {
            if hub.channels[self.channel.0].members_max.take().is_some() {
                self.done.push(Change { on, letter, param: None });
            }
        } else if letter == b'k' && !on {
            // The key that is given to clear it is not compared: an operator can read it anyway.
            self.params.next();
            if hub.channels[self.channel.0].key.take().is_some() {
                self.done.push(Change { on, letter, param: Some(b"*".as_slice().into()) });
            }
        } else if letter == b'k' {
            self.with_param(hub, letter, Self::key);
        } else if letter == b'l' {
            self.with_param(hub, letter, Self::limit);
        } else {
            hub.reply(self.id, ERR_UNKNOWNMODE, &[&[letter]]);
        }
    }

    /// Takes the parameter of a mode that needs one, if the command may still have one.
    fn with_param(
        &mut self,
        hub: &mut Hub,
        letter: u8,
        change: impl FnOnce(&mut Self, &mut Hub, &[u8]),
    ) {
        match self.params.next() {
            None => self.invalid(hub, letter, b"*", b"You must specify a parameter"),
            Some(_) if self.budget >= hub.config.limits.modes_max => {}
            Some(param) => {
                self.budget += 1;
                change(self, hub, param);
            }
        }
    }

    /// +o, +v.
    fn status(&mut self, hub: &mut Hub, on: bool, letter: u8, status: Flags, nick: &[u8]) {
        let Some(id) = hub.registered(nick) else {
            return hub.reply(self.id, ERR_NOSUCHNICK, &[nick]);
        };
        let channel = &mut hub.channels[self.channel.0];
        let Some(place) = hub.clients[id.0].place_in(self.channel) else {
            let name = channel.name.clone();
            return hub.reply(self.id, ERR_USERNOTINCHANNEL, &[nick, &name]);
        };
        let member = &mut channel.members[place];
        if member.status.has(status) != on {
            member.status.set(status, on);
            let nick = hub.clients[id.0].identity.nick().into();
            self.done.push(Change { on, letter, param: Some(nick) });
        }
    }

    /// +b, +e, +I.
    fn list(&mut self, hub: &mut Hub, on: bool, letter: u8, list: List, given: &[u8]) {
        let limits = hub.config.limits;
        let mask = full_mask(given).filter(|mask| mask.len() <= limits.mask_bytes_max);
        let Some(mask) = mask else {
            return self.invalid(hub, letter, given, b"Not a mask");
        };
        let max = limits.list_entries_max;
        let channel = &mut hub.channels[self.channel.0];
        let full = channel.list_entries() >= max;
        let entries = channel.list_mut(list);
        let at = entries.iter().position(|entry| same(&entry.text, &mask));
        let told = match (on, at) {
            (true, None) if full => {
                let name = channel.name.clone();
                return hub.reply(self.id, ERR_BANLISTFULL, &[&name, &[letter]]);
            }
            (true, None) => {
                entries.push(Stamped {
                    text: mask.clone(),
                    by: hub.clients[self.id.0].identity.nick().into(),
                    at_unix_s: self.now.unix_s,
                });
                mask
            }
            // As it stood in the list, so that every client finds it in its own.
            (false, Some(at)) => entries.remove(at).text,
            _ => return,
        };
        self.done.push(Change { on, letter, param: Some(told) });
    }

    /// +k.
    fn key(&mut self, hub: &mut Hub, key: &[u8]) {
        let bad = |b: &u8| *b <= b' ' || *b == b',' || *b == 0x7f;
        let max = hub.config.limits.key_bytes_max;
        if key.is_empty() || key.len() > max || key[0] == b':' || key.iter().any(bad) {
            return self.invalid(hub, b'k', key, b"Key is not well-formed");
        }
        let channel = &mut hub.channels[self.channel.0];
        if channel.key.as_deref() != Some(key) {
            channel.key = Some(key.into());
            self.done.push(Change { on: true, letter: b'k', param: Some(key.into()) });
        }
    }

    /// +l.
    fn limit(&mut self, hub: &mut Hub, text: &[u8]) {
        let limit = std::str::from_utf8(text).ok().and_then(|text| text.parse::<u32>().ok());
        let Some(limit) = limit.filter(|limit| *limit > 0) else {
            return self.invalid(hub, b'l', text, b"Not a number above zero");
        };
        let channel = &mut hub.channels[self.channel.0];
        if channel.members_max.replace(limit) != Some(limit) {
            let param = Some(limit.to_string().into_bytes().into());
            self.done.push(Change { on: true, letter: b'l', param });
        }
    }

    /// Sends 696.
    fn invalid(&self, hub: &mut Hub, letter: u8, param: &[u8], why: &[u8]) {
        let (client, channel) = (&hub.clients[self.id.0], &hub.channels[self.channel.0]);
        let middle: [&[u8]; 3] = [&channel.name, &[letter], param];
        hub.post.numeric_text(client, ERR_INVALIDMODEPARAM, &middle, why);
    }

    /// Tells all members what was changed, on as many lines as it needs.
    fn tell(self, hub: &mut Hub) {
        let mut rest = &self.done[..];
        while !rest.is_empty() {
            let mask = hub.clients[self.id.0].identity.mask();
            let name = &hub.channels[self.channel.0].name;
            let start: [&[u8]; 5] = [b":", mask, b" MODE ", name, b" "];
            let used: usize = start.iter().map(|part| part.len()).sum();
            let (letters, params, told) =
                line_of(rest, hub.config.limits.line_bytes_max.saturating_sub(used + 2));
            let parts: Vec<&[u8]> = start.into_iter().chain([&letters[..], &params]).collect();
            let line = hub.post.compose(&parts);
            hub.tell_channel(self.channel, &line, None);
            rest = &rest[told..];
        }
    }
}

/// The letters and the parameters of as many changes as fit in `bytes_max`, but of one at least,
/// and how many that are.
fn line_of(changes: &[Change], bytes_max: usize) -> (Vec<u8>, Vec<u8>, usize) {
    let (mut letters, mut params) = (Vec::new(), Vec::new());
    let mut sign = None;
    for (told, Change { on, letter, param }) in changes.iter().enumerate() {
        // A sign, a letter, a space and the parameter.
        let more = 3 + param.as_ref().map_or(0, |param| param.len());
        if told > 0 && letters.len() + params.len() + more > bytes_max {
            return (letters, params, told);
        }
        if sign.replace(*on) != Some(*on) {
            letters.push(if *on { b'+' } else { b'-' });
        }
        letters.push(*letter);
        if let Some(param) = param {
            params.push(b' ');
            params.extend_from_slice(param);
        }
    }
    (letters, params, changes.len())
}
