//! The full table: every number that was measured, as median and range.

use std::fmt::Write as _;

use super::super::analysis::Cell;
use super::super::results::{Metric, Point};
use super::html::{escape, paragraph, section};
use super::view::View;
use super::words;

/// The section.
pub(super) fn sections(view: &View<'_>) -> String {
    let candidates = &view.results.candidates;
    let mut body = paragraph(
        "The median of the rounds, and under it the smallest and the largest. Where runs are missing, it \
         says how many are left; why they are missing stands in the next section. Candidates with one \
         thread have a capacity of their own, so the same load may be another rate, which is then said. \
         A dash: was not measured.",
    );
    body += "<div class=\"scroll\"><table class=\"plain cells\">\n<caption class=\"unseen\">All medians and \
             ranges</caption>\n<thead><tr><th scope=\"col\">measured</th>";
    for name in candidates {
        let _ = write!(body, "<th scope=\"col\" class=\"number\">{}</th>", escape(name));
    }
    body += "</tr></thead>\n<tbody>\n";
    let mut last = None;
    for (metric, point) in places(view) {
        let group = (point.experiment, metric);
        if last.replace(group) != Some(group) {
            let _ = writeln!(
                body,
                "<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"{}\">{}</th></tr>",
                candidates.len() + 1,
                words::metric(metric)
            );
        }
        let name = words::point(Point { rate: None, ..point });
        let _ = write!(body, "<tr><th scope=\"row\">{}</th>", escape(&name));
        for name in candidates {
            let wanted = |cell: &&Cell| {
                cell.metric == metric && cell.point.is_like(&point) && cell.candidate == *name
            };
            body += &cell(view.analysis.cells.iter().find(wanted));
        }
        body += "</tr>\n";
    }
    body += "</tbody></table></div>\n";
    section("table", "Every number", &body)
}

/// What was measured of anyone, by experiment, metric and load; rates do not matter.
fn places(view: &View<'_>) -> Vec<(Metric, Point)> {
    let mut places: Vec<(Metric, Point)> =
        view.analysis.cells.iter().map(|cell| (cell.metric, cell.point)).collect();
    let key = |(metric, point): &(Metric, Point)| {
        (point.experiment, *metric, point.connections, point.load_percent)
    };
    places.sort_by_key(key);
    places.dedup_by_key(|place| key(place));
    places
}

fn cell(cell: Option<&Cell>) -> String {
    let Some(cell) = cell else {
        return "<td class=\"number none\">—</td>".to_owned();
    };
    let Some(summary) = cell.summary else {
        return "<td class=\"number none\">no usable run</td>".to_owned();
    };
    let value = |value| words::value(cell.metric, value);
    let mut beside = Vec::new();
    if summary.n > 1 {
        beside.push(format!("{} to {}", value(summary.min), value(summary.max)));
    }
    if let Some(rate) = cell.point.rate {
        beside.push(format!("at {}", words::value(Metric::Throughput, rate)));
    }
    if summary.n < cell.rounds {
        beside.push(format!("{} of {} runs", summary.n, cell.rounds));
    }
    let (median, beside) = (value(summary.median), beside.join("<br>"));
    format!("<td class=\"number\">{median}<br><small>{beside}</small></td>")
}
