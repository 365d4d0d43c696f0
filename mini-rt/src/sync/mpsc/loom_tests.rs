//! What the lock does not order: the count of senders, and wakes after the lock.

use super::*;
use crate::primitive::{UnsafeCell, thread};
use crate::sync::model::block_on;

/// Edge S1: a receiver that sees the end has seen every value.
#[test]
fn loom_all_that_was_sent_comes_before_the_end() {
    loom::model(|| {
        let (sender, mut receiver) = channel(2);
        let second = sender.clone();
        let other = thread::spawn(move || assert!(second.try_send(1).is_ok()));
        assert!(sender.try_send(1).is_ok());
        drop(sender);
        let mut received = 0;
        while let Some(value) = block_on(receiver.recv()) {
            received += value;
        }
        assert_eq!(received, 2);
        other.join().expect("no panic");
    });
}

/// Edge S1, of what the lock does not order: what a sender has done after its last value.
#[test]
fn loom_all_that_senders_did_comes_before_the_end() {
    loom::model(|| {
        let (sender, mut receiver) = unbounded_channel::<()>();
        let cell = loom::sync::Arc::new(UnsafeCell::new(()));
        let (second, shared) = (sender.clone(), loom::sync::Arc::clone(&cell));
        let other = thread::spawn(move || {
            shared.with_mut(|_| ());
            drop(shared);
            drop(second);
        });
        drop(sender);
        assert_eq!(block_on(receiver.recv()), None);
        cell.with_mut(|_| ());
        other.join().expect("no panic");
    });
}

/// A wake-up that is lost on either side is a deadlock.
#[test]
fn loom_a_sender_waits_for_room_and_the_receiver_for_values() {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(|| {
        let (sender, mut receiver) = channel(1);
        let other = thread::spawn(move || {
            block_on(async {
                sender.send(1).await.expect("the receiver is there");
                sender.send(2).await.expect("the receiver is there");
            });
        });
        block_on(async {
            assert_eq!(receiver.recv().await, Some(1));
            assert_eq!(receiver.recv().await, Some(2));
            assert_eq!(receiver.recv().await, None);
        });
        other.join().expect("no panic");
    });
}

/// The last sender goes while one is made of a weak one: either it is made and can send, or the
/// channel ends.
#[test]
fn loom_an_upgrade_against_the_drop_of_the_last_sender() {
    loom::model(|| {
        let (sender, mut receiver) = unbounded_channel();
        let weak = sender.downgrade();
        let other = thread::spawn(move || drop(sender));
        let upgraded = weak.upgrade();
        let is_upgraded = upgraded.is_some();
        if let Some(sender) = upgraded {
            sender.send(1).expect("the receiver is there");
        }
        assert_eq!(block_on(receiver.recv()), is_upgraded.then_some(1));
        assert_eq!(block_on(receiver.recv()), None);
        other.join().expect("no panic");
    });
}

/// A close against a sender that waits: it gets an error, and the permits come back.
#[test]
fn loom_a_close_against_a_waiting_sender() {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(|| {
        let (sender, mut receiver) = channel(1);
        assert!(sender.try_send(1).is_ok());
        let other = thread::spawn(move || block_on(sender.send(2)).is_ok());
        receiver.close();
        let mut received = 0;
        while block_on(receiver.recv()).is_some() {
            received += 1;
        }
        assert!(!other.join().expect("no panic"), "nothing was received before the close");
        assert_eq!(received, 1);
    });
}
