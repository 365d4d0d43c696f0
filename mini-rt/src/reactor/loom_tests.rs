//! Models of a slot's races: each runs through every interleaving.

use std::sync::Arc as StdArc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Poll, Wake, Waker};

use loom::sync::atomic::AtomicUsize;
use loom::thread;

use super::slot::{Direction, Slot};
use super::table::Table;
use super::{Gone, Interest, Ready};
use crate::primitive::{Arc, Mutex};
use crate::util::WakeList;

/// Remembers that it was woken. Its own ordering is not under test: threads are joined first.
#[derive(Default)]
struct Flag(AtomicBool);
impl Wake for Flag {
    fn wake(self: StdArc<Self>) {
        self.0.store(true, Relaxed);
    }
}

fn deliver(slot: &Slot, ready: Ready) {
    let mut wakes = WakeList::new();
    slot.deliver(ready, &mut wakes);
    wakes.wake_all();
}

/// Runs `wait` against `event`; whoever was told to wait must have been woken.
fn no_wake_is_lost(
    wait: impl Fn(&Slot, &mut Context<'_>) -> bool + Send + Sync + Copy + 'static,
    event: impl Fn(&Slot) + Send + Sync + Copy + 'static,
) {
    loom::model(move || {
        let slot = Arc::new(Slot::new());
        let reactor = thread::spawn({
            let slot = slot.clone();
            move || event(&slot)
        });
        let flag = StdArc::<Flag>::default();
        let waker = Waker::from(flag.clone());
        let is_pending = wait(&slot, &mut Context::from_waker(&waker));
        reactor.join().expect("the reactor does not panic");
        assert!(!is_pending || flag.0.load(Relaxed), "told to wait and never woken");
        assert!(slot.look(Interest::READABLE).is_ready());
    });
}

fn poll_read(slot: &Slot, cx: &mut Context<'_>) -> bool {
    slot.poll_ready(cx, Direction::Read).is_pending()
}

#[test]
fn loom_an_event_wakes_the_reader_or_is_seen_by_it() {
    no_wake_is_lost(poll_read, |slot| deliver(slot, Ready::READABLE));
}

#[test]
fn loom_an_event_wakes_a_reader_that_polls_twice() {
    no_wake_is_lost(
        |slot, cx| poll_read(slot, cx) && poll_read(slot, cx),
        |slot| deliver(slot, Ready::READABLE),
    );
}

#[test]
fn loom_shutdown_wakes_the_reader_or_fails_it() {
    no_wake_is_lost(poll_read, |slot| {
        let mut wakes = WakeList::new();
        slot.shut_down(&mut wakes);
        wakes.wake_all();
    });
}

#[test]
fn loom_an_event_wakes_both_who_wait_through_the_list() {
    loom::model(|| {
        let slot = Arc::new(Slot::new());
        let reactor = thread::spawn({
            let slot = slot.clone();
            move || deliver(&slot, Ready::READABLE)
        });
        let flags = [StdArc::<Flag>::default(), StdArc::<Flag>::default()];
        let mut waits = [(); 2].map(|()| slot.readiness(Interest::READABLE));
        let mut pending = [false; 2];
        for i in 0..2 {
            let waker = Waker::from(flags[i].clone());
            let mut cx = Context::from_waker(&waker);
            pending[i] = std::pin::Pin::new(&mut waits[i]).poll(&mut cx).is_pending();
        }
        reactor.join().expect("the reactor does not panic");
        for (flag, is_pending) in flags.iter().zip(pending) {
            assert!(!is_pending || flag.0.load(Relaxed), "told to wait and never woken");
        }
    });
}

#[test]
fn loom_dropping_a_wait_races_with_its_event() {
    loom::model(|| {
        let slot = Arc::new(Slot::new());
        let reactor = thread::spawn({
            let slot = slot.clone();
            move || deliver(&slot, Ready::READABLE)
        });
        let flag = StdArc::<Flag>::default();
        let waker = Waker::from(flag.clone());
        let mut wait = slot.readiness(Interest::READABLE);
        let _ = std::pin::Pin::new(&mut wait).poll(&mut Context::from_waker(&waker));
        drop(wait);
        reactor.join().expect("the reactor does not panic");
        drop(waker);
        assert_eq!(StdArc::strong_count(&flag), 1, "nobody keeps the waker");
    });
}

/// The kernel gets data and then reports it; a reader holding older readiness tries, finds nothing,
/// and clears. Unread data must leave the source readable.
#[test]
fn loom_clearing_does_not_erase_an_event_in_between() {
    loom::model(|| {
        let slot = Arc::new(Slot::new());
        let unread = Arc::new(AtomicUsize::new(0));
        deliver(&slot, Ready::READABLE); // stale: whatever it told of has been read
        let reactor = thread::spawn({
            let (slot, unread) = (slot.clone(), unread.clone());
            move || {
                unread.store(1, Relaxed); // published by edge E1
                deliver(&slot, Ready::READABLE);
            }
        });
        let Poll::Ready(Ok(event)) = slot.look(Interest::READABLE) else { panic!("it was ready") };
        if unread.swap(0, Relaxed) == 0 {
            slot.consume(event);
        }
        reactor.join().expect("the reactor does not panic");
        let is_readable = slot.look(Interest::READABLE).is_ready();
        assert!(is_readable || unread.load(Relaxed) == 0, "data that nobody will read");
    });
}

/// What the reactor's thread wrote before the event is visible to who sees the event.
#[test]
fn loom_edge_e1_publishes() {
    loom::model(|| {
        let slot = Arc::new(Slot::new());
        let written = Arc::new(AtomicUsize::new(0));
        let reactor = thread::spawn({
            let (slot, written) = (slot.clone(), written.clone());
            move || {
                written.store(1, Relaxed);
                deliver(&slot, Ready::READABLE);
            }
        });
        if slot.look(Interest::READABLE).is_ready() {
            assert_eq!(written.load(Relaxed), 1);
        }
        reactor.join().expect("the reactor does not panic");
    });
}

#[test]
fn loom_a_late_event_finds_nothing_in_a_place_used_again() {
    loom::model(|| {
        let table = Arc::new(Mutex::new(Table::new()));
        let old = table.lock().insert(Arc::new(Slot::new()), Ready::ALL).expect("not shut down");
        let reactor = thread::spawn({
            let table = table.clone();
            move || table.lock().deliver(old, Ready::READABLE, &mut WakeList::new())
        });
        let removed = table.lock().remove(old);
        drop(removed);
        let slot = Arc::new(Slot::new());
        let _new = table.lock().insert(slot.clone(), Ready::ALL).expect("not shut down");
        reactor.join().expect("the reactor does not panic");
        assert!(slot.look(Interest::READABLE).is_pending());
    });
}

#[test]
fn loom_registering_races_with_shutdown() {
    loom::model(|| {
        let table = Arc::new(Mutex::new(Table::new()));
        let reactor = thread::spawn({
            let table = table.clone();
            move || {
                let slots = table.lock().shut_down();
                slots.for_each(|slot| slot.shut_down(&mut WakeList::new()));
            }
        });
        let slot = Arc::new(Slot::new());
        let registered = table.lock().insert(slot.clone(), Ready::ALL);
        reactor.join().expect("the reactor does not panic");
        if registered.is_ok() {
            assert_eq!(slot.look(Interest::READABLE), Poll::Ready(Err(Gone)));
        }
    });
}
