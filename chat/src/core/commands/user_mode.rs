//! How does a client change its own modes: MODE with a nick.

use super::Call;
use crate::core::hub::Hub;
use crate::core::mode::{flag_of, letters_of, user};
use crate::core::numeric::{ERR_NOSUCHNICK, ERR_UMODEUNKNOWNFLAG, ERR_USERSDONTMATCH, RPL_UMODEIS};

/// `MODE <nick> [<modes>]`
pub(super) fn mode(hub: &mut Hub, call: Call<'_>, nick: &[u8]) {
    let id = call.id;
    match hub.registered(nick) {
        None => return hub.reply(id, ERR_NOSUCHNICK, &[nick]),
        Some(other) if other != id => return hub.reply(id, ERR_USERSDONTMATCH, &[]),
        Some(_) => {}
    }
    let Some(letters) = call.param(1) else {
        let client = &hub.clients[id.0];
        let letters = letters_of(&user::TABLE, client.modes);
        return hub.post.numeric_bare(client, RPL_UMODEIS, &[&letters]);
    };
    let mut on = true;
    let mut unknown = false;
    let mut done = Vec::new();
    for &letter in letters {
        match (letter, flag_of(&user::TABLE, letter)) {
            (b'+' | b'-', _) => on = letter == b'+',
            (_, None) => unknown = true,
            // An operator can stop being one; becoming one is what OPER is for.
            (_, Some(user::OPERATOR)) if on => {}
            (_, Some(flag)) => {
                if hub.set_user_mode(id, flag, on) {
                    done.push((on, letter));
                }
            }
        }
    }
    if unknown {
        hub.reply(id, ERR_UMODEUNKNOWNFLAG, &[]);
    }
    tell(hub, call, &done);
}

/// Tells the client what was changed.
pub(super) fn tell(hub: &mut Hub, call: Call<'_>, done: &[(bool, u8)]) {
    if done.is_empty() {
        return;
    }
    let mut letters = Vec::new();
    let mut sign = None;
    for (on, letter) in done {
        if sign.replace(*on) != Some(*on) {
            letters.push(if *on { b'+' } else { b'-' });
        }
        letters.push(*letter);
    }
    let client = &hub.clients[call.id.0];
    let (mask, nick) = (client.identity.mask(), client.identity.nick());
    let line = hub.post.compose(&[b":", mask, b" MODE ", nick, b" ", &letters]);
    hub.post.send(client, &line);
}
