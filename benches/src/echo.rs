//! An echo server on any runtime, and its load.
//!
//! The server is what everyone writes first: a task per connection that reads and writes back. It
//! is written against chat's `Runtime`, so that both runtimes run the same code, and its listening
//! socket has the same options as chat's.

use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::net::{SocketAddr, TcpListener};
use std::thread::{self, JoinHandle};

use chat::runtime::{Executor, Kind, Listener, Runtime, Stream, Visitor};
use futures::channel::oneshot;
use socket2::{Domain, Protocol, Socket, Type};

use crate::WORKERS;
use crate::client::{Client, Ear, Script};

/// The bytes of a message.
pub const MESSAGE_BYTES: usize = 64;

/// What a task reads at most at once. More than a message, so that a read comes back short and both
/// runtimes may know the socket to be empty without asking it again.
const BUF_BYTES: usize = 1024;

/// Connections that wait to be accepted: all that the largest load makes, before the first is.
const BACKLOG: i32 = 4096;

/// An echo server on a thread of its own, with the connections that load it.
#[derive(Debug)]
pub struct Echo {
    // Before the server, so that its connections end first.
    client: Client,
    messages: Vec<[u8; MESSAGE_BYTES]>,
    _server: Server,
}

impl Echo {
    /// Starts a server on a runtime of this kind and connects to it so many times.
    ///
    /// # Panics
    /// When a socket, a thread or the runtime cannot be had.
    pub fn start(kind: Kind, conns: usize) -> Self {
        let server = Server::start(kind).expect("a loopback socket and a thread");
        let client = Client::connect(server.addr, conns);
        // Each its own, so that an answer on the wrong connection does not pass.
        let messages = (0..conns).map(|conn| {
            let text = format!("{conn:0width$}", width = MESSAGE_BYTES);
            text.into_bytes().try_into().expect("as long as its width")
        });
        Self { client, messages: messages.collect(), _server: server }
    }

    /// Sends a message on each connection and waits for its echo, `rounds` times. A connection does
    /// not wait for the others before its next round.
    ///
    /// # Panics
    /// When an answer is wrong or missing.
    pub fn run(&mut self, rounds: u64) {
        let Self { client, messages, _server } = self;
        let missing = rounds * messages.len() as u64;
        if missing == 0 {
            return;
        }
        for (conn, message) in messages.iter().enumerate() {
            client.say(conn, message);
        }
        let state = vec![(Ear::default(), rounds); messages.len()];
        client.exchange(&mut Rounds { messages, state, missing });
    }
}

/// Who has how many rounds before it.
struct Rounds<'a> {
    messages: &'a [[u8; MESSAGE_BYTES]],
    state: Vec<(Ear, u64)>,
    missing: u64,
}

impl Script for Rounds<'_> {
    fn heard(&mut self, conn: usize, bytes: &[u8]) -> Option<&[u8]> {
        let (message, (ear, left)) = (&self.messages[conn], &mut self.state[conn]);
        assert!(*left > 0, "connection {conn} heard more than it has said");
        if !ear.hear(conn, message, bytes) {
            return None;
        }
        self.missing -= 1;
        *left -= 1;
        (*left > 0).then_some(message)
    }

    fn missing(&self) -> u64 {
        self.missing
    }
}

/// The server's thread. Dropping this ends it and waits for that, but not while unwinding.
#[derive(Debug)]
struct Server {
    addr: SocketAddr,
    /// Dropped to stop it.
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl Server {
    fn start(kind: Kind) -> io::Result<Self> {
        let socket = listen()?;
        let addr = socket.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let thread = thread::Builder::new()
            .name(format!("echo-{kind}"))
            .spawn(move || kind.run(WORKERS, Serve { socket, stopped })?)?;
        Ok(Self { addr, stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        let thread = self.thread.take().expect("only taken here");
        if !thread::panicking() {
            thread.join().expect("the server does not panic").expect("the server starts");
        }
    }
}

fn listen() -> io::Result<TcpListener> {
    let addr = SocketAddr::from(([127, 0, 0, 1], 0));
    let socket = Socket::new(Domain::for_address(addr), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_tcp_nodelay(true)?; // inherited by what is accepted
    socket.set_nonblocking(true)?;
    socket.bind(&addr.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Serves until it is stopped. Accepting is a task of its own, since a root future may be slower.
struct Serve {
    socket: TcpListener,
    stopped: oneshot::Receiver<()>,
}

impl Visitor for Serve {
    type Output = io::Result<()>;

    fn visit<E: Executor>(self, executor: &E) -> io::Result<()> {
        let runtime = executor.runtime();
        executor.block_on(async {
            let listener = runtime.listener(self.socket)?;
            runtime.spawn(accept(runtime.clone(), listener));
            let _ = self.stopped.await; // always an error: it is dropped, nothing is sent
            Ok(())
        })
    }
}

async fn accept<R: Runtime>(runtime: R, mut listener: R::Listener) {
    loop {
        let (stream, _) =
            poll_fn(|cx| listener.poll_accept(cx)).await.expect("there are files enough");
        runtime.spawn(async {
            let _ = echo(stream).await; // the client panics for what is missing
        });
    }
}

async fn echo<S: Stream>(mut stream: S) -> io::Result<()> {
    let mut buf = [0; BUF_BYTES];
    loop {
        let len = poll_fn(|cx| stream.poll_read(cx, &mut buf)).await?;
        if len == 0 {
            return Ok(());
        }
        let mut rest = &buf[..len];
        while !rest.is_empty() {
            let taken = poll_fn(|cx| stream.poll_write_vectored(cx, &[IoSlice::new(rest)])).await?;
            rest = &rest[taken..];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_comes_back_on_every_runtime() {
        for kind in Kind::ALL {
            let mut echo = Echo::start(kind, 3);
            echo.run(5);
            echo.run(0);
            echo.run(1);
        }
    }
}
