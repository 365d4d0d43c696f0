//! Tasks that stay on their thread.

mod end;
pub(crate) mod late;

use super::{NEVER, check, check_async, rt, yield_times};
use futures::channel::{mpsc, oneshot};
use futures::stream::StreamExt;
use late::Late;
use rt::task::{LocalSet, spawn_blocking, spawn_local, yield_now};
use rt::time::{sleep, timeout};
use std::cell::{Cell, RefCell};
use std::future::{pending, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::thread;
use std::time::Duration;
use tests::caught::caught;
use tests::tracker::Tracker;
use tests::wait::{poll_once, wait};

const MS: Duration = Duration::from_millis(1);

/// Runs `body` inside a set of its own, with [`spawn_local`] at hand.
fn check_local(body: impl AsyncFnOnce() + Send + 'static) {
    check(|rt| LocalSet::new().block_on(&rt, body()));
}

#[test]
fn a_task_that_is_not_send_runs_where_it_was_spawned() {
    check_local(async || {
        let (here, shared) = (thread::current().id(), Rc::new(Cell::new(0)));
        let tasks = [1, 2, 3].map(|n| {
            let shared = Rc::clone(&shared);
            spawn_local(async move {
                for _ in 0..10 {
                    assert_eq!(thread::current().id(), here);
                    yield_now().await;
                }
                sleep(MS).await;
                assert_eq!(thread::current().id(), here);
                shared.set(shared.get() + n);
                shared
            })
        });
        for task in tasks {
            assert!(Rc::ptr_eq(&task.await.unwrap(), &shared));
        }
        assert_eq!(shared.get(), 6);
    });
}

#[test]
fn tasks_begin_in_the_order_of_their_spawns() {
    check_local(async || {
        let trace = Rc::new(RefCell::new(Vec::new()));
        let tasks: Vec<_> = (0..5)
            .map(|n| {
                let trace = Rc::clone(&trace);
                spawn_local(async move { trace.borrow_mut().push(n) })
            })
            .collect();
        assert!(trace.borrow().is_empty(), "nothing runs before the first wait");
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(trace.take(), [0, 1, 2, 3, 4]);
    });
}

#[test]
fn a_set_that_is_awaited_ends_with_its_last_task() {
    check_async(async || {
        let (set, left) = (LocalSet::new(), Rc::new(Cell::new(3)));
        for n in 0..3 {
            let left = Rc::clone(&left);
            drop(set.spawn_local(async move {
                sleep(n * MS).await;
                drop(spawn_local(async move { left.set(left.get() - 1) }));
            }));
        }
        set.await;
        assert_eq!(left.get(), 0);
        LocalSet::default().await;
    });
}

#[test]
fn a_set_that_is_not_polled_runs_nothing_and_then_goes_on() {
    check(|rt| {
        let (set, count) = (LocalSet::new(), Rc::new(Cell::new(0)));
        let counts = Rc::clone(&count);
        let task = set.spawn_local(async move {
            loop {
                counts.set(counts.get() + 1);
                yield_now().await;
            }
        });
        rt.block_on(yield_now());
        assert_eq!(count.get(), 0);
        set.block_on(&rt, async { yield_now().await });
        let first = count.get();
        assert!(first > 0);
        rt.block_on(yield_now());
        assert_eq!(count.get(), first);
        rt.block_on(set.run_until(yield_now()));
        assert!(count.get() > first);
        task.abort();
        assert!(rt.block_on(set.run_until(task)).unwrap_err().is_cancelled());
    });
}

#[test]
fn a_run_that_is_dropped_leaves_the_tasks_in_the_set() {
    check_async(async || {
        let set = LocalSet::new();
        let (tell, told) = oneshot::channel::<i32>();
        let task = set.spawn_local(told);
        {
            let mut run = pin!(set.run_until(pending::<()>()));
            assert!(poll_once(run.as_mut()).is_pending());
        }
        tell.send(7).unwrap();
        assert_eq!(set.run_until(task).await.unwrap(), Ok(7));
    });
}

#[test]
fn spawn_needs_a_set_and_a_guard_is_one() {
    check(|rt| {
        caught(|| spawn_local(async {}));
        rt.block_on(async { caught(|| spawn_local(async {})) });
        let (set, other) = (LocalSet::new(), LocalSet::new());
        let (outer, inner) = {
            let _entered = set.enter();
            let inner = {
                let _entered = other.enter();
                spawn_local(async { 2 })
            };
            (spawn_local(async { 1 }), inner)
        };
        caught(|| spawn_local(async {}));
        assert_eq!(set.block_on(&rt, outer).unwrap(), 1);
        assert!(!inner.is_finished(), "it is the other's");
        assert_eq!(other.block_on(&rt, inner).unwrap(), 2);
    });
}

#[test]
fn what_is_spawned_or_woken_beside_a_poll_of_the_set_has_it_polled() {
    check_async(async || {
        let set = LocalSet::new();
        let (done, is_done) = oneshot::channel::<()>();
        let beside = async {
            yield_times(3).await;
            assert_eq!(set.spawn_local(async { 7 }).await.unwrap(), 7);
            let (tell, told) = oneshot::channel();
            let task = set.spawn_local(told);
            yield_times(3).await;
            let entered = set.enter();
            tell.send(8).unwrap();
            drop(entered);
            assert_eq!(task.await.unwrap(), Ok(8));
            done.send(()).unwrap();
        };
        // The set first: it has no task yet when `beside` makes one.
        futures::future::join(set.run_until(is_done), beside).await.0.unwrap();
    });
}

#[test]
fn tasks_and_sets_of_both_kinds_await_each_other() {
    check_local(async || {
        let name = Rc::new("local".to_owned());
        let task = spawn_local(async move {
            let number = rt::spawn(async { 3 }).await.unwrap();
            let length = spawn_blocking(|| 4).await.unwrap();
            let inner = LocalSet::new();
            let nested = inner.run_until(async { spawn_local(async { 5 }).await.unwrap() }).await;
            (name.len(), number, length, nested)
        });
        assert_eq!(task.await.unwrap(), (5, 3, 4, 5));
    });
}

#[test]
fn another_thread_wakes_tasks_at_any_time() {
    check_local(async || {
        for _ in 0..300 {
            let (mut tell, mut told) = mpsc::channel::<usize>(1);
            let task = spawn_local(async move {
                let mut sum = 0;
                while let Some(number) = told.next().await {
                    sum += number;
                }
                sum
            });
            let other = thread::spawn(move || {
                for number in 1..=3 {
                    wait(futures::sink::SinkExt::send(&mut tell, number)).unwrap();
                }
            });
            assert_eq!(task.await.unwrap(), 6);
            other.join().unwrap();
        }
    });
}

#[test]
fn another_thread_aborts_and_the_future_is_dropped_here() {
    struct Here(thread::ThreadId, Rc<Cell<usize>>);
    impl Drop for Here {
        fn drop(&mut self) {
            assert_eq!(thread::current().id(), self.0);
            self.1.set(self.1.get() + 1);
        }
    }
    check_local(async || {
        let drops = Rc::new(Cell::new(0));
        for round in 1..=100 {
            let here = Here(thread::current().id(), Rc::clone(&drops));
            let task = spawn_local(async move {
                pending::<()>().await;
                drop(here);
            });
            if round % 2 == 0 {
                yield_now().await;
            }
            let abort = task.abort_handle();
            let other = thread::spawn(move || abort.abort());
            assert!(task.await.unwrap_err().is_cancelled());
            assert_eq!(drops.get(), round);
            other.join().unwrap();
        }
    });
}

#[test]
fn a_panic_ends_its_task_and_no_other() {
    check_local(async || {
        let other = spawn_local(async {
            yield_now().await;
            7
        });
        let panics = spawn_local(async { panic!("on purpose") });
        assert!(panics.await.unwrap_err().is_panic());
        assert_eq!(other.await.unwrap(), 7);
    });
}

#[test]
fn an_output_that_may_leave_is_joined_elsewhere() {
    check(|rt| {
        let set = LocalSet::new();
        let shared = Rc::new(7);
        let task = set.spawn_local(async move { *shared });
        let other = thread::spawn(move || wait(task).unwrap());
        rt.block_on(set);
        assert_eq!(other.join().unwrap(), 7);
    });
}

#[test]
fn many_tasks_do_not_keep_the_others_of_the_runtime_waiting() {
    check_local(async || {
        let yields: Vec<_> = (0..200)
            .map(|_| {
                spawn_local(async {
                    loop {
                        yield_now().await;
                    }
                })
            })
            .collect();
        assert_eq!(rt::spawn(async { 7 }).await.unwrap(), 7);
        assert!(timeout(2 * MS, pending::<()>()).await.is_err());
        yields.iter().for_each(|task| task.abort());
    });
}

#[test]
fn a_task_that_is_always_ready_keeps_no_timer_waiting() {
    check_local(async || {
        let late = Late::default();
        drop(spawn_local(late.clone().stay_ready()));
        assert!(late.polls_when_due().await < Late::POLLS_MAX);
    });
}

#[test]
fn a_local_task_of_a_spawned_block_on_stays_there() {
    check_async(async || {
        let handle = rt::runtime::Handle::current();
        let call = spawn_blocking(move || {
            let set = LocalSet::new();
            let value = Rc::new(9);
            let task = set.spawn_local(async move { *value });
            handle.block_on(set.run_until(task)).unwrap()
        });
        assert_eq!(timeout(NEVER, call).await.unwrap().unwrap(), 9);
    });
}

#[test]
fn shared_state_needs_no_lock() {
    check_local(async || {
        let log = Rc::new(RefCell::new(Vec::new()));
        let waits = Arc::new(());
        for n in 0..50 {
            let (log, waits) = (Rc::clone(&log), Arc::clone(&waits));
            drop(spawn_local(async move {
                yield_now().await;
                log.borrow_mut().push(n);
                drop(waits);
            }));
        }
        while Arc::strong_count(&waits) > 1 {
            yield_now().await;
        }
        assert_eq!(log.borrow().len(), 50);
    });
}
