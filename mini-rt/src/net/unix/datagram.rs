//! A Unix domain socket for datagrams.

use std::io;
use std::net::Shutdown;
use std::path::Path;
use std::task::{Context, Poll};

use super::{SocketAddr, address_of};
use crate::io::source::{Io, more_may_follow};
use crate::net::datagram::datagram;
use crate::reactor::{Direction, Interest, Kind};
use crate::runtime::context;

/// A Unix domain socket for datagrams, which arrive in order and are not lost. Dropping it closes
/// it, but leaves the file of its path behind.
///
/// All methods take `&self`: share it in an `Arc` among as many tasks as send and receive. One call
/// takes or sends one datagram. A datagram longer than the buffer loses its rest.
///
/// ```
/// # let runtime = mini_rt::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// use mini_rt::net::UnixDatagram;
///
/// let (near, far) = UnixDatagram::pair()?;
/// near.send(b"hello").await?;
/// let mut buf = [0; 16];
/// let len = far.recv(&mut buf).await?;
/// assert_eq!(&buf[..len], b"hello");
/// # Ok::<(), std::io::Error>(())
/// # })?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct UnixDatagram {
    io: Io<mio::net::UnixDatagram>,
}

datagram!(UnixDatagram, mio::net::UnixDatagram, std::os::unix::net::UnixDatagram, SocketAddr);

impl UnixDatagram {
    /// Makes a socket at `path`. On Linux, what begins with a zero byte is an abstract name, which
    /// is no file.
    ///
    /// # Errors
    /// Those of the system (`AddrInUse` if there is any file), or of the reactor.
    ///
    /// # Panics
    /// If called outside of a runtime.
    #[track_caller]
    pub fn bind(path: impl AsRef<Path>) -> io::Result<UnixDatagram> {
        UnixDatagram::new(mio::net::UnixDatagram::bind_addr(&address_of(path.as_ref())?)?)
    }

    /// Makes a socket without an address: it can send, and be answered once it is connected.
    ///
    /// # Errors
    /// Those of the system, or of the reactor.
    ///
    /// # Panics
    /// If called outside of a runtime.
    #[track_caller]
    pub fn unbound() -> io::Result<UnixDatagram> {
        UnixDatagram::new(mio::net::UnixDatagram::unbound()?)
    }

    /// Makes two sockets that are connected to each other and have no address.
    ///
    /// # Errors
    /// Those of the system, or of the reactor.
    ///
    /// # Panics
    /// If called outside of a runtime.
    #[track_caller]
    pub fn pair() -> io::Result<(UnixDatagram, UnixDatagram)> {
        let driver = context::driver();
        let (a, b) = mio::net::UnixDatagram::pair()?;
        let register = |socket| Io::register(socket, Kind::Endless, driver.clone());
        Ok((UnixDatagram { io: register(a)? }, UnixDatagram { io: register(b)? }))
    }

    /// Sets the one peer that [`send`](Self::send) sends to.
    ///
    /// # Errors
    /// Those of the system: `NotFound`, `ConnectionRefused` if the socket there is closed.
    pub fn connect(&self, path: impl AsRef<Path>) -> io::Result<()> {
        self.io.connect(path)
    }

    /// Sends one datagram to the socket at `target`.
    ///
    /// If the queue of the target is full, and this socket is not connected to it, the system does
    /// not tell when there is room again: connect it where that can be.
    ///
    /// # Errors
    /// Those of the system: `NotFound`, `ConnectionRefused` if the socket there is closed.
    ///
    /// # Cancel safety
    /// If the future is dropped before it completes, nothing was sent.
    pub async fn send_to(&self, buf: &[u8], target: impl AsRef<Path>) -> io::Result<usize> {
        let target = target.as_ref();
        self.io.async_io(Interest::WRITABLE, || self.io.send_to(buf, target)).await
    }

    /// [`send_to`](Self::send_to) without waiting.
    ///
    /// # Errors
    /// `WouldBlock` if there is no room; else those of the system.
    pub fn try_send_to(&self, buf: &[u8], target: impl AsRef<Path>) -> io::Result<usize> {
        self.io.try_io(Interest::WRITABLE, more_may_follow, || self.io.send_to(buf, target))
    }

    /// [`send_to`](Self::send_to) as a poll. Only the waker of the last call is woken.
    ///
    /// # Errors
    /// As `send_to`.
    pub fn poll_send_to(
        &self,
        cx: &mut Context<'_>,
        buf: &[u8],
        target: impl AsRef<Path>,
    ) -> Poll<io::Result<usize>> {
        let target = target.as_ref();
        let send = || self.io.send_to(buf, target);
        self.io.poll_io(cx, Direction::Write, more_may_follow, send)
    }

    /// Ends one direction or both.
    ///
    /// # Errors
    /// Those of the system.
    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.io.shutdown(how)
    }
}
