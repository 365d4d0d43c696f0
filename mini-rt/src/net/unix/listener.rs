//! A Unix domain socket that accepts connections.

use std::io;
use std::path::Path;

use super::{SocketAddr, UnixStream, address_of};
use crate::io::source::Io;
use crate::net::listener::listener;

/// A Unix domain socket that listens for connections. Dropping it closes the socket, but leaves the
/// file of its path behind: nobody can bind to that until it is removed.
///
/// ```no_run
/// # use mini_rt::net::{UnixListener, UnixStream};
/// # async fn serve(_: UnixStream) {}
/// # async fn run() -> std::io::Result<()> {
/// let listener = UnixListener::bind("/run/chat.sock")?;
/// loop {
///     let (stream, _peer) = listener.accept().await?;
///     mini_rt::spawn(serve(stream));
/// }
/// # }
/// ```
pub struct UnixListener {
    io: Io<mio::net::UnixListener>,
}

listener!(
    UnixListener,
    mio::net::UnixListener,
    std::os::unix::net::UnixListener,
    UnixStream,
    mio::net::UnixStream,
    SocketAddr
);

impl UnixListener {
    /// Makes a socket at `path` and listens. On Linux, what begins with a zero byte is an abstract
    /// name, which is no file.
    ///
    /// # Errors
    /// Those of the system (`AddrInUse` if there is any file), or of the reactor.
    ///
    /// # Panics
    /// If called outside of a runtime.
    #[track_caller]
    pub fn bind(path: impl AsRef<Path>) -> io::Result<UnixListener> {
        UnixListener::bind_addr(&address_of(path.as_ref())?)
    }

    /// [`bind`](Self::bind) to an address.
    ///
    /// # Errors
    /// As `bind`.
    ///
    /// # Panics
    /// If called outside of a runtime.
    #[track_caller]
    pub fn bind_addr(addr: &SocketAddr) -> io::Result<UnixListener> {
        UnixListener::new(mio::net::UnixListener::bind_addr(addr)?)
    }
}
