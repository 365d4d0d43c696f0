//! A runtime for futures that stay on their thread.

use super::super::cases::local_set::late::Late;
use super::{builder, rt};
use rt::runtime::{Builder, Handle, LocalOptions, LocalRuntime};
use rt::task::{JoinSet, LocalSet, spawn_blocking, spawn_local, yield_now};
use rt::time::sleep;
use std::cell::{Cell, RefCell};
use std::future::pending;
use std::rc::Rc;
use std::thread;
use std::time::Duration;
use tests::caught::caught;
use tests::tracker::Tracker;
use tests::watchdog::guarded;

/// Runs `body` with a runtime of its own.
fn check(body: impl FnOnce(LocalRuntime) + Send + 'static) {
    guarded(|| body(builder().build_local(LocalOptions::default()).unwrap()));
}

#[test]
fn tasks_that_are_not_send_are_spawned_from_wherever_the_runtime_runs() {
    check(|rt| {
        let (here, sum) = (thread::current().id(), Rc::new(Cell::new(0)));
        let add = |n| {
            let sum = Rc::clone(&sum);
            async move {
                yield_now().await;
                sleep(Duration::from_millis(1)).await;
                assert_eq!(thread::current().id(), here);
                sum.set(sum.get() + n);
            }
        };
        let before = rt.spawn_local(add(1));
        rt.block_on(async {
            let inside = spawn_local(add(2));
            let more = add(4);
            let nested = spawn_local(async { spawn_local(more).await.unwrap() });
            // A task that is `Send` runs here too.
            let from_other = rt::spawn(async move {
                let local = spawn_local(async move {
                    let not_send = Rc::new(here);
                    yield_now().await;
                    assert_eq!(thread::current().id(), *not_send);
                });
                local.await.unwrap();
            });
            let mut set = JoinSet::new();
            set.spawn_local(add(8));
            set.join_next().await.unwrap().unwrap();
            before.await.unwrap();
            inside.await.unwrap();
            nested.await.unwrap();
            from_other.await.unwrap();
        });
        assert_eq!(sum.get(), 15);
    });
}

#[test]
fn a_task_goes_on_in_the_next_block_on_and_in_none_between() {
    check(|rt| {
        let steps = Rc::new(Cell::new(0));
        let task = rt.spawn_local({
            let steps = Rc::clone(&steps);
            async move {
                loop {
                    steps.set(steps.get() + 1);
                    yield_now().await;
                }
            }
        });
        assert_eq!(steps.get(), 0);
        rt.block_on(yield_now());
        rt.block_on(async { sleep(Duration::from_millis(1)).await });
        let before = steps.get();
        assert!(before > 0);
        thread::yield_now();
        assert_eq!(steps.get(), before);
        rt.block_on(async { sleep(Duration::from_millis(1)).await });
        assert!(steps.get() > before);
        task.abort();
        assert!(rt.block_on(task).unwrap_err().is_cancelled());
    });
}

#[test]
fn a_waker_on_another_thread_wakes_a_local_task() {
    check(|rt| {
        for _ in 0..100 {
            let (tell, told) = futures::channel::oneshot::channel();
            let task = rt.spawn_local(told);
            let teller = thread::spawn(move || tell.send(7).unwrap());
            assert_eq!(rt.block_on(task).unwrap(), Ok(7));
            teller.join().unwrap();
        }
    });
}

/// Notes what it finds when it is dropped.
struct AtDrop(Rc<RefCell<Vec<bool>>>);

impl Drop for AtDrop {
    fn drop(&mut self) {
        self.0.borrow_mut().push(Handle::try_current().is_ok());
    }
}

#[test]
fn what_is_left_is_dropped_with_the_runtime_at_hand() {
    type End = fn(LocalRuntime);
    let ends: [End; 3] =
        [drop, |rt| rt.shutdown_timeout(Duration::from_secs(5)), LocalRuntime::shutdown_background];
    for end in ends {
        check(move |rt| {
            let found = Rc::new(RefCell::new(Vec::new()));
            let tasks = [0, 1].map(|_| {
                let at_drop = AtDrop(Rc::clone(&found));
                rt.spawn_local(async move {
                    let _at_drop = at_drop;
                    pending::<()>().await;
                })
            });
            rt.block_on(yield_now());
            end(rt);
            assert_eq!(*found.borrow(), [true, true]);
            let other = Builder::new_current_thread().build().unwrap();
            for task in tasks {
                assert!(other.block_on(task).unwrap_err().is_cancelled());
            }
        });
    }
}

#[test]
fn a_panic_of_a_task_is_its_own() {
    check(|rt| {
        let task = rt.spawn_local(async { panic!("mine") });
        assert!(rt.block_on(task).unwrap_err().is_panic());
        let root = caught(|| rt.block_on(async { panic!("the root's") }));
        assert_eq!(root.message, "the root's");
        assert_eq!(rt.block_on(rt.spawn_local(async { 7 })).unwrap(), 7);
    });
}

#[test]
fn a_guard_lets_spawn_local_outside_of_block_on() {
    check(|rt| {
        let task = {
            let _entered = rt.enter();
            spawn_local(async { Handle::current().id() })
        };
        assert_eq!(rt.block_on(task).unwrap(), rt.handle().id());
        caught(|| spawn_local(async {})); // No runtime is here.
    });
}

#[test]
fn a_blocking_call_is_elsewhere() {
    check(|rt| {
        let here = thread::current().id();
        let there = rt.block_on(async { spawn_blocking(|| thread::current().id()).await });
        assert_ne!(there.unwrap(), here);
        assert_eq!(rt.block_on(rt.spawn_blocking(|| 7)).unwrap(), 7);
        let refused = rt.block_on(rt.spawn_blocking(|| drop(spawn_local(async {}))));
        assert!(refused.unwrap_err().is_panic());
    });
}

#[test]
fn two_are_two() {
    check(|rt| {
        let other = LocalRuntime::new().unwrap();
        assert_ne!(rt.handle().id(), other.handle().id());
        let (mine, its) = (rt.spawn_local(async { 1 }), other.spawn_local(async { 2 }));
        assert_eq!((other.block_on(its).unwrap(), rt.block_on(mine).unwrap()), (2, 1));
    });
}

#[test]
fn tasks_of_both_kinds_begin_in_the_order_of_their_spawns() {
    check(|rt| {
        let (sent, order) = std::sync::mpsc::channel();
        let task = |n| {
            let sent = sent.clone();
            async move { sent.send(n).unwrap() }
        };
        rt.block_on(async {
            let tasks = [
                rt::spawn(task(0)),
                spawn_local(task(1)),
                rt::spawn(task(2)),
                rt.spawn_local(task(3)),
                rt.handle().spawn(task(4)),
            ];
            for task in tasks {
                task.await.unwrap();
            }
        });
        drop(sent);
        assert!(order.iter().eq(0..5));
    });
}

#[test]
fn a_task_that_is_always_ready_keeps_no_timer_waiting() {
    check(|rt| {
        rt.block_on(async {
            let late = Late::default();
            drop(spawn_local(late.clone().stay_ready()));
            assert!(late.polls_when_due().await < Late::POLLS_MAX);
        });
    });
}

#[test]
fn its_tasks_are_counted() {
    check(|rt| {
        let task = rt.spawn_local(pending::<()>());
        assert_eq!(rt.metrics().num_alive_tasks(), 1);
        rt.block_on(yield_now());
        assert_eq!(rt.metrics().num_alive_tasks(), 1);
        task.abort();
        assert!(rt.block_on(task).unwrap_err().is_cancelled());
        assert_eq!(rt.metrics().num_alive_tasks(), 0);
    });
}

#[test]
fn a_handle_is_enough_on_its_thread_and_not_on_another() {
    check(|rt| {
        let handle = rt.handle().clone();
        let entered = handle.enter();
        let task = spawn_local(async { *Rc::new(7) });
        drop(entered);
        assert_eq!(rt.block_on(task).unwrap(), 7);
        let elsewhere = thread::spawn(move || {
            let _entered = handle.enter();
            caught(|| spawn_local(async {}));
            handle.block_on(async { caught(|| spawn_local(async {})) });
            rt::spawn(async { 7 }) // That it may.
        });
        assert_eq!(rt.block_on(elsewhere.join().unwrap()).unwrap(), 7);
    });
}

#[test]
fn where_it_is_current_a_set_is_not_asked() {
    check(|rt| {
        let (set, outer) = (LocalSet::new(), LocalSet::new());
        let joined = async |set: &LocalSet| {
            let mut inside = None;
            set.run_until(async { inside = Some(spawn_local(yield_now())) }).await;
            inside.unwrap().await.unwrap();
            let entered = {
                let _entered = set.enter();
                spawn_local(yield_now())
            };
            entered.await.unwrap();
        };
        rt.block_on(joined(&set));
        let _entered = outer.enter();
        rt.block_on(async { spawn_local(async { 7 }).await.unwrap() });
        rt.block_on(joined(&set));
        let task = {
            let _current = rt.enter();
            spawn_local(yield_now())
        };
        rt.block_on(task).unwrap();
        let task = {
            let _current = rt.enter();
            let _entered = set.enter();
            spawn_local(yield_now())
        };
        rt.block_on(task).unwrap();
    });
}

#[test]
fn a_guard_of_a_set_that_is_dropped_inside_leaves_the_set() {
    check(|rt| {
        let set = LocalSet::new();
        let entered = set.enter();
        rt.block_on(async move { drop(entered) });
        caught(|| spawn_local(async {}));
    });
}

#[test]
fn another_thread_spawns_wakes_and_aborts_while_the_runtime_ends() {
    for round in 0..200 {
        check(move |rt| {
            let tracker = Tracker::default();
            let (sent, wakers) = std::sync::mpsc::channel();
            let tasks: Vec<_> = (0..4)
                .map(|_| {
                    let (token, sent) = (tracker.token(), sent.clone());
                    let not_send = Rc::new(token);
                    rt.spawn_local(std::future::poll_fn(move |cx| {
                        let _token = &not_send;
                        let _gone = sent.send(cx.waker().clone());
                        std::task::Poll::<()>::Pending
                    }))
                })
                .collect();
            rt.block_on(yield_now());
            let aborts: Vec<_> = tasks.iter().map(|task| task.abort_handle()).collect();
            let (handle, token) = (rt.handle().clone(), tracker.token());
            let other = thread::spawn(move || {
                let spawned = handle.spawn(async move { drop(token) });
                wakers.iter().take(4).for_each(std::task::Waker::wake);
                aborts.iter().for_each(rt::task::AbortHandle::abort);
                drop((wakers, spawned));
            });
            drop(sent);
            if round % 2 == 0 {
                rt.block_on(yield_now());
            }
            drop(rt);
            other.join().unwrap();
            assert!(tasks.iter().all(|task| task.is_finished()));
            drop(tasks);
            assert!(tracker.balanced());
        });
    }
}

#[test]
fn it_has_no_workers() {
    caught(|| Builder::new_multi_thread().build_local(LocalOptions::default()));
}

#[rt::test(flavor = "local")]
async fn a_test_can_have_one() {
    let shared = Rc::new(7);
    assert_eq!(spawn_local(async move { *shared }).await.unwrap(), 7);
}

#[test]
fn a_main_can_have_one() {
    #[rt::main(flavor = "local")]
    async fn main() -> Rc<u32> {
        spawn_local(async { Rc::new(7) }).await.unwrap()
    }
    assert_eq!(*main(), 7);
}
