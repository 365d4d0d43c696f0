//! The connections: what is said on each, and what its socket has not taken yet.

use std::io::{self, ErrorKind, Write};
use std::net::SocketAddr;

use mio::net::TcpStream;
use mio::{Interest, Registry, Token};
use socket2::{Domain, Protocol, Socket, Type};

/// The receive buffer of a slow reader, so that the server soon sees that it does not read.
const SLOW_RECEIVE_BYTES: usize = 4096;

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
    /// The beginning of a line whose end has not come.
    pub(super) partial: Vec<u8>,
    /// Nothing is read when it is readable.
    pub(super) is_slow: bool,
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
            partial: Vec::new(),
            is_slow: false,
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
        self.taken = 0;
        self.queue.clear();
        self.queue.shrink_to(KEPT_BYTES_MAX);
        Ok(())
    }
}

/// `EINPROGRESS`, which has no [`ErrorKind`] that is stable.
const IN_PROGRESS: i32 = rustix::io::Errno::INPROGRESS.raw_os_error();
