//! What one turn of a client's task does, poll by poll: on a runtime that is nothing but a clock that
//! is told how fast to go, and sockets that are told how much to take.

use std::collections::VecDeque;
use std::future::Future;
use std::io::{self, IoSlice};
use std::net::{SocketAddr, TcpListener};
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use super::super::connection::Connection;
use super::super::input::LOCK_MAX;
use super::super::{Options, Server};
use crate::runtime::{Listener, Runtime, Stream};

/// A clock of which each reading is `pace` times [`LOCK_MAX`] after the one before.
#[derive(Clone, Default)]
struct Paced(Arc<Pace>);

#[derive(Default)]
struct Pace {
    pace: AtomicU32,
    now: AtomicU32,
}

impl Runtime for Paced {
    type Listener = Nobody;
    type Stream = Pipe;
    type Timer = Timer;

    fn spawn(&self, _: impl Future<Output = ()> + Send + 'static) {
        unreachable!("the tests poll the tasks");
    }

    fn listener(&self, _: TcpListener) -> io::Result<Nobody> {
        unreachable!("the tests listen on nothing");
    }

    fn now(&self) -> Duration {
        let pace = self.0.pace.load(SeqCst);
        LOCK_MAX * (self.0.now.fetch_add(pace, SeqCst) + pace)
    }

    fn timer(&self, deadline: Duration) -> Timer {
        Timer { clock: self.clone(), deadline }
    }

    fn reset(&self, mut timer: Pin<&mut Timer>, deadline: Duration) {
        timer.deadline = deadline;
    }
}

/// Due when the clock shows it. Wakes nobody, as the tests poll.
struct Timer {
    clock: Paced,
    deadline: Duration,
}

impl Future for Timer {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        let now = LOCK_MAX * self.clock.0.now.load(SeqCst);
        if self.deadline <= now { Poll::Ready(()) } else { Poll::Pending }
    }
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
    fn join(server: &Server<Paced>, nick: &str) -> Self {
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

/// What may wait for one client.
const OUTBOX_BYTES: usize = 64 * 1024;

fn server() -> Server<Paced> {
    let mut options = Options { listen: Vec::new(), ..Options::default() };
    options.config.limits.outbox_bytes_max = OUTBOX_BYTES;
    Server::bind(&Paced::default(), options).unwrap()
}

#[test]
fn a_client_that_takes_nothing_is_woken_when_it_is_closed_and_not_before() {
    let server = server();
    let mut deaf = Client::join(&server, "deaf");
    let mut talker = Client::join(&server, "talker");
    deaf.pipe.ends().is_full = true;
    talker.say("PRIVMSG #c :first\r\n");
    while deaf.poll() {}
    let before = deaf.wakes.0.load(SeqCst);
    let line = format!("PRIVMSG #c :{}\r\n", "x".repeat(400));
    let mut said = 0;
    while deaf.wakes.0.load(SeqCst) == before {
        talker.say(&line);
        said += 1;
        assert!(said < 1_000, "it is not woken although its outbox has a bound");
    }
    assert!(
        said * line.len() > OUTBOX_BYTES * 9 / 10,
        "woken by {said} lines, which it cannot take"
    );
    assert_eq!(talker.heard(), "");
    deaf.say("");
    talker.say("");
    assert_eq!(talker.heard(), ":deaf!deaf@127.0.0.1 QUIT :SendQ exceeded\r\n");
}

#[test]
fn who_takes_long_is_heard_line_by_line_and_rests_between() {
    let server = server();
    let clock = server.shared.runtime.0.clone();
    let mut slow = Client::join(&server, "slow");
    let pong = |token: &str| format!(":chat.localhost PONG chat.localhost :{token}\r\n");
    clock.pace.store(1, SeqCst); // each line seems to take LOCK_MAX
    slow.say("PING 1\r\nPING 2\r\nPING 3\r\nPING");
    slow.pipe.ends().to_server.extend(b" 4\r\n"); // to be read after those
    for token in ["1", "2", "3", "4"] {
        assert_eq!(slow.heard(), pong(token));
        slow.say("");
        assert_eq!(slow.heard(), "", "it rests for as long as that took");
        clock.now.fetch_add(1, SeqCst);
        slow.say("");
    }
    assert_eq!(slow.heard(), "");
    clock.pace.store(0, SeqCst); // and now no time at all
    slow.pipe.ends().to_server.extend(b"PING 5\r\nPING 6\r\n");
    slow.poll();
    assert_eq!(slow.heard(), pong("5") + &pong("6"), "in one turn");
}

#[test]
fn who_rests_is_written_what_others_say() {
    let server = server();
    let clock = server.shared.runtime.0.clone();
    let mut slow = Client::join(&server, "slow");
    let mut talker = Client::join(&server, "talker");
    clock.pace.store(1, SeqCst);
    slow.say("PING 1\r\nPING 2\r\n");
    clock.pace.store(0, SeqCst);
    slow.heard();
    talker.say("PRIVMSG #c :hello\r\n");
    slow.say("");
    assert_eq!(slow.heard(), ":talker!talker@127.0.0.1 PRIVMSG #c :hello\r\n");
}
