//! [`View`]: what the figures ask of a comparison: its series by metric and place, and what is
//! missing in them.

use std::fmt::Write as _;

use super::super::analysis::Analysis;
use super::super::results::{Experiment, Metric, Point, Results, Series};
use super::axis::Axis;
use super::chart::{Chart, Line, Stop};
use super::html::{escape, list};
use super::palette::Palette;
use super::words;

/// A comparison, and how it is drawn.
pub(super) struct View<'a> {
    /// What was measured.
    pub(super) results: &'a Results,
    /// What follows from it.
    pub(super) analysis: &'a Analysis,
    /// Who has which colour.
    pub(super) palette: Palette<'a>,
}

impl<'a> View<'a> {
    /// Of one comparison.
    pub(super) fn of(results: &'a Results, analysis: &'a Analysis) -> Self {
        Self { results, analysis, palette: Palette::of(&results.candidates) }
    }

    /// The series of a metric in an experiment.
    pub(super) fn series(
        &self,
        metric: Metric,
        experiment: Experiment,
    ) -> impl Iterator<Item = &'a Series> {
        let wanted = move |s: &&Series| s.metric == metric && s.point.experiment == experiment;
        self.results.series.iter().filter(wanted)
    }

    /// The points at which a metric was measured in an experiment, sorted, each once.
    pub(super) fn points(&self, metric: Metric, experiment: Experiment) -> Vec<Point> {
        let mut points: Vec<Point> = self.series(metric, experiment).map(|s| s.point).collect();
        points.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
        points.dedup();
        points
    }

    /// What one candidate has at one place.
    pub(super) fn find(&self, metric: Metric, point: Point, candidate: &str) -> Option<&'a Series> {
        let wanted =
            |s: &&Series| s.metric == metric && s.point == point && s.candidate == candidate;
        self.results.series.iter().find(wanted)
    }

    /// A line for each candidate that has a value of some `metric` at some of `places`, each of
    /// which is a place on the x axis with what was measured there.
    pub(super) fn lines(&self, places: &[(f64, Metric, Point)]) -> Vec<Line> {
        let line = |name: &String| {
            let stop = |&(x, metric, point): &(f64, Metric, Point)| {
                let series = self.find(metric, point, name)?;
                let runs: Vec<f64> = series.rounds.iter().flatten().copied().collect();
                let whole = runs.len() == series.rounds.len();
                Some(Stop { x, median: median(&runs), runs, whole })
            };
            let gap = |x| Stop { x, median: None, runs: Vec::new(), whole: false };
            let stops: Vec<Stop> =
                places.iter().map(|at| stop(at).unwrap_or_else(|| gap(at.0))).collect();
            let look = self.palette.look(name);
            let some = stops.iter().any(|stop| stop.median.is_some());
            some.then(|| Line { name: name.clone(), look, stops })
        };
        // The first candidate is what the page is about: it is drawn last, over the others.
        self.results.candidates.iter().rev().filter_map(line).collect()
    }

    /// The names of candidates that took part, with mark and dash.
    pub(super) fn legend<'n>(&self, names: impl Iterator<Item = &'n str>) -> String {
        let mut html = "<ul class=\"legend\">\n".to_owned();
        for name in names {
            let look = self.palette.look(name);
            let (idx, path, name) = (look.idx, look.mark.path(4.8), escape(name));
            let _ = writeln!(
                html,
                "<li><svg class=\"swatch\" width=\"38\" height=\"14\" aria-hidden=\"true\">\
                 <line class=\"s{idx}\" x1=\"0\" x2=\"38\" y1=\"7\" y2=\"7\"/>\
                 <path class=\"f{idx}\" transform=\"translate(19 7)\" d=\"{path}\"/></svg>{name}</li>",
            );
        }
        html + "</ul>\n"
    }

    /// What is missing in an experiment's runs, as far as `metrics` would have shown it: a line for
    /// each candidate and reason, or nothing. The reasons in full have their own section.
    pub(super) fn missing(&self, metrics: &[Metric], experiment: Experiment) -> String {
        let mut said = Vec::new();
        for candidate in &self.results.candidates {
            let mut gaps: Vec<(Vec<&str>, Vec<String>)> = Vec::new();
            let mut has = false;
            for series in metrics.iter().flat_map(|metric| self.series(*metric, experiment)) {
                if series.candidate != *candidate {
                    continue;
                }
                has = true;
                let Some(place) = gap(series) else { continue };
                let mut why: Vec<&str> = series.notes.iter().map(|note| brief(note)).collect();
                why.dedup();
                match gaps.iter_mut().find(|(reasons, _)| *reasons == why) {
                    Some((_, places)) if places.contains(&place) => {}
                    Some((_, places)) => places.push(place),
                    None => gaps.push((why, vec![place])),
                }
            }
            for (why, places) in gaps {
                let why =
                    if why.is_empty() { "for no given reason".to_owned() } else { why.join("; ") };
                said.push(format!("{candidate}: {}: {why}.", places.join(", ")));
            }
            if !has {
                said.push(format!("{candidate}: was not measured here."));
            }
        }
        list("missing", &said)
    }
}

/// Where a series has a gap or a note, and how large it is; `None` when it has none.
fn gap(series: &Series) -> Option<String> {
    let (all, there) = (series.rounds.len(), series.rounds.iter().flatten().count());
    if all == there && series.notes.is_empty() {
        return None;
    }
    let place = words::place(series.point);
    Some(match all - there {
        0 => place,
        gone => format!("{place} ({gone} of {all} runs missing)"),
    })
}

/// The gist of a note. That of a round tells numbers after a second colon; they are in the section
/// of what is missing.
pub(super) fn brief(note: &str) -> &str {
    let of_round = || {
        let (round, rest) = note.strip_prefix("round ")?.split_once(": ")?;
        let gist = rest.split(": ").next()?;
        round.bytes().all(|byte| byte.is_ascii_digit()).then_some(gist)
    };
    of_round().unwrap_or(note)
}

/// The middle of some values; `None` of none.
pub(super) fn median(values: &[f64]) -> Option<f64> {
    super::super::statistics::Summary::of(values).map(|summary| summary.median)
}

/// An axis from zero for lines: it holds every median, and the runs up to twice the largest of them,
/// so that one outlier does not press all else flat.
pub(super) fn from_zero(lines: &[Line]) -> Axis {
    let stops = || lines.iter().flat_map(|line| &line.stops);
    let top = stops().filter_map(|stop| stop.median).fold(0.0, f64::max);
    let runs = stops().flat_map(|stop| &stop.runs).copied();
    Axis::from_zero(runs.filter(|run| *run <= 2.0 * top).fold(top, f64::max))
}

/// An axis of factors for lines: it holds every run. `None` when nothing can be shown.
pub(super) fn factors(lines: &[Line]) -> Option<Axis> {
    let stops = lines.iter().flat_map(|line| &line.stops);
    Axis::factors(stops.flat_map(|stop| stop.runs.iter().copied()))
}

/// In the place of a chart that would be empty.
pub(super) fn no_figure(heading: &str) -> String {
    let heading = escape(heading);
    format!(
        "<figure>\n<figcaption>{heading}</figcaption>\n<p class=\"nothing\">No run of any candidate can be \
         used.</p>\n</figure>\n"
    )
}

/// A chart with its heading and, where runs lie beyond the axis, a line that says so.
pub(super) fn figure(chart: &Chart<'_>, heading: &str, metric: Metric, id: &str) -> String {
    let beyond = match chart.beyond() {
        (count, Some((name, farthest))) => {
            let farthest = words::value(metric, farthest);
            format!(
                "<p class=\"beyond\">{count} {} beyond the axis, drawn as an arrow at its edge; the \
                 farthest: {farthest} ({}).</p>\n",
                if count == 1 { "run lies" } else { "runs lie" },
                escape(name)
            )
        }
        _ => String::new(),
    };
    let heading = escape(heading);
    let svg = chart.svg(id);
    format!(
        "<figure id=\"{id}\">\n<figcaption>{heading}</figcaption>\n<div class=\"scroll\">{svg}</div>\n\
         {beyond}</figure>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_cut_to_its_gist() {
        assert_eq!(
            brief("round 12: the generator was the limit: mean 4 us"),
            "the generator was the limit"
        );
        assert_eq!(brief("round about: late"), "round about: late");
        assert_eq!(brief("too few runs: 2"), "too few runs: 2");
        assert_eq!(brief("no such file"), "no such file");
    }
}
