//! Simulated scale: what would one core, sixteen cores and a million connections take?
//!
//! Each candidate's CPU time per delivery is fitted as a [`Curve`] over the number of connections.
//! The model is first fitted without the largest crowd and asked for it: the error is shown. Then it
//! is fitted to all of them, and says what nobody has measured.
//!
//! Sixteen workers share the core's one lock. They are customers of a closed queue (Reiser and
//! Lavenberg 1980, mean value analysis): each computes for a delivery's CPU time outside of the
//! lock, then queues for the lock and holds it. That bounds the rate both by the cores and by the
//! lock, and bends between the two.

use super::analysis::Cell;
pub use super::curve::Curve;
use super::label::thousands;
use super::results::{Experiment, HubCost, Metric, Results};

/// The name of the candidates that can use more than one core.
const THREADED: [&str; 3] = ["mini", "tokio", "tokio-tuned"];

/// The machines and crowds that are asked for: cores and connections.
const ASKED: [(usize, usize); 6] =
    [(1, 1_000), (1, 9_000), (1, 1_000_000), (16, 1_000), (16, 9_000), (16, 1_000_000)];

/// What the model says, for each candidate that was measured at enough points.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    /// One for each candidate.
    pub candidates: Vec<Scaled>,
    /// What is taken for granted, in whole sentences; to be shown beside the numbers.
    pub assumptions: Vec<String>,
}

/// What the model says of one candidate.
#[derive(Clone, Debug, PartialEq)]
pub struct Scaled {
    /// Whose it is.
    pub candidate: String,
    /// The model without the largest point, against that point.
    pub check: Option<Check>,
    /// The model from all points.
    pub cpu: Curve,
    /// Bytes of heap for a connection.
    pub heap_bytes: Option<f64>,
    /// Bytes of resident memory for a connection, which holds the heap.
    pub rss_bytes: Option<f64>,
    /// What it says of each machine and crowd.
    pub predictions: Vec<Prediction>,
}

/// How far off the model was where it could be checked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Check {
    /// At how many connections: the most that were measured.
    pub connections: usize,
    /// Nanoseconds per delivery by the model, which had not seen this point.
    pub predicted_ns: f64,
    /// As measured: the median.
    pub measured_ns: f64,
}

impl Check {
    /// The error as a share of what was measured; positive when the model says too much.
    pub fn error(&self) -> f64 {
        self.predicted_ns / self.measured_ns - 1.0
    }
}

/// What one machine would do with one crowd.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prediction {
    /// The server's cores.
    pub cores: usize,
    /// The connections.
    pub connections: usize,
    /// The most deliveries in a second.
    pub deliveries_per_second: f64,
    /// What bounds it.
    pub limit: Limit,
    /// Bytes of heap in all.
    pub heap_bytes: Option<f64>,
    /// Bytes of resident memory in all.
    pub rss_bytes: Option<f64>,
}

/// What bounds a rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// The cores are busy.
    Cores,
    /// One thread serves, so the other cores are idle.
    OneThread,
    /// The workers wait for the core's lock more than they compute outside of it.
    Lock,
}

impl Scale {
    /// Fitted to what was measured; `None` when no candidate has enough points.
    pub(super) fn of(results: &Results, cells: &[Cell]) -> Option<Self> {
        let candidates: Vec<Scaled> =
            results.candidates.iter().filter_map(|name| scaled(name, results, cells)).collect();
        let mut assumptions = assumptions(results);
        if candidates.iter().all(|scaled| scaled.cpu.miss == 0.0) {
            let most = candidates.iter().filter_map(|scaled| scaled.check.map(|c| c.connections));
            assumptions.push(format!(
                "Nothing is said of caches: with at most {} connections, and fewer than four \
                 crowds, their misses cannot be told from the rest. Larger crowds cost more than \
                 this says; a full run measures them.",
                thousands(most.max().unwrap_or_default() as u64)
            ));
        }
        (!candidates.is_empty()).then_some(Self { candidates, assumptions })
    }
}

/// The model of one candidate.
fn scaled(name: &str, results: &Results, cells: &[Cell]) -> Option<Scaled> {
    let mine = || cells.iter().filter(|cell| cell.candidate == name);
    let median = |cell: &Cell| cell.summary.map(|summary| summary.median);
    let mut points: Vec<(usize, f64)> = mine()
        .filter(|cell| cell.metric == Metric::CpuPerDelivery)
        .filter(|cell| cell.point.experiment == Experiment::Closed)
        .filter_map(|cell| Some((cell.point.connections, median(cell)?)))
        .collect();
    points.sort_by_key(|&(connections, _)| connections);
    let cpu = Curve::fit(&points)?;
    let (&(connections, measured_ns), fewer) = points.split_last()?;
    let check = Curve::fit(fewer).map(|curve| Check {
        connections,
        predicted_ns: curve.at(connections),
        measured_ns,
    });
    let memory = |metric| mine().find(|cell| cell.metric == metric).and_then(median);
    let (heap_bytes, rss_bytes) =
        (memory(Metric::HeapPerConnection), memory(Metric::RssPerConnection));
    let threads = |cores| if THREADED.contains(&name) { cores } else { 1 };
    let predictions = ASKED
        .into_iter()
        .map(|(cores, connections)| {
            let lock = lock_ns(&results.hub, connections);
            let (rate, limit) = rate(cores, threads(cores), cpu.at(connections), lock);
            let all = |bytes: Option<f64>| bytes.map(|bytes| bytes * connections as f64);
            Prediction {
                cores,
                connections,
                deliveries_per_second: rate,
                limit,
                heap_bytes: all(heap_bytes),
                rss_bytes: all(rss_bytes),
            }
        })
        .collect();
    Some(Scaled { candidate: name.to_owned(), check, cpu, heap_bytes, rss_bytes, predictions })
}

/// How long the lock is held for a delivery: by the same kind of curve, or zero if not measured.
fn lock_ns(hub: &[HubCost], connections: usize) -> f64 {
    let points: Vec<(usize, f64)> =
        hub.iter().map(|cost| (cost.connections, cost.ns_per_delivery)).collect();
    Curve::fit(&points).map_or(0.0, |curve| curve.at(connections).max(0.0))
}

/// Deliveries in a second by `threads` workers, each of which needs `cpu_ns` for one, `lock_ns` of
/// it under the lock.
fn rate(cores: usize, threads: usize, cpu_ns: f64, lock_ns: f64) -> (f64, Limit) {
    let lock_ns = lock_ns.min(cpu_ns);
    let outside_ns = cpu_ns - lock_ns;
    let (mut waiting, mut per_ns, mut held_ns) = (0.0, 0.0, lock_ns);
    for workers in 1..=threads {
        held_ns = lock_ns * (1.0 + waiting);
        per_ns = workers as f64 / (outside_ns + held_ns);
        waiting = per_ns * held_ns;
    }
    let limit = match threads {
        _ if held_ns - lock_ns > cpu_ns => Limit::Lock,
        1 if cores > 1 => Limit::OneThread,
        _ => Limit::Cores,
    };
    (per_ns * 1e9, limit)
}

/// What the numbers rest on.
fn assumptions(results: &Results) -> Vec<String> {
    let mut said = vec![
        "CPU per delivery at n connections is what each costs, a turn's cost shared by the n, and \
         the misses of caches that hold what belongs to some of them; fitted to the medians of the \
         closed loop. A million connections are an extrapolation, far outside of what was measured."
            .to_owned(),
        "Rooms stay as they were: a larger crowd has more rooms, not larger ones.".to_owned(),
        "A core is as fast as one of this machine's, runs nothing but the server, and the network \
         costs what loopback costs here."
            .to_owned(),
        "Sixteen cores share nothing but the core's lock: memory bandwidth, caches and the \
         kernel's own locks are taken to scale. So the rate of sixteen cores is an upper bound."
            .to_owned(),
        "A delivery costs as much CPU time on one core and on sixteen as it did with the workers that \
         were measured: what they lose to waking each other neither goes nor grows."
            .to_owned(),
        "A server on one thread gains nothing from more cores.".to_owned(),
        "Memory is heap and resident memory per connection times the connections. What the \
         kernel holds for the sockets is left out; it is several kilobytes a connection, on any \
         runtime."
            .to_owned(),
    ];
    let costs: Vec<String> = results
        .hub
        .iter()
        .map(|cost| {
            let connections = thousands(cost.connections as u64);
            format!("{:.0} ns at {connections}", cost.ns_per_delivery)
        })
        .collect();
    said.push(if costs.is_empty() {
        "The time under the lock was not measured, and is taken to be nothing.".to_owned()
    } else {
        format!(
            "The lock is held for the core's own time per delivery, measured without I/O and \
             without contention ({} connections), and is waited for without cost.",
            costs.join(", ")
        )
    });
    said
}

#[cfg(test)]
mod tests {
    use super::super::analysis::Analysis;
    use super::super::results::{Point, Series};
    use super::*;

    fn measured(candidate: &str, costs: &[(usize, f64)]) -> Vec<Series> {
        let series = |&(connections, ns): &(usize, f64)| Series {
            metric: Metric::CpuPerDelivery,
            point: Point {
                experiment: Experiment::Closed,
                connections,
                load_percent: None,
                rate: None,
            },
            candidate: candidate.to_owned(),
            rounds: vec![Some(ns); 4],
            notes: Vec::new(),
        };
        costs.iter().map(series).collect()
    }

    fn scale(candidate: &str, hub: Vec<HubCost>) -> Option<Scaled> {
        // 1,000 + 5,000 / n, but the last is 10 % above.
        let cost = |n: usize| 1_000.0 + 5_000.0 / n as f64;
        let costs =
            [(10, cost(10)), (100, cost(100)), (1_000, cost(1_000)), (9_000, 1.1 * cost(9_000))];
        let (candidates, series) = (vec![candidate.to_owned()], measured(candidate, &costs));
        let results = Results { candidates, series, hub, ..Results::default() };
        Analysis::of(&results).scale.map(|mut scale| scale.candidates.remove(0))
    }

    fn close(a: f64, b: f64) -> bool {
        (a / b - 1.0).abs() < 1e-6
    }

    #[test]
    fn the_check_is_against_a_point_that_the_model_has_not_seen() {
        let check = scale("mini", Vec::new()).and_then(|scaled| scaled.check).expect("four points");
        assert_eq!(check.connections, 9_000);
        assert!(close(check.error(), 1.0 / 1.1 - 1.0), "{check:?}");
    }

    #[test]
    fn one_thread_gains_nothing_from_sixteen_cores() {
        let scaled = scale("mini-ct", Vec::new()).expect("four points");
        let rates: Vec<f64> =
            scaled.predictions.iter().map(|prediction| prediction.deliveries_per_second).collect();
        assert_eq!(rates[..3], rates[3..]);
        assert_eq!(scaled.predictions[3].limit, Limit::OneThread);
    }

    #[test]
    fn sixteen_workers_are_bound_by_their_cores_or_by_the_lock() {
        let (free, limit) = rate(16, 16, 2_000.0, 0.0);
        assert!(close(free, 16.0 / 2_000e-9) && limit == Limit::Cores);
        // Never above either bound, and the lock alone bounds once it is more than a sixteenth.
        for lock in [10.0, 100.0, 500.0, 2_000.0] {
            let (rate, _) = rate(16, 16, 2_000.0, lock);
            assert!(rate < free && rate < 1.0001e9 / lock, "{lock}: {rate}");
        }
        let (bound, limit) = rate(16, 16, 2_000.0, 500.0);
        assert!(bound > 0.99e9 / 500.0 && limit == Limit::Lock, "{bound}");
        // Mean value analysis by hand: two customers, half of the time at the queue.
        let (two, _) = rate(2, 2, 2.0, 1.0);
        assert!(close(two, 2e9 / 2.5), "{two}");
    }

    #[test]
    fn the_lock_grows_with_the_crowd_and_is_named_among_the_assumptions() {
        let cost = |connections, ns_per_delivery| HubCost { connections, ns_per_delivery };
        let hub = vec![cost(10, 50.0), cost(100, 50.0), cost(1_000, 50.0), cost(3_000, 60.0)];
        assert!(lock_ns(&hub, 100) < 52.0 && lock_ns(&hub, 10_000) > 60.0);
        assert_eq!(lock_ns(&[], 10), 0.0);
        let results = Results { hub, ..Results::default() };
        assert!(assumptions(&results).iter().any(|said| said.contains("60 ns at 3,000")));
        assert!(assumptions(&Results::default()).iter().any(|said| said.contains("not measured")));
    }
}
