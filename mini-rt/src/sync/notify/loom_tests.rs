//! Notifications under loom. One that is lost is a deadlock, which loom reports.

use super::*;
use crate::primitive::{UnsafeCell, thread};
use crate::sync::model::block_on;
use futures::future::poll_immediate;

fn model(preemptions: usize, model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(model);
}

/// Edge N1: who is told sees what was done.
#[test]
fn loom_who_is_told_sees_what_was_done() {
    model(4, || {
        let shared = Arc::new((Notify::new(), Cell(UnsafeCell::new(()))));
        let teller = thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                shared.1.0.with_mut(|_| ());
                shared.0.notify_one();
            }
        });
        block_on(shared.0.notified());
        shared.1.0.with(|_| ());
        teller.join().expect("no panic");
    });
}

/// Two notifications for two, one of whom gives up meanwhile: the other is told.
#[test]
fn loom_a_wait_that_is_dropped_passes_it_on() {
    model(2, || {
        let notify = Arc::new(Notify::new());
        let waiter = thread::spawn({
            let notify = Arc::clone(&notify);
            move || block_on(notify.notified())
        });
        let teller = thread::spawn({
            let notify = Arc::clone(&notify);
            move || notify.notify_one()
        });
        if block_on(poll_immediate(notify.notified())).is_some() {
            notify.notify_one();
        }
        waiter.join().expect("no panic");
        teller.join().expect("no panic");
    });
}

/// All who have come are told, whether they wait already or not; a notification besides is not lost.
#[test]
fn loom_all_who_have_come_are_told() {
    model(2, || {
        let notify = Arc::new(Notify::new());
        let one = notify.notified();
        let waiter = thread::spawn({
            let owned = Arc::clone(&notify).notified_owned();
            move || block_on(owned)
        });
        let teller = thread::spawn({
            let notify = Arc::clone(&notify);
            move || notify.notify_waiters()
        });
        notify.notify_one();
        block_on(one);
        waiter.join().expect("no panic");
        teller.join().expect("no panic");
    });
}

/// Edge N2: so does who looks without being woken; and its wait is gone at once.
#[test]
fn loom_who_looks_unwoken_sees_what_was_done() {
    model(3, || {
        let shared = Arc::new((Notify::new(), Cell(UnsafeCell::new(()))));
        let mut wait = Box::pin(shared.0.notified());
        assert!(!wait.as_mut().enable());
        let teller = thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                shared.1.0.with_mut(|_| ());
                shared.0.notify_one();
            }
        });
        while !wait.as_mut().enable() {
            thread::yield_now();
        }
        shared.1.0.with(|_| ());
        drop(wait);
        teller.join().expect("no panic");
    });
}

/// It can fail: who waits does not look again under the lock.
#[test]
#[should_panic(expected = "deadlock")]
#[allow(unsafe_code, reason = "it puts a place into the list by itself")]
fn loom_a_wait_without_a_second_look_is_found_out() {
    model(2, || {
        let notify = Arc::new(Notify::new());
        let teller = thread::spawn({
            let notify = Arc::clone(&notify);
            move || notify.notify_one()
        });
        let (mut polled, place) = (false, Box::pin(waiting::Place::new()));
        block_on(std::future::poll_fn(|cx| {
            if !polled && notify.word().state() == State::Empty {
                polled = true;
                // SAFETY: the place is told before the model ends, or it fails, and that ends all.
                let _ = unsafe { notify.waiting.lock().push(place.as_ref(), cx.waker().clone()) };
                return std::task::Poll::Pending;
            }
            std::task::Poll::Ready(())
        }));
        teller.join().expect("no panic");
    });
}

/// Loom's cell is not `Sync`; that it is not reached by two at once is what loom tells us.
struct Cell(UnsafeCell<()>);

#[allow(unsafe_code, reason = "the order is under test, and loom watches the cell")]
// SAFETY: loom panics if the order that is under test does not keep two threads apart.
unsafe impl Sync for Cell {}
