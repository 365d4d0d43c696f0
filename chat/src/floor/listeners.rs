//! The listening sockets, and whether accepting fails.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use mio::net::{TcpListener, TcpStream};
use mio::{Interest, Registry, Token};

use crate::server::backoff::Backoff;
use crate::server::{BindError, socket};

/// Where connections come from.
#[derive(Debug)]
pub(super) struct Listeners {
    all: VecDeque<Listener>,
    backoff: Backoff,
    /// Nothing is accepted before then.
    paused: Option<Duration>,
}

#[derive(Debug)]
struct Listener {
    socket: TcpListener,
    token: Token,
    /// Whether somebody may wait in the backlog.
    ready: bool,
}

impl Listeners {
    /// Listens on all of `addrs`, with tokens from `first` on. Tells where, with the ports that the
    /// system chose.
    pub(super) fn bind(
        registry: &Registry,
        addrs: &[SocketAddr],
        first: usize,
    ) -> io::Result<(Self, Vec<SocketAddr>)> {
        let mut all = VecDeque::with_capacity(addrs.len());
        let mut bound = Vec::with_capacity(addrs.len());
        for (number, &addr) in addrs.iter().enumerate() {
            let mut listen = || {
                let listening = socket::listen(addr)?;
                let failed = |source| BindError { addr, source };
                bound.push(listening.local_addr().map_err(failed)?);
                let mut socket = TcpListener::from_std(listening);
                let token = Token(first + number);
                registry.register(&mut socket, token, Interest::READABLE).map_err(failed)?;
                Ok::<_, BindError>(Listener { socket, token, ready: false })
            };
            let listener = listen();
            all.push_back(listener.map_err(|error| io::Error::new(error.source.kind(), error))?);
        }
        Ok((Self { all, backoff: Backoff::default(), paused: None }, bound))
    }

    /// Somebody has come.
    pub(super) fn handle_event(&mut self, token: Token) {
        for listener in self.all.iter_mut().filter(|listener| listener.token == token) {
            listener.ready = true;
        }
    }

    /// One connection of any listener, if there is one to be had. The one that was looked at first
    /// is looked at last next time, so a busy address does not starve another.
    pub(super) fn accept(&mut self, now: Duration) -> Option<io::Result<(TcpStream, SocketAddr)>> {
        if self.paused.is_some_and(|until| now < until) {
            return None;
        }
        self.paused = None;
        for _ in 0..self.all.len() {
            self.all.rotate_left(1);
            let last = self.all.back_mut().filter(|listener| listener.ready);
            let Some(listener) = last else { continue };
            match listener.socket.accept() {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => listener.ready = false,
                accepted => return Some(accepted),
            }
        }
        self.backoff.recovered(|| now);
        None
    }

    /// What was accepted is let in.
    pub(super) fn accepted(&mut self) {
        self.backoff.accepted();
    }

    /// Accepting has failed: there is a pause.
    pub(super) fn failed(&mut self, now: Duration, error: &io::Error, clients: usize) {
        self.paused = Some(self.backoff.failed(now, error, clients));
    }

    /// When accepting is to be tried without an event.
    pub(super) fn retry(&self) -> Option<Duration> {
        let waits = self.all.iter().any(|listener| listener.ready);
        waits.then(|| self.paused.unwrap_or(Duration::ZERO))
    }

    /// Accepts nothing any more.
    pub(super) fn close(&mut self) {
        self.all.clear();
    }
}
