//! What does a task cost from its spawn to its join?
//!
//! - `one`, `one_inside`: a task that is ready at once is spawned and joined, over and over.
//! - `batch_10000`, `batch_10000_inside`: 10,000 of them are spawned, then joined in that order.
//!
//! Without a suffix the loop is the root future of `block_on`; `inside`, it is itself a task. On
//! a current-thread runtime that is nearly the same. With threads it is not: the root future is on
//! a thread that runs no tasks, so each `one` goes to a worker and back, and what is measured is
//! how fast two threads wake each other.
//!
//! What it cannot tell: how spawning behaves when tasks have real work, hold memory for long, or
//! come from many threads at once. On two cores `one` from the root also shows the kernel's
//! scheduler as much as the runtime's.

use std::hint::black_box;
use std::io;
use std::time::{Duration, Instant};

use benches::spawner::Spawner;
use benches::{KINDS, WORKERS, criterion, group};
use chat::runtime::Kind;
use chat::runtime::mini::Mini;
use chat::runtime::tokio::Tokio;
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion};
use criterion::{Throughput, criterion_group, criterion_main};

type Group<'a> = BenchmarkGroup<'a, WallTime>;

/// Tasks that exist at once in a batch; far past what either runtime's local queue holds (256).
const BATCH: u32 = 10_000;

/// Name, tasks in one iteration, and whether the loop is a task itself.
const WORKLOADS: [(&str, u32, bool); 4] = [
    ("one", 1, false),
    ("one_inside", 1, true),
    ("batch_10000", BATCH, false),
    ("batch_10000_inside", BATCH, true),
];

criterion_group! { name = all; config = criterion(); targets = spawn_join }
criterion_main!(all);

fn spawn_join(criterion: &mut Criterion) {
    let mut group = group(criterion, "spawn_join");
    for (name, tasks, inside) in WORKLOADS {
        group.throughput(Throughput::Elements(tasks.into()));
        for kind in KINDS {
            let run = Run { id: BenchmarkId::new(name, kind), tasks, inside };
            match kind {
                Kind::Mini => run.on(&mut group, || Mini::multi_thread(WORKERS)),
                Kind::MiniCt => run.on(&mut group, Mini::current_thread),
                Kind::Tokio => run.on(&mut group, || Tokio::multi_thread(WORKERS)),
                Kind::TokioTuned => run.on(&mut group, || Tokio::tuned(WORKERS)),
                Kind::TokioCt => run.on(&mut group, Tokio::current_thread),
            }
        }
    }
    group.finish();
}

/// One workload on one runtime.
struct Run {
    id: BenchmarkId,
    tasks: u32,
    inside: bool,
}

impl Run {
    /// Measures it on the runtime that `build` makes, which is not made if the run is filtered out.
    fn on<E: Spawner>(self, group: &mut Group<'_>, build: impl Fn() -> io::Result<E>) {
        let Self { id, tasks, inside } = self;
        let mut built = None;
        group.bench_function(id, |bencher| {
            let executor = built.get_or_insert_with(|| build().expect("threads and a poller"));
            bencher.iter_custom(|iters| match inside {
                false => executor.block_on(rounds::<E>(tasks, iters)),
                true => executor.block_on(async {
                    E::spawn(rounds::<E>(tasks, iters)).await.expect("the loop does not panic")
                }),
            });
        });
    }
}

/// Spawns and joins `tasks` tasks, `iters` times over; returns how long that took.
async fn rounds<E: Spawner>(tasks: u32, iters: u64) -> Duration {
    let mut handles = Vec::with_capacity(tasks as usize);
    let start = Instant::now();
    for _ in 0..iters {
        handles.extend((0..tasks).map(|task| E::spawn(async move { black_box(task) })));
        for (task, handle) in (0..tasks).zip(handles.drain(..)) {
            assert_eq!(handle.await.expect("it is neither aborted nor panics"), task);
        }
    }
    start.elapsed()
}
