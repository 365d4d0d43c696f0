//! Edge V1 and edge S1: a wake-up that is lost is a deadlock.

use super::*;
use crate::primitive::{UnsafeCell, thread};
use crate::sync::model::block_on;

/// A change against a receiver that is about to wait for it.
#[test]
fn loom_a_change_is_seen_with_its_value() {
    loom::model(|| {
        let (sender, mut receiver) = channel(0);
        let other = thread::spawn(move || sender.send(1).is_ok());
        block_on(async {
            receiver.changed().await.expect("there is a change before the end");
            assert_eq!(*receiver.borrow_and_update(), 1);
            assert!(receiver.changed().await.is_err(), "and then the end");
        });
        assert!(other.join().expect("no panic"));
    });
}

/// Edge V1, of what the value's lock does not order: what was done before the send.
#[test]
fn loom_what_was_done_before_a_change_is_seen_with_it() {
    loom::model(|| {
        let (sender, mut receiver) = channel(0);
        let cell = loom::sync::Arc::new(UnsafeCell::new(()));
        let shared = loom::sync::Arc::clone(&cell);
        let other = thread::spawn(move || {
            shared.with_mut(|_| ());
            drop(shared);
            sender.send_replace(1);
            sender
        });
        assert!(block_on(receiver.changed()).is_ok());
        cell.with_mut(|_| ());
        drop(other.join().expect("no panic"));
    });
}

/// Two senders, of which each may find the other's receiver waiting.
#[test]
fn loom_the_last_change_of_two_is_seen() {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(2);
    builder.check(|| {
        let (sender, mut receiver) = channel(0);
        let second = sender.clone();
        let other = thread::spawn(move || second.send_modify(|n| *n += 1));
        let third = thread::spawn(move || sender.send_modify(|n| *n += 1));
        assert_eq!(block_on(receiver.wait_for(|n| *n == 2)).map(|n| *n).ok(), Some(2));
        other.join().expect("no panic");
        third.join().expect("no panic");
    });
}

/// A receiver goes while a sender waits for that.
#[test]
fn loom_the_last_receiver_goes() {
    loom::model(|| {
        let (sender, receiver) = channel(0);
        let other = thread::spawn(move || drop(receiver));
        block_on(sender.closed());
        assert!(sender.is_closed());
        other.join().expect("no panic");
    });
}
