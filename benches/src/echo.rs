//! An echo server on anything that serves sockets, and its loads.
//!
//! The server is what everyone writes first: a task per connection that reads and writes back. It
//! is written against chat's `Runtime`, so that all runtimes run the same code, and its listening
//! socket has the same options as chat's. [`floor`] does the same without a runtime.

use std::future::{Future, poll_fn};
use std::io::{self, IoSlice};
use std::net::{SocketAddr, TcpListener};
use std::pin::pin;
use std::task::Poll;

use chat::runtime::{Listener, Runtime, Stream};

use crate::candidate::{Candidate, Work};
use crate::client::{Client, Ear, Script};
use crate::floor;
use crate::host::{Host, Orders, listen};
use crate::measure::Load;
use crate::tasks::Spawner;

/// An echo server on a thread of its own, with the connections that load it.
#[derive(Debug)]
pub struct Echo {
    // Before the server, so that its connections end first.
    client: Client,
    texts: Texts,
    _server: Host,
}

impl Echo {
    /// Starts a server and connects to it so many times, for messages of so many bytes.
    ///
    /// # Panics
    /// When a socket, a thread or the runtime cannot be had.
    pub fn start(candidate: Candidate, conns: usize, message_bytes: usize) -> Self {
        let server = serve(candidate, message_bytes);
        let client = Client::connect(server.addr(), conns);
        Self { client, texts: Texts::new(conns, message_bytes), _server: server }
    }
}

impl Load for Echo {
    /// Sends a message on each connection and waits for its echo, `rounds` times. A connection does
    /// not wait for the others before its next round.
    ///
    /// # Panics
    /// When an answer is wrong or missing.
    fn run(&mut self, rounds: u64) {
        let Self { client, texts, _server } = self;
        let conns = client.count();
        let missing = rounds * conns as u64;
        if missing == 0 {
            return;
        }
        for conn in 0..conns {
            client.say(conn, texts.of(conn));
        }
        let state = vec![(Ear::default(), rounds); conns];
        client.exchange(&mut Rounds { texts, state, missing });
    }
}

/// The message of each connection: its own, so that an answer on the wrong one does not pass, but
/// all out of one buffer, so that the load stays in the cache.
#[derive(Debug)]
struct Texts {
    bytes: Vec<u8>,
    message_bytes: usize,
}

impl Texts {
    fn new(count: usize, message_bytes: usize) -> Self {
        // Knuth's MMIX generator: any two windows differ.
        let mut state = 1_u64;
        let next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            state.to_be_bytes()[0]
        };
        let bytes = std::iter::repeat_with(next).take(count + message_bytes).collect();
        Self { bytes, message_bytes }
    }

    fn of(&self, conn: usize) -> &[u8] {
        &self.bytes[conn..conn + self.message_bytes]
    }
}

/// Who has how many rounds before it.
struct Rounds<'a> {
    texts: &'a Texts,
    state: Vec<(Ear, u64)>,
    missing: u64,
}

impl Script for Rounds<'_> {
    fn heard(&mut self, conn: usize, bytes: &[u8]) -> Option<&[u8]> {
        let (message, (ear, left)) = (self.texts.of(conn), &mut self.state[conn]);
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

/// Starts a server for messages of so many bytes. It reads more than a message at once, so that a
/// read comes back short and whoever knows that may take the socket to be empty without asking it.
///
/// # Panics
/// When a socket, a thread or the runtime cannot be had.
pub fn serve(candidate: Candidate, message_bytes: usize) -> Host {
    let buf_bytes = (2 * message_bytes).max(1024);
    Host::start(format!("echo-{candidate}"), move |orders| {
        let socket = listen()?;
        match candidate {
            Candidate::Runtime(kind) => kind.run(Serve { socket, orders, buf_bytes })?,
            Candidate::Floor => floor::serve(socket, orders, buf_bytes),
        }
    })
}

/// Serves until it is stopped. Accepting is a task of its own, since a root future may be slower.
struct Serve {
    socket: TcpListener,
    orders: Orders,
    buf_bytes: usize,
}

impl Work for Serve {
    type Output = io::Result<()>;

    fn on<E: Spawner>(self, executor: &E) -> io::Result<()> {
        let Self { socket, orders, buf_bytes } = self;
        let runtime = executor.runtime();
        executor.block_on(async {
            let addr: SocketAddr = socket.local_addr()?;
            let listener = runtime.listener(socket)?;
            let (ended_sender, ended) = futures::channel::oneshot::channel();
            let accepting = accept(runtime.clone(), listener, orders, addr, buf_bytes);
            runtime.spawn(async {
                accepting.await;
                let _ = ended_sender.send(());
            });
            ended.await.map_err(|_| io::Error::other("accepting has panicked"))
        })
    }
}

/// Accepts until it is told to stop: it holds the runtime's handle, so it must end before that.
async fn accept<R: Runtime>(
    runtime: R,
    mut listener: R::Listener,
    orders: Orders,
    addr: SocketAddr,
    buf_bytes: usize,
) {
    orders.listens(addr);
    let mut stopped = pin!(orders.stopped);
    loop {
        let accepted = poll_fn(|cx| match stopped.as_mut().poll(cx) {
            Poll::Ready(_) => Poll::Ready(None),
            Poll::Pending => listener.poll_accept(cx).map(Some),
        });
        let Some(accepted) = accepted.await else { return };
        let (stream, _) = accepted.expect("there are files enough");
        runtime.spawn(async move {
            let _ = echo(stream, buf_bytes).await; // the client panics for what is missing
        });
    }
}

async fn echo<S: Stream>(mut stream: S, buf_bytes: usize) -> io::Result<()> {
    let mut buf = vec![0; buf_bytes].into_boxed_slice();
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
    fn every_message_comes_back_from_every_candidate() {
        for candidate in Candidate::ALL {
            let mut echo = Echo::start(candidate, 3, 64);
            echo.run(5);
            echo.run(0);
            echo.run(1);
        }
    }

    #[test]
    fn long_messages_come_back_whole() {
        for candidate in Candidate::ALL {
            let mut echo = Echo::start(candidate, 3, 16 << 10);
            echo.run(20);
        }
    }
}
