//! One client's task: bytes in, lines to the hub, lines out, and the client's timeouts.
//!
//! One loop polls all of it; there is one waker, so whatever happens runs the same turn. In a turn
//! the task reads once, handles the complete lines of that read under one lock of the hub, lets the
//! lock go, wakes the clients that were written to, then writes all that is queued for its own
//! client with one syscall. So a message to a channel costs its sender one read and each receiver
//! one write, and a burst is gathered by itself: what is queued while a task waits for its turn
//! leaves together.
//!
//! What always holds:
//! 1. A poll does at most [`TURNS_PER_POLL`] turns, then lets the others run. What a turn handles
//!    has a bound in time (see [`input`](super::input)); a client that reaches it rests.
//! 2. A client is not read while what was taken for it is not written. One that sends faster than
//!    it reads its answers is therefore served at the pace it reads, and fills the kernel's buffers
//!    and then its own, not the server's memory. What others send it still queues, up to the
//!    outbox's bound: past that the hub closes it. One that takes nothing at all is not heard
//!    either, so the hub's PING times out.
//! 3. Timeouts belong to the hub. The task's timer is set when it has gone off, never per message:
//!    it asks for the deadline then and sleeps on if that has moved.
//! 4. Closing has a deadline. A client that the hub has closed is written what is queued (its last
//!    is the ERROR line), then an end, and is read (and ignored) until its own end or until
//!    [`LINGER`] is over. Closing a socket with unread input makes the system send a reset, which
//!    can take the ERROR line away from the peer before it has read it.
//! 5. A panic ends this task only. What it was doing is logged (the command, not its parameters:
//!    they may hold a password), the hub is told, the others see a QUIT.
//!
//! Rejected: a reader and a writer task per client (twice the memory, and a queue between them);
//! a `select!` over three futures (each turn would build and drop them).

use std::future::{Future, poll_fn};
use std::io;
use std::mem;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures::FutureExt;

use super::frame::{Client, handle_frame, handle_timeout, message_of};
use super::input::{Input, Next};
use super::output::Output;
use super::stop::TallyGuard;
use super::{Shared, scratch};
use crate::core::{Outbox, Taken};
use crate::runtime::{Runtime, Stream};

/// Turns of one poll. Two: the second mostly finds nothing to read or write, and that is how the
/// task comes to be woken again; what keeps coming waits until the others had theirs.
const TURNS_PER_POLL: usize = 2;

/// How long a closed client that has got everything may take to close its side: a round trip.
pub(crate) const LINGER: Duration = Duration::from_millis(500);

/// One client's socket and what goes in and out of it.
pub(super) struct Connection<R: Runtime> {
    shared: Arc<Shared<R>>,
    stream: R::Stream,
    client: Client,
    outbox: Arc<Outbox>,
    input: Input,
    /// Nothing is read or handled until the timer goes off.
    resting: bool,
    output: Output,
    phase: Phase,
    /// Whether the end of the input has been read.
    peer_ended: bool,
    /// Counts this client until its socket is closed.
    _counted: TallyGuard,
    /// Counts this client as one that may have something left to be written.
    unwritten: Option<TallyGuard>,
    /// When the socket is dropped whatever has been written; for phases after [`Phase::Open`].
    deadline: Duration,
}

/// How far the end of a connection has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The client is in the hub, as far as this task knows.
    Open,
    /// The hub is done with the client: what is queued is written.
    Flushing,
    /// All is written, and the end of it sent: the peer's end is waited for.
    Lingering,
}

/// What a direction can do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    /// Something was done, and there may be more.
    Moved,
    /// Nothing to do; the task is woken when there is.
    Idle,
    /// The peer does not take what there is; the task is woken when it does.
    Blocked,
}

/// The socket is to be dropped, and the hub knows.
struct Over;

impl<R: Runtime> Connection<R> {
    /// Lets a client into the hub; its task is [`Connection::run`].
    pub(super) fn new(shared: &Arc<Shared<R>>, stream: R::Stream, peer: SocketAddr) -> Self {
        let (id, outbox) = shared.turn(None, |hub, now| hub.handle_connect(now, peer.ip()));
        Self {
            shared: shared.clone(),
            stream,
            client: Client { id, peer },
            outbox,
            input: Input::new(&shared.limits),
            resting: false,
            output: Output::default(),
            phase: Phase::Open,
            peer_ended: false,
            _counted: shared.clients.enter(),
            unwritten: Some(shared.unwritten.enter()),
            deadline: Duration::MAX,
        }
    }

    /// Serves the client until it is gone.
    #[expect(clippy::manual_async_fn, reason = "that would hold the connection twice: 216 bytes")]
    pub(super) fn run(mut self) -> impl Future<Output = ()> + Send + 'static {
        async move {
            // Due at once: that is how the first deadline is asked for.
            let mut timer = pin!(self.shared.runtime.timer(Duration::ZERO));
            let served = poll_fn(|cx| self.poll(cx, timer.as_mut()));
            if let Err(panic) = AssertUnwindSafe(served).catch_unwind().await {
                let peer = self.client.peer;
                log::error!("client {peer}: closed after a panic: {}", message_of(&*panic));
                self.disconnect(b"Internal error");
            }
        }
    }

    /// Ready when the socket is to be dropped.
    fn poll(&mut self, cx: &mut Context<'_>, mut timer: Pin<&mut R::Timer>) -> Poll<()> {
        let mut input = Flow::Moved;
        for _ in 0..TURNS_PER_POLL {
            match self.turn(cx, timer.as_mut(), &mut input) {
                Ok(Flow::Moved) => {}
                Ok(Flow::Idle | Flow::Blocked) => return Poll::Pending,
                Err(Over) => return Poll::Ready(()),
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Reads once, looks at the time, writes once. `input` is what reading has come to in this
    /// poll: once it is idle it stays so, for the waker is in place.
    fn turn(
        &mut self,
        cx: &mut Context<'_>,
        mut timer: Pin<&mut R::Timer>,
        input: &mut Flow,
    ) -> Result<Flow, Over> {
        let phase = self.phase;
        if *input == Flow::Moved {
            *input = self.input(cx, timer.as_mut())?; // before the time: what has come counts
        }
        let rested = self.time(cx, timer.as_mut())?;
        if rested {
            *input = Flow::Moved;
        }
        let output = self.output(cx)?;
        if self.phase != phase {
            self.shared.runtime.reset(timer.as_mut(), self.deadline);
            let _ = self.time(cx, timer)?;
            *input = Flow::Moved; // read on, to ignore it
            return Ok(Flow::Moved);
        }
        Ok(match (*input, output) {
            // A client that is closed is read on meanwhile: it may have to write before it reads.
            (_, Flow::Blocked) if self.phase == Phase::Open => Flow::Blocked,
            (Flow::Idle, Flow::Blocked | Flow::Idle) => output,
            _ => Flow::Moved,
        })
    }

    /// Reads once, unless there is something left, and has the hub handle what is complete.
    fn input(&mut self, cx: &mut Context<'_>, timer: Pin<&mut R::Timer>) -> Result<Flow, Over> {
        let is_open = self.phase == Phase::Open;
        if is_open && !self.output.is_empty() {
            return Ok(Flow::Moved); // read no faster than it reads: the output says when
        }
        if self.resting {
            return Ok(Flow::Idle);
        }
        if !self.input.is_empty() {
            let piece = self.input.take_kept();
            let rest = self.handle(&piece, cx.waker());
            self.rest(timer, rest);
            return Ok(Flow::Moved);
        }
        if self.peer_ended {
            return Ok(Flow::Idle);
        }
        let mut buffer = scratch::read_buffer();
        match self.stream.poll_read(cx, &mut buffer) {
            Poll::Pending => return Ok(Flow::Idle),
            Poll::Ready(Err(error)) => return Err(self.lost("Read", &error)),
            Poll::Ready(Ok(0)) => {
                self.peer_ended = true;
                if is_open {
                    self.disconnect(b"Connection closed");
                    self.close(Phase::Flushing); // it may have closed its sending side only
                }
            }
            Poll::Ready(Ok(bytes)) if is_open => {
                let rest = self.handle(&buffer[..bytes], cx.waker());
                self.rest(timer, rest);
            }
            Poll::Ready(Ok(_)) => {} // the hub is done with this client
        }
        Ok(Flow::Moved)
    }

    /// Hands the complete lines in `piece` to the hub under one lock of it, for as long as a turn
    /// may take. Half a line takes no lock. Tells until when the client is to rest, if it is.
    fn handle(&mut self, piece: &[u8], own: &Waker) -> Option<Duration> {
        let Self { shared, client, outbox, input, .. } = self;
        let mut turn = None;
        let rest = input.handle(piece, |frame| {
            let turn = turn.get_or_insert_with(|| shared.begin());
            handle_frame(&mut turn.hub, turn.now, *client, frame);
            Next::after(turn.now.mono, shared.runtime.now(), outbox, &shared.limits)
        });
        if let Some(turn) = turn {
            turn.end(Some(own));
        }
        rest
    }

    /// Has the client rest until then, if it is to. The timer that ends it goes off once the runtime
    /// has looked after everybody else.
    fn rest(&mut self, timer: Pin<&mut R::Timer>, until: Option<Duration>) {
        if let Some(until) = until {
            self.resting = true;
            self.shared.runtime.reset(timer, until);
        }
    }

    /// Sees whether a deadline has passed: the hub's while the client is open, its own after that.
    /// The timer is only a hint: it may have been set before the deadline moved, or for a rest.
    /// Tells whether one is over.
    fn time(&mut self, cx: &mut Context<'_>, mut timer: Pin<&mut R::Timer>) -> Result<bool, Over> {
        let mut rested = false;
        while timer.as_mut().poll(cx).is_ready() {
            rested |= mem::take(&mut self.resting);
            let deadline = if self.phase == Phase::Open {
                self.hub_deadline(cx)
            } else if self.deadline <= self.shared.runtime.now() {
                return Err(Over);
            } else {
                self.deadline
            };
            self.shared.runtime.reset(timer.as_mut(), deadline);
        }
        Ok(rested)
    }

    /// [`handle_timeout`], and wakes who has got something by it.
    fn hub_deadline(&self, cx: &mut Context<'_>) -> Duration {
        let Self { shared, client, .. } = self;
        let step = |hub: &mut _, now| handle_timeout(hub, now, client.id, shared.ping_after);
        shared.turn(Some(cx.waker()), step)
    }

    /// Takes what is queued, and writes once or sends the end.
    fn output(&mut self, cx: &mut Context<'_>) -> Result<Flow, Over> {
        let taken = self.outbox.poll_take(cx, self.output.lines());
        if taken == Poll::Ready(Taken::Closing) && self.phase == Phase::Open {
            self.closed();
        }
        if !self.output.is_empty() {
            return match self.output.poll_write(&mut self.stream, cx) {
                Poll::Pending => {
                    // What else is queued can wait until the socket takes this; the end cannot.
                    if self.phase == Phase::Open && self.outbox.poll_closing(cx).is_ready() {
                        self.closed();
                    }
                    Ok(Flow::Blocked)
                }
                Poll::Ready(Err(error)) => Err(self.lost("Write", &error)),
                Poll::Ready(Ok(bytes)) => {
                    self.outbox.wrote(bytes);
                    Ok(Flow::Moved)
                }
            };
        }
        match self.phase {
            Phase::Open => Ok(Flow::Idle),
            Phase::Flushing => match self.stream.poll_shutdown(cx) {
                Poll::Pending => Ok(Flow::Blocked),
                Poll::Ready(Err(_)) => Err(Over),
                Poll::Ready(Ok(())) => {
                    self.close(Phase::Lingering);
                    Ok(Flow::Moved)
                }
            },
            Phase::Lingering if self.peer_ended => Err(Over),
            Phase::Lingering => Ok(Flow::Idle),
        }
    }

    /// The hub has closed the client.
    fn closed(&mut self) {
        let id = self.client.id;
        self.shared.turn(None, |hub, now| hub.handle_closing(now, id));
        self.close(Phase::Flushing);
    }

    /// Goes one step further in closing, with a deadline for that step.
    fn close(&mut self, phase: Phase) {
        let patience = match phase {
            Phase::Lingering => LINGER,
            // The server's own deadline is to come first: it counts who is cut off.
            _ if self.shared.stop.is_stopped() => self.shared.drain + LINGER,
            _ => self.shared.drain,
        };
        self.phase = phase;
        self.resting = false;
        self.input.clear();
        self.deadline = self.shared.runtime.now() + patience;
        if phase == Phase::Lingering {
            self.unwritten = None;
        }
    }

    /// Nothing more can be read or written: the others are told.
    fn lost(&self, what: &str, error: &io::Error) -> Over {
        // The kind reads "connection reset"; the error itself would add its number.
        self.disconnect(format!("{what} error: {}", error.kind()).as_bytes());
        Over
    }

    fn disconnect(&self, reason: &[u8]) {
        self.shared.turn(None, |hub, now| hub.handle_disconnect(now, self.client.id, reason));
    }
}
