//! A worker driven by hand, beside one that is said to sleep.

use super::*;
use crate::driver::timers::Clock;
use crate::queue::CAPACITY;
use crate::task::yield_now;
use std::collections::VecDeque;

/// Workers without threads.
pub(super) fn workers(count: usize) -> Vec<Worker> {
    let (driver, handle) = driver::new(Clock::of_machine()).expect("a driver");
    let (shared, rings) = new(count, 0, Settings::default(), driver, handle);
    let starter: Starter = Arc::new(|_| unreachable!("no thread is asked for"));
    let worker = |(index, ring)| Worker::new(&shared, index, ring, &starter);
    rings.into_iter().enumerate().map(worker).collect()
}

/// Runs one of so many tasks that yield; returns whether the sleeper was called for it.
fn yielding_wakes_a_sleeper(tasks: usize) -> bool {
    let workers = workers(2);
    let (worker, shared) = (&workers[0], &workers[0].shared);
    for _ in 0..tasks {
        drop(shared.spawn(async { yield_now().await }));
    }
    assert!(shared.idle.go_to_sleep(1, false), "the other one is awake");
    shared.injector.pop_many(tasks, |runnable| worker.put(runnable));
    let first = worker.next_task(false).expect("a task was spawned");
    worker.run_task(first);
    assert_eq!(worker.ring.len(), tasks);
    worker.cancel_queued(); // They refer to the workers, whose rings they lie in.
    shared.idle.get_up(1, false, true)
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
fn a_task_that_yields_and_is_stolen_at_once_wakes_nobody() {
    let workers = workers(2);
    let (worker, idle) = (&workers[0], &workers[0].shared.idle);
    assert!(idle.go_to_sleep(1, false), "the other one is awake");
    // As if a thief had taken what was just put into the ring.
    worker.announce_besides(1);
    assert!(!idle.get_up(1, false, true));
}

#[test]
fn what_finds_no_room_waits_its_turn_and_nothing_is_lost() {
    let workers = workers(1);
    let (worker, shared) = (&workers[0], &workers[0].shared);
    let order = Arc::new(Mutex::new(Vec::new()));
    for task in 0..3 * CAPACITY {
        let order = Arc::clone(&order);
        drop(shared.spawn(async move { order.lock().push(task) }));
    }
    // As if a task of this worker had spawned them.
    let mut spawned = VecDeque::new();
    shared.injector.pop_many(usize::MAX, |runnable| spawned.push_back(runnable));
    spawned.drain(..2 * CAPACITY).for_each(|runnable| worker.put(runnable));
    assert_eq!((worker.ring.len(), worker.backlog()), (CAPACITY, 2 * CAPACITY));
    while let Some(runnable) = worker.next_task(false) {
        worker.run_task(runnable);
        spawned.pop_front().into_iter().for_each(|runnable| worker.put(runnable));
    }
    assert!(order.lock().iter().copied().eq(0..3 * CAPACITY), "first in, first out");
}

#[test]
fn a_thief_takes_from_the_spill_when_the_ring_is_empty() {
    let workers = workers(2);
    let (worker, thief, shared) = (&workers[0], &workers[1], &workers[0].shared);
    let tasks: Vec<_> = (0..CAPACITY + 3).map(|_| shared.spawn(async {})).collect();
    shared.injector.pop_many(usize::MAX, |runnable| worker.put(runnable));
    for _ in 0..CAPACITY {
        worker.run_task(worker.ring.pop().expect("the ring was full"));
    }
    let first = worker.remote.steal_into(&thief.ring).expect("there are three");
    assert_eq!((thief.ring.len(), worker.backlog()), (1, 1));
    thief.run_task(first);
    thief.run_task(thief.next_own().expect("one more"));
    worker.run_task(worker.next_own().expect("and one more"));
    assert!(tasks.iter().all(task::JoinHandle::is_finished));
}
