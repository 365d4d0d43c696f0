//! Do two comparisons say the same? They agree on a ratio when their intervals overlap.

use super::analysis::{Analysis, Ratio};
use super::statistics::Interval;

/// How one ratio of two comparisons fits together.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit<'a> {
    /// The ratio in the first.
    pub ratio: &'a Ratio,
    /// Its interval there.
    pub here: Interval,
    /// Its interval in the other.
    pub there: Interval,
}

impl Fit<'_> {
    /// Whether the two intervals overlap.
    pub fn agrees(&self) -> bool {
        self.here.overlaps(self.there)
    }
}

/// The ratios that have an interval in both, in the order of the first.
pub fn fits<'a>(here: &'a Analysis, there: &Analysis) -> Vec<Fit<'a>> {
    let like = |ratio: &Ratio| {
        there.ratios.iter().find(|other| {
            other.pair == ratio.pair
                && other.metric == ratio.metric
                && other.point.is_like(&ratio.point)
        })
    };
    let fit = |ratio: &'a Ratio| {
        Some(Fit { ratio, here: ratio.interval?, there: like(ratio)?.interval? })
    };
    here.ratios.iter().filter_map(fit).collect()
}

#[cfg(test)]
mod tests {
    use super::super::results::{Experiment, Metric, Point, Results, Series};
    use super::*;

    fn analysis(mini: [f64; 4], tokio: [f64; 4], rate: f64) -> Analysis {
        let point = Point {
            experiment: Experiment::Open,
            connections: 1_000,
            load_percent: Some(20),
            rate: Some(rate),
        };
        let series = |candidate: &str, rounds: [f64; 4]| Series {
            metric: Metric::LatencyP99,
            point,
            candidate: candidate.to_owned(),
            rounds: rounds.map(Some).to_vec(),
            notes: Vec::new(),
        };
        let series = vec![series("mini", mini), series("tokio", tokio)];
        Analysis::of(&Results { series, ..Results::default() })
    }

    #[test]
    fn overlapping_intervals_agree_and_others_do_not() {
        let one = analysis([1.0, 1.1, 0.9, 1.0], [1.0; 4], 10.0);
        let like = analysis([1.1, 1.2, 1.0, 1.1], [1.0; 4], 11.0);
        let other = analysis([2.0, 2.1, 1.9, 2.0], [1.0; 4], 10.0);
        assert!(fits(&one, &like)[0].agrees());
        assert!(!fits(&one, &other)[0].agrees());
        assert!(fits(&one, &Analysis::of(&Results::default())).is_empty());
    }
}
