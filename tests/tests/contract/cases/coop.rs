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
