//! [`Ratio`]: what one candidate costs over what another does, and how sure that is.
//!
//! 1. A run sets both beside each other, minutes apart at most. From three runs on, the interval is
//!    that of the mean logarithm of the runs' ratios (`chat::compare::statistics`): it knows what
//!    drifts from run to run, and is wide while there are few.
//! 2. Of fewer runs the bounds are rough: the lower bound of one median over the upper bound of the
//!    other, the widest of the runs. They know what varies within a run, and nothing of the rest: no
//!    verdict is made of them.

use std::fmt;

use chat::compare::statistics::{Interval, PAIRS_MIN, mean, mean_with_interval};

use super::read::Median;

/// A ratio of costs, below 1 if the first is better.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ratio {
    /// The geometric mean over the runs.
    pub point: f64,
    /// Where it lies.
    pub interval: Interval,
    /// How many runs it is of.
    pub runs: usize,
}

/// Whether one of two is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The first costs less.
    Better,
    /// The first costs more.
    Worse,
    /// The interval spans 1.
    NoDifference,
    /// It is of so many runs, which are too few.
    TooFew(usize),
}

/// Whether a target is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reached {
    /// All of the interval is at the target or below it.
    Yes,
    /// All of it is above.
    No,
    /// The interval spans the target.
    CannotTell,
    /// It is of so many runs, which are too few.
    TooFew(usize),
}

impl Ratio {
    /// Of one candidate's medians over another's, run by run; `None` without a run that has both.
    pub fn of(ours: &[Option<Median>], theirs: &[Option<Median>]) -> Option<Self> {
        let pairs = ours.iter().zip(theirs);
        let pairs: Vec<_> = pairs.filter_map(|(ours, theirs)| (*ours).zip(*theirs)).collect();
        let logs: Vec<f64> = pairs.iter().map(|(a, b)| (a.point / b.point).ln()).collect();
        let runs = logs.len();
        if logs.is_empty() {
            return None;
        }
        if let Some((mean, Interval { low, high })) = mean_with_interval(&logs) {
            let interval = Interval { low: low.exp(), high: high.exp() };
            return Some(Self { point: mean.exp(), interval, runs });
        }
        let lows = pairs.iter().map(|(a, b)| a.bounds.low / b.bounds.high);
        let highs = pairs.iter().map(|(a, b)| a.bounds.high / b.bounds.low);
        let (low, high) = (lows.reduce(f64::min)?, highs.reduce(f64::max)?);
        Some(Self { point: mean(&logs).exp(), interval: Interval { low, high }, runs })
    }

    /// Whether the first is better: by the interval as it is printed, so nothing is that a reader
    /// would see as 1.00.
    pub fn verdict(self) -> Verdict {
        match self.interval.outwards() {
            _ if self.runs < PAIRS_MIN => Verdict::TooFew(self.runs),
            Interval { high, .. } if high < 1.0 => Verdict::Better,
            Interval { low, .. } if low > 1.0 => Verdict::Worse,
            _ => Verdict::NoDifference,
        }
    }

    /// Whether it is at most `target`.
    pub fn reaches(self, target: f64) -> Reached {
        match self.interval {
            _ if self.runs < PAIRS_MIN => Reached::TooFew(self.runs),
            Interval { high, .. } if high <= target => Reached::Yes,
            Interval { low, .. } if low > target => Reached::No,
            _ => Reached::CannotTell,
        }
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Interval { low, high } = self.interval.outwards();
        write!(f, "{:.2} ({low:.2} to {high:.2})", self.point)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Better => f.write_str("better"),
            Verdict::Worse => f.write_str("worse"),
            Verdict::NoDifference => f.write_str("no difference"),
            Verdict::TooFew(runs) => too_few(*runs, f),
        }
    }
}

impl fmt::Display for Reached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reached::Yes => f.write_str("reached"),
            Reached::No => f.write_str("not reached"),
            Reached::CannotTell => f.write_str("cannot tell"),
            Reached::TooFew(runs) => too_few(*runs, f),
        }
    }
}

/// What stands in place of a verdict.
fn too_few(runs: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if runs == 1 { f.write_str("one run") } else { write!(f, "{runs} runs") }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A median known to five per cent.
    fn about(point: f64) -> Option<Median> {
        Some(Median { point, bounds: Interval { low: 0.95 * point, high: 1.05 * point } })
    }

    fn ratio(ours: &[f64], theirs: &[f64]) -> Ratio {
        let [ours, theirs] = [ours, theirs].map(|all| all.iter().copied().map(about).collect());
        let (ours, theirs): (Vec<_>, Vec<_>) = (ours, theirs);
        Ratio::of(&ours, &theirs).unwrap()
    }

    #[test]
    fn of_one_run_both_medians_uncertainty_is_shown_and_no_verdict() {
        let one = ratio(&[50.0], &[100.0]);
        assert_eq!(one.to_string(), "0.50 (0.45 to 0.56)");
        assert_eq!(one.verdict(), Verdict::TooFew(1));
        assert_eq!((one.reaches(0.9), one.reaches(0.1)), (Reached::TooFew(1), Reached::TooFew(1)));
        assert_eq!(one.verdict().to_string(), "one run");
    }

    #[test]
    fn what_is_printed_as_one_is_no_difference() {
        let interval = Interval { low: 0.96, high: 0.998 };
        let ratio = Ratio { point: 0.98, interval, runs: 3 };
        assert_eq!(
            (ratio.to_string().as_str(), ratio.verdict()),
            ("0.98 (0.96 to 1.00)", Verdict::NoDifference)
        );
    }

    #[test]
    fn of_two_runs_the_widest_bounds_count() {
        let two = ratio(&[80.0, 125.0], &[100.0, 100.0]);
        assert_eq!(two.to_string(), "1.00 (0.72 to 1.39)");
        assert_eq!(two.reaches(2.0).to_string(), "2 runs");
    }

    #[test]
    fn of_three_runs_it_counts_how_far_they_are_apart() {
        let apart = ratio(&[60.0, 80.0, 110.0], &[100.0; 3]);
        assert_eq!(apart.verdict(), Verdict::NoDifference);
        let together = ratio(&[79.0, 80.0, 81.0], &[100.0; 3]);
        assert_eq!(together.verdict(), Verdict::Better);
        assert_eq!(ratio(&[100.0; 3], &[79.0, 80.0, 81.0]).verdict(), Verdict::Worse);
        let Interval { low, high } = together.interval;
        assert!(0.76 < low && low < 0.79 && 0.81 < high && high < 0.84, "{together}");
    }

    #[test]
    fn a_target_is_reached_by_all_of_the_interval() {
        let interval = Interval { low: 0.45, high: 0.56 };
        let half = Ratio { point: 0.5, interval, runs: 3 };
        assert_eq!(half.reaches(0.6), Reached::Yes);
        assert_eq!(half.reaches(0.5), Reached::CannotTell);
        assert_eq!(half.reaches(0.4), Reached::No);
    }

    #[test]
    fn without_a_pair_there_is_no_ratio() {
        assert_eq!(Ratio::of(&[about(1.0)], &[]), None);
        assert_eq!(Ratio::of(&[about(1.0), None], &[None, about(1.0)]), None);
    }
}
