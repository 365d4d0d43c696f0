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
        metrics.iter().for_each(|metric| self.note(turn, *metric, point, why));
    }

    /// What a reader of this round must know.
    fn note(&mut self, turn: Turn, metric: Metric, point: Point, what: &str) {
        let rounds = self.rounds;
        let series = self.of(turn.candidate, metric, point, rounds);
        series.notes.push(format!("round {}: {what}", turn.round + 1));
    }

    /// What a run of the generator says. Where messages went wrong it says nothing, and is a fault;
    /// where the generator was the limit it says nothing of time. Where it was late on a core that
    /// the server may use, the times count, and a note tells of it.
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
                Trust::Shared(how) => {
                    self.value(turn, metric, point, Some(value));
                    let what = format!("the generator was late on a core that it shares: {how}");
                    self.note(turn, metric, point, &what);
                }
                Trust::Bottleneck(how) => {
                    let why = format!("the load generator was the limit: {how}");
                    self.missing(turn, &[metric], point, &why);
                }
            }
        }
        let cost = report.server.as_ref();
        let costs = [
            (Metric::CpuPerDelivery, cost.map(|cost| cost.cpu_ns_per_delivery)),
            (Metric::UserCpuPerDelivery, cost.and_then(|cost| cost.user_ns_per_delivery)),
            (Metric::SwitchesPerDelivery, cost.map(|cost| cost.switches_per_delivery)),
        ];
        for (metric, value) in costs.into_iter().filter(|(metric, _)| metrics.contains(metric)) {
            match value {
                Some(_) => self.value(turn, metric, point, value),
                None => self.missing(turn, &[metric], point, "too short to see what it cost"),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::{Latency, Own, ServerCost};
    use crate::runtime::Kind;

    const TURN: Turn = Turn { candidate: Candidate::Runtime(Kind::Mini), round: 1 };
    const POINT: Point =
        Point { experiment: Experiment::Closed, connections: 10, load_percent: None, rate: None };

    fn report() -> Report {
        let us = 100.0;
        let histogram = hdrhistogram::Histogram::new(3).expect("three digits are allowed");
        Report {
            sent: 10,
            due: 90,
            delivered: 90,
            lost: 0,
            duplicated: 0,
            reordered: 0,
            corrupt: 0,
            first_corrupt: None,
            seconds: 1.0,
            deliveries_per_second: 90.0,
            latency: Latency {
                p50_us: us,
                p90_us: us,
                p99_us: us,
                p999_us: us,
                max_us: us,
                mean_us: us,
                histogram,
            },
            server: Some(ServerCost {
                cpu_ns_per_delivery: 3_000.0,
                user_ns_per_delivery: None,
                system_ns_per_delivery: None,
                switches_voluntary: 9,
                switches_involuntary: 0,
                switches_per_delivery: 0.1,
                rss_bytes: 0,
                threads: 1,
                cores: 1,
                shares_core: false,
                cores_used: 0.5,
            }),
            generator: Own {
                cores_used: 0.5,
                late_mean_us: 0.0,
                late_p99_us: 0.0,
                late_max_us: 0.0,
            },
            trust: Trust::Fine,
            slow: None,
            visitors: None,
        }
    }

    /// What is recorded of a metric, and the notes.
    fn recorded(report: &Report, metric: Metric) -> (Option<f64>, Vec<String>, usize) {
        let mut record = Record::new(2);
        record.report(TURN, POINT, report);
        let faults = record.faults.len();
        let series = record.series.iter().find(|series| series.metric == metric);
        let series = series.expect("it has its place");
        assert_eq!((series.rounds.len(), series.rounds[0]), (2, None));
        (series.rounds[1], series.notes.clone(), faults)
    }

    #[test]
    fn a_run_is_recorded_in_its_round_and_what_it_lacks_is_noted() {
        assert_eq!(recorded(&report(), Metric::Throughput), (Some(90.0), vec![], 0));
        assert_eq!(recorded(&report(), Metric::SwitchesPerDelivery).0, Some(0.1));
        let (value, notes, _) = recorded(&report(), Metric::UserCpuPerDelivery);
        assert_eq!((value, notes.len()), (None, 1));
    }

    #[test]
    fn a_run_that_the_generator_limited_tells_costs_but_no_times() {
        let limited = Report { trust: Trust::Bottleneck("busy".to_owned()), ..report() };
        let (value, notes, faults) = recorded(&limited, Metric::Throughput);
        assert_eq!((value, faults), (None, 0));
        assert_eq!(notes, ["round 2: the load generator was the limit: busy"]);
        assert_eq!(recorded(&limited, Metric::CpuPerDelivery).0, Some(3_000.0));
    }

    #[test]
    fn a_run_in_which_the_server_shared_the_generators_core_counts_and_is_noted() {
        let point = Point { experiment: Experiment::Open, ..POINT };
        let shared = Report { trust: Trust::Shared("mean 260 us".to_owned()), ..report() };
        let mut record = Record::new(2);
        record.report(TURN, point, &shared);
        for series in &record.series {
            assert!(series.rounds[1].is_some(), "{series:?}");
            let is_time =
                !matches!(series.metric, Metric::CpuPerDelivery | Metric::SwitchesPerDelivery);
            assert_eq!(series.notes.len(), usize::from(is_time), "{series:?}");
        }
        let p99 = record.series.iter().find(|series| series.metric == Metric::LatencyP99);
        let note = "round 2: the generator was late on a core that it shares: mean 260 us";
        assert_eq!(p99.expect("it is measured").notes, [note]);
    }

    #[test]
    fn one_message_that_went_wrong_makes_the_run_a_fault() {
        for wrong in [
            Report { lost: 1, ..report() },
            Report { duplicated: 1, ..report() },
            Report { reordered: 1, ..report() },
            Report { corrupt: 1, ..report() },
        ] {
            for metric in [Metric::Throughput, Metric::CpuPerDelivery] {
                let (value, notes, faults) = recorded(&wrong, metric);
                assert_eq!((value, notes.len(), faults), (None, 1, 1));
                assert!(notes[0].contains("1 "), "{notes:?}");
            }
        }
    }
}
