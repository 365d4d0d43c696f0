//! Edges O1 to O4: each end on a thread of its own, in every order.

use super::*;
use crate::primitive::thread;
use crate::sync::model::block_on;
use std::task::{Wake, Waker};

/// The value is received exactly if it was sent, and what was written before it is seen (loom's cell
/// in `value` reports an access that edge O1 does not order).
#[test]
fn loom_a_value_is_received_or_comes_back() {
    loom::model(|| {
        let (sender, mut receiver) = channel();
        let other = thread::spawn(move || sender.send(Box::new(7)).is_ok());
        let taken = receiver.try_recv();
        let was_empty = taken == Err(TryRecvError::Empty);
        drop(receiver);
        let sent = other.join().expect("no panic");
        assert!(sent || was_empty);
        assert!(taken.is_err() || taken == Ok(Box::new(7)));
    });
}

/// Edge O2: who waits is woken; a lost wake-up is a deadlock.
#[test]
fn loom_a_waiting_receiver_is_woken() {
    loom::model(|| {
        let (sender, receiver) = channel();
        let other = thread::spawn(move || sender.send(7));
        assert_eq!(block_on(receiver), Ok(7));
        assert_eq!(other.join().expect("no panic"), Ok(()));
    });
}

/// The receiver is polled by one task after another while the value comes.
#[test]
fn loom_the_waker_is_replaced_while_the_value_comes() {
    struct Nothing;
    impl Wake for Nothing {
        fn wake(self: std::sync::Arc<Self>) {}
    }
    loom::model(|| {
        let (sender, mut receiver) = channel();
        let other = thread::spawn(move || sender.send(7));
        let first = Waker::from(std::sync::Arc::new(Nothing));
        for waker in [&first, &first, Waker::noop()] {
            if let Poll::Ready(value) =
                Pin::new(&mut receiver).poll(&mut Context::from_waker(waker))
            {
                assert_eq!(value, Ok(7));
                break;
            }
        }
        if !receiver.is_terminated() {
            assert_eq!(block_on(receiver), Ok(7));
        }
        assert_eq!(other.join().expect("no panic"), Ok(()));
    });
}

/// Edge O3, with a close against a send.
#[test]
fn loom_a_close_wakes_the_sender() {
    loom::model(|| {
        let (mut sender, mut receiver) = channel();
        let other = thread::spawn(move || {
            receiver.close();
            receiver.try_recv()
        });
        block_on(sender.closed());
        assert_eq!(sender.send(7), Err(7));
        assert_eq!(other.join().expect("no panic"), Err(TryRecvError::Closed));
    });
}

#[test]
fn loom_a_send_against_a_close_has_one_outcome() {
    loom::model(|| {
        let (sender, mut receiver) = channel();
        let other = thread::spawn(move || sender.send(7));
        receiver.close();
        let received = receiver.try_recv();
        let sent = other.join().expect("no panic");
        assert_eq!(sent.is_ok(), received.is_ok(), "{sent:?} {received:?}");
    });
}
