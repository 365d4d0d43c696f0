//! [`Chart`]: lines over an axis, with every run behind its median, as SVG that follows the theme.
//!
//! plotters lays out the axes and writes the SVG, in inks that the page's style sheet colours ([`Ink`]).
//! It knows whole pixels only, so a chart is drawn [`FINE`] times as large as it is shown.

use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::axis::Axis;
use super::html::escape;
use super::ink::{Ink, themed};
use super::palette::Look;

/// How many units of the drawing are a pixel at the size at which it is meant to be seen.
pub(super) const FINE: u32 = 4;

/// The size of text in pixels: still 12 when a chart is shown at nine tenths of its size.
const TEXT_PX: f64 = 13.5;

/// One picture.
pub(super) struct Chart<'a> {
    /// What a screen reader says first; the page's own text repeats it for the eye.
    pub(super) title: String,
    /// What it shows, in a sentence or two, for who cannot see it.
    pub(super) description: String,
    /// Width and height in pixels.
    pub(super) size: (u32, u32),
    /// From left to right.
    pub(super) x: Axis,
    /// What `x` is, under the axis.
    pub(super) x_name: &'a str,
    /// The label of a tick of `x`.
    pub(super) x_tick: &'a dyn Fn(f64) -> String,
    /// From bottom to top.
    pub(super) y: Axis,
    /// The label of a tick of `y`.
    pub(super) y_tick: &'a dyn Fn(f64) -> String,
    /// Whose values; the last is drawn over the others.
    pub(super) lines: Vec<Line>,
    /// Thin lines without marks, behind the others: what a model says.
    pub(super) curves: Vec<(Look, Vec<(f64, f64)>)>,
    /// Whether each line has its name at its end.
    pub(super) named: bool,
}

/// The values of one candidate.
pub(super) struct Line {
    /// Whose.
    pub(super) name: String,
    /// How it is drawn.
    pub(super) look: Look,
    /// From left to right.
    pub(super) stops: Vec<Stop>,
}

impl Line {
    /// The same marks without the line between them.
    pub(super) fn unjoined(mut self) -> Self {
        let gap = |x| Stop { x, median: None, runs: Vec::new(), whole: true };
        self.stops = self.stops.into_iter().flat_map(|stop| [gap(stop.x), stop]).collect();
        self
    }
}

/// The values at one place.
pub(super) struct Stop {
    /// The place on the `x` axis.
    pub(super) x: f64,
    /// The middle of the runs; `None` leaves a gap in the line.
    pub(super) median: Option<f64>,
    /// Every run.
    pub(super) runs: Vec<f64>,
    /// Whether no run is missing; the mark is hollow otherwise.
    pub(super) whole: bool,
}

type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;
type Drawn = Result<(), Box<dyn std::error::Error>>;

impl Chart<'_> {
    /// As an `svg` element. `id` is its own on the page.
    pub(super) fn svg(&self, id: &str) -> String {
        let (width, height) = (self.size.0 * FINE, self.size.1 * FINE);
        let mut drawing = String::new();
        let area = SVGBackend::with_string(&mut drawing, (width, height)).into_drawing_area();
        // What can fail is writing to a file, and this writes to a string.
        self.draw(&area).expect("drawing to a string does not fail");
        drop(area);
        let inside = drawing.split_once('>').map_or("", |(_, inside)| inside);
        let (title, description) = (escape(&self.title), escape(&self.description));
        format!(
            "<svg class=\"chart\" role=\"img\" aria-labelledby=\"{id}-t {id}-d\" \
             viewBox=\"0 0 {width} {height}\">\n<title id=\"{id}-t\">{title}</title>\n\
             <desc id=\"{id}-d\">{description}</desc>{}",
            themed(inside)
        )
    }

    /// How many runs lie beyond the `y` axis, and the farthest of them.
    pub(super) fn beyond(&self) -> (usize, Option<(&str, f64)>) {
        let runs = self.lines.iter().flat_map(|line| {
            let runs = line.stops.iter().flat_map(|stop| &stop.runs);
            runs.map(move |run| (line.name.as_str(), *run))
        });
        let beyond: Vec<_> = runs.filter(|(_, run)| self.y.is_beyond(*run)).collect();
        (beyond.len(), beyond.into_iter().max_by(|a, b| a.1.total_cmp(&b.1)))
    }

    fn draw(&self, area: &Area<'_>) -> Drawn {
        let fine = |px: u32| px * FINE;
        let longest = self.lines.iter().map(|line| line.name.chars().count()).max().unwrap_or(0);
        let room = if self.named { 18 + 8 * u32::try_from(longest).unwrap_or(20) } else { 16 };
        let mut chart = ChartBuilder::on(area)
            .margin_top(fine(10))
            .margin_right(fine(room))
            .x_label_area_size(fine(44))
            .y_label_area_size(fine(62))
            .build_cartesian_2d(self.x.clone(), self.y.clone())?;
        chart
            .configure_mesh()
            .bold_line_style(Ink::Grid.code().stroke_width(FINE))
            .light_line_style(TRANSPARENT)
            .axis_style(Ink::Grid.code().stroke_width(FINE))
            .set_all_tick_mark_size(fine(5))
            .label_style(text(Ink::Text))
            .x_desc(self.x_name)
            .x_label_formatter(&|place| (self.x_tick)(*place))
            .y_label_formatter(&|place| (self.y_tick)(*place))
            .draw()?;
        let place = |x: f64, y: f64| chart.backend_coord(&(x, y));
        for (look, curve) in &self.curves {
            let path: Vec<_> = curve.iter().map(|(x, y)| place(*x, *y)).collect();
            area.draw(&PathElement::new(path, Ink::Of(*look).code().mix(0.7).stroke_width(FINE)))?;
        }
        for (idx, line) in self.lines.iter().enumerate() {
            // Side by side, so that the runs of one candidate do not hide those of another.
            let aside = (2 * idx as i32 + 1 - self.lines.len() as i32) * FINE as i32 * 3 / 2;
            draw_runs(area, line, aside, &self.y, &place)?;
        }
        for line in &self.lines {
            draw_line(area, line, &place)?;
        }
        if self.named {
            draw_names(area, &self.lines, &place)?;
        }
        area.present()?;
        Ok(())
    }
}

/// An axis as plotters asks for it.
impl Ranged for Axis {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (start, end): (i32, i32)) -> i32 {
        start + (f64::from(end - start) * self.share(*value)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() { Vec::new() } else { self.ticks.clone() }
    }

    fn range(&self) -> std::ops::Range<f64> {
        self.low..self.high
    }
}

fn text(ink: Ink) -> TextStyle<'static> {
    // plotters divides by 1.24, the height of a line over that of a letter.
    let size = TEXT_PX * f64::from(FINE) * 1.24;
    let style = TextStyle::from(("sans-serif", size).into_font());
    TextStyle { color: ink.code().to_backend_color(), ..style }
}

/// Every run, faintly; a run beyond the axis is a small arrow at its edge.
fn draw_runs(
    area: &Area<'_>,
    line: &Line,
    aside: i32,
    y: &Axis,
    place: &impl Fn(f64, f64) -> (i32, i32),
) -> Drawn {
    let faint = Ink::Of(line.look).code().mix(0.4);
    for stop in &line.stops {
        for run in &stop.runs {
            let (px, py) = place(stop.x, *run);
            let at = (px + aside, py);
            if y.is_beyond(*run) {
                let (wide, high) = (4 * FINE as i32, if *run > y.high { 7 } else { -7 });
                let foot = at.1 + high * FINE as i32;
                let arrow = vec![at, (at.0 - wide, foot), (at.0 + wide, foot)];
                area.draw(&Polygon::new(arrow, Ink::Of(line.look).code().filled()))?;
            } else {
                area.draw(&Circle::new(at, 2 * FINE, faint.filled()))?;
            }
        }
    }
    Ok(())
}

/// The medians, joined where they are neighbours, and their marks.
fn draw_line(area: &Area<'_>, line: &Line, place: &impl Fn(f64, f64) -> (i32, i32)) -> Drawn {
    let ink = Ink::Of(line.look).code();
    for joined in line.stops.split(|stop| stop.median.is_none()) {
        let at = |stop: &Stop| place(stop.x, stop.median.expect("split at those without"));
        let path: Vec<_> = joined.iter().map(at).collect();
        if path.len() > 1 {
            area.draw(&PathElement::new(path, ink.stroke_width(2 * FINE)))?;
        }
    }
    for stop in &line.stops {
        let Some(median) = stop.median else { continue };
        let (x, y) = place(stop.x, median);
        let mark = |radius: f64| -> Vec<(i32, i32)> {
            let corners = line.look.mark.corners(radius * f64::from(FINE)).into_iter();
            corners.map(|(dx, dy)| (x + dx.round() as i32, y + dy.round() as i32)).collect()
        };
        // A rim of the ground keeps marks apart that lie on each other.
        area.draw(&Polygon::new(mark(6.0), Ink::Ground.code().filled()))?;
        area.draw(&Polygon::new(mark(4.8), ink.filled()))?;
        if !stop.whole {
            area.draw(&Polygon::new(mark(2.6), Ink::Ground.code().filled()))?;
        }
    }
    Ok(())
}

/// Each line's name right of its last median, moved apart where they would overlap.
fn draw_names(area: &Area<'_>, lines: &[Line], place: &impl Fn(f64, f64) -> (i32, i32)) -> Drawn {
    let end = |line: &Line| {
        let last = line.stops.iter().rev().find_map(|stop| Some((stop.x, stop.median?)))?;
        Some(place(last.0, last.1))
    };
    let mut ends: Vec<_> = lines.iter().filter_map(|line| Some((end(line)?, line))).collect();
    ends.sort_by_key(|((_, y), _)| *y);
    let heights: Vec<i32> = ends.iter().map(|((_, y), _)| *y).collect();
    let floor = area.dim_in_pixel().1 as i32 - 50 * FINE as i32;
    let apart = spread(&heights, (TEXT_PX * 1.1 * f64::from(FINE)) as i32, floor);
    for (((x, y), line), shown) in ends.iter().zip(apart) {
        let ink = Ink::Of(line.look);
        let gap = |px: i32| x + px * FINE as i32;
        if (shown - y).abs() > FINE as i32 {
            let lead = vec![(gap(8), *y), (gap(13), shown)];
            area.draw(&PathElement::new(lead, ink.code().mix(0.6).stroke_width(FINE)))?;
        }
        let style = text(ink).pos(Pos::new(HPos::Left, VPos::Center));
        area.draw(&Text::new(line.name.clone(), (gap(15), shown), style))?;
    }
    Ok(())
}

/// Sorted places, moved as little as it takes for each to be `step` below the last, and none below
/// `floor`, as long as there is room.
fn spread(places: &[i32], step: i32, floor: i32) -> Vec<i32> {
    let mut apart = places.to_vec();
    for idx in 1..apart.len() {
        apart[idx] = apart[idx].max(apart[idx - 1] + step);
    }
    let mut lowest = floor.max(places.last().copied().unwrap_or(floor));
    for place in apart.iter_mut().rev() {
        *place = (*place).min(lowest);
        lowest = *place - step;
    }
    apart
}

#[cfg(test)]
mod tests {
    use super::super::palette::Palette;
    use super::*;

    fn chart(lines: Vec<Line>) -> String {
        let (x, y) = (Axis::at(&[10.0, 100.0], true), Axis::from_zero(100.0));
        let tick = |value: f64| format!("{value:.0}");
        let (title, description) = ("a < b".to_owned(), "c & d".to_owned());
        let (x_tick, y_tick) = (&tick, &tick);
        let size = (400, 300);
        let x_name = "connections";
        let (curves, named) = (Vec::new(), true);
        Chart { title, description, size, x, x_name, x_tick, y, y_tick, lines, curves, named }
            .svg("one")
    }

    fn line(name: &str, stops: Vec<Stop>) -> Line {
        Line { name: name.to_owned(), look: Palette::of(&[]).look(name), stops }
    }

    fn stop(x: f64, median: Option<f64>, runs: &[f64]) -> Stop {
        Stop { x, median, runs: runs.to_vec(), whole: true }
    }

    #[test]
    fn a_chart_has_no_colour_of_its_own() {
        let stops = vec![stop(10.0, Some(40.0), &[39.0, 42.0]), stop(100.0, Some(50.0), &[900.0])];
        let svg = chart(vec![line("tokio", stops)]);
        assert!(!svg.contains("#"), "{svg}");
        assert!(svg.contains("var(--c1)") && svg.contains("var(--grid)"));
        assert!(!svg.contains("rgb"), "{svg}");
    }

    #[test]
    fn names_and_titles_are_escaped() {
        let stops = vec![stop(10.0, Some(40.0), &[]), stop(100.0, Some(50.0), &[])];
        let svg = chart(vec![line("<evil>", stops)]);
        assert!(svg.contains("a &lt; b</title>") && svg.contains("c &amp; d</desc>"));
        assert!(svg.contains("&lt;evil&gt;") && !svg.contains("<evil>"));
        assert_eq!(svg.matches("<svg").count(), 1);
        assert_eq!(svg.matches("</svg>").count(), 1);
    }

    #[test]
    fn a_missing_median_leaves_a_gap() {
        let whole = (1..=4).map(|n| stop(f64::from(n) * 20.0, Some(50.0), &[])).collect();
        let torn = (1..=4)
            .map(|n| stop(f64::from(n) * 20.0, (n != 2).then_some(50.0), &[]))
            .collect::<Vec<_>>();
        let points = |svg: &str| {
            let lines: Vec<&str> =
                svg.lines().filter(|l| l.starts_with("<polyline") && l.contains("--c0")).collect();
            lines.iter().map(|line| line.matches(',').count()).collect::<Vec<_>>()
        };
        assert_eq!(points(&chart(vec![line("mini", whole)])), [4]);
        // The first stands alone, which is a mark without a line.
        assert_eq!(points(&chart(vec![line("mini", torn)])), [2]);
    }

    #[test]
    fn names_are_moved_apart_and_stay_inside() {
        assert_eq!(spread(&[10, 12, 90], 10, 100), [10, 20, 90]);
        assert_eq!(spread(&[95, 96, 97], 10, 100), [80, 90, 100]);
        assert_eq!(spread(&[], 10, 100), [0; 0]);
    }
}
