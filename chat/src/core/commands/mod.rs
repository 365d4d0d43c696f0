//! Which command does what, and who may give it?
//!
//! Called by the hub with each message.
//!
//! 1. Every command stands in one table, sorted by name (a test looks), with what it takes at least
//!    and who may give it; so 421, 451, 461 and 481 are decided here, once.

use super::client::ClientId;
use super::config::Now;
use super::hub::Hub;
use super::message::Message;
use super::numeric::{ERR_NEEDMOREPARAMS, ERR_NOPRIVILEGES, ERR_NOTREGISTERED, ERR_UNKNOWNCOMMAND};

mod membership;
mod messaging;
mod registration;

/// What a command is called with.
#[derive(Clone, Copy)]
struct Call<'a> {
    /// When it came.
    now: Now,
    /// Who gave it; connected when the command starts.
    id: ClientId,
    /// What was said.
    message: &'a Message<'a>,
}

impl<'a> Call<'a> {
    /// A parameter that is there and not empty.
    fn param(&self, place: usize) -> Option<&'a [u8]> {
        self.message.param(place).filter(|param| !param.is_empty())
    }
}

/// Who may give a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    /// Every connection.
    Anyone,
    /// Who has registered.
    Registered,
    /// Server operators.
    Operator,
}

/// A row of the table.
struct Command {
    /// In upper case.
    name: &'static str,
    /// Who may give it.
    access: Access,
    /// Fewer parameters are answered 461.
    params_min: usize,
    /// What it does.
    run: fn(&mut Hub, Call<'_>),
}

/// Shortens the table.
const fn command(
    name: &'static str,
    access: Access,
    params_min: usize,
    run: fn(&mut Hub, Call<'_>),
) -> Command {
    Command { name, access, params_min, run }
}

/// Every command, sorted by name.
static COMMANDS: &[Command] = &[
    command("JOIN", Access::Registered, 1, membership::join),
    command("NICK", Access::Anyone, 0, registration::nick),
    command("PING", Access::Anyone, 1, registration::ping),
    command("PONG", Access::Anyone, 0, registration::pong),
    command("PRIVMSG", Access::Registered, 0, messaging::privmsg),
    command("QUIT", Access::Anyone, 0, registration::quit),
    command("USER", Access::Anyone, 4, registration::user),
];

/// The row of a command, in whatever case it was sent.
fn find(name: &[u8]) -> Option<usize> {
    let upper = |b: &u8| b.to_ascii_uppercase();
    COMMANDS.binary_search_by(|row| row.name.bytes().cmp(name.iter().map(upper))).ok()
}

/// Does what a message says.
pub(super) fn run(hub: &mut Hub, now: Now, id: ClientId, message: &Message<'_>) {
    let registered = hub.clients[id.0].is_registered();
    let Some(row) = find(message.command) else {
        return hub.reply(id, ERR_UNKNOWNCOMMAND, &[message.command]);
    };
    let command = &COMMANDS[row];
    match command.access {
        Access::Registered | Access::Operator if !registered => {
            hub.reply(id, ERR_NOTREGISTERED, &[]);
        }
        Access::Operator if !hub.is_operator(id) => hub.reply(id, ERR_NOPRIVILEGES, &[]),
        _ if message.params().len() < command.params_min => {
            hub.reply(id, ERR_NEEDMOREPARAMS, &[command.name.as_bytes()]);
        }
        _ => (command.run)(hub, Call { now, id, message }),
    }
}
