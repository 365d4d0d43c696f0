//! A UDP socket.

use std::future::ready;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::task::{Context, Poll};

use socket2::SockRef;

use super::ToSocketAddrs;
use super::addr::first_that_works;
use super::datagram::datagram;
use crate::io::source::{Io, more_may_follow};
use crate::reactor::{Direction, Interest};

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

datagram!(UdpSocket, mio::net::UdpSocket, std::net::UdpSocket, SocketAddr);

impl UdpSocket {
    /// Binds to the first of the addresses that works. Port 0 asks the system for a port.
    ///
    /// # Errors
    /// Those of the resolver, of `bind`, or of the reactor. The error is that of the last address
    /// tried.
    ///
    /// # Panics
    /// If awaited outside of a runtime.
    ///
    /// # Cancel safety
    /// Dropping the future binds nothing.
    pub async fn bind(addr: impl ToSocketAddrs) -> io::Result<UdpSocket> {
        let bind = |addr| mio::net::UdpSocket::bind(addr).and_then(UdpSocket::new);
        first_that_works(addr, |addr| ready(bind(addr))).await
    }

    /// Sets the one peer that [`send`](Self::send) sends to and [`recv`](Self::recv) hears: the
    /// first of the addresses that works. Nothing is sent; whether anybody is there shows later.
    ///
    /// # Errors
    /// Those of the resolver or of the system, for the last address tried.
    ///
    /// # Cancel safety
    /// If the future is dropped before it completes, the peer is the one before.
    pub async fn connect(&self, addr: impl ToSocketAddrs) -> io::Result<()> {
        first_that_works(addr, |addr| ready(self.io.connect(addr))).await
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

    /// [`send_to`](Self::send_to) without waiting, hence without a resolver.
    ///
    /// # Errors
    /// `WouldBlock` if there is no room; else those of the system.
    pub fn try_send_to(&self, buf: &[u8], target: SocketAddr) -> io::Result<usize> {
        self.io.try_io(Interest::WRITABLE, more_may_follow, || self.io.send_to(buf, target))
    }

    /// [`send_to`](Self::send_to) as a poll, without a resolver. Only the waker of the last call is
    /// woken.
    ///
    /// # Errors
    /// Those of the system.
    pub fn poll_send_to(
        &self,
        cx: &mut Context<'_>,
        buf: &[u8],
        target: SocketAddr,
    ) -> Poll<io::Result<usize>> {
        let send = || self.io.send_to(buf, target);
        self.io.poll_io(cx, Direction::Write, more_may_follow, send)
    }

    /// [`recv`](Self::recv) without taking: the next receive returns the same datagram.
    ///
    /// # Errors
    /// As `recv`.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing.
    pub async fn peek(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.io.async_io(Interest::READABLE, || self.io.peek(buf)).await
    }

    /// [`recv_from`](Self::recv_from) without taking.
    ///
    /// # Errors
    /// Those of the system.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing.
    pub async fn peek_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.io.async_io(Interest::READABLE, || self.io.peek_from(buf)).await
    }

    /// Waits for a datagram, takes nothing of it, and returns where it came from.
    ///
    /// # Errors
    /// Those of the system.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing.
    pub async fn peek_sender(&self) -> io::Result<SocketAddr> {
        self.io.async_io(Interest::READABLE, || self.next_sender()).await
    }

    /// [`peek_sender`](Self::peek_sender) as a poll. Only the waker of the last call is woken.
    ///
    /// # Errors
    /// Those of the system.
    pub fn poll_peek_sender(&self, cx: &mut Context<'_>) -> Poll<io::Result<SocketAddr>> {
        self.io.poll_io(cx, Direction::Read, more_may_follow, || self.next_sender())
    }

    /// [`peek_sender`](Self::peek_sender) without waiting.
    ///
    /// # Errors
    /// `WouldBlock` if nothing is there; else those of the system.
    pub fn try_peek_sender(&self) -> io::Result<SocketAddr> {
        self.io.try_io(Interest::READABLE, more_may_follow, || self.next_sender())
    }

    fn next_sender(&self) -> io::Result<SocketAddr> {
        let sender = SockRef::from(self).peek_sender()?.as_socket();
        sender.ok_or_else(|| io::Error::other("the system does not tell the sender"))
    }

    /// [`peek`](Self::peek) as a poll, into a slice in place of Tokio's `ReadBuf`. Only the waker
    /// of the last call is woken.
    ///
    /// # Errors
    /// As `peek`.
    pub fn poll_peek(&self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        self.io.poll_io(cx, Direction::Read, more_may_follow, || self.io.peek(buf))
    }

    /// [`peek_from`](Self::peek_from) as a poll, into a slice in place of Tokio's `ReadBuf`. Only
    /// the waker of the last call is woken.
    ///
    /// # Errors
    /// As `peek_from`.
    pub fn poll_peek_from(
        &self,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<(usize, SocketAddr)>> {
        self.io.poll_io(cx, Direction::Read, more_may_follow, || self.io.peek_from(buf))
    }

    /// [`peek`](Self::peek) without waiting.
    ///
    /// # Errors
    /// `WouldBlock` if nothing is there; else as `peek`.
    pub fn try_peek(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.io.try_io(Interest::READABLE, more_may_follow, || self.io.peek(buf))
    }

    /// [`peek_from`](Self::peek_from) without waiting.
    ///
    /// # Errors
    /// `WouldBlock` if nothing is there; else those of the system.
    pub fn try_peek_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.io.try_io(Interest::READABLE, more_may_follow, || self.io.peek_from(buf))
    }

    /// Hears what is sent to a group (`IP_ADD_MEMBERSHIP`), on the interface with this address
    /// ([`Ipv4Addr::UNSPECIFIED`]: one that the system chooses).
    ///
    /// # Errors
    /// Those of the system.
    pub fn join_multicast_v4(&self, group: Ipv4Addr, interface: Ipv4Addr) -> io::Result<()> {
        self.io.join_multicast_v4(&group, &interface)
    }

    /// Hears what is sent to a group (`IPV6_ADD_MEMBERSHIP`), on the interface with this index (0:
    /// one that the system chooses).
    ///
    /// # Errors
    /// Those of the system.
    pub fn join_multicast_v6(&self, group: &Ipv6Addr, interface: u32) -> io::Result<()> {
        self.io.join_multicast_v6(group, interface)
    }

    /// Takes [`join_multicast_v4`](Self::join_multicast_v4) back.
    ///
    /// # Errors
    /// Those of the system.
    pub fn leave_multicast_v4(&self, group: Ipv4Addr, interface: Ipv4Addr) -> io::Result<()> {
        self.io.leave_multicast_v4(&group, &interface)
    }

    /// Takes [`join_multicast_v6`](Self::join_multicast_v6) back.
    ///
    /// # Errors
    /// Those of the system.
    pub fn leave_multicast_v6(&self, group: &Ipv6Addr, interface: u32) -> io::Result<()> {
        self.io.leave_multicast_v6(group, interface)
    }

    /// The value of `IP_TOS`: what class of service packets ask for.
    ///
    /// # Errors
    /// Those of the system.
    pub fn tos_v4(&self) -> io::Result<u32> {
        SockRef::from(self).tos_v4()
    }

    /// Sets what [`tos_v4`](Self::tos_v4) tells.
    ///
    /// # Errors
    /// Those of the system.
    pub fn set_tos_v4(&self, tos: u32) -> io::Result<()> {
        SockRef::from(self).set_tos_v4(tos)
    }

    /// The value of `IPV6_TCLASS`, which is that of [`tos_v4`](Self::tos_v4) for IPv6.
    ///
    /// # Errors
    /// Those of the system.
    pub fn tclass_v6(&self) -> io::Result<u32> {
        SockRef::from(self).tclass_v6()
    }

    /// Sets what [`tclass_v6`](Self::tclass_v6) tells.
    ///
    /// # Errors
    /// Those of the system.
    pub fn set_tclass_v6(&self, tclass: u32) -> io::Result<()> {
        SockRef::from(self).set_tclass_v6(tclass)
    }

    /// The interface that it sends and receives by (`SO_BINDTODEVICE`); `None`: any.
    ///
    /// # Errors
    /// Those of the system.
    #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
    pub fn device(&self) -> io::Result<Option<Vec<u8>>> {
        SockRef::from(self).device()
    }

    /// Sets what [`device`](Self::device) tells.
    ///
    /// # Errors
    /// Those of the system: that it is not allowed.
    #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
    pub fn bind_device(&self, interface: Option<&[u8]>) -> io::Result<()> {
        SockRef::from(self).bind_device(interface)
    }
}

/// Options of one value: how each is read and set.
macro_rules! options {
    ($($(#[$doc:meta])* $value:ty: $get:ident, $set:ident;)*) => {
        impl UdpSocket {$(
            $(#[$doc])*
            ///
            /// # Errors
            /// Those of the system.
            pub fn $get(&self) -> io::Result<$value> {
                self.io.$get()
            }

            #[doc = concat!("Sets what [`", stringify!($get), "`](Self::", stringify!($get), ") tells.")]
            ///
            /// # Errors
            /// Those of the system.
            pub fn $set(&self, value: $value) -> io::Result<()> {
                self.io.$set(value)
            }
        )*}
    };
}

options! {
    /// Whether it may send to everybody on a network at once (`SO_BROADCAST`).
    bool: broadcast, set_broadcast;
    /// The value of `IP_TTL`: how many hops a packet may take.
    u32: ttl, set_ttl;
    /// Whether what is sent to a group comes back to this host (`IP_MULTICAST_LOOP`).
    bool: multicast_loop_v4, set_multicast_loop_v4;
    /// How many hops a packet to a group may take (`IP_MULTICAST_TTL`).
    u32: multicast_ttl_v4, set_multicast_ttl_v4;
    /// Whether what is sent to a group comes back to this host (`IPV6_MULTICAST_LOOP`).
    bool: multicast_loop_v6, set_multicast_loop_v6;
}
