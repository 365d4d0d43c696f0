//! A UDP socket.

use std::fmt;
use std::future::ready;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};

use super::ToSocketAddrs;
use super::addr::first_that_works;
use super::io::{Io, more_may_follow};
use crate::reactor::{Interest, Kind, Ready};

/// A UDP socket. Dropping it closes it.
///
/// All methods take `&self`: share it in an `Arc` among as many tasks as send and receive. One call
/// takes or sends one datagram. A datagram longer than the buffer loses its rest.
///
/// ```
/// # use mini_rt::net::UdpSocket;
/// # async fn run() -> std::io::Result<()> {
/// let socket = UdpSocket::bind("127.0.0.1:0").await?;
/// let mut buf = [0; 1500];
/// loop {
///     let (len, peer) = socket.recv_from(&mut buf).await?;
///     socket.send_to(&buf[..len], peer).await?;
/// }
/// # }
/// ```
pub struct UdpSocket {
    io: Io<mio::net::UdpSocket>,
}

impl UdpSocket {
    /// Binds to the first of the addresses that works. Port 0 asks the system for a port.
    ///
    /// # Errors
    /// Those of the resolver, of `bind`, or of the reactor. The error is that of the last address
    /// tried.
    ///
    /// # Panics
    /// If awaited outside of a runtime.
    pub async fn bind(addr: impl ToSocketAddrs) -> io::Result<UdpSocket> {
        let bind = |addr| mio::net::UdpSocket::bind(addr).and_then(UdpSocket::new);
        first_that_works(addr, |addr| ready(bind(addr))).await
    }

    #[track_caller]
    fn new(socket: mio::net::UdpSocket) -> io::Result<UdpSocket> {
        Ok(UdpSocket { io: Io::new(socket, Kind::Endless)? })
    }

    /// Makes a socket of one of `std`.
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
    pub fn from_std(socket: std::net::UdpSocket) -> io::Result<UdpSocket> {
        Self::new(mio::net::UdpSocket::from_std(socket))
    }

    /// Takes the socket out of the reactor. It stays in non-blocking mode.
    ///
    /// # Errors
    /// Those of the reactor.
    pub fn into_std(self) -> io::Result<std::net::UdpSocket> {
        self.io.into_source().map(Into::into)
    }

    /// Sets the one peer that [`send`](Self::send) sends to and [`recv`](Self::recv) hears: the
    /// first of the addresses that works. Nothing is sent; whether anybody is there shows later.
    ///
    /// # Errors
    /// Those of the resolver or of the system, for the last address tried.
    pub async fn connect(&self, addr: impl ToSocketAddrs) -> io::Result<()> {
        first_that_works(addr, |addr| ready(self.io.connect(addr))).await
    }

    /// Waits until `interest` is met, and tells what of it is. Any number of tasks may wait at
    /// once.
    ///
    /// # Errors
    /// If the runtime is shut down.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing.
    pub async fn ready(&self, interest: Interest) -> io::Result<Ready> {
        self.io.ready(interest).await
    }

    /// Waits until there is a datagram, or an error, to receive. See [`ready`](Self::ready).
    ///
    /// # Errors
    /// If the runtime is shut down.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing.
    pub async fn readable(&self) -> io::Result<()> {
        self.ready(Interest::READABLE).await.map(drop)
    }

    /// Waits until there is room to send. See [`ready`](Self::ready).
    ///
    /// # Errors
    /// If the runtime is shut down.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing.
    pub async fn writable(&self) -> io::Result<()> {
        self.ready(Interest::WRITABLE).await.map(drop)
    }

    /// Sends one datagram to the peer that the socket is connected to.
    ///
    /// # Errors
    /// Those of the system: also `ConnectionRefused` for an earlier datagram that came to nobody.
    ///
    /// # Cancel safety
    /// If the future is dropped before it completes, nothing was sent.
    pub async fn send(&self, buf: &[u8]) -> io::Result<usize> {
        self.io.async_io(Interest::WRITABLE, || self.io.send(buf)).await
    }

    /// Receives one datagram of the peer that the socket is connected to, and returns its length.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    ///
    /// # Cancel safety
    /// If the future is dropped before it completes, nothing was taken.
    pub async fn recv(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.io.async_io(Interest::READABLE, || self.io.recv(buf)).await
    }

    /// Sends one datagram to the first address of `target`.
    ///
    /// # Errors
    /// Those of the resolver or of the system; `InvalidInput` if there is no address.
    ///
    /// # Cancel safety
    /// If the future is dropped before it completes, nothing was sent.
    pub async fn send_to(&self, buf: &[u8], target: impl ToSocketAddrs) -> io::Result<usize> {
        let target = first_that_works(target, |addr| ready(Ok(addr))).await?;
        self.io.async_io(Interest::WRITABLE, || self.io.send_to(buf, target)).await
    }

    /// Receives one datagram, and returns its length and where it came from.
    ///
    /// # Errors
    /// Those of the system.
    ///
    /// # Cancel safety
    /// If the future is dropped before it completes, nothing was taken.
    pub async fn recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.io.async_io(Interest::READABLE, || self.io.recv_from(buf)).await
    }

    /// [`send`](Self::send) without waiting.
    ///
    /// # Errors
    /// `WouldBlock` if there is no room; else as `send`.
    pub fn try_send(&self, buf: &[u8]) -> io::Result<usize> {
        self.io.try_io(Interest::WRITABLE, more_may_follow, || self.io.send(buf))
    }

    /// [`recv`](Self::recv) without waiting.
    ///
    /// # Errors
    /// `WouldBlock` if nothing is there; else as `recv`.
    pub fn try_recv(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.io.try_io(Interest::READABLE, more_may_follow, || self.io.recv(buf))
    }

    /// [`send_to`](Self::send_to) without waiting, hence without a resolver.
    ///
    /// # Errors
    /// `WouldBlock` if there is no room; else those of the system.
    pub fn try_send_to(&self, buf: &[u8], target: SocketAddr) -> io::Result<usize> {
        self.io.try_io(Interest::WRITABLE, more_may_follow, || self.io.send_to(buf, target))
    }

    /// [`recv_from`](Self::recv_from) without waiting.
    ///
    /// # Errors
    /// `WouldBlock` if nothing is there; else those of the system.
    pub fn try_recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.io.try_io(Interest::READABLE, more_may_follow, || self.io.recv_from(buf))
    }

    /// Runs `f`, an operation of one's own on the socket, if `interest` is met.
    ///
    /// `f` must return `WouldBlock` if and only if the socket did, and touch only the directions
    /// named: readiness is cleared for all of them.
    ///
    /// # Errors
    /// `WouldBlock` if the socket is not ready; else those of `f`.
    pub fn try_io<R>(
        &self,
        interest: Interest,
        f: impl FnOnce() -> io::Result<R>,
    ) -> io::Result<R> {
        self.io.try_io(interest, more_may_follow, || (*self.io).try_io(f))
    }

    /// The address that the socket is bound to.
    ///
    /// # Errors
    /// Those of the system.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.io.local_addr()
    }

    /// The address that the socket is connected to.
    ///
    /// # Errors
    /// Those of the system (`NotConnected` if it is not).
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
}

impl TryFrom<std::net::UdpSocket> for UdpSocket {
    type Error = io::Error;
    /// As [`UdpSocket::from_std`].
    fn try_from(socket: std::net::UdpSocket) -> io::Result<UdpSocket> {
        UdpSocket::from_std(socket)
    }
}

impl fmt::Debug for UdpSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.io.fmt(f)
    }
}

impl AsFd for UdpSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.io.as_fd()
    }
}

impl AsRawFd for UdpSocket {
    fn as_raw_fd(&self) -> RawFd {
        self.io.as_raw_fd()
    }
}
