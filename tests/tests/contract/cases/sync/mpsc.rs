//! A channel with room for so many values: who sends, who waits, and in which order.

use super::{check_async, rt};
use rt::sync::mpsc::{self, error::TrySendError};
use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Poll};
use std::thread;
use tests::tracker::Tracker;
use tests::wait::{WakeCount, poll_once};

#[test]
fn values_arrive_in_the_order_in_which_they_were_sent() {
    check_async(async || {
        let (sender, mut receiver) = mpsc::channel(4);
        let task = rt::spawn(async move {
            for value in 0..500 {
                sender.send(value).await.unwrap();
            }
        });
        for value in 0..500 {
            assert_eq!(receiver.recv().await, Some(value));
        }
        assert_eq!(receiver.recv().await, None);
        task.await.unwrap();
    });
}

#[test]
fn many_senders_share_little_room() {
    check_async(async || {
        for room in [1, 3] {
            let (sender, mut receiver) = mpsc::channel(room);
            for task in 0..5 {
                let sender = sender.clone();
                drop(rt::spawn(async move {
                    for value in 0..200 {
                        sender.send((task, value)).await.unwrap();
                    }
                }));
            }
            drop(sender);
            let mut next = [0; 5];
            while let Some((task, value)) = receiver.recv().await {
                assert_eq!(value, next[task], "each sender's own order");
                next[task] += 1;
            }
            assert_eq!(next, [200; 5]);
        }
    });
}

#[test]
fn who_waits_first_sends_first() {
    check_async(async || {
        let (sender, mut receiver) = mpsc::channel(1);
        sender.send(0).await.unwrap();
        let mut first = pin!(sender.send(1));
        let mut second = pin!(sender.send(2));
        assert!(poll_once(first.as_mut()).is_pending());
        assert!(poll_once(second.as_mut()).is_pending());
        assert_eq!(receiver.recv().await, Some(0));
        assert!(poll_once(second.as_mut()).is_pending(), "the room is the first one's");
        assert!(matches!(sender.try_send(3), Err(TrySendError::Full(3))), "and nobody overtakes");
        assert!(poll_once(first).is_ready());
        assert_eq!(receiver.recv().await, Some(1));
        assert!(poll_once(second).is_ready());
        assert_eq!(receiver.recv().await, Some(2));
    });
}

#[test]
fn who_waits_is_woken_once() {
    check_async(async || {
        let (sender, mut receiver) = mpsc::channel(1);
        let (receiving, waker) = WakeCount::new();
        assert!(receiver.poll_recv(&mut Context::from_waker(&waker)).is_pending());
        sender.try_send(1).unwrap();
        assert_eq!(receiving.get(), 1);
        let (sending, waker) = WakeCount::new();
        let mut send = pin!(sender.send(2));
        assert!(send.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        assert_eq!(receiver.recv().await, Some(1));
        assert_eq!((receiving.get(), sending.get()), (1, 1));
        send.await.unwrap();
    });
}

#[test]
fn a_send_dropped_at_its_await_sends_nothing_and_keeps_no_room() {
    check_async(async || {
        let tracker = Tracker::default();
        let (sender, mut receiver) = mpsc::channel(1);
        sender.send(tracker.token()).await.unwrap();
        let mut next = pin!(sender.send(tracker.token()));
        {
            let mut dropped = pin!(sender.send(tracker.token()));
            assert!(poll_once(dropped.as_mut()).is_pending());
            assert!(poll_once(next.as_mut()).is_pending());
            drop(receiver.recv().await);
            // The room is promised to the one that is dropped now.
        }
        next.await.unwrap();
        assert_eq!((tracker.made(), tracker.dropped()), (3, 2));
        drop(receiver.recv().await);
        assert!(tracker.balanced() && receiver.is_empty());
    });
}

#[test]
fn a_reservation_dropped_at_its_await_passes_its_room_on() {
    check_async(async || {
        let (sender, mut receiver) = mpsc::channel(2);
        sender.send(0).await.unwrap();
        sender.send(1).await.unwrap();
        let mut next = pin!(sender.reserve());
        {
            let mut many = pin!(sender.reserve_many(2));
            assert!(poll_once(many.as_mut()).is_pending());
            assert!(poll_once(next.as_mut()).is_pending());
            assert_eq!(receiver.recv().await, Some(0));
            assert!(poll_once(many.as_mut()).is_pending(), "one of two");
            assert!(poll_once(next.as_mut()).is_pending(), "which is not given to another");
            assert_eq!(sender.capacity(), 0);
        }
        next.await.unwrap().send(2);
        assert_eq!(receiver.recv().await, Some(1));
        assert_eq!(receiver.recv().await, Some(2));
        assert_eq!(sender.capacity(), 2);
    });
}

#[test]
fn an_owned_reservation_dropped_at_its_await_drops_its_sender() {
    check_async(async || {
        let (sender, mut receiver) = mpsc::channel(1);
        sender.send(0).await.unwrap();
        {
            let mut owned = pin!(sender.reserve_owned());
            assert!(poll_once(owned.as_mut()).is_pending());
        }
        assert_eq!(receiver.recv().await, Some(0));
        assert_eq!(receiver.recv().await, None);
    });
}

#[test]
fn a_receive_dropped_at_its_await_takes_nothing() {
    check_async(async || {
        let (sender, mut receiver) = mpsc::channel(4);
        let mut values = Vec::new();
        assert!(poll_once(pin!(receiver.recv())).is_pending());
        assert!(poll_once(pin!(receiver.recv_many(&mut values, 4))).is_pending());
        sender.send(1).await.unwrap();
        sender.send(2).await.unwrap();
        assert_eq!(receiver.recv().await, Some(1));
        assert_eq!(receiver.recv_many(&mut values, 4).await, 1);
        assert_eq!(values, [2]);
    });
}

#[test]
fn many_are_received_up_to_a_limit() {
    check_async(async || {
        let (sender, mut receiver) = mpsc::channel(8);
        for value in 0..5 {
            sender.send(value).await.unwrap();
        }
        let mut values = vec![100];
        assert_eq!(receiver.recv_many(&mut values, 0).await, 0);
        assert_eq!(receiver.recv_many(&mut values, 3).await, 3);
        assert_eq!(receiver.recv_many(&mut values, 3).await, 2);
        assert_eq!(values, [100, 0, 1, 2, 3, 4]);
        assert_eq!(sender.capacity(), 8);
        drop(sender);
        assert_eq!(receiver.recv_many(&mut values, 3).await, 0);
    });
}

#[test]
fn a_permit_is_room_until_it_is_used_or_dropped() {
    check_async(async || {
        let (sender, mut receiver) = mpsc::channel(3);
        let permit = sender.reserve().await.unwrap();
        let mut permits = sender.try_reserve_many(2).unwrap();
        assert!(matches!(sender.try_reserve(), Err(TrySendError::Full(()))));
        assert_eq!((permits.len(), sender.capacity(), receiver.len()), (2, 0, 0));
        permits.next().unwrap().send(1);
        drop(permits);
        assert_eq!((sender.capacity(), receiver.len()), (1, 1));
        permit.send(2);
        assert_eq!(receiver.recv().await, Some(1));
        assert_eq!(receiver.recv().await, Some(2));
        assert_eq!((sender.capacity(), sender.max_capacity()), (3, 3));
    });
}

#[test]
fn an_owned_permit_gives_its_sender_back() {
    check_async(async || {
        let (sender, mut receiver) = mpsc::channel(1);
        let permit = sender.clone().reserve_owned().await.unwrap();
        assert!(permit.same_channel_as_sender(&sender));
        let error = sender.clone().try_reserve_owned().unwrap_err();
        assert!(matches!(error, TrySendError::Full(back) if back.same_channel(&sender)));
        assert!(permit.send(1).same_channel(&sender));
        assert_eq!(receiver.recv().await, Some(1));
        assert!(sender.clone().try_reserve_owned().unwrap().release().same_channel(&sender));
        drop(sender.clone().try_reserve_owned().unwrap());
        assert_eq!((sender.capacity(), sender.strong_count()), (1, 1));
    });
}

#[test]
fn threads_send_and_receive() {
    check_async(async || {
        let (sender, mut receiver) = mpsc::channel(1);
        let sending = thread::spawn(move || {
            for value in 0..100 {
                sender.blocking_send(value).unwrap();
            }
        });
        let (echo, mut echoed) = mpsc::channel(1);
        let receiving = thread::spawn(move || {
            let mut values = Vec::new();
            while echoed.blocking_recv_many(&mut values, 10) > 0 {}
            values
        });
        while let Some(value) = receiver.recv().await {
            echo.send(value).await.unwrap();
        }
        drop(echo);
        sending.join().unwrap();
        assert_eq!(receiving.join().unwrap(), Vec::from_iter(0..100));
    });
}

#[test]
fn a_poll_takes_a_value() {
    check_async(async || {
        let (sender, mut receiver) = mpsc::channel(2);
        sender.try_send(1).unwrap();
        sender.try_send(2).unwrap();
        assert_eq!(poll_fn(|cx| receiver.poll_recv(cx)).await, Some(1));
        let mut values = Vec::new();
        let many = poll_fn(|cx| receiver.poll_recv_many(cx, &mut values, 2)).await;
        assert_eq!((many, values), (1, vec![2]));
        drop(sender);
        assert_eq!(poll_fn(|cx| Poll::Ready(receiver.poll_recv(cx))).await, Poll::Ready(None));
    });
}
