//! The table as a reader has it: ratios, signs, notes and faults.

use super::super::results::{Experiment, Failure, Series};
use super::*;

fn results() -> Results {
    let point = |connections| Point {
        experiment: Experiment::Closed,
        connections,
        load_percent: None,
        rate: None,
    };
    let series = |candidate: &str, connections, rounds: &[Option<f64>], note: &str| Series {
        metric: Metric::CpuPerDelivery,
        point: point(connections),
        candidate: candidate.to_owned(),
        rounds: rounds.to_vec(),
        notes: if note.is_empty() { Vec::new() } else { vec![note.to_owned()] },
    };
    Results {
        conditions: vec![("kernel".to_owned(), "Linux".to_owned())],
        candidates: vec!["mini-ct".to_owned(), "tokio-ct".to_owned()],
        series: vec![
            series("mini-ct", 1_000, &[Some(2_000.0); 4], ""),
            series("tokio-ct", 1_000, &[Some(2_500.0); 4], ""),
            series("mini-ct", 10, &[Some(1_000.0); 4], ""),
            series("tokio-ct", 10, &[None; 4], "round 1: it died"),
        ],
        ..Results::default()
    }
}

#[test]
fn the_table_has_medians_ratios_intervals_and_verdicts() {
    let results = results();
    let text = render(&results, &Analysis::of(&results));
    let table: Vec<&str> = text.lines().filter(|line| line.starts_with('|')).collect();
    let wanted = [
        "| cost              | mini-ct | tokio-ct | mini-ct / tokio-ct |",
        "| ----------------- | ------: | -------: | -----------------: |",
        "| CPU, closed 10    | 1.00 µs |        ? |                  ? |",
        "| CPU, closed 1,000 | 2.00 µs |  2.50 µs | 0.80 (0.80-0.80) + |",
    ];
    assert_eq!(table[..4], wanted, "{text}");
    assert!(text.starts_with("- of 1 ratios mini-ct / tokio-ct: 1 better, 0 worse"), "{text}");
    assert!(text.contains("tokio-ct: round 1: it died (CPU, closed 10)"), "{text}");
    assert!(text.contains("- kernel: Linux"), "{text}");
}

#[test]
fn folded_it_shows_the_summary_and_how_to_have_it_again() {
    let mut results = results();
    let conditions = [
        ("date", "2026-01-02"),
        ("commit", "unknown"),
        ("processor", "Fast One"),
        ("cores", "2"),
        ("command", "chat compare --quick"),
    ];
    results.conditions = conditions.map(|(name, value)| (name.into(), value.into())).into();
    let text = folded(&results, &Analysis::of(&results));
    let (shown, folded) = text.split_once("<details>").expect("some of it is folded");
    let how = "Measured on 2026-01-02 on Fast One, 2 cores, by `cargo run --release -- compare \
               --quick`.\n\n";
    assert!(shown.starts_with("- of 1 ratios") && shown.ends_with(how), "{text}");
    assert!(folded.contains("</summary>\n\n### One thread"), "{text}");
    assert!(folded.ends_with("- command: chat compare --quick\n\n</details>\n"), "{text}");
    let whole = render(&results, &Analysis::of(&results));
    assert!(!whole.contains("<details>") && !whole.contains("Measured on"), "{whole}");
}

#[test]
fn who_failed_is_told_beside_better_and_worse() {
    let mut results = results();
    let (candidate, point) = ("tokio-ct".to_owned(), results.series[0].point);
    let failure = Failure { candidate, round: 1, point, why: "it died".to_owned() };
    results.failures = vec![failure; 2];
    let said = summary(&results, &Analysis::of(&results));
    let end = "; failed: mini-ct never, tokio-ct 2 times";
    assert!(said.lines().next().is_some_and(|line| line.ends_with(end)), "{said}");
}

#[test]
fn faults_stand_before_all_else_and_only_the_first_are_told_one_by_one() {
    let mut results = results();
    results.faults.push("mini-ct, closed 10, round 1: 1 lost".to_owned());
    let text = render(&results, &Analysis::of(&results));
    assert!(text.starts_with("**Messages were lost or garbled in one run:"), "{text}");
    assert!(text.contains("\n- mini-ct, closed 10, round 1: 1 lost\n\n- of 1 ratios"), "{text}");
    results.faults = vec!["again".to_owned(); 7];
    let text = render(&results, &Analysis::of(&results));
    assert!(text.contains("in 7 runs") && text.contains("- and 2 more\n"), "{text}");
}

#[test]
fn ratios_show_two_digits_behind_the_point_or_two_that_count() {
    let results = results();
    let ratio = Analysis::of(&results).ratios.remove(0);
    let of = |value: f64| show(&Ratio { ratio: Some(value), interval: None, ..ratio.clone() });
    assert_eq!([of(0.012345), of(12.3456)], ["0.012 +", "12.35 +"]);
    let few = Ratio { interval: None, pairs: 3, rounds: 4, ..ratio };
    assert_eq!(show(&few), "0.80 + 3/4");
}

#[test]
fn no_line_is_wider_than_120_columns() {
    let results = results();
    let text = render(&results, &Analysis::of(&results));
    let tables = text.lines().filter(|line| line.starts_with('|'));
    let widest = tables.map(|line| line.chars().count()).max();
    assert!(widest.is_some_and(|widest| widest <= 120), "{text}");
}
