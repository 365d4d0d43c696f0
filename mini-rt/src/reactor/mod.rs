//! Which tasks can go on because the kernel has something for them?
//!
//! The reactor turns events of the operating system into woken [`Waker`](std::task::Waker)s. It
//! knows nothing of tasks. It has two sides: the [`Reactor`] itself, which belongs to whoever parks
//! and waits for events, and the [`Handle`], which all threads share to register sources and to end
//! a wait. Between them stand the [`Slot`]s, one per source, found through the [`Table`] by token.
//!
//! The life of an event: [`Reactor::turn`] takes it from the kernel, [`Table`] finds the slot of its
//! token or drops it as late, [`Slot`] sets readiness and hands out who waits, and the caller wakes
//! them when it holds no lock. The woken task looks at its slot and tries its operation.
//!
//! 1. Sources are registered once, for edges in both directions: readiness is kept here, and no read
//!    is tried unless the kernel has reported something since the last one that ran dry.
//! 2. No lock is held while a waker is woken, cloned or dropped.
//! 3. An event of a source that has gone reaches nobody, though its place may be taken again.
//! 4. After [`Handle::shutdown`] no source waits and none can be added.
//!
//! The edges R1 and R2, which order an event and a poll of the same source, stand in [`slot`]. What
//! orders [`Handle::wake`] and the turn that it ends is the kernel's own object (an eventfd).
//!
//! Costs on Linux: a turn is one `epoll_wait`; a source one `epoll_ctl` to add and one to delete.
//! Deleting could be left to `close`, and adding to the first operation that would block: both are
//! decided in [`Handle::register`] and [`Handle::deregister`] alone. The table stays locked while
//! the events of a turn are passed on (some 20 ns each, at most as many as fit in a turn); an accept
//! on another thread may wait for that. The alternative, a pointer as token, needs unsafe code.

#[cfg(all(test, loom))]
mod loom_tests;
mod readiness;
mod slot;
mod table;

use std::io;
use std::time::Duration;

use mio::event::Source;

use crate::primitive::{Arc, Mutex};
use crate::util::WakeList;

pub(crate) use readiness::{Event, Gone};
pub use readiness::{Interest, Ready};
pub(crate) use slot::{Direction, Slot};
use table::{Table, Token};

/// The side that waits: owned by whoever parks on it.
#[derive(Debug)]
pub(crate) struct Reactor {
    poll: mio::Poll,
    events: mio::Events,
}

/// The shared side. Dropping it closes the wake channel; sources must have gone or will be late.
#[derive(Debug)]
pub(crate) struct Handle {
    registry: mio::Registry,
    waker: mio::Waker,
    table: Mutex<Table>,
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
        let poll = mio::Poll::new()?;
        let waker = mio::Waker::new(poll.registry(), Token::WAKE.into())?;
        let registry = poll.registry().try_clone()?;
        let reactor = Reactor { poll, events: mio::Events::with_capacity(events_max) };
        Ok((reactor, Handle { registry, waker, table: Mutex::new(Table::new()) }))
    }

    /// Waits for events at most `timeout` (`None`: until woken), sets the readiness of their sources
    /// and puts the wakers of who waits for them into `wakes`, in the order of the events. The
    /// caller wakes them after it has let go of the driver. Timeouts are rounded up to the next
    /// millisecond. A wait that a signal interrupts is a turn without events.
    ///
    /// # Errors
    /// Those of the system's wait. None is known to occur on a queue that is open.
    pub(crate) fn turn(
        &mut self,
        handle: &Handle,
        timeout: Option<Duration>,
        wakes: &mut WakeList,
    ) -> io::Result<()> {
        match self.poll.poll(&mut self.events, timeout) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(()),
            result => result?,
        }
        let table = handle.table.lock();
        for event in &self.events {
            let token = Token::from(event.token());
            if token != Token::WAKE {
                table.deliver(token, Ready::from_mio(event), wakes);
            }
        }
        Ok(())
    }
}

impl Handle {
    /// Adds a source, for events in both directions. Takes the table's lock; one `epoll_ctl`.
    ///
    /// # Errors
    /// Those of the system (`ENOSPC` when the user's limit of watches is reached), and [`Gone`] after
    /// [`shutdown`](Self::shutdown).
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
        Ok(Registration { slot, token })
    }

    /// Takes a source out. Events of it that are on their way reach nobody. Takes the table's lock;
    /// one `epoll_ctl`. The source's waiters are not woken: they borrow it, so there are none, except
    /// that a waker may be left behind by a `poll_*`; it is dropped with the slot.
    ///
    /// # Errors
    /// Those of the system; the source has left the table all the same.
    pub(crate) fn deregister(&self, source: &mut impl Source, token: Token) -> io::Result<()> {
        self.forget(token);
        self.registry.deregister(source)
    }

    fn forget(&self, token: Token) {
        let slot = self.table.lock().remove(token);
        drop(slot); // not under the lock: it may be the last reference, and drop wakers
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

#[cfg(all(test, not(loom)))]
mod tests {
    use std::io::{Read, Write};
    use std::sync::Barrier;
    use std::task::{Context, Poll};

    use futures::task::noop_waker_ref;
    use mio::net::UnixStream;

    use super::*;

    /// Longer than any test runs: to reach it is to hang.
    const FOREVER: Option<Duration> = Some(Duration::from_secs(60));

    struct Bench {
        reactor: Reactor,
        handle: Handle,
        wakes: WakeList,
    }

    impl Bench {
        fn new() -> Bench {
            let (reactor, handle) = Reactor::new(64).expect("an event queue");
            Bench { reactor, handle, wakes: WakeList::new() }
        }

        fn turn(&mut self, timeout: Option<Duration>) -> usize {
            self.reactor.turn(&self.handle, timeout, &mut self.wakes).expect("a turn");
            let woken = self.wakes.len();
            self.wakes.wake_all();
            woken
        }

        /// A registered stream that is known to be writable only, and its peer.
        fn pair(&mut self) -> (UnixStream, UnixStream, Registration) {
            let (mut near, far) = UnixStream::pair().expect("a pair of streams");
            let registration =
                self.handle.register(&mut near, Kind::Stream).expect("a registration");
            self.turn(FOREVER);
            assert!(registration.slot.look(Interest::WRITABLE).is_ready());
            (near, far, registration)
        }
    }

    fn seen(slot: &Slot, interest: Interest) -> Option<Event> {
        match slot.look(interest) {
            Poll::Ready(event) => Some(event.expect("not shut down")),
            Poll::Pending => None,
        }
    }

    #[test]
    fn bytes_become_a_woken_reader() {
        let mut bench = Bench::new();
        let (mut near, mut far, Registration { slot, .. }) = bench.pair();
        let mut cx = Context::from_waker(noop_waker_ref());
        assert!(slot.poll_ready(&mut cx, Direction::Read).is_pending());
        far.write_all(b"hello").expect("room for five bytes");
        assert_eq!(bench.turn(FOREVER), 1);
        let event = seen(&slot, Interest::READABLE).expect("readable");

        let mut buf = [0; 8];
        assert_eq!(near.read(&mut buf).expect("bytes to read"), 5);
        slot.consume(event);
        assert!(slot.look(Interest::READABLE).is_pending());
        far.write_all(b"again").expect("room for five bytes");
        bench.turn(FOREVER);
        assert!(seen(&slot, Interest::READABLE).is_some(), "a short read loses no later edge");
    }

    #[test]
    fn the_end_of_a_stream_stays_readable() {
        let mut bench = Bench::new();
        let (_near, far, Registration { slot, .. }) = bench.pair();
        drop(far);
        bench.turn(FOREVER);
        let event = seen(&slot, Interest::READABLE).expect("readable");
        assert!(event.ready.is_read_closed());
        slot.consume(event);
        assert!(seen(&slot, Interest::READABLE).is_some_and(|e| e.ready.is_read_closed()));
    }

    #[test]
    fn a_late_event_reaches_nobody() {
        let mut bench = Bench::new();
        let (near, mut far, Registration { slot, token }) = bench.pair();
        // As when the event is on its way while another thread drops the source: it has left the
        // table, and the kernel's queue still holds it.
        bench.handle.forget(token);
        let (_near2, _far2, next) = bench.pair();
        far.write_all(b"late").expect("room for four bytes");
        bench.turn(FOREVER);
        assert!(slot.look(Interest::READABLE).is_pending());
        assert!(next.slot.look(Interest::READABLE).is_pending());
        drop(near);
    }

    #[test]
    fn a_deregistered_source_sends_no_events_and_may_register_again() {
        let mut bench = Bench::new();
        let (mut near, mut far, Registration { slot, token }) = bench.pair();
        bench.handle.deregister(&mut near, token).expect("it was registered");
        far.write_all(b"unheard").expect("room for seven bytes");
        bench.turn(Some(Duration::ZERO));
        assert!(slot.look(Interest::READABLE).is_pending());
        let again = bench.handle.register(&mut near, Kind::Stream).expect("a registration");
        bench.turn(FOREVER);
        assert!(seen(&again.slot, Interest::READABLE).is_some());
    }

    #[test]
    fn a_failed_registration_leaves_the_table_empty() {
        let mut bench = Bench::new();
        let (mut near, _far, _registration) = bench.pair();
        let twice = bench.handle.register(&mut near, Kind::Stream);
        assert!(twice.is_err(), "the kernel refuses the same source twice");
        assert_eq!(bench.handle.table.lock().shut_down().count(), 1);
    }

    #[test]
    fn a_wake_ends_the_turn_under_way_or_the_next_one() {
        let mut bench = Bench::new();
        bench.handle.wake();
        bench.handle.wake();
        assert_eq!(bench.turn(FOREVER), 0, "the next turn returns at once");

        let Bench { mut reactor, handle, mut wakes } = bench;
        let start = Barrier::new(2);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                start.wait();
                handle.wake();
            });
            start.wait();
            reactor.turn(&handle, None, &mut wakes).expect("a turn");
        });
        assert!(wakes.is_empty());
    }

    #[test]
    fn a_turn_takes_no_more_than_its_share_and_the_rest_later() {
        let (mut reactor, handle) = Reactor::new(2).expect("an event queue");
        let mut wakes = WakeList::new();
        let sources: Vec<_> = (0..5)
            .map(|_| {
                let (mut near, far) = UnixStream::pair().expect("a pair of streams");
                let registration = handle.register(&mut near, Kind::Stream).expect("registers");
                (near, far, registration)
            })
            .collect();
        let ready = || sources.iter().filter(|s| s.2.slot.look(Interest::WRITABLE).is_ready());
        for expected in [2, 4, 5] {
            reactor.turn(&handle, FOREVER, &mut wakes).expect("a turn");
            assert_eq!(ready().count(), expected);
        }
        assert!(wakes.is_empty(), "nobody waited");
    }

    #[test]
    fn shutdown_wakes_who_waits_and_fails_what_comes_later() {
        let mut bench = Bench::new();
        let (mut near, mut far, Registration { slot, token }) = bench.pair();
        let mut cx = Context::from_waker(noop_waker_ref());
        assert!(slot.poll_ready(&mut cx, Direction::Read).is_pending());
        bench.handle.shutdown(&mut bench.wakes);
        assert_eq!(bench.wakes.len(), 1);
        bench.wakes.wake_all();
        assert_eq!(slot.look(Interest::WRITABLE), Poll::Ready(Err(Gone)));
        let error = bench.handle.register(&mut far, Kind::Stream).expect_err("too late");
        assert!(error.to_string().contains("shut down"), "{error}");
        bench.handle.deregister(&mut near, token).expect("it may still leave");
    }

    #[test]
    fn both_sides_may_cross_threads() {
        fn check<T: Send>() {}
        fn check_shared<T: Send + Sync>() {}
        check::<Reactor>();
        check_shared::<Handle>();
        check_shared::<Slot>();
    }
}
