//! TCP, UDP and Unix domain sockets on the runtime's reactor.
//!
//! Names, signatures and meanings are Tokio's, with `futures::io::{AsyncRead, AsyncWrite}` in place
//! of Tokio's traits. The targets are Unix systems.
//!
//! There are three ways to use a socket:
//!
//! - the async methods through `&self` (`accept`, `readable`, `recv`, ...), which any number of
//!   tasks may await on one socket at the same time;
//! - the traits and `poll_*` methods, of which one task for reading and one for writing may use
//!   each socket (the last to poll is the one woken);
//! - the `try_*` methods, which never wait, after `readable` or `writable`.
//!
//! (With `futures::io::AsyncReadExt` in scope, `stream.split()` means that trait's method, which locks:
//! say `TcpStream::split(&mut stream)`, or use `into_split`.)
//!
//! What holds for all of them:
//!
//! 1. A socket is made inside a runtime and belongs to its reactor; it may be used anywhere.
//! 2. No system call is tried on a socket unless its reactor has reported something since the last
//!    one that ran dry. A read or write that comes back short has run dry.
//! 3. Each wait that ends and each attempt of an async method counts against the task's budget, so
//!    a socket that is always ready cannot keep other tasks waiting. (Tokio does not count
//!    `readable` and its like.)
//! 4. Once the runtime is shut down, every operation that needs the reactor fails with an
//!    [`io::Error`](std::io::Error) that says so. Nothing hangs.
//!
//! A server that sends back what it reads, and a client:
//!
//! ```
//! use futures::io::{AsyncReadExt, AsyncWriteExt};
//! use mini_rt::net::{TcpListener, TcpStream};
//! use mini_rt::runtime::Builder;
//!
//! # fn main() -> std::io::Result<()> {
//! Builder::new_current_thread().enable_all().build()?.block_on(async {
//!     let listener = TcpListener::bind("127.0.0.1:0").await?;
//!     let addr = listener.local_addr()?;
//!     let server = mini_rt::spawn(async move {
//!         let (stream, _) = listener.accept().await?;
//!         let (read, mut write) = stream.into_split();
//!         futures::io::copy(read, &mut write).await
//!     });
//!
//!     let mut stream = TcpStream::connect(addr).await?;
//!     stream.write_all(b"hello").await?;
//!     stream.close().await?; // nothing more comes: the copy ends, and with it the server's side
//!     let mut back = String::new();
//!     stream.read_to_string(&mut back).await?;
//!     assert_eq!(back, "hello");
//!     assert_eq!(server.await??, 5);
//!     Ok(())
//! })
//! # }
//! ```
//!
//! Readiness and waiting stand once, in `io/source.rs`; what kinds of sockets share, in the macros of
//! this directory (`socket.rs` has the list). Names are looked up on the blocking pool: [`lookup_host`].

mod addr;
mod datagram;
mod halves;
mod listener;
mod socket;
mod stream;
pub mod tcp;
mod udp;
pub mod unix;

pub use addr::{ToSocketAddrs, lookup_host};
pub use tcp::listener::TcpListener;
pub use tcp::socket::TcpSocket;
pub use tcp::stream::TcpStream;
pub use udp::UdpSocket;
pub use unix::datagram::UnixDatagram;
pub use unix::listener::UnixListener;
pub use unix::stream::UnixStream;

#[cfg(all(test, not(loom)))]
pub(crate) mod tests;
