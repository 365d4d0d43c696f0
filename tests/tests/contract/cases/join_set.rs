//! `JoinSet`: who is in it, in which order they leave it, and how they end.

use super::{check, check_async, rt, settle, yield_until};
use futures::FutureExt;
use futures::channel::oneshot;
use rt::task::{JoinError, JoinSet};
use std::collections::HashSet;
use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::task::{Context, Poll, Waker};
use std::thread;
use tests::caught::caught;
use tests::tracker::Tracker;

#[test]
fn every_task_is_joined_once() {
    check_async(async || {
        let mut set: JoinSet<usize> = (0..50).map(async |n| n).collect();
        set.extend((50..100).map(async |n| n));
        assert_eq!((set.len(), set.is_empty()), (100, false));
        let mut seen = HashSet::new();
        while let Some(joined) = set.join_next().await {
            assert!(seen.insert(joined.unwrap()));
            // A set that is used goes on taking tasks.
            if seen.len() == 50 {
                set.extend((100..1000).map(async |n| n));
            }
        }
        assert_eq!((seen.len(), set.len(), set.is_empty()), (1000, 0, true));
        assert!(set.join_next().await.is_none());
    });
}

#[test]
fn tasks_are_joined_in_the_order_of_their_ends() {
    check_async(async || {
        let mut set = JoinSet::new();
        let senders: Vec<_> = (0..10)
            .map(|n| {
                let (sender, receiver) = oneshot::channel();
                let abort = set.spawn(async move {
                    receiver.await.unwrap();
                    n
                });
                (sender, abort)
            })
            .collect();
        // Nobody has looked at the set, and the last ends first.
        for (sender, abort) in senders.into_iter().rev() {
            sender.send(()).unwrap();
            yield_until(|| abort.is_finished()).await;
        }
        // The waker comes after the end, so the last of them may still be on its way.
        assert_eq!(set.join_all().await, [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
    });
}

#[test]
fn who_waits_is_woken_by_a_task_that_ends() {
    check_async(async || {
        let (sender, receiver) = oneshot::channel();
        let mut set = JoinSet::new();
        set.spawn(pending());
        set.spawn(async { receiver.await.unwrap() });
        let joiner = rt::spawn(async move {
            let joined = set.join_next().await;
            (joined, set)
        });
        rt::task::yield_now().await;
        sender.send(5).unwrap();
        let (joined, set) = joiner.await.unwrap();
        assert_eq!(joined.unwrap().unwrap(), 5);
        assert_eq!(set.len(), 1);
    });
}

#[test]
fn the_waker_of_the_last_poll_is_woken() {
    check_async(async || {
        let (sender, receiver) = oneshot::channel();
        let mut set = JoinSet::new();
        set.spawn(async { receiver.await.unwrap() });
        assert!(set.poll_join_next(&mut Context::from_waker(Waker::noop())).is_pending());
        assert!(set.join_next().now_or_never().is_none());
        let joins = async { set.join_next().await.unwrap().unwrap() };
        let (joined, ()) = futures::join!(joins, async { sender.send(1).unwrap() });
        assert_eq!(joined, 1);
    });
}

#[test]
fn a_join_that_is_dropped_takes_no_task_along() {
    check_async(async || {
        let (sender, receiver) = oneshot::channel();
        let mut set = JoinSet::new();
        let abort = set.spawn(async { receiver.await.unwrap() });
        for _ in 0..3 {
            assert!(set.join_next().now_or_never().is_none());
            assert!(set.join_next_with_id().now_or_never().is_none());
        }
        assert_eq!(set.len(), 1);
        sender.send(2).unwrap();
        yield_until(|| abort.is_finished()).await;
        assert_eq!(set.join_next().await.unwrap().unwrap(), 2);
    });
}

#[test]
fn try_join_next_does_not_wait() {
    check_async(async || {
        let (sender, receiver) = oneshot::channel();
        let mut set = JoinSet::new();
        assert!(set.try_join_next().is_none(), "empty");
        let abort = set.spawn(async { receiver.await.unwrap() });
        assert!(set.try_join_next().is_none(), "it waits");
        assert!(set.try_join_next_with_id().is_none());
        sender.send(3).unwrap();
        yield_until(|| abort.is_finished()).await;
        let mut joined = None;
        yield_until(|| {
            joined = set.try_join_next_with_id();
            joined.is_some()
        })
        .await;
        assert_eq!(joined.unwrap().unwrap(), (abort.id(), 3));
        assert!(set.try_join_next().is_none());
    });
}

#[test]
fn ids_are_those_of_the_tasks() {
    check_async(async || {
        let mut set = JoinSet::new();
        let fine = set.spawn(async { rt::task::id() }).id();
        let (id, output) = set.join_next_with_id().await.unwrap().unwrap();
        assert_eq!((id, output), (fine, fine));
        let panics = set.spawn(async { panic!("on purpose") }).id();
        let error = set.join_next_with_id().await.unwrap().unwrap_err();
        assert!(error.is_panic());
        assert_eq!(error.id(), panics);
    });
}

#[test]
fn tasks_that_have_ended_before_they_come_in_are_joined() {
    check(|rt| {
        let mut set = JoinSet::new();
        // On another thread's runtime, so that they may end before `spawn_on` returns.
        for n in 0..200 {
            set.spawn_blocking_on(move || n, rt.handle());
            if n % 8 == 0 {
                thread::yield_now();
            }
        }
        let mut outputs = rt.block_on(set.join_all());
        outputs.sort_unstable();
        assert!(outputs.into_iter().eq(0..200));
    });
}

#[test]
fn a_set_spawns_on_the_runtime_that_is_named() {
    check(|rt| {
        let mut set = JoinSet::new();
        set.spawn_on(async { rt::runtime::Handle::try_current().is_ok() }, rt.handle());
        assert!(rt.block_on(set.join_next()).unwrap().unwrap());
        let caught = caught(|| JoinSet::new().spawn(async {}));
        assert!(caught.message.contains("runtime"), "{}", caught.message);
        assert_eq!(caught.file, file!());
    });
}

#[test]
fn dropping_a_set_aborts_its_tasks() {
    check(|rt| {
        let tracker = Tracker::default();
        let mut set = JoinSet::new();
        let aborts: Vec<_> = (0..10)
            .map(|_| {
                let token = tracker.token();
                let waits = async move {
                    let _token = token;
                    pending::<()>().await;
                };
                set.spawn_on(waits, rt.handle())
            })
            .collect();
        settle(&rt);
        drop(set);
        rt.block_on(yield_until(|| aborts.iter().all(|abort| abort.is_finished())));
        assert_eq!(tracker.dropped(), 10);
    });
}

#[test]
fn detached_tasks_go_on() {
    check_async(async || {
        let (done, is_done) = mpsc::channel();
        let (sender, receiver) = oneshot::channel::<()>();
        let mut set = JoinSet::new();
        set.spawn(async move {
            receiver.await.unwrap();
            done.send(()).unwrap();
        });
        set.detach_all();
        assert!(set.is_empty());
        assert!(set.join_next().await.is_none());
        // The place of the detached task is used again, while it ends.
        set.spawn(async {});
        drop(set.join_next().await);
        drop(set);
        sender.send(()).unwrap();
        yield_until(|| is_done.try_recv().is_ok()).await;
    });
}

#[test]
fn aborted_tasks_stay_until_they_are_joined() {
    check_async(async || {
        let mut set: JoinSet<()> = (0..5).map(|_| pending()).collect();
        set.spawn(pending()).abort();
        assert!(set.join_next().await.unwrap().unwrap_err().is_cancelled());
        set.abort_all();
        assert_eq!(set.len(), 5);
        while let Some(joined) = set.join_next().await {
            assert!(joined.unwrap_err().is_cancelled());
        }
    });
}

#[test]
fn a_shutdown_leaves_nobody() {
    check_async(async || {
        let tracker = Tracker::default();
        let mut set = JoinSet::new();
        for n in 0..10 {
            let token = tracker.token();
            set.spawn(async move {
                let _token = token;
                if n % 2 == 0 {
                    panic!("on purpose");
                }
                pending::<()>().await;
            });
        }
        rt::task::yield_now().await;
        set.shutdown().await;
        assert!(set.is_empty());
        assert_eq!(tracker.dropped(), 10);
    });
}

#[test]
fn join_all_panics_with_the_panic_of_a_task_and_aborts_the_others() {
    check(|rt| {
        let tracker = Tracker::default();
        let token = tracker.token();
        let joins = || {
            rt.block_on(async {
                let mut set = JoinSet::new();
                set.spawn(async move {
                    let _token = token;
                    pending::<()>().await;
                });
                set.spawn(async { panic!("of a task") });
                set.join_all().await
            })
        };
        let payload = catch_unwind(AssertUnwindSafe(joins)).unwrap_err();
        assert_eq!(payload.downcast_ref(), Some(&"of a task"));
        settle(&rt);
        assert_eq!(tracker.dropped(), 1);
    });
}

#[test]
#[should_panic = "was cancelled"]
fn join_all_panics_if_a_task_was_aborted() {
    check_async(async || {
        let mut set = JoinSet::new();
        set.spawn(pending::<()>()).abort();
        set.join_all().await;
    });
}

#[test]
fn joins_are_paid_for_from_the_budget() {
    check_async(async || {
        let joiner = rt::spawn(async {
            let mut set: JoinSet<()> = (0..1000).map(async |_| ()).collect();
            let mut set_joined = Vec::<Result<(), JoinError>>::new();
            super::yield_times(100).await;
            let mut polls = 0;
            std::future::poll_fn(|cx| {
                polls += 1;
                loop {
                    match set.poll_join_next(cx) {
                        Poll::Ready(Some(joined)) => set_joined.push(joined),
                        Poll::Ready(None) => return Poll::Ready(()),
                        Poll::Pending => return Poll::Pending,
                    }
                }
            })
            .await;
            assert_eq!(set_joined.len(), 1000);
            polls
        });
        assert!(joiner.await.unwrap() > 1000 / 128);
    });
}

#[test]
fn a_set_crosses_threads() {
    fn send<T: Send + Unpin>() {}
    send::<JoinSet<String>>();
    let set = JoinSet::<u32>::default();
    assert_eq!(format!("{set:?}"), "JoinSet { len: 0 }");
}
