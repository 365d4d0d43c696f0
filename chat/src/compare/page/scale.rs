//! Simulated scale: the model's curves over what was measured, its error, and what it says of
//! machines and crowds that nobody had here.

use std::fmt::Write as _;

use super::super::model::{Limit, Prediction, Scale};
use super::super::results::{Experiment, Metric};
use super::axis::Axis;
use super::chart::Chart;
use super::html::{escape, list, paragraph, section};
use super::view::{View, figure};
use super::words;

/// How many points a curve is drawn through.
const STEPS: u32 = 40;

/// The section; a sentence when there is no model.
pub(super) fn sections(view: &View<'_>) -> String {
    let heading = "Simulated scale: one core, sixteen cores, a million connections";
    let Some(scale) = &view.analysis.scale else {
        let none = "Too little was measured to fit a model: it takes CPU per delivery at two numbers of \
                    connections.";
        return section("scale", heading, &paragraph(none));
    };
    let mut body = paragraph(
        "Nobody ran this. The thin curves are a model fitted to the measured CPU per delivery, the marks; \
         right of the last mark they are an extrapolation. The model was first fitted without the largest \
         crowd and asked for it: the error of that is the best that is known of how far to trust it.",
    );
    body += &view.legend(scale.candidates.iter().map(|scaled| scaled.candidate.as_str()));
    body += "<div class=\"grid two\">\n";
    body += &curves(view, scale);
    let granted = list("plain", &scale.assumptions);
    let _ = write!(body, "<div>\n<h3>Taken for granted</h3>\n{granted}</div>\n</div>\n"); // a String takes all
    body += &checks(scale);
    body += &predictions(scale);
    section("scale", heading, &body)
}

fn curves(view: &View<'_>, scale: &Scale) -> String {
    let metric = Metric::CpuPerDelivery;
    let points = view.points(metric, Experiment::Closed);
    let places: Vec<_> =
        points.iter().map(|point| (point.connections as f64, metric, *point)).collect();
    let mut lines = view.lines(&places);
    lines.retain(|line| scale.candidates.iter().any(|scaled| scaled.candidate == line.name));
    let asked = scale.candidates.iter().flat_map(|scaled| &scaled.predictions);
    let largest = asked.map(|prediction| prediction.connections).max().unwrap_or(1);
    let smallest = points.first().map_or(1, |point| point.connections).max(1);
    let steps = (largest as f64 / smallest as f64).max(1.0);
    let curve = |cpu: &super::super::model::Curve| -> Vec<(f64, f64)> {
        let at = |step: u32| {
            let n = smallest as f64 * steps.powf(f64::from(step) / f64::from(STEPS));
            (n, cpu.at(n as usize))
        };
        (0..=STEPS).map(at).collect()
    };
    let curves: Vec<_> = scale
        .candidates
        .iter()
        .map(|scaled| (view.palette.look(&scaled.candidate), curve(&scaled.cpu)))
        .collect();
    let top = curves.iter().flat_map(|(_, curve)| curve).map(|(_, y)| *y);
    let top = top.chain(lines.iter().flat_map(|l| &l.stops).filter_map(|s| s.median));
    let y = Axis::from_zero(top.fold(0.0, f64::max));
    // Joining the marks as well would hide how far they are from the curve.
    let lines = lines.into_iter().map(super::chart::Line::unjoined).collect();
    let decades = (smallest as f64).log10().ceil() as i32..=(largest as f64).log10().floor() as i32;
    let mut x = Axis::at(&[smallest as f64, largest as f64], true);
    x.ticks = decades.map(|power| 10_f64.powi(power)).collect();
    let chart = Chart {
        title: "CPU per delivery, measured and by the model".to_owned(),
        description: format!(
            "Curves up to {} connections over the measured medians.",
            words::count(largest)
        ),
        size: (500, 340),
        x,
        x_name: "connections, log scale",
        x_tick: &|x| words::count(x as usize),
        y,
        y_tick: &|y| words::tick(metric, y),
        lines,
        curves,
        named: false,
    };
    figure(&chart, "CPU per delivery: measured (marks), model (curves)", metric, "scale-cpu")
}

/// The model of each candidate against the point that it had not seen.
fn checks(scale: &Scale) -> String {
    let mut html = "<div class=\"scroll\"><table class=\"plain\">\n<caption>The model against the largest \
                    crowd, which it had not seen</caption>\n<thead><tr><th scope=\"col\">candidate</th>\
                    <th scope=\"col\" class=\"number\">CPU at n connections, ns</th>\
                    <th scope=\"col\" class=\"number\">asked for</th>\
                    <th scope=\"col\" class=\"number\">predicted</th>\
                    <th scope=\"col\" class=\"number\">measured</th>\
                    <th scope=\"col\" class=\"number\">error</th></tr></thead>\n<tbody>\n"
        .to_owned();
    for scaled in &scale.candidates {
        let ns = |ns: f64| words::value(Metric::CpuPerDelivery, ns);
        let formula = scaled.cpu.formula();
        let check = scaled.check.map_or_else(
            || "<td colspan=\"4\" class=\"none\">too few points to leave one out</td>".to_owned(),
            |check| {
                let cell = |text: String| format!("<td class=\"number\">{text}</td>");
                cell(words::count(check.connections))
                    + &cell(ns(check.predicted_ns))
                    + &cell(ns(check.measured_ns))
                    + &cell(format!("{:+.1} %", 100.0 * check.error()).replace('-', "−"))
            },
        );
        let name = escape(&scaled.candidate);
        let _ = writeln!(
            html,
            "<tr><th scope=\"row\">{name}</th><td class=\"number\">{formula}</td>{check}</tr>"
        );
    }
    html + "</tbody></table></div>\n"
}

/// A row for each machine and crowd, a column for each candidate.
fn predictions(scale: &Scale) -> String {
    let mut html = "<div class=\"scroll\"><table class=\"plain\">\n<caption>By the model: the most \
                    deliveries in a second and what bounds them, heap and resident memory of all connections\
                    </caption>\n<thead><tr><th scope=\"col\">machine and crowd</th>"
        .to_owned();
    for scaled in &scale.candidates {
        let name = escape(&scaled.candidate);
        let _ = write!(html, "<th scope=\"col\" class=\"number\">{name}</th>");
    }
    html += "</tr></thead>\n<tbody>\n";
    let asked = scale.candidates.first().map_or(&[][..], |scaled| &scaled.predictions);
    for (idx, asked) in asked.iter().enumerate() {
        let cores = if asked.cores == 1 { "core" } else { "cores" };
        let crowd = words::count(asked.connections);
        let _ =
            write!(html, "<tr><th scope=\"row\">{} {cores}, {crowd} connections</th>", asked.cores);
        for scaled in &scale.candidates {
            let cell = scaled.predictions.get(idx).map_or_else(|| "—".to_owned(), prediction);
            let _ = write!(html, "<td class=\"number\">{cell}</td>");
        }
        html += "</tr>\n";
    }
    html + "</tbody></table></div>\n"
}

fn prediction(prediction: &Prediction) -> String {
    let rate = words::value(Metric::Throughput, prediction.deliveries_per_second);
    let limit = match prediction.limit {
        Limit::Cores => "all cores busy",
        Limit::OneThread => "one thread busy",
        Limit::Lock => "waits for the core's lock",
    };
    let memory = |bytes: Option<f64>, what: &str| {
        let bytes = words::value(Metric::HeapPerConnection, bytes?);
        Some(format!("{bytes} {what}"))
    };
    let memory = [memory(prediction.heap_bytes, "heap"), memory(prediction.rss_bytes, "resident")];
    let memory: Vec<String> = memory.into_iter().flatten().collect();
    let memory =
        if memory.is_empty() { String::new() } else { format!("<br>{}", memory.join("<br>")) };
    format!("{rate}<br><small>{limit}{memory}</small>")
}
