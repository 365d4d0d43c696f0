//! How does a connection become a client, keep alive and leave: PASS, NICK, USER, PING, PONG, QUIT.
//!
//! 1. PASS, NICK and USER come in any order; the last of them that is missing, or CAP END, brings
//!    001, and after it 002 to 005, LUSERS and MOTD in that order.
//! 2. A nick is taken from the moment it is given, also by a client that is still registering.

use super::{Call, server};
use crate::core::client::{ClientId, Stage};
use crate::core::config::Now;
use crate::core::date;
use crate::core::hub::Hub;
use crate::core::mode;
use crate::core::names::is_nick;
use crate::core::numeric::{
    ERR_ALREADYREGISTERED, ERR_ERRONEUSNICKNAME, ERR_INVALIDUSERNAME, ERR_NEEDMOREPARAMS,
    ERR_NICKNAMEINUSE, ERR_NONICKNAMEGIVEN, ERR_NOORIGIN, ERR_PASSWDMISMATCH, RPL_CREATED,
    RPL_MYINFO, RPL_WELCOME, RPL_YOURHOST,
};
use crate::core::post::cut;

/// `PASS <password>`
pub(super) fn pass(hub: &mut Hub, call: Call<'_>) {
    let client = &mut hub.clients[call.id.0];
    if client.is_registered() {
        return hub.reply(call.id, ERR_ALREADYREGISTERED, &[]);
    }
    client.password = Some(call.message.params()[0].into());
}

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
    if !client.is_registered() {
        hub.rename(id, nick);
        return register(hub, call.now, id);
    }
    let line = hub.post.compose(&[b":", client.identity.mask(), b" NICK ", nick]);
    hub.post.send(client, &line);
    hub.tell_peers(id, &line);
    hub.whowas.add(&hub.clients[id.0], call.now);
    hub.rename(id, nick);
}

/// `USER <user> <mode> <unused> :<realname>`
pub(super) fn user(hub: &mut Hub, call: Call<'_>) {
    let id = call.id;
    let limits = hub.config.limits;
    if hub.clients[id.0].stage != Stage::Unnamed {
        return hub.reply(id, ERR_ALREADYREGISTERED, &[]);
    }
    let (Some(user), Some(realname)) = (call.param(0), call.param(3)) else {
        return hub.reply(id, ERR_NEEDMOREPARAMS, &[b"USER"]);
    };
    // It becomes a part of `nick!user@host`, which is matched against masks.
    if user.iter().any(|b| *b <= b' ' || *b == 0x7f || b"!@*?:".contains(b)) {
        return hub.reply(id, ERR_INVALIDUSERNAME, &[]);
    }
    let client = &mut hub.clients[id.0];
    client.identity = client.identity.with_user(cut(user, limits.user_bytes_max));
    client.realname = cut(realname, limits.realname_bytes_max).into();
    client.stage = Stage::Named;
    register(hub, call.now, id);
}

/// Registers the client if nothing is missing any more. It may be gone afterwards.
pub(super) fn register(hub: &mut Hub, now: Now, id: ClientId) {
    let client = &hub.clients[id.0];
    if client.stage != Stage::Named || client.negotiating || client.identity.nick().is_empty() {
        return;
    }
    if let Some(password) = &hub.config.password
        && !super::is_secret(password, client.password.as_deref().unwrap_or_default())
    {
        hub.reply(id, ERR_PASSWDMISMATCH, &[]);
        return hub.close(now, id, b"Password incorrect");
    }
    hub.admit(id, now);
    let client = &hub.clients[id.0];
    let server = hub.config.server_name.as_bytes();
    let network = hub.config.network.as_bytes();
    let text = [b"Welcome to the ", network, b" Network, ", client.identity.mask()].concat();
    hub.post.numeric_text(client, RPL_WELCOME, &[], &text);
    let version = server::VERSION.as_bytes();
    let text = [b"Your host is ", server, b", running version ", version].concat();
    hub.post.numeric_text(client, RPL_YOURHOST, &[], &text);
    let text = format!("This server was created {}", date::utc(hub.started.unix_s));
    hub.post.numeric_text(client, RPL_CREATED, &[], text.as_bytes());
    let modes: [&[u8]; 5] =
        [server, version, mode::USER_LETTERS, mode::CHANNEL_LETTERS, mode::PARAMETER_LETTERS];
    hub.post.numeric_bare(client, RPL_MYINFO, &modes);
    server::send_isupport(hub, id);
    server::send_lusers(hub, id);
    server::send_motd(hub, id);
}

/// `PING <token>`
pub(super) fn ping(hub: &mut Hub, call: Call<'_>) {
    let Some(token) = call.param(0) else { return hub.reply(call.id, ERR_NOORIGIN, &[]) };
    let name = hub.config.server_name.as_bytes();
    hub.post.server(&hub.clients[call.id.0], &[b"PONG ", name, b" :", token]);
}

/// `PONG`: the line was heard, which is all that it is for.
pub(super) fn pong(_hub: &mut Hub, _call: Call<'_>) {}

/// `QUIT [<reason>]`
///
/// The reason is marked as the client's own, so that none can claim to have been killed.
pub(super) fn quit(hub: &mut Hub, call: Call<'_>) {
    match call.param(0) {
        Some(reason) => hub.close(call.now, call.id, &[b"Quit: ", reason].concat()),
        None => hub.close(call.now, call.id, b"Client Quit"),
    }
}
