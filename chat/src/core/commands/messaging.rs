//! What do people say to one another: PRIVMSG, NOTICE, AWAY.
//!
//! 1. A line to a channel is composed once, however many members it goes to.
//! 2. NOTICE is never answered, not by an error either: two programs cannot answer each other for
//!    ever.

use super::{Call, targets};
use crate::core::channel::ChannelId;
use crate::core::client::ClientId;
use crate::core::hub::Hub;
use crate::core::mode::{Flags, channel as modes};
use crate::core::numeric::{
    ERR_CANNOTSENDTOCHAN, ERR_NORECIPIENT, ERR_NOSUCHCHANNEL, ERR_NOSUCHNICK, ERR_NOTEXTTOSEND,
    Numeric, RPL_AWAY, RPL_NOWAWAY, RPL_UNAWAY,
};
use crate::core::post::cut;

/// `PRIVMSG <target>{,<target>} <text>`
pub(super) fn privmsg(hub: &mut Hub, call: Call<'_>) {
    let id = call.id;
    let Some(names) = call.param(0) else {
        let text = b"No recipient given (PRIVMSG)";
        return hub.post.numeric_text(&hub.clients[id.0], ERR_NORECIPIENT, &[], text);
    };
    let Some(text) = call.param(1) else { return hub.reply(id, ERR_NOTEXTTOSEND, &[]) };
    hub.clients[id.0].spoke = call.now.mono;
    for target in targets(hub, call, names) {
        match deliver(hub, id, b" PRIVMSG ", target, text) {
            Err(why) => hub.reply(id, why, &[target]),
            Ok(Some(to)) => {
                let to = &hub.clients[to.0];
                if let Some(away) = &to.away {
                    let client = &hub.clients[id.0];
                    hub.post.numeric_text(client, RPL_AWAY, &[to.identity.nick()], away);
                }
            }
            Ok(None) => {}
        }
    }
}

/// `NOTICE <target>{,<target>} <text>`
pub(super) fn notice(hub: &mut Hub, call: Call<'_>) {
    let (Some(names), Some(text)) = (call.param(0), call.param(1)) else { return };
    let max = hub.config.limits.targets_max;
    for target in names.split(|&b| b == b',').take(max) {
        // Why it did not arrive is what a NOTICE is not told.
        let _ = deliver(hub, call.id, b" NOTICE ", target, text);
    }
}

/// Delivers to one target; tells which client it was, or why not.
fn deliver(
    hub: &mut Hub,
    id: ClientId,
    verb: &[u8],
    target: &[u8],
    text: &[u8],
) -> Result<Option<ClientId>, Numeric> {
    let prefix = hub.clients[id.0].identity.mask();
    if target.first() == Some(&b'#') {
        let channel = hub.channel_names.get(target).ok_or(ERR_NOSUCHCHANNEL)?;
        if !may_speak(hub, id, channel) {
            return Err(ERR_CANNOTSENDTOCHAN);
        }
        let name = &hub.channels[channel.0].name;
        let line = hub.post.compose(&[b":", prefix, verb, name, b" :", text]);
        hub.tell_channel(channel, &line, Some(id));
        return Ok(None);
    }
    let to = hub.registered(target).ok_or(ERR_NOSUCHNICK)?;
    let nick = hub.clients[to.0].identity.nick();
    let line = hub.post.compose(&[b":", prefix, verb, nick, b" :", text]);
    hub.post.send(&hub.clients[to.0], &line);
    Ok(Some(to))
}

/// Whether the modes of a channel let a client speak there.
fn may_speak(hub: &Hub, id: ClientId, channel: ChannelId) -> bool {
    let status = hub.status_in(id, channel);
    // Operators and those with a voice are what is not nothing.
    if status.is_some_and(|status| status != Flags::default()) {
        return true;
    }
    let channel = &hub.channels[channel.0];
    let outside = status.is_none() && channel.modes.has(modes::NO_EXTERNAL);
    !outside
        && !channel.modes.has(modes::MODERATED)
        && !channel.is_banned(hub.clients[id.0].identity.mask())
}

/// `AWAY [<text>]`
pub(super) fn away(hub: &mut Hub, call: Call<'_>) {
    let max = hub.config.limits.away_bytes_max;
    let client = &mut hub.clients[call.id.0];
    client.away = call.param(0).map(|text| cut(text, max).into());
    let reply = if client.away.is_some() { RPL_NOWAWAY } else { RPL_UNAWAY };
    hub.reply(call.id, reply, &[]);
}
