//! One value, sent once.

use super::{check_async, rt};
use rt::sync::oneshot::{self, error::TryRecvError};
use std::pin::pin;
use std::task::{Context, Poll};
use std::thread;
use tests::tracker::Tracker;
use tests::wait::{WakeCount, poll_once};

#[test]
fn the_value_goes_from_task_to_task() {
    check_async(async || {
        for value in 0..200 {
            let (request, requested) = oneshot::channel();
            let (reply, replied) = oneshot::channel();
            let server = rt::spawn(async move { reply.send(requested.await.unwrap() + 1) });
            request.send(value).unwrap();
            assert_eq!(replied.await.unwrap(), value + 1);
            server.await.unwrap().unwrap();
        }
    });
}

#[test]
fn a_sender_that_is_dropped_is_an_error() {
    check_async(async || {
        let (sender, receiver) = oneshot::channel::<u32>();
        let task = rt::spawn(receiver);
        drop(sender);
        assert!(task.await.unwrap().is_err());
    });
}

#[test]
fn a_value_for_nobody_comes_back() {
    check_async(async || {
        let (sender, receiver) = oneshot::channel();
        assert!(!sender.is_closed());
        drop(receiver);
        assert!(sender.is_closed());
        assert_eq!(sender.send(7), Err(7));
        let (sender, mut receiver) = oneshot::channel();
        receiver.close();
        assert_eq!(sender.send(7), Err(7));
        assert!(receiver.await.is_err());
    });
}

#[test]
fn a_value_that_was_sent_before_the_close_is_received() {
    check_async(async || {
        let (sender, mut receiver) = oneshot::channel();
        sender.send(7).unwrap();
        receiver.close();
        assert_eq!(receiver.await.unwrap(), 7);
    });
}

#[test]
fn a_look_says_what_there_is() {
    check_async(async || {
        let (sender, mut receiver) = oneshot::channel();
        assert!(receiver.is_empty() && !receiver.is_terminated());
        assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
        sender.send(7).unwrap();
        assert!(!receiver.is_empty());
        assert_eq!(receiver.try_recv(), Ok(7));
        assert!(receiver.is_empty() && receiver.is_terminated());
        assert_eq!(receiver.try_recv(), Err(TryRecvError::Closed));

        let (sender, mut receiver) = oneshot::channel::<u32>();
        drop(sender);
        assert_eq!(receiver.try_recv(), Err(TryRecvError::Closed));
    });
}

#[test]
fn a_receiver_dropped_at_its_await_can_be_awaited_again() {
    check_async(async || {
        let (sender, mut receiver) = oneshot::channel();
        assert!(poll_once(pin!(&mut receiver)).is_pending());
        sender.send(7).unwrap();
        assert_eq!(receiver.await.unwrap(), 7);
    });
}

#[test]
fn waiting_for_the_close_ends_with_it_and_can_be_dropped() {
    check_async(async || {
        let (mut sender, receiver) = oneshot::channel::<u32>();
        assert!(poll_once(pin!(sender.closed())).is_pending());
        let task = rt::spawn(async move {
            sender.closed().await;
            sender.send(7)
        });
        drop(receiver);
        assert_eq!(task.await.unwrap(), Err(7));

        let (mut sender, receiver) = oneshot::channel();
        assert!(poll_once(pin!(sender.closed())).is_pending());
        sender.send(7).unwrap();
        assert_eq!(receiver.await.unwrap(), 7);
    });
}

#[test]
fn the_waker_of_the_last_poll_is_woken_once() {
    check_async(async || {
        let (sender, mut receiver) = oneshot::channel();
        let [(first, one), (second, two)] = [(); 2].map(|()| WakeCount::new());
        for waker in [&one, &one, &two] {
            let mut cx = Context::from_waker(waker);
            assert!(Future::poll(pin!(&mut receiver), &mut cx).is_pending());
        }
        sender.send(7).unwrap();
        assert_eq!((first.get(), second.get()), (0, 1));
        assert!(matches!(poll_once(pin!(&mut receiver)), Poll::Ready(Ok(7))));
    });
}

#[test]
fn a_thread_waits_for_a_value_of_a_task() {
    check_async(async || {
        let (sender, receiver) = oneshot::channel();
        let thread = thread::spawn(move || receiver.blocking_recv());
        rt::spawn(async move { sender.send(7) }).await.unwrap().unwrap();
        assert_eq!(thread.join().unwrap().unwrap(), 7);
    });
}

#[test]
fn a_value_has_one_end_whatever_races() {
    check_async(async || {
        let tracker = Tracker::default();
        for _ in 0..200 {
            let (sender, mut receiver) = oneshot::channel();
            let token = tracker.token();
            let other = rt::spawn(async move { drop(sender.send(token)) });
            match tracker.made() % 3 {
                0 => drop(receiver),
                1 => {
                    receiver.close();
                    drop(receiver.await);
                }
                _ => drop(receiver.await.unwrap()),
            }
            other.await.unwrap();
        }
        assert!(tracker.balanced());
    });
}
