//! A panic stays where it happened.

use super::{check, check_async, rt, until_polls, yield_until};
use std::future::{pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::task::{Context, Wake, Waker};
use tests::caught::caught;
use tests::probe::Probe;
use tests::tracker::{OnDrop, Tracker};
use tests::wait::poll_once;

/// Panics without the hook's message: nobody needs to read about a panic that is meant.
fn quiet_panic() {
    resume_unwind(Box::new("meant"));
}

#[test]
fn a_panic_is_seen_by_who_joins() {
    check_async(async || {
        let error = rt::spawn(async { quiet_panic() }).await.unwrap_err();
        assert!(error.is_panic());
        assert!(!error.is_cancelled());
        assert_eq!(*error.into_panic().downcast::<&str>().unwrap(), "meant");
    });
}

#[test]
fn the_payload_is_handed_over_whatever_it_is() {
    #[derive(Debug, PartialEq)]
    struct Payload(u64);

    check_async(async || {
        let error = rt::spawn(async { resume_unwind(Box::new(Payload(77))) }).await.unwrap_err();
        let payload = error.try_into_panic().expect("this was a panic");
        assert_eq!(*payload.downcast::<Payload>().unwrap(), Payload(77));
    });
}

#[test]
fn a_cancelled_task_has_no_payload() {
    check_async(async || {
        let task = rt::spawn(pending::<()>());
        task.abort();
        let error = task.await.unwrap_err();
        assert!(error.is_cancelled() && !error.is_panic());
        let error = error.try_into_panic().unwrap_err();
        assert!(error.is_cancelled());
        caught(|| error.into_panic());
    });
}

#[test]
fn an_error_tells_what_it_is() {
    check_async(async || {
        let panicked = rt::spawn(async { quiet_panic() }).await.unwrap_err();
        assert!(panicked.to_string().contains("panic"), "{panicked}");
        assert!(format!("{panicked:?}").to_lowercase().contains("panic"));
        let task = rt::spawn(pending::<()>());
        task.abort();
        let cancelled = task.await.unwrap_err();
        assert!(cancelled.to_string().contains("cancelled"), "{cancelled}");
        assert!(format!("{cancelled:?}").to_lowercase().contains("cancelled"));
        let texts = [
            (rt::spawn(async { panic!("to be read") }), ", \"to be read\""),
            (rt::spawn(async { std::panic::panic_any(1) }), ""),
        ];
        for (task, text) in texts {
            let error: rt::task::JoinError = task.await.map(|(): ()| ()).unwrap_err();
            assert_eq!(
                format!("{error:?}"),
                format!("JoinError::Panic({:?}{text}, ...)", error.id())
            );
        }
    });
}

#[test]
fn a_panic_leaves_other_tasks_alone() {
    check_async(async || {
        let survivor = rt::spawn(async {
            super::yield_times(100).await;
            5
        });
        for _ in 0..100 {
            drop(rt::spawn(async { quiet_panic() }));
        }
        assert_eq!(survivor.await.unwrap(), 5);
        assert_eq!(rt::spawn(async { 6 }).await.unwrap(), 6);
    });
}

#[test]
fn a_future_that_panicked_is_dropped_once_and_never_polled_again() {
    check(|rt| {
        let tracker = Tracker::default();
        let token = tracker.token();
        let mut polls = 0;
        let (waker, wakers) = std::sync::mpsc::channel::<Waker>();
        let task = rt.spawn(poll_fn(move |cx| {
            polls += 1;
            assert_eq!(polls, 1, "polled after a panic");
            let _ = &token;
            waker.send(cx.waker().clone()).unwrap();
            cx.waker().wake_by_ref();
            quiet_panic();
            std::task::Poll::<()>::Pending
        }));
        assert!(rt.block_on(task).unwrap_err().is_panic());
        assert_eq!(tracker.dropped(), 1);
        wakers.recv().unwrap().wake();
        super::settle(&rt);
        assert_eq!(tracker.dropped(), 1);
    });
}

#[test]
fn a_panic_in_the_drop_of_a_finished_future_is_seen_by_who_joins() {
    check_async(async || {
        let guard = OnDrop(quiet_panic);
        let task = rt::spawn(poll_fn(move |_| {
            let _ = &guard;
            std::task::Poll::Ready(())
        }));
        assert!(task.await.unwrap_err().is_panic());
    });
}

#[test]
fn a_panic_in_the_drop_of_a_cancelled_future_is_seen_by_who_joins() {
    check_async(async || {
        let guard = OnDrop(quiet_panic);
        let task = rt::spawn(async move {
            let _guard = guard;
            pending::<()>().await;
        });
        task.abort();
        assert!(task.await.unwrap_err().is_panic());
    });
}

#[test]
fn a_panic_in_the_drop_of_an_output_that_nobody_joins_is_swallowed() {
    check_async(async || {
        // Dropped by the runtime, as the task ends.
        let tracker = Tracker::default();
        let token = tracker.token();
        drop(rt::spawn(async move { (OnDrop(quiet_panic), token) }));
        yield_until(|| tracker.dropped() == 1).await;

        // Dropped by the handle.
        let task = rt::spawn(async { OnDrop(quiet_panic) });
        yield_until(|| task.is_finished()).await;
        drop(task);
        assert_eq!(rt::spawn(async { 1 }).await.unwrap(), 1);
    });
}

#[test]
fn a_panic_of_the_root_future_comes_out_of_block_on() {
    check(|rt| {
        let result = catch_unwind(AssertUnwindSafe(|| rt.block_on(async { quiet_panic() })));
        assert!(result.is_err());
        // The runtime is as good as before.
        assert_eq!(rt.block_on(async { rt::spawn(async { 2 }).await.unwrap() }), 2);
        assert!(rt::runtime::Handle::try_current().is_err(), "the context was left");
    });
}

#[test]
fn a_waker_of_who_joins_may_panic() {
    struct Panics;
    impl Wake for Panics {
        fn wake(self: Arc<Self>) {
            quiet_panic();
        }
    }

    check(|rt| {
        let probe = Probe::default();
        let mut task = Box::pin(rt.spawn(probe.clone()));
        let waker = Waker::from(Arc::new(Panics));
        assert!(task.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        until_polls(&rt, &probe, 1);
        probe.finish();
        probe.waker().wake();
        rt.block_on(yield_until(|| task.is_finished()));
        assert!(poll_once(task.as_mut()).is_ready());
        assert_eq!(rt.block_on(async { rt::spawn(async { 3 }).await.unwrap() }), 3);
    });
}

#[test]
fn a_join_handle_joined_twice_panics() {
    check_async(async || {
        let mut task = rt::spawn(async {});
        (&mut task).await.unwrap();
        caught(|| poll_once(std::pin::Pin::new(&mut task)));
    });
}
