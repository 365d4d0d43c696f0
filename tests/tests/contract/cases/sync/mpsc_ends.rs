//! How a channel ends, from either side; and the channel without a bound.

use super::{check_async, rt};
use rt::sync::mpsc::{self, error::TryRecvError, error::TrySendError};
use std::pin::pin;
use std::thread;
use tests::tracker::Tracker;
use tests::wait::{WakeCount, poll_once};

#[test]
fn after_the_close_nothing_is_sent_and_what_was_is_received() {
    check_async(async || {
        let (sender, mut receiver) = mpsc::channel(2);
        sender.send(1).await.unwrap();
        let permit = sender.reserve().await.unwrap();
        let mut waiting = pin!(sender.send(2));
        assert!(poll_once(waiting.as_mut()).is_pending());
        assert!(!sender.is_closed() && !receiver.is_closed());
        receiver.close();
        assert!(sender.is_closed() && receiver.is_closed());
        assert_eq!(waiting.await.unwrap_err().0, 2);
        assert!(matches!(sender.try_send(3), Err(TrySendError::Closed(3))));
        assert!(sender.reserve().await.is_err());
        assert_eq!(receiver.recv().await, Some(1));
        assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty), "a permit is out");
        permit.send(4);
        assert_eq!(receiver.recv().await, Some(4));
        assert_eq!(receiver.recv().await, None);
        assert_eq!(receiver.try_recv(), Err(TryRecvError::Disconnected));
    });
}

#[test]
fn the_last_permit_that_comes_back_ends_a_closed_channel() {
    check_async(async || {
        let (sender, mut receiver) = mpsc::channel::<u32>(2);
        let permit = sender.reserve().await.unwrap();
        receiver.close();
        let (woken, waker) = WakeCount::new();
        let mut cx = std::task::Context::from_waker(&waker);
        assert!(receiver.poll_recv(&mut cx).is_pending());
        drop(permit);
        assert_eq!(woken.get(), 1);
        assert_eq!(receiver.recv().await, None);
    });
}

#[test]
fn senders_that_wait_learn_that_the_receiver_is_gone() {
    check_async(async || {
        let (sender, receiver) = mpsc::channel(1);
        sender.send(0).await.unwrap();
        let sends = [1, 2, 3].map(|value| {
            let sender = sender.clone();
            rt::spawn(async move { sender.send(value).await })
        });
        let closed = rt::spawn({
            let sender = sender.clone();
            async move { sender.closed().await }
        });
        drop(receiver);
        for (send, value) in sends.into_iter().zip(1..) {
            assert_eq!(send.await.unwrap().unwrap_err().0, value);
        }
        closed.await.unwrap();
        sender.closed().await;
    });
}

#[test]
fn waiting_for_the_close_can_be_dropped_at_its_await() {
    check_async(async || {
        let (sender, mut receiver) = mpsc::channel(1);
        assert!(poll_once(pin!(sender.closed())).is_pending());
        let mut closed = pin!(sender.closed());
        assert!(poll_once(closed.as_mut()).is_pending());
        assert!(poll_once(pin!(sender.closed())).is_pending());
        sender.send(1).await.unwrap();
        assert_eq!(receiver.recv().await, Some(1));
        receiver.close();
        closed.await;
    });
}

#[test]
fn the_channel_ends_with_its_last_sender() {
    check_async(async || {
        let (sender, mut receiver) = mpsc::channel(2);
        let weak = sender.downgrade();
        let second = weak.upgrade().unwrap();
        let counts = (sender.strong_count(), sender.weak_count());
        assert_eq!(counts, (2, 1));
        assert_eq!((receiver.sender_strong_count(), receiver.sender_weak_count()), counts);
        drop(sender);
        second.send(1).await.unwrap();
        let task = rt::spawn(async move {
            let first = receiver.recv().await;
            (first, receiver.recv().await, receiver.is_closed())
        });
        drop(second);
        assert_eq!(task.await.unwrap(), (Some(1), None, true));
        assert!(weak.upgrade().is_none());
        assert_eq!((weak.strong_count(), weak.clone().weak_count()), (0, 2));
    });
}

#[test]
fn a_look_says_what_there_is() {
    check_async(async || {
        let (sender, mut receiver) = mpsc::channel(2);
        assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
        sender.try_send(1).unwrap();
        assert_eq!((receiver.len(), receiver.is_empty()), (1, false));
        assert_eq!((receiver.capacity(), receiver.max_capacity()), (1, 2));
        sender.try_send(2).unwrap();
        assert!(matches!(sender.try_send(3), Err(TrySendError::Full(3))));
        drop(sender);
        assert_eq!([receiver.try_recv(), receiver.try_recv()], [Ok(1), Ok(2)]);
        assert_eq!(receiver.try_recv(), Err(TryRecvError::Disconnected));
    });
}

#[test]
fn what_is_not_received_is_dropped() {
    check_async(async || {
        let tracker = Tracker::default();
        let (sender, mut receiver) = mpsc::channel(4);
        for _ in 0..3 {
            sender.send(tracker.token()).await.unwrap();
        }
        let permit = sender.reserve().await.unwrap();
        drop(receiver.recv().await);
        drop(receiver);
        assert_eq!((tracker.made(), tracker.dropped()), (3, 3));
        permit.send(tracker.token());
        assert!(sender.send(tracker.token()).await.is_err());
        drop(sender);
        assert!(tracker.balanced());
    });
}

#[test]
fn a_value_whose_drop_sends_to_its_own_channel_does_no_harm() {
    struct Sends(mpsc::UnboundedSender<Option<Sends>>);
    impl Drop for Sends {
        fn drop(&mut self) {
            assert!(self.0.send(None).is_err());
        }
    }
    check_async(async || {
        let (sender, receiver) = mpsc::unbounded_channel();
        assert!(sender.send(Some(Sends(sender.clone()))).is_ok());
        drop(receiver);
    });
}

#[test]
fn without_a_bound_nobody_waits_to_send() {
    check_async(async || {
        let (sender, mut receiver) = mpsc::unbounded_channel();
        for value in 0..1_000 {
            sender.send(value).unwrap();
        }
        assert_eq!(receiver.len(), 1_000);
        assert_eq!(receiver.recv().await, Some(0));
        sender.send(1_000).unwrap();
        assert_eq!((receiver.len(), receiver.is_empty()), (1_000, false));
        let mut values = Vec::new();
        while values.len() < 1_000 {
            assert!(receiver.recv_many(&mut values, 300).await > 0);
        }
        assert_eq!(values, Vec::from_iter(1..=1_000));
        assert!(poll_once(pin!(receiver.recv())).is_pending());
        sender.send(1).unwrap();
        receiver.close();
        assert_eq!(sender.send(2).unwrap_err().0, 2);
        sender.closed().await;
        assert_eq!([receiver.recv().await, receiver.recv().await], [Some(1), None]);
    });
}

#[test]
fn many_senders_without_a_bound() {
    check_async(async || {
        let (sender, mut receiver) = mpsc::unbounded_channel();
        let weak = sender.downgrade();
        for task in 0..4 {
            let sender = sender.clone();
            drop(rt::spawn(async move {
                for value in 0..500 {
                    sender.send((task, value)).unwrap();
                    if value % 50 == 0 {
                        rt::task::yield_now().await;
                    }
                }
            }));
        }
        drop(sender);
        let mut next = [0; 4];
        while let Some((task, value)) = receiver.recv().await {
            assert_eq!(value, next[task]);
            next[task] += 1;
        }
        assert_eq!(next, [500; 4]);
        assert!(weak.upgrade().is_none());
    });
}

#[test]
fn a_thread_receives_without_a_bound() {
    check_async(async || {
        let (sender, mut receiver) = mpsc::unbounded_channel();
        let thread = thread::spawn(move || {
            let mut values = Vec::new();
            while let Some(value) = receiver.blocking_recv() {
                values.push(value);
            }
            values
        });
        for value in 0..100 {
            sender.send(value).unwrap();
            rt::task::yield_now().await;
        }
        drop(sender);
        assert_eq!(thread.join().unwrap(), Vec::from_iter(0..100));
    });
}

#[test]
fn values_not_received_of_a_channel_without_a_bound_are_dropped() {
    check_async(async || {
        let tracker = Tracker::default();
        let (sender, mut receiver) = mpsc::unbounded_channel();
        for _ in 0..3 {
            sender.send(tracker.token()).unwrap();
        }
        drop(receiver.recv().await);
        drop(receiver);
        assert!(tracker.balanced() && sender.is_closed());
    });
}
