//! Tasks that stay on their thread, in a `JoinSet`; what sets and runtimes are called.

use super::{builder, check, rt};
use rt::task::{JoinSet, LocalSet};
use std::cell::Cell;
use std::rc::Rc;
use tests::caught::caught;
use tests::watchdog::guarded;

#[test]
fn a_join_set_joins_tasks_of_local_sets_as_they_end() {
    check(|rt| {
        let (mut tasks, local, shared) = (JoinSet::new(), LocalSet::new(), Rc::new(Cell::new(0)));
        let from_outside = Rc::clone(&shared);
        tasks.spawn_local_on(async move { from_outside.replace(1) }, &local);
        assert_eq!(shared.get(), 0, "it begins when the set is polled");
        local.block_on(&rt, async {
            let from_inside = Rc::clone(&shared);
            tasks.spawn_local(async move { from_inside.replace(2) });
            assert_eq!(tasks.join_next().await.unwrap().unwrap(), 0);
            assert_eq!(tasks.join_next().await.unwrap().unwrap(), 1);
            assert!(tasks.join_next().await.is_none());
        });
        assert_eq!(shared.get(), 2);
    });
}

#[test]
fn without_a_local_set_a_local_task_is_refused() {
    check(|rt| {
        let mut tasks = JoinSet::new();
        let caught = rt.block_on(async { caught(|| tasks.spawn_local(async {})) });
        assert!(caught.message.contains("LocalSet"), "{}", caught.message);
        assert!(tasks.is_empty());
    });
}

#[test]
fn a_join_set_that_is_dropped_aborts_its_local_tasks() {
    check(|rt| {
        let (local, shared) = (LocalSet::new(), Rc::new(()));
        let mut tasks = JoinSet::new();
        let held = Rc::clone(&shared);
        tasks.spawn_local_on(
            async move {
                std::future::pending::<()>().await;
                drop(held);
            },
            &local,
        );
        drop(tasks);
        rt.block_on(local);
        assert_eq!(Rc::strong_count(&shared), 1);
    });
}

#[test]
fn runtimes_and_local_sets_have_ids_of_their_own() {
    guarded(|| {
        let (rt, other) = (builder().build().unwrap(), builder().build().unwrap());
        let (local, other_local) = (LocalSet::new(), LocalSet::new());
        let id = rt.handle().id();
        assert_eq!(id, rt.block_on(async { rt::runtime::Handle::current().id() }));
        assert_ne!(id, other.handle().id());
        assert_eq!(local.id(), local.id());
        assert_ne!(local.id(), other_local.id());
        assert_ne!(id.to_string(), "");
    });
}
