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
use super::numeric::{
    ERR_NEEDMOREPARAMS, ERR_NOPRIVILEGES, ERR_NOTREGISTERED, ERR_TOOMANYTARGETS, ERR_UNKNOWNCOMMAND,
};

mod cap;
mod channel;
mod help;
mod listing;
mod membership;
mod messaging;
mod mode;
mod operator;
mod registration;
mod server;
mod user_mode;
mod who;

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

impl Access {
    /// For HELP.
    fn text(self) -> &'static str {
        match self {
            Self::Anyone => "Everyone may use it.",
            Self::Registered => "Everyone who has registered may use it.",
            Self::Operator => "Server operators may use it.",
        }
    }
}

/// A row of the table.
struct Command {
    /// In upper case.
    name: &'static str,
    /// Who may give it.
    access: Access,
    /// Fewer parameters are answered 461.
    params_min: usize,
    /// Its parameters, for HELP.
    usage: &'static str,
    /// What it does.
    run: fn(&mut Hub, Call<'_>),
}

/// A row for everybody.
const fn anyone(
    name: &'static str,
    params_min: usize,
    usage: &'static str,
    run: fn(&mut Hub, Call<'_>),
) -> Command {
    Command { name, access: Access::Anyone, params_min, usage, run }
}

/// A row for who has registered.
const fn registered(
    name: &'static str,
    params_min: usize,
    usage: &'static str,
    run: fn(&mut Hub, Call<'_>),
) -> Command {
    Command { name, access: Access::Registered, params_min, usage, run }
}

/// A row for server operators.
const fn operators(
    name: &'static str,
    params_min: usize,
    usage: &'static str,
    run: fn(&mut Hub, Call<'_>),
) -> Command {
    Command { name, access: Access::Operator, params_min, usage, run }
}

/// Every command, sorted by name.
static COMMANDS: &[Command] = &[
    registered("ADMIN", 0, "[<server>]", server::admin),
    registered("AWAY", 0, "[<text>]", messaging::away),
    anyone("CAP", 1, "<LS|LIST|REQ|END> [<list>]", cap::cap),
    operators("DIE", 0, "", operator::die),
    registered("HELP", 0, "[<command>]", help::help),
    registered("INFO", 0, "[<server>]", server::info),
    registered("INVITE", 0, "[<nick> <channel>]", channel::invite),
    registered("ISON", 1, "<nick>{ <nick>}", who::ison),
    registered("JOIN", 1, "<channel>{,<channel>} [<key>{,<key>}]", membership::join),
    registered("KICK", 2, "<channel> <nick>{,<nick>} [<comment>]", channel::kick),
    operators("KILL", 2, "<nick> <comment>", operator::kill),
    registered("LINKS", 0, "", server::links),
    registered("LIST", 0, "[<channel>{,<channel>}]", listing::list),
    registered("LUSERS", 0, "", server::lusers),
    registered("MODE", 1, "<target> [<modes> {<parameter>}]", mode::mode),
    registered("MOTD", 0, "[<server>]", server::motd),
    registered("NAMES", 0, "<channel>{,<channel>}", listing::names),
    anyone("NICK", 0, "<nick>", registration::nick),
    registered("NOTICE", 0, "<target>{,<target>} <text>", messaging::notice),
    registered("OPER", 2, "<name> <password>", operator::oper),
    registered("PART", 1, "<channel>{,<channel>} [<reason>]", membership::part),
    anyone("PASS", 1, "<password>", registration::pass),
    anyone("PING", 1, "<token>", registration::ping),
    anyone("PONG", 0, "<token>", registration::pong),
    registered("PRIVMSG", 0, "<target>{,<target>} <text>", messaging::privmsg),
    anyone("QUIT", 0, "[<reason>]", registration::quit),
    operators("REHASH", 0, "", operator::rehash),
    registered("STATS", 1, "<m|o|u> [<server>]", server::stats),
    registered("TIME", 0, "[<server>]", server::time),
    registered("TOPIC", 1, "<channel> [<topic>]", channel::topic),
    anyone("USER", 4, "<user> <mode> <unused> <realname>", registration::user),
    registered("USERHOST", 1, "<nick>{ <nick>}", who::userhost),
    registered("VERSION", 0, "[<server>]", server::version),
    operators("WALLOPS", 1, "<text>", operator::wallops),
    registered("WHO", 0, "[<channel or mask> [o]]", who::who),
    registered("WHOIS", 0, "[<server>] <nick>", who::whois),
    registered("WHOWAS", 0, "<nick> [<count>]", who::whowas),
];

/// A count of zero for each command.
pub(super) fn counts() -> Box<[u64]> {
    vec![0; COMMANDS.len()].into()
}

/// The row of a command, in whatever case it was sent.
fn find(name: &[u8]) -> Option<usize> {
    let upper = |b: &u8| b.to_ascii_uppercase();
    COMMANDS.binary_search_by(|row| row.name.bytes().cmp(name.iter().map(upper))).ok()
}

/// Does what a message says.
pub(super) fn run(hub: &mut Hub, now: Now, id: ClientId, message: &Message<'_>) {
    let registered = hub.clients[id.0].is_registered();
    let Some(row) = find(message.command) else {
        // Only who has registered is told which commands there are not.
        return match registered {
            true => hub.reply(id, ERR_UNKNOWNCOMMAND, &[message.command]),
            false => hub.reply(id, ERR_NOTREGISTERED, &[]),
        };
    };
    hub.command_counts[row] += 1;
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

/// The targets of a command, as many as one may have; says which is the first that is left out.
fn targets<'a>(hub: &mut Hub, call: Call<'_>, list: &'a [u8]) -> Vec<&'a [u8]> {
    let mut all = list.split(|&b| b == b',').filter(|target| !target.is_empty());
    let taken = all.by_ref().take(hub.config.limits.targets_max).collect();
    if let Some(left_out) = all.next() {
        hub.reply(call.id, ERR_TOOMANYTARGETS, &[left_out]);
    }
    taken
}

/// Whether what was given is the secret, in a time that does not tell how much of it is right.
fn is_secret(secret: &str, given: &[u8]) -> bool {
    let secret = secret.as_bytes();
    let differ = secret.iter().zip(given).fold(0, |differ, (a, b)| differ | (a ^ b));
    secret.len() == given.len() && differ == 0
}

#[cfg(test)]
mod tests {
    use super::{COMMANDS, find};

    #[test]
    fn every_command_is_found_in_any_case() {
        assert!(COMMANDS.is_sorted_by_key(|command| command.name));
        for (row, command) in COMMANDS.iter().enumerate() {
            assert_eq!(find(command.name.as_bytes()), Some(row));
            assert_eq!(find(command.name.to_ascii_lowercase().as_bytes()), Some(row));
            assert_eq!(find(format!("{}X", command.name).as_bytes()), None);
        }
    }
}
