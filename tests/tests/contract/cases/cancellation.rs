//! Tokens that tell tasks to stop, and the tracker that waits until they have. (Tokio's are in
//! `tokio_util`.)

use super::io::{CancellationToken, TaskTracker};
use super::{check, check_async, rt, yield_until};
use std::collections::HashSet;
use std::future::{pending, poll_fn};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::Poll;
use tests::tracker::Tracker;
use tests::wait::poll_once;

#[test]
fn all_who_hold_a_token_are_told_once_and_for_ever() {
    check_async(async || {
        let token = CancellationToken::new();
        let tasks: Vec<_> = (0..10)
            .map(|task| {
                let token = token.clone();
                rt::spawn(async move {
                    if task % 2 == 0 {
                        token.cancelled().await;
                    } else {
                        token.cancelled_owned().await;
                    }
                })
            })
            .collect();
        let unpolled = token.cancelled();
        let mut polled = pin!(token.clone().cancelled_owned());
        assert!(poll_once(polled.as_mut()).is_pending());
        assert!(!token.is_cancelled());
        token.cancel();
        token.cancel();
        for task in tasks {
            task.await.unwrap();
        }
        unpolled.await;
        assert!(poll_once(polled.as_mut()).is_ready() && poll_once(polled).is_ready());
        token.cancelled().await;
        assert!(token.is_cancelled() && token.clone().is_cancelled());
    });
}

#[test]
fn a_child_ends_with_its_parent_and_not_the_other_way_round() {
    check_async(async || {
        let root = CancellationToken::new();
        let (one, other) = (root.child_token(), root.child_token());
        let grandchild = one.child_token();
        let mut waits = pin!(grandchild.cancelled());
        assert!(poll_once(waits.as_mut()).is_pending());
        one.cancel();
        assert!(poll_once(waits).is_ready());
        let are_cancelled = [&root, &one, &other, &grandchild].map(|token| token.is_cancelled());
        assert_eq!(are_cancelled, [false, true, false, true]);
        assert!(one.child_token().is_cancelled(), "made too late");
        one.child_token().child_token().cancelled().await;
        root.cancel();
        assert!(other.is_cancelled());
    });
}

#[test]
fn a_token_that_nobody_holds_passes_the_call_on() {
    check_async(async || {
        let root = CancellationToken::new();
        // A chain of which only the last is held.
        let mut last = root.child_token();
        for _ in 0..10_000 {
            last = last.child_token();
        }
        let kept = last.clone();
        drop(last);
        assert!(!kept.is_cancelled());
        root.cancel();
        assert!(kept.is_cancelled());
        // Nobody is left who could cancel this one.
        let root = CancellationToken::new();
        let (one, other) = (root.child_token(), root.child_token());
        drop(root);
        one.cancel();
        assert!(!other.is_cancelled());
        // A deep one, dropped from above and from below.
        let tokens: Vec<_> = std::iter::successors(Some(other), |token| Some(token.child_token()))
            .take(10_000)
            .collect();
        let last = tokens.last().unwrap().clone();
        tokens[0].cancel();
        drop(tokens);
        assert!(last.is_cancelled());
    });
}

#[test]
fn a_guard_cancels_unless_it_is_disarmed() {
    check_async(async || {
        let token = CancellationToken::new();
        let guard = token.clone().drop_guard();
        assert_eq!(guard.token(), &token);
        assert_eq!(guard.disarm(), token);
        let guard = token.drop_guard_ref();
        assert_eq!(guard.token(), &token);
        assert_eq!(guard.disarm(), &token);
        assert!(!token.is_cancelled());
        let child = token.child_token();
        drop(child.drop_guard_ref());
        assert!(child.is_cancelled() && !token.is_cancelled());
        drop(token.clone().drop_guard());
        assert!(token.is_cancelled());
    });
}

#[test]
fn a_future_runs_until_it_ends_or_is_cancelled() {
    check_async(async || {
        let tracker = Tracker::default();
        let token = CancellationToken::new();
        assert_eq!(token.run_until_cancelled(async { 1 }).await, Some(1));
        let held = tracker.token();
        let mut run = Box::pin(token.run_until_cancelled(async move {
            let _held = held;
            pending::<u8>().await
        }));
        assert!(poll_once(run.as_mut()).is_pending());
        token.cancel();
        assert_eq!(poll_once(run.as_mut()), Poll::Ready(None));
        drop(run);
        assert_eq!(tracker.dropped(), 1);
        // Cancelled before the first poll: it is not polled. Cancelled by itself: its output counts.
        let unpolled = poll_fn(|_| -> Poll<u8> { panic!("polled") });
        assert_eq!(token.run_until_cancelled(unpolled).await, None);
        let token = CancellationToken::new();
        let cancels = token.clone().run_until_cancelled_owned(async { token.cancel() });
        assert_eq!(cancels.await, Some(()));
        let dropped = token.run_until_cancelled(pending::<u8>());
        drop(dropped);
    });
}

#[test]
fn clones_are_equal_and_children_are_not() {
    check_async(async || {
        fn is_unwind_safe<T: UnwindSafe + RefUnwindSafe>(_: &T) {}
        let token = CancellationToken::default();
        is_unwind_safe(&token);
        assert_eq!(token, token.clone());
        assert_ne!(token, token.child_token());
        assert!(HashSet::from([token.clone()]).contains(&token));
        assert_eq!(format!("{token:?}"), "CancellationToken { is_cancelled: false }");
    });
}

#[test]
fn trees_are_made_dropped_and_cancelled_on_several_threads() {
    check_async(async || {
        for _ in 0..20 {
            let root = CancellationToken::new();
            let tasks: Vec<_> = (0..8)
                .map(|task| {
                    let root = root.clone();
                    rt::spawn(async move {
                        let mut token = root.child_token();
                        for turn in 0..50 {
                            let child = token.child_token();
                            if (task + turn) % 3 == 0 {
                                token = child;
                            } else if (task + turn) % 7 == 0 {
                                child.cancel();
                            }
                            rt::task::yield_now().await;
                        }
                        token.cancelled().await;
                    })
                })
                .collect();
            rt::task::yield_now().await;
            root.cancel();
            for task in tasks {
                task.await.unwrap();
            }
        }
    });
}

#[test]
fn a_wait_ends_when_the_tracker_is_closed_and_has_no_tasks() {
    check_async(async || {
        let tracker = TaskTracker::new();
        let ended = Arc::new(AtomicUsize::new(0));
        let stop = CancellationToken::new();
        for _ in 0..10 {
            let (ended, stop) = (Arc::clone(&ended), stop.clone());
            drop(tracker.spawn(async move {
                stop.cancelled().await;
                ended.fetch_add(1, SeqCst);
            }));
        }
        let call = tracker.spawn_blocking(|| 5);
        assert_eq!(call.await.unwrap(), 5);
        yield_until(|| tracker.len() == 10).await;
        let mut wait = pin!(tracker.wait());
        assert!(poll_once(wait.as_mut()).is_pending());
        assert!(tracker.close() && !tracker.close() && tracker.is_closed());
        assert!(poll_once(wait.as_mut()).is_pending());
        stop.cancel();
        wait.as_mut().await;
        assert_eq!((ended.load(SeqCst), tracker.len()), (10, 0));
        assert!(poll_once(wait).is_ready(), "and stays so");
    });
}

#[test]
fn an_empty_tracker_waits_until_it_is_closed_and_a_moment_is_enough() {
    check_async(async || {
        let tracker = TaskTracker::new();
        let mut wait = pin!(tracker.wait());
        let unpolled = tracker.wait();
        assert!(poll_once(wait.as_mut()).is_pending());
        assert!(!tracker.reopen());
        tracker.close();
        assert!(tracker.reopen() && !tracker.is_closed());
        assert!(poll_once(wait).is_ready() && poll_once(pin!(unpolled)).is_ready());
        assert!(poll_once(pin!(tracker.wait())).is_pending());
        tracker.close();
        tracker.clone().wait().await;
        // Closed, it tracks on.
        let token = tracker.token();
        let other = token.clone();
        assert!(TaskTracker::ptr_eq(other.task_tracker(), &tracker));
        assert!(!TaskTracker::ptr_eq(&TaskTracker::default(), &tracker));
        assert_eq!((tracker.len(), tracker.is_empty()), (2, false));
        let mut wait = pin!(tracker.wait());
        drop(token);
        assert!(poll_once(wait.as_mut()).is_pending());
        drop(other);
        assert!(poll_once(wait).is_ready());
        drop(tracker.wait());
    });
}

#[test]
fn what_is_tracked_counts_until_it_is_dropped() {
    check(|rt| {
        let tracker = TaskTracker::new();
        tracker.close();
        let aborted = tracker.spawn_on(pending::<()>(), rt.handle());
        let call = tracker.spawn_blocking_on(|| 5, rt.handle());
        rt.block_on(async {
            assert_eq!(call.await.unwrap(), 5);
            let tracked = tracker.track_future(async { 1 });
            yield_until(|| tracker.len() == 2).await;
            let mut tracked = Box::pin(tracked);
            assert_eq!(tracked.as_mut().await, 1);
            assert_eq!(tracker.len(), 2, "it is not dropped");
            drop(tracked);
            assert_eq!(tracker.len(), 1);
            aborted.abort();
            tracker.wait().await;
            let panics = tracker.spawn(async { panic!("on purpose") });
            tracker.wait().await;
            assert!(panics.await.unwrap_err().is_panic());
        });
    });
}
