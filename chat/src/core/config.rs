//! What can the operator of a server choose, and what is chosen when nothing is said?
//!
//! Called by the shell, once, before [`Hub::new`](super::Hub::new).
//!
//! 1. Every bound of the core is a field here, has a default, and names its unit.
//! 2. What ISUPPORT (005) announces is printed from these fields, so it is what is enforced.

use std::fmt;
use std::time::Duration;

use super::names::NAME_BYTES_MAX;

/// An instant, as the shell reads it from its clocks; the core reads none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Now {
    /// Time since the server's start; never goes back. Timeouts and idle times are counted in it.
    pub mono: Duration,
    /// Seconds since 1970-01-01 00:00 UTC. Only shown to people, nothing is decided by it.
    pub unix_s: u64,
}

/// What one server is told at its start.
#[derive(Clone)]
pub struct Config {
    /// The server's name in prefixes and replies: a host name, with a dot and without spaces.
    pub server_name: String,
    /// The network's name in 001 and in ISUPPORT.
    pub network: String,
    /// What WHOIS and LINKS say about the server.
    pub description: String,
    /// The message of the day, a line each; none means 422.
    pub motd: Vec<String>,
    /// The password that every connection has to give with PASS.
    pub password: Option<String>,
    /// Who may become an operator with OPER.
    pub operators: Vec<Operator>,
    /// What ADMIN answers.
    pub admin: Admin,
    /// How long a silent peer is waited for.
    pub timeouts: Timeouts,
    /// How long, how many and how much.
    pub limits: Limits,
}

/// One line of who may become an operator.
#[derive(Clone)]
pub struct Operator {
    /// The first parameter of OPER.
    pub name: String,
    /// The second one.
    pub password: String,
    /// The `user@host` that it is accepted from; `*` and `?` as in a ban.
    pub mask: String,
}

impl fmt::Debug for Operator {
    /// Leaves the password out, so that a logged configuration gives nothing away.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, mask, password: _ } = self;
        f.debug_struct("Operator").field("name", name).field("mask", mask).finish_non_exhaustive()
    }
}

/// The three lines of ADMIN (257, 258, 259).
#[derive(Clone, Debug)]
pub struct Admin {
    /// Where the server is.
    pub location: String,
    /// Who runs it.
    pub organisation: String,
    /// Where that can be reached.
    pub email: String,
}

/// How long a silent peer is waited for.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// From the connection's start until it has registered.
    pub registration: Duration,
    /// From the last line heard until it is asked with PING.
    pub ping_after: Duration,
    /// From that PING until it is closed, if nothing at all is heard.
    pub ping_timeout: Duration,
}

/// The bounds. Lengths are in bytes.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// A line without its tags and with its CR LF, in both directions.
    pub line_bytes_max: usize,
    /// The tags of a line from a client, without the `@` and the space after them.
    pub tags_bytes_max: usize,
    /// What may wait for one client, written by nobody yet; past it the client is closed.
    pub outbox_bytes_max: usize,
    /// A nick; 432 past it. At most 128.
    pub nick_bytes_max: usize,
    /// A user name; cut there.
    pub user_bytes_max: usize,
    /// A real name; cut there.
    pub realname_bytes_max: usize,
    /// A channel's name; 476 past it. At most 128.
    pub channel_bytes_max: usize,
    /// A topic; cut there.
    pub topic_bytes_max: usize,
    /// The comment of a KICK; cut there.
    pub kick_bytes_max: usize,
    /// The message of AWAY; cut there.
    pub away_bytes_max: usize,
    /// A channel's key; 696 past it.
    pub key_bytes_max: usize,
    /// The channels that one client may be in; 405 past it.
    pub channels_per_client_max: usize,
    /// The invitations that one client holds unused; the oldest goes first.
    pub invites_per_client_max: usize,
    /// The targets of one PRIVMSG, NOTICE, KICK, NAMES or LIST; 407 past it.
    pub targets_max: usize,
    /// The changes with a parameter of one MODE command; what is past it is left out.
    pub modes_max: usize,
    /// A mask of +b, +e or +I, as `nick!user@host`; 696 past it. It has to fit on a line with the
    /// channel's name and who has set it, or clients are shown another one than holds.
    pub mask_bytes_max: usize,
    /// The entries of a channel's +b, +e and +I lists together; 478 past it.
    pub list_entries_max: usize,
    /// The lines that one WHO, WHOWAS or LIST answers; 416 past it.
    pub query_lines_max: usize,
    /// The nicks that WHOWAS remembers, in all.
    pub whowas_max: usize,
}

impl fmt::Debug for Config {
    /// Leaves the password out, so that a logged configuration gives nothing away.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without `..`, so that who adds a field decides whether it is shown.
        let Self {
            server_name,
            network,
            description,
            motd,
            password,
            operators,
            admin,
            timeouts,
            limits,
        } = self;
        f.debug_struct("Config")
            .field("server_name", server_name)
            .field("network", network)
            .field("description", description)
            .field("motd", motd)
            .field("password", &password.as_ref().map(|_| "..."))
            .field("operators", operators)
            .field("admin", admin)
            .field("timeouts", timeouts)
            .field("limits", limits)
            .finish()
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            server_name: "chat.localhost".into(),
            network: "Chat".into(),
            description: "A chat server".into(),
            motd: Vec::new(),
            password: None,
            operators: Vec::new(),
            admin: Admin::default(),
            timeouts: Timeouts::default(),
            limits: Limits::default(),
        }
    }
}

impl Default for Admin {
    fn default() -> Self {
        Self {
            location: "Not told".into(),
            organisation: "Not told".into(),
            email: "Not told".into(),
        }
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            registration: Duration::from_secs(30),
            ping_after: Duration::from_secs(90),
            ping_timeout: Duration::from_secs(60),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            line_bytes_max: 512,
            tags_bytes_max: 4094,
            // A client that does not read for a while during a storm of 9,000 joins stays within it.
            outbox_bytes_max: 1 << 20,
            nick_bytes_max: 30,
            user_bytes_max: 16,
            realname_bytes_max: 128,
            channel_bytes_max: 64,
            topic_bytes_max: 390,
            kick_bytes_max: 255,
            away_bytes_max: 255,
            key_bytes_max: 32,
            channels_per_client_max: 50,
            invites_per_client_max: 50,
            targets_max: 4,
            modes_max: 6,
            mask_bytes_max: 160,
            list_entries_max: 100,
            // About 300 KB of answer, well under what may wait for one client.
            query_lines_max: 2000,
            whowas_max: 512,
        }
    }
}

/// What is wrong with a [`Config`]; its text says what to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConfigError(&'static str);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// Tells whether a [`Hub`](super::Hub) can keep its promises with this configuration.
    ///
    /// # Errors
    ///
    /// The first thing found that would break the protocol, as a sentence to show.
    pub fn check(&self) -> Result<(), ConfigError> {
        let name = self.server_name.as_bytes();
        let token = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
        let line = |text: &str| !text.bytes().any(|b| matches!(b, 0 | b'\r' | b'\n'));
        let Limits { line_bytes_max, nick_bytes_max, channel_bytes_max, .. } = self.limits;
        let texts = [&self.description, &self.admin.location, &self.admin.organisation]
            .into_iter()
            .chain([&self.admin.email])
            .chain(&self.motd);
        let named = |it: &Operator| token(&it.name) && token(&it.mask);
        let secret = |it: &Operator| !it.password.is_empty() && line(&it.password);
        let rules = [
            (token(&self.server_name), "the server's name is one word of printable ASCII"),
            (name.len() <= 63, "the server's name is at most 63 bytes long"),
            (
                name.contains(&b'.'),
                "the server's name needs a dot, which no nick has: say chat.example, not chat",
            ),
            (name.first() != Some(&b':'), "the server's name does not begin with a colon"),
            (token(&self.network), "the network's name is one word of printable ASCII"),
            (self.network.len() <= 63, "the network's name is at most 63 bytes long"),
            (texts.into_iter().all(|text| line(text)), "a text holds no line end and no NUL"),
            (self.operators.iter().all(named), "an operator's name and mask are one word of ASCII"),
            (self.operators.iter().all(secret), "an operator has a password, of one line"),
            (line_bytes_max >= 512, "a line is at least 512 bytes long"),
            (nick_bytes_max <= NAME_BYTES_MAX, "a nick is at most 128 bytes long"),
            (channel_bytes_max <= NAME_BYTES_MAX, "a channel's name is at most 128 bytes long"),
            (nick_bytes_max > 0 && channel_bytes_max > 0, "a name is at least a byte long"),
            (
                self.limits.outbox_bytes_max >= 16 * line_bytes_max,
                "an outbox holds at least 16 lines: 8192 bytes with lines of 512",
            ),
        ];
        match rules.iter().find(|(holds, _)| !holds) {
            Some((_, rule)) => Err(ConfigError(rule)),
            None => Ok(()),
        }
    }
}
