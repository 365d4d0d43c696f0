//! What only workers driven by hand do for sure.

use super::super::tests::workers;
use super::super::*;
use crate::queue::CAPACITY;
use crate::scheduler::Observed;

fn spawn(shared: &Arc<Shared>, tasks: usize) {
    (0..tasks).for_each(|_| drop(shared.spawn(async {})));
}

#[test]
fn a_theft_counts_once_and_its_tasks_one_by_one() {
    let workers = workers(2);
    let (worker, thief, shared) = (&workers[0], &workers[1], &workers[0].shared);
    let steals = || [thief.counters().steal_operations.get(), thief.counters().steals.get()];
    thief.takes_any.set(true);
    assert!(thief.search().is_none());
    assert_eq!(steals(), [0, 0], "nothing was found");
    spawn(shared, 5);
    shared.injector.pop_many(5, |runnable| worker.put(runnable));
    let half = thief.look_around(true).expect("there are five");
    assert_eq!(steals(), [1, 3]);
    assert_eq!((thief.ring.len(), worker.ring.len()), (2, 2));
    while let Some(runnable) = thief.next_task(false) {
        thief.run_task(runnable);
    }
    thief.run_task(half);
    thief.run_task(thief.look_around(true).expect("there are two"));
    assert_eq!(steals(), [2, 4]);
    thief.run_task(thief.look_around(true).expect("there is one"));
    assert_eq!(steals(), [3, 5]);
    spawn(shared, 1);
    thief.run_task(thief.look_around(false).expect("it was injected"));
    assert_eq!(steals(), [3, 5], "the injector is nobody's");
    assert_eq!(worker.counters().steals.get(), 0);
}

#[test]
fn what_is_stolen_from_a_spill_counts_too() {
    let workers = workers(2);
    let (worker, thief, shared) = (&workers[0], &workers[1], &workers[0].shared);
    spawn(shared, CAPACITY + 3);
    shared.injector.pop_many(usize::MAX, |runnable| worker.put(runnable));
    assert_eq!(shared.overflows(0), Some(3));
    assert_eq!(shared.local_queue_depth(0), Some(CAPACITY + 3));
    for _ in 0..CAPACITY {
        worker.run_task(worker.ring.pop().expect("the ring was full"));
    }
    thief.run_task(thief.look_around(true).expect("there are three"));
    assert_eq!((thief.counters().steals.get(), thief.ring.len()), (2, 1));
    assert_eq!(shared.overflows(1), Some(0), "they fit into the thief's ring");
    thief.run_task(thief.ring.pop().expect("the second"));
    thief.run_task(thief.look_around(true).expect("the third"));
}

#[test]
fn a_sleep_counts_and_one_without_a_poll_before_it_is_a_noop() {
    let workers = workers(2);
    let (worker, shared) = (&workers[0], &workers[0].shared);
    let counters = worker.counters();
    let counts = || [counters.parks.get(), counters.park_unparks.get(), counters.noops.get()];
    let mut wakes = WakeList::new();
    let mut sleep = || {
        shared.unpark(0); // So that it ends at once.
        worker.sleep(&mut wakes);
    };
    sleep();
    assert_eq!(counts(), [1, 2, 1]);
    sleep();
    assert_eq!(counts(), [2, 4, 2]);
    spawn(shared, 1);
    worker.run_task(worker.take_injected().expect("just spawned"));
    sleep();
    assert_eq!(counts(), [3, 6, 2]);
    spawn(shared, 1);
    sleep();
    assert_eq!(counts(), [3, 6, 2], "a look that finds a task is no sleep");
    // A task that is left lying would keep the workers' memory, and they its.
    worker.run_task(worker.take_injected().expect("found, and left where it was"));
}

#[test]
fn whoever_is_woken_for_tasks_or_for_the_watch_counts() {
    let workers = workers(2);
    let shared = &workers[0].shared;
    shared.announce();
    assert_eq!(shared.wakeups_sent(), 0, "nobody sleeps");
    assert!(shared.idle.go_to_sleep(1, false), "the other one is awake");
    shared.announce();
    shared.announce();
    assert_eq!(shared.wakeups_sent(), 1, "the second finds that one searches already");
    assert!(shared.idle.get_up(1, false, true));
    assert!(shared.idle.stop_searching());
    shared.ensure_watch();
    assert_eq!(shared.wakeups_sent(), 1, "nobody sleeps");
    assert!(shared.idle.go_to_sleep(1, false));
    shared.ensure_watch();
    assert_eq!(shared.wakeups_sent(), 1, "it is on watch");
    assert!(!shared.idle.get_up(1, false, true));
    assert!(shared.idle.go_to_sleep(0, false) && !shared.idle.go_to_sleep(1, false));
    assert!(!shared.idle.get_up(0, false, true));
    shared.ensure_watch();
    assert_eq!(shared.wakeups_sent(), 2);
}

#[test]
fn a_task_lives_from_its_spawn_to_its_end_on_a_worker() {
    let workers = workers(2);
    let (worker, shared) = (&workers[0], &workers[0].shared);
    let completed = || worker.counters().completed.get();
    let waiting = shared.spawn(std::future::pending::<()>());
    drop(shared.spawn(async { panic!("expected by the test") }));
    assert_eq!(shared.injector().pushed().spawned, 2);
    worker.run_task(worker.take_injected().expect("just spawned"));
    assert_eq!(completed(), 0, "it waits");
    worker.run_task(worker.next_task(false).expect("just spawned"));
    assert_eq!(completed(), 1, "a panic is an end");
    waiting.abort();
    assert_eq!(completed(), 1, "it is about to end");
    assert_eq!(shared.injector().pushed().spawned, 2, "a wake is no spawn");
    worker.run_task(worker.take_injected().expect("just aborted"));
    assert_eq!(completed(), 2);
    assert_eq!(worker.counters().polls.get(), 3);
}
