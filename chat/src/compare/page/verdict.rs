//! The first screen: the question, the answer in figures, the largest win and the largest loss.

use std::fmt::Write as _;

use super::super::analysis::{Pair, Ratio, Tally, Verdict};
use super::super::results::Metric;
use super::super::table::{failed, faults_told};
use super::forest;
use super::html::{escape, paragraph};
use super::palette::Look;
use super::view::View;
use super::words;

/// Which of the conditions stand at the top, if they are known; all of them are at the end.
const CONDITIONS_ABOVE: [&str; 10] = [
    "date",
    "commit",
    "profile",
    "tokio",
    "kernel",
    "processor",
    "cores",
    "workers",
    "rounds",
    "capacity",
];

/// What a condition says that makes the figures worthless.
const WARNING: &str = "not for measuring";

/// The header of the page.
pub(super) fn header(view: &View<'_>) -> String {
    let mut html =
        "<header>\n<h1>Which runtime serves better, <span class=\"whole\">mini-rt</span> or Tokio, and by \
                    how much?</h1>\n"
            .to_owned();
    html += &paragraph(
        "One IRC server, written once and compiled once, was run on each runtime in turns, round by \
         round, under the same load. A ratio is a cost on the first runtime over the same cost on the \
         second: below 1 the first is better.",
    );
    html += &warnings(view);
    html += "<div class=\"verdicts\">\n";
    let (main, others): (Vec<&Tally>, Vec<&Tally>) =
        view.analysis.tallies.iter().partition(|tally| is_main(tally.pair));
    for tally in main {
        html += &flavour(view, tally);
    }
    html += "</div>\n";
    if view.analysis.tallies.is_empty() {
        html += &paragraph(
            "No two candidates that are compared with each other took part, so there is no ratio and no \
             verdict: only each one's own numbers.",
        );
    }
    if !others.is_empty() {
        html += "<div class=\"others\">\n";
        for tally in others {
            let _ = writeln!(html, "<div>{}{}</div>", sentence(view, *tally), bar(view, *tally));
        }
        html += "</div>\n";
    }
    html += &chance(view);
    html += &conditions(view);
    html + "</header>\n"
}

/// Whether a pair is mini-rt against Tokio as it comes, which is the page's question.
pub(super) fn is_main(pair: Pair) -> bool {
    matches!((pair.ours, pair.theirs), ("mini", "tokio") | ("mini-ct", "tokio-ct"))
}

fn flavour(view: &View<'_>, tally: &Tally) -> String {
    // Switches are how a cost comes about, not a cost that anybody has; and beyond its capacity a
    // server's latency is that of the queue.
    let is_felt = |ratio: &&Ratio| {
        ratio.metric != Metric::SwitchesPerDelivery && ratio.point.load_percent <= Some(100)
    };
    let of_pair =
        || view.analysis.ratios.iter().filter(|ratio| ratio.pair == tally.pair).filter(is_felt);
    let ends = |verdict: Verdict| {
        of_pair()
            .filter(move |ratio| ratio.verdict == verdict)
            .filter_map(|r| Some((r, r.interval?)))
    };
    // By the end of the interval that is nearer to 1: a wide one is not large for being wide.
    let win = ends(Verdict::Better).min_by(|a, b| a.1.high.total_cmp(&b.1.high));
    let loss = ends(Verdict::Worse).max_by(|a, b| a.1.low.total_cmp(&b.1.low));
    let heading = if tally.pair.ours.ends_with("-ct") { "One thread" } else { "Several threads" };
    format!(
        "<section class=\"flavour\">\n<h2>{heading}: {}</h2>\n{}{}<div class=\"cards\">{}{}</div>\n{}\
         </section>\n",
        escape(&tally.pair.name()),
        sentence(view, *tally),
        bar(view, *tally),
        card(view, "Largest win", tally.pair.ours, win.map(|(ratio, _)| ratio)),
        card(view, "Largest loss", tally.pair.theirs, loss.map(|(ratio, _)| ratio)),
        forest::headline(view, tally.pair)
    )
}

/// The counts in a sentence.
fn sentence(view: &View<'_>, tally: Tally) -> String {
    let (ours, theirs) = (escape(tally.pair.ours), escape(tally.pair.theirs));
    let (judged, unjudged) = (tally.judged(), tally.not_measured);
    let failed = match failed(view.results, tally.pair) {
        none if none.is_empty() => none,
        failed => format!(
            " <b>Servers {}</b> (see <a href=\"#missing\">what is missing</a>).",
            escape(&failed)
        ),
    };
    if judged == 0 {
        return format!(
            "<p class=\"counts\"><b>{ours}</b> against <b>{theirs}</b>: nothing can be said. \
             None of {unjudged} ratios has an interval.{failed}</p>\n"
        );
    }
    let Tally { better, worse, no_difference, .. } = tally;
    let rest = match unjudged {
        0 => String::new(),
        1 => " One more could not be judged.".to_owned(),
        more => format!(" {more} more could not be judged."),
    };
    format!(
        "<p class=\"counts\">Of {judged} ratios, <b>{ours}</b> is better than <b>{theirs}</b> in \
         <b>{better}</b>, worse in <b>{worse}</b>, and <b>{no_difference}</b> show no difference.{rest}{failed}</p>\n"
    )
}

/// The counts as one bar; the sentence beside it says the same.
fn bar(view: &View<'_>, tally: Tally) -> String {
    let all = (tally.judged() + tally.not_measured).max(1) as f64;
    let mut html = "<div class=\"tally\" aria-hidden=\"true\">".to_owned();
    let parts = [
        (won(view.palette.look(tally.pair.ours)), tally.better),
        ("same".to_owned(), tally.no_difference),
        (won(view.palette.look(tally.pair.theirs)), tally.worse),
        ("none".to_owned(), tally.not_measured),
    ];
    for (class, count) in parts.into_iter().filter(|(_, count)| *count > 0) {
        let share = 100.0 * count as f64 / all;
        let _ = write!(html, "<span class=\"{class}\" style=\"width:{share:.2}%\">{count}</span>");
    }
    html + "</div>\n"
}

/// The classes that bring a winner's colour.
fn won(look: Look) -> String {
    format!("won w{}", look.idx)
}

/// The largest win, or loss: what, where, how much, and both medians.
fn card(view: &View<'_>, heading: &str, winner: &str, ratio: Option<&Ratio>) -> String {
    let class = won(view.palette.look(winner));
    let Some((ratio, value, interval)) =
        ratio.and_then(|ratio| Some((ratio, ratio.ratio?, ratio.interval?)))
    else {
        return format!("<div class=\"card {class}\"><h3>{heading}</h3><p>none shown</p></div>\n");
    };
    let median = |name: &str| {
        let summary = view.analysis.cell(ratio.metric, ratio.point, name)?.summary?;
        Some(format!("{} {}", escape(name), words::value(ratio.metric, summary.median)))
    };
    let medians: Vec<String> =
        [ratio.pair.ours, ratio.pair.theirs].into_iter().filter_map(median).collect();
    format!(
        "<div class=\"card {class}\"><h3>{heading}</h3>\n<p class=\"large\">{} <small>[{}, {}]</small></p>\n\
         <p>{}<br>{}<br><small>{}</small></p></div>\n",
        words::ratio(value),
        words::ratio(interval.low),
        words::ratio(interval.high),
        escape(forest::cost(ratio.metric)),
        escape(&words::point(ratio.point)),
        medians.join(" · ")
    )
}

/// How far the counts can be trusted.
fn chance(view: &View<'_>) -> String {
    let judged: usize = view.analysis.tallies.iter().map(Tally::judged).sum();
    if judged == 0 {
        return paragraph(
            "No interval could be made: that takes three rounds in which both have a value.",
        );
    }
    let by_chance = words::count((judged as f64 * 0.05).ceil() as usize);
    paragraph(&format!(
        "Intervals are of 95 %. If nothing differed at all, chance alone would call about {by_chance} of \
         these {judged} ratios better or worse. And they are not {judged} independent findings: latency, \
         CPU time and switches of one run rise and fall together. Trust the rows of the tables over the \
         counts."
    ))
}

/// What a reader must know before any figure.
fn warnings(view: &View<'_>) -> String {
    let mut html = String::new();
    if let [head, faults @ ..] = &faults_told(view.results)[..] {
        let (head, faults) = (escape(head), escape(&faults.join("; ")));
        let _ = writeln!(html, "<p class=\"warning\"><b>{head}</b> {faults}.</p>");
    }
    for (name, value) in view.results.conditions.iter().filter(|(_, value)| value.contains(WARNING))
    {
        let (name, value) = (escape(name), escape(value));
        let _ = writeln!(
            html,
            "<p class=\"warning\"><b>{name}</b>: {value}. Do not quote these figures.</p>"
        );
    }
    html
}

fn conditions(view: &View<'_>) -> String {
    let known = |wanted: &&str| view.results.conditions.iter().find(|(name, _)| name == wanted);
    let shown: Vec<String> = CONDITIONS_ABOVE
        .iter()
        .filter_map(known)
        .map(|(name, value)| format!("<b>{}</b> {}", escape(name), escape(value)))
        .collect();
    let shown = if shown.is_empty() { "Conditions".to_owned() } else { shown.join(" · ") };
    format!("<p class=\"conditions\">{shown} · <a href=\"#conditions\">all conditions</a></p>\n")
}
