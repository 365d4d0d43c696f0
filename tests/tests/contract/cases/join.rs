//! `join!`, `try_join!` and `pin!`.

use super::{check_async, rt, yield_times};
use std::cell::RefCell;
use std::convert::Infallible;
use std::future::{pending, poll_fn, ready};
use std::task::Poll;
use tests::tracker::{OnDrop, Tracker};

#[test]
fn all_outputs_come_in_the_order_of_the_futures() {
    check_async(async || {
        let late = async {
            yield_times(3).await;
            "late"
        };
        assert_eq!(rt::join!(late, async { 2 }, ready('c')), ("late", 2, 'c'));
        assert_eq!(rt::join!(ready(1)), (1,));
        rt::join!();
        rt::join!(biased;);
        assert_eq!(rt::join!(biased; ready(1), ready(2),), (1, 2));
    });
}

/// Futures that note when they are polled, and are ready at the third time.
fn note<'a>(polls: &'a RefCell<Vec<u32>>, name: u32) -> impl Future<Output = u32> + 'a {
    let mut left = 2;
    poll_fn(move |cx| {
        polls.borrow_mut().push(name);
        if left == 0 {
            return Poll::Ready(name);
        }
        left -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
}

#[test]
fn each_poll_begins_with_the_next_future() {
    check_async(async || {
        let polls = RefCell::default();
        rt::join!(note(&polls, 1), note(&polls, 2), note(&polls, 3));
        assert_eq!(*polls.borrow(), [1, 2, 3, 2, 3, 1, 3, 1, 2]);
        polls.borrow_mut().clear();
        let outputs = async |polls| {
            let (a, b) = (note(polls, 1), note(polls, 2));
            rt::try_join!(async { Ok::<_, ()>(a.await) }, async { Ok(b.await) })
        };
        assert_eq!(outputs(&polls).await, Ok((1, 2)));
        assert_eq!(*polls.borrow(), [1, 2, 2, 1, 1, 2]);
    });
}

#[test]
fn with_biased_each_poll_begins_with_the_first() {
    check_async(async || {
        let polls = RefCell::default();
        rt::join!(biased; note(&polls, 1), note(&polls, 2));
        assert_eq!(*polls.borrow(), [1, 2, 1, 2, 1, 2]);
        polls.borrow_mut().clear();
        let ok = async |name| Ok::<_, ()>(note(&polls, name).await);
        assert_eq!(rt::try_join!(biased; ok(1), ok(2)), Ok((1, 2)));
        assert_eq!(*polls.borrow(), [1, 2, 1, 2, 1, 2]);
    });
}

#[test]
fn a_future_that_is_done_is_dropped_and_not_polled_again() {
    check_async(async || {
        let tracker = Tracker::default();
        let token = tracker.token();
        let done = async move {
            let _token = token;
        };
        let looks = async {
            yield_times(3).await;
            assert_eq!(tracker.dropped(), 1);
        };
        rt::join!(done, looks);
    });
}

#[test]
fn the_first_error_ends_all() {
    check_async(async || {
        let tracker = Tracker::default();
        let token = tracker.token();
        let waits = async move {
            let _token = token;
            pending::<Result<(), &str>>().await
        };
        let fails = async {
            yield_times(2).await;
            Err::<(), _>("failed")
        };
        assert_eq!(rt::try_join!(waits, fails, ready(Ok(1))), Err("failed"));
        assert_eq!(tracker.dropped(), 1);
        assert_eq!(rt::try_join!(ready(Ok::<_, ()>(1)), ready(Ok('b'))), Ok((1, 'b')));
        let never: Result<(u32, u32), Infallible> =
            rt::try_join!(async { Ok::<u32, Infallible>(1) }, async { Ok(2) });
        assert_eq!(never, Ok((1, 2)));
        let nothing: Result<(), ()> = rt::try_join!();
        assert_eq!(nothing, Ok(()));
    });
}

#[test]
fn futures_are_dropped_from_the_first_to_the_last() {
    check_async(async || {
        let dropped = &RefCell::new(Vec::new());
        let waits = |n| {
            let on_drop = OnDrop(move || dropped.borrow_mut().push(n));
            async move {
                let _on_drop = &on_drop;
                pending::<Result<(), u32>>().await
            }
        };
        let failed = rt::try_join!(waits(1), async { Err::<(), _>(2) }, waits(3));
        assert_eq!(failed, Err(2));
        assert_eq!(*dropped.borrow(), [1, 3]);
    });
}

#[test]
fn pinned_variables_are_futures_by_reference() {
    check_async(async || {
        let mut polls = 0;
        let waits = poll_fn(|_| {
            polls += 1;
            if polls == 2 { Poll::Ready(polls) } else { Poll::Pending }
        });
        let one = async { 1 };
        rt::pin!(waits, one);
        assert!(futures::poll!(&mut waits).is_pending());
        assert_eq!(one.await, 1);
        assert_eq!(waits.await, 2);
        rt::pin! {
            let two = async { 2 };
            let three = async { 3 };
        }
        assert_eq!(two.await + three.await, 5);
    });
}
