//! The ends, in one thread.

use super::error::{SendError, TryRecvError, TrySendError};
use super::*;
use crate::block_on::block_on;
use crate::coop;
use crate::sync::senders;
use futures::{FutureExt, StreamExt};
use std::task::{Context, Poll, Waker};

#[test]
fn an_idle_channel_takes_no_more_than_150_bytes() {
    let heap = senders::Shared::<chan::Chan<String>>::HEAP;
    assert!(heap <= 150, "{heap}");
}

#[test]
fn receivers_are_streams() {
    let (sender, receiver) = channel(2);
    let (unbounded_sender, unbounded_receiver) = unbounded_channel();
    for value in 0..2 {
        assert_eq!(sender.try_send(value), Ok(()));
        assert_eq!(unbounded_sender.send(value), Ok(()));
    }
    drop((sender, unbounded_sender));
    assert_eq!(block_on(receiver.collect::<Vec<_>>()), [0, 1]);
    assert_eq!(block_on(unbounded_receiver.collect::<Vec<_>>()), [0, 1]);
}

#[test]
fn values_taken_out_together_are_still_there() {
    let (sender, mut receiver) = unbounded_channel();
    for value in 0..5 {
        assert_eq!(sender.send(value), Ok(()));
    }
    assert_eq!(receiver.try_recv(), Ok(0));
    assert_eq!(sender.send(5), Ok(()));
    assert_eq!(receiver.len(), 5);
    let mut values = Vec::new();
    assert_eq!(receiver.recv_many(&mut values, 2).now_or_never(), Some(2));
    assert_eq!(receiver.recv_many(&mut values, 10).now_or_never(), Some(3));
    assert_eq!(values, [1, 2, 3, 4, 5], "from what was taken, then from the channel");
    assert!(receiver.is_empty());
    assert_eq!(receiver.recv_many(&mut values, 1).now_or_never(), None);
    receiver.close();
    assert_eq!(sender.send(6), Err(SendError(6)));
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Disconnected));
}

#[test]
fn after_a_flood_the_memory_is_given_back() {
    for takes_many in [false, true] {
        let (sender, mut receiver) = unbounded_channel();
        for _ in 0..3 {
            for value in 0..10_000 {
                assert_eq!(sender.send(value), Ok(()));
            }
            assert_eq!(receiver.try_recv(), Ok(0));
            let mut values = Vec::new();
            if takes_many {
                assert_eq!(receiver.recv_many(&mut values, 20_000).now_or_never(), Some(9_999));
            } else {
                while receiver.try_recv().is_ok() {}
            }
            assert!(receiver.rx.room() <= 128, "{}", receiver.rx.room());
        }
    }
}

#[test]
fn a_reservation_for_more_than_there_is_room_for_fails() {
    let (sender, _receiver) = channel::<u32>(2);
    assert!(sender.reserve_many(3).now_or_never().expect("at once").is_err());
    assert_eq!(sender.try_reserve_many(3).err(), Some(TrySendError::Full(())));
    assert_eq!(sender.reserve_many(2).now_or_never().expect("at once").expect("there is").len(), 2);
}

/// Runs with a budget that is used up.
fn without_budget<R>(f: impl FnOnce() -> R) -> R {
    coop::with_budget(|| {
        let mut cx = Context::from_waker(Waker::noop());
        while let Poll::Ready(progress) = coop::poll_proceed(&mut cx) {
            progress.made_progress();
        }
        f()
    })
}

#[test]
fn sends_and_receives_count_against_the_budget_of_a_poll() {
    let (sender, mut receiver) = channel(2);
    assert_eq!(sender.try_send(1), Ok(()));
    let mut values = Vec::new();
    without_budget(|| {
        assert!(sender.send(2).now_or_never().is_none());
        assert!(sender.reserve().now_or_never().is_none());
        assert!(receiver.recv().now_or_never().is_none());
        assert!(receiver.recv_many(&mut values, 2).now_or_never().is_none());
        assert_eq!(receiver.try_recv(), Ok(1), "what does not wait is not counted");
    });
    assert_eq!((receiver.len(), receiver.capacity(), values.len()), (0, 2, 0), "nothing is lost");
}
