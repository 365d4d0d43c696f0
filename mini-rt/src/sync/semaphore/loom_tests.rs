//! Permits under loom. A permit that is lost is a deadlock, which loom reports; one too many is two
//! threads in one cell.

use super::*;
use crate::primitive::{UnsafeCell, thread};
use crate::sync::model::block_on;
use futures::future::poll_immediate;
use std::sync::Arc;

/// What only the holders of all permits may write. Loom sees who is in it.
struct Room {
    semaphore: Semaphore,
    cell: UnsafeCell<()>,
}

impl Room {
    fn new(permits: usize) -> Arc<Self> {
        Arc::new(Self { semaphore: Semaphore::new(permits), cell: UnsafeCell::new(()) })
    }

    fn visit(&self, permits: u32, writes: bool) {
        let permit = block_on(self.semaphore.acquire_many(permits)).expect("open");
        if writes {
            self.cell.with_mut(|_| ());
        } else {
            self.cell.with(|_| ());
        }
        drop(permit);
    }
}

fn model(preemptions: usize, model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(model);
}

/// Edge M1, and no wake-up is lost.
#[test]
fn loom_who_holds_the_permit_is_alone() {
    model(3, || {
        let room = Room::new(1);
        let other = thread::spawn({
            let room = Arc::clone(&room);
            move || room.visit(1, true)
        });
        room.visit(1, true);
        other.join().expect("no panic");
        assert_eq!(room.semaphore.available_permits(), 1);
    });
}

/// One needs all permits; those of two others come back one by one.
#[test]
fn loom_who_needs_all_comes_after_all_that_held_one() {
    model(2, || {
        let room = Room::new(2);
        let readers = [(); 2].map(|()| {
            let room = Arc::clone(&room);
            thread::spawn(move || room.visit(1, false))
        });
        room.visit(2, true);
        for reader in readers {
            reader.join().expect("no panic");
        }
        assert_eq!(room.semaphore.available_permits(), 2);
    });
}

/// A wait that is given up while the permit is on its way to it.
#[test]
fn loom_a_wait_that_is_dropped_passes_its_permit_on() {
    model(2, || {
        let room = Room::new(0);
        let waiter = thread::spawn({
            let room = Arc::clone(&room);
            move || room.visit(1, true)
        });
        let giver = thread::spawn({
            let room = Arc::clone(&room);
            move || room.semaphore.add_permits(1)
        });
        let immediate = block_on(poll_immediate(room.semaphore.wait_for(1)));
        if immediate.is_some() {
            room.semaphore.release(1);
        }
        waiter.join().expect("no panic");
        giver.join().expect("no panic");
        assert_eq!(room.semaphore.available_permits(), 1);
    });
}

#[test]
fn loom_a_close_ends_every_wait() {
    model(3, || {
        let room = Room::new(0);
        let waiter = thread::spawn({
            let room = Arc::clone(&room);
            move || block_on(room.semaphore.acquire()).map(drop)
        });
        let giver = thread::spawn({
            let room = Arc::clone(&room);
            move || room.semaphore.add_permits(1)
        });
        room.semaphore.close();
        let _ = waiter.join().expect("no panic");
        giver.join().expect("no panic");
        assert_eq!(room.semaphore.available_permits(), 1, "given back, whoever had it");
    });
}

/// It can fail: who waits does not look again under the lock.
#[test]
#[should_panic(expected = "deadlock")]
fn loom_a_wait_without_a_second_look_is_found_out() {
    model(2, || {
        let room = Room::new(0);
        let giver = thread::spawn({
            let room = Arc::clone(&room);
            move || room.semaphore.add_permits(1)
        });
        let mut key = None;
        block_on(std::future::poll_fn(|cx| {
            if key.is_none() && room.semaphore.take(1) == Err(Refusal::TooFew) {
                key = Some(room.semaphore.waiting.lock().push(cx.waker().clone(), 1));
                return std::task::Poll::Pending;
            }
            std::task::Poll::Ready(())
        }));
        giver.join().expect("no panic");
    });
}
