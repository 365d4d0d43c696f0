//! Wakes after the lock, and the end against what was sent before.

use super::error::RecvError;
use super::*;
use crate::primitive::thread;
use crate::sync::model::block_on;

/// Two receivers wait, or do not; each gets the value, and then the end (edge S1).
#[test]
fn loom_all_who_wait_get_the_value_and_the_end() {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(2);
    builder.check(|| {
        let (sender, mut first) = channel(2);
        let mut second = sender.subscribe();
        let other = thread::spawn(move || {
            assert_eq!(block_on(second.recv()), Ok(7));
            assert_eq!(block_on(second.recv()), Err(RecvError::Closed));
        });
        let sending = thread::spawn(move || assert_eq!(sender.send(7).ok(), Some(2)));
        assert_eq!(block_on(first.recv()), Ok(7));
        sending.join().expect("no panic");
        other.join().expect("no panic");
    });
}

/// A receiver goes while a value comes and a sender waits for the end.
#[test]
fn loom_the_last_receiver_goes() {
    loom::model(|| {
        let (sender, receiver) = channel(1);
        let other = thread::spawn(move || drop(receiver));
        let value = std::sync::Arc::new(());
        drop(sender.send(value.clone()));
        block_on(sender.closed());
        assert!(sender.send(value.clone()).is_err());
        assert_eq!(std::sync::Arc::strong_count(&value), 1, "what nobody receives is dropped");
        other.join().expect("no panic");
    });
}
