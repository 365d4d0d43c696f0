//! What do people say to one another: PRIVMSG.

use super::Call;
use crate::core::hub::Hub;
use crate::core::numeric::{ERR_NORECIPIENT, ERR_NOSUCHNICK, ERR_NOTEXTTOSEND};

/// `PRIVMSG <target> <text>`
pub(super) fn privmsg(hub: &mut Hub, call: Call<'_>) {
    let id = call.id;
    let Some(target) = call.param(0) else { return hub.reply(id, ERR_NORECIPIENT, &[]) };
    let Some(text) = call.param(1) else { return hub.reply(id, ERR_NOTEXTTOSEND, &[]) };
    let prefix = hub.clients[id.0].identity.mask();
    let line = hub.post.compose(&[b":", prefix, b" PRIVMSG ", target, b" :", text]);
    if let Some(channel) = hub.channel_names.get(target) {
        return hub.to_channel(channel, &line, Some(id));
    }
    match hub.nicks.get(target) {
        Some(to) if hub.clients[to.0].is_registered() => hub.post.send(&hub.clients[to.0], &line),
        _ => hub.reply(id, ERR_NOSUCHNICK, &[target]),
    }
}
