//! A [`Notify`] polled by hand.

use super::*;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Wake, Waker};

/// Counts how often it is woken.
#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Relaxed);
    }
}

type Pinned<'a> = Pin<Box<Notified<'a>>>;

fn poll(notified: &mut Pinned<'_>, waker: &Waker) -> bool {
    notified.as_mut().poll(&mut Context::from_waker(waker)).is_ready()
}

fn is_ready(notified: &mut Pinned<'_>) -> bool {
    poll(notified, Waker::noop())
}

#[test]
fn the_last_waker_is_woken_and_no_other_kept() {
    let notify = Notify::new();
    let counts = [Arc::new(Count::default()), Arc::new(Count::default())];
    let wakers = counts.clone().map(Waker::from);
    let mut notified = Box::pin(notify.notified());
    assert!(!notified.as_mut().enable());
    for waker in &wakers {
        assert!(!poll(&mut notified, waker) && !poll(&mut notified, waker));
    }
    assert!(!notified.as_mut().enable(), "and that keeps the waker");
    assert_eq!(Arc::strong_count(&counts[0]), 2, "given back");
    notify.notify_one();
    assert_eq!(counts.each_ref().map(|count| count.0.load(Relaxed)), [0, 1]);
    assert!(is_ready(&mut notified) && is_ready(&mut notified));
}

#[test]
fn who_was_told_last_passes_it_on_to_the_last() {
    let notify = Notify::new();
    let mut waits = [(); 3].map(|()| Box::pin(notify.notified()));
    for wait in &mut waits {
        assert!(!is_ready(wait));
    }
    notify.notify_last();
    let [mut first, mut second, last] = waits;
    drop(last);
    assert!(is_ready(&mut second) && !is_ready(&mut first));
    drop(first);
    assert!(notify.waiting.lock().is_empty());
}

#[test]
fn what_nobody_is_left_to_be_told_of_is_kept() {
    let notify = Notify::new();
    let mut wait = Box::pin(notify.notified());
    assert!(!is_ready(&mut wait));
    notify.notify_one();
    drop(wait);
    assert_eq!(notify.word().state(), State::Notified);
    let mut wait = Box::pin(notify.notified());
    assert!(is_ready(&mut wait));
    assert_eq!(notify.word().state(), State::Empty);
}

#[test]
fn a_call_to_all_that_is_dropped_is_not_passed_on() {
    let notify = Notify::new();
    let mut waits = [Box::pin(notify.notified()), Box::pin(notify.notified())];
    for wait in &mut waits {
        assert!(!is_ready(wait));
    }
    notify.notify_waiters();
    let mut later = Box::pin(notify.notified());
    drop(waits);
    assert!(!is_ready(&mut later));
    assert_eq!(notify.word().state(), State::MayWait);
}

/// For what watches memory: the sanitizer, and Miri.
#[test]
fn a_wait_is_gone_as_soon_as_it_was_told_or_gives_up() {
    for looks in [true, false] {
        let notify = Arc::new(Notify::new());
        for _ in 0..if cfg!(miri) { 2 } else { 200 } {
            let mut wait = Box::pin(Arc::clone(&notify).notified_owned());
            assert!(!wait.as_mut().enable());
            let teller = std::thread::spawn({
                let notify = Arc::clone(&notify);
                move || notify.notify_one()
            });
            while looks && !wait.as_mut().enable() {
                std::thread::yield_now();
            }
            drop(wait);
            teller.join().expect("no panic");
            // Nobody is left to be told by who gave up: the notification is kept.
            assert_eq!(Box::pin(notify.notified()).as_mut().enable(), !looks);
        }
    }
}
