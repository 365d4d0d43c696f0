//! How a workload is measured on each runtime, and how long.

use std::env;
use std::future::Future;
use std::time::Duration;

use criterion::measurement::{Measurement, WallTime};
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, SamplingMode, Throughput};
use rustix::time::{ClockId, clock_gettime};

use crate::candidate::{AnyKind, Candidate, Work};
use crate::client;
use crate::tasks::{Spawner, Tasks};

/// A group of workloads.
pub type Group<'a, M = WallTime> = BenchmarkGroup<'a, M>;

/// Criterion as all benches use it. Its plots are left out, which take longer than the runs.
pub fn criterion() -> Criterion {
    Criterion::default().without_plots().nresamples(20_000)
}

/// A group whose every run is as long as it needs to be for a stable median, and no longer: all
/// of `cargo bench` is to end within twenty minutes.
pub fn group<'a, M: Measurement>(criterion: &'a mut Criterion<M>, name: &str) -> Group<'a, M> {
    let mut group = criterion.benchmark_group(name);
    group
        .sampling_mode(SamplingMode::Flat) // a sample is one closed loop of many rounds
        .sample_size(15)
        .warm_up_time(Duration::from_millis(250))
        .measurement_time(Duration::from_millis(1200));
    group
}

/// Whether everything is to run once, to see that it does, and nothing is measured: Criterion's
/// test mode, which `cargo test --benches` chooses.
pub fn is_smoke() -> bool {
    let has = |wanted| env::args().any(|arg| arg == wanted);
    has("--test") || !has("--bench")
}

/// `size`, but small when nothing is measured.
pub fn sized(size: usize) -> usize {
    if is_smoke() { size.min(20) } else { size }
}

/// Whether a workload of so many connections, both of whose ends are in this process, may have its
/// files open; says so where it is left out.
pub fn enough_files(workload: &str, conns: usize) -> bool {
    let needed = client::files_for(sized(conns));
    let allowed = rlimit::increase_nofile_limit(u64::MAX).expect("the limit can be read");
    if allowed < needed {
        eprintln!("{workload} is left out: it needs {needed} open files, {allowed} are allowed");
    }
    allowed >= needed
}

/// Where the loop of a workload runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the future that `block_on` is given. On a runtime with threads that is a thread which
    /// runs no tasks, so it is where to measure `block_on` itself and nothing else.
    Root,
    /// In a task.
    Task,
}

/// A loop over a runtime's tasks and timers.
pub trait Workload: Copy + Send + 'static {
    /// Does it `iters` times and says how long that took; what is only preparation is left out.
    fn run<T: Tasks>(self, tasks: T, iters: u64) -> impl Future<Output = Duration> + Send;
}

/// Measures `workload` on each runtime; an iteration is `elements` of what is reported.
pub fn on_each<W: Workload>(
    group: &mut Group<'_>,
    name: &str,
    elements: usize,
    place: Place,
    workload: W,
) {
    group.throughput(Throughput::Elements(elements as u64));
    for kind in AnyKind::TASKS {
        let id = BenchmarkId::new(name, kind);
        let run = OnOne { group, id, place, workload };
        kind.run(run).expect("threads and a poller can be had");
    }
}

struct OnOne<'a, 'g, W> {
    group: &'a mut Group<'g>,
    id: BenchmarkId,
    place: Place,
    workload: W,
}

impl<W: Workload> Work for OnOne<'_, '_, W> {
    type Output = ();

    fn on<E: Spawner>(self, executor: &E) {
        let Self { group, id, place, workload } = self;
        let tasks = executor.tasks();
        group.bench_function(id, |bencher| {
            bencher.iter_custom(|iters| {
                let run = workload.run(tasks.clone(), iters);
                match place {
                    Place::Root => executor.block_on(run),
                    Place::Task => {
                        executor.block_on(async { E::Tasks::join(tasks.spawn(run)).await })
                    }
                }
            });
        });
    }
}

/// What a server and its load do in so many rounds.
pub trait Load {
    /// Does them, on the caller's thread, which is not the server's.
    fn run(&mut self, rounds: u64);
}

/// What of a load is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {
    /// How long it takes.
    Time,
    /// The CPU time of all threads but the one that loads, which is what the server costs.
    Cpu,
}

/// Measures a load against each candidate; a round is `elements` of what is reported.
///
/// A load is not started before it is measured, so that a run which is filtered out starts no
/// server; it is gone before the next one is started.
pub fn against_each<L: Load>(
    group: &mut Group<'_>,
    name: &str,
    (elements, cost): (usize, Cost),
    start: impl Fn(Candidate) -> L,
) {
    group.throughput(Throughput::Elements(elements as u64));
    for candidate in Candidate::ALL {
        let mut started = None;
        group.bench_function(BenchmarkId::new(name, candidate), |bencher| {
            let load = started.get_or_insert_with(|| start(candidate));
            bencher.iter_custom(|rounds| cost.of(|| load.run(rounds)));
        });
    }
}

impl Cost {
    fn of(self, work: impl FnOnce()) -> Duration {
        let now = match self {
            Cost::Time => || clock(ClockId::Monotonic),
            Cost::Cpu => cpu_of_others,
        };
        let before = now();
        work();
        // Read one after the other, two clocks may be a little apart.
        now().saturating_sub(before)
    }
}

/// The CPU time of all threads of this process but the caller's.
pub fn cpu_of_others() -> Duration {
    clock(ClockId::ProcessCPUTime).saturating_sub(clock(ClockId::ThreadCPUTime))
}

/// The CPU time of this process.
pub fn cpu_of_all() -> Duration {
    clock(ClockId::ProcessCPUTime)
}

fn clock(id: ClockId) -> Duration {
    let time = clock_gettime(id);
    let (s, ns) = (u64::try_from(time.tv_sec), u32::try_from(time.tv_nsec));
    Duration::new(s.expect("after 1970"), ns.expect("below 1e9"))
}

#[cfg(test)]
mod tests {
    use std::hint::black_box;
    use std::thread;
    use std::time::Instant;

    use super::*;

    /// Keeps the caller's thread busy for so long of its own time.
    fn spin(busy: Duration) {
        let before = clock(ClockId::ThreadCPUTime);
        while clock(ClockId::ThreadCPUTime) - before < busy {
            black_box(Instant::now());
        }
    }

    #[test]
    fn another_threads_time_is_counted_and_the_callers_is_not() {
        let busy = Duration::from_millis(20);
        let others = Cost::Cpu.of(|| thread::spawn(move || spin(busy)).join().unwrap());
        assert!(others >= busy, "{others:?}");

        // Whatever other tests do meanwhile is in both differences, and in the outer one whole.
        let all_before = cpu_of_all();
        let others = Cost::Cpu.of(|| spin(busy));
        let all = cpu_of_all() - all_before;
        assert!(all - others >= busy, "{others:?} of {all:?}");
    }
}
