//! The chat server on any runtime, with rooms full of people who talk.
//!
//! The server is the real one, as the `chat` binary runs it. The people are connections of one
//! [`Client`]; in a round one of each room says a line, in turn, and all others of the room have to
//! hear it, byte for byte.

use std::iter;
use std::time::Duration;

use chat::runtime::Kind;
use chat::server::{Options, Running};

use crate::WORKERS;
use crate::client::{Client, Ear, Script};

/// How many are in a room.
pub const ROOM: usize = 10;

/// What everybody says.
const TEXT: &str = "does the bus to the harbour still run after nine?";

/// Longer than any bench: the server asks nobody for a sign of life meanwhile.
const SILENCE: Duration = Duration::from_secs(24 * 60 * 60);

/// A chat server on a thread of its own, with people in rooms.
#[derive(Debug)]
pub struct Rooms {
    // Before the server, so that it is dropped first and the server need not wait for its ends.
    client: Client,
    talk: Talk,
    /// What each says.
    said: Vec<Vec<u8>>,
    _server: Running,
}

impl Rooms {
    /// Starts a server on a runtime of this kind, and lets so many people join their rooms.
    ///
    /// # Panics
    /// When a socket, a thread or the runtime cannot be had, or the server does not let them in.
    pub fn start(kind: Kind, people: usize) -> Self {
        assert!(people.is_multiple_of(ROOM), "rooms are full");
        let mut options = Options::default();
        options.config.timeouts.ping_after = SILENCE;
        let server = Running::start(kind, WORKERS, options).expect("a loopback socket");
        let mut client = Client::connect(server.local_addr(), people);
        settle(&mut client, " 366 ", |who| {
            let room = who / ROOM;
            format!("NICK n{who:04}\r\nUSER u 0 * :u\r\nJOIN #r{room:03}\r\n")
        });
        // Whoever joined early has still to hear of those who joined late. An answer to a PING comes
        // after all that, and then nothing more is on its way.
        settle(&mut client, " :settled\r\n", |_| "PING settled\r\n".into());
        let said = |who| format!("PRIVMSG #r{:03} :{TEXT}\r\n", who / ROOM).into_bytes();
        let said = (0..people).map(said).collect();
        Self { client, talk: Talk::new(people), said, _server: server }
    }

    /// How many lines are heard in a round.
    pub fn deliveries(&self) -> u64 {
        self.talk.deliveries()
    }

    /// Lets one of each room say a line and waits until all have heard it, `rounds` times.
    ///
    /// # Panics
    /// When a line is wrong or missing.
    pub fn run(&mut self, rounds: u64) {
        let Self { client, talk, said, _server } = self;
        for _ in 0..rounds {
            talk.next();
            for who in (talk.turn..said.len()).step_by(ROOM) {
                client.say(who, &said[who]);
            }
            client.exchange(talk);
        }
    }
}

/// One round after the other.
#[derive(Debug)]
struct Talk {
    /// Who of each room speaks in this round.
    turn: usize,
    /// What the others hear from each.
    lines: Vec<Vec<u8>>,
    ears: Vec<Ear>,
    has_heard: Vec<bool>,
    missing: u64,
}

impl Talk {
    fn new(people: usize) -> Self {
        let line = |who| {
            let room = who / ROOM;
            format!(":n{who:04}!u@127.0.0.1 PRIVMSG #r{room:03} :{TEXT}\r\n").into_bytes()
        };
        let (ears, has_heard) = (vec![Ear::default(); people], vec![false; people]);
        Self { turn: 0, lines: (0..people).map(line).collect(), ears, has_heard, missing: 0 }
    }

    fn deliveries(&self) -> u64 {
        (self.ears.len() / ROOM * (ROOM - 1)) as u64
    }

    /// Begins a round, in which the next of each room speaks.
    fn next(&mut self) {
        self.turn = (self.turn + 1) % ROOM;
        self.has_heard.fill(false);
        self.missing = self.deliveries();
    }
}

impl Script for Talk {
    fn heard(&mut self, conn: usize, bytes: &[u8]) -> Option<&[u8]> {
        let speaker = conn / ROOM * ROOM + self.turn;
        let nothing_due = conn == speaker || self.has_heard[conn];
        assert!(!nothing_due, "connection {conn} heard \"{}\" unasked", bytes.escape_ascii());
        if self.ears[conn].hear(conn, &self.lines[speaker], bytes) {
            self.has_heard[conn] = true;
            self.missing -= 1;
        }
        None
    }

    fn missing(&self) -> u64 {
        self.missing
    }
}

/// Lets all connections say something, and waits until each has heard `token` in what comes back.
fn settle(client: &mut Client, token: &'static str, said: impl Fn(usize) -> String) {
    for conn in 0..client.count() {
        client.say(conn, said(conn).as_bytes());
    }
    let waits = iter::repeat_n(Some(Vec::new()), client.count()).collect();
    client.exchange(&mut Until { token, waits, missing: client.count() as u64 });
}

/// What has come so far to those who still wait for the token.
struct Until {
    token: &'static str,
    waits: Vec<Option<Vec<u8>>>,
    missing: u64,
}

impl Script for Until {
    fn heard(&mut self, conn: usize, bytes: &[u8]) -> Option<&[u8]> {
        if let Some(text) = &mut self.waits[conn] {
            text.extend_from_slice(bytes);
            if text.windows(self.token.len()).any(|window| window == self.token.as_bytes()) {
                self.waits[conn] = None;
                self.missing -= 1;
            }
        }
        None
    }

    fn missing(&self) -> u64 {
        self.missing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_hears_every_line_on_every_runtime() {
        for kind in Kind::ALL {
            let mut rooms = Rooms::start(kind, 3 * ROOM);
            assert_eq!(rooms.deliveries(), 27);
            rooms.run(ROOM as u64 + 1); // each has spoken, and the first again
        }
    }
}
