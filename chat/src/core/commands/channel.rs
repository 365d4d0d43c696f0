//! How is a channel run, but for its modes: TOPIC, KICK, INVITE.

use super::{Call, membership, targets};
use crate::core::channel::{ChannelId, Stamped};
use crate::core::client::ClientId;
use crate::core::hub::Hub;
use crate::core::mode::channel as modes;
use crate::core::numeric::{
    ERR_CHANOPRIVSNEEDED, ERR_NEEDMOREPARAMS, ERR_NOSUCHCHANNEL, ERR_NOSUCHNICK, ERR_NOTONCHANNEL,
    ERR_TOOMANYTARGETS, ERR_USERNOTINCHANNEL, ERR_USERONCHANNEL, RPL_AWAY, RPL_ENDOFINVITELIST,
    RPL_INVITELIST, RPL_INVITING, RPL_NOTOPIC,
};
use crate::core::post::cut;

/// `TOPIC <channel> [<topic>]`: an empty one clears it.
pub(super) fn topic(hub: &mut Hub, call: Call<'_>) {
    let id = call.id;
    let name = call.message.params()[0];
    let Some(channel) = hub.visible_channel(id, name) else {
        return hub.reply(id, ERR_NOSUCHCHANNEL, &[name]);
    };
    let Some(&text) = call.message.params().get(1) else {
        return match hub.channels[channel.0].topic {
            Some(_) => membership::send_topic(hub, id, channel),
            None => hub.reply(id, RPL_NOTOPIC, &[name]),
        };
    };
    if hub.clients[id.0].place_in(channel).is_none() {
        return hub.reply(id, ERR_NOTONCHANNEL, &[name]);
    }
    if hub.channels[channel.0].modes.has(modes::TOPIC_LOCKED) && !hub.is_operator_in(id, channel) {
        return hub.reply(id, ERR_CHANOPRIVSNEEDED, &[name]);
    }
    let text = cut(text, hub.config.limits.topic_bytes_max);
    let by = &hub.clients[id.0].identity;
    let changed = &mut hub.channels[channel.0];
    changed.topic = (!text.is_empty()).then(|| Stamped {
        text: text.into(),
        by: by.nick().into(),
        at_unix_s: call.now.unix_s,
    });
    let line = hub.post.compose(&[b":", by.mask(), b" TOPIC ", &changed.name, b" :", text]);
    hub.tell_channel(channel, &line, None);
}

/// `KICK <channel> <nick>{,<nick>} [<comment>]`, or as many channels as nicks.
pub(super) fn kick(hub: &mut Hub, call: Call<'_>) {
    let params = call.message.params();
    let count = |list: &[u8]| list.split(|&b| b == b',').count();
    if count(params[0]) == 1 {
        for nick in targets(hub, call, params[1]) {
            kick_one(hub, call, params[0], nick);
        }
    } else if count(params[0]) == count(params[1]) {
        let channels = params[0].split(|&b| b == b',');
        let mut pairs = channels.zip(params[1].split(|&b| b == b','));
        for (channel, nick) in pairs.by_ref().take(hub.config.limits.targets_max) {
            kick_one(hub, call, channel, nick);
        }
        if let Some((_, left_out)) = pairs.next() {
            hub.reply(call.id, ERR_TOOMANYTARGETS, &[left_out]);
        }
    } else {
        hub.reply(call.id, ERR_NEEDMOREPARAMS, &[b"KICK"]);
    }
}

/// Takes one member out of one channel, or tells why not.
fn kick_one(hub: &mut Hub, call: Call<'_>, name: &[u8], nick: &[u8]) {
    let id = call.id;
    let Some(channel) = hub.visible_channel(id, name) else {
        return hub.reply(id, ERR_NOSUCHCHANNEL, &[name]);
    };
    if hub.clients[id.0].place_in(channel).is_none() {
        return hub.reply(id, ERR_NOTONCHANNEL, &[name]);
    }
    if !hub.is_operator_in(id, channel) {
        return hub.reply(id, ERR_CHANOPRIVSNEEDED, &[name]);
    }
    let Some(victim) = hub.registered(nick) else {
        return hub.reply(id, ERR_NOSUCHNICK, &[nick]);
    };
    if hub.clients[victim.0].place_in(channel).is_none() {
        return hub.reply(id, ERR_USERNOTINCHANNEL, &[nick, name]);
    }
    let by = &hub.clients[id.0].identity;
    let nick = hub.clients[victim.0].identity.nick();
    let name = &hub.channels[channel.0].name;
    let comment = call.param(2).unwrap_or(by.nick());
    let comment = cut(comment, hub.config.limits.kick_bytes_max);
    let parts: [&[u8]; 8] = [b":", by.mask(), b" KICK ", name, b" ", nick, b" :", comment];
    let line = hub.post.compose(&parts);
    hub.tell_channel(channel, &line, None);
    hub.leave(victim, channel);
}

/// `INVITE <nick> <channel>`, or `INVITE` for the list of one's own invitations.
pub(super) fn invite(hub: &mut Hub, call: Call<'_>) {
    let id = call.id;
    let (nick, name) = match call.message.params() {
        [] => return send_invites(hub, call),
        [_] => return hub.reply(id, ERR_NEEDMOREPARAMS, &[b"INVITE"]),
        [nick, name, ..] => (*nick, *name),
    };
    let Some(channel) = hub.visible_channel(id, name) else {
        return hub.reply(id, ERR_NOSUCHCHANNEL, &[name]);
    };
    if hub.clients[id.0].place_in(channel).is_none() {
        return hub.reply(id, ERR_NOTONCHANNEL, &[name]);
    }
    if hub.channels[channel.0].modes.has(modes::INVITE_ONLY) && !hub.is_operator_in(id, channel) {
        return hub.reply(id, ERR_CHANOPRIVSNEEDED, &[name]);
    }
    let Some(guest) = hub.registered(nick) else {
        return hub.reply(id, ERR_NOSUCHNICK, &[nick]);
    };
    if hub.clients[guest.0].place_in(channel).is_some() {
        return hub.reply(id, ERR_USERONCHANNEL, &[nick, name]);
    }
    remember(hub, guest, channel);
    let (client, to) = (&hub.clients[id.0], &hub.clients[guest.0]);
    let (nick, name) = (to.identity.nick(), &hub.channels[channel.0].name);
    hub.post.numeric_bare(client, RPL_INVITING, &[nick, name]);
    if let Some(away) = &to.away {
        hub.post.numeric_text(client, RPL_AWAY, &[nick], away);
    }
    let mask = client.identity.mask();
    let line = hub.post.compose(&[b":", mask, b" INVITE ", nick, b" ", name]);
    hub.post.send(to, &line);
}

/// Notes an invitation; the oldest goes if there are too many.
fn remember(hub: &mut Hub, guest: ClientId, channel: ChannelId) {
    let max = hub.config.limits.invites_per_client_max;
    let invites = &mut hub.clients[guest.0].invites;
    if max == 0 || invites.contains(&channel) {
        return;
    }
    if invites.len() >= max {
        invites.remove(0);
    }
    invites.push(channel);
}

/// Sends 336 for each channel that the client is invited to, and 337.
fn send_invites(hub: &mut Hub, call: Call<'_>) {
    let client = &hub.clients[call.id.0];
    for channel in client.invites.iter().filter_map(|id| hub.channels.get(id.0)) {
        hub.post.numeric_bare(client, RPL_INVITELIST, &[&channel.name]);
    }
    hub.reply(call.id, RPL_ENDOFINVITELIST, &[]);
}
