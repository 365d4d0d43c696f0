//! The budget of a poll, as far as it can be asked about.

use super::{check_async, rt};
use futures::FutureExt;
use rt::task::coop::{
    consume_budget, cooperative, has_budget_remaining, poll_proceed, unconstrained,
};

use std::future::{poll_fn, ready};
use std::task::Poll;

/// Runs a future in a task: the budget of a test's own future may be another.
fn in_task(body: impl Future<Output = ()> + Send + 'static) {
    check_async(async || rt::spawn(body).await.unwrap());
}

/// Uses the budget up.
fn exhaust() {
    let mut operations = 0;
    while consume_budget().now_or_never().is_some() {
        operations += 1;
        assert!(operations < 10_000, "there is a budget");
    }
}

#[test]
fn a_poll_has_a_budget_and_the_next_one_has_another() {
    in_task(async {
        assert!(has_budget_remaining());
        exhaust();
        assert!(!has_budget_remaining());
        rt::task::yield_now().await;
        assert!(has_budget_remaining());
    });
}

#[test]
fn without_budget_left_a_task_is_polled_again_at_once() {
    in_task(async {
        for _ in 0..1000 {
            consume_budget().await;
        }
    });
}

#[test]
fn unconstrained_has_no_end() {
    in_task(async {
        exhaust();
        let many = async {
            for _ in 0..1000 {
                consume_budget().await;
            }
            assert!(has_budget_remaining());
        };
        assert!(unconstrained(many).now_or_never().is_some());
        assert!(!has_budget_remaining(), "restored");
    });
}

#[test]
fn what_is_cooperative_waits_without_budget() {
    in_task(async {
        assert!(cooperative(ready(1)).now_or_never().is_some());
        exhaust();
        assert!(cooperative(ready(1)).now_or_never().is_none());
    });
}

/// What could be done at once, and how often it is with a full budget and with none.
macro_rules! paid {
    ($($name:ident: $make:block, |$state:pat_param| $operation:expr;)*) => {$(
        #[test]
        fn $name() {
            in_task(async {
                for _ in 0..300 {
                    let $state = $make;
                    $operation.await;
                }
                let $state = $make;
                exhaust();
                assert!(Box::pin($operation).now_or_never().is_none(), "nothing is left");
            });
        }
    )*};
}

/// What locks, channels and handles do, though it is ready, is paid for.
mod operations {
    use super::*;
    use rt::sync::{Mutex, RwLock, Semaphore, broadcast, mpsc, oneshot, watch};

    paid! {
        a_permit: { Semaphore::new(1) }, |semaphore| async { drop(semaphore.acquire().await) };
        a_lock: { Mutex::new(()) }, |mutex| async { drop(mutex.lock().await) };
        a_read: { RwLock::new(()) }, |lock| async { drop(lock.read().await) };
        a_write: { RwLock::new(()) }, |lock| async { drop(lock.write().await) };
        a_send: { mpsc::channel(1) }, |(sender, _receiver)| async { sender.send(()).await.unwrap() };
        a_reservation: { mpsc::channel::<()>(1) },
            |(sender, _receiver)| async { drop(sender.reserve().await) };
        a_receive: {
            let (sender, receiver) = mpsc::channel(1);
            sender.try_send(()).unwrap();
            receiver
        }, |mut receiver| async { receiver.recv().await.unwrap() };
        a_receive_of_many: {
            let (sender, receiver) = mpsc::unbounded_channel();
            sender.send(()).unwrap();
            (receiver, Vec::new())
        }, |(mut receiver, mut values)| async { receiver.recv_many(&mut values, 9).await };
        a_oneshot: {
            let (sender, receiver) = oneshot::channel();
            sender.send(()).unwrap();
            receiver
        }, |receiver| async { receiver.await.unwrap() };
        a_closed_oneshot: { oneshot::channel::<()>().0 },
            |mut sender| async { sender.closed().await };
        a_broadcast: {
            let (sender, receiver) = broadcast::channel(1);
            sender.send(()).unwrap();
            receiver
        }, |mut receiver| async { receiver.recv().await.unwrap() };
        a_change: {
            let (sender, receiver) = watch::channel(0);
            sender.send(1).unwrap();
            (sender, receiver)
        }, |(_sender, mut receiver)| async { receiver.changed().await.unwrap() };
        a_value_that_is_wanted: { watch::channel(0) },
            |(_sender, mut receiver)| async { drop(receiver.wait_for(|n| *n == 0).await) };
        a_watch_without_receivers: { watch::channel(0).0 },
            |sender| async { sender.closed().await };
    }
}

#[test]
fn an_operation_without_progress_is_free() {
    in_task(poll_fn(|cx| {
        for _ in 0..1000 {
            assert!(poll_proceed(cx).is_ready());
        }
        let mut operations = 0;
        while let Poll::Ready(budget) = poll_proceed(cx) {
            budget.made_progress();
            operations += 1;
            assert!(operations < 10_000, "there is a budget");
        }
        Poll::Ready(())
    }));
}
