//! What metrics, points and values are called: names, units, and as many digits as are worth reading.

use super::super::label::{in_units, thousands};
use super::super::results::{Experiment, Metric, Point};

/// What a metric is called in a row.
pub(super) fn metric(metric: Metric) -> &'static str {
    match metric {
        Metric::Throughput => "Throughput",
        Metric::CpuPerDelivery => "CPU per delivery",
        Metric::UserCpuPerDelivery => "User CPU per delivery",
        Metric::SwitchesPerDelivery => "Context switches per delivery",
        Metric::LatencyP50 => "Latency p50",
        Metric::LatencyP90 => "Latency p90",
        Metric::LatencyP99 => "Latency p99",
        Metric::LatencyP999 => "Latency p99.9",
        Metric::LatencyMax => "Latency max",
        Metric::HeapPerConnection => "Heap per connection",
        Metric::RssPerConnection => "Resident memory per connection",
        Metric::Start => "Start",
        Metric::Shutdown => "Shutdown",
    }
}

/// What a point is called beside a metric.
pub(super) fn point(point: Point) -> String {
    let clients = format!("{} connections", count(point.connections));
    match point.experiment {
        Experiment::Closed => format!("closed loop, {clients}"),
        Experiment::Open => format!("{}, {clients}", load(point)),
        Experiment::Idle => format!("idle, {clients}"),
        Experiment::Life if point.connections == 0 => "no connections".to_owned(),
        Experiment::Life => clients,
    }
}

/// The same where the metric says what was done: the load, or else the connections.
pub(super) fn place(point: Point) -> String {
    match point.load_percent {
        Some(percent) => format!("{percent} % load"),
        None if point.connections == 0 => "no connections".to_owned(),
        None => format!("{} connections", count(point.connections)),
    }
}

/// The load of an open loop: `80 % load, 120 k/s`.
pub(super) fn load(point: Point) -> String {
    let percent = point.load_percent.map(|percent| format!("{percent} % load"));
    let rate = point.rate.map(|rate| value(Metric::Throughput, rate));
    let known: Vec<String> = percent.into_iter().chain(rate).collect();
    if known.is_empty() { "open loop".to_owned() } else { known.join(", ") }
}

/// A value with its unit: as the tables of costs show it, but throughput as such.
pub(super) fn value(metric: Metric, value: f64) -> String {
    if metric == Metric::Throughput {
        in_units(value, 1_000.0, &["/s", "k/s", "M/s", "G/s"], 3)
    } else {
        metric.cost(value)
    }
}

/// The same for the tick of an axis: without zeros at the end.
pub(super) fn tick(metric: Metric, tick: f64) -> String {
    let text = value(metric, tick);
    let (number, unit) = text.split_once(' ').unwrap_or((&text, ""));
    let number = match number.contains('.') {
        true => number.trim_end_matches('0').trim_end_matches('.'),
        false => number,
    };
    format!("{number} {unit}").trim_end().to_owned()
}

/// A ratio to two decimals; below 0.1, or above 10, to two or three digits.
pub(super) fn ratio(value: f64) -> String {
    match value.abs() {
        abs if abs >= 100.0 => format!("{value:.0}"),
        abs if abs >= 10.0 => format!("{value:.1}"),
        abs if abs >= 0.1 || abs == 0.0 => format!("{value:.2}"),
        _ => {
            let places = (1.0 - value.abs().log10().floor()) as usize;
            format!("{value:.places$}")
        }
    }
}

/// A number of connections, or of anything else that is counted.
pub(super) fn count(number: usize) -> String {
    thousands(number as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_ticks_have_a_unit() {
        let cases = [
            (Metric::Throughput, 1_234_567.0, "1.23 M/s"),
            (Metric::Throughput, 999.7, "1.00 k/s"),
            (Metric::CpuPerDelivery, 812.4, "812 ns"),
            (Metric::LatencyMax, 2_040_000.0, "2.04 s"),
            (Metric::HeapPerConnection, 1536.0, "1.50 KiB"),
        ];
        for (metric, number, wanted) in cases {
            assert_eq!(value(metric, number), wanted);
        }
        assert_eq!(tick(Metric::Throughput, 2_000_000.0), "2 M/s");
        assert_eq!(tick(Metric::CpuPerDelivery, 1500.0), "1.5 µs");
        assert_eq!(tick(Metric::Throughput, 100_000.0), "100 k/s");
        assert_eq!(tick(Metric::SwitchesPerDelivery, 0.10), "0.1");
        assert_eq!(tick(Metric::LatencyP50, 0.0), "0 ns");
    }

    #[test]
    fn ratios_have_two_digits_or_more() {
        let ratios = [0.712, 1.0, 0.0123, 12.34, 1234.5, 0.0].map(ratio);
        assert_eq!(ratios, ["0.71", "1.00", "0.012", "12.3", "1234", "0.00"]);
    }

    #[test]
    fn a_point_says_load_rate_and_crowd() {
        let experiment = Experiment::Open;
        let mut at =
            Point { experiment, connections: 1000, load_percent: Some(80), rate: Some(120_000.0) };
        assert_eq!(point(at), "80 % load, 120 k/s, 1,000 connections");
        (at.load_percent, at.rate) = (None, None);
        assert_eq!(point(at), "open loop, 1,000 connections");
        (at.experiment, at.connections) = (Experiment::Life, 0);
        assert_eq!(point(at), "no connections");
    }
}
