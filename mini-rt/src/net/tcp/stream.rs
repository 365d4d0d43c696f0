//! A TCP connection.

use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll};
use std::time::Duration;

use socket2::SockRef;

use crate::io::source::{Io, more_may_follow};
use crate::net::addr::first_that_works;
use crate::net::stream::stream;
use crate::net::{ToSocketAddrs, tcp};
use crate::reactor::{Direction, Interest};

/// A TCP connection.
///
/// Read and write it through `futures::io::{AsyncRead, AsyncWrite}` (one task each; the halves of
/// [`split`](Self::split) and [`into_split`](Self::into_split) let them be two), or through
/// [`readable`](Self::readable) and [`try_read`](Self::try_read) and their writing counterparts.
/// Vectored reads and writes are one system call each.
///
/// ```
/// # use mini_rt::net::TcpStream;
/// # use std::io;
/// /// Reads what is there, as often as the stream has something, until the peer is done.
/// async fn count_bytes(stream: &TcpStream) -> io::Result<u64> {
///     let (mut buf, mut count) = ([0; 4096], 0);
///     loop {
///         stream.readable().await?;
///         match stream.try_read(&mut buf) {
///             Ok(0) => return Ok(count),
///             Ok(n) => count += n as u64,
///             Err(error) if error.kind() == io::ErrorKind::WouldBlock => {} // ready no longer
///             Err(error) => return Err(error),
///         }
///     }
/// }
/// ```
///
/// Dropping it closes the connection: what was written is still sent. Closing it as a writer
/// (`AsyncWriteExt::close`) tells the peer that nothing more comes; reading goes on.
pub struct TcpStream {
    pub(super) io: Io<mio::net::TcpStream>,
}

stream!(TcpStream, mio::net::TcpStream, std::net::TcpStream, tcp);

impl TcpStream {
    /// Connects to the first of the addresses that works.
    ///
    /// # Errors
    /// Those of the resolver, of the connection (`ConnectionRefused`, `TimedOut`, ...), or of the
    /// reactor. The error is that of the last address tried.
    ///
    /// # Panics
    /// If awaited outside of a runtime.
    ///
    /// # Cancel safety
    /// Dropping the future closes the connection being made.
    pub async fn connect(addr: impl ToSocketAddrs) -> io::Result<TcpStream> {
        first_that_works(addr, |addr| async move {
            TcpStream::new(mio::net::TcpStream::connect(addr)?)?.connected().await
        })
        .await
    }

    /// Goes on with a socket that has begun to connect.
    pub(super) async fn connecting(socket: std::net::TcpStream) -> io::Result<TcpStream> {
        TcpStream::new(mio::net::TcpStream::from_std(socket))?.connected().await
    }

    /// Reads without taking: the next read returns the same bytes. Any number of tasks may wait.
    ///
    /// # Errors
    /// Those of the system, or that the runtime is shut down.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing.
    pub async fn peek(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.io.async_io(Interest::READABLE, || self.io.peek(buf)).await
    }

    /// [`peek`](Self::peek) as a poll, into a slice in place of Tokio's `ReadBuf`. Shares its one
    /// waker with the reading trait.
    ///
    /// # Errors
    /// As `peek`.
    pub fn poll_peek(&self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        self.io.poll_io(cx, Direction::Read, more_may_follow, || self.io.peek(buf))
    }

    /// The address of this side.
    ///
    /// # Errors
    /// Those of the system.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.io.local_addr()
    }

    /// The address of the other side.
    ///
    /// # Errors
    /// Those of the system (`NotConnected` once the peer has gone).
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.io.peer_addr()
    }

    /// Whether small writes are sent at once (`TCP_NODELAY`).
    ///
    /// # Errors
    /// Those of the system.
    pub fn nodelay(&self) -> io::Result<bool> {
        self.io.nodelay()
    }

    /// Sends small writes at once, rather than waiting to fill a packet (`TCP_NODELAY`).
    ///
    /// # Errors
    /// Those of the system.
    pub fn set_nodelay(&self, nodelay: bool) -> io::Result<()> {
        self.io.set_nodelay(nodelay)
    }

    /// How long a close waits for what was written (`SO_LINGER`). `None`: it does not.
    ///
    /// # Errors
    /// Those of the system.
    pub fn linger(&self) -> io::Result<Option<Duration>> {
        SockRef::from(self).linger()
    }

    /// Lets a close reset the connection and throw away what was written and not yet sent
    /// (`SO_LINGER` of 0).
    ///
    /// # Errors
    /// Those of the system.
    pub fn set_zero_linger(&self) -> io::Result<()> {
        SockRef::from(self).set_linger(Some(Duration::ZERO))
    }

    /// Sets `SO_LINGER`. With more than zero, the drop of the stream may block its thread.
    ///
    /// # Errors
    /// Those of the system.
    #[deprecated = "`SO_LINGER` lets the drop block the thread: see `set_zero_linger`"]
    pub fn set_linger(&self, linger: Option<Duration>) -> io::Result<()> {
        SockRef::from(self).set_linger(linger)
    }

    /// Whether segments are acknowledged at once (`TCP_QUICKACK`).
    ///
    /// # Errors
    /// Those of the system.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub fn quickack(&self) -> io::Result<bool> {
        SockRef::from(self).tcp_quickack()
    }

    /// Acknowledges segments at once (`TCP_QUICKACK`). The system takes it back by itself.
    ///
    /// # Errors
    /// Those of the system.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub fn set_quickack(&self, quickack: bool) -> io::Result<()> {
        SockRef::from(self).set_tcp_quickack(quickack)
    }

    /// The value of `IP_TTL`: how many hops a packet may take.
    ///
    /// # Errors
    /// Those of the system.
    pub fn ttl(&self) -> io::Result<u32> {
        self.io.ttl()
    }

    /// Sets `IP_TTL`.
    ///
    /// # Errors
    /// Those of the system.
    pub fn set_ttl(&self, ttl: u32) -> io::Result<()> {
        self.io.set_ttl(ttl)
    }
}
