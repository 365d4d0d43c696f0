//! The connections: what is said on each, and what its socket has not taken yet.

use std::io::{self, ErrorKind, Write};
use std::net::SocketAddr;

use mio::net::TcpStream;
use mio::{Interest, Registry, Token};
use socket2::{Domain, Protocol, Socket, Type};

/// The receive buffer of a slow reader, so that the server soon sees that it does not read.
const SLOW_RECEIVE_BYTES: usize = 4096;

/// So many bytes of PONGs wait at most, beside the one before; further PINGs have no answer. A server
/// sends a PING a minute or less, of some thirty bytes; one that floods and does not read must not
/// fill the memory.
const PONG_BYTES_MAX: usize = 4096;

/// A queue that has grown past this is given back once it is empty.
const KEPT_BYTES_MAX: usize = 64 << 10;

/// A connection.
#[derive(Debug)]
pub(super) struct Conn {
    pub(super) stream: TcpStream,
    is_open: bool,
    /// Said, and not taken by the socket. It has no bound but the run: a server's lag must not slow
    /// the schedule, or lose a line.
    queue: Vec<u8>,
    /// So much of `queue` has been taken.
    taken: usize,
    /// So much that went to `queue` since it was empty last was of PONGs.
    pong_bytes: usize,
    /// The beginning of a line whose end has not come.
    pub(super) partial: Vec<u8>,
    /// Nothing is read when it is readable.
    pub(super) is_slow: bool,
    /// There may be more to read, and it is on the list of those.
    pub(super) is_unread: bool,
    /// Nothing comes after what is there: it is read up to the end.
    pub(super) ends: bool,
    /// What the server said of its closing.
    pub(super) last_words: Option<String>,
}

/// All connections, by number.
#[derive(Debug)]
pub(super) struct Conns {
    list: Vec<Option<Conn>>,
    registry: Registry,
}

impl Conns {
    pub(super) fn new(count: usize, registry: Registry) -> Self {
        Self { list: (0..count).map(|_| None).collect(), registry }
    }

    /// The connection, unless it is closed.
    pub(super) fn get(&mut self, who: usize) -> Option<&mut Conn> {
        self.list[who].as_mut()
    }

    /// Begins to connect. What is said meanwhile waits.
    pub(super) fn connect(&mut self, who: usize, addr: SocketAddr, slow: bool) -> io::Result<()> {
        let socket = Socket::new(Domain::for_address(addr), Type::STREAM, Some(Protocol::TCP))?;
        socket.set_nonblocking(true)?;
        socket.set_tcp_nodelay(true)?;
        if slow {
            socket.set_recv_buffer_size(SLOW_RECEIVE_BYTES)?;
        }
        match socket.connect(&addr.into()) {
            Err(error) if error.raw_os_error() != Some(IN_PROGRESS) => return Err(error),
            _ => {}
        }
        let mut stream = TcpStream::from_std(socket.into());
        // Asking for both costs nothing: epoll tells of writability only after a socket was full.
        let both = Interest::READABLE | Interest::WRITABLE;
        self.registry.register(&mut stream, Token(who), both)?;
        self.list[who] = Some(Conn {
            stream,
            is_open: false,
            queue: Vec::new(),
            taken: 0,
            pong_bytes: 0,
            partial: Vec::new(),
            is_slow: false,
            is_unread: false,
            ends: false,
            last_words: None,
        });
        Ok(())
    }

    /// Says something; what the socket does not take waits. Closed connections say nothing.
    pub(super) fn say(&mut self, who: usize, bytes: &[u8]) {
        if let Some(conn) = self.get(who) {
            conn.say(bytes);
        }
    }

    /// Answers a PING, unless too many answers wait.
    pub(super) fn pong(&mut self, who: usize, params: &[u8]) {
        let Some(conn) = self.get(who) else { return };
        if conn.pong_bytes < PONG_BYTES_MAX {
            let before = conn.queue.len();
            conn.say(&[b"PONG ", params, b"\r\n"].concat());
            conn.pong_bytes += conn.queue.len() - before;
        }
    }

    /// Whether something said earlier still waits.
    pub(super) fn is_behind(&self, who: usize) -> bool {
        self.list[who].as_ref().is_some_and(|conn| !conn.queue.is_empty())
    }

    /// Lets a connection be read slowly, or as fast as it comes.
    pub(super) fn set_slow(&mut self, who: usize, slow: bool) -> io::Result<()> {
        let Some(conn) = self.list[who].as_mut() else { return Ok(()) };
        conn.is_slow = slow;
        let mut interest = Interest::WRITABLE;
        if !slow {
            interest |= Interest::READABLE; // also tells of what has come before
        }
        self.registry.reregister(&mut conn.stream, Token(who), interest)
    }

    /// Closes it at once.
    pub(super) fn close(&mut self, who: usize) {
        self.list[who] = None;
    }
}

impl Conn {
    fn say(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        if self.is_open && self.queue.is_empty() {
            // Whatever is wrong with it, reading will tell; and reads its last words first.
            if let Ok(len) = self.stream.write(bytes) {
                rest = &bytes[len..];
            }
        }
        self.queue.extend_from_slice(rest);
    }

    /// Goes on writing what waits. An error is that of connecting.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        if !self.is_open {
            if let Some(error) = self.stream.take_error()? {
                return Err(error);
            }
            match self.stream.peer_addr() {
                Ok(_) => self.is_open = true,
                Err(_) => return Ok(()), // not yet
            }
        }
        while self.taken < self.queue.len() {
            match self.stream.write(&self.queue[self.taken..]) {
                Ok(len) => self.taken += len,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Ok(()), // full, or reading tells
            }
        }
        (self.taken, self.pong_bytes) = (0, 0);
        self.queue.clear();
        self.queue.shrink_to(KEPT_BYTES_MAX);
        Ok(())
    }
}

/// `EINPROGRESS`, which has no [`ErrorKind`] that is stable.
const IN_PROGRESS: i32 = rustix::io::Errno::INPROGRESS.raw_os_error();

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use mio::Poll;

    use super::*;

    #[test]
    fn pings_that_nobody_reads_the_answers_of_fill_no_queue_and_lines_still_wait() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let addr = listener.local_addr().expect("bound");
        let poll = Poll::new().expect("a poller");
        let mut conns = Conns::new(1, poll.registry().try_clone().expect("a handle"));
        conns.connect(0, addr, false).expect("a socket");
        // Until it is known to be open, all that is said waits.
        let waiting = |conns: &mut Conns| conns.get(0).expect("it is there").queue.len();
        for _ in 0..100_000 {
            conns.pong(0, b":sixteen letters");
        }
        let pongs = waiting(&mut conns);
        assert!((PONG_BYTES_MAX..2 * PONG_BYTES_MAX).contains(&pongs), "{pongs}");
        conns.say(0, b"PRIVMSG #r :a\r\n");
        assert_eq!(waiting(&mut conns), pongs + 15);
    }
}
