//! What the core promises, as transcripts: what each client sends, and every byte that each gets.

mod capabilities;
mod channels;
mod framing;
mod governing;
mod liveness;
mod messaging;
mod modes;
mod operators;
mod parsing;
mod people;
mod pressure;
mod registration;
mod server;
mod simulation;

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::{ClientId, Config, Hub, Now, Operator, Outbox, Taken};

/// What ISUPPORT tells anna, with the configuration of the transcripts.
const ISUPPORT: &str = "
    anna< :irc.test 005 anna AWAYLEN=255 CASEMAPPING=ascii CHANLIMIT=#:50 CHANMODES=Ibe,k,l,imnst \
CHANNELLEN=64 CHANTYPES=# EXCEPTS=e INVEX=I KEYLEN=32 KICKLEN=255 LINELEN=512 MAXLIST=Ibe:100 \
MAXTARGETS=4 :are supported by this server
    anna< :irc.test 005 anna MODES=6 NAMELEN=128 NETWORK=Test NICKLEN=30 PREFIX=(ov)@+ \
TARGMAX=JOIN:,KICK:4,LIST:4,NAMES:4,NOTICE:4,PART:,PRIVMSG:4,WHOIS:1 TOPICLEN=390 USERLEN=16 \
:are supported by this server
";

/// How a client is greeted when it registers.
const GREETING: &str = "
    anna< :irc.test 001 anna :Welcome to the Test Network, anna!ann@127.0.0.1
    anna< :irc.test 002 anna :Your host is irc.test, running version chat-0.1.0
    anna< :irc.test 003 anna :This server was created 2027-01-15 08:00:00 UTC
    anna< :irc.test 004 anna irc.test chat-0.1.0 iow Ibeiklmnostv Ibeklov
";

/// What follows it: the state of the server.
const LUSERS: &str = "
    anna< :irc.test 251 anna :There are 1 users and 0 invisible on 1 servers
    anna< :irc.test 252 anna 0 :operator(s) online
    anna< :irc.test 253 anna 0 :unknown connection(s)
    anna< :irc.test 254 anna 0 :channels formed
    anna< :irc.test 255 anna :I have 1 clients and 1 servers
    anna< :irc.test 265 anna 1 1 :Current local users 1, max 1
    anna< :irc.test 266 anna 1 1 :Current global users 1, max 1
    anna< :irc.test 422 anna :MOTD File is missing
";

/// What a client is told when it registers, without a message of the day, alone on the server.
fn welcome() -> String {
    [GREETING, ISUPPORT, LUSERS].concat()
}

/// A hub and the clients of a test, by name.
pub(super) struct World {
    /// The hub.
    pub(super) hub: Hub,
    /// The time that the next event happens at.
    pub(super) now: Now,
    /// Everybody who has ever been connected.
    clients: Vec<Peer>,
}

/// A client of a test.
struct Peer {
    /// How the transcript calls it.
    name: &'static str,
    /// How the hub calls it.
    id: ClientId,
    /// What it gets.
    outbox: Arc<Outbox>,
    /// Its outbox has said that it closes.
    closed: bool,
}

/// A line that a client got, or that its outbox closed.
#[derive(Debug, PartialEq, Eq)]
enum Got {
    /// A line, its bytes escaped where they are not printable.
    Line(String),
    /// Nothing comes any more.
    Closed,
}

/// The configuration of the transcripts.
pub(super) fn config() -> Config {
    Config {
        server_name: "irc.test".into(),
        network: "Test".into(),
        operators: vec![Operator {
            name: "root".into(),
            password: "secret".into(),
            mask: "*@127.0.0.1".into(),
        }],
        ..Config::default()
    }
}

impl World {
    /// A server that has just been started, on a day in 2026.
    pub(super) fn new() -> Self {
        Self::with(config())
    }

    /// The same with another configuration.
    pub(super) fn with(config: Config) -> Self {
        let now = Now { mono: Duration::ZERO, unix_s: 1_800_000_000 };
        Self { hub: Hub::new(config, now), now, clients: Vec::new() }
    }

    /// A server with clients that have registered and have read everything.
    pub(super) fn of(names: &[&'static str]) -> Self {
        let mut world = Self::new();
        names.iter().for_each(|name| world.register(name));
        world
    }

    /// Lets time pass.
    pub(super) fn advance(&mut self, seconds: u64) {
        self.now.mono += Duration::from_secs(seconds);
        self.now.unix_s += seconds;
    }

    /// Connects a client.
    pub(super) fn connect(&mut self, name: &'static str) {
        self.connect_from(name, "127.0.0.1");
    }

    /// Connects a client from an address.
    pub(super) fn connect_from(&mut self, name: &'static str, peer: &str) {
        let peer: IpAddr = peer.parse().expect("an address");
        let (id, outbox) = self.hub.handle_connect(self.now, peer);
        self.clients.push(Peer { name, id, outbox, closed: false });
    }

    /// Connects a client, registers it, and throws away what it is told.
    pub(super) fn register(&mut self, name: &'static str) {
        self.connect(name);
        self.send(name, &format!("NICK {name}"));
        self.send(name, &format!("USER {name} 0 * :{name} real"));
        self.read(name);
    }

    /// The hub's id of a client.
    pub(super) fn id(&self, name: &str) -> ClientId {
        self.peer(name).id
    }

    /// The outbox of a client.
    pub(super) fn outbox(&self, name: &str) -> Arc<Outbox> {
        Arc::clone(&self.peer(name).outbox)
    }

    /// Lets a client send a line.
    pub(super) fn send(&mut self, name: &str, line: &str) {
        self.send_bytes(name, line.as_bytes());
    }

    /// Lets a client send a line of any bytes.
    pub(super) fn send_bytes(&mut self, name: &str, line: &[u8]) {
        let id = self.id(name);
        self.hub.handle_line(self.now, id, line);
        self.end_the_closed();
    }

    /// Does what the tasks of clients do that the hub has closed.
    fn end_the_closed(&mut self) {
        loop {
            let mut open = self.clients.iter().filter(|it| self.hub.clients.get(it.id.0).is_some());
            let Some(closed) = open.find(|it| it.outbox.is_closing()).map(|it| it.id) else {
                return;
            };
            self.hub.handle_closing(self.now, closed);
        }
    }

    /// Lets everybody read everything, and forgets it.
    pub(super) fn forget(&mut self) {
        for at in 0..self.clients.len() {
            self.read_at(at);
        }
    }

    /// Plays a transcript: `anna> line` is sent by anna, `anna< line` is what anna gets because of
    /// it, and `anna.` says that nothing comes after. Each client gets exactly what stands there:
    /// not a byte more, less or otherwise.
    #[track_caller]
    pub(super) fn transcript(&mut self, script: &str) {
        let mut expected: Vec<(String, Got)> = Vec::new();
        let mut cause = "what came before";
        for step in script.lines().map(str::trim_start).filter(|step| !step.is_empty()) {
            let mark = step.find(['>', '<', '.']).expect("a step is `name> `, `name< ` or `name.`");
            let (name, rest) = step.split_at(mark);
            let text = rest.get(2..).unwrap_or_default();
            match rest.as_bytes()[0] {
                b'>' => {
                    self.expect(&mut expected, cause);
                    self.send(name, text);
                    cause = step;
                }
                b'<' => expected.push((name.into(), Got::Line(text.into()))),
                _ => expected.push((name.into(), Got::Closed)),
            }
        }
        self.expect(&mut expected, cause);
    }

    /// Compares what everybody got.
    #[track_caller]
    fn expect(&mut self, expected: &mut Vec<(String, Got)>, cause: &str) {
        for at in 0..self.clients.len() {
            let name = self.clients[at].name;
            let got = self.read_at(at);
            let mine = expected.extract_if(.., |(whose, _)| whose == name);
            let mine: Vec<Got> = mine.map(|(_, got)| got).collect();
            assert_eq!(got, mine, "\nwhat {name} got (left) after `{cause}`");
        }
        assert!(expected.is_empty(), "lines of nobody: {expected:?}");
    }

    /// Everything that waits for a client, as text.
    pub(super) fn read(&mut self, name: &str) -> Vec<String> {
        let at = self.clients.iter().rposition(|peer| peer.name == name).expect("a known name");
        let lines = self.read_at(at).into_iter().filter_map(|got| match got {
            Got::Line(line) => Some(line),
            Got::Closed => None,
        });
        lines.collect()
    }

    /// Everything that waits for a client.
    fn read_at(&mut self, at: usize) -> Vec<Got> {
        let peer = &mut self.clients[at];
        let (taken, lines) = take(&peer.outbox);
        let texts = lines.iter().map(|line| {
            let line = line.strip_suffix(b"\r\n").expect("a line ends with CR LF");
            Got::Line(line.escape_ascii().to_string().replace("\\'", "'").replace("\\\"", "\""))
        });
        let mut got: Vec<Got> = texts.collect();
        if taken == Poll::Ready(Taken::Closing) && !std::mem::replace(&mut peer.closed, true) {
            got.push(Got::Closed);
        }
        got
    }

    /// The last client of a name.
    fn peer(&self, name: &str) -> &Peer {
        self.clients.iter().rfind(|peer| peer.name == name).expect("a known name")
    }
}

/// A world with a connection that has said nothing.
fn connected() -> World {
    let mut world = World::new();
    world.connect("anna");
    world
}

/// Clients that are all in #den, the first as its operator.
fn in_den(names: &[&'static str]) -> World {
    let mut world = World::of(names);
    names.iter().for_each(|name| world.send(name, "JOIN #den"));
    world.forget();
    world
}

/// Takes and writes everything that waits in an outbox.
pub(super) fn take(outbox: &Outbox) -> (Poll<Taken>, Vec<Vec<u8>>) {
    let mut lines = VecDeque::new();
    let taken = outbox.poll_take(&mut Context::from_waker(Waker::noop()), &mut lines);
    let lines: Vec<Vec<u8>> = lines.iter().map(|line| line.as_ref().to_vec()).collect();
    outbox.wrote(lines.iter().map(Vec::len).sum());
    (taken, lines)
}

#[test]
#[should_panic(expected = "what anna got (left) after `anna> PING x`")]
fn a_transcript_with_a_wrong_byte_fails() {
    World::of(&["anna"]).transcript("anna> PING x\nanna< :irc.test PONG irc.test :X");
}

#[test]
#[should_panic(expected = "what bert got (left) after `anna> PRIVMSG bert :x`")]
fn a_transcript_without_a_line_that_came_fails() {
    World::of(&["anna", "bert"]).transcript("anna> PRIVMSG bert :x\nanna> PING x");
}

#[test]
fn every_numeric_reply_is_in_a_transcript() {
    let transcripts = [
        include_str!("mod.rs"),
        include_str!("capabilities.rs"),
        include_str!("channels.rs"),
        include_str!("governing.rs"),
        include_str!("liveness.rs"),
        include_str!("messaging.rs"),
        include_str!("modes.rs"),
        include_str!("operators.rs"),
        include_str!("people.rs"),
        include_str!("pressure.rs"),
        include_str!("registration.rs"),
        include_str!("server.rs"),
    ];
    for numeric in super::numeric::ALL {
        let line = format!("< :irc.test {} ", numeric.code);
        let found = transcripts.iter().any(|transcript| transcript.contains(&line));
        assert!(found, "no transcript has {} `{}`", numeric.code, numeric.text);
    }
}
