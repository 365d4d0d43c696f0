//! A TCP connection.

use std::fmt;
use std::future::poll_fn;
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::task::{Context, Poll};

use super::ToSocketAddrs;
use super::addr::first_that_works;
use super::io::{Io, more_may_follow, short_of, total_len};
use super::tcp_halves::{self, OwnedReadHalf, OwnedWriteHalf, ReadHalf, WriteHalf};
use crate::reactor::{Direction, Interest, Kind, Ready};

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
        first_that_works(addr, Self::connect_addr).await
    }

    async fn connect_addr(addr: SocketAddr) -> io::Result<TcpStream> {
        let stream = TcpStream::new(mio::net::TcpStream::connect(addr)?)?;
        // Writable means that the attempt has ended, `SO_ERROR` how.
        poll_fn(|cx| stream.io.poll_ready(cx, Direction::Write)).await?;
        match stream.take_error()? {
            Some(error) => Err(error),
            None => Ok(stream),
        }
    }

    #[track_caller]
    fn new(stream: mio::net::TcpStream) -> io::Result<TcpStream> {
        Ok(TcpStream { io: Io::new(stream, Kind::Stream)? })
    }

    /// An accepted connection: its send buffer is empty, so the first write need not wait for the
    /// reactor to say so. Whether the peer has sent anything is unknown, so the first read does.
    pub(super) fn accepted(io: Io<mio::net::TcpStream>) -> TcpStream {
        io.assume(Ready::WRITABLE);
        TcpStream { io }
    }

    /// Makes a stream of a connected one of `std`.
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
    pub fn from_std(stream: std::net::TcpStream) -> io::Result<TcpStream> {
        Self::new(mio::net::TcpStream::from_std(stream))
    }

    /// Takes the stream out of the reactor. It stays in non-blocking mode.
    ///
    /// # Errors
    /// Those of the reactor.
    pub fn into_std(self) -> io::Result<std::net::TcpStream> {
        self.io.into_source().map(Into::into)
    }

    /// Splits into two halves that borrow the stream, for two futures of one task. Costs nothing.
    ///
    /// Where `futures::AsyncReadExt` is in scope, whose `split` takes the stream itself, write
    /// `TcpStream::split(&mut stream)`.
    pub fn split(&mut self) -> (ReadHalf<'_>, WriteHalf<'_>) {
        tcp_halves::split(self)
    }

    /// Splits into two halves that own the stream together, for two tasks. One allocation.
    ///
    /// Dropping the writing half tells the peer that nothing more comes, unless it is
    /// [forgotten](OwnedWriteHalf::forget).
    pub fn into_split(self) -> (OwnedReadHalf, OwnedWriteHalf) {
        tcp_halves::into_split(self)
    }

    /// Waits until `interest` is met, and tells what of it is. Any number of tasks may wait at
    /// once.
    ///
    /// Readiness is a hint: the `try_*` method that follows may still fail with `WouldBlock`, and
    /// then clears it.
    ///
    /// # Errors
    /// If the runtime is shut down.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing.
    pub async fn ready(&self, interest: Interest) -> io::Result<Ready> {
        self.io.ready(interest).await
    }

    /// Waits until there is something to read, or the end. See [`ready`](Self::ready).
    ///
    /// # Errors
    /// If the runtime is shut down.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing.
    pub async fn readable(&self) -> io::Result<()> {
        self.ready(Interest::READABLE).await.map(drop)
    }

    /// Waits until there is room to write. See [`ready`](Self::ready).
    ///
    /// # Errors
    /// If the runtime is shut down.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing.
    pub async fn writable(&self) -> io::Result<()> {
        self.ready(Interest::WRITABLE).await.map(drop)
    }

    /// [`readable`](Self::readable) as a poll. Shares its one waker with the reading trait.
    ///
    /// # Errors
    /// If the runtime is shut down.
    pub fn poll_read_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io.poll_ready(cx, Direction::Read).map_ok(drop)
    }

    /// [`writable`](Self::writable) as a poll. Shares its one waker with the writing trait.
    ///
    /// # Errors
    /// If the runtime is shut down.
    pub fn poll_write_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io.poll_ready(cx, Direction::Write).map_ok(drop)
    }

    /// Reads without waiting. `Ok(0)` is the end of the stream, or an empty buffer.
    ///
    /// # Errors
    /// `WouldBlock` if nothing is there, without a system call if that is known; else the system's.
    pub fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
        let is_dry = short_of(buf.len());
        self.io.try_io(Interest::READABLE, is_dry, || (&*self.io).read(buf))
    }

    /// Reads into several buffers, one after the other, without waiting.
    ///
    /// # Errors
    /// As [`try_read`](Self::try_read).
    pub fn try_read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        let is_dry = short_of(total_len(bufs.iter().map(|buf| buf.len())));
        self.io.try_io(Interest::READABLE, is_dry, || (&*self.io).read_vectored(bufs))
    }

    /// Writes without waiting, and returns how much was taken.
    ///
    /// # Errors
    /// `WouldBlock` if there is no room, without a system call if that is known; else the system's.
    pub fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
        let is_dry = short_of(buf.len());
        self.io.try_io(Interest::WRITABLE, is_dry, || (&*self.io).write(buf))
    }

    /// Writes several buffers, one after the other, without waiting.
    ///
    /// # Errors
    /// As [`try_write`](Self::try_write).
    pub fn try_write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        let is_dry = short_of(total_len(bufs.iter().map(|buf| buf.len())));
        self.io.try_io(Interest::WRITABLE, is_dry, || (&*self.io).write_vectored(bufs))
    }

    /// Runs `f`, an operation of one's own on the socket, if `interest` is met.
    ///
    /// `f` must return `WouldBlock` if and only if the socket did, and touch only the directions
    /// named: readiness is cleared for all of them.
    ///
    /// # Errors
    /// `WouldBlock` if the stream is not ready; else those of `f`.
    pub fn try_io<R>(
        &self,
        interest: Interest,
        f: impl FnOnce() -> io::Result<R>,
    ) -> io::Result<R> {
        self.io.try_io(interest, more_may_follow, || (*self.io).try_io(f))
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

    /// Takes the pending error of the socket (`SO_ERROR`).
    ///
    /// # Errors
    /// Those of the system.
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.io.take_error()
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

    /// Tells the peer that nothing more comes.
    pub(super) fn shut_down_write(&self) -> io::Result<()> {
        match self.io.shutdown(Shutdown::Write) {
            // The peer was faster.
            Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(()),
            result => result,
        }
    }
}

impl TryFrom<std::net::TcpStream> for TcpStream {
    type Error = io::Error;
    /// As [`TcpStream::from_std`].
    fn try_from(stream: std::net::TcpStream) -> io::Result<TcpStream> {
        TcpStream::from_std(stream)
    }
}

impl AsRef<TcpStream> for TcpStream {
    fn as_ref(&self) -> &TcpStream {
        self
    }
}

impl fmt::Debug for TcpStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.io.fmt(f)
    }
}

impl AsFd for TcpStream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.io.as_fd()
    }
}

impl AsRawFd for TcpStream {
    fn as_raw_fd(&self) -> RawFd {
        self.io.as_raw_fd()
    }
}
