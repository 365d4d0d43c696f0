//! A socket that accepts TCP connections.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::task::{Context, Poll, ready};

use super::addr::first_that_works;
use super::io::{Io, more_may_follow};
use super::{TcpStream, ToSocketAddrs};
use crate::reactor::{Direction, Interest, Kind};

/// A TCP socket that listens for connections. Dropping it closes the socket.
///
/// ```
/// # use mini_rt::net::{TcpListener, TcpStream};
/// # async fn serve(_: TcpStream) {}
/// # async fn run() -> std::io::Result<()> {
/// let listener = TcpListener::bind(("127.0.0.1", 6667)).await?;
/// loop {
///     let (stream, peer) = listener.accept().await?;
///     println!("{peer} has connected");
///     mini_rt::spawn(serve(stream));
/// }
/// # }
/// ```
pub struct TcpListener {
    io: Io<mio::net::TcpListener>,
}

impl TcpListener {
    /// Binds to the first of the addresses that works, and listens.
    ///
    /// Port 0 asks the system for a port; [`local_addr`](Self::local_addr) tells which. The address
    /// may be used again at once after the socket is closed (`SO_REUSEADDR`). At most 128
    /// connections wait to be accepted, as with `std` and Tokio; for another backlog or other
    /// options make the listener with the `socket2` crate and give it to
    /// [`from_std`](Self::from_std).
    ///
    /// # Errors
    /// Those of the resolver, of `bind` and `listen` (`AddrInUse`, `PermissionDenied`, ...), or of
    /// the reactor. The error is that of the last address tried.
    ///
    /// # Panics
    /// If awaited outside of a runtime.
    pub async fn bind(addr: impl ToSocketAddrs) -> io::Result<TcpListener> {
        let bind = |addr| mio::net::TcpListener::bind(addr).and_then(TcpListener::new);
        first_that_works(addr, |addr| std::future::ready(bind(addr))).await
    }

    #[track_caller]
    fn new(listener: mio::net::TcpListener) -> io::Result<TcpListener> {
        Ok(TcpListener { io: Io::new(listener, Kind::Endless)? })
    }

    /// Makes a listener of one of `std`.
    ///
    /// It must be in non-blocking mode (`set_nonblocking(true)`): otherwise its operations would
    /// block the thread. This is not checked.
    ///
    /// # Errors
    /// Those of the reactor.
    ///
    /// # Panics
    /// If called outside of a runtime.
    #[track_caller]
    pub fn from_std(listener: std::net::TcpListener) -> io::Result<TcpListener> {
        Self::new(mio::net::TcpListener::from_std(listener))
    }

    /// Takes the listener out of the reactor. It stays in non-blocking mode.
    ///
    /// # Errors
    /// Those of the reactor.
    pub fn into_std(self) -> io::Result<std::net::TcpListener> {
        self.io.into_source().map(Into::into)
    }

    /// Waits for a connection, and returns it with the address of its peer.
    ///
    /// The connection belongs to the runtime of the listener. Any number of tasks may wait at once;
    /// a new connection wakes them all.
    ///
    /// # Errors
    /// Those of `accept`. Not all are fatal: `ConnectionAborted` tells of one connection only, and
    /// with too many open files (`EMFILE`) the connection stays in the backlog, and the next call
    /// fails the same way until a file is closed: a server waits a moment before it goes on.
    ///
    /// # Cancel safety
    /// If the future is dropped before it completes, no connection was accepted.
    pub async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        let (stream, peer) = self.io.async_io(Interest::READABLE, || self.io.accept()).await?;
        self.adopt(stream, peer)
    }

    /// [`accept`](Self::accept) as a poll. Only the waker of the last call is woken.
    ///
    /// # Errors
    /// As `accept`.
    pub fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
        let accepted = self.io.poll_io(cx, Direction::Read, more_may_follow, || self.io.accept());
        let (stream, peer) = ready!(accepted)?;
        Poll::Ready(self.adopt(stream, peer))
    }

    fn adopt(
        &self,
        stream: mio::net::TcpStream,
        peer: SocketAddr,
    ) -> io::Result<(TcpStream, SocketAddr)> {
        Ok((TcpStream::accepted(self.io.accepted(stream, Kind::Stream)?), peer))
    }

    /// The address that the socket is bound to.
    ///
    /// # Errors
    /// Those of the system.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.io.local_addr()
    }

    /// The value of `IP_TTL`: how many hops a packet may take.
    ///
    /// # Errors
    /// Those of the system.
    pub fn ttl(&self) -> io::Result<u32> {
        self.io.ttl()
    }

    /// Sets `IP_TTL`. Accepted sockets inherit it.
    ///
    /// # Errors
    /// Those of the system.
    pub fn set_ttl(&self, ttl: u32) -> io::Result<()> {
        self.io.set_ttl(ttl)
    }

    /// Takes the pending error of the socket (`SO_ERROR`).
    ///
    /// # Errors
    /// Those of the system.
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.io.take_error()
    }
}

impl TryFrom<std::net::TcpListener> for TcpListener {
    type Error = io::Error;
    /// As [`TcpListener::from_std`].
    fn try_from(listener: std::net::TcpListener) -> io::Result<TcpListener> {
        TcpListener::from_std(listener)
    }
}

impl fmt::Debug for TcpListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.io.fmt(f)
    }
}

impl AsFd for TcpListener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.io.as_fd()
    }
}

impl AsRawFd for TcpListener {
    fn as_raw_fd(&self) -> RawFd {
        self.io.as_raw_fd()
    }
}
