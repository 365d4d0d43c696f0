//! [`Record`]: where the numbers of a comparison are kept while it runs.

use super::results::{Experiment, Metric, Point, Results, Series};
use crate::candidate::Candidate;
use crate::load::{Report, Trust};

/// What has been measured so far.
#[derive(Debug)]
pub(super) struct Record {
    rounds: usize,
    series: Vec<Series>,
    /// Messages that were lost, came twice, out of order or changed: what and where.
    pub(super) faults: Vec<String>,
}

/// Whose run it was, and when.
#[derive(Clone, Copy, Debug)]
pub(super) struct Turn {
    pub(super) candidate: Candidate,
    /// From 0.
    pub(super) round: usize,
}

impl Record {
    pub(super) fn new(rounds: usize) -> Self {
        Self { rounds, series: Vec::new(), faults: Vec::new() }
    }

    /// A value, or that there is none.
    pub(super) fn value(&mut self, turn: Turn, metric: Metric, point: Point, value: Option<f64>) {
        let rounds = self.rounds;
        let series = self.of(turn.candidate, metric, point, rounds);
        if let Some(slot) = series.rounds.get_mut(turn.round) {
            *slot = value;
        }
    }

    /// There is no value of these metrics at this point, and why.
    pub(super) fn missing(&mut self, turn: Turn, metrics: &[Metric], point: Point, why: &str) {
        let rounds = self.rounds;
        for metric in metrics {
            let series = self.of(turn.candidate, *metric, point, rounds);
            series.notes.push(format!("round {}: {why}", turn.round + 1));
        }
    }

    /// What a run of the generator says. Where messages went wrong it says nothing, and is a fault;
    /// where the generator was the limit it says nothing of time.
    pub(super) fn report(&mut self, turn: Turn, point: Point, report: &Report) {
        let metrics = metrics_of(point.experiment);
        if !report.is_correct() {
            let what = format!(
                "{} lost, {} twice, {} out of order, {} changed, of {}",
                report.lost, report.duplicated, report.reordered, report.corrupt, report.due
            );
            let (who, round) = (turn.candidate, turn.round + 1);
            self.faults.push(format!("{who}, {}, round {round}: {what}", point.title()));
            return self.missing(turn, metrics, point, &what);
        }
        let latency = &report.latency;
        let timed = [
            (Metric::Throughput, report.deliveries_per_second),
            (Metric::LatencyP50, latency.p50_us),
            (Metric::LatencyP90, latency.p90_us),
            (Metric::LatencyP99, latency.p99_us),
            (Metric::LatencyP999, latency.p999_us),
            (Metric::LatencyMax, latency.max_us),
        ];
        for (metric, value) in timed.into_iter().filter(|(metric, _)| metrics.contains(metric)) {
            match &report.trust {
                Trust::Fine => self.value(turn, metric, point, Some(value)),
                Trust::Bottleneck(how) => {
                    let why = format!("the load generator was the limit: {how}");
                    self.missing(turn, &[metric], point, &why);
                }
            }
        }
        if let Some(cost) = &report.server {
            let costs = [
                (Metric::CpuPerDelivery, Some(cost.cpu_ns_per_delivery)),
                (Metric::UserCpuPerDelivery, cost.user_ns_per_delivery),
                (Metric::SwitchesPerDelivery, Some(cost.switches_per_delivery)),
            ];
            for (metric, value) in costs.into_iter().filter(|(m, _)| metrics.contains(m)) {
                self.value(turn, metric, point, value);
            }
        }
    }

    /// All of it, in the order of the candidates.
    pub(super) fn finish(mut self, candidates: &[Candidate]) -> (Results, Vec<String>) {
        let candidates: Vec<String> =
            candidates.iter().map(|candidate| candidate.name().to_owned()).collect();
        let place = |series: &Series| candidates.iter().position(|name| *name == series.candidate);
        self.series.sort_by_key(place);
        let results = Results { candidates, series: self.series, ..Results::default() };
        (results, self.faults)
    }

    fn of(&mut self, who: Candidate, metric: Metric, point: Point, rounds: usize) -> &mut Series {
        let is = |series: &Series| {
            series.metric == metric && series.point == point && series.candidate == who.name()
        };
        let place = self.series.iter().position(is).unwrap_or_else(|| {
            let (candidate, rounds) = (who.name().to_owned(), vec![None; rounds]);
            self.series.push(Series { metric, point, candidate, rounds, notes: Vec::new() });
            self.series.len() - 1
        });
        &mut self.series[place]
    }
}

/// What is measured in an experiment.
pub(super) fn metrics_of(experiment: Experiment) -> &'static [Metric] {
    match experiment {
        Experiment::Closed => &[
            Metric::Throughput,
            Metric::CpuPerDelivery,
            Metric::UserCpuPerDelivery,
            Metric::SwitchesPerDelivery,
        ],
        Experiment::Open => &[
            Metric::CpuPerDelivery,
            Metric::SwitchesPerDelivery,
            Metric::LatencyP50,
            Metric::LatencyP90,
            Metric::LatencyP99,
            Metric::LatencyP999,
            Metric::LatencyMax,
        ],
        Experiment::Idle => &[Metric::HeapPerConnection, Metric::RssPerConnection],
        Experiment::Life => &[Metric::Start, Metric::Shutdown],
    }
}
