//! The last value of something that changes.

use super::{check_async, rt};
use rt::sync::watch;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use tests::wait::poll_once;

#[test]
fn a_change_is_seen_once() {
    check_async(async || {
        let (sender, mut receiver) = watch::channel(1);
        assert!(!receiver.has_changed().unwrap() && !receiver.borrow().has_changed());
        sender.send(2).unwrap();
        sender.send(3).unwrap();
        assert!(receiver.has_changed().unwrap());
        assert!(receiver.borrow().has_changed(), "a look is not an update");
        receiver.changed().await.unwrap();
        assert_eq!(*receiver.borrow(), 3);
        assert!(poll_once(pin!(receiver.changed())).is_pending());
        sender.send(4).unwrap();
        assert!(receiver.borrow_and_update().has_changed());
        assert!(!receiver.borrow_and_update().has_changed() && !receiver.has_changed().unwrap());
    });
}

#[test]
fn the_last_value_reaches_all() {
    check_async(async || {
        let (sender, receiver) = watch::channel(0);
        let tasks: Vec<_> = (0..20)
            .map(|_| {
                let mut receiver = receiver.clone();
                rt::spawn(async move {
                    let mut last = 0;
                    while receiver.changed().await.is_ok() {
                        let value = *receiver.borrow_and_update();
                        assert!(value > last, "never back");
                        last = value;
                    }
                    last
                })
            })
            .collect();
        for value in 1..=200 {
            sender.send(value).unwrap();
            if value % 10 == 0 {
                rt::task::yield_now().await;
            }
        }
        drop(sender);
        for task in tasks {
            assert_eq!(task.await.unwrap(), 200);
        }
    });
}

#[test]
fn a_wait_dropped_at_its_await_misses_nothing() {
    check_async(async || {
        let (sender, mut receiver) = watch::channel(0);
        assert!(poll_once(pin!(receiver.changed())).is_pending());
        assert!(poll_once(pin!(receiver.wait_for(|n| *n > 0))).is_pending());
        sender.send(1).unwrap();
        receiver.changed().await.unwrap();
        assert_eq!(*receiver.borrow_and_update(), 1);
    });
}

#[test]
fn a_wait_for_a_value_ends_with_it() {
    check_async(async || {
        let (sender, mut receiver) = watch::channel(5);
        assert_eq!(*receiver.wait_for(|n| *n == 5).await.unwrap(), 5);
        let task = rt::spawn(async move {
            let value = receiver.wait_for(|n| *n > 7).await.map(|n| *n);
            (value.unwrap(), receiver.wait_for(|n| *n > 9).await.is_err())
        });
        for value in [6, 7, 8] {
            sender.send(value).unwrap();
            rt::task::yield_now().await;
        }
        drop(sender);
        assert_eq!(task.await.unwrap(), (8, true));
    });
}

#[test]
fn a_wait_that_panics_leaves_the_value_as_it_was() {
    check_async(async || {
        let (sender, mut receiver) = watch::channel(1);
        let result = catch_unwind(AssertUnwindSafe(|| {
            drop(poll_once(pin!(receiver.wait_for(|_| resume_unwind(Box::new(()))))));
        }));
        assert!(result.is_err());
        let result = catch_unwind(AssertUnwindSafe(|| {
            sender.send_modify(|_| resume_unwind(Box::new(())));
        }));
        assert!(result.is_err());
        assert!(!receiver.has_changed().unwrap());
        sender.send(2).unwrap();
        assert_eq!(*receiver.borrow_and_update(), 2);
    });
}

#[test]
fn what_is_changed_in_place_is_told_if_it_is_said() {
    check_async(async || {
        let (sender, mut receiver) = watch::channel(1);
        sender.send_modify(|n| *n += 1);
        receiver.changed().await.unwrap();
        assert!(!sender.send_if_modified(|n| {
            *n = 7;
            false
        }));
        assert!(!receiver.has_changed().unwrap());
        assert_eq!((*receiver.borrow(), *sender.borrow()), (7, 7));
        assert!(sender.send_if_modified(|_| true));
        assert_eq!(sender.send_replace(8), 7);
        assert_eq!(*receiver.borrow_and_update(), 8);
    });
}

#[test]
fn a_receiver_says_itself_what_it_has_seen() {
    check_async(async || {
        let (sender, mut receiver) = watch::channel(1);
        receiver.mark_changed();
        assert!(receiver.has_changed().unwrap());
        receiver.changed().await.unwrap();
        sender.send(2).unwrap();
        receiver.mark_unchanged();
        assert!(!receiver.has_changed().unwrap());
        sender.send(3).unwrap();
        receiver.mark_changed();
        receiver.changed().await.unwrap();
        assert!(poll_once(pin!(receiver.changed())).is_pending());
    });
}

#[test]
fn a_clone_has_seen_as_much_and_a_subscriber_all() {
    check_async(async || {
        let (sender, receiver) = watch::channel(1);
        sender.send(2).unwrap();
        let (cloned, subscribed) = (receiver.clone(), sender.subscribe());
        assert!(cloned.has_changed().unwrap() && !subscribed.has_changed().unwrap());
        assert!(cloned.same_channel(&subscribed) && sender.same_channel(&sender.clone()));
        assert_eq!((sender.receiver_count(), sender.sender_count()), (3, 1));
    });
}

#[test]
fn without_receivers_a_send_fails_and_a_replacement_does_not() {
    check_async(async || {
        let sender = watch::Sender::new(1);
        assert!(sender.is_closed());
        assert_eq!(sender.send(2).unwrap_err().0, 2);
        assert_eq!(sender.send_replace(3), 1);
        assert_eq!(*sender.subscribe().borrow(), 3);
    });
}

#[test]
fn the_last_change_is_seen_before_the_end() {
    check_async(async || {
        let (sender, mut receiver) = watch::channel(1);
        let second = sender.clone();
        drop(sender);
        assert!(!receiver.is_closed());
        second.send(2).unwrap();
        drop(second);
        assert!(receiver.is_closed() && receiver.has_changed().is_err());
        receiver.changed().await.unwrap();
        assert!(receiver.changed().await.is_err());
        assert_eq!(*receiver.borrow(), 2, "the value stays");
    });
}

#[test]
fn who_waits_learns_of_the_end() {
    check_async(async || {
        let (sender, mut receiver) = watch::channel(1);
        let task = rt::spawn(async move { receiver.changed().await.is_err() });
        rt::task::yield_now().await;
        drop(sender);
        assert!(task.await.unwrap());
    });
}

#[test]
fn senders_wait_until_there_is_no_receiver() {
    check_async(async || {
        let (sender, receiver) = watch::channel(1);
        assert!(poll_once(pin!(sender.closed())).is_pending());
        let task = rt::spawn({
            let sender = sender.clone();
            async move { sender.closed().await }
        });
        let second = receiver.clone();
        drop(receiver);
        assert!(poll_once(pin!(sender.closed())).is_pending());
        drop(second);
        task.await.unwrap();
    });
}
