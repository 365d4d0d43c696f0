//! Do two comparisons say the same? They contradict each other on a ratio when its intervals are
//! apart. When they overlap they agree, if both are narrow enough to say anything: else two runs would
//! agree the better the noisier they are.

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

/// What two intervals say of each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// They overlap, and both are narrow.
    Agree,
    /// They overlap, but one is so wide that it would with nearly anything.
    CannotTell,
    /// They are apart.
    Contradict,
}

/// An interval whose upper end is more than so many times its lower one says too little to agree.
const WIDE: f64 = 1.5;

impl Fit<'_> {
    /// Whether the two say the same.
    pub fn answer(&self) -> Answer {
        let is_wide = |interval: Interval| interval.high > WIDE * interval.low;
        match self.here.overlaps(self.there) {
            false => Answer::Contradict,
            true if is_wide(self.here) || is_wide(self.there) => Answer::CannotTell,
            true => Answer::Agree,
        }
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
    fn narrow_overlaps_agree_wide_ones_say_nothing_and_what_is_apart_contradicts() {
        let one = analysis([1.0, 1.1, 0.9, 1.0], [1.0; 4], 10.0);
        let like = analysis([1.1, 1.2, 1.0, 1.1], [1.0; 4], 11.0);
        let other = analysis([2.0, 2.1, 1.9, 2.0], [1.0; 4], 10.0);
        let wide = analysis([0.4, 1.9, 0.7, 1.3], [1.0; 4], 10.0);
        assert_eq!(fits(&one, &like)[0].answer(), Answer::Agree);
        assert_eq!(fits(&one, &wide)[0].answer(), Answer::CannotTell);
        assert_eq!(fits(&one, &other)[0].answer(), Answer::Contradict);
        assert!(fits(&one, &Analysis::of(&Results::default())).is_empty());
    }
}
