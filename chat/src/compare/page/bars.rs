//! Memory of a connection, and the time to start and to stop: bars over the range of their runs.

use std::fmt::Write as _;

use super::super::results::{Experiment, Metric, Point, Series};
use super::axis::Axis;
use super::html::{escape, paragraph, section};
use super::view::{View, median};
use super::words;

/// The section about memory.
pub(super) fn memory(view: &View<'_>) -> String {
    let metrics = [Metric::HeapPerConnection, Metric::RssPerConnection];
    of(
        view,
        ("memory", "Memory of a connection"),
        "With every client registered and silent. Heap is what the server's allocator has handed out \
         and not got back, divided by the connections; resident memory is what the kernel counts, the \
         allocator's spare pages with it. The whisker reaches from the smallest run to the largest.",
        &metrics,
        Experiment::Idle,
    )
}

/// The section about starting and stopping.
pub(super) fn life(view: &View<'_>) -> String {
    let metrics = [Metric::Start, Metric::Shutdown];
    of(
        view,
        ("life", "Starting and stopping"),
        "Start is from starting the process until it listens, shutdown from SIGTERM until the process \
         has ended, with its clients connected. The whisker reaches from the smallest run to the largest.",
        &metrics,
        Experiment::Life,
    )
}

fn of(
    view: &View<'_>,
    (id, heading): (&str, &str),
    about: &str,
    metrics: &[Metric],
    experiment: Experiment,
) -> String {
    let mut plots = String::new();
    for metric in metrics {
        for point in view.points(*metric, experiment) {
            plots += &table(view, *metric, point);
        }
    }
    if plots.is_empty() {
        return String::new();
    }
    let missing = view.missing(metrics, experiment);
    let about = paragraph(about);
    section(id, heading, &format!("{about}<div class=\"grid two\">\n{plots}</div>\n{missing}"))
}

/// One metric at one point: a row for each candidate.
fn table(view: &View<'_>, metric: Metric, point: Point) -> String {
    let of = |name: &String| view.find(metric, point, name);
    let series: Vec<&Series> = view.results.candidates.iter().filter_map(of).collect();
    let runs = || series.iter().flat_map(|series| series.rounds.iter().flatten().copied());
    let medians = series
        .iter()
        .filter_map(|series| median(&series.rounds.iter().flatten().copied().collect::<Vec<_>>()));
    let top = medians.fold(0.0, f64::max);
    let axis = Axis::from_zero(runs().filter(|run| *run <= 2.0 * top).fold(top, f64::max));
    let caption = format!("{}, {} (less is better)", words::metric(metric), words::point(point));
    let mut html = format!(
        "<table class=\"bars\">\n<caption>{}</caption>\n<thead><tr><th scope=\"col\">candidate</th>\
         <th scope=\"col\" class=\"plot\"><span class=\"unseen\">from zero</span></th>\
         <th scope=\"col\" class=\"number\">median</th>\
         <th scope=\"col\" class=\"number\">smallest to largest</th></tr></thead>\n<tbody>\n",
        escape(&caption)
    );
    for series in series {
        html += &row(view, series, &axis);
    }
    html + "</tbody></table>\n"
}

fn row(view: &View<'_>, series: &Series, axis: &Axis) -> String {
    let runs: Vec<f64> = series.rounds.iter().flatten().copied().collect();
    let name = escape(&series.candidate);
    let Some(middle) = median(&runs) else {
        return format!(
            "<tr><th scope=\"row\">{name}</th><td class=\"plot\"></td>\
             <td colspan=\"2\" class=\"none\">no run can be used</td></tr>\n"
        );
    };
    let (low, high) =
        runs.iter().fold((f64::INFINITY, 0.0_f64), |(l, h), run| (l.min(*run), h.max(*run)));
    let value = |value| words::value(series.metric, value);
    let idx = view.palette.look(&series.candidate).idx;
    format!(
        "<tr><th scope=\"row\">{name}</th><td class=\"plot\">{}</td><td class=\"number\">{}</td>\
         <td class=\"number\">{} to {}</td></tr>\n",
        bar(idx, axis, middle, (low, high), &runs),
        value(middle),
        value(low),
        value(high)
    )
}

/// The bar, its whisker, and each run as a dot.
fn bar(idx: u8, axis: &Axis, median: f64, (low, high): (f64, f64), runs: &[f64]) -> String {
    let at = |value: f64| format!("{:.2}%", 100.0 * axis.share(value));
    let width = at(median);
    let mut svg = format!(
        "<svg class=\"cell\" aria-hidden=\"true\"><rect class=\"f{idx} bar\" x=\"0\" y=\"20%\" \
         height=\"60%\" width=\"{width}\"/>"
    );
    // A String takes all that is written to it.
    let (low, high_at) = (at(low), at(high));
    let _ = write!(
        svg,
        "<line class=\"whisker\" x1=\"{low}\" x2=\"{high_at}\" y1=\"50%\" y2=\"50%\"/>\
         <line class=\"whisker\" x1=\"{low}\" x2=\"{low}\" y1=\"35%\" y2=\"65%\"/>",
    );
    if axis.is_beyond(high) {
        svg += "<svg class=\"at\" x=\"100%\" y=\"50%\"><path class=\"tip\" d=\"M0 0L-8 -5L-8 5Z\"/></svg>";
    } else {
        let _ = write!(
            svg,
            "<line class=\"whisker\" x1=\"{high_at}\" x2=\"{high_at}\" y1=\"35%\" y2=\"65%\"/>"
        );
    }
    for run in runs.iter().filter(|run| !axis.is_beyond(**run)) {
        let _ = write!(svg, "<circle class=\"run\" cx=\"{}\" cy=\"50%\" r=\"2\"/>", at(*run));
    }
    svg + "</svg>"
}
