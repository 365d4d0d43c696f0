//! `task_local!`, and the id of the current task.

use super::{check, check_async, rt, yield_times};
use rt::task::{Id, JoinHandle, id, try_id};
use std::cell::{Cell, RefCell};
use std::future::{pending, poll_fn};
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use tests::caught::caught;
use tests::tracker::OnDrop;

rt::task_local! {
    /// With documentation, an attribute and a visibility.
    #[allow(dead_code)]
    pub(super) static DEPTH: u32;
    static NAME: RefCell<String>;
    static LAST: Rc<str>
}

#[test]
fn a_value_goes_where_its_task_goes() {
    check_async(async || {
        let tasks: Vec<_> = (0..20)
            .map(|n| {
                rt::spawn(DEPTH.scope(n, async move {
                    for _ in 0..20 {
                        assert_eq!(DEPTH.get(), n);
                        rt::task::yield_now().await;
                    }
                }))
            })
            .collect();
        for task in tasks {
            assert!(DEPTH.try_get().is_err());
            task.await.unwrap();
        }
    });
}

#[test]
fn an_inner_scope_covers_the_outer_one() {
    check_async(async || {
        let outer = DEPTH.scope(1, async {
            DEPTH
                .scope(2, async {
                    assert_eq!(DEPTH.get(), 2);
                    rt::task::yield_now().await;
                    assert_eq!(DEPTH.get(), 2);
                    assert_eq!(DEPTH.sync_scope(3, || DEPTH.get()), 3);
                    assert_eq!(DEPTH.get(), 2);
                })
                .await;
            rt::task::yield_now().await;
            DEPTH.get()
        });
        assert_eq!(outer.await, 1);
    });
}

#[test]
fn a_spawned_task_has_no_value() {
    check_async(async || {
        let task = DEPTH.scope(1, async { rt::spawn(async { DEPTH.try_get().is_ok() }).await });
        assert!(!task.await.unwrap());
    });
}

#[test]
fn without_a_value_it_says_so() {
    let error = DEPTH.try_with(|_| ()).unwrap_err();
    assert_ne!(error.to_string(), "");
    for caught in [caught(|| DEPTH.with(|_| ())), caught(|| DEPTH.get())] {
        assert!(caught.message.contains("task-local"), "{}", caught.message);
        assert_eq!(caught.file, file!());
    }
}

#[test]
fn a_value_is_restored_after_a_panic() {
    DEPTH.sync_scope(1, || {
        caught(|| DEPTH.sync_scope(2, || panic!("in the scope")));
        assert_eq!(DEPTH.get(), 1);
    });
    assert!(DEPTH.try_get().is_err());
}

#[test]
fn a_scope_inside_of_with_panics() {
    DEPTH.sync_scope(1, || {
        let caught = caught(|| DEPTH.with(|_| DEPTH.sync_scope(2, || ())));
        assert!(caught.message.contains("task-local"), "{}", caught.message);
        assert_eq!(DEPTH.with(|outer| DEPTH.with(|inner| outer + inner)), 2, "two looks are fine");
    });
}

#[test]
fn a_future_is_dropped_with_the_value_in_its_place() {
    check_async(async || {
        let seen = Rc::new(Cell::new(0));
        let watch = |seen: &Rc<Cell<u32>>| {
            let seen = Rc::clone(seen);
            OnDrop(move || seen.set(seen.get() + DEPTH.get()))
        };
        let on_drop = watch(&seen);
        DEPTH.scope(1, async move { drop(on_drop) }).await;
        assert_eq!(seen.get(), 1, "dropped by itself");
        let on_drop = watch(&seen);
        let scope = DEPTH.scope(10, async move {
            let _on_drop = on_drop;
            pending::<()>().await;
        });
        let mut scope = Box::pin(scope);
        assert!(futures::poll!(&mut scope).is_pending());
        drop(scope);
        assert_eq!(seen.get(), 11, "dropped by its owner");
        let on_drop = watch(&seen);
        let mut done = Box::pin(DEPTH.scope(
            100,
            poll_fn(move |_| {
                let _held = &on_drop;
                Poll::Ready(())
            }),
        ));
        done.as_mut().await;
        assert_eq!(seen.get(), 111, "dropped with its output ready");
    });
}

#[test]
fn the_value_can_be_taken_out() {
    check_async(async || {
        let names = NAME.scope(RefCell::default(), async {
            NAME.with(|name| name.borrow_mut().push('a'));
            yield_times(2).await;
            NAME.with(|name| name.borrow_mut().push('b'));
        });
        rt::pin!(names);
        assert!(futures::poll!(names.as_mut()).is_pending());
        names.as_mut().await;
        assert_eq!(names.as_mut().take_value(), Some(RefCell::new("ab".to_owned())));
        assert_eq!(names.take_value(), None);
        assert_eq!(LAST.sync_scope("x".into(), || LAST.get()), "x".into());
    });
}

#[test]
fn a_task_knows_its_id() {
    check_async(async || {
        assert_eq!(try_id(), None);
        let task = rt::spawn(async {
            let inner = rt::spawn(async { id() });
            assert_eq!(inner.id(), inner.await.unwrap());
            rt::task::yield_now().await;
            id()
        });
        let outside = task.id();
        assert_eq!(task.await.unwrap(), outside);
        let task = rt::task::spawn_blocking(try_id);
        let outside = task.id();
        assert_eq!(task.await.unwrap(), Some(outside));
    });
}

#[test]
fn outside_of_a_task_there_is_no_id() {
    let caught = caught(|| {
        id();
    });
    assert!(caught.message.contains("task"), "{}", caught.message);
    assert_eq!(caught.file, file!());
    assert_eq!(try_id(), None);
}

#[test]
fn future_and_output_are_dropped_in_their_task() {
    type Seen = Arc<Mutex<Vec<Option<Id>>>>;
    fn watch(seen: &Seen) -> impl Send + use<> {
        let seen = Arc::clone(seen);
        OnDrop(move || seen.lock().unwrap().push(try_id()))
    }
    fn ids<T>(task: &JoinHandle<T>) -> Vec<Option<Id>> {
        vec![Some(task.id())]
    }
    check(|rt| {
        let seen = Seen::default();
        // The future, of a task that is aborted.
        let on_drop = watch(&seen);
        let task = rt.spawn(async move {
            let _on_drop = on_drop;
            pending::<()>().await;
        });
        let expected = ids(&task);
        task.abort();
        assert!(rt.block_on(task).unwrap_err().is_cancelled());
        assert_eq!(std::mem::take(&mut *seen.lock().unwrap()), expected);
        // The output, dropped by the task, which nobody joins.
        let on_drop = watch(&seen);
        let task = rt.spawn(async { on_drop });
        let expected = ids(&task);
        drop(task);
        rt.block_on(super::yield_until(|| !seen.lock().unwrap().is_empty()));
        assert_eq!(std::mem::take(&mut *seen.lock().unwrap()), expected);
        // The output, dropped with the handle.
        let on_drop = watch(&seen);
        let task = rt.spawn(async { on_drop });
        let expected = ids(&task);
        rt.block_on(super::yield_until(|| task.is_finished()));
        drop(task);
        assert_eq!(*seen.lock().unwrap(), expected);
    });
}
