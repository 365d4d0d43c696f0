//! The end of a set.

use super::*;

#[test]
fn a_set_that_is_dropped_drops_its_tasks_there_and_then() {
    check(|rt| {
        let (tracker, set) = (Tracker::default(), LocalSet::new());
        let spawn = || {
            let token = tracker.token();
            set.spawn_local(async move {
                pending::<()>().await;
                drop(token);
            })
        };
        let waiting = spawn();
        set.block_on(&rt, yield_now());
        let queued = spawn();
        drop(set);
        assert!(tracker.balanced());
        for task in [waiting, queued] {
            assert!(rt.block_on(task).unwrap_err().is_cancelled());
        }
    });
}

#[test]
fn what_a_task_spawns_while_its_set_is_dropped_is_cancelled() {
    struct Spawns(Rc<RefCell<Vec<rt::task::JoinHandle<()>>>>);
    impl Drop for Spawns {
        fn drop(&mut self) {
            self.0.borrow_mut().push(spawn_local(async { unreachable!("it is too late") }));
        }
    }
    check(|rt| {
        let (set, late) = (LocalSet::new(), Rc::default());
        let spawns = Spawns(Rc::clone(&late));
        drop(set.spawn_local(async move {
            pending::<()>().await;
            drop(spawns);
        }));
        set.block_on(&rt, yield_now());
        drop(set);
        for task in late.take() {
            assert!(rt.block_on(task).unwrap_err().is_cancelled());
        }
    });
}

#[test]
fn what_is_spawned_on_a_set_that_is_gone_is_cancelled() {
    check(|rt| {
        let set = LocalSet::new();
        let entered = set.enter();
        drop(set);
        let task = spawn_local(async {});
        assert!(task.is_finished());
        assert!(rt.block_on(task).unwrap_err().is_cancelled());
        drop(entered);
    });
}

#[test]
fn a_wake_after_the_set_is_gone_does_nothing() {
    check(|rt| {
        let wakers = Rc::new(RefCell::new(Vec::<Waker>::new()));
        let set = LocalSet::new();
        let kept = Rc::clone(&wakers);
        let task = set.spawn_local(poll_fn(move |cx| {
            kept.borrow_mut().push(cx.waker().clone());
            Poll::<()>::Pending
        }));
        set.block_on(&rt, yield_now());
        drop(set);
        let wakers = wakers.take();
        wakers.iter().for_each(Waker::wake_by_ref);
        thread::spawn(move || wakers.into_iter().for_each(Waker::wake)).join().unwrap();
        task.abort();
        assert!(task.is_finished());
    });
}

#[test]
fn a_set_is_dropped_while_others_wake_its_tasks() {
    check(|rt| {
        for _ in 0..200 {
            let set = LocalSet::new();
            let (tell, told) = oneshot::channel::<()>();
            let tracker = Tracker::default();
            let token = tracker.token();
            drop(set.spawn_local(async move {
                told.await.ok();
                drop(token);
            }));
            set.block_on(&rt, yield_now());
            let other = thread::spawn(move || drop(tell));
            drop(set);
            assert!(tracker.balanced());
            other.join().unwrap();
        }
    });
}
