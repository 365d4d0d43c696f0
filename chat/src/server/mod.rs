//! The shell of the chat server: sockets, tasks and time around a hub that knows none of them.
//!
//! Who calls it: the command line, the tests and the benches, all through [`Server`], on whichever
//! [`Runtime`] was chosen. [`Running`] is the same on a thread of its own.
//!
//! What always holds:
//! 1. The hub is behind one lock, taken in one function ([`Shared::begin`]), for the length of a
//!    bounded piece of work (for a client's lines: [`input::LOCK_MAX`]). No lock is held while a waker is woken, nor across an await.
//! 2. The lock is never given up for poisoned. A panic in the hub is a bug in the handling of one
//!    line; what it leaves half done concerns that client, which is removed. Shutting everybody out
//!    would turn one client's line into everybody's outage.
//! 3. Each client is one task ([`connection`]); all listeners are one ([`accept`]).
//!
//! A shutdown goes in this order, each step done before the next:
//! 1. Accepting stops, and the listeners are closed. The hub now knows all clients there will be.
//! 2. The hub queues an ERROR line for each client, after what is queued already, and lets go.
//! 3. The clients' tasks write what is queued, and an end after it. Whoever has not taken it all at
//!    the deadline ([`Options::drain`]) is cut off.
//! 4. The peers' ends are waited for, for a moment ([`connection::LINGER`]). Then
//!    [`Server::run`] returns; whoever owns the runtime drops it, and with it what is left.

pub(crate) mod accept;
pub(crate) mod backoff;
pub(crate) mod connection;
pub(crate) mod frame;
pub(crate) mod input;
pub(crate) mod output;
mod running;
pub(crate) mod scratch;
pub(crate) mod socket;
mod stop;
#[cfg(test)]
mod tests;

use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::Duration;

use futures::channel::oneshot;

pub use self::running::Running;
pub use self::socket::BindError;
pub use self::stop::Stop;
use self::stop::Tally;
use crate::core::{Config, Hub, Limits, Now};
use crate::runtime::Runtime;

/// What a server is started with.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where to listen; port 0 lets the system choose.
    pub listen: Vec<SocketAddr>,
    /// What the hub is told.
    pub config: Config,
    /// How long a client that is being closed may take what is queued for it. It is also how long
    /// a shutdown takes at most.
    pub drain: Duration,
}

impl Default for Options {
    /// A server on a loopback port that the system chooses.
    fn default() -> Self {
        Self {
            listen: vec![SocketAddr::from(([127, 0, 0, 1], 0))],
            config: Config::default(),
            drain: Duration::from_secs(5),
        }
    }
}

/// A server that is listening.
pub struct Server<R: Runtime> {
    shared: Arc<Shared<R>>,
    listeners: Vec<R::Listener>,
    addrs: Vec<SocketAddr>,
}

/// How a server ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Clients that were there when the shutdown began.
    pub clients: usize,
    /// How many of them had not been written everything at the deadline.
    pub cut_off: usize,
}

impl<R: Runtime> Server<R> {
    /// Listens on all of `options.listen`. Connections wait in the backlog until [`Server::run`].
    /// To be called inside the runtime, that is, within its `block_on`.
    ///
    /// # Errors
    /// The first address that cannot be had; nothing is listened on then.
    pub fn bind(runtime: &R, options: Options) -> Result<Self, BindError> {
        let Options { listen, config, drain } = options;
        let mut listeners = Vec::with_capacity(listen.len());
        let mut addrs = Vec::with_capacity(listen.len());
        for addr in listen {
            let failed = |source| BindError { addr, source };
            let socket = socket::listen(addr)?;
            addrs.push(socket.local_addr().map_err(failed)?);
            listeners.push(runtime.listener(socket).map_err(failed)?);
        }
        let (limits, ping_after) = (config.limits, config.timeouts.ping_after);
        let now = Now { mono: runtime.now(), unix_s: runtime.unix_s() };
        let hub = Mutex::new(Hub::new(config, now));
        let runtime = runtime.clone();
        let (clients, unwritten, stop) = Default::default();
        let shared = Shared { runtime, hub, limits, ping_after, drain, clients, unwritten, stop };
        Ok(Self { shared: Arc::new(shared), listeners, addrs })
    }

    /// Where it listens, with the ports that the system chose.
    pub fn local_addrs(&self) -> &[SocketAddr] {
        &self.addrs
    }

    /// What ends it, from any thread.
    pub fn stop_handle(&self) -> Stop {
        self.shared.stop.clone()
    }

    /// Serves until it is told to stop, then shuts down in the order of the module's text.
    pub async fn run(self) -> Ended {
        let Self { shared, listeners, addrs: _ } = self;
        let (until_sender, until) = oneshot::channel();
        let acceptors = Tally::default();
        let guard = acceptors.enter();
        let accepting = accept::accept(shared.clone(), listeners, until);
        shared.runtime.spawn(async move {
            accepting.await;
            drop(guard);
        });
        let reason = poll_fn(|cx| shared.stop.poll_stopped(cx).map(str::to_owned)).await;

        drop(until_sender); // 1
        poll_fn(|cx| acceptors.poll_empty(cx)).await;
        let clients = shared.clients.alive();
        log::info!("shutting down ({reason}); clients to tell: {clients}");

        shared.turn(None, |hub, now| hub.handle_shutdown(now, reason.as_bytes())); // 2

        let cut_off = shared.wait(&shared.unwritten, shared.drain).await; // 3
        shared.wait(&shared.clients, connection::LINGER).await; // 4
        Ended { clients, cut_off }
    }
}

/// What the tasks of one server share.
struct Shared<R: Runtime> {
    runtime: R,
    hub: Mutex<Hub>,
    /// A copy of the configuration's, for the framers.
    limits: Limits,
    /// A copy too: the soonest that a line can set a client's deadline to.
    ping_after: Duration,
    drain: Duration,
    /// One for each client's task, as long as it has its socket.
    clients: Tally,
    /// One for each client that may have something left to be written.
    unwritten: Tally,
    stop: Stop,
}

impl<R: Runtime> Shared<R> {
    /// Lets `step` work on the hub; [`Turn`] says what that means.
    fn turn<T>(&self, own: Option<&Waker>, step: impl FnOnce(&mut Hub, Now) -> T) -> T {
        let mut turn = self.begin();
        let result = step(&mut turn.hub, turn.now);
        turn.end(own);
        result
    }

    /// Waits until `tally` is empty, but no longer than `patience`; says how many are left.
    async fn wait(&self, tally: &Tally, patience: Duration) -> usize {
        let mut timer = pin!(self.runtime.timer(self.runtime.now() + patience));
        poll_fn(|cx| match tally.poll_empty(cx) {
            Poll::Ready(()) => Poll::Ready(()),
            Poll::Pending => timer.as_mut().poll(cx),
        })
        .await;
        tally.alive()
    }

    /// Locks the hub. The only place that does.
    fn begin(&self) -> Turn<'_> {
        let hub = self.hub.lock().unwrap_or_else(PoisonError::into_inner);
        // Under the lock, so that the hub's time never goes back.
        let now = Now { mono: self.runtime.now(), unix_s: self.runtime.unix_s() };
        Turn { hub, now, stop: &self.stop }
    }
}

/// The hub, locked for a piece of work at one moment.
struct Turn<'a> {
    hub: MutexGuard<'a, Hub>,
    now: Now,
    stop: &'a Stop,
}

impl Turn<'_> {
    /// Lets go of the hub, then wakes the server if an operator has said DIE, and the tasks of the
    /// clients that were written to; all but `own`, which looks at its outbox before it waits and
    /// need not be polled again for it.
    ///
    /// A turn that unwinds is not ended: the hub then holds its wakers until the next turn, which
    /// is the one that removes the client.
    fn end(mut self, own: Option<&Waker>) {
        let mut wakers = scratch::wakers();
        self.hub.poll_wakers(&mut wakers);
        let (dying, stop) = (self.hub.poll_shutdown(), self.stop);
        drop(self);
        if dying {
            stop.stop("An operator has ended the server");
        }
        for waker in wakers.drain(..) {
            if !own.is_some_and(|own| own.will_wake(&waker)) {
                waker.wake();
            }
        }
    }
}
