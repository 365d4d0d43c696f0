//! Latency of the open loop: its percentiles at each load, and against the load.

use super::super::results::{Experiment, Metric, Point};
use super::axis::Axis;
use super::chart::Chart;
use super::html::{escape, paragraph, section};
use super::view::{View, factors, figure, from_zero, no_figure};
use super::words;

/// The percentiles, each with its place on an axis where each step is ten times rarer; the largest
/// value has no percentile of its own, and stands one step after the last.
const PERCENTILES: [(f64, Metric, &str); 5] = [
    (0.301, Metric::LatencyP50, "50"),
    (1.0, Metric::LatencyP90, "90"),
    (2.0, Metric::LatencyP99, "99"),
    (3.0, Metric::LatencyP999, "99.9"),
    (4.0, Metric::LatencyMax, "max"),
];

/// What is drawn against the load.
const AGAINST_LOAD: [Metric; 4] =
    [Metric::LatencyP50, Metric::LatencyP99, Metric::LatencyP999, Metric::CpuPerDelivery];

/// Points at which the same candidates were sent the same rates.
struct Family<'a> {
    candidates: Vec<&'a str>,
    points: Vec<Point>,
}

/// Both sections; empty when nothing of an open loop was measured.
pub(super) fn sections(view: &View<'_>) -> String {
    let families = families(view);
    if families.is_empty() {
        return String::new();
    }
    percentiles(view, &families) + &against_load(view, &families)
}

/// The points of the open loop by who was measured there.
fn families<'a>(view: &View<'a>) -> Vec<Family<'a>> {
    let mut families: Vec<Family<'a>> = Vec::new();
    for point in view.points(Metric::LatencyP50, Experiment::Open) {
        let there = |name: &&'a String| view.find(Metric::LatencyP50, point, name).is_some();
        let names = view.results.candidates.iter().filter(there);
        let candidates: Vec<&str> = names.map(String::as_str).collect();
        let same = |family: &&mut Family<'_>| {
            family.points[0].connections == point.connections
                && family.candidates.iter().any(|name| candidates.contains(name))
        };
        match families.iter_mut().find(same) {
            Some(family) => {
                family.points.push(point);
                let new: Vec<&str> =
                    candidates.into_iter().filter(|c| !family.candidates.contains(c)).collect();
                family.candidates.extend(new);
            }
            None => families.push(Family { candidates, points: vec![point] }),
        }
    }
    // As the candidates are ordered, not as the rates are.
    let place = |family: &Family<'_>| {
        view.results.candidates.iter().position(|name| family.candidates.contains(&name.as_str()))
    };
    families.sort_by_key(|family| (family.points[0].connections, place(family)));
    families
}

fn title(family: &Family<'_>) -> String {
    let connections = words::count(family.points[0].connections);
    format!("{}: {connections} connections", family.candidates.join(", "))
}

fn percentiles(view: &View<'_>, families: &[Family<'_>]) -> String {
    let mut body = paragraph(
        "Time from the moment a line was due to be said until a member of its room had it. To the \
         right of each plot are the rare deliveries; one in a thousand is slower than 99.9. A server \
         that stalls is charged for every line that was due meanwhile. Faint dots are single runs, the \
         line joins their medians, a hollow mark says that runs are missing. Each plot has its own logarithmic scale, so that \
         candidates can be told apart at each load; how latency grows with the load is in the next section.",
    );
    for (nth, family) in families.iter().enumerate() {
        body += &format!("<h3>{}</h3>\n", escape(&title(family)));
        body += &view.legend(family.candidates.iter().copied());
        body += "<div class=\"grid three\">\n";
        for point in &family.points {
            let heading = words::load(*point);
            let lines = view.lines(&PERCENTILES.map(|(x, metric, _)| (x, metric, *point)));
            let Some(y) = factors(&lines) else {
                body += &no_figure(&heading);
                continue;
            };
            let chart = Chart {
                title: format!("Latency percentiles at {heading}"),
                description: describe(view, *point),
                size: (380, 280),
                x: Axis::at(&PERCENTILES.map(|(x, ..)| x), false),
                x_name: "percentile",
                x_tick: &|x| {
                    let near = |(at, ..): &&(f64, Metric, &str)| (at - x).abs() < 0.01;
                    PERCENTILES.iter().find(near).map_or("", |(.., name)| name).to_owned()
                },
                y,
                y_tick: &|y| words::tick(Metric::LatencyP50, y),
                lines,
                curves: Vec::new(),
                named: false,
            };
            let percent = point.load_percent.unwrap_or(0);
            let id = format!("percentiles-{nth}-{percent}");
            body += &figure(&chart, &heading, Metric::LatencyP50, &id);
        }
        body += "</div>\n";
    }
    body += &view.missing(&PERCENTILES.map(|(_, metric, _)| metric), Experiment::Open);
    section("percentiles", "Latency percentiles, load by load", &body)
}

/// The plot in words: each candidate's median and 99th percentile.
fn describe(view: &View<'_>, point: Point) -> String {
    let said = |name: &String| {
        let median = |metric| {
            let summary = view.analysis.cell(metric, point, name)?.summary?;
            Some(words::value(metric, summary.median))
        };
        let (p50, p99) = (median(Metric::LatencyP50)?, median(Metric::LatencyP99)?);
        Some(format!("{name}: p50 {p50}, p99 {p99}."))
    };
    view.results.candidates.iter().filter_map(said).collect::<Vec<_>>().join(" ")
}

fn against_load(view: &View<'_>, families: &[Family<'_>]) -> String {
    let mut body = paragraph(
        "The load is in per cent of the reference's capacity in the closed loop, and it is the same \
         number of deliveries a second for all candidates in a plot. Beyond capacity a queue grows for \
         as long as the run lasts, so latency there says how fast it grows, not what a user would see.",
    );
    for (nth, family) in families.iter().enumerate() {
        body += &format!("<h3>{}</h3>\n", escape(&title(family)));
        body += &view.legend(family.candidates.iter().copied());
        body += "<div class=\"grid two\">\n";
        for metric in AGAINST_LOAD {
            let x = |point: &Point| f64::from(point.load_percent.unwrap_or(0));
            let places: Vec<_> =
                family.points.iter().map(|point| (x(point), metric, *point)).collect();
            let lines = view.lines(&places);
            let linear = metric == Metric::CpuPerDelivery;
            let y = if linear { Some(from_zero(&lines)) } else { factors(&lines) };
            let (false, Some(y)) = (lines.is_empty(), y) else {
                body += &no_figure(words::metric(metric));
                continue;
            };
            let mut ticks: Vec<f64> = places.iter().map(|(x, ..)| *x).collect();
            ticks.dedup();
            let name = words::metric(metric);
            let scale = if linear { "" } else { ", log scale" };
            let chart = Chart {
                title: format!("{name} against load"),
                description: format!(
                    "{name} from {} to {} % load.",
                    ticks[0],
                    ticks[ticks.len() - 1]
                ),
                size: (500, 320),
                x: Axis::at(&ticks, false),
                x_name: "load, % of capacity",
                x_tick: &|x| format!("{x:.0}"),
                y,
                y_tick: &|y| words::tick(metric, y),
                lines,
                curves: Vec::new(),
                named: true,
            };
            let id = format!("load-{nth}-{metric:?}").to_lowercase();
            body += &figure(&chart, &format!("{name}{scale}"), metric, &id);
        }
        body += "</div>\n";
    }
    body += &view.missing(&AGAINST_LOAD, Experiment::Open);
    section("load", "Latency against load", &body)
}
