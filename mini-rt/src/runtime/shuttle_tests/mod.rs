//! Whole runtimes under schedules that come from seeds: what is too large for loom.
//!
//! Each scenario says what must be so however its threads take turns. That none of them waits for
//! ever, shuttle says: it reports a deadlock, and an execution that does not end. How schedules are
//! chosen and how a failure is run again stands in `runner.rs`; which clock they have, in
//! `primitive/shuttle`.
//!
//! What this cannot see: weak memory (that is loom's part), sockets, panics of tasks (to shuttle a
//! panic is a failure), and what is only late. A task that lies where nobody looks, while somebody is
//! on watch, is found by the watch.

mod block_in_place;
mod local_set;
mod paused;
mod probe;
mod program;
mod runner;

use crate::primitive::{now, thread};
use crate::runtime::Handle;
use crate::task::yield_now;
use crate::time::{Duration, Instant, sleep, timeout};
use futures::future::join_all;
use probe::{Census, Gate, below, make_polls_short, runtime};
use runner::{explore, first_failure, note, trace};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// From inside and from outside, on one worker to three.
#[test]
fn shuttle_each_task_runs_once_and_its_join_has_its_output() {
    explore(|| {
        let (census, runtime) = (Arc::new(Census::default()), runtime(below(4)));
        let parent = |number: usize| {
            let (census, tracked) = (Arc::clone(&census), census.track());
            async move {
                tracked.begin();
                let children = (0..2).map(|child| {
                    let tracked = census.track();
                    crate::spawn(async move {
                        tracked.begin();
                        yield_now().await;
                        10 * number + child
                    })
                });
                let children: Vec<_> = children.collect();
                let outputs = join_all(children).await;
                outputs.into_iter().map(|output| output.expect("not aborted")).sum::<usize>()
            }
        };
        let early: Vec<_> = (0..2).map(|number| runtime.spawn(parent(number))).collect();
        let outputs = runtime.block_on(async {
            let late = (2..5).map(|number| crate::spawn(parent(number)));
            join_all(early.into_iter().chain(late.collect::<Vec<_>>())).await
        });
        for (number, output) in outputs.into_iter().enumerate() {
            assert_eq!(output.expect("not aborted"), 20 * number + 1);
        }
        drop(runtime);
        census.check(Some(15));
    });
}

/// Whoever is awake would do it in time: but all may sleep, or be about to.
#[test]
fn shuttle_a_short_task_from_outside_is_run() {
    explore(|| {
        let runtime = runtime(1 + below(3));
        make_polls_short(&runtime);
        for round in 0..3 {
            let gate = Arc::new(Gate::default());
            let task = runtime.spawn({
                let gate = Arc::clone(&gate);
                async move {
                    gate.pass().await;
                    round
                }
            });
            let opener = thread::spawn(move || gate.open());
            assert_eq!(runtime.block_on(task).expect("not aborted"), round);
            opener.join().expect("no panic");
        }
    });
}

/// More tasks than a ring of the model holds, each woken by the one before it.
#[test]
fn shuttle_a_wake_goes_round_a_ring_of_tasks() {
    explore(|| {
        let runtime = runtime(below(4));
        let gates: Arc<[Gate]> = (0..8).map(|_| Gate::default()).collect();
        let tasks = (0..7).map(|at| {
            let gates = Arc::clone(&gates);
            runtime.spawn(async move {
                gates[at].pass().await;
                note(at as u64);
                gates[at + 1].open();
            })
        });
        let tasks: Vec<_> = tasks.collect();
        let opener = thread::spawn({
            let gates = Arc::clone(&gates);
            move || gates[0].open()
        });
        runtime.block_on(gates[7].pass());
        for task in runtime.block_on(join_all(tasks)) {
            task.expect("not aborted");
        }
        opener.join().expect("no panic");
    });
}

/// All at once: the task's own end, an abort, a wake, and a thread that joins.
#[test]
fn shuttle_an_abort_races_with_wake_and_end_and_the_join_has_an_answer() {
    explore(|| {
        let (census, runtime) = (Arc::new(Census::default()), Arc::new(runtime(below(3))));
        let gate = Arc::new(Gate::default());
        let tasks = (0..3).map(|number| {
            let (gate, tracked) = (Arc::clone(&gate), census.track());
            runtime.spawn(async move {
                tracked.begin();
                gate.pass().await;
                number
            })
        });
        let tasks: Vec<_> = tasks.collect();
        let aborts: Vec<_> = tasks.iter().take(2).map(|task| task.abort_handle()).collect();
        let opener = thread::spawn(move || gate.open());
        let aborter = thread::spawn(move || aborts.iter().for_each(|task| task.abort()));
        let outputs = runtime.block_on(join_all(tasks));
        for (number, output) in outputs.into_iter().enumerate() {
            match output {
                Ok(output) => assert_eq!(output, number),
                Err(error) => assert!(error.is_cancelled() && number < 2),
            }
        }
        for thread in [opener, aborter] {
            thread.join().expect("no panic");
        }
        drop(runtime);
        census.check(None);
    });
}

#[test]
fn shuttle_no_sleep_ends_early_and_each_ends() {
    explore(|| {
        let runtime = runtime(below(4));
        let tasks = (0..5).map(|number| {
            runtime.spawn(async move {
                let deadline = Instant::now() + Duration::from_millis(number % 3);
                sleep(Duration::from_millis(number % 3)).await;
                assert!(Instant::now() >= deadline);
                // Dropped before its time, or not: either is right.
                let _ = timeout(Duration::from_millis(2), sleep(Duration::from_secs(1))).await;
            })
        });
        for task in runtime.block_on(join_all(tasks.collect::<Vec<_>>())) {
            task.expect("not aborted");
        }
    });
}

/// Each waits for a task of the next, which waits for a foreign wake: whoever runs the tasks of a
/// current-thread runtime may leave while the others need them to go on.
#[test]
fn shuttle_several_threads_in_block_on_take_over_from_each_other() {
    explore(|| {
        let runtime = Arc::new(runtime(below(3)));
        let gates: Arc<[Gate]> = (0..3).map(|_| Gate::default()).collect();
        let tasks = (0..3).map(|at| {
            let gates = Arc::clone(&gates);
            runtime.spawn(async move {
                gates[at].pass().await;
                at
            })
        });
        let threads = tasks.collect::<Vec<_>>().into_iter().enumerate().map(|(at, task)| {
            let (runtime, gates) = (Arc::clone(&runtime), Arc::clone(&gates));
            thread::spawn(move || {
                gates[(at + 1) % 3].open();
                assert_eq!(runtime.block_on(task).expect("not aborted"), at);
            })
        });
        for thread in threads.collect::<Vec<_>>() {
            thread.join().expect("no panic");
        }
    });
}

/// The one that runs the tasks of a current-thread runtime may wait for one that does not, and sleeps
/// in a bed of its own.
#[test]
fn shuttle_threads_in_block_on_go_on_one_after_another() {
    explore(|| {
        let runtime = Arc::new(runtime(below(3)));
        let gates: Arc<[Gate]> = (0..4).map(|_| Gate::default()).collect();
        let threads = (0..3).map(|at| {
            let (runtime, gates) = (Arc::clone(&runtime), Arc::clone(&gates));
            thread::spawn(move || {
                runtime.block_on(gates[at].pass());
                gates[at + 1].open();
            })
        });
        let threads: Vec<_> = threads.collect();
        gates[0].open();
        for thread in threads {
            thread.join().expect("no panic");
        }
        runtime.block_on(gates[3].pass());
    });
}

/// What is spawned is polled, or dropped, but not by who wakes it; who joins it from outside has an
/// answer.
#[test]
fn shuttle_a_shutdown_meets_spawns_and_wakes_from_outside() {
    explore(|| {
        let (census, runtime) = (Arc::new(Census::default()), runtime(below(4)));
        let gate = Arc::new(Gate::default());
        let waiting = |handle: &Handle, gate: &Arc<Gate>, census: &Arc<Census>| {
            let (gate, tracked) = (Arc::clone(gate), census.track());
            handle.spawn(async move {
                tracked.begin();
                gate.pass().await;
            })
        };
        let early = waiting(runtime.handle(), &gate, &census);
        let spawner = thread::spawn({
            let (handle, gate, census) =
                (runtime.handle().clone(), Arc::clone(&gate), Arc::clone(&census));
            move || {
                let tasks: Vec<_> = (0..3).map(|_| waiting(&handle, &gate, &census)).collect();
                for task in tasks {
                    let joined = handle.block_on(task);
                    assert!(joined.is_ok() || joined.is_err_and(|error| error.is_cancelled()));
                }
            }
        });
        let opener = thread::spawn(move || gate.open());
        let opener_id = opener.thread().id();
        if below(2) == 0 {
            runtime.block_on(yield_now());
        }
        match below(3) {
            0 => runtime.shutdown_background(),
            1 => runtime.shutdown_timeout(Duration::from_millis(1)),
            _ => drop(runtime),
        }
        drop(early);
        for thread in [opener, spawner] {
            thread.join().expect("no panic");
        }
        assert!(!census.has_dropped(opener_id), "a thread that only wakes has dropped a future");
        // Workers that nobody waited for may still hold futures: they are threads of the execution,
        // which ends after them. The census of the other cases is taken here.
        if Arc::strong_count(&census) == 1 {
            census.check(None);
        }
    });
}

/// A poll does not return until a task has run that it has made: that lies in the ring of the worker
/// that is stuck, and so may the driver with the task's timer.
#[test]
fn shuttle_the_watch_takes_over_from_a_worker_that_is_stuck() {
    explore(|| {
        let runtime = runtime(2 + below(2));
        make_polls_short(&runtime);
        runtime.block_on(async {
            let sleeps = below(2) == 0;
            let idles = below(3);
            let stuck = crate::spawn(async move {
                // So long that there is nothing to see for the watch, at first.
                for _ in 0..100 * idles {
                    let _ = now();
                    thread::yield_now();
                }
                let has_run = Arc::new(AtomicBool::new(false));
                let other = crate::spawn({
                    let has_run = Arc::clone(&has_run);
                    async move {
                        if sleeps {
                            sleep(Duration::from_millis(2)).await;
                        }
                        has_run.store(true, Relaxed);
                    }
                });
                while !has_run.load(Relaxed) {
                    let _ = now(); // It takes time.
                    thread::yield_now();
                }
                other.await
            });
            stuck.await.expect("not aborted").expect("not aborted");
        });
    });
}

/// See `program.rs`.
#[test]
fn shuttle_random_programs_end() {
    explore(program::run);
}

#[test]
fn shuttle_a_seed_gives_the_same_run_each_time() {
    let first = trace(7, program::run);
    assert!(first.len() > 50, "{}", first.len());
    assert!(first == trace(7, program::run), "the same seed, and something else has happened");
    assert!(first != trace(8, program::run), "another seed");
}

/// The proof that a lost wake-up is seen: a future enters a list too late.
#[test]
fn shuttle_finds_a_wake_up_that_is_lost() {
    let found = first_failure(0..100, || {
        let runtime = runtime(2);
        let gate = Arc::new(Gate::default());
        let task = runtime.spawn({
            let gate = Arc::clone(&gate);
            async move { gate.pass_unsafely().await }
        });
        let opener = thread::spawn(move || gate.open());
        runtime.block_on(task).expect("not aborted");
        opener.join().expect("no panic");
    });
    assert!(found.is_some());
}

/// The proof that the census is one.
#[test]
fn shuttle_finds_a_future_that_is_not_dropped() {
    let found = first_failure(0..10, || {
        let (census, runtime) = (Arc::new(Census::default()), runtime(2));
        let tracked = census.track();
        drop(runtime.spawn(async move {
            let tracked = std::mem::ManuallyDrop::new(tracked);
            tracked.begin();
        }));
        drop(runtime);
        census.check(None);
    });
    assert!(found.is_some());
}
