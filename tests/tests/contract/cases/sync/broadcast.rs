//! Every value to every receiver.

use super::{check_async, rt};
use rt::sync::broadcast::{self, error::RecvError, error::TryRecvError};
use std::pin::pin;
use std::thread;
use tests::wait::poll_once;

#[test]
fn each_receiver_gets_each_value_in_order() {
    check_async(async || {
        let (sender, receiver) = broadcast::channel(256);
        let tasks =
            [receiver.resubscribe(), receiver.resubscribe(), receiver].map(|mut receiver| {
                rt::spawn(async move {
                    for value in 0..200 {
                        assert_eq!(receiver.recv().await, Ok(value));
                    }
                    receiver.recv().await
                })
            });
        for value in 0..200 {
            assert_eq!(sender.send(value).unwrap(), 3);
            if value % 7 == 0 {
                rt::task::yield_now().await;
            }
        }
        drop(sender);
        for task in tasks {
            assert_eq!(task.await.unwrap(), Err(RecvError::Closed));
        }
    });
}

#[test]
fn all_who_wait_are_woken() {
    check_async(async || {
        let (sender, receiver) = broadcast::channel(1);
        let mut tasks = Vec::new();
        let (ready, mut is_ready) = rt::sync::mpsc::unbounded_channel();
        for _ in 0..100 {
            let (mut receiver, ready) = (receiver.resubscribe(), ready.clone());
            tasks.push(rt::spawn(async move {
                ready.send(()).unwrap();
                receiver.recv().await
            }));
        }
        for _ in 0..100 {
            is_ready.recv().await.unwrap();
        }
        assert_eq!(sender.send(7).unwrap(), 101);
        for task in tasks {
            assert_eq!(task.await.unwrap(), Ok(7));
        }
    });
}

#[test]
fn who_is_too_slow_learns_how_much_was_lost() {
    check_async(async || {
        let (sender, mut receiver) = broadcast::channel(4);
        let mut quick = sender.subscribe();
        for value in 0..6 {
            sender.send(value).unwrap();
            assert_eq!(quick.recv().await, Ok(value));
        }
        assert_eq!((receiver.len(), sender.len()), (6, 4));
        assert_eq!(receiver.recv().await, Err(RecvError::Lagged(2)));
        assert_eq!(receiver.recv().await, Ok(2));
        for value in 6..10 {
            sender.send(value).unwrap();
        }
        assert_eq!(receiver.try_recv(), Err(TryRecvError::Lagged(3)));
        for value in 6..10 {
            assert_eq!(receiver.try_recv(), Ok(value));
        }
        assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
    });
}

#[test]
fn the_capacity_is_rounded_up_to_a_power_of_two() {
    check_async(async || {
        let (sender, mut receiver) = broadcast::channel(3);
        for value in 0..5 {
            sender.send(value).unwrap();
        }
        assert_eq!(receiver.recv().await, Err(RecvError::Lagged(1)));
        assert_eq!(receiver.recv().await, Ok(1));
    });
}

#[test]
fn a_receiver_gets_what_is_sent_after_its_making() {
    check_async(async || {
        let (sender, mut first) = broadcast::channel(4);
        sender.send(1).unwrap();
        let (mut second, mut third) = (sender.subscribe(), first.resubscribe());
        sender.send(2).unwrap();
        assert_eq!([first.recv().await, first.recv().await], [Ok(1), Ok(2)]);
        assert_eq!([second.recv().await, third.recv().await], [Ok(2), Ok(2)]);
        assert_eq!((sender.receiver_count(), sender.is_empty(), third.is_empty()), (3, true, true));
        assert!(first.same_channel(&second) && sender.same_channel(&sender.clone()));
    });
}

#[test]
fn without_receivers_a_send_gives_the_value_back_and_the_channel_goes_on() {
    check_async(async || {
        let sender = broadcast::Sender::new(4);
        assert_eq!(sender.send(1).unwrap_err().0, 1);
        let mut receiver = sender.subscribe();
        sender.send(2).unwrap();
        assert_eq!(receiver.recv().await, Ok(2));
        drop(receiver);
        assert_eq!(sender.send(3).unwrap_err().0, 3);
    });
}

#[test]
fn a_receive_dropped_at_its_await_takes_nothing() {
    check_async(async || {
        let (sender, mut receiver) = broadcast::channel(4);
        assert!(poll_once(pin!(receiver.recv())).is_pending());
        assert!(poll_once(pin!(receiver.recv())).is_pending());
        sender.send(1).unwrap();
        assert_eq!(receiver.recv().await, Ok(1));
        let task = rt::spawn(async move { receiver.recv().await });
        sender.send(2).unwrap();
        assert_eq!(task.await.unwrap(), Ok(2));
    });
}

#[test]
fn senders_wait_until_nobody_receives() {
    check_async(async || {
        let (sender, receiver) = broadcast::channel::<u32>(4);
        assert!(poll_once(pin!(sender.closed())).is_pending());
        let task = rt::spawn({
            let sender = sender.clone();
            async move { sender.closed().await }
        });
        let second = sender.subscribe();
        drop(receiver);
        assert!(poll_once(pin!(sender.closed())).is_pending());
        drop(second);
        task.await.unwrap();
        sender.closed().await;
    });
}

#[test]
fn the_channel_ends_with_its_last_sender() {
    check_async(async || {
        let (sender, mut receiver) = broadcast::channel(4);
        let weak = sender.downgrade();
        let second = weak.upgrade().unwrap();
        assert_eq!((second.strong_count(), second.weak_count()), (2, 1));
        drop(sender);
        second.send(1).unwrap();
        assert!(!receiver.is_closed());
        let task = rt::spawn(async move { (receiver.recv().await, receiver.recv().await) });
        drop(second);
        assert_eq!(task.await.unwrap(), (Ok(1), Err(RecvError::Closed)));
        assert!(weak.upgrade().is_none());
    });
}

#[test]
fn a_value_is_dropped_when_all_have_it_or_nobody_will() {
    #[derive(Clone, Debug)]
    struct Value(#[expect(dead_code, reason = "dropped, not read")] std::sync::Arc<()>);
    check_async(async || {
        let count = std::sync::Arc::new(());
        let (sender, mut first) = broadcast::channel(2);
        let mut second = sender.subscribe();
        sender.send(Value(count.clone())).unwrap();
        drop(first.recv().await);
        assert_eq!(std::sync::Arc::strong_count(&count), 2);
        drop(second.recv().await);
        assert_eq!(std::sync::Arc::strong_count(&count), 1, "all have it");
        sender.send(Value(count.clone())).unwrap();
        drop(first.recv().await);
        drop(second);
        assert_eq!(std::sync::Arc::strong_count(&count), 1, "nobody will");
        for _ in 0..3 {
            sender.send(Value(count.clone())).unwrap();
        }
        assert_eq!(std::sync::Arc::strong_count(&count), 3, "no more than are kept");
        drop(first);
        assert_eq!(std::sync::Arc::strong_count(&count), 1);
    });
}

#[test]
fn a_thread_receives() {
    check_async(async || {
        let (sender, mut receiver) = broadcast::channel(128);
        let thread = thread::spawn(move || {
            let mut values = Vec::new();
            while let Ok(value) = receiver.blocking_recv() {
                values.push(value);
            }
            values
        });
        for value in 0..100 {
            sender.send(value).unwrap();
        }
        drop(sender);
        assert_eq!(thread.join().unwrap(), Vec::from_iter(0..100));
    });
}

#[test]
fn receivers_come_and_go_while_values_come() {
    check_async(async || {
        let (sender, receiver) = broadcast::channel(8);
        let tasks: Vec<_> = (1..20)
            .map(|lives| {
                let mut receiver = receiver.resubscribe();
                rt::spawn(async move {
                    for _ in 0..lives {
                        if receiver.recv().await == Err(RecvError::Closed) {
                            break;
                        }
                    }
                })
            })
            .collect();
        drop(receiver);
        for value in 0..100 {
            let _ = sender.send(value);
            rt::task::yield_now().await;
        }
        let sender_count = sender.downgrade();
        drop(sender);
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!((sender_count.strong_count(), sender_count.upgrade().is_none()), (0, true));
    });
}
