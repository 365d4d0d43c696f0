//! How does a connection become a client, keep alive and leave: NICK, USER, PING, PONG, QUIT.

use super::Call;
use crate::core::client::{ClientId, Stage};
use crate::core::config::Now;
use crate::core::hub::Hub;
use crate::core::names::{is_nick, same};
use crate::core::numeric::{
    ERR_ALREADYREGISTERED, ERR_ERRONEUSNICKNAME, ERR_NICKNAMEINUSE, ERR_NOMOTD,
    ERR_NONICKNAMEGIVEN, RPL_WELCOME,
};
use crate::core::post::cut;

/// `NICK <nick>`
pub(super) fn nick(hub: &mut Hub, call: Call<'_>) {
    let id = call.id;
    let Some(nick) = call.param(0) else { return hub.reply(id, ERR_NONICKNAMEGIVEN, &[]) };
    if nick.len() > hub.config.limits.nick_bytes_max || !is_nick(nick) {
        return hub.reply(id, ERR_ERRONEUSNICKNAME, &[nick]);
    }
    if hub.nicks.get(nick).is_some_and(|owner| owner != id) {
        return hub.reply(id, ERR_NICKNAMEINUSE, &[nick]);
    }
    let client = &hub.clients[id.0];
    if client.identity.nick() == nick {
        return;
    }
    if client.is_registered() {
        let line = hub.post.compose(&[b":", client.identity.mask(), b" NICK ", nick]);
        hub.post.send(client, &line);
        hub.to_peers(id, &line);
    }
    let client = &mut hub.clients[id.0];
    if !same(client.identity.nick(), nick) {
        hub.nicks.remove(client.identity.nick());
        hub.nicks.insert(nick, id);
    }
    client.identity = client.identity.with_nick(nick);
    register(hub, call.now, id);
}

/// `USER <user> <mode> <unused> :<realname>`
pub(super) fn user(hub: &mut Hub, call: Call<'_>) {
    let id = call.id;
    let limits = hub.config.limits;
    let client = &mut hub.clients[id.0];
    if client.stage != Stage::Unnamed {
        return hub.reply(id, ERR_ALREADYREGISTERED, &[]);
    }
    let params = call.message.params();
    client.identity = client.identity.with_user(cut(params[0], limits.user_bytes_max));
    client.realname = cut(params[3], limits.realname_bytes_max).into();
    client.stage = Stage::Named;
    register(hub, call.now, id);
}

/// Registers the client if nothing is missing any more.
fn register(hub: &mut Hub, now: Now, id: ClientId) {
    let client = &mut hub.clients[id.0];
    if client.stage != Stage::Named || client.identity.nick().is_empty() {
        return;
    }
    client.stage = Stage::Registered;
    client.heard = now.mono;
    client.signon_unix_s = now.unix_s;
    let client = &hub.clients[id.0];
    let network = hub.config.network.as_bytes();
    let text = [b"Welcome to the ", network, b" Network, ", client.identity.mask()].concat();
    hub.post.numeric_text(client, RPL_WELCOME, &[], &text);
    hub.post.numeric(client, ERR_NOMOTD, &[]);
}

/// `PING <token>`
pub(super) fn ping(hub: &mut Hub, call: Call<'_>) {
    let token = call.message.params()[0];
    let name = hub.config.server_name.as_bytes();
    hub.post.server(&hub.clients[call.id.0], &[b"PONG ", name, b" :", token]);
}

/// `PONG`: the line was heard, which is all that it is for.
pub(super) fn pong(_hub: &mut Hub, _call: Call<'_>) {}

/// `QUIT [<reason>]`
pub(super) fn quit(hub: &mut Hub, call: Call<'_>) {
    match call.param(0) {
        Some(reason) => hub.close(call.now, call.id, &[b"Quit: ", reason].concat()),
        None => hub.close(call.now, call.id, b"Client Quit"),
    }
}
