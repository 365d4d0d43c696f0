//! Tasks that block their threads in place, under schedules from seeds.

use super::probe::{Census, Gate, below, make_polls_short, runtime};
use super::runner::explore;
use crate::primitive::thread;
use crate::runtime::{Builder, Handle};
use crate::task::{block_in_place, yield_now};
use crate::time::{Duration, sleep};
use futures::future::join_all;
use std::sync::Arc;

/// All workers are in calls, each of which waits for one task that is in the ring of its worker, for
/// a timer, and for what the next one opens.
#[test]
fn shuttle_with_all_workers_in_calls_tasks_and_timers_go_on() {
    explore(|| {
        let workers = 1 + below(2);
        let runtime = runtime(workers);
        if below(2) == 0 {
            make_polls_short(&runtime);
        }
        let gates: Arc<[Gate]> = (0..=workers).map(|_| Gate::default()).collect();
        let tasks = (0..=workers).map(|at| {
            let gates = Arc::clone(&gates);
            runtime.spawn(async move {
                let own = Arc::new(Gate::default());
                let other = crate::spawn({
                    let (own, gates) = (Arc::clone(&own), Arc::clone(&gates));
                    async move {
                        gates[at].open();
                        sleep(Duration::from_millis(1)).await;
                        own.open();
                        at
                    }
                });
                block_in_place(|| {
                    Handle::current().block_on(async {
                        own.pass().await;
                        gates[(at + 1) % gates.len()].pass().await;
                    });
                });
                yield_now().await;
                other.await.expect("not aborted")
            })
        });
        let tasks: Vec<_> = tasks.collect();
        for (at, output) in runtime.block_on(join_all(tasks)).into_iter().enumerate() {
            assert_eq!(output.expect("not aborted"), at);
        }
    });
}

/// More calls at once than there may be threads: some parts wait for a thread until a call returns.
#[test]
fn shuttle_at_the_limit_of_threads_calls_wait_for_each_other() {
    explore(|| {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1 + below(2))
            .max_blocking_threads(1)
            .build()
            .expect("nothing is asked of the operating system");
        let tasks = (0..4).map(|number| {
            runtime.spawn(async move {
                block_in_place(thread::yield_now);
                yield_now().await;
                block_in_place(|| number)
            })
        });
        let tasks: Vec<_> = tasks.collect();
        for (number, output) in runtime.block_on(join_all(tasks)).into_iter().enumerate() {
            assert_eq!(output.expect("not aborted"), number);
        }
    });
}

/// What is in a call, before one or after one is dropped or ends; by whoever is left. A call may wait
/// for a task.
#[test]
fn shuttle_a_shutdown_meets_tasks_in_calls() {
    explore(|| {
        let (census, runtime) = (Arc::new(Census::default()), runtime(1 + below(2)));
        let gate = Arc::new(Gate::default());
        for _ in 0..3 {
            let (gate, tracked) = (Arc::clone(&gate), census.track());
            let inner = census.track();
            drop(runtime.spawn(async move {
                tracked.begin();
                gate.pass().await;
                block_in_place(|| {
                    thread::yield_now();
                    let task = crate::spawn(async move { inner.begin() });
                    if below(2) == 0 {
                        let _cancelled = Handle::current().block_on(task);
                    }
                });
                yield_now().await;
                block_in_place(thread::yield_now);
            }));
        }
        let opener = thread::spawn(move || gate.open());
        if below(2) == 0 {
            runtime.block_on(yield_now());
        }
        match below(3) {
            0 => runtime.shutdown_background(),
            1 => runtime.shutdown_timeout(Duration::from_millis(1)),
            _ => drop(runtime),
        }
        opener.join().expect("no panic");
        if Arc::strong_count(&census) == 1 {
            census.check(None);
        }
    });
}
