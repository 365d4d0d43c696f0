//! A [`Notify`] polled by hand.

use super::*;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Wake};

/// Counts how often it is woken.
#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Relaxed);
    }
}

fn poll(notified: &mut Notified<'_>, waker: &Waker) -> bool {
    Pin::new(notified).poll(&mut Context::from_waker(waker)).is_ready()
}

fn is_ready(notified: &mut Notified<'_>) -> bool {
    poll(notified, Waker::noop())
}

#[test]
fn the_last_waker_is_woken_and_no_other_kept() {
    let notify = Notify::new();
    let counts = [Arc::new(Count::default()), Arc::new(Count::default())];
    let wakers = counts.clone().map(Waker::from);
    let mut notified = notify.notified();
    assert!(!Pin::new(&mut notified).enable());
    for waker in &wakers {
        assert!(!poll(&mut notified, waker) && !poll(&mut notified, waker));
    }
    assert!(!Pin::new(&mut notified).enable(), "and that keeps the waker");
    assert_eq!(Arc::strong_count(&counts[0]), 2, "given back");
    notify.notify_one();
    assert_eq!(counts.each_ref().map(|count| count.0.load(Relaxed)), [0, 1]);
    assert!(is_ready(&mut notified) && is_ready(&mut notified));
}

#[test]
fn who_was_told_last_passes_it_on_to_the_last() {
    let notify = Notify::new();
    let mut waits = [(); 3].map(|()| notify.notified());
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
    let mut wait = notify.notified();
    assert!(!is_ready(&mut wait));
    notify.notify_one();
    drop(wait);
    assert_eq!(notify.word().state(), State::Notified);
    let mut wait = notify.notified();
    assert!(is_ready(&mut wait));
    assert_eq!(notify.word().state(), State::Empty);
}

#[test]
fn a_call_to_all_that_is_dropped_is_not_passed_on() {
    let notify = Notify::new();
    let mut waits = [notify.notified(), notify.notified()];
    for wait in &mut waits {
        assert!(!is_ready(wait));
    }
    notify.notify_waiters();
    let mut later = notify.notified();
    drop(waits);
    assert!(!is_ready(&mut later));
    assert_eq!(notify.word().state(), State::MayWait);
}
