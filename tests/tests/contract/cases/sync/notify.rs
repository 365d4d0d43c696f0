//! Notifications: who is told, and that none is lost.

use super::{check_async, ready, rt, waits};
use rt::sync::Notify;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use tests::wait::WakeCount;

#[test]
fn one_notification_is_kept_and_no_more() {
    check_async(async || {
        let notify = Notify::new();
        notify.notify_one();
        notify.notify_one();
        notify.notified().await;
        assert!(waits(pin!(notify.notified())));
        notify.notify_one();
        assert!(!waits(pin!(notify.notified())));
    });
}

#[test]
fn who_waits_longest_is_told_first_or_the_last_if_that_is_asked_for() {
    check_async(async || {
        let notify = Notify::new();
        let (mut one, mut two, mut three) =
            (pin!(notify.notified()), pin!(notify.notified()), pin!(notify.notified()));
        // The order is that of the first polls.
        assert!(waits(two.as_mut()) && waits(one.as_mut()) && waits(three.as_mut()));
        notify.notify_one();
        assert!(waits(one.as_mut()) && waits(three.as_mut()));
        ready(two.as_mut());
        ready(two);
        notify.notify_last();
        assert!(waits(one.as_mut()));
        ready(three);
        notify.notify_last();
        ready(one);
        assert!(waits(pin!(notify.notified())), "nothing is left");
    });
}

#[test]
fn a_notification_that_is_not_used_goes_to_the_next() {
    check_async(async || {
        let notify = Notify::new();
        let mut told = Box::pin(notify.notified());
        let mut next = pin!(notify.notified());
        assert!(waits(told.as_mut()) && waits(next.as_mut()));
        notify.notify_one();
        assert!(waits(next.as_mut()));
        drop(told);
        ready(next);
        // To who comes next, if nobody waits.
        let mut told = Box::pin(notify.notified());
        assert!(waits(told.as_mut()));
        notify.notify_one();
        drop(told);
        ready(pin!(notify.notified()));
        // One that was used is not passed on.
        let mut used = Box::pin(notify.notified());
        assert!(waits(used.as_mut()));
        notify.notify_one();
        ready(used.as_mut());
        drop(used);
        assert!(waits(pin!(notify.notified())));
        // One that never was polled has none.
        notify.notify_one();
        drop(notify.notified());
        ready(pin!(notify.notified()));
    });
}

#[test]
fn all_who_have_come_are_told_and_nobody_who_comes_later() {
    check_async(async || {
        let notify = Arc::new(Notify::new());
        let (count, waker) = WakeCount::new();
        let mut cx = std::task::Context::from_waker(&waker);
        let mut waiting: Vec<_> = (0..100).map(|_| Box::pin(notify.notified())).collect();
        assert!(waiting.iter_mut().all(|wait| wait.as_mut().poll(&mut cx).is_pending()));
        let unpolled = notify.notified();
        let owned = notify.clone().notified_owned();
        notify.notify_waiters();
        assert_eq!(count.get(), 100);
        let mut later = pin!(notify.notified());
        assert!(waits(later.as_mut()));
        waiting.iter_mut().for_each(|wait| ready(wait.as_mut()));
        ready(pin!(unpolled));
        ready(pin!(owned));
        assert!(waits(later.as_mut()), "none of them passed anything on");
        notify.notify_waiters();
        ready(later);
        notify.notify_waiters();
        assert!(waits(pin!(notify.notified())), "nothing is kept");
    });
}

#[test]
fn a_call_to_all_leaves_the_notification_that_is_kept() {
    check_async(async || {
        let notify = Notify::new();
        let early = notify.notified();
        notify.notify_one();
        notify.notify_waiters();
        ready(pin!(early));
        ready(pin!(notify.notified()));
        assert!(waits(pin!(notify.notified())));
    });
}

#[test]
fn who_is_called_with_all_and_gives_up_passes_nothing_on() {
    check_async(async || {
        let notify = Notify::new();
        let mut called = Box::pin(notify.notified());
        assert!(waits(called.as_mut()));
        notify.notify_waiters();
        let mut later = pin!(notify.notified());
        assert!(waits(later.as_mut()));
        drop(called);
        assert!(waits(later.as_mut()));
    });
}

#[test]
fn a_wait_takes_its_place_before_it_is_polled() {
    check_async(async || {
        let notify = Arc::new(Notify::new());
        let (count, waker) = WakeCount::new();
        let mut early = pin!(notify.notified());
        let mut owned = pin!(notify.clone().notified_owned());
        assert!(!early.as_mut().enable() && !owned.as_mut().enable());
        let mut late = pin!(notify.notified());
        assert!(waits(late.as_mut()));
        notify.notify_one();
        assert!(early.as_mut().enable());
        ready(early);
        // The task that polls later is the one to be woken.
        assert!(owned.as_mut().poll(&mut std::task::Context::from_waker(&waker)).is_pending());
        assert!(!owned.as_mut().enable());
        notify.notify_one();
        assert_eq!(count.get(), 1);
        ready(owned);
        assert!(waits(late.as_mut()));
        notify.notify_one();
        ready(late);
        notify.notify_one();
        let mut enabled = pin!(notify.notified());
        assert!(enabled.as_mut().enable(), "it takes one that is kept");
        ready(enabled);
    });
}

/// A queue of one place: each value is announced after it is put there.
#[test]
fn no_notification_is_lost_between_threads() {
    check_async(async || {
        let shared = Arc::new((Notify::new(), AtomicUsize::new(0), Notify::new()));
        let reader = rt::spawn({
            let shared = Arc::clone(&shared);
            async move {
                for expected in 1..=2_000 {
                    while shared.1.load(SeqCst) < expected {
                        shared.0.notified().await;
                    }
                    shared.2.notify_one();
                }
            }
        });
        for value in 1..=2_000 {
            shared.1.store(value, SeqCst);
            shared.0.notify_one();
            shared.2.notified().await;
        }
        reader.await.unwrap();
    });
}

#[test]
fn a_crowd_is_woken_at_once() {
    check_async(async || {
        let notify = Arc::new(Notify::const_new());
        let waiting = Arc::new(AtomicUsize::new(0));
        let tasks: Vec<_> = (0..2_000)
            .map(|_| {
                let (notify, waiting) = (Arc::clone(&notify), Arc::clone(&waiting));
                rt::spawn(async move {
                    let notified = notify.notified();
                    waiting.fetch_add(1, SeqCst);
                    notified.await;
                })
            })
            .collect();
        super::yield_until(|| waiting.load(SeqCst) == 2_000).await;
        notify.notify_waiters();
        for task in tasks {
            task.await.unwrap();
        }
    });
}
