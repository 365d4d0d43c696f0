//! What is measured: the runtimes of the chat server, smol beside them, and a loop on no runtime.

use std::fmt;
use std::io;

use chat::runtime::Kind;
use chat::runtime::mini::Mini;
use chat::runtime::tokio::Tokio;

use crate::WORKERS;
use crate::smol::Smol;
use crate::tasks::Spawner;

/// A runtime in one of its flavours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnyKind {
    /// One that the chat server knows.
    Chat(Kind),
    /// smol with executor threads.
    Smol,
    /// smol on the calling thread.
    SmolCt,
}

/// What is to be done on a runtime that a value has chosen: a closure that is generic.
pub trait Work {
    /// What comes out.
    type Output;

    /// Does it. The runtime lives until this returns.
    fn on<E: Spawner>(self, executor: &E) -> Self::Output;
}

impl AnyKind {
    /// What is measured where there are tasks only, in the order in which it takes turns. Tuned
    /// Tokio is not among them: its settings concern sockets.
    pub const TASKS: [AnyKind; 6] = [
        AnyKind::Chat(Kind::Mini),
        AnyKind::Chat(Kind::Tokio),
        AnyKind::Smol,
        AnyKind::Chat(Kind::MiniCt),
        AnyKind::Chat(Kind::TokioCt),
        AnyKind::SmolCt,
    ];

    /// The name in a bench's id.
    pub fn name(self) -> &'static str {
        match self {
            AnyKind::Chat(kind) => kind.name(),
            AnyKind::Smol => "smol",
            AnyKind::SmolCt => "smol-ct",
        }
    }

    /// Builds this runtime, with [`WORKERS`] if it has threads, and does `work` on it.
    ///
    /// # Errors
    /// What the operating system says when threads or the poller cannot be had.
    pub fn run<W: Work>(self, work: W) -> io::Result<W::Output> {
        Ok(match self {
            AnyKind::Chat(Kind::Mini) => work.on(&Mini::multi_thread(WORKERS)?),
            AnyKind::Chat(Kind::MiniCt) => work.on(&Mini::current_thread()?),
            AnyKind::Chat(Kind::Tokio) => work.on(&Tokio::multi_thread(WORKERS)?),
            AnyKind::Chat(Kind::TokioTuned) => work.on(&Tokio::tuned(WORKERS)?),
            AnyKind::Chat(Kind::TokioCt) => work.on(&Tokio::current_thread()?),
            AnyKind::Smol => work.on(&Smol::multi_thread(WORKERS)?),
            AnyKind::SmolCt => work.on(&Smol::current_thread()),
        })
    }
}

/// What can serve sockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Candidate {
    /// A server on a runtime.
    Runtime(AnyKind),
    /// The same service in a bare loop over mio, on one thread: what a runtime cannot be cheaper
    /// than.
    Floor,
}

impl Candidate {
    /// What is measured where there are sockets, in the order in which it takes turns.
    pub const ALL: [Candidate; 8] = [
        Candidate::Runtime(AnyKind::Chat(Kind::Mini)),
        Candidate::Runtime(AnyKind::Chat(Kind::Tokio)),
        Candidate::Runtime(AnyKind::Chat(Kind::TokioTuned)),
        Candidate::Runtime(AnyKind::Smol),
        Candidate::Runtime(AnyKind::Chat(Kind::MiniCt)),
        Candidate::Runtime(AnyKind::Chat(Kind::TokioCt)),
        Candidate::Runtime(AnyKind::SmolCt),
        Candidate::Floor,
    ];

    /// The name in a bench's id.
    pub fn name(self) -> &'static str {
        match self {
            Candidate::Runtime(kind) => kind.name(),
            Candidate::Floor => "floor",
        }
    }
}

impl fmt::Display for AnyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
