//! What does the chat server need of an async runtime? Little: a task, a listener, a stream, a
//! timer and a clock.
//!
//! [`Runtime`] is that much and no more. The server ([`crate::server`]) is written once against it
//! and compiled once per adapter ([`mini`], [`tokio`]), so every call is static and
//! nothing is boxed. [`Kind`] chooses one by name; the command line, the tests and the benches all
//! go through [`Kind::run`], so they run the same code.
//!
//! What always holds:
//! 1. An adapter forwards. It adds no copy, no allocation, no lock and no syscall to what its
//!    runtime does by itself, and it forwards vectored writes as such.
//! 2. Sockets are made by the server (one place, `socket2`) and handed over non-blocking, so both
//!    runtimes serve sockets with the same options.
//! 3. Time is a [`Duration`] since the adapter was made. The server never asks the operating
//!    system for the time, so a runtime with a simulated clock can run it.
//!
//! Rejected: the I/O traits of either runtime, or of `futures`. Tokio's `ReadBuf` and the slice of
//! `futures::io` each cost the other side a translation, and a bridge that drops vectored writes
//! turns one syscall for a whole queue into one per line. A plain slice in and a byte count out is
//! what both runtimes offer with no translation at all.
//!
//! Rejected: a join handle. The server counts its tasks itself, because it has to wait for all of
//! them and reads the output of none.

pub mod mini;
pub mod tokio;

use std::fmt;
use std::future::Future;
use std::io::{self, IoSlice};
use std::net::{SocketAddr, TcpListener};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

/// A handle to an async runtime: cheap to clone, usable from every thread.
pub trait Runtime: Clone + Send + Sync + 'static {
    /// Accepts streams.
    type Listener: Listener<Stream = Self::Stream>;
    /// One TCP connection.
    type Stream: Stream;
    /// Completes once its deadline has passed; [`Runtime::reset`] gives it another.
    type Timer: Future<Output = ()> + Send + 'static;

    /// Starts a task that nobody joins. A panic in it ends that task and nothing else.
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static);

    /// Adopts a bound, listening, non-blocking socket. To be called from inside the runtime.
    ///
    /// # Errors
    /// What the operating system says when the socket cannot be watched.
    fn listener(&self, socket: TcpListener) -> io::Result<Self::Listener>;

    /// The time since this runtime's epoch; never goes back.
    fn now(&self) -> Duration;

    /// The time of day, in whole seconds since 1970.
    fn unix_s(&self) -> u64 {
        SystemTime::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_secs())
    }

    /// A timer for `deadline`, which costs nothing until it is first polled. To be called from
    /// inside the runtime.
    fn timer(&self, deadline: Duration) -> Self::Timer;

    /// Gives `timer` another deadline, whether or not it has completed.
    fn reset(&self, timer: Pin<&mut Self::Timer>, deadline: Duration);
}

/// Accepts TCP connections.
pub trait Listener: Send + Unpin + 'static {
    /// What is accepted.
    type Stream: Stream;

    /// Takes one connection from the backlog, with the address of the peer.
    fn poll_accept(&mut self, cx: &mut Context<'_>)
    -> Poll<io::Result<(Self::Stream, SocketAddr)>>;
}

/// A TCP connection. One task polls it; the wakers of reading and writing are apart.
pub trait Stream: Send + Unpin + 'static {
    /// Reads what is there, at most `into.len()` bytes; 0 is the end of the stream.
    fn poll_read(&mut self, cx: &mut Context<'_>, into: &mut [u8]) -> Poll<io::Result<usize>>;

    /// Writes from all of `slices` in one syscall, and says how many bytes were taken.
    fn poll_write_vectored(
        &mut self,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>>;

    /// Closes the writing side, so that the peer reads an end.
    fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;
}

/// A runtime that is owned, and can be entered from a thread outside it.
pub trait Executor {
    /// The handle that goes to the server.
    type Runtime: Runtime;

    /// The handle of this runtime.
    fn runtime(&self) -> &Self::Runtime;

    /// Runs `future` to its end on this thread. A current-thread runtime runs its tasks here,
    /// and only here.
    fn block_on<F: Future>(&self, future: F) -> F::Output;
}

/// What is to be done on a runtime that a flag has chosen: a closure that is generic.
pub trait Visitor {
    /// What comes out.
    type Output;

    /// Does it. The runtime lives until this returns.
    fn visit<E: Executor>(self, executor: &E) -> Self::Output;
}

/// The runtimes there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum Kind {
    /// mini-rt with worker threads.
    Mini,
    /// mini-rt on the calling thread.
    MiniCt,
    /// Tokio with worker threads.
    Tokio,
    /// The same, with what of its builder's settings was found not to cost this server more.
    TokioTuned,
    /// Tokio on the calling thread.
    TokioCt,
}

impl Kind {
    /// Every kind, for what is to hold of each.
    pub const ALL: [Kind; 5] =
        [Kind::Mini, Kind::MiniCt, Kind::Tokio, Kind::TokioTuned, Kind::TokioCt];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Mini => "mini",
            Kind::MiniCt => "mini-ct",
            Kind::Tokio => "tokio",
            Kind::TokioTuned => "tokio-tuned",
            Kind::TokioCt => "tokio-ct",
        }
    }

    /// How many threads run tasks when `workers` are asked for: a current-thread kind has one.
    pub fn workers(self, workers: usize) -> usize {
        match self {
            Kind::Mini | Kind::Tokio | Kind::TokioTuned => workers.max(1),
            Kind::MiniCt | Kind::TokioCt => 1,
        }
    }

    /// Builds this runtime, lets `visitor` use it, and drops it with every task left on it.
    ///
    /// # Errors
    /// What the operating system says when threads or the poller cannot be had.
    pub fn run<V: Visitor>(self, workers: usize, visitor: V) -> io::Result<V::Output> {
        let workers = self.workers(workers);
        match self {
            Kind::Mini => mini::Mini::multi_thread(workers).map(|e| visitor.visit(&e)),
            Kind::MiniCt => mini::Mini::current_thread().map(|e| visitor.visit(&e)),
            Kind::Tokio => tokio::Tokio::multi_thread(workers).map(|e| visitor.visit(&e)),
            Kind::TokioTuned => tokio::Tokio::tuned(workers).map(|e| visitor.visit(&e)),
            Kind::TokioCt => tokio::Tokio::current_thread().map(|e| visitor.visit(&e)),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
