//! How are numbers and what was measured called, where people read them?

use super::results::{Experiment, Metric, Point};

impl Metric {
    /// A short name. Where the metric is per delivery, the table's legend says so.
    pub fn title(self) -> &'static str {
        match self {
            Metric::Throughput => "time",
            Metric::CpuPerDelivery => "CPU",
            Metric::UserCpuPerDelivery => "user CPU",
            Metric::SwitchesPerDelivery => "switches",
            Metric::LatencyP50 => "p50",
            Metric::LatencyP90 => "p90",
            Metric::LatencyP99 => "p99",
            Metric::LatencyP999 => "p99.9",
            Metric::LatencyMax => "max",
            Metric::HeapPerConnection => "heap",
            Metric::RssPerConnection => "RSS",
            Metric::Start => "start",
            Metric::Shutdown => "shutdown",
        }
    }

    /// A value as a cost with its unit. Throughput is shown as the time per delivery, so that the
    /// ratio beside it is that of what is shown.
    pub fn cost(self, value: f64) -> String {
        match self {
            Metric::Throughput => nanoseconds(1e9 / value),
            Metric::CpuPerDelivery | Metric::UserCpuPerDelivery => nanoseconds(value),
            Metric::SwitchesPerDelivery => digits(value, 2),
            Metric::LatencyP50
            | Metric::LatencyP90
            | Metric::LatencyP99
            | Metric::LatencyP999
            | Metric::LatencyMax => nanoseconds(value * 1e3),
            Metric::HeapPerConnection | Metric::RssPerConnection => bytes(value),
            Metric::Start | Metric::Shutdown => nanoseconds(value * 1e6),
        }
    }
}

impl Point {
    /// Where it was measured, in few words.
    pub fn title(&self) -> String {
        let connections = thousands(self.connections as u64);
        match self.experiment {
            Experiment::Closed => format!("closed {connections}"),
            Experiment::Open => format!("open {} %", self.load_percent.unwrap_or_default()),
            Experiment::Idle => format!("idle {connections}"),
            Experiment::Life => format!("with {connections}"),
        }
    }

    /// Whether both were measured the same way; the rates of an open loop may differ from one
    /// comparison to the next, being shares of a capacity that is measured each time.
    pub fn is_like(&self, other: &Point) -> bool {
        let key = |point: &Point| (point.experiment, point.connections, point.load_percent);
        key(self) == key(other)
    }
}

/// A number with so many significant digits, at most three behind the point, and none behind it
/// when it is that large.
pub fn digits(value: f64, significant: i32) -> String {
    if value == 0.0 || !value.is_finite() {
        return format!("{value}");
    }
    let step = 10_f64.powi(value.abs().log10().floor() as i32 + 1 - significant);
    let rounded = (value / step).round() * step;
    let behind = (significant - 1 - rounded.abs().log10().floor() as i32).clamp(0, 5) as usize;
    format!("{rounded:.behind$}")
}

/// A time in the unit that suits it, with three digits.
pub fn nanoseconds(ns: f64) -> String {
    in_units(ns, 1_000.0, &["ns", "µs", "ms", "s"], 3)
}

/// A size in the unit that suits it, with three digits.
pub fn bytes(bytes: f64) -> String {
    in_units(bytes, 1_024.0, &["B", "KiB", "MiB", "GiB"], 3)
}

/// A value in the largest unit in which it is at least 1.
pub fn in_units(value: f64, base: f64, units: &[&str], significant: i32) -> String {
    let mut value = value;
    let mut units = units.iter();
    let mut unit = units.next().copied().unwrap_or_default();
    for larger in units {
        if value.abs() < base * 0.9995 {
            break;
        }
        value /= base;
        unit = larger;
    }
    format!("{} {unit}", digits(value, significant))
}

/// With commas: `9,000`.
pub fn thousands(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rounded_to_what_can_be_read() {
        let shown = [0.0, 0.01234, 0.999, 1.0, 9.996, 12.34, 123.4, 1234.0].map(|v| digits(v, 3));
        assert_eq!(shown, ["0", "0.0123", "0.999", "1.00", "10.0", "12.3", "123", "1230"]);
        let shown = [1.0, 850.0, 999.9, 3_412.0, 56_000_000.0, 2.5e9].map(nanoseconds);
        assert_eq!(shown, ["1.00 ns", "850 ns", "1.00 µs", "3.41 µs", "56.0 ms", "2.50 s"]);
        assert_eq!([100.0, 2_048.0, 5e9].map(bytes), ["100 B", "2.00 KiB", "4.66 GiB"]);
        assert_eq!([0, 999, 9_000, 1_234_567].map(thousands), ["0", "999", "9,000", "1,234,567"]);
    }

    #[test]
    fn throughput_is_shown_as_the_time_that_its_ratio_is_of() {
        assert_eq!(Metric::Throughput.cost(250_000.0), "4.00 µs");
        assert_eq!(Metric::LatencyP99.cost(1_500.0), "1.50 ms");
        assert_eq!(Metric::Start.cost(2.5), "2.50 ms");
    }

    #[test]
    fn points_of_two_comparisons_are_alike_whatever_their_rates() {
        let point = Point {
            experiment: Experiment::Open,
            connections: 1_000,
            load_percent: Some(20),
            rate: Some(1e5),
        };
        assert!(point.is_like(&Point { rate: Some(2e5), ..point }));
        assert!(!point.is_like(&Point { load_percent: Some(40), ..point }));
        assert_eq!(point.title(), "open 20 %");
        let idle = Point { experiment: Experiment::Idle, connections: 9_000, ..point };
        assert_eq!(idle.title(), "idle 9,000");
    }
}
