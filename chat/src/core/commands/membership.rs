//! Who comes into a channel: JOIN.

use super::Call;
use crate::core::channel::{Channel, ChannelId};
use crate::core::hub::Hub;
use crate::core::mode::{Flags, status};
use crate::core::names::is_channel;
use crate::core::numeric::{ERR_BADCHANMASK, RPL_ENDOFNAMES, RPL_NAMREPLY};

/// `JOIN <channel>`
pub(super) fn join(hub: &mut Hub, call: Call<'_>) {
    let id = call.id;
    let name = call.message.params()[0];
    if name.len() > hub.config.limits.channel_bytes_max || !is_channel(name) {
        return hub.reply(id, ERR_BADCHANMASK, &[name]);
    }
    let (channel, given) = match hub.channel_names.get(name) {
        Some(channel) => (channel, Flags::default()),
        None => {
            let new = Channel::new(name, call.now.unix_s);
            let channel = ChannelId(hub.channels.insert_with(|_| new));
            hub.channel_names.insert(name, channel);
            (channel, status::OPERATOR)
        }
    };
    if hub.clients[id.0].place_in(channel).is_some() {
        return;
    }
    hub.enter(id, channel, given);
    let name = &hub.channels[channel.0].name;
    let line = hub.post.compose(&[b":", hub.clients[id.0].identity.mask(), b" JOIN ", name]);
    hub.to_channel(channel, &line, None);
    let (client, channel) = (&hub.clients[id.0], &hub.channels[channel.0]);
    for member in &channel.members {
        let nick = hub.clients[member.client.0].identity.nick();
        let nick = [status::prefix(member.status, false), nick].concat();
        hub.post.numeric_text(client, RPL_NAMREPLY, &[b"=", &channel.name], &nick);
    }
    hub.post.numeric(client, RPL_ENDOFNAMES, &[&channel.name]);
}
