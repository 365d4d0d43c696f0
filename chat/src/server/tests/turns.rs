//! What one turn of a client's task does, poll by poll: on a runtime without time, and sockets
//! that take something or nothing.

use std::collections::VecDeque;
use std::future::{Future, Pending, pending};
use std::io::{self, IoSlice};
use std::net::{SocketAddr, TcpListener};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use super::super::connection::Connection;
use super::super::{Options, Server};
use crate::runtime::{Listener, Runtime, Stream};

/// A runtime on which no time passes.
#[derive(Clone, Default)]
struct Still;

impl Runtime for Still {
    type Listener = Nobody;
    type Stream = Pipe;
    type Timer = Pending<()>;

    fn spawn(&self, _: impl Future<Output = ()> + Send + 'static) {
        unreachable!("the tests poll the tasks");
    }

    fn listener(&self, _: TcpListener) -> io::Result<Nobody> {
        unreachable!("the tests listen on nothing");
    }

    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn timer(&self, _: Duration) -> Pending<()> {
        pending()
    }

    fn reset(&self, _: Pin<&mut Pending<()>>, _: Duration) {}
}

struct Nobody;

impl Listener for Nobody {
    type Stream = Pipe;

    fn poll_accept(&mut self, _: &mut Context<'_>) -> Poll<io::Result<(Pipe, SocketAddr)>> {
        Poll::Pending
    }
}

/// A socket, seen from both ends. The tests poll whenever they have changed it, so it wakes nobody.
#[derive(Clone, Default)]
struct Pipe(Arc<Mutex<Ends>>);

#[derive(Default)]
struct Ends {
    to_server: VecDeque<u8>,
    to_client: Vec<u8>,
    /// It takes nothing from the server.
    is_full: bool,
}

impl Pipe {
    fn ends(&self) -> MutexGuard<'_, Ends> {
        self.0.lock().unwrap()
    }
}

impl Stream for Pipe {
    fn poll_read(&mut self, _: &mut Context<'_>, into: &mut [u8]) -> Poll<io::Result<usize>> {
        match io::Read::read(&mut self.ends().to_server, into) {
            Ok(0) => Poll::Pending,
            read => Poll::Ready(read),
        }
    }

    fn poll_write_vectored(
        &mut self,
        _: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut ends = self.ends();
        if ends.is_full {
            return Poll::Pending;
        }
        Poll::Ready(io::Write::write_vectored(&mut ends.to_client, slices))
    }

    fn poll_shutdown(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Counts how often its task is woken.
#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

/// A client, its socket and its task.
struct Client {
    pipe: Pipe,
    wakes: Arc<Wakes>,
    task: Pin<Box<dyn Future<Output = ()>>>,
}

impl Client {
    /// One that has registered and is in `#c`.
    fn join(server: &Server<Still>, nick: &str) -> Self {
        let pipe = Pipe::default();
        let peer = SocketAddr::from(([127, 0, 0, 1], 1));
        let task = Box::pin(Connection::new(&server.shared, pipe.clone(), peer).run());
        let mut client = Self { pipe, wakes: Arc::default(), task };
        client.say(&format!("NICK {nick}\r\nUSER {nick} 0 * :{nick}\r\nJOIN #c\r\n"));
        assert!(client.heard().contains(" 366 "));
        client
    }

    /// Sends this, and lets the task run for as long as it wakes itself.
    fn say(&mut self, text: &str) {
        self.pipe.ends().to_server.extend(text.as_bytes());
        while self.poll() {}
    }

    /// Polls the task once. Whether it has woken itself, to be polled again.
    fn poll(&mut self) -> bool {
        let before = self.wakes.0.load(SeqCst);
        let waker = Waker::from(self.wakes.clone());
        assert!(self.task.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        self.wakes.0.load(SeqCst) > before
    }

    /// What the client has read since the last call.
    fn heard(&mut self) -> String {
        String::from_utf8(std::mem::take(&mut self.pipe.ends().to_client)).unwrap()
    }
}

fn server() -> Server<Still> {
    let mut options = Options { listen: Vec::new(), ..Options::default() };
    options.config.limits.outbox_bytes_max = 64 * 1024;
    Server::bind(&Still, options).unwrap()
}

#[test]
fn a_client_that_takes_nothing_is_woken_when_it_is_closed_and_not_before() {
    let server = server();
    let mut deaf = Client::join(&server, "deaf");
    let mut talker = Client::join(&server, "talker");
    deaf.pipe.ends().is_full = true;
    talker.say("PRIVMSG #c :first\r\n");
    while deaf.poll() {}
    let woken = |deaf: &Client| deaf.wakes.0.load(SeqCst);
    let before = woken(&deaf);
    let mut said = 0;
    while !talker.heard().contains(":deaf!deaf@127.0.0.1 QUIT ") {
        assert_eq!(woken(&deaf), before, "after {said} lines that it cannot be written");
        talker.say(&format!("PRIVMSG #c :{}\r\n", "x".repeat(400)));
        said += 1;
        assert!(said < 1_000, "the outbox has a bound");
    }
    assert_eq!(woken(&deaf), before + 1, "it is closed: its task has to know");
}
