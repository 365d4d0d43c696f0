//! A server on a thread of its own, for callers that are not asynchronous.
//!
//! Tests and benches start one per case with [`Running::start`]. The thread owns the runtime, so a
//! current-thread runtime is served too, and joining the thread means that all of it is gone.

use std::io;
use std::net::SocketAddr;
use std::thread::{self, JoinHandle};

use crossbeam_channel::{RecvError, Sender};

use super::{BindError, Ended, Options, Server, Stop};
use crate::candidate::Candidate;
use crate::floor::Floor;
use crate::runtime::{Executor, Visitor};

/// A server that runs on another thread; dropping it shuts it down and waits for that (but does not
/// wait while unwinding).
#[derive(Debug)]
pub struct Running {
    addrs: Vec<SocketAddr>,
    stop: Stop,
    thread: Option<JoinHandle<io::Result<Option<Ended>>>>,
}

/// What the thread reports once: where it listens and how to stop it, or why it does not.
type Started = Result<(Vec<SocketAddr>, Stop), BindError>;

impl Running {
    /// Starts a server on a runtime, or on none. It listens when this returns.
    ///
    /// # Errors
    /// When an address, a thread or the runtime cannot be had.
    pub fn start(
        candidate: impl Into<Candidate>,
        workers: usize,
        options: Options,
    ) -> io::Result<Self> {
        let candidate = candidate.into();
        let (sender, started) = crossbeam_channel::bounded(1);
        let serve = Serve { options, started: sender };
        let thread =
            thread::Builder::new().name(format!("chat-{candidate}")).spawn(
                move || match candidate {
                    Candidate::Runtime(kind) => kind.run(workers, serve),
                    Candidate::Floor => serve.without_runtime(),
                },
            )?;
        match started.recv() {
            Ok(Ok((addrs, stop))) => Ok(Self { addrs, stop, thread: Some(thread) }),
            Ok(Err(error)) => Err(io::Error::new(error.source.kind(), error)),
            Err(RecvError) => match thread.join() {
                Ok(Err(error)) => Err(error),
                _ => Err(io::Error::other("the server's thread ended before it listened")),
            },
        }
    }

    /// The first address that it listens on.
    pub fn local_addr(&self) -> SocketAddr {
        self.addrs[0]
    }

    /// What ends it, from any thread.
    pub fn stop_handle(&self) -> Stop {
        self.stop.clone()
    }

    /// Shuts it down, waits until its runtime is gone too, and says how it ended.
    ///
    /// # Panics
    /// If the server's thread has panicked.
    pub fn shutdown(mut self, reason: &str) -> Ended {
        self.stop.stop(reason);
        let thread = self.thread.take().expect("only taken here and in drop");
        let ended = thread.join().expect("the server's thread does not panic");
        ended.expect("it has started").expect("it has listened")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let Some(thread) = self.thread.take() else { return };
        self.stop.stop("Server shutting down");
        // A test that fails because the server hangs must not hang for it.
        if !thread::panicking() {
            let _ = thread.join(); // a panic in there has been told by its hook
        }
    }
}

/// Binds, reports and serves.
struct Serve {
    options: Options,
    started: Sender<Started>,
}

impl Serve {
    fn without_runtime(self) -> io::Result<Option<Ended>> {
        let floor = Floor::bind(self.options)?;
        let _ = self.started.send(Ok((floor.local_addrs().to_vec(), floor.stop_handle())));
        floor.run().map(Some)
    }
}

impl Visitor for Serve {
    type Output = Option<Ended>;

    fn visit<E: Executor>(self, executor: &E) -> Option<Ended> {
        let Self { options, started } = self;
        executor.block_on(async {
            let bound = Server::bind(executor.runtime(), options);
            let (report, server) = match bound {
                Ok(server) => {
                    (Ok((server.local_addrs().to_vec(), server.stop_handle())), Some(server))
                }
                Err(error) => (Err(error), None),
            };
            let _ = started.send(report); // the receiver waits for this
            match server {
                Some(server) => Some(server.run().await),
                None => None,
            }
        })
    }
}
