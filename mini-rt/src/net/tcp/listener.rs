//! A socket that accepts TCP connections.

use std::io;
use std::net::SocketAddr;

use crate::io::source::Io;
use crate::net::addr::first_that_works;
use crate::net::listener::listener;
use crate::net::{TcpStream, ToSocketAddrs};

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

listener!(
    TcpListener,
    mio::net::TcpListener,
    std::net::TcpListener,
    TcpStream,
    mio::net::TcpStream,
    SocketAddr
);

impl TcpListener {
    /// Binds to the first of the addresses that works, and listens.
    ///
    /// Port 0 asks the system for a port; [`local_addr`](Self::local_addr) tells which. The address
    /// may be used again at once after the socket is closed (`SO_REUSEADDR`). At most 128
    /// connections wait to be accepted, as with `std` and Tokio; for another backlog or other
    /// options see [`TcpSocket`](crate::net::TcpSocket).
    ///
    /// # Errors
    /// Those of the resolver, of `bind` and `listen` (`AddrInUse`, `PermissionDenied`, ...), or of
    /// the reactor. The error is that of the last address tried.
    ///
    /// # Panics
    /// If awaited outside of a runtime.
    ///
    /// # Cancel safety
    /// Nothing is bound, or it is closed again.
    pub async fn bind(addr: impl ToSocketAddrs) -> io::Result<TcpListener> {
        let bind = |addr| mio::net::TcpListener::bind(addr).and_then(TcpListener::new);
        first_that_works(addr, |addr| std::future::ready(bind(addr))).await
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
}
