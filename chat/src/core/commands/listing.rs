//! What is there to join, and who is in it: NAMES, LIST.
//!
//! 1. A secret channel is shown to its members (and to server operators) alone, and so is an
//!    invisible member to those who are not in the channel.

use super::{Call, targets};
use crate::core::channel::ChannelId;
use crate::core::client::ClientId;
use crate::core::hub::Hub;
use crate::core::mode::{cap, channel as modes, status, user};
use crate::core::numeric::{
    ERR_TOOMANYMATCHES, RPL_ENDOFNAMES, RPL_LIST, RPL_LISTEND, RPL_LISTSTART, RPL_NAMREPLY,
};

/// `NAMES <channel>{,<channel>}`
///
/// Without a channel the answer is empty: a list of everybody is what WHO is for.
pub(super) fn names(hub: &mut Hub, call: Call<'_>) {
    let Some(names) = call.param(0) else { return hub.reply(call.id, RPL_ENDOFNAMES, &[b"*"]) };
    for name in targets(hub, call, names) {
        match hub.visible_channel(call.id, name) {
            Some(channel) => send_names(hub, call.id, channel),
            None => hub.reply(call.id, RPL_ENDOFNAMES, &[name]),
        }
    }
}

/// Sends 353, as often as needed, and 366.
pub(super) fn send_names(hub: &mut Hub, id: ClientId, channel: ChannelId) {
    let client = &hub.clients[id.0];
    let outside = client.place_in(channel).is_none() && !client.modes.has(user::OPERATOR);
    let channel = &hub.channels[channel.0];
    let all = client.caps.has(cap::MULTI_PREFIX);
    let symbol: &[u8] = if channel.modes.has(modes::SECRET) { b"@" } else { b"=" };
    let mut words = hub.post.words(client, RPL_NAMREPLY, &[symbol, &channel.name]);
    for member in &channel.members {
        let peer = &hub.clients[member.client.0];
        if outside && peer.modes.has(user::INVISIBLE) {
            continue;
        }
        words.push(&[status::prefix(member.status, all), peer.identity.nick()]);
    }
    words.finish();
    hub.post.numeric(client, RPL_ENDOFNAMES, &[&channel.name]);
}

/// `LIST [<channel>{,<channel>}]`
pub(super) fn list(hub: &mut Hub, call: Call<'_>) {
    let id = call.id;
    hub.reply(id, RPL_LISTSTART, &[b"Channel"]);
    if let Some(names) = call.param(0) {
        for name in targets(hub, call, names) {
            if let Some(channel) = hub.visible_channel(id, name) {
                send_listed(hub, id, channel);
            }
        }
    } else {
        let max = hub.config.limits.query_lines_max;
        let visible =
            hub.channels.ids().map(ChannelId).filter(|channel| hub.sees_channel(id, *channel));
        let shown: Vec<ChannelId> = visible.take(max + 1).collect();
        for channel in shown.iter().take(max) {
            send_listed(hub, id, *channel);
        }
        if shown.len() > max {
            hub.reply(id, ERR_TOOMANYMATCHES, &[b"LIST"]);
        }
    }
    hub.reply(id, RPL_LISTEND, &[]);
}

/// Sends 322.
fn send_listed(hub: &mut Hub, id: ClientId, channel: ChannelId) {
    let channel = &hub.channels[channel.0];
    let members = channel.members.len().to_string();
    let topic = channel.topic.as_ref().map_or(&b""[..], |topic| &topic.text);
    let middle: [&[u8]; 2] = [&channel.name, members.as_bytes()];
    hub.post.numeric_text(&hub.clients[id.0], RPL_LIST, &middle, topic);
}
