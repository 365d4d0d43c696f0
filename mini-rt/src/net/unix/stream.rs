//! A connection over a Unix domain socket.

use std::io;
use std::path::Path;

use super::{SocketAddr, address_of};
use crate::io::source::Io;
use crate::net::stream::stream;
use crate::net::unix;
use crate::reactor::Kind;
use crate::runtime::context;

/// A connection over a Unix domain socket.
///
/// Used as a [`TcpStream`](crate::net::TcpStream): through `futures::io::{AsyncRead, AsyncWrite}`,
/// or through [`readable`](Self::readable) and [`try_read`](Self::try_read) and their writing
/// counterparts. Dropping it closes the connection: what was written is still read.
///
/// ```
/// # let runtime = mini_rt::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// use futures::io::{AsyncReadExt, AsyncWriteExt};
/// use mini_rt::net::UnixStream;
///
/// let (mut near, mut far) = UnixStream::pair()?;
/// near.write_all(b"hello").await?;
/// drop(near);
/// let mut heard = String::new();
/// far.read_to_string(&mut heard).await?;
/// assert_eq!(heard, "hello");
/// # Ok::<(), std::io::Error>(())
/// # })?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct UnixStream {
    pub(super) io: Io<mio::net::UnixStream>,
}

stream!(UnixStream, mio::net::UnixStream, std::os::unix::net::UnixStream, unix);

impl UnixStream {
    /// Connects to the socket at `path`. On Linux, what begins with a zero byte is an abstract
    /// name.
    ///
    /// # Errors
    /// Those of the system: `NotFound`, `ConnectionRefused` if nobody listens, `WouldBlock` if too
    /// many wait to be accepted; or of the reactor.
    ///
    /// # Panics
    /// If awaited outside of a runtime.
    ///
    /// # Cancel safety
    /// Dropping the future closes the connection.
    pub async fn connect(path: impl AsRef<Path>) -> io::Result<UnixStream> {
        UnixStream::connect_addr(&address_of(path.as_ref())?).await
    }

    /// [`connect`](Self::connect) to an address.
    ///
    /// # Errors
    /// As `connect`.
    ///
    /// # Panics
    /// If awaited outside of a runtime.
    ///
    /// # Cancel safety
    /// Dropping the future closes the connection.
    pub async fn connect_addr(addr: &SocketAddr) -> io::Result<UnixStream> {
        UnixStream::new(mio::net::UnixStream::connect_addr(addr)?)?.connected().await
    }

    /// Makes two streams that are connected to each other and have no address.
    ///
    /// # Errors
    /// Those of the system, or of the reactor.
    ///
    /// # Panics
    /// If called outside of a runtime.
    #[track_caller]
    pub fn pair() -> io::Result<(UnixStream, UnixStream)> {
        let driver = context::driver();
        let (a, b) = mio::net::UnixStream::pair()?;
        let register = |stream| Io::register(stream, Kind::Stream, driver.clone());
        Ok((UnixStream::fresh(register(a)?), UnixStream::fresh(register(b)?)))
    }

    /// The address of this side.
    ///
    /// # Errors
    /// Those of the system.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.io.local_addr()
    }

    /// The address of the other side: unnamed, unless it was bound.
    ///
    /// # Errors
    /// Those of the system.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.io.peer_addr()
    }

    /// Who is at the other end (`SO_PEERCRED`).
    ///
    /// # Errors
    /// Those of the system.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub fn peer_cred(&self) -> io::Result<unix::UCred> {
        let of = rustix::net::sockopt::socket_peercred(self)?;
        let pid = Some(of.pid.as_raw_nonzero().get());
        Ok(unix::UCred { pid, uid: of.uid.as_raw(), gid: of.gid.as_raw() })
    }
}
