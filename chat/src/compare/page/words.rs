//! What metrics, points and values are called: names, units, and as many digits as are worth reading.

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
    let clients = format!("{} connections", whole(point.connections as f64));
    match point.experiment {
        Experiment::Closed => format!("closed loop, {clients}"),
        Experiment::Open => format!("{}, {clients}", load(point)),
        Experiment::Idle => format!("idle, {clients}"),
        Experiment::Life if point.connections == 0 => "no connections".to_owned(),
        Experiment::Life => clients,
    }
}

/// The load of an open loop: `80 % load, 120 k/s`.
pub(super) fn load(point: Point) -> String {
    let percent = point.load_percent.map(|percent| format!("{percent} % load"));
    let rate = point.rate.map(|rate| value(Metric::Throughput, rate));
    let known: Vec<String> = percent.into_iter().chain(rate).collect();
    if known.is_empty() { "open loop".to_owned() } else { known.join(", ") }
}

/// A value with its unit and three digits.
pub(super) fn value(metric: Metric, value: f64) -> String {
    with_unit(metric, value, three_digits)
}

/// The same for the tick of an axis: without zeros at the end.
pub(super) fn tick(metric: Metric, value: f64) -> String {
    with_unit(metric, value, |value| trimmed(&three_digits(value)))
}

fn with_unit(metric: Metric, value: f64, digits: impl Fn(f64) -> String) -> String {
    const SI: &[(f64, &str)] = &[(1e9, " G/s"), (1e6, " M/s"), (1e3, " k/s"), (1.0, "/s")];
    const NS: &[(f64, &str)] = &[(1e9, " s"), (1e6, " ms"), (1e3, " µs"), (1.0, " ns")];
    const US: &[(f64, &str)] = &[(1e6, " s"), (1e3, " ms"), (1.0, " µs")];
    const MS: &[(f64, &str)] = &[(1e3, " s"), (1.0, " ms"), (1e-3, " µs")];
    const BYTES: &[(f64, &str)] =
        &[(1_073_741_824.0, " GiB"), (1_048_576.0, " MiB"), (1024.0, " KiB"), (1.0, " B")];
    let units = match metric {
        Metric::Throughput => SI,
        Metric::CpuPerDelivery | Metric::UserCpuPerDelivery => NS,
        Metric::LatencyP50
        | Metric::LatencyP90
        | Metric::LatencyP99
        | Metric::LatencyP999
        | Metric::LatencyMax => US,
        Metric::Start | Metric::Shutdown => MS,
        Metric::HeapPerConnection | Metric::RssPerConnection => BYTES,
        Metric::SwitchesPerDelivery => return digits(value),
    };
    let smallest = units[units.len() - 1];
    // What rounds up to a thousand of one unit is one of the next.
    let fits = |&&(size, _): &&(f64, &str)| value.abs() >= 0.9995 * size;
    let (size, unit) = units.iter().find(fits).copied().unwrap_or(smallest);
    format!("{}{unit}", digits(value / size))
}

/// A ratio to two decimals; below 0.1, or above 10, to two or three digits.
pub(super) fn ratio(value: f64) -> String {
    match value.abs() {
        abs if abs >= 100.0 => whole(value),
        abs if abs >= 10.0 => format!("{value:.1}"),
        abs if abs >= 0.1 || abs == 0.0 => format!("{value:.2}"),
        _ => {
            let places = (1.0 - value.abs().log10().floor()) as usize;
            format!("{value:.places$}")
        }
    }
}

/// A whole number with thousands set apart.
pub(super) fn whole(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut text = String::new();
    for (idx, digit) in digits.chars().enumerate() {
        if idx > 0 && (digits.len() - idx) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    if value < 0.0 && digits != "0" { format!("-{text}") } else { text }
}

fn three_digits(value: f64) -> String {
    if !value.is_finite() {
        return "not a number".to_owned();
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    // Rounded first: 9.996 has one digit before the point, and is shown as 10.0.
    let rounded: f64 = format!("{value:.2e}").parse().expect("a number that was just written");
    let before = rounded.abs().log10().floor() as i32 + 1;
    if before >= 3 {
        return whole(rounded);
    }
    let places = (3 - before).clamp(0, 9) as usize;
    format!("{value:.places$}")
}

fn trimmed(text: &str) -> String {
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_a_unit_and_three_digits() {
        let cases = [
            (Metric::Throughput, 1_234_567.0, "1.23 M/s"),
            (Metric::Throughput, 999.7, "1.00 k/s"),
            (Metric::CpuPerDelivery, 812.4, "812 ns"),
            (Metric::CpuPerDelivery, 99_960.0, "100 µs"),
            (Metric::LatencyP99, 0.5, "0.500 µs"),
            (Metric::LatencyMax, 2_040_000.0, "2.04 s"),
            (Metric::HeapPerConnection, 1536.0, "1.50 KiB"),
            (Metric::HeapPerConnection, 12.0, "12.0 B"),
            (Metric::Start, 0.25, "250 µs"),
            (Metric::SwitchesPerDelivery, 0.001_234, "0.00123"),
            (Metric::SwitchesPerDelivery, 0.0, "0"),
            (Metric::SwitchesPerDelivery, 123_456.0, "123,000"),
        ];
        for (metric, number, wanted) in cases {
            assert_eq!(value(metric, number), wanted);
        }
        assert_eq!(tick(Metric::Throughput, 2_000_000.0), "2 M/s");
        assert_eq!(tick(Metric::CpuPerDelivery, 1500.0), "1.5 µs");
        assert_eq!(tick(Metric::Throughput, 100_000.0), "100 k/s");
    }

    #[test]
    fn ratios_and_whole_numbers_read_well() {
        let ratios = [0.712, 1.0, 0.0123, 12.34, 1234.5, 0.0].map(ratio);
        assert_eq!(ratios, ["0.71", "1.00", "0.012", "12.3", "1,234", "0.00"]);
        let wholes = [0.0, 999.0, 1000.0, 1_234_567.0, -1234.0].map(whole);
        assert_eq!(wholes, ["0", "999", "1,000", "1,234,567", "-1,234"]);
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
