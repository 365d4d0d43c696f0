//! What may server operators do: OPER, KILL, WALLOPS, REHASH, DIE.

use super::{Call, is_secret, user_mode};
use crate::core::hub::Hub;
use crate::core::mode::user;
use crate::core::names::matches;
use crate::core::numeric::{
    ERR_NOOPERHOST, ERR_NOSUCHNICK, ERR_PASSWDMISMATCH, RPL_REHASHING, RPL_YOUREOPER,
};

/// `OPER <name> <password>`
pub(super) fn oper(hub: &mut Hub, call: Call<'_>) {
    let id = call.id;
    let (name, password) = (call.message.params()[0], call.message.params()[1]);
    let from = hub.clients[id.0].identity.user_at_host();
    let mut here = hub.config.operators.iter().filter(|row| matches(row.mask.as_bytes(), from));
    // Whether the name is wrong or the password is not told apart.
    let known = here.clone().next().is_some();
    let right = here
        .find(|row| row.name.as_bytes() == name)
        .is_some_and(|row| is_secret(&row.password, password));
    if !known {
        return hub.reply(id, ERR_NOOPERHOST, &[]);
    }
    if !right {
        return hub.reply(id, ERR_PASSWDMISMATCH, &[]);
    }
    let changed = hub.set_user_mode(id, user::OPERATOR, true);
    hub.reply(id, RPL_YOUREOPER, &[]);
    if changed {
        user_mode::tell(hub, call, &[(true, b'o')]);
    }
}

/// `KILL <nick> <comment>`
pub(super) fn kill(hub: &mut Hub, call: Call<'_>) {
    let id = call.id;
    let (nick, comment) = (call.message.params()[0], call.message.params()[1]);
    let Some(victim) = hub.registered(nick) else {
        return hub.reply(id, ERR_NOSUCHNICK, &[nick]);
    };
    let (by, to) = (&hub.clients[id.0].identity, &hub.clients[victim.0]);
    let nick = to.identity.nick();
    let line = hub.post.compose(&[b":", by.mask(), b" KILL ", nick, b" :", comment]);
    hub.post.send(to, &line);
    let reason = [b"Killed (", by.nick(), b" (", comment, b"))"].concat();
    hub.close(call.now, victim, &reason);
}

/// `WALLOPS <text>`: to everyone who is +w. Looks at every client.
pub(super) fn wallops(hub: &mut Hub, call: Call<'_>) {
    let mask = hub.clients[call.id.0].identity.mask();
    let line = hub.post.compose(&[b":", mask, b" WALLOPS :", call.message.params()[0]]);
    for client in hub.clients.iter().filter(|client| client.modes.has(user::WALLOPS)) {
        hub.post.send(client, &line);
    }
}

/// `REHASH`: there is nothing to read again, and it says so. The configuration was given at the
/// start; a change of it is a restart.
pub(super) fn rehash(hub: &mut Hub, call: Call<'_>) {
    let text = b"Nothing to read again: the configuration was given at the start";
    hub.post.numeric_text(&hub.clients[call.id.0], RPL_REHASHING, &[b"-"], text);
}

/// `DIE`: the shell sees it with [`Hub::poll_shutdown`], and ends as it does on a signal.
pub(super) fn die(hub: &mut Hub, _call: Call<'_>) {
    hub.dying = true;
}
