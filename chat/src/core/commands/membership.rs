//! Who comes into a channel, and who goes out by themselves: JOIN, PART.

use super::{Call, listing};
use crate::core::channel::{Channel, ChannelId};
use crate::core::client::ClientId;
use crate::core::hub::Hub;
use crate::core::mode::{Flags, channel as modes, status};
use crate::core::names::{is_channel, matches};
use crate::core::numeric::{
    ERR_BADCHANMASK, ERR_BADCHANNELKEY, ERR_BANNEDFROMCHAN, ERR_CHANNELISFULL, ERR_INVITEONLYCHAN,
    ERR_NOSUCHCHANNEL, ERR_NOTONCHANNEL, ERR_TOOMANYCHANNELS, Numeric, RPL_TOPIC, RPL_TOPICWHOTIME,
};

/// `JOIN <channel>{,<channel>} [<key>{,<key>}]`, or `JOIN 0` to leave all.
pub(super) fn join(hub: &mut Hub, call: Call<'_>) {
    let params = call.message.params();
    if params[0] == b"0" {
        while let Some(joined) = hub.clients[call.id.0].channels.last() {
            part_one(hub, call.id, joined.channel, None);
        }
        return;
    }
    let mut keys = call.param(1).unwrap_or_default().split(|&b| b == b',');
    for name in params[0].split(|&b| b == b',') {
        let key = keys.next().unwrap_or_default();
        join_one(hub, call, name, key);
    }
}

/// Lets the client into one channel, or tells it why not.
fn join_one(hub: &mut Hub, call: Call<'_>, name: &[u8], key: &[u8]) {
    let id = call.id;
    let limits = hub.config.limits;
    if name.first() != Some(&b'#') {
        return hub.reply(id, ERR_NOSUCHCHANNEL, &[name]);
    }
    if name.len() > limits.channel_bytes_max || !is_channel(name) {
        return hub.reply(id, ERR_BADCHANMASK, &[name]);
    }
    let existing = hub.channel_names.get(name);
    if existing.is_some_and(|channel| hub.clients[id.0].place_in(channel).is_some()) {
        return;
    }
    if hub.clients[id.0].channels.len() >= limits.channels_per_client_max {
        return hub.reply(id, ERR_TOOMANYCHANNELS, &[name]);
    }
    if let Some(channel) = existing
        && let Err(why) = may_join(hub, id, channel, key)
    {
        return hub.reply(id, why, &[name]);
    }
    match existing {
        Some(channel) => hub.enter(id, channel, Flags::default()),
        None => {
            let channel = hub.found(name, call.now);
            hub.enter(id, channel, status::OPERATOR);
        }
    }
    welcome(hub, id, name);
}

/// Whether the modes of a channel let a client in.
fn may_join(hub: &Hub, id: ClientId, to: ChannelId, key: &[u8]) -> Result<(), Numeric> {
    let (client, channel) = (&hub.clients[id.0], &hub.channels[to.0]);
    let Channel { modes, invexes, key: wanted, members_max, members, .. } = channel;
    let mask = client.identity.mask();
    let invited =
        || client.invites.contains(&to) || invexes.iter().any(|entry| matches(&entry.text, mask));
    if channel.is_banned(mask) {
        return Err(ERR_BANNEDFROMCHAN);
    }
    if modes.has(modes::INVITE_ONLY) && !invited() {
        return Err(ERR_INVITEONLYCHAN);
    }
    if wanted.as_deref().is_some_and(|wanted| wanted != key) {
        return Err(ERR_BADCHANNELKEY);
    }
    if members_max.is_some_and(|max| members.len() >= max as usize) {
        return Err(ERR_CHANNELISFULL);
    }
    Ok(())
}

/// Tells everyone that the client is in, and the client what it is in.
fn welcome(hub: &mut Hub, id: ClientId, name: &[u8]) {
    let joined = hub.channel_names.get(name).expect("the client has just entered it");
    let (client, channel) = (&hub.clients[id.0], &hub.channels[joined.0]);
    let line = hub.post.compose(&[b":", client.identity.mask(), b" JOIN ", &channel.name]);
    hub.tell_channel(joined, &line, None);
    send_topic(hub, id, joined);
    listing::send_names(hub, id, joined);
}

/// Sends 332 and 333, if a topic is set.
pub(super) fn send_topic(hub: &mut Hub, id: ClientId, channel: ChannelId) {
    let (client, channel) = (&hub.clients[id.0], &hub.channels[channel.0]);
    if let Some(topic) = &channel.topic {
        hub.post.numeric_text(client, RPL_TOPIC, &[&channel.name], &topic.text);
        let at = topic.at_unix_s.to_string();
        let middle: [&[u8]; 3] = [&channel.name, &topic.by, at.as_bytes()];
        hub.post.numeric_bare(client, RPL_TOPICWHOTIME, &middle);
    }
}

/// `PART <channel>{,<channel>} [<reason>]`
pub(super) fn part(hub: &mut Hub, call: Call<'_>) {
    for name in call.message.params()[0].split(|&b| b == b',') {
        let Some(channel) = hub.visible_channel(call.id, name) else {
            hub.reply(call.id, ERR_NOSUCHCHANNEL, &[name]);
            continue;
        };
        if hub.clients[call.id.0].place_in(channel).is_none() {
            hub.reply(call.id, ERR_NOTONCHANNEL, &[name]);
            continue;
        }
        part_one(hub, call.id, channel, call.param(1));
    }
}

/// Tells everyone, the client too, that it leaves, and takes it out.
fn part_one(hub: &mut Hub, id: ClientId, channel: ChannelId, reason: Option<&[u8]>) {
    let mask = hub.clients[id.0].identity.mask();
    let name = &hub.channels[channel.0].name;
    let line = match reason {
        Some(reason) => hub.post.compose(&[b":", mask, b" PART ", name, b" :", reason]),
        None => hub.post.compose(&[b":", mask, b" PART ", name]),
    };
    hub.tell_channel(channel, &line, None);
    hub.leave(id, channel);
}
