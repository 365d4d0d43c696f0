//! The chat server on anything that serves it, with rooms full of people who talk.
//!
//! The server is the real one, as the `chat` binary runs it. The people are connections of one
//! [`Client`]; in a round one of each room says a line, in turn, and all others of the room have to
//! hear it, byte for byte.

use std::io;
use std::iter;
use std::thread;
use std::time::Duration;

use ::smol::block_on;
use chat::floor::Floor;
use chat::server::{Options, Server};

use crate::candidate::{Candidate, Work};
use crate::client::{Client, Ear, Script};
use crate::host::{Host, Orders};
use crate::measure::Load;
use crate::tasks::Spawner;

/// What everybody says.
const TEXT: &str = "does the bus to the harbour still run after nine?";

/// What the server says when it ends.
const FAREWELL: &str = "Server shutting down";

/// Longer than any bench: the server asks nobody for a sign of life meanwhile.
const SILENCE: Duration = Duration::from_secs(24 * 60 * 60);

/// How many join at a time. Nobody reads what they cause before they have: in a room of a thousand
/// each of them hears of each, and the server bounds what it keeps for whoever does not read.
const WAVE: usize = 100;

/// A chat server on a thread of its own, with people in rooms.
#[derive(Debug)]
pub struct Rooms {
    // Before the server, so that it is dropped first and the server need not wait for its ends.
    client: Client,
    talk: Talk,
    /// What each says.
    said: Vec<Vec<u8>>,
    _server: Host,
}

impl Rooms {
    /// Starts a server, and lets so many people join rooms of that many.
    ///
    /// # Panics
    /// When a socket, a thread or the runtime cannot be had, or the server does not let them in.
    pub fn start(candidate: Candidate, people: usize, room: usize) -> Self {
        assert!(people.is_multiple_of(room), "rooms are full");
        let server = serve(candidate);
        let mut client = Client::connect(server.addr(), people);
        settle(&mut client, " 366 ", |who| {
            format!("NICK n{who:04}\r\nUSER u 0 * :u\r\nJOIN #r{:03}\r\n", who / room)
        });
        // Whoever joined early has still to hear of those who joined late. An answer to a PING
        // comes after all that, and then nothing more is on its way.
        settle(&mut client, " :settled\r\n", |_| "PING settled\r\n".into());
        let said = |who| format!("PRIVMSG #r{:03} :{TEXT}\r\n", who / room).into_bytes();
        let said = (0..people).map(said).collect();
        Self { client, talk: Talk::new(people, room), said, _server: server }
    }

    /// How many lines are heard in a round.
    pub fn deliveries(&self) -> u64 {
        self.talk.deliveries()
    }
}

impl Load for Rooms {
    /// Lets one of each room say a line and waits until all have heard it, `rounds` times.
    ///
    /// # Panics
    /// When a line is wrong or missing.
    fn run(&mut self, rounds: u64) {
        let Self { client, talk, said, _server } = self;
        for _ in 0..rounds {
            talk.next();
            for who in (talk.turn..said.len()).step_by(talk.room) {
                client.say(who, &said[who]);
            }
            client.exchange(talk);
        }
    }
}

/// Starts a chat server that asks nobody for a sign of life.
///
/// # Panics
/// When a socket, a thread or the runtime cannot be had.
pub fn serve(candidate: Candidate) -> Host {
    let mut options = Options::default();
    options.config.timeouts.ping_after = SILENCE;
    Host::start(format!("chat-{candidate}"), move |orders| match candidate {
        Candidate::Runtime(kind) => kind.run(Serve { options, orders })?,
        Candidate::Floor => serve_without_runtime(options, orders),
    })
}

/// Serves on this thread until it is stopped.
fn serve_without_runtime(options: Options, orders: Orders) -> io::Result<()> {
    let floor = Floor::bind(options)?;
    orders.listens(floor.local_addrs()[0]);
    // The loop waits for sockets only, so somebody else waits for the order; it costs nothing.
    let stop = floor.stop_handle();
    thread::spawn(move || {
        let _ = block_on(orders.stopped); // always an error: it is dropped, nothing is sent
        stop.stop(FAREWELL);
    });
    floor.run().map(drop)
}

/// Serves until it is stopped.
struct Serve {
    options: Options,
    orders: Orders,
}

impl Work for Serve {
    type Output = io::Result<()>;

    fn on<E: Spawner>(self, executor: &E) -> io::Result<()> {
        let Self { options, orders } = self;
        executor.block_on(async {
            let server = Server::bind(executor.runtime(), options).map_err(io::Error::other)?;
            orders.listens(server.local_addrs()[0]);
            let stop = server.stop_handle();
            let until = async {
                let _ = orders.stopped.await; // always an error: it is dropped, nothing is sent
                stop.stop(FAREWELL);
            };
            futures::join!(server.run(), until);
            Ok(())
        })
    }
}

/// One round after the other.
#[derive(Debug)]
struct Talk {
    /// How many are in a room.
    room: usize,
    /// Who of each room speaks in this round.
    turn: usize,
    /// What the others hear from each.
    lines: Vec<Vec<u8>>,
    ears: Vec<Ear>,
    has_heard: Vec<bool>,
    missing: u64,
}

impl Talk {
    fn new(people: usize, room: usize) -> Self {
        let line = |who| {
            let name = who / room;
            format!(":n{who:04}!u@127.0.0.1 PRIVMSG #r{name:03} :{TEXT}\r\n").into_bytes()
        };
        let lines = (0..people).map(line).collect();
        let (ears, has_heard) = (vec![Ear::default(); people], vec![false; people]);
        Self { room, turn: 0, lines, ears, has_heard, missing: 0 }
    }

    fn deliveries(&self) -> u64 {
        (self.ears.len() / self.room * (self.room - 1)) as u64
    }

    /// Begins a round, in which the next of each room speaks.
    fn next(&mut self) {
        self.turn = (self.turn + 1) % self.room;
        self.has_heard.fill(false);
        self.missing = self.deliveries();
    }
}

impl Script for Talk {
    fn heard(&mut self, conn: usize, bytes: &[u8]) -> Option<&[u8]> {
        let speaker = conn / self.room * self.room + self.turn;
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

/// Lets all connections say something, a wave at a time, and waits until each has heard `token` in
/// what comes back.
fn settle(client: &mut Client, token: &'static str, said: impl Fn(usize) -> String) {
    let count = client.count();
    let mut until = Until { token, waits: iter::repeat_n(None, count).collect(), missing: 0 };
    for first in (0..count).step_by(WAVE) {
        for conn in first..count.min(first + WAVE) {
            until.waits[conn] = Some(Vec::new());
            until.missing += 1;
            client.say(conn, said(conn).as_bytes());
        }
        client.exchange(&mut until);
    }
}

/// The end of what has come so far to those who still wait for the token.
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
            } else {
                // The token may have come in part.
                text.drain(..text.len().saturating_sub(self.token.len() - 1));
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
    fn everybody_hears_every_line_on_every_candidate() {
        for candidate in Candidate::ALL {
            let mut rooms = Rooms::start(candidate, 30, 10);
            assert_eq!(rooms.deliveries(), 27);
            rooms.run(11); // each has spoken, and the first again
        }
    }

    #[test]
    fn a_room_may_be_larger_than_a_wave() {
        let mini = Candidate::ALL[0];
        let mut rooms = Rooms::start(mini, 2 * WAVE, 2 * WAVE);
        rooms.run(2);
    }
}
