//! Throughput and cost of the closed loop, against the number of connections.

use super::super::results::{Experiment, Metric};
use super::axis::Axis;
use super::chart::Chart;
use super::html::{paragraph, section};
use super::view::{View, figure, from_zero};
use super::words;

/// What is drawn.
const METRICS: [Metric; 4] = [
    Metric::Throughput,
    Metric::CpuPerDelivery,
    Metric::UserCpuPerDelivery,
    Metric::SwitchesPerDelivery,
];

/// The section; empty when no closed loop was measured.
pub(super) fn sections(view: &View<'_>) -> String {
    let mut plots = String::new();
    for metric in METRICS {
        let points = view.points(metric, Experiment::Closed);
        let places: Vec<_> =
            points.iter().map(|point| (point.connections as f64, metric, *point)).collect();
        let lines = view.lines(&places);
        if lines.is_empty() {
            continue;
        }
        let ticks: Vec<f64> = places.iter().map(|(x, ..)| *x).collect();
        let name = words::metric(metric);
        let better = if metric.more_is_better() { "more is better" } else { "less is better" };
        let ends = (words::count(ticks[0] as usize), words::count(ticks[ticks.len() - 1] as usize));
        let chart = Chart {
            title: format!("{name} against connections"),
            description: format!("{name} at {} to {} connections; {better}.", ends.0, ends.1),
            size: (500, 340),
            x: Axis::at(&ticks, true),
            x_name: "connections, log scale",
            x_tick: &|x| words::count(x as usize),
            y: from_zero(&lines),
            y_tick: &|y| words::tick(metric, y),
            lines,
            curves: Vec::new(),
            named: true,
        };
        let id = format!("connections-{metric:?}").to_lowercase();
        plots += &figure(&chart, &format!("{name} ({better})"), metric, &id);
    }
    if plots.is_empty() {
        return String::new();
    }
    let body = paragraph(
        "Every room says its next line as soon as all its members have the last one: the server is \
         never idle, and never more than one line a room behind. The floor is the same server core in a \
         bare event loop on one thread: there, what lies above it is what a runtime costs. \
         Candidates with several workers can use more cores, and pay for their coordination.",
    );
    let legend = view.legend(view.results.candidates.iter().map(String::as_str));
    let missing = view.missing(&METRICS, Experiment::Closed);
    section(
        "connections",
        "Throughput and CPU, by number of connections",
        &format!("{body}{legend}<div class=\"grid two\">\n{plots}</div>\n{missing}"),
    )
}
