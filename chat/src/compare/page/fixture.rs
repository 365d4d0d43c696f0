//! Results as a comparison might give them, with the hard cases in them: missing rounds, a run that
//! is a large outlier, a metric that one candidate alone has, a candidate whom the palette does not
//! know and whose name HTML would read.

use super::super::results::{Experiment, HubCost, Metric, Point, Results, Series};
use super::super::statistics::Random;

/// The name of the candidate that nobody knows.
pub(super) const STRANGER: &str = "<b>smol & co</b>";

/// Who takes part, and what one delivery costs it in nanoseconds, roughly.
const CANDIDATES: [(&str, f64); 7] = [
    ("mini", 1_450.0),
    ("tokio", 1_900.0),
    ("tokio-tuned", 1_780.0),
    ("mini-ct", 1_120.0),
    ("tokio-ct", 1_310.0),
    ("floor", 980.0),
    (STRANGER, 2_300.0),
];

struct Maker {
    random: Random,
    rounds: usize,
    results: Results,
}

impl Maker {
    /// A round's value: within some per cent of `middle`.
    fn noisy(&mut self, middle: f64, spread: f64) -> f64 {
        let unit = (self.random.next() >> 11) as f64 / (1_u64 << 53) as f64;
        middle * (1.0 + spread * (2.0 * unit - 1.0))
    }

    fn add(&mut self, metric: Metric, point: Point, candidate: &str, middle: f64, spread: f64) {
        let rounds = (0..self.rounds).map(|_| Some(self.noisy(middle, spread))).collect();
        let (candidate, notes) = (candidate.to_owned(), Vec::new());
        self.results.series.push(Series { metric, point, candidate, rounds, notes });
    }

    fn closed(&mut self, candidate: &str, cost_ns: f64) {
        for connections in [10, 100, 1_000, 9_000] {
            let point = at(Experiment::Closed, connections);
            let cost = cost_ns * (1.0 + 0.07 * (connections as f64).ln());
            let threads =
                if candidate.ends_with("-ct") || candidate == "floor" { 1.0 } else { 1.35 };
            self.add(Metric::Throughput, point, candidate, threads * 1e9 / cost, 0.03);
            self.add(Metric::CpuPerDelivery, point, candidate, cost, 0.02);
            self.add(Metric::UserCpuPerDelivery, point, candidate, 0.3 * cost, 0.04);
            let switches = 0.4 * threads / (connections as f64).sqrt();
            self.add(Metric::SwitchesPerDelivery, point, candidate, switches, 0.1);
        }
    }

    fn open(&mut self, candidate: &str, cost_ns: f64) {
        let one = candidate.ends_with("-ct") || candidate == "floor";
        let capacity = if one { 500_000.0 } else { 640_000.0 };
        for percent in [20, 40, 60, 80, 100, 120] {
            let load = f64::from(percent) / 100.0;
            let rate = Some(capacity * load);
            let load_percent = Some(percent);
            let point = Point { load_percent, rate, ..at(Experiment::Open, 1_000) };
            let queue = if load < 1.0 { 1.0 / (1.05 - load) } else { 400.0 * load.powi(8) };
            let us = cost_ns / 1e3 * 40.0 * queue;
            let metrics = [
                (Metric::LatencyP50, 1.0, 0.05),
                (Metric::LatencyP90, 2.1, 0.07),
                (Metric::LatencyP99, 4.5, 0.15),
                (Metric::LatencyP999, if candidate == "mini" { 16.0 } else { 9.0 }, 0.2),
                (Metric::LatencyMax, 26.0, 0.6),
            ];
            for (metric, times, spread) in metrics {
                self.add(metric, point, candidate, us * times, spread);
            }
            self.add(Metric::CpuPerDelivery, point, candidate, cost_ns * (1.6 - 0.4 * load), 0.03);
        }
    }

    fn rest(&mut self, candidate: &str, cost_ns: f64) {
        for connections in [1_000, 9_000] {
            let point = at(Experiment::Idle, connections);
            let heap = if candidate.starts_with("mini") { 2_900.0 } else { 4_350.0 };
            self.add(Metric::HeapPerConnection, point, candidate, heap, 0.002);
            self.add(Metric::RssPerConnection, point, candidate, heap * 1.4, 0.05);
        }
        let point = at(Experiment::Life, 1_000);
        self.add(Metric::Start, point, candidate, 1.1 + cost_ns / 8_000.0, 0.1);
        self.add(Metric::Shutdown, point, candidate, 34.0 - cost_ns / 70.0, 0.25);
    }

    fn change(&mut self, of: (&str, Metric, usize), change: impl Fn(&mut Series)) {
        let (candidate, metric, connections) = of;
        let found = self.results.series.iter_mut().filter(|series| {
            series.candidate == candidate
                && series.metric == metric
                && series.point.connections == connections
        });
        found.for_each(change);
    }
}

fn at(experiment: Experiment, connections: usize) -> Point {
    Point { experiment, connections, load_percent: None, rate: None }
}

/// All experiments, five rounds, with the hard cases.
pub(super) fn full() -> Results {
    let mut maker = made(5);
    maker.change(("tokio-ct", Metric::Throughput, 9_000), |series| {
        series.rounds[1..3].fill(None);
        series
            .notes
            .push("the generator was busy 98 % of the time, so it was the limit".to_owned());
    });
    maker.change(("floor", Metric::CpuPerDelivery, 9_000), |series| {
        series.rounds.fill(None);
        series.notes.push("the server ran out of file descriptors".to_owned());
    });
    maker.change(("mini", Metric::CpuPerDelivery, 100), |series| {
        series.rounds[2] = series.rounds[2].map(|value| 9.0 * value);
    });
    maker.change(("tokio", Metric::Start, 1_000), |series| {
        series.rounds[0] = series.rounds[0].map(|value| 30.0 * value);
    });
    maker
        .results
        .series
        .retain(|series| series.metric != Metric::UserCpuPerDelivery || series.candidate == "mini");
    maker.results
}

/// As a quick comparison: two rounds, two candidates, few points.
pub(super) fn quick() -> Results {
    let mut results = made(2).results;
    results.candidates.truncate(2);
    results.series.retain(|series| {
        results.candidates.contains(&series.candidate) && series.point.connections == 1_000
    });
    results
}

fn made(rounds: usize) -> Maker {
    let results = Results {
        conditions: [
            ("chat", "0.1.0, rustc 1.95.0, release, LTO thin, one codegen unit"),
            ("tokio", "1.54.0"),
            ("kernel", "Linux 6.1.0 x86_64"),
            ("processor", "2 × Virtual CPU @ 2.60 GHz, governor not known"),
            ("workers", "2"),
            ("rooms", "10 clients each, 64 bytes a line"),
            ("pinning", "generator on core 1, one thread on core 0, several workers on all"),
            ("remark", "<script>alert('escape me')</script>"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec(),
        candidates: CANDIDATES.iter().map(|(name, _)| (*name).to_owned()).collect(),
        hub: [(10, 180.0), (1_000, 260.0)]
            .map(|(connections, ns_per_delivery)| HubCost { connections, ns_per_delivery })
            .to_vec(),
        ..Results::default()
    };
    let mut maker = Maker { random: Random(3), rounds, results };
    for (candidate, cost_ns) in CANDIDATES {
        maker.closed(candidate, cost_ns);
        maker.open(candidate, cost_ns);
        maker.rest(candidate, cost_ns);
    }
    maker
}
