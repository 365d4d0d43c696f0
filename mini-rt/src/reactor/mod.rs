//! Which tasks can go on because the kernel has something for them?
//!
//! The reactor turns events of the operating system into woken [`Waker`](std::task::Waker)s. It
//! knows nothing of tasks. It has two sides: the [`Reactor`] itself, which belongs to whoever parks
//! and waits for events, and the [`Handle`], which all threads share to register sources and to end
//! a wait. Between them stand the [`Slot`]s, one per source, found through the [`Table`] by token.
//!
//! The life of an event: [`Reactor::turn`] takes it from the kernel, [`Table`] finds the slot of
//! its token or drops it as late, [`Slot`] sets readiness and hands out who waits, and the caller
//! wakes them when it holds no lock. The woken task looks at its slot and tries its operation.
//!
//! 1. Sources are registered once, for edges in both directions: readiness is kept here, and no
//!    read is tried unless the kernel has reported something since the last one that ran dry.
//! 2. No lock is held while a waker is woken, cloned or dropped.
//! 3. An event of a source that has gone reaches nobody, though its place may be taken again.
//! 4. After [`Handle::shutdown`] no source waits and none can be added.
//!
//! The edges E1 and E2, which order an event and a poll of the same source, stand in [`slot`]. What
//! orders [`Handle::wake`] and the turn that it ends is the kernel's own object (an eventfd).
//!
//! Costs on Linux: a turn is one `epoll_wait`; a source one `epoll_ctl` to add and one to delete.
//! Deleting could be left to `close`, and adding to the first operation that would block: both are
//! decided in [`Handle::register`] and [`Handle::deregister`] alone. The table stays locked while
//! the events of a turn are passed on (at most as many as a turn takes, a lookup and an exchange
//! each); an accept on another thread may wait for that. Rejected: a pointer as token, which needs
//! no table and no lock, and unsafe code to be sure that its slot still lives.

#[cfg(all(test, loom))]
mod loom_tests;
mod readiness;
mod ready;
mod slot;
mod table;
#[cfg(all(test, not(loom)))]
mod tests;

use std::io;
use std::time::Duration;

use mio::event::Source;

use crate::primitive::atomic::{AtomicU64, Ordering::Relaxed};
use crate::primitive::events::{Events, Poll, Registry, Waker};
use crate::primitive::{Arc, Mutex};
use crate::util::{Counter, WakeList};

pub(crate) use readiness::{Event, Gone};
pub use ready::{Interest, Ready};
pub(crate) use slot::{Direction, Slot};
use table::{Table, Token};

/// The side that waits: owned by whoever parks on it.
#[derive(Debug)]
pub(crate) struct Reactor {
    poll: Poll,
    events: Events,
}

/// The shared side. Dropping it closes the wake channel; sources must have gone or will be late.
#[derive(Debug)]
pub(crate) struct Handle {
    registry: Registry,
    waker: Waker,
    table: Mutex<Table>,
    registered: AtomicU64,
    deregistered: AtomicU64,
    /// Written by whoever takes a turn.
    events: Counter,
}

/// What has happened so far.
pub(crate) struct Stats {
    /// Sources that were added.
    pub(crate) registered: u64,
    /// Sources that were taken out.
    pub(crate) deregistered: u64,
    /// Events that the system has reported of them.
    pub(crate) events: u64,
}

/// What a source gets at registration. Give `token` back to [`Handle::deregister`].
#[derive(Debug)]
pub(crate) struct Registration {
    pub(crate) slot: Arc<Slot>,
    pub(crate) token: Token,
}

/// Whether a source can come to an end that events report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A stream: its directions close, once and for good.
    Stream,
    /// Datagrams, or connections to accept: what events call closed is a passing error. (mio takes
    /// an error on a writable socket for a closed one, which an ICMP message can cause.)
    Endless,
}

impl Reactor {
    /// A reactor that takes at most `events_max` events in one turn. What is left stays in the
    /// kernel for the next.
    ///
    /// # Errors
    /// If the system grants no event queue (`EMFILE`, `ENFILE`, `ENOMEM`).
    pub(crate) fn new(events_max: usize) -> io::Result<(Reactor, Handle)> {
        let poll = Poll::new()?;
        let waker = Waker::new(poll.registry(), Token::WAKE.into())?;
        let registry = poll.registry().try_clone()?;
        let reactor = Reactor { poll, events: Events::with_capacity(events_max) };
        let handle = Handle {
            registry,
            waker,
            table: Mutex::new(Table::new()),
            registered: AtomicU64::new(0),
            deregistered: AtomicU64::new(0),
            events: Counter::default(),
        };
        Ok((reactor, handle))
    }

    /// Waits for events at most `timeout` (`None`: until woken), sets the readiness of their
    /// sources and puts the wakers of who waits for them into `wakes`, in the order of the events.
    /// The caller wakes them after it has let go of the driver. Timeouts are rounded up to the next
    /// millisecond. A wait that a signal interrupts is a turn without events.
    ///
    /// `true`: nothing has come, not even a [`wake`](Handle::wake).
    ///
    /// # Errors
    /// Those of the system's wait. None is known to occur on a queue that is open.
    pub(crate) fn turn(
        &mut self,
        handle: &Handle,
        timeout: Option<Duration>,
        wakes: &mut WakeList,
    ) -> io::Result<bool> {
        match self.poll.poll(&mut self.events, timeout) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(false),
            result => result?,
        }
        let table = handle.table.lock();
        let mut delivered = 0;
        for event in &self.events {
            let token = Token::from(event.token());
            if token != Token::WAKE {
                delivered += 1;
                table.deliver(token, Ready::from_mio(event), wakes);
            }
        }
        handle.events.add(delivered);
        Ok(self.events.is_empty())
    }
}

impl Handle {
    /// Adds a source, for events in both directions. Takes the table's lock; one `epoll_ctl`.
    ///
    /// # Errors
    /// Those of the system (`ENOSPC` when the user's limit of watches is reached), and
    /// [`Gone`] after [`shutdown`](Self::shutdown).
    pub(crate) fn register(
        &self,
        source: &mut impl Source,
        kind: Kind,
    ) -> io::Result<Registration> {
        let slot = Arc::new(Slot::new());
        let flags = match kind {
            Kind::Stream => Ready::ALL,
            Kind::Endless => Ready::ENDLESS,
        };
        let token = self.table.lock().insert(slot.clone(), flags)?;
        let both = mio::Interest::READABLE | mio::Interest::WRITABLE;
        if let Err(error) = self.registry.register(source, token.into(), both) {
            self.forget(token);
            return Err(error);
        }
        self.registered.fetch_add(1, Relaxed); // Relaxed: a count, beside a system call.
        Ok(Registration { slot, token })
    }

    /// Takes a source out. Events of it that are on their way reach nobody. Takes the table's lock;
    /// one `epoll_ctl`. The source's waiters are not woken: they borrow it, so there are none,
    /// except that a waker may be left behind by a `poll_*`; it is dropped with the slot.
    ///
    /// # Errors
    /// Those of the system; the source has left the table all the same.
    pub(crate) fn deregister(&self, source: &mut impl Source, token: Token) -> io::Result<()> {
        self.forget(token);
        self.registry.deregister(source)?;
        self.deregistered.fetch_add(1, Relaxed); // Relaxed: as above.
        Ok(())
    }

    fn forget(&self, token: Token) {
        let slot = self.table.lock().remove(token);
        drop(slot); // not under the lock: it may be the last reference, and drop wakers
    }

    /// Says what has happened so far.
    pub(crate) fn stats(&self) -> Stats {
        // Relaxed: counts.
        Stats {
            registered: self.registered.load(Relaxed),
            deregistered: self.deregistered.load(Relaxed),
            events: self.events.get(),
        }
    }

    /// Ends a turn under way, or makes the next one return at once. From any thread; one system
    /// call. Several calls before a turn end that one turn only.
    pub(crate) fn wake(&self) {
        self.waker.wake().expect("the wake channel is open as long as the handle");
    }

    /// Makes every wait, and every later operation of every source, fail with an error saying that
    /// the runtime is gone. Puts the wakers of all who wait into `wakes`. Once is enough.
    pub(crate) fn shutdown(&self, wakes: &mut WakeList) {
        let slots = self.table.lock().shut_down();
        for slot in slots {
            slot.shut_down(wakes);
        }
    }
}
