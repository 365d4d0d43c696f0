//! A small IRC server, written for these tests alone, that goes wrong as it is told to.
//!
//! A thread for each client and one lock around all; what it has done to the messages is counted.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What it does wrong.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Faults {
    /// Chooses which messages are hit; 0: none.
    pub(crate) seed: u64,
    /// Of so many deliveries, one is lost, one comes twice, one late, one changed.
    pub(crate) one_in: u64,
    /// Before it handles this message, it does nothing for so long.
    pub(crate) stall: Option<(u64, Duration)>,
    /// At this message it closes the one who says it.
    pub(crate) close_at: Option<u64>,
    /// This message goes to the other rooms as well.
    pub(crate) leak_at: Option<u64>,
    /// The last delivery of this message is made again, but not before its receiver says something.
    pub(crate) repeat_at: Option<u64>,
}

/// What it has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Done {
    /// Deliveries dropped, or held back to the end.
    pub(crate) lost: u64,
    /// Deliveries made twice.
    pub(crate) duplicated: u64,
    /// Deliveries made after a later one of the same sender.
    pub(crate) reordered: u64,
    /// Deliveries with a byte changed: the message itself never comes.
    pub(crate) corrupt: u64,
    /// Deliveries to who is in another room.
    pub(crate) leaked: u64,
}

/// The server. It ends with the test's process.
#[derive(Clone)]
pub(crate) struct Faulty {
    pub(crate) addr: SocketAddr,
    world: Arc<Mutex<World>>,
}

#[derive(Default)]
struct World {
    faults: Faults,
    random: u64,
    messages: u64,
    rooms: HashMap<String, Vec<(String, TcpStream)>>,
    /// By receiver and sender.
    held: HashMap<(String, String), String>,
    /// To be made again: receiver and line.
    repeat: Option<(String, String)>,
    done: Done,
}

impl Faulty {
    pub(crate) fn start(faults: Faults) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let addr = listener.local_addr().expect("bound");
        let world = World { faults, random: faults.seed, ..World::default() };
        let world = Arc::new(Mutex::new(world));
        let faulty = Self { addr, world: Arc::clone(&world) };
        thread::spawn(move || {
            for client in listener.incoming() {
                let (client, world) = (client.expect("a connection"), Arc::clone(&world));
                client.set_nodelay(true).expect("a TCP socket");
                thread::spawn(move || serve(client, &world));
            }
        });
        faulty
    }

    /// What it has done so far; what it still holds back is lost.
    pub(crate) fn done(&self) -> Done {
        let world = self.world.lock().expect("no client's thread panics");
        Done { lost: world.done.lost + world.held.len() as u64, ..world.done }
    }
}

fn serve(client: TcpStream, world: &Mutex<World>) {
    let mut nick = String::new();
    let mut answer = client.try_clone().expect("a second handle");
    for line in BufReader::new(client).lines() {
        let Ok(line) = line else { return };
        let (command, rest) = line.split_once(' ').unwrap_or((&line, ""));
        let mut world = world.lock().expect("no client's thread panics");
        let again = world.repeat.take_if(|(to, _)| *to == nick);
        if let Some((_, line)) = again {
            let _ = answer.write_all(line.as_bytes()); // the client may be gone
            world.done.duplicated += 1;
        }
        let said = match command {
            "NICK" => {
                rest.clone_into(&mut nick);
                String::new()
            }
            "USER" => format!(":s 001 {nick} :Hi\r\n:s 422 {nick} :No MOTD\r\n"),
            "JOIN" => {
                let handle = answer.try_clone().expect("a second handle");
                world.rooms.entry(rest.to_owned()).or_default().push((nick.clone(), handle));
                format!(":s 366 {nick} {rest} :End\r\n")
            }
            "PING" => format!(":s PONG s :{rest}\r\n"),
            "PRIVMSG" => {
                world.messages += 1;
                if world.faults.close_at == Some(world.messages) {
                    "ERROR :Closing Link: Excess Flood\r\n".to_owned()
                } else {
                    world.deliver(&nick, rest);
                    String::new()
                }
            }
            _ => "ERROR :Bye\r\n".to_owned(),
        };
        // The client may be gone.
        let _ = answer.write_all(said.as_bytes());
        if said.starts_with("ERROR") {
            let _ = answer.shutdown(Shutdown::Both);
            return;
        }
    }
}

impl World {
    fn deliver(&mut self, from: &str, rest: &str) {
        if let Some((at, time)) = self.faults.stall
            && at == self.messages
        {
            thread::sleep(time); // this is the fault
        }
        let (room, text) = rest.split_once(" :").expect("a room and a text");
        let mut members = self.rooms.remove(room).expect("one speaks where one is");
        for (nick, stream) in members.iter_mut().filter(|(nick, _)| nick != from) {
            let line = format!(":{from}!u@h PRIVMSG {room} :{text}\r\n");
            if self.faults.repeat_at == Some(self.messages) {
                self.repeat = Some((nick.clone(), line.clone()));
            }
            let sent = self.fate(nick, from, line);
            let _ = stream.write_all(sent.as_bytes()); // it may be gone
        }
        if self.faults.leak_at == Some(self.messages) {
            let line = format!(":{from}!u@h PRIVMSG {room} :{text}\r\n");
            for (_, stream) in self.rooms.values_mut().flatten() {
                let _ = stream.write_all(line.as_bytes()); // it may be gone
                self.done.leaked += 1;
            }
        }
        self.rooms.insert(room.to_owned(), members);
    }

    /// What is sent instead of a line.
    fn fate(&mut self, to: &str, from: &str, line: String) -> String {
        let pair = (to.to_owned(), from.to_owned());
        if let Some(held) = self.held.remove(&pair) {
            self.done.reordered += 1;
            return line + &held;
        }
        match self.roll() {
            Some(0) => {
                self.done.lost += 1;
                String::new()
            }
            Some(1) => {
                self.done.duplicated += 1;
                line.repeat(2)
            }
            Some(2) => {
                self.held.insert(pair, line);
                String::new()
            }
            Some(3) => {
                self.done.corrupt += 1;
                let text = line.find(" :").expect("it has a text") + 2;
                let at = text + (self.random >> 20) as usize % (line.len() - 2 - text);
                let mut bytes = line.into_bytes();
                bytes[at] ^= 0x01;
                String::from_utf8(bytes).expect("still ASCII")
            }
            _ => line,
        }
    }

    /// By xorshift (Marsaglia).
    fn roll(&mut self) -> Option<u64> {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        (self.faults.seed > 0).then(|| (self.random >> 8) % self.faults.one_in)
    }
}
