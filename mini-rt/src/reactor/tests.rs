//! The reactor against the kernel, over pairs of Unix sockets.

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
        let registration = self.handle.register(&mut near, Kind::Stream).expect("a registration");
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
    let stats = bench.handle.stats();
    assert_eq!((stats.registered, stats.deregistered), (1, 0), "it does not count");
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
