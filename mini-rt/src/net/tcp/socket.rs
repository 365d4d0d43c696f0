//! A TCP socket before it connects or listens.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};

use super::{TcpListener, TcpStream};

/// What the system says of an attempt to connect that has begun.
const UNDER_WAY: i32 = rustix::io::Errno::INPROGRESS.raw_os_error();

/// A TCP socket that neither connects nor listens yet, to set options that must be there before.
///
/// It belongs to no runtime until it does. Dropping it closes it.
///
/// ```
/// # let runtime = mini_rt::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// use mini_rt::net::TcpSocket;
///
/// let socket = TcpSocket::new_v4()?;
/// socket.set_reuseaddr(true)?;
/// socket.bind(([127, 0, 0, 1], 0).into())?;
/// let listener = socket.listen(1024)?;
///
/// let socket = TcpSocket::new_v4()?;
/// socket.set_nodelay(true)?;
/// let stream = socket.connect(listener.local_addr()?).await?;
/// assert!(stream.nodelay()?);
/// # Ok::<(), std::io::Error>(())
/// # })?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct TcpSocket {
    socket: Socket,
}

impl TcpSocket {
    /// Makes a socket for IPv4.
    ///
    /// # Errors
    /// Those of the system (`EMFILE`, ...).
    pub fn new_v4() -> io::Result<TcpSocket> {
        TcpSocket::new(Domain::IPV4)
    }

    /// Makes a socket for IPv6.
    ///
    /// # Errors
    /// Those of the system (`EMFILE`, ...).
    pub fn new_v6() -> io::Result<TcpSocket> {
        TcpSocket::new(Domain::IPV6)
    }

    fn new(domain: Domain) -> io::Result<TcpSocket> {
        let socket = Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?;
        socket.set_nonblocking(true)?;
        Ok(TcpSocket { socket })
    }

    /// Takes a socket of `std`'s that was made elsewhere and is not connected, whatever its type
    /// says. It must be in non-blocking mode.
    #[must_use]
    pub fn from_std_stream(stream: std::net::TcpStream) -> TcpSocket {
        TcpSocket { socket: stream.into() }
    }

    /// Binds to an address. Port 0 asks the system for a port.
    ///
    /// # Errors
    /// Those of the system (`AddrInUse`, ...).
    pub fn bind(&self, addr: SocketAddr) -> io::Result<()> {
        self.socket.bind(&addr.into())
    }

    /// Connects.
    ///
    /// # Errors
    /// Those of the system (`ConnectionRefused`, `TimedOut`, ...), or of the reactor.
    ///
    /// # Panics
    /// If awaited outside of a runtime.
    ///
    /// # Cancel safety
    /// Dropping the future closes the socket.
    pub async fn connect(self, addr: SocketAddr) -> io::Result<TcpStream> {
        match self.socket.connect(&addr.into()) {
            Err(error) if error.raw_os_error() != Some(UNDER_WAY) => Err(error),
            _ => TcpStream::connecting(self.socket.into()).await,
        }
    }

    /// Listens. At most `backlog` connections wait to be accepted; the system may have a lower
    /// limit of its own.
    ///
    /// # Errors
    /// Those of the system, or of the reactor.
    ///
    /// # Panics
    /// If called outside of a runtime.
    #[track_caller]
    pub fn listen(self, backlog: u32) -> io::Result<TcpListener> {
        self.socket.listen(i32::try_from(backlog).unwrap_or(i32::MAX))?;
        TcpListener::from_std(self.socket.into())
    }

    /// The address that the socket is bound to.
    ///
    /// # Errors
    /// Those of the system.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr().map(|addr| addr.as_socket().expect("an IP socket's address"))
    }

    /// Takes the pending error of the socket (`SO_ERROR`).
    ///
    /// # Errors
    /// Those of the system.
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.socket.take_error()
    }

    /// How long a close waits for what was written (`SO_LINGER`). `None`: it does not.
    ///
    /// # Errors
    /// Those of the system.
    pub fn linger(&self) -> io::Result<Option<Duration>> {
        self.socket.linger()
    }

    /// Lets a close reset the connection and throw away what was written and not yet sent
    /// (`SO_LINGER` of 0).
    ///
    /// # Errors
    /// Those of the system.
    pub fn set_zero_linger(&self) -> io::Result<()> {
        self.socket.set_linger(Some(Duration::ZERO))
    }

    /// Sets `SO_LINGER`. With more than zero, the drop of the stream may block its thread.
    ///
    /// # Errors
    /// Those of the system.
    #[deprecated = "`SO_LINGER` lets the drop block the thread: see `set_zero_linger`"]
    pub fn set_linger(&self, linger: Option<Duration>) -> io::Result<()> {
        self.socket.set_linger(linger)
    }
}

/// Options of one value: how each is read and set.
macro_rules! options {
    ($($(#[$doc:meta])* $value:ty: $get:ident = $inner_get:ident, $set:ident = $inner_set:ident;)*) => {
        impl TcpSocket {$(
            $(#[$doc])*
            ///
            /// # Errors
            /// Those of the system.
            pub fn $get(&self) -> io::Result<$value> {
                self.socket.$inner_get().map(|value| value as $value)
            }

            #[doc = concat!("Sets what [`", stringify!($get), "`](Self::", stringify!($get), ") tells.")]
            ///
            /// # Errors
            /// Those of the system.
            pub fn $set(&self, value: $value) -> io::Result<()> {
                self.socket.$inner_set(value as _)
            }
        )*}
    };
}

options! {
    /// Whether the system asks a silent peer now and then whether it is there (`SO_KEEPALIVE`).
    bool: keepalive = keepalive, set_keepalive = set_keepalive;
    /// Whether an address may be bound again that closed connections still use (`SO_REUSEADDR`).
    bool: reuseaddr = reuse_address, set_reuseaddr = set_reuse_address;
    /// Whether several sockets may be bound to one address and share what comes (`SO_REUSEPORT`).
    bool: reuseport = reuse_port, set_reuseport = set_reuse_port;
    /// The size of the send buffer in bytes (`SO_SNDBUF`). Linux makes it twice what is set.
    u32: send_buffer_size = send_buffer_size, set_send_buffer_size = set_send_buffer_size;
    /// The size of the receive buffer in bytes (`SO_RCVBUF`). Linux makes it twice what is set.
    u32: recv_buffer_size = recv_buffer_size, set_recv_buffer_size = set_recv_buffer_size;
    /// Whether small writes are sent at once, rather than waiting to fill a packet (`TCP_NODELAY`).
    bool: nodelay = tcp_nodelay, set_nodelay = set_tcp_nodelay;
    /// What class of service packets ask for (`IP_TOS`).
    u32: tos_v4 = tos_v4, set_tos_v4 = set_tos_v4;
    /// As [`tos_v4`](Self::tos_v4), for IPv6 (`IPV6_TCLASS`).
    u32: tclass_v6 = tclass_v6, set_tclass_v6 = set_tclass_v6;
}

impl fmt::Debug for TcpSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.socket.fmt(f)
    }
}

impl AsFd for TcpSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl AsRawFd for TcpSocket {
    fn as_raw_fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }
}
