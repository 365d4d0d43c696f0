//! The comparison as Markdown: what came out in a line for each pair, then every number.
//!
//! A candidate's threads decide whom it is compared with, so there is a table for each group. The
//! columns are padded: the same text is read on a terminal and in a document.

use super::analysis::{Analysis, PAIRS, Pair, Ratio, Verdict};
use super::label::{digits, thousands};
use super::results::{Metric, Point, Results};
use crate::conditions::UNKNOWN;

/// The candidates that are compared with each other, in the order of their columns.
const GROUPS: [(&str, &[&str]); 2] = [
    ("Several threads", &["mini", "tokio", "tokio-tuned"]),
    ("One thread", &["mini-ct", "tokio-ct", "floor"]),
];

/// What the columns and signs mean.
const LEGEND: &str = "\
A ratio is of costs, the first named over the second: below 1 the first is better. In brackets its
95 % interval over the rounds, then the verdict: `+` the first is better, `-` worse, `=` no
difference shown, `?` cannot be said. `5/8` after it: it rests on five of eight rounds, and what
kept the others from being used may be a difference too. A server has failed where it ended, closed
or refused a client, or fell silent: it has no value there, which is worse than a bad one. Beside
them each candidate's median. `time`, `CPU`, `user CPU` (a part of it) and `switches` are per
delivery, time being one over throughput; `p50` to `max` are latency from the intended send time;
`heap` and `RSS` are per connection. `closed N`: N connections, each room says its next line when
all have the last. `open P %`: lines come at P % of what the reference takes in a closed loop,
whatever the server makes of it.";

/// So many faults are told one by one.
const FAULTS_MAX: usize = 5;

/// All of it: what went wrong, summary, tables, notes, conditions.
pub fn render(results: &Results, analysis: &Analysis) -> String {
    let mut parts: Vec<String> = faults(results).into_iter().collect();
    parts.push(summary(results, analysis));
    parts.extend(details(results, analysis));
    parts.join("\n\n") + "\n"
}

/// The same for a document that is about more: beside the summary stands how to have it again, and
/// whoever wants the rest unfolds it.
pub fn folded(results: &Results, analysis: &Analysis) -> String {
    let mut parts: Vec<String> = faults(results).into_iter().collect();
    parts.push(summary(results, analysis));
    parts.extend(measured(results));
    // Markdown within HTML is only read after an empty line.
    parts.push(
        "<details><summary>Every number, what could not be measured, and the conditions</summary>"
            .to_owned(),
    );
    parts.extend(details(results, analysis));
    parts.push("</details>".to_owned());
    parts.join("\n\n") + "\n"
}

/// When, of what and where it was measured, and how to do that again: what is known of it.
fn measured(results: &Results) -> Option<String> {
    let known = |wanted: &str| {
        let is = |(name, value): &&(String, String)| name == wanted && value != UNKNOWN;
        results.conditions.iter().find(is).map(|(_, value)| value)
    };
    let cores = known("cores").map_or_else(String::new, |cores| format!(", {cores} cores"));
    let machine = known("machine").map_or_else(String::new, |machine| format!(", {machine}"));
    let told = [
        known("date").map(|date| format!(" on {date}")),
        known("commit").map(|commit| format!(" at commit {commit}")),
        known("processor").map(|processor| format!(" on {processor}{cores}{machine}")),
        known("command").and_then(|command| {
            let arguments = command.strip_prefix("chat ")?;
            Some(format!(", by `cargo run --release -- {arguments}`"))
        }),
    ];
    let told: String = told.into_iter().flatten().collect();
    (!told.is_empty()).then(|| format!("Measured{told}."))
}

/// Tables, legend, scale, notes, conditions.
fn details(results: &Results, analysis: &Analysis) -> Vec<String> {
    let mut parts = Vec::new();
    for (name, members) in GROUPS {
        let rows = group(results, analysis, members);
        if rows.len() > 1 {
            parts.push(format!("### {name}\n\n{}", aligned(&rows)));
        }
    }
    parts.push(LEGEND.to_owned());
    parts.extend(analysis.scale.as_ref().map(super::scale_table::render));
    parts.extend(notes(analysis));
    parts.push(conditions(results));
    parts
}

/// What went wrong with messages, before anything else is said.
fn faults(results: &Results) -> Option<String> {
    let [head, lines @ ..] = &faults_told(results)[..] else { return None };
    let lines: String = lines.iter().map(|line| format!("\n- {line}")).collect();
    Some(format!("**{head}**\n{lines}"))
}

/// That messages went wrong, and then where; nothing if none did.
pub(super) fn faults_told(results: &Results) -> Vec<String> {
    let faults = &results.faults;
    if faults.is_empty() {
        return Vec::new();
    }
    let mut told = vec![format!(
        "Messages were lost or garbled in {}: nothing of {} is used, and who did that is not to be \
         trusted with the rest.",
        if faults.len() == 1 { "one run".to_owned() } else { format!("{} runs", faults.len()) },
        if faults.len() == 1 { "it" } else { "them" }
    )];
    told.extend(faults.iter().take(FAULTS_MAX).cloned());
    if faults.len() > FAULTS_MAX {
        told.push(format!("and {} more", faults.len() - FAULTS_MAX));
    }
    told
}

/// A line for each pair, and how far chance alone would go.
pub fn summary(results: &Results, analysis: &Analysis) -> String {
    let mut lines: Vec<String> = analysis
        .tallies
        .iter()
        .map(|tally| {
            let mut line = format!(
                "- of {} ratios {}: {} better, {} worse, {} no difference",
                tally.judged(),
                tally.pair.name(),
                tally.better,
                tally.worse,
                tally.no_difference
            );
            if tally.not_measured > 0 {
                line += &format!(" ({} more cannot be judged)", tally.not_measured);
            }
            let failed = failed(results, tally.pair);
            if failed.is_empty() { line } else { line + "; " + &failed }
        })
        .collect();
    let judged: usize = analysis.tallies.iter().map(|tally| tally.judged()).sum();
    if judged == 0 {
        lines.push("- no two candidates can be compared".to_owned());
        return lines.join("\n");
    }
    lines.push(format!(
        "\nEach interval misses the truth in 5 of 100 cases. Had nothing differed at all, chance \
         would have called about {} of these {judged} better or worse.",
        digits(judged as f64 * 0.05, 2)
    ));
    lines.join("\n")
}

/// How often the servers of a pair failed; empty if they never did.
pub(super) fn failed(results: &Results, pair: Pair) -> String {
    let times = |name: &str| match results.failures_of(name) {
        0 => format!("{name} never"),
        1 => format!("{name} once"),
        times => format!("{name} {times} times"),
    };
    match [pair.ours, pair.theirs].map(|name| results.failures_of(name)) {
        [0, 0] => String::new(),
        _ => format!("failed: {}, {}", times(pair.ours), times(pair.theirs)),
    }
}

/// The rows of a group's table, the head first.
fn group(results: &Results, analysis: &Analysis, members: &[&str]) -> Vec<Vec<String>> {
    let takes_part = |name: &str| results.candidates.iter().any(|candidate| candidate == name);
    let members: Vec<&str> = members.iter().copied().filter(|name| takes_part(name)).collect();
    let has = |pair: &Pair| members.contains(&pair.ours) && members.contains(&pair.theirs);
    let pairs: Vec<Pair> = PAIRS.into_iter().filter(has).collect();
    let head = ["cost"].into_iter().chain(members.iter().copied()).map(str::to_owned);
    let mut rows = vec![head.chain(pairs.iter().map(|pair| pair.name())).collect()];
    for (metric, point) in lines(analysis, &members) {
        let mut row = vec![format!("{}, {}", metric.title(), point.title())];
        row.extend(members.iter().map(|candidate| {
            let cell = analysis.cell(metric, point, candidate);
            let summary = cell.and_then(|cell| cell.summary);
            summary.map_or("?".to_owned(), |summary| metric.cost(summary.median))
        }));
        row.extend(pairs.iter().map(|pair| {
            let wanted = |ratio: &&Ratio| {
                ratio.pair == *pair && ratio.metric == metric && ratio.point == point
            };
            analysis.ratios.iter().find(wanted).map_or("?".to_owned(), show)
        }));
        rows.push(row);
    }
    rows
}

/// What was measured of any of these, by metric within an experiment, then by load.
fn lines(analysis: &Analysis, members: &[&str]) -> Vec<(Metric, Point)> {
    let mut lines: Vec<(Metric, Point)> = Vec::new();
    for cell in analysis.cells.iter().filter(|cell| members.contains(&cell.candidate.as_str())) {
        if !lines.contains(&(cell.metric, cell.point)) {
            lines.push((cell.metric, cell.point));
        }
    }
    let key = |(metric, point): &(Metric, Point)| {
        (point.experiment, *metric, point.connections, point.load_percent)
    };
    lines.sort_by_key(key);
    lines
}

/// A ratio with its interval and verdict: `0.93 (0.90-0.96) +`, and `5/8` if three of eight rounds
/// are missing.
fn show(ratio: &Ratio) -> String {
    let number = |value: f64| match value {
        value if value >= 0.1 => format!("{value:.2}"),
        value => digits(value, 2),
    };
    let Some(value) = ratio.ratio else {
        return "?".to_owned();
    };
    let interval = ratio.interval.map_or(String::new(), |interval| {
        format!(" ({}-{})", number(interval.low), number(interval.high))
    });
    let sign = match ratio.verdict {
        Verdict::Better => '+',
        Verdict::Worse => '-',
        Verdict::NoDifference => '=',
        Verdict::NotMeasured(_) => '?',
    };
    let of_rounds = match ratio.pairs < ratio.rounds {
        true => format!(" {}/{}", ratio.pairs, ratio.rounds),
        false => String::new(),
    };
    format!("{}{interval} {sign}{of_rounds}", number(value))
}

/// What has no verdict, and what else is said of single cells; each said once.
fn notes(analysis: &Analysis) -> Option<String> {
    let mut said: Vec<(String, Vec<String>)> = Vec::new();
    let mut say =
        |what: String, place: String| match said.iter_mut().find(|(said, _)| *said == what) {
            Some((_, places)) if places.contains(&place) => {}
            Some((_, places)) => places.push(place),
            None => said.push((what, vec![place])),
        };
    for cell in &analysis.cells {
        let place = format!("{}, {}", cell.metric.title(), cell.point.title());
        // One reason mostly repeats itself from round to round, with other numbers.
        match &cell.notes[..] {
            [] => {}
            [note] => say(format!("{}: {note}", cell.candidate), place),
            [note, more @ ..] => {
                say(format!("{}: {note} (and {} more)", cell.candidate, more.len()), place);
            }
        }
    }
    let is_said = |why: &String| analysis.cells.iter().any(|cell| cell.notes.contains(why));
    for ratio in &analysis.ratios {
        match &ratio.verdict {
            Verdict::NotMeasured(why) if !is_said(why) => {
                let place = format!("{}, {}", ratio.metric.title(), ratio.point.title());
                say(format!("{}: {why}", ratio.pair.name()), place);
            }
            _ => {}
        }
    }
    let lines: Vec<String> = said
        .into_iter()
        .map(|(what, places)| format!("- {what} ({})", places.join("; ")))
        .collect();
    (!lines.is_empty()).then(|| format!("### What could not be measured\n\n{}", lines.join("\n")))
}

/// What was the same for all.
fn conditions(results: &Results) -> String {
    let lines: Vec<String> =
        results.conditions.iter().map(|(name, value)| format!("- {name}: {value}")).collect();
    format!("### Conditions\n\n{}", lines.join("\n"))
}

/// A Markdown table whose columns are as wide as their widest cell; all but the first stand to the
/// right.
pub(super) fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let wide = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max()
    };
    let widths: Vec<usize> =
        (0..columns).map(|column| wide(column).unwrap_or_default().max(3)).collect();
    let rule = widths.iter().enumerate().map(|(column, width)| match column {
        0 => "-".repeat(*width),
        _ => format!("{}:", "-".repeat(width - 1)),
    });
    let line = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
    let padded = |row: &Vec<String>| {
        let cell = |(column, cell): (usize, &String)| match column {
            0 => format!("{cell:<0$}", widths[column]),
            _ => format!("{cell:>0$}", widths[column]),
        };
        line(row.iter().enumerate().map(cell).collect())
    };
    let mut lines: Vec<String> = rows.iter().map(padded).collect();
    lines.insert(lines.len().min(1), line(rule.collect()));
    lines.join("\n")
}

/// How many connections, for tables: a million in words.
pub(super) fn crowd(connections: usize) -> String {
    match connections {
        1_000_000 => "a million".to_owned(),
        other => thousands(other as u64),
    }
}

#[cfg(test)]
mod tests;
