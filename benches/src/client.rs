//! Who loads the servers? Many connections in one loop over mio, on the caller's thread.
//!
//! The same loop whichever runtime serves, and no runtime itself, so that neither is measured
//! twice. What is said and what has to be heard is a [`Script`]; the loop reads, and lets the
//! script answer.
//!
//! 1. Each byte that comes is checked by the script. A wrong one is a panic that shows it.
//! 2. A message that does not come is a panic after [`PATIENCE`] that counts what is missing; no
//!    run hangs.
//! 3. The load is a closed loop: whoever has said something waits before it says more. So a slow
//!    server is asked less, and what is measured is throughput, not latency under a given load.
//!
//! Rejected: a thread per connection, or blocking sockets one after the other. The first measures
//! the kernel's scheduler; the second gives the server one connection at a time.

use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::Duration;

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

/// How long nothing at all may come before what is missing counts as lost. Far more than a loaded
/// machine needs.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Descriptors beside the two of each connection, whose both ends are in this process.
const FILES_BESIDE: u64 = 64;

/// The files that must be open at once for so many connections.
pub fn files_for(conns: usize) -> u64 {
    2 * conns as u64 + FILES_BESIDE
}

/// What a load says and hears. Connections are numbered from 0.
pub trait Script {
    /// Takes what has come on a connection, and returns what that connection says now.
    ///
    /// # Panics
    /// When it is not what had to come.
    fn heard(&mut self, conn: usize, bytes: &[u8]) -> Option<&[u8]>;

    /// How many messages have not come yet.
    fn missing(&self) -> u64;
}

/// The connections of a load.
#[derive(Debug)]
pub struct Client {
    poll: Poll,
    events: Events,
    conns: Vec<TcpStream>,
    buf: Box<[u8]>,
    patience: Duration,
}

impl Client {
    /// Connects so many times.
    ///
    /// # Panics
    /// When a connection cannot be had, or so many files cannot be open.
    pub fn connect(addr: SocketAddr, count: usize) -> Self {
        let needed = files_for(count);
        let files = rlimit::increase_nofile_limit(u64::MAX).expect("the limit can be read");
        assert!(
            files >= needed,
            "{count} connections need {needed} open files, {files} are allowed"
        );
        let poll = Poll::new().expect("a poller");
        let connect = |conn| {
            // Blocking: a connection is complete once it is in the backlog, accepted or not.
            let stream = std::net::TcpStream::connect(addr)
                .unwrap_or_else(|error| panic!("connection {conn} is refused: {error}"));
            stream.set_nodelay(true).expect("a TCP socket");
            stream.set_nonblocking(true).expect("a socket");
            let mut stream = TcpStream::from_std(stream);
            let registry = poll.registry();
            registry.register(&mut stream, Token(conn), Interest::READABLE).expect("a new socket");
            stream
        };
        let conns = (0..count).map(connect).collect();
        let (events, buf) = (Events::with_capacity(1024), vec![0; 64 << 10].into());
        Self { poll, events, conns, buf, patience: PATIENCE }
    }

    /// How many connections there are.
    pub fn count(&self) -> usize {
        self.conns.len()
    }

    /// Says something on a connection.
    ///
    /// # Panics
    /// When the socket does not take it whole: in a closed loop of short messages it has room.
    pub fn say(&mut self, conn: usize, bytes: &[u8]) {
        write(&mut self.conns[conn], conn, bytes);
    }

    /// Reads, checks and answers until the script misses nothing.
    ///
    /// # Panics
    /// When something wrong comes, nothing more comes, or a connection ends.
    pub fn exchange(&mut self, script: &mut impl Script) {
        while script.missing() > 0 {
            self.wait(script.missing());
            for event in &self.events {
                let Token(conn) = event.token();
                let stream = &mut self.conns[conn];
                loop {
                    let len = match stream.read(&mut self.buf) {
                        Ok(0) => {
                            panic!("connection {conn} has ended; missing: {}", script.missing())
                        }
                        Ok(len) => len,
                        Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                        Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                        Err(error) => panic!("connection {conn} has failed: {error}"),
                    };
                    if let Some(reply) = script.heard(conn, &self.buf[..len]) {
                        write(stream, conn, reply);
                    }
                    // A short read has emptied the socket: epoll and kqueue tell of what comes
                    // next.
                    if len < self.buf.len() {
                        break;
                    }
                }
            }
        }
    }

    /// Waits for events.
    fn wait(&mut self, missing: u64) {
        loop {
            match self.poll.poll(&mut self.events, Some(self.patience)) {
                Ok(()) => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => panic!("the poller has failed: {error}"),
            }
        }
        let patience = self.patience;
        assert!(
            !self.events.is_empty(),
            "nothing came for {patience:?}; messages missing: {missing}"
        );
    }
}

fn write(stream: &mut TcpStream, conn: usize, bytes: &[u8]) {
    match stream.write(bytes) {
        Ok(len) if len == bytes.len() => {}
        Ok(len) => panic!("connection {conn} took {len} of {} bytes", bytes.len()),
        Err(error) => panic!("connection {conn} does not take a message: {error}"),
    }
}

/// How far a connection has heard the message that is due on it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ear {
    heard: usize,
}

impl Ear {
    /// Compares what came on a connection with what is still due of `message`; says whether that
    /// was the last of it. Then the next one is due.
    ///
    /// # Panics
    /// When it is anything else, or more.
    pub fn hear(&mut self, conn: usize, message: &[u8], bytes: &[u8]) -> bool {
        let due = &message[self.heard..];
        let right = due.starts_with(bytes);
        assert!(
            right,
            "connection {conn} heard \"{}\" where \"{}\" was due",
            bytes.escape_ascii(),
            due.escape_ascii()
        );
        self.heard += bytes.len();
        let complete = self.heard == message.len();
        if complete {
            self.heard = 0;
        }
        complete
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    /// Each connection has to hear this once.
    struct Hear(&'static [u8], Vec<Ear>, u64);

    impl Script for Hear {
        fn heard(&mut self, conn: usize, bytes: &[u8]) -> Option<&[u8]> {
            self.2 -= u64::from(self.1[conn].hear(conn, self.0, bytes));
            None
        }

        fn missing(&self) -> u64 {
            self.2
        }
    }

    /// A client of two connections that wait for "ready", and the other end of each.
    fn pair() -> (Client, Hear, [std::net::TcpStream; 2]) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut client = Client::connect(listener.local_addr().unwrap(), 2);
        client.patience = Duration::from_millis(100);
        let peers = [(); 2].map(|()| listener.accept().unwrap().0);
        (client, Hear(b"ready", vec![Ear::default(); 2], 2), peers)
    }

    #[test]
    fn a_message_in_pieces_is_one_message() {
        let (mut client, mut script, mut peers) = pair();
        client.patience = PATIENCE;
        let [first, second] = &mut peers;
        second.write_all(b"ready").unwrap();
        first.write_all(b"re").unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| first.write_all(b"ady").unwrap());
            client.exchange(&mut script);
        });
    }

    #[test]
    #[should_panic(expected = "messages missing: 1")]
    fn a_lost_message_is_counted() {
        let (mut client, mut script, mut peers) = pair();
        peers[0].write_all(b"ready").unwrap();
        peers[1].write_all(b"read").unwrap();
        client.exchange(&mut script);
    }

    #[test]
    #[should_panic(expected = "heard \"rest\" where \"ready\" was due")]
    fn a_wrong_message_is_shown() {
        let (mut client, mut script, mut peers) = pair();
        peers[0].write_all(b"rest").unwrap();
        client.exchange(&mut script);
    }

    #[test]
    #[should_panic(expected = "heard \"ready!\" where \"ready\" was due")]
    fn more_than_was_due_is_shown() {
        let (mut client, mut script, mut peers) = pair();
        peers[0].write_all(b"ready!").unwrap();
        client.exchange(&mut script);
    }

    #[test]
    #[should_panic(expected = "has ended; missing: 2")]
    fn a_connection_that_ends_is_told() {
        let (mut client, mut script, [first, _second]) = pair();
        drop(first);
        client.exchange(&mut script);
    }
}
