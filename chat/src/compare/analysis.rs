//! [`Analysis`]: what [`Results`] say, as medians, ratios and verdicts.
//!
//! A ratio is always of costs, ours over theirs, so below 1 is always better. Throughput goes in as
//! its inverse, the time per delivery. It is the geometric mean of the ratios of the rounds: the
//! two candidates of a pair took turns within a round, so what slowed the machine then slowed both.
//!
//! The verdict is that of the interval as it is printed, rounded outwards ([`Interval::outwards`]):
//! nothing is called better that a reader would see as `1.00`.

use super::model::Scale;
use super::results::{Metric, Point, Results, Series};
use super::statistics::{Interval, Summary, mean, mean_with_interval};

/// The kernel counts time in user mode by looking, so often in a second, what a core does.
const TICKS_PER_SECOND: u64 = 100;

/// With fewer ticks in a run, what was seen in user mode is mostly rounding: of 100 of which a third
/// are, 5 more or less is chance, which is 15 %. (Of 30, as in a quick comparison, it is 26 %.)
const TICKS_MIN: u64 = 100;

/// Whose costs are divided by whose: names of candidates.
pub const PAIRS: [Pair; 5] = [
    Pair { ours: "mini", theirs: "tokio" },
    Pair { ours: "mini", theirs: "tokio-tuned" },
    Pair { ours: "mini-ct", theirs: "tokio-ct" },
    Pair { ours: "mini-ct", theirs: "floor" },
    Pair { ours: "tokio-ct", theirs: "floor" },
];

/// Two candidates that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Whose cost is above the line.
    pub ours: &'static str,
    /// Whose cost is below it.
    pub theirs: &'static str,
}

impl Pair {
    /// As it is shown: `mini / tokio`.
    pub fn name(self) -> String {
        format!("{} / {}", self.ours, self.theirs)
    }
}

/// What was measured, and what follows from it.
#[derive(Clone, Debug, PartialEq)]
pub struct Analysis {
    /// Each candidate's own numbers: a cell for each series, in the same order.
    pub cells: Vec<Cell>,
    /// Every pair of candidates that took part, at each metric and point at which both did.
    pub ratios: Vec<Ratio>,
    /// The verdicts of each pair, counted; in the order of [`PAIRS`].
    pub tallies: Vec<Tally>,
    /// What other machines and crowds would take; `None` when too little was measured for a model.
    pub scale: Option<Scale>,
}

/// One candidate's own numbers for one metric at one point.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// What was measured.
    pub metric: Metric,
    /// Under which load.
    pub point: Point,
    /// Whose it is.
    pub candidate: String,
    /// The rounds that say something, in the metric's unit; `None` when no round does.
    pub summary: Option<Summary>,
    /// How many rounds there were.
    pub rounds: usize,
    /// Why rounds are missing, and what else to know.
    pub notes: Vec<String>,
}

/// Two candidates' costs at one metric and point.
#[derive(Clone, Debug, PartialEq)]
pub struct Ratio {
    /// Of whom.
    pub pair: Pair,
    /// Of what.
    pub metric: Metric,
    /// Under which load.
    pub point: Point,
    /// How many rounds have a value of both.
    pub pairs: usize,
    /// How many rounds there were. Fewer pairs are no fair draw of them: what went wrong in a round
    /// may be what is asked for.
    pub rounds: usize,
    /// Our cost over theirs, the geometric mean over the rounds; `None` when no round has both.
    pub ratio: Option<f64>,
    /// Where the ratio lies, with 95 % confidence; `None` when there are too few pairs to say.
    pub interval: Option<Interval>,
    /// What to make of it.
    pub verdict: Verdict,
}

/// What a ratio comes to.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Ours costs less: the whole interval is below 1.
    Better,
    /// Ours costs more: the whole interval is above 1.
    Worse,
    /// The interval holds 1.
    NoDifference,
    /// There is no interval, for this reason.
    NotMeasured(String),
}

/// How often a pair got which verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Of whom.
    pub pair: Pair,
    /// Times ours was better.
    pub better: usize,
    /// Times it was worse.
    pub worse: usize,
    /// Times no difference was shown.
    pub no_difference: usize,
    /// Times nothing can be said.
    pub not_measured: usize,
}

impl Ratio {
    /// The same without a verdict if runs of so many clock ticks cannot tell.
    fn if_enough(self, ticks: u64) -> Self {
        if ticks >= TICKS_MIN || matches!(self.verdict, Verdict::NotMeasured(_)) {
            return self;
        }
        let why = format!("too few clock ticks: {ticks} in a run, and {TICKS_MIN} are wanted");
        Self { interval: None, verdict: Verdict::NotMeasured(why), ..self }
    }
}

impl Tally {
    /// How many ratios have a verdict.
    pub fn judged(&self) -> usize {
        self.better + self.worse + self.no_difference
    }
}

impl Analysis {
    /// Of what was measured.
    pub fn of(results: &Results) -> Self {
        let cells: Vec<Cell> = results.series.iter().map(Cell::of).collect();
        let ratios: Vec<Ratio> =
            PAIRS.into_iter().flat_map(|pair| of_pair(results, pair)).collect();
        let tallies = PAIRS.into_iter().filter_map(|pair| tally(&ratios, pair)).collect();
        let scale = Scale::of(results, &cells);
        Self { cells, ratios, tallies, scale }
    }

    /// A candidate's numbers at a point.
    pub fn cell(&self, metric: Metric, point: Point, candidate: &str) -> Option<&Cell> {
        let wanted = |cell: &&Cell| {
            cell.metric == metric && cell.point == point && cell.candidate == candidate
        };
        self.cells.iter().find(wanted)
    }
}

impl Cell {
    fn of(series: &Series) -> Self {
        let values: Vec<f64> = series.rounds.iter().flatten().copied().collect();
        Self {
            metric: series.metric,
            point: series.point,
            candidate: series.candidate.clone(),
            summary: Summary::of(&values),
            rounds: series.rounds.len(),
            notes: series.notes.clone(),
        }
    }
}

/// All ratios of one pair, in the order of our series.
fn of_pair(results: &Results, pair: Pair) -> Vec<Ratio> {
    let ours = results.series.iter().filter(|series| series.candidate == pair.ours);
    let ticks = results.closed_run_ms.map(|ms| ms * TICKS_PER_SECOND / 1_000);
    let theirs = |ours: &Series| {
        results.series.iter().find(|theirs| {
            theirs.candidate == pair.theirs
                && theirs.metric == ours.metric
                && theirs.point == ours.point
        })
    };
    ours.filter_map(|ours| Some(of_series(pair, ours, theirs(ours)?)))
        .map(|ratio| match (ratio.metric, ticks) {
            (Metric::UserCpuPerDelivery, Some(ticks)) => ratio.if_enough(ticks),
            _ => ratio,
        })
        .collect()
}

/// One ratio.
fn of_series(pair: Pair, ours: &Series, theirs: &Series) -> Ratio {
    let (metric, point) = (ours.metric, ours.point);
    let both: Vec<(f64, f64)> =
        ours.rounds.iter().zip(&theirs.rounds).filter_map(|(a, b)| Some(((*a)?, (*b)?))).collect();
    let logs: Vec<f64> = both
        .iter()
        .filter(|(ours, theirs)| *ours > 0.0 && *theirs > 0.0)
        .map(|(ours, theirs)| if metric.more_is_better() { theirs / ours } else { ours / theirs })
        .map(f64::ln)
        .collect();
    let (pairs, rounds) = (logs.len(), ours.rounds.len().max(theirs.rounds.len()));
    let ratio = (pairs > 0).then(|| mean(&logs).exp());
    // Rounds with a zero have no ratio, and the others alone would say what those do not.
    let interval = mean_with_interval(&logs)
        .filter(|_| pairs == both.len())
        .map(|(_, logs)| Interval { low: logs.low.exp(), high: logs.high.exp() }.outwards());
    let verdict = match interval {
        None => Verdict::NotMeasured(why_not(&both, pairs, ours, theirs)),
        Some(interval) if interval.holds(1.0) => Verdict::NoDifference,
        Some(interval) if interval.high < 1.0 => Verdict::Better,
        Some(_) => Verdict::Worse,
    };
    Ratio { pair, metric, point, pairs, rounds, ratio, interval, verdict }
}

/// Why there is no interval: what the notes say, or that there is too little.
fn why_not(both: &[(f64, f64)], pairs: usize, ours: &Series, theirs: &Series) -> String {
    // Where nothing is missing, notes tell something else.
    let has_gap = |series: &&&Series| series.rounds.iter().any(Option::is_none);
    if let Some(note) =
        [ours, theirs].iter().filter(has_gap).flat_map(|series| &series.notes).next()
    {
        return note.clone();
    }
    match (both.len(), pairs) {
        (0, _) => "no round has both".to_owned(),
        (all, 0) if all > 0 => "zero has no ratio".to_owned(),
        (all, _) if all > pairs => format!("zero has no ratio: {} of {all} rounds", all - pairs),
        _ => format!("too few runs: {pairs}"),
    }
}

/// The verdicts of one pair, if it has any ratio.
fn tally(ratios: &[Ratio], pair: Pair) -> Option<Tally> {
    let verdicts = || ratios.iter().filter(|ratio| ratio.pair == pair).map(|ratio| &ratio.verdict);
    let count = |wanted: fn(&&Verdict) -> bool| verdicts().filter(wanted).count();
    verdicts().next()?;
    Some(Tally {
        pair,
        better: count(|verdict| **verdict == Verdict::Better),
        worse: count(|verdict| **verdict == Verdict::Worse),
        no_difference: count(|verdict| **verdict == Verdict::NoDifference),
        not_measured: count(|verdict| matches!(verdict, Verdict::NotMeasured(_))),
    })
}

#[cfg(test)]
mod tests;
