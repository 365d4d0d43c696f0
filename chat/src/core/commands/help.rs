//! How is a command used: HELP.
//!
//! 1. What it says is in the table of commands, so no command is without it.

use super::{COMMANDS, Call, find};
use crate::core::hub::Hub;
use crate::core::numeric::{ERR_HELPNOTFOUND, RPL_ENDOFHELP, RPL_HELPSTART, RPL_HELPTXT};

/// `HELP [<command>]`
pub(super) fn help(hub: &mut Hub, call: Call<'_>) {
    let client = &hub.clients[call.id.0];
    let post = &mut hub.post;
    let Some(subject) = call.param(0) else {
        let text = b"The commands; HELP <command> tells how one is used.";
        post.numeric_text(client, RPL_HELPSTART, &[b"*"], text);
        let mut words = post.words(client, RPL_HELPTXT, &[b"*"]);
        for command in COMMANDS {
            words.push(&[command.name.as_bytes()]);
        }
        words.finish();
        return post.numeric_text(client, RPL_ENDOFHELP, &[b"*"], b"End of the list.");
    };
    let Some(command) = find(subject).map(|row| &COMMANDS[row]) else {
        return post.numeric(client, ERR_HELPNOTFOUND, &[subject]);
    };
    let name = command.name.as_bytes();
    let usage = [name, b" ", command.usage.as_bytes()].concat();
    post.numeric_text(client, RPL_HELPSTART, &[name], usage.trim_ascii_end());
    post.numeric_text(client, RPL_HELPTXT, &[name], command.access.text().as_bytes());
    post.numeric_text(client, RPL_ENDOFHELP, &[name], b"End of HELP.");
}
