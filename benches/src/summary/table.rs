//! The table, as Markdown: a line for each workload and flavour.

use std::collections::BTreeMap;

use chat::compare::label;
use chat::compare::statistics::{PAIRS_MIN, Summary};

use super::ratio::{Ratio, Verdict};
use super::read::{Median, Results, Workload};
use super::targets::Target;

/// What is set beside what.
struct Flavour {
    name: &'static str,
    ours: &'static str,
    /// The better of these is the reference.
    theirs: &'static [&'static str],
    smol: &'static str,
    /// The floor has one thread, so it stands beside candidates that do.
    floor: Option<&'static str>,
    target: fn(&Target) -> Option<f64>,
}

const FLAVOURS: [Flavour; 2] = [
    Flavour {
        name: "2 workers",
        ours: "mini",
        theirs: &["tokio", "tokio-tuned"],
        smol: "smol",
        floor: None,
        target: |target| target.threads,
    },
    Flavour {
        name: "1 thread",
        ours: "mini-ct",
        theirs: &["tokio-ct"],
        smol: "smol-ct",
        floor: Some("floor"),
        target: |target| target.one_thread,
    },
];

const HEAD: [&str; 11] = [
    "of one",
    "threads",
    "mini-rt",
    "Tokio",
    "mini-rt / Tokio",
    "verdict",
    "target",
    "floor",
    "mini-rt / floor",
    "target over floor",
    "smol",
];

const LEGEND: &str = "\
A ratio is of costs: below 1 the first is better; \"no difference\" where its interval spans 1. A
target is an upper bound of the ratio: it is reached if all of the interval is at it or below, and
nobody can tell if the interval spans it. Of one run or two nothing is said. Costs are times,
where the name says `cpu` the CPU time (that of the server's threads alone, where there is a
server), where it says `heap` bytes; for one task, message, delivery or connection. They are
medians, with 2 workers beside the better of Tokio and tuned Tokio (\"tuned\"). The floor does the
same with no runtime, on one thread. `-`: does not apply.";

/// What stands where something ought to have been measured.
const MISSING: &str = "not measured";

/// All of it: the table, how to read it, and the conditions.
pub fn render(
    results: &Results,
    runs: &[String],
    targets: &[Target],
    conditions: &[(String, String)],
) -> String {
    let none = Workload::new();
    let mut rows = vec![HEAD.map(String::from).to_vec()];
    for target in targets {
        let workload = results.0.get(&target.workload).unwrap_or(&none);
        rows.extend(FLAVOURS.iter().map(|flavour| row(target, flavour, workload)));
    }
    for (name, workload) in &results.0 {
        if !targets.iter().any(|target| target.workload == *name) {
            let (one_thread, threads, floor) = (None, None, None);
            let target = Target { workload: name.clone(), one_thread, threads, floor };
            rows.extend(FLAVOURS.iter().map(|flavour| row(&target, flavour, workload)));
        }
    }
    let conditions: Vec<String> =
        conditions.iter().map(|(name, value)| format!("- {name}: {value}")).collect();
    let parts =
        [tally(&rows), aligned(&rows), LEGEND.into(), how_sure(runs), conditions.join("\n")];
    parts.join("\n\n") + "\n"
}

fn row(target: &Target, flavour: &Flavour, workload: &Workload) -> Vec<String> {
    let show = cost_of(&target.workload);
    let of = |name: &str| workload.get(name).map_or(&[][..], Vec::as_slice);
    let shown = |medians, missing: &str| cost(medians).map_or_else(|| missing.to_owned(), show);
    let ours = of(flavour.ours);
    let reference = reference(workload, flavour.theirs);
    let theirs = reference.map_or(&[][..], of);
    let tuned = if reference == Some("tokio-tuned") { " (tuned)" } else { "" };
    let ratio = Ratio::of(ours, theirs);
    let floor = flavour.floor.map_or(&[][..], of);
    let over_floor = Ratio::of(ours, floor);
    let floor_target = flavour.floor.and(target.floor);
    // Where the target asks for a floor, its absence is told.
    let no_floor = if floor_target.is_some() { MISSING } else { "-" };
    vec![
        format!("`{}`", target.workload),
        flavour.name.to_owned(),
        shown(ours, MISSING),
        shown(theirs, MISSING) + tuned,
        ratio.map_or_else(|| MISSING.to_owned(), |ratio| ratio.to_string()),
        ratio.map_or_else(|| MISSING.to_owned(), |ratio| ratio.verdict().to_string()),
        goal(ratio, (flavour.target)(target)),
        shown(floor, no_floor),
        over_floor.map_or_else(|| no_floor.to_owned(), |ratio| ratio.to_string()),
        goal(over_floor, floor_target),
        shown(of(flavour.smol), "-"),
    ]
}

/// Who of `names` is better, on the whole of the runs.
fn reference<'a>(workload: &Workload, names: &[&'a str]) -> Option<&'a str> {
    let costs = names.iter().filter_map(|name| Some((*name, cost(workload.get(*name)?)?)));
    Some(costs.min_by(|(_, one), (_, other)| one.total_cmp(other))?.0)
}

/// The median of the runs' medians.
fn cost(medians: &[Option<Median>]) -> Option<f64> {
    let points: Vec<f64> = medians.iter().flatten().map(|median| median.point).collect();
    Some(Summary::of(&points)?.median)
}

/// How a workload's cost is shown: its unit is in its name.
fn cost_of(workload: &str) -> fn(f64) -> String {
    if workload.starts_with("heap") { label::bytes } else { label::nanoseconds }
}

fn goal(ratio: Option<Ratio>, target: Option<f64>) -> String {
    match (ratio, target) {
        (_, None) => "-".to_owned(),
        (None, Some(target)) => format!("{target:.2}: {MISSING}"),
        (Some(ratio), Some(target)) => format!("{target:.2}: {}", ratio.reaches(target)),
    }
}

/// How often each verdict stands in the table: of the ratios, and of the targets.
fn tally(rows: &[Vec<String>]) -> String {
    let (mut ratios, mut targets) = (BTreeMap::new(), BTreeMap::new());
    for row in &rows[1..] {
        *ratios.entry(row[5].as_str()).or_insert(0) += 1;
        for goal in [&row[6], &row[9]] {
            if let Some((_, reached)) = goal.split_once(": ") {
                *targets.entry(reached).or_insert(0) += 1;
            }
        }
    }
    let few: Vec<_> = (1..PAIRS_MIN).map(|n| Verdict::TooFew(n).to_string()).collect();
    let counts = |of: &BTreeMap<&str, usize>, names: &[(&str, &str)]| {
        let count = |name: &str| of.get(name).copied().unwrap_or(0);
        let mut counts: Vec<_> =
            names.iter().map(|(name, said)| format!("{} {said}", count(name))).collect();
        counts.push(format!("{} {MISSING}", count(MISSING)));
        match few.iter().map(|name| count(name)).sum() {
            0 => {}
            few => counts.push(format!("{few} of fewer than {PAIRS_MIN} runs, with no verdict")),
        }
        counts.join(", ")
    };
    let verdicts = [Verdict::Better, Verdict::NoDifference, Verdict::Worse].map(|v| v.to_string());
    let verdicts = verdicts.each_ref().map(|name| (name.as_str(), name.as_str()));
    let reached = [
        ("reached", "reached"),
        ("not reached", "not reached"),
        ("cannot tell", "of which nobody can tell"),
    ];
    format!(
        "mini-rt against Tokio: {}. Targets: {}.",
        counts(&ratios, &verdicts),
        counts(&targets, &reached),
    )
}

/// What the intervals know, and what they do not.
fn how_sure(runs: &[String]) -> String {
    let count = runs.len();
    match count {
        0..PAIRS_MIN => format!(
            "**Of {count} {}.** The intervals are rough, and know nothing of what drifts from one \
             run to the next, so there are no verdicts. From {PAIRS_MIN} runs on the intervals are \
             of the runs' ratios, and judge.",
            if count == 1 { "run" } else { "runs" }
        ),
        _ => format!(
            "Of {count} runs, the intervals are of the mean of the logarithms of their ratios, \
             with 95 %."
        ),
    }
}

/// A table whose columns are as wide as their widest cell; figures are on the right.
fn aligned(rows: &[Vec<String>]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..HEAD.len()).map(|column| width(column).unwrap_or(0)).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, &width))| {
            if column < 2 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
        });
        format!("| {} |", cells.collect::<Vec<_>>().join(" | "))
    };
    let rule = widths.iter().enumerate().map(|(column, &width)| match column {
        0 | 1 => "-".repeat(width + 2),
        _ => "-".repeat(width + 1) + ":",
    });
    let rule = format!("|{}|", rule.collect::<Vec<_>>().join("|"));
    let mut lines: Vec<String> = rows.iter().map(line).collect();
    lines.insert(1, rule);
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use chat::compare::statistics::Interval;

    use super::*;
    use crate::summary::targets;

    fn of_runs(runs: usize, workload: &str, points: &[(&str, f64)]) -> Results {
        let median = |point: f64| {
            let bounds = Interval { low: 0.99 * point, high: 1.01 * point };
            vec![Some(Median { point, bounds }); runs]
        };
        let medians = points.iter().map(|&(name, point)| (name.to_owned(), median(point)));
        Results(BTreeMap::from([(workload.to_owned(), medians.collect())]))
    }

    fn results(workload: &str, points: &[(&str, f64)]) -> Results {
        of_runs(3, workload, points)
    }

    /// The cells of the line of a workload and a flavour.
    fn cells<'a>(table: &'a str, workload: &str, flavour: &str) -> Vec<&'a str> {
        let begin = format!("| `{workload}`");
        let lines = table.lines().filter(|line| line.starts_with(&begin));
        let mut rows = lines.map(|line| line.split('|').map(str::trim).collect::<Vec<_>>());
        let row = rows.find(|row| row[2] == flavour).expect("the workload has a line");
        row[3..row.len() - 1].to_vec()
    }

    fn rendered(results: &Results, targets: &str) -> String {
        render(results, &["new".into()], &targets::parse(targets).unwrap(), &[])
    }

    #[test]
    fn the_better_of_both_tokios_is_the_reference() {
        let points = [("mini", 800.0), ("tokio", 1000.0), ("tokio-tuned", 900.0), ("smol", 2000.0)];
        let table = rendered(&results("g/w", &points), "g/w 0.5 0.95 1.1");
        assert_eq!(
            cells(&table, "g/w", "2 workers"),
            [
                "800 ns",
                "900 ns (tuned)",
                "0.89 (0.88 to 0.89)",
                "better",
                "0.95: reached",
                "-",
                "-",
                "-",
                "2.00 µs"
            ]
        );
    }

    #[test]
    fn the_floor_stands_beside_one_thread() {
        let points = [("mini-ct", 1000.0), ("tokio-ct", 1000.0), ("floor", 800.0)];
        let table = rendered(&results("g/w", &points), "g/w 0.5 - 1.1");
        assert_eq!(
            cells(&table, "g/w", "1 thread"),
            [
                "1.00 µs",
                "1.00 µs",
                "1.00 (1.00 to 1.00)",
                "no difference",
                "0.50: not reached",
                "800 ns",
                "1.25 (1.25 to 1.25)",
                "1.10: not reached",
                "-"
            ]
        );
        assert!(
            table.starts_with("mini-rt against Tokio: 0 better, 1 no difference, 0 worse, 1 not")
        );
        assert!(table.contains("Targets: 0 reached, 2 not reached, 0 of which"));
    }

    #[test]
    fn one_run_gives_a_ratio_and_no_verdict() {
        let one = of_runs(1, "g/w", &[("mini", 800.0), ("tokio", 1000.0)]);
        let table = rendered(&one, "g/w - 0.9 -");
        let wanted = ["800 ns", "1.00 µs", "0.80 (0.78 to 0.82)", "one run", "0.90: one run"];
        assert_eq!(cells(&table, "g/w", "2 workers")[..5], wanted);
        assert!(table.starts_with("mini-rt against Tokio: 0 better, 0 no difference, 0 worse, 1"));
        assert!(
            table.contains("measured, 1 of fewer than 3 runs, with no verdict. Targets"),
            "{table}"
        );
        assert!(
            table.contains(" 0 not measured, 1 of fewer than 3 runs, with no verdict.\n"),
            "{table}"
        );
    }

    #[test]
    fn what_is_not_measured_is_told() {
        let table = rendered(&results("g/w", &[("mini", 1.0)]), "g/w - 0.5 -\ng/late 0.5 - 1.1");
        assert_eq!(cells(&table, "g/w", "2 workers")[..3], ["1.00 ns", MISSING, MISSING]);
        assert_eq!(cells(&table, "g/w", "2 workers")[4], "0.50: not measured");
        let late = cells(&table, "g/late", "1 thread");
        assert_eq!(
            late[3..8],
            [MISSING, "0.50: not measured", MISSING, MISSING, "1.10: not measured"]
        );
    }

    #[test]
    fn a_workload_that_the_targets_do_not_know_is_shown_too() {
        let table = rendered(&results("g/new", &[("mini", 1.0), ("tokio", 1.0)]), "");
        assert_eq!(cells(&table, "g/new", "2 workers")[3], "no difference");
    }

    #[test]
    fn heap_is_told_in_bytes() {
        let table = rendered(&results("heap_x/w", &[("mini", 2048.0)]), "");
        assert_eq!(cells(&table, "heap_x/w", "2 workers")[0], "2.00 KiB");
    }

    #[test]
    fn how_many_runs_there_are_decides_what_is_said_of_the_intervals() {
        assert!(how_sure(&["new".into()]).starts_with("**Of 1 run.**"));
        assert!(how_sure(&["a".into(), "b".into()]).starts_with("**Of 2 runs.**"));
        assert!(how_sure(&["a".into(), "b".into(), "c".into()]).starts_with("Of 3 runs, the"));
    }
}
