//! Verdicts from runs that were made up.

use super::super::results::Experiment;
use super::super::statistics::Random;
use super::*;

const POINT: Point =
    Point { experiment: Experiment::Closed, connections: 100, load_percent: None, rate: None };

fn series(candidate: &str, metric: Metric, rounds: &[Option<f64>]) -> Series {
    let (candidate, rounds, notes) = (candidate.to_owned(), rounds.to_vec(), Vec::new());
    Series { metric, point: POINT, candidate, rounds, notes }
}

fn some(values: &[f64]) -> Vec<Option<f64>> {
    values.iter().copied().map(Some).collect()
}

/// The analysis of `mini` and `tokio` at one metric.
fn of(metric: Metric, mini: &[Option<f64>], tokio: &[Option<f64>]) -> Analysis {
    let series = vec![series("mini", metric, mini), series("tokio", metric, tokio)];
    Analysis::of(&Results { series, ..Results::default() })
}

fn one(metric: Metric, mini: &[f64], tokio: &[f64]) -> Ratio {
    of(metric, &some(mini), &some(tokio)).ratios.remove(0)
}

#[test]
fn below_one_is_better_for_costs_and_for_throughput() {
    let (less, more) = ([10.0, 10.1, 9.9, 10.0], [12.0, 12.2, 12.1, 12.0]);
    for metric in [Metric::CpuPerDelivery, Metric::LatencyP99, Metric::Start] {
        let ratio = one(metric, &less, &more);
        assert_eq!(ratio.verdict, Verdict::Better, "{metric:?}");
        assert!(ratio.ratio.is_some_and(|r| (0.82..0.84).contains(&r)));
        assert_eq!(one(metric, &more, &less).verdict, Verdict::Worse);
    }
    let ratio = one(Metric::Throughput, &more, &less);
    assert_eq!(ratio.verdict, Verdict::Better);
    assert!(ratio.ratio.is_some_and(|r| r < 1.0));
}

#[test]
fn a_slow_round_that_hits_both_does_not_hide_a_difference() {
    let ratio = one(Metric::CpuPerDelivery, &[10.0, 20.0, 40.0, 10.0], &[11.0, 22.2, 44.1, 11.1]);
    assert_eq!(ratio.verdict, Verdict::Better);
}

#[test]
fn the_same_twice_is_no_difference_nearly_always() {
    let mut random = Random(7);
    let mut noise = || {
        let sum: u64 = (0..12).map(|_| random.next() >> 32).sum();
        (sum as f64 / (1_u64 << 32) as f64 - 6.0) * 0.5 + 5.0
    };
    let same = (0..300).filter(|_| {
        let (ours, theirs): (Vec<f64>, Vec<f64>) = (0..4).map(|_| (noise(), noise())).unzip();
        one(Metric::CpuPerDelivery, &ours, &theirs).verdict == Verdict::NoDifference
    });
    let same = same.count();
    assert!((273..=294).contains(&same), "{same} of 300");
}

#[test]
fn an_outlier_makes_no_verdict() {
    let ratio = one(Metric::LatencyP99, &[10.0, 10.0, 10.0, 30.0], &[10.2; 4]);
    assert_eq!(ratio.verdict, Verdict::NoDifference);
}

#[test]
fn what_prints_as_one_is_no_difference_and_what_prints_as_less_is() {
    let ratio = one(Metric::HeapPerConnection, &[998.0; 4], &[1000.0; 4]);
    let interval = ratio.interval.expect("four pairs");
    assert_eq!((interval.low, interval.high), (0.99, 1.0));
    assert_eq!(ratio.verdict, Verdict::NoDifference);
    let ratio = one(Metric::HeapPerConnection, &[980.0; 4], &[1000.0; 4]);
    assert_eq!(ratio.verdict, Verdict::Better);
    let ratio = one(Metric::SwitchesPerDelivery, &[0.00123; 4], &[1.0; 4]);
    let interval = ratio.interval.expect("four pairs");
    assert!((interval.low - 0.0012).abs() < 1e-9 && (interval.high - 0.0013).abs() < 1e-9);
}

#[test]
fn only_rounds_that_both_have_are_paired() {
    let (mini, tokio) = ([None, Some(1.0), Some(1.0), Some(1.0)], some(&[9.0, 2.0, 2.0, 2.0]));
    let analysis = of(Metric::Start, &mini, &tokio);
    let ratio = &analysis.ratios[0];
    assert_eq!((ratio.pairs, ratio.rounds, &ratio.verdict), (3, 4, &Verdict::Better));
    assert!(ratio.ratio.is_some_and(|r| (r - 0.5).abs() < 1e-9));
    let cell = analysis.cell(Metric::Start, POINT, "mini").expect("measured");
    assert_eq!((cell.rounds, cell.summary.map(|s| s.n)), (4, Some(3)));
}

#[test]
fn what_has_no_verdict_says_why() {
    let why = |mini: &[Option<f64>], tokio: &[Option<f64>]| match of(Metric::Start, mini, tokio)
        .ratios
        .remove(0)
        .verdict
    {
        Verdict::NotMeasured(why) => why,
        verdict => panic!("{verdict:?}"),
    };
    assert_eq!(why(&some(&[1.0, 1.0]), &some(&[2.0, 2.0])), "too few runs: 2");
    assert_eq!(why(&[None; 4], &some(&[2.0; 4])), "no round has both");
    assert_eq!(why(&some(&[0.0; 4]), &some(&[2.0; 4])), "zero has no ratio");
    let some_zero = some(&[0.0, 1.0, 1.0, 1.0]);
    assert_eq!(why(&some_zero, &some(&[2.0; 4])), "zero has no ratio: 1 of 4 rounds");
    let mut lost = series("mini", Metric::Start, &[None; 4]);
    lost.notes.push("the generator was the limit".to_owned());
    let series = vec![lost, series("tokio", Metric::Start, &some(&[1.0; 4]))];
    let analysis = Analysis::of(&Results { series, ..Results::default() });
    let wanted = Verdict::NotMeasured("the generator was the limit".to_owned());
    assert_eq!(analysis.ratios[0].verdict, wanted);
    assert_eq!(analysis.tallies[0].not_measured, 1);
}

#[test]
fn user_time_of_short_runs_is_not_judged_and_other_costs_are() {
    let verdict = |metric, closed_run_ms| {
        let (less, more) = (some(&[1.0; 4]), some(&[2.0; 4]));
        let series = vec![series("mini", metric, &less), series("tokio", metric, &more)];
        let analysis = Analysis::of(&Results { series, closed_run_ms, ..Results::default() });
        assert!(analysis.cells.iter().all(|cell| cell.summary.is_some()));
        analysis.ratios[0].verdict.clone()
    };
    let short = verdict(Metric::UserCpuPerDelivery, Some(300));
    let Verdict::NotMeasured(why) = short else { panic!("{short:?}") };
    assert!(why.starts_with("too few clock ticks: 30 in a run"), "{why}");
    assert_eq!(verdict(Metric::UserCpuPerDelivery, Some(1_500)), Verdict::Better);
    assert_eq!(verdict(Metric::UserCpuPerDelivery, None), Verdict::Better);
    assert_eq!(verdict(Metric::CpuPerDelivery, Some(300)), Verdict::Better);
}

#[test]
fn a_note_that_tells_of_no_gap_is_not_why_there_is_no_verdict() {
    let mut late = series("mini", Metric::Start, &some(&[1.0; 2]));
    late.notes.push("the generator was late".to_owned());
    let series = vec![late, series("tokio", Metric::Start, &some(&[1.0; 2]))];
    let analysis = Analysis::of(&Results { series, ..Results::default() });
    let wanted = Verdict::NotMeasured("too few runs: 2".to_owned());
    assert_eq!(analysis.ratios[0].verdict, wanted);
}

#[test]
fn verdicts_are_counted_by_pair() {
    let all =
        |candidate: &str, values: &[f64]| series(candidate, Metric::CpuPerDelivery, &some(values));
    let series = vec![all("mini", &[1.0; 4]), all("tokio", &[2.0; 4]), all("floor", &[1.0; 4])];
    let analysis = Analysis::of(&Results { series, ..Results::default() });
    let [tally] = analysis.tallies[..] else { panic!("one pair took part") };
    assert_eq!((tally.pair.name().as_str(), tally.better), ("mini / tokio", 1));
    assert_eq!(tally.judged(), 1);
}
