//! A worker driven by hand, beside one that is said to sleep.

use super::*;
use crate::task::yield_now;

/// Runs one of so many tasks that yield; returns whether the sleeper was called for it.
fn yielding_wakes_a_sleeper(tasks: usize) -> bool {
    let (driver, handle) = driver::new().expect("a driver");
    let workers = new(2, driver, handle);
    let (worker, shared) = (&workers[0], workers[0].shared());
    for _ in 0..tasks {
        drop(shared.spawn(async { yield_now().await }));
    }
    shared.idle.go_to_sleep(1, false);
    let first = worker.take_injected().expect("a task was spawned");
    assert_eq!(worker.ring.len(), tasks - 1);
    worker.run_task(first);
    assert_eq!(worker.ring.len(), tasks);
    shared.idle.get_up(1, false)
}

#[test]
fn a_task_that_yields_alone_wakes_nobody() {
    assert!(!yielding_wakes_a_sleeper(1));
}

#[test]
fn a_task_that_yields_to_another_wakes_a_worker_for_it() {
    assert!(yielding_wakes_a_sleeper(2));
}

#[test]
fn a_full_ring_spills_its_older_half_and_nothing_is_lost() {
    let (driver, handle) = driver::new().expect("a driver");
    let workers = new(1, driver, handle);
    let (worker, shared) = (&workers[0], workers[0].shared());
    let tasks: Vec<_> = (0..=CAPACITY).map(|_| shared.spawn(async {})).collect();
    // As if a task of this worker had spawned them: one more than its ring has room for.
    let mut spawned = Vec::new();
    shared.injector.pop_many(usize::MAX, |runnable| spawned.push(runnable));
    spawned.into_iter().for_each(|runnable| worker.put(runnable));
    assert_eq!((worker.ring.len(), shared.injector.len()), (CAPACITY / 2 + 1, CAPACITY / 2));
    while let Some(runnable) = worker.next_task(false) {
        worker.run_task(runnable);
    }
    assert!(tasks.iter().all(task::JoinHandle::is_finished));
}
