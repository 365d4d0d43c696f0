//! An IRC client for tests: blocking, on a plain socket, so that no runtime tests itself.
//!
//! Every read has a timeout of [`PATIENCE`], which is for a server that hangs and is far more than
//! a loaded machine needs. No order is ever arranged by waiting: a [`Peer::sync`] is a PING whose
//! PONG tells that all before it has been handled, and what it caused is queued for its receivers.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long an answer may take before the test fails.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// One connection, as a client has it.
#[derive(Debug)]
pub struct Peer {
    name: String,
    stream: BufReader<TcpStream>,
    syncs: u32,
}

impl Peer {
    /// Connects, and sends nothing. The name is for messages of failing tests.
    pub fn connect(addr: SocketAddr, name: &str) -> Self {
        let stream = TcpStream::connect(addr).expect("the server listens");
        Self::from_stream(stream, name)
    }

    /// Talks over a socket that somebody else has connected.
    pub fn from_stream(stream: TcpStream, name: &str) -> Self {
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout that is not zero");
        stream.set_nodelay(true).expect("a TCP socket");
        Self { name: name.to_owned(), stream: BufReader::new(stream), syncs: 0 }
    }

    /// Connects and registers under its name; the welcome has been read when this returns.
    pub fn register(addr: SocketAddr, nick: &str) -> Self {
        let mut peer = Self::connect(addr, nick);
        peer.send(&format!("NICK {nick}\r\nUSER {nick} 0 * :{nick}"));
        peer.welcomed();
        peer
    }

    /// Reads up to the end of the message of the day.
    pub fn welcomed(&mut self) {
        self.until(|line| line.contains(" 376 ") || line.contains(" 422 "));
    }

    /// Joins a channel; the list of names has been read when this returns.
    pub fn join(&mut self, channel: &str) {
        self.send(&format!("JOIN {channel}"));
        self.until(|line| line.contains(" 366 "));
    }

    /// The socket.
    pub fn socket(&self) -> &TcpStream {
        self.stream.get_ref()
    }

    /// Sends a line; its end is added.
    pub fn send(&mut self, line: &str) {
        self.send_bytes(format!("{line}\r\n").as_bytes());
    }

    /// Sends bytes as they are.
    pub fn send_bytes(&mut self, bytes: &[u8]) {
        let sent = self.try_send(bytes);
        sent.unwrap_or_else(|error| panic!("{} cannot send: {error}", self.name));
    }

    /// Sends bytes as they are, to a server that may have closed.
    pub fn try_send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.get_mut().write_all(bytes)
    }

    /// The next line without its end; `None` is the end of the stream. The end has to be CR LF.
    pub fn try_line(&mut self) -> io::Result<Option<String>> {
        let mut line = Vec::new();
        if self.stream.read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        let text = line.strip_suffix(b"\r\n").unwrap_or_else(|| {
            panic!("{} got a line that does not end in CR LF: {}", self.name, line.escape_ascii())
        });
        Ok(Some(String::from_utf8_lossy(text).into_owned()))
    }

    /// The next line without its end.
    pub fn line(&mut self) -> String {
        match self.try_line() {
            Ok(Some(line)) => line,
            Ok(None) => panic!("{} waits for a line and reads the end", self.name),
            Err(error) => panic!("{} waits for a line: {error}", self.name),
        }
    }

    /// The lines up to the first that `last` holds for, that one included.
    pub fn until(&mut self, last: impl Fn(&str) -> bool) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            lines.push(self.line());
            if last(&lines[lines.len() - 1]) {
                return lines;
            }
        }
    }

    /// The lines up to the end of the stream.
    pub fn until_end(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            match self.try_line() {
                Ok(Some(line)) => lines.push(line),
                Ok(None) => return lines,
                Err(error) => panic!("{} waits for the end: {error}", self.name),
            }
        }
    }

    /// Waits until all that was sent has been handled. The lines that came meanwhile are returned.
    pub fn sync(&mut self) -> Vec<String> {
        self.syncs += 1;
        let token = format!("sync-{}", self.syncs);
        self.send(&format!("PING {token}"));
        let mut lines = self.until(|line| line.contains(" PONG ") && line.ends_with(&token));
        lines.pop();
        lines
    }
}
