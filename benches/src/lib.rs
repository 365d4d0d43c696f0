//! What the benches share: the runtimes and their order, and the loads for servers on them.
//!
//! A bench measures a *workload* on each of [`KINDS`]; its id is `group/workload/kind`. Three rules
//! keep the comparison fair:
//! 1. The same code runs on both runtimes, through adapters that only forward: chat's own
//!    [`Runtime`](chat::runtime::Runtime) for what has sockets, [`spawner`] for tasks that are
//!    joined. What loads a server is the [`client`], a loop over mio that belongs to neither.
//! 2. The runtimes take turns within a workload, so that a machine that slows down over the
//!    minutes slows them all.
//! 3. What is compared is compiled alike: one profile in the workspace's manifest, both runtimes'
//!    dependencies in one graph, the same allocator.
//!
//! Set a figure beside its counterpart of the same flavour only: `mini` beside `tokio`, `mini-ct`
//! beside `tokio-ct`. No figure here is a promise about another machine.

#![forbid(unsafe_code)]

use std::time::Duration;

use chat::runtime::Kind;
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, SamplingMode};

pub mod client;
pub mod echo;
pub mod rooms;
pub mod spawner;

/// The runtimes in the order in which they run.
pub const KINDS: [Kind; 4] = [Kind::Mini, Kind::Tokio, Kind::MiniCt, Kind::TokioCt];

/// The workers of the kinds with threads. Two, so that there is stealing and waking between them
/// on any machine; a figure for more needs a machine with cores for it.
pub const WORKERS: usize = 2;

/// Criterion as all benches use it. Its plots are left out, which take longer than the runs.
pub fn criterion() -> Criterion {
    Criterion::default().without_plots()
}

/// A group whose every run is as long as it needs to be for a stable median, and no longer: all
/// of `cargo bench` is to end within minutes.
pub fn group<'a>(criterion: &'a mut Criterion, name: &str) -> BenchmarkGroup<'a, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group
        .sampling_mode(SamplingMode::Flat) // a sample is one closed loop of many rounds
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3));
    group
}
