//! Every ratio with its interval, its rounds and the line at 1: the plot that hides nothing.
//!
//! It is a table whose middle column is drawn, so it can be read by who cannot see it, and fits any
//! width: places inside the cells are per cent.

use std::fmt::Write as _;

use super::super::analysis::{PAIRS, Pair, Ratio, Verdict};
use super::super::results::{Experiment, Metric};
use super::super::statistics::Interval;
use super::axis::Axis;
use super::html::{escape, paragraph, section};
use super::palette::Look;
use super::view::{View, brief};
use super::words;

/// The farthest that the axis goes to either side; what lies beyond is an arrow at the edge.
const REACHES: [f64; 6] = [1.25, 1.6, 2.2, 4.2, 7.0, 11.0];

/// The section of all ratios, a table for each pair.
pub(super) fn sections(view: &View<'_>) -> String {
    let mut body = paragraph(
        "Each row is one cost of the first candidate divided by the same cost of the second, so left of \
         the line at 1 the first is better. The bar is the 95 % interval, the mark the geometric mean, the \
         faint strokes are the single rounds. A mark has the colour and shape of whoever is better; it is \
         a hollow circle where the interval holds 1, which shows no difference: that is not the same as \
         showing that there is none. Time per delivery is one over throughput.",
    );
    for pair in PAIRS {
        let mut ratios: Vec<&Ratio> =
            view.analysis.ratios.iter().filter(|ratio| ratio.pair == pair).collect();
        if ratios.is_empty() {
            continue;
        }
        ratios.sort_by_key(|ratio| {
            let point = ratio.point;
            (point.experiment, ratio.metric, point.connections, point.load_percent)
        });
        let id = format!("ratios-{}-{}", pair.ours, pair.theirs);
        let _ = write!(
            body,
            "<details open id=\"{id}\"><summary><h3>{}</h3></summary>\n{}</details>\n",
            escape(&pair.name()),
            table(view, &ratios, &format!("All ratios of {}", pair.name()), true)
        );
    }
    section("ratios", "Every ratio, with its interval", &body)
}

/// The few ratios that say most of a pair, in a table without headings.
pub(super) fn headline(view: &View<'_>, pair: Pair) -> String {
    let ratios = main_ratios(view, pair);
    if ratios.is_empty() {
        return String::new();
    }
    table(view, &ratios, &format!("The main ratios of {}", pair.name()), false)
}

/// Of one pair: throughput, CPU and memory of the largest crowd, latency at the load nearest to 80 %,
/// start and shutdown.
pub(super) fn main_ratios<'a>(view: &View<'a>, pair: Pair) -> Vec<&'a Ratio> {
    let nearest = |ratio: &&Ratio| ratio.point.load_percent.map_or(0, |load| load.abs_diff(80));
    let pick = |metric: Metric, experiment: Experiment| {
        let of = view.analysis.ratios.iter().filter(move |ratio| {
            ratio.pair == pair && ratio.metric == metric && ratio.point.experiment == experiment
        });
        of.min_by_key(|ratio| (nearest(ratio), std::cmp::Reverse(ratio.point.connections)))
    };
    [
        (Metric::Throughput, Experiment::Closed),
        (Metric::CpuPerDelivery, Experiment::Closed),
        (Metric::LatencyP50, Experiment::Open),
        (Metric::LatencyP99, Experiment::Open),
        (Metric::LatencyP999, Experiment::Open),
        (Metric::HeapPerConnection, Experiment::Idle),
        (Metric::Start, Experiment::Life),
        (Metric::Shutdown, Experiment::Life),
    ]
    .into_iter()
    .filter_map(|(metric, experiment)| pick(metric, experiment))
    .collect()
}

/// What a metric is called where it is a cost.
pub(super) fn cost(metric: Metric) -> &'static str {
    if metric == Metric::Throughput { "Time per delivery" } else { words::metric(metric) }
}

/// An axis about 1 that holds all ratios and four in five of their intervals: one that is very wide
/// must not press the others together.
pub(super) fn axis_of(ratios: &[&Ratio]) -> Axis {
    let away = |value: f64| if value > 0.0 { value.max(1.0 / value) } else { f64::INFINITY };
    let judged = ratios.iter().filter(|ratio| ratio.interval.is_some());
    let middles = judged.filter_map(|ratio| ratio.ratio).map(away).fold(1.0, f64::max);
    let ends = ratios.iter().filter_map(|ratio| ratio.interval);
    let mut ends: Vec<f64> = ends.map(|ends| away(ends.low).max(away(ends.high))).collect();
    ends.sort_by(f64::total_cmp);
    let most = ends.get((ends.len() * 4 / 5).saturating_sub(1));
    let wanted = middles.max(most.copied().unwrap_or(1.0)) * 1.03;
    let reach = REACHES.into_iter().find(|reach| *reach >= wanted);
    Axis::around_one(reach.unwrap_or(REACHES[REACHES.len() - 1]))
}

fn table(view: &View<'_>, ratios: &[&Ratio], caption: &str, grouped: bool) -> String {
    let axis = axis_of(ratios);
    let pair = ratios[0].pair;
    let mut html = format!(
        "<table class=\"forest\" role=\"table\">\n<caption class=\"unseen\">{}</caption>\n\
         <thead role=\"rowgroup\"><tr role=\"row\"><th role=\"columnheader\" scope=\"col\">cost</th>\
         <th role=\"columnheader\" scope=\"col\" class=\"plot\">{}</th>\
         <th role=\"columnheader\" scope=\"col\" class=\"number\">ratio <small>[95 % interval]</small></th>\
         <th role=\"columnheader\" scope=\"col\">{} is</th></tr></thead>\n<tbody role=\"rowgroup\">\n",
        escape(caption),
        head(&axis, pair, grouped),
        escape(pair.ours)
    );
    let mut last = None;
    for ratio in ratios {
        let group = (ratio.point.experiment, ratio.metric);
        if grouped && last.replace(group) != Some(group) {
            let _ = writeln!(
                html,
                "<tr role=\"row\" class=\"group\"><th role=\"rowheader\" scope=\"rowgroup\" \
                 colspan=\"4\">{}</th></tr>",
                escape(&group_name(ratio))
            );
        }
        html += &row(view, ratio, &axis, grouped);
    }
    html + "</tbody></table>\n"
}

/// A metric, and how it was measured where there are two ways.
fn group_name(ratio: &Ratio) -> String {
    let name = cost(ratio.metric);
    match ratio.point.experiment {
        Experiment::Closed => format!("{name}, closed loop"),
        Experiment::Open => format!("{name}, open loop"),
        Experiment::Idle | Experiment::Life => name.to_owned(),
    }
}

/// The labels of the axis, and which side is whose.
fn head(axis: &Axis, pair: Pair, wide: bool) -> String {
    let (ours, theirs) = if wide {
        (format!("{} better", escape(pair.ours)), format!("{} better", escape(pair.theirs)))
    } else {
        ("better".to_owned(), "worse".to_owned())
    };
    let mut svg = format!(
        "<span class=\"sides\"><span>← {ours}</span><span>{theirs} →</span></span>\
         <svg class=\"ticks\" aria-hidden=\"true\">"
    );
    for tick in &axis.ticks {
        let (at, label) = (100.0 * axis.share(*tick), words::ratio(*tick));
        let label = if *tick == 1.0 { "1" } else { &label };
        let _ = write!(svg, "<text x=\"{at:.2}%\" y=\"13\">{label}</text>");
    }
    svg + "</svg>"
}

fn row(view: &View<'_>, ratio: &Ratio, axis: &Axis, grouped: bool) -> String {
    let name = if grouped {
        escape(&words::point(ratio.point))
    } else {
        let place = escape(&words::place(ratio.point));
        format!("{} <small>{place}</small>", escape(cost(ratio.metric)))
    };
    let number = match (ratio.ratio, ratio.interval) {
        (Some(middle), Some(Interval { low, high })) => {
            let [middle, low, high] = [middle, low, high].map(words::ratio);
            let rounds = match ratio.pairs < ratio.rounds {
                true => format!(" <small>{} of {} rounds</small>", ratio.pairs, ratio.rounds),
                false => String::new(),
            };
            format!("{middle} <small>[{low}, {high}]</small>{rounds}")
        }
        (Some(middle), None) => {
            let rounds = if ratio.pairs == 1 { "round" } else { "rounds" };
            format!("{} <small>in {} {rounds}</small>", words::ratio(middle), ratio.pairs)
        }
        (None, _) => "—".to_owned(),
    };
    let won = |name| format!("won w{}", view.palette.look(name).idx);
    let (class, verdict) = match &ratio.verdict {
        Verdict::Better => (won(ratio.pair.ours), "better".to_owned()),
        Verdict::Worse => (won(ratio.pair.theirs), "worse".to_owned()),
        Verdict::NoDifference => ("same".to_owned(), "no difference".to_owned()),
        Verdict::NotMeasured(why) if grouped => {
            ("none".to_owned(), format!("not judged: {}", escape(brief(why))))
        }
        Verdict::NotMeasured(_) => {
            ("none".to_owned(), "<a href=\"#missing\">not judged</a>".to_owned())
        }
    };
    format!(
        "<tr role=\"row\"><th role=\"rowheader\" scope=\"row\">{name}</th>\
         <td role=\"cell\" class=\"plot\">{}</td><td role=\"cell\" class=\"number\">{number}</td>\
         <td role=\"cell\" class=\"{class}\">{verdict}</td></tr>\n",
        cell(view, ratio, axis)
    )
}

/// The drawn cell of one ratio.
fn cell(view: &View<'_>, ratio: &Ratio, axis: &Axis) -> String {
    let at = |value: f64| 100.0 * axis.share(value);
    let mut svg = "<svg class=\"cell\" aria-hidden=\"true\"><rect class=\"ours\" x=\"0\" y=\"0\" \
                   width=\"50%\" height=\"100%\"/>"
        .to_owned();
    for tick in &axis.ticks {
        let class = if *tick == 1.0 { "one" } else { "grid" };
        let x = at(*tick);
        let _ = write!(
            svg,
            "<line class=\"{class}\" x1=\"{x:.2}%\" x2=\"{x:.2}%\" y1=\"0\" y2=\"100%\"/>"
        );
    }
    for round in rounds(view, ratio).into_iter().filter(|round| !axis.is_beyond(*round)) {
        let x = at(round);
        let _ = write!(
            svg,
            "<line class=\"round\" x1=\"{x:.2}%\" x2=\"{x:.2}%\" y1=\"22%\" y2=\"78%\"/>"
        );
    }
    let winner = match ratio.verdict {
        Verdict::Better => Some(view.palette.look(ratio.pair.ours)),
        Verdict::Worse => Some(view.palette.look(ratio.pair.theirs)),
        Verdict::NoDifference | Verdict::NotMeasured(_) => None,
    };
    let ink = winner.map_or("undecided".to_owned(), |look| format!("s{}", look.idx));
    if let Some(interval) = ratio.interval {
        let (low, high) = (at(interval.low), at(interval.high));
        let _ = write!(
            svg,
            "<line class=\"reach {ink}\" x1=\"{low:.2}%\" x2=\"{high:.2}%\" y1=\"50%\" y2=\"50%\"/>"
        );
        svg += &end(interval.low, low, axis, &ink, -1);
        svg += &end(interval.high, high, axis, &ink, 1);
    }
    // Without an interval there are one or two rounds, which the strokes show.
    if let (Some(middle), Some(_)) = (ratio.ratio, ratio.interval) {
        svg += &mark(winner, at(middle));
    }
    svg + "</svg>"
}

/// An end of an interval: a stroke, or an arrow where it goes on beyond the axis.
fn end(value: f64, at: f64, axis: &Axis, ink: &str, side: i32) -> String {
    let path = if axis.is_beyond(value) {
        format!("M{} -5L0 0L{} 5", -7 * side, -7 * side)
    } else {
        "M0 -4L0 4".to_owned()
    };
    format!(
        "<svg class=\"at\" x=\"{at:.2}%\" y=\"50%\"><path class=\"reach {ink}\" d=\"{path}\"/></svg>"
    )
}

fn mark(winner: Option<Look>, at: f64) -> String {
    let mark = match winner {
        Some(look) => format!("<path class=\"f{} mark\" d=\"{}\"/>", look.idx, look.mark.path(5.2)),
        None => "<circle class=\"undecided mark\" r=\"4.6\"/>".to_owned(),
    };
    format!("<svg class=\"at\" x=\"{at:.2}%\" y=\"50%\">{mark}</svg>")
}

/// The ratio of each round that has a value of both.
fn rounds(view: &View<'_>, ratio: &Ratio) -> Vec<f64> {
    let of = |name| view.find(ratio.metric, ratio.point, name);
    let (Some(ours), Some(theirs)) = (of(ratio.pair.ours), of(ratio.pair.theirs)) else {
        return Vec::new();
    };
    let both = ours.rounds.iter().zip(&theirs.rounds);
    let more = ratio.metric.more_is_better();
    both.filter_map(|(ours, theirs)| {
        let (ours, theirs) = ((*ours)?, (*theirs)?);
        (ours > 0.0 && theirs > 0.0).then(|| if more { theirs / ours } else { ours / theirs })
    })
    .collect()
}
