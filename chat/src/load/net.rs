//! The loop: waits, reads, cuts into lines, and hands each line to whoever knows what it means.

use std::io::{self, ErrorKind, Read};
use std::mem;
use std::time::{Duration, Instant};

use mio::{Events, Poll, Token};

use super::LoadError;
use super::conns::Conns;
use super::line::Line;
use super::timer::Timer;

/// What one `read` takes at most, and one turn of one connection: a peer that never stops talking
/// must not keep this thread from the others, or from its schedule.
const READ_BYTES: usize = 64 << 10;

/// A line longer than this is none: the longest that a server may send is 8,191 bytes of tags and
/// 512 more.
const LINE_BYTES_MAX: usize = 16 << 10;

/// What one wait tells at most: few, as no line is said while these are read (about a microsecond
/// each); and so many that the waits cost little.
const EVENTS: usize = 64;

/// The timer's; connections are numbered from 0.
const TIMER: Token = Token(usize::MAX);

/// Who knows what a line means. PING is answered and ERROR remembered by the loop.
pub(super) trait Talk {
    /// A line has come, read at `now_ns`.
    fn line(
        &mut self,
        conns: &mut Conns,
        who: usize,
        line: &Line<'_>,
        now_ns: u64,
    ) -> Result<(), LoadError>;

    /// A connection has ended; it is closed.
    fn ended(&mut self, conns: &mut Conns, who: usize, end: End) -> Result<(), LoadError>;
}

/// How a connection ended.
#[derive(Debug)]
pub(super) struct End {
    /// What the server said, or the system.
    pub(super) said: Option<String>,
    /// Why it could not be made, if it never was.
    pub(super) never_open: Option<io::Error>,
}

/// The connections and what waits for them.
#[derive(Debug)]
pub(super) struct Net {
    poll: Poll,
    events: Events,
    timer: Timer,
    buffer: Box<[u8]>,
    /// Connections that may have more to read, of which no other event will tell.
    unread: Vec<usize>,
    epoch: Instant,
    pub(super) conns: Conns,
}

impl Net {
    /// Room for so many connections.
    pub(super) fn new(count: usize) -> io::Result<Self> {
        let poll = Poll::new()?;
        let timer = Timer::new(poll.registry(), TIMER)?;
        let conns = Conns::new(count, poll.registry().try_clone()?);
        let buffer = vec![0; READ_BYTES].into();
        let events = Events::with_capacity(EVENTS);
        let (unread, epoch) = (Vec::new(), Instant::now());
        Ok(Self { poll, events, timer, buffer, unread, epoch, conns })
    }

    /// Nanoseconds since this was made.
    pub(super) fn now_ns(&self) -> u64 {
        self.epoch.elapsed().as_nanos() as u64 // 584 years
    }

    /// Waits until something comes, or until `deadline_ns`, and hands on what has come: of each
    /// connection a bufferful, and the rest in the next turns.
    pub(super) fn turn(&mut self, deadline_ns: u64, talk: &mut impl Talk) -> Result<(), LoadError> {
        let now_ns = self.now_ns();
        let is_over = deadline_ns <= now_ns || !self.unread.is_empty();
        if !is_over {
            self.timer.arm(deadline_ns, now_ns).map_err(LoadError::io("set a timer"))?;
        }
        match self.poll.poll(&mut self.events, is_over.then_some(Duration::ZERO)) {
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(()),
            result => result.map_err(LoadError::io("wait for sockets"))?,
        }
        let unread = mem::take(&mut self.unread);
        let events = mem::replace(&mut self.events, Events::with_capacity(0));
        for event in events.iter().filter(|event| event.token() != TIMER) {
            let Token(who) = event.token();
            if event.is_writable() {
                self.flush(who, talk)?;
            }
            let ends = event.is_read_closed() || event.is_error();
            let is_slow = self.conns.get(who).is_none_or(|conn| conn.is_slow);
            if (event.is_readable() || ends) && !is_slow {
                self.read(who, ends, talk)?;
            }
        }
        self.events = events;
        for who in unread {
            // Who has become slow is told of again when it is not any more.
            let Some(conn) = self.conns.get(who) else { continue };
            if mem::take(&mut conn.is_unread) && !conn.is_slow {
                let ends = conn.ends;
                self.read(who, ends, talk)?;
            }
        }
        Ok(())
    }

    /// Reads a little of a slow reader's.
    pub(super) fn trickle(
        &mut self,
        who: usize,
        bytes: usize,
        talk: &mut impl Talk,
    ) -> Result<(), LoadError> {
        let mut buffer = mem::take(&mut self.buffer);
        let result = self.read_once(who, &mut buffer[..bytes], talk);
        self.buffer = buffer;
        result.map(drop)
    }

    fn flush(&mut self, who: usize, talk: &mut impl Talk) -> Result<(), LoadError> {
        let Some(conn) = self.conns.get(who) else { return Ok(()) };
        match conn.flush() {
            Ok(()) => Ok(()),
            Err(error) => {
                self.conns.close(who);
                talk.ended(&mut self.conns, who, End { said: None, never_open: Some(error) })
            }
        }
    }

    /// Reads a bufferful. `ends`: it is to be read up to the end, of which no other event will tell.
    fn read(&mut self, who: usize, ends: bool, talk: &mut impl Talk) -> Result<(), LoadError> {
        let mut buffer = mem::take(&mut self.buffer);
        let result = self.read_once(who, &mut buffer, talk);
        self.buffer = buffer;
        let (Some(len), Some(conn)) = (result?, self.conns.get(who)) else { return Ok(()) };
        conn.ends |= ends;
        // A short read has emptied the socket; what comes later is another event.
        let is_unread = len == READ_BYTES || conn.ends;
        if is_unread && !mem::replace(&mut conn.is_unread, true) {
            self.unread.push(who);
        }
        Ok(())
    }

    /// Returns how much was read; `None` if there is nothing more, now or ever.
    fn read_once(
        &mut self,
        who: usize,
        buffer: &mut [u8],
        talk: &mut impl Talk,
    ) -> Result<Option<usize>, LoadError> {
        let Some(conn) = self.conns.get(who) else { return Ok(None) };
        let failed = match conn.stream.read(buffer) {
            Ok(0) => None,
            Ok(len) => {
                self.cut(who, &buffer[..len], talk)?;
                return Ok(Some(len));
            }
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::NotConnected => return Ok(None),
                ErrorKind::Interrupted => return Ok(Some(buffer.len())),
                _ => Some(error.to_string()),
            },
        };
        let said = conn.last_words.take().or(failed);
        self.conns.close(who);
        talk.ended(&mut self.conns, who, End { said, never_open: None })?;
        Ok(None)
    }

    /// Cuts what was read into lines.
    fn cut(&mut self, who: usize, piece: &[u8], talk: &mut impl Talk) -> Result<(), LoadError> {
        let now_ns = self.now_ns();
        let mut rest = piece;
        while let Some(at) = memchr::memchr(b'\n', rest) {
            let (line, after) = (&rest[..at], &rest[at + 1..]);
            rest = after;
            let Some(conn) = self.conns.get(who) else { return Ok(()) };
            if conn.partial.is_empty() {
                self.hand_on(who, line, now_ns, talk)?;
                continue;
            }
            let mut whole = mem::take(&mut conn.partial);
            whole.extend_from_slice(line);
            self.hand_on(who, &whole, now_ns, talk)?;
            if let Some(conn) = self.conns.get(who) {
                whole.clear();
                conn.partial = whole; // its room, for the next one
            }
        }
        let Some(conn) = self.conns.get(who) else { return Ok(()) };
        conn.partial.extend_from_slice(rest);
        if conn.partial.len() <= LINE_BYTES_MAX {
            return Ok(());
        }
        self.conns.close(who);
        let said = Some("what it says has no lines: this is not IRC".to_owned());
        talk.ended(&mut self.conns, who, End { said, never_open: None })
    }

    fn hand_on(
        &mut self,
        who: usize,
        line: &[u8],
        now_ns: u64,
        talk: &mut impl Talk,
    ) -> Result<(), LoadError> {
        let line = Line::parse(line.strip_suffix(b"\r").unwrap_or(line));
        match line.command {
            b"PING" => self.conns.pong(who, line.params),
            b"ERROR" => {
                if let Some(conn) = self.conns.get(who) {
                    conn.last_words = Some(line.show());
                }
            }
            _ => talk.line(&mut self.conns, who, &line, now_ns)?,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    /// Counts.
    #[derive(Default)]
    struct Count {
        lines: usize,
        has_ended: bool,
    }

    impl Talk for Count {
        fn line(&mut self, _: &mut Conns, _: usize, _: &Line<'_>, _: u64) -> Result<(), LoadError> {
            self.lines += 1;
            Ok(())
        }

        fn ended(&mut self, _: &mut Conns, _: usize, _: End) -> Result<(), LoadError> {
            self.has_ended = true;
            Ok(())
        }
    }

    #[test]
    fn a_peer_that_talks_on_and_on_gets_a_bufferful_a_turn_and_all_of_it_is_heard() {
        const LINES: usize = 64 << 10;
        const LINE: &[u8] = b":s NOTICE all :on and on\r\n";
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let addr = listener.local_addr().expect("bound");
        let peer = thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a connection");
            stream.write_all(&LINE.repeat(LINES)).expect("it is read");
        });
        let mut net = Net::new(1).expect("a poller");
        net.conns.connect(0, addr, false).expect("a socket");
        let (mut count, mut turns) = (Count::default(), 0);
        while !count.has_ended {
            let before = count.lines;
            let deadline_ns = net.now_ns() + 20_000_000_000;
            net.turn(deadline_ns, &mut count).unwrap_or_else(|error| panic!("{error}"));
            // What an event tells of and what was left are two reads.
            assert!(count.lines - before <= 2 * READ_BYTES / LINE.len() + 2, "{turns}");
            turns += 1;
        }
        peer.join().expect("no panic");
        assert_eq!(count.lines, LINES);
    }
}
