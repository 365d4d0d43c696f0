//! The gist as one picture: the main ratios of mini-rt over Tokio, with their intervals.
//!
//! It is shown as an image, away from the page and its style sheet, so it brings its own, and writes
//! out each colour for both themes. It is drawn by hand: plotters knows neither.

use std::fmt::Write as _;

use super::super::analysis::{Ratio, Verdict};
use super::axis::Axis;
use super::forest::{axis_of, cost, main_ratios};
use super::html::escape;
use super::palette::Look;
use super::verdict::is_main;
use super::view::View;
use super::words;

/// The width, and where the plot lies in it, in pixels.
const WIDTH: f64 = 840.0;
const PLOT: (f64, f64) = (324.0, 664.0);

/// The height of a row.
const ROW: f64 = 26.0;

/// Where the first row starts.
const TOP: f64 = 112.0;

/// One pair after the other, on one axis.
pub(super) fn render(view: &View<'_>) -> String {
    let pairs: Vec<Vec<&Ratio>> = view
        .analysis
        .tallies
        .iter()
        .filter(|tally| is_main(tally.pair))
        .map(|tally| main_ratios(view, tally.pair))
        .filter(|ratios| !ratios.is_empty())
        .collect();
    let all: Vec<&Ratio> = pairs.iter().flatten().copied().collect();
    let axis = axis_of(&all);
    let rows = pairs.iter().map(|ratios| ratios.len() as f64 + 1.3).sum::<f64>().max(1.0);
    let height = TOP + rows * ROW + 12.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height:.0}\" \
         width=\"{WIDTH}\" height=\"{height:.0}\" role=\"img\" aria-labelledby=\"title desc\">\n\
         <title id=\"title\">Costs of mini-rt over those of Tokio, with 95 % intervals</title>\n\
         <desc id=\"desc\">{}</desc>\n<style>\n{}</style>\n\
         <rect class=\"ground\" width=\"{WIDTH}\" height=\"{height:.0}\" rx=\"8\"/>\n",
        escape(&described(&all)),
        style(view, &all)
    );
    svg += &head(&axis, height);
    if all.is_empty() {
        let _ = writeln!(svg, "<text x=\"24\" y=\"{}\">No ratio was measured.</text>", TOP + ROW);
    }
    let mut y = TOP;
    for ratios in &pairs {
        let pair = escape(&ratios[0].pair.name());
        let _ =
            writeln!(svg, "<text class=\"pair\" x=\"24\" y=\"{:.1}\">{pair}</text>", y + 0.8 * ROW);
        y += 1.3 * ROW;
        for ratio in ratios {
            svg += &row(view, ratio, &axis, y - 0.15 * ROW);
            y += ROW;
        }
    }
    svg + "</svg>\n"
}

/// The ratios in words.
fn described(ratios: &[&Ratio]) -> String {
    let said = |ratio: &&Ratio| {
        let value = words::ratio(ratio.ratio?);
        Some(format!("{}, {}: {value}.", ratio.pair.name(), cost(ratio.metric)))
    };
    ratios.iter().filter_map(said).collect::<Vec<_>>().join(" ")
}

/// Title, sides and grid.
fn head(axis: &Axis, height: f64) -> String {
    let (left, right) = PLOT;
    let mut svg = format!(
        "<text class=\"title\" x=\"24\" y=\"32\">Costs of mini-rt over those of Tokio</text>\n\
         <text class=\"muted\" x=\"24\" y=\"54\">One IRC server, run on each in turns. Bars are 95 % intervals.</text>\n\
         <rect class=\"ours\" x=\"{left}\" y=\"{TOP}\" width=\"{}\" height=\"{:.1}\"/>\n\
         <text class=\"muted\" x=\"{left}\" y=\"{y}\">← mini-rt better</text>\n\
         <text class=\"muted end\" x=\"{right}\" y=\"{y}\">Tokio better →</text>\n",
        (right - left) / 2.0,
        height - TOP - 10.0,
        y = TOP - 26.0,
    );
    for tick in &axis.ticks {
        let (x, label) = (place(axis, *tick), words::ratio(*tick));
        let (class, label) = if *tick == 1.0 { ("one", "1") } else { ("grid", label.as_str()) };
        let _ = writeln!(
            svg,
            "<text class=\"muted mid\" x=\"{x:.1}\" y=\"{:.1}\">{label}</text>\
             <line class=\"{class}\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{TOP}\" y2=\"{:.1}\"/>",
            TOP - 7.0,
            height - 10.0
        );
    }
    svg
}

fn place(axis: &Axis, value: f64) -> f64 {
    PLOT.0 + (PLOT.1 - PLOT.0) * axis.share(value)
}

fn winner(view: &View<'_>, ratio: &Ratio) -> Option<Look> {
    match ratio.verdict {
        Verdict::Better => Some(view.palette.look(ratio.pair.ours)),
        Verdict::Worse => Some(view.palette.look(ratio.pair.theirs)),
        Verdict::NoDifference | Verdict::NotMeasured(_) => None,
    }
}

fn row(view: &View<'_>, ratio: &Ratio, axis: &Axis, y: f64) -> String {
    let winner = winner(view, ratio);
    let (text, middle) = (y + 0.5 * ROW + 4.5, y + 0.5 * ROW);
    let (name, at) = (escape(cost(ratio.metric)), escape(&words::place(ratio.point)));
    let mut svg =
        format!("<text x=\"24\" y=\"{text:.1}\">{name} <tspan class=\"muted\">{at}</tspan></text>");
    let ink = winner.map_or("undecided".to_owned(), |look| format!("s{}", look.idx));
    if let Some(interval) = ratio.interval {
        let (low, high) = (place(axis, interval.low), place(axis, interval.high));
        let _ = write!(svg, "<path class=\"{ink}\" d=\"M{low:.1} {middle:.1}H{high:.1}\"/>");
        for (value, at, side) in [(interval.low, low, -1.0), (interval.high, high, 1.0)] {
            let (back, half) = if axis.is_beyond(value) { (-7.0 * side, 5.0) } else { (0.0, 4.0) };
            let _ = write!(
                svg,
                "<path class=\"{ink}\" d=\"M{:.1} {:.1}L{at:.1} {middle:.1}L{:.1} {:.1}\"/>",
                at + back,
                middle - half,
                at + back,
                middle + half
            );
        }
    }
    if let (Some(value), Some(_)) = (ratio.ratio, ratio.interval) {
        let x = place(axis, value);
        let mark = match winner {
            Some(look) => format!("<path class=\"f{}\" d=\"{}\"/>", look.idx, look.mark.path(5.2)),
            None => "<circle class=\"undecided\" r=\"4.6\"/>".to_owned(),
        };
        let _ = write!(svg, "<g transform=\"translate({x:.1} {middle:.1})\">{mark}</g>");
    }
    let judged = ratio.interval.and(ratio.ratio);
    let number = judged.map_or("not judged".to_owned(), words::ratio);
    let interval = ratio.interval.map_or(String::new(), |interval| {
        format!("  [{}, {}]", words::ratio(interval.low), words::ratio(interval.high))
    });
    let x = WIDTH - 24.0;
    let class = if judged.is_some() { "end" } else { "muted end" };
    let _ = writeln!(
        svg,
        "<text class=\"{class}\" x=\"{x}\" y=\"{text:.1}\">{number}<tspan class=\"muted\">{interval}</tspan></text>"
    );
    svg
}

/// Its own style sheet: each colour, for both themes.
fn style(view: &View<'_>, ratios: &[&Ratio]) -> String {
    let mut looks: Vec<Look> = ratios.iter().filter_map(|ratio| winner(view, ratio)).collect();
    looks.sort_by_key(|look| look.idx);
    looks.dedup();
    let of = |dark: bool| {
        let mut css = String::new();
        for look in &looks {
            let (light, on_dark) = look.colours();
            let (idx, colour) = (look.idx, if dark { on_dark } else { light });
            let _ = write!(css, ".s{idx}{{stroke:{colour}}}.f{idx}{{fill:{colour}}}");
        }
        css
    };
    format!(
        "text{{font:14px system-ui,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;fill:#1b2430}}\n\
         .title{{font-size:20px;font-weight:650}}.pair{{font-weight:650}}\n\
         .muted{{font-size:12.5px;fill:#515c6b}}.mid{{text-anchor:middle}}.end{{text-anchor:end}}\n\
         path{{fill:none;stroke-width:2}}.ground{{fill:#ffffff}}.ours{{fill:#eef5fc}}\n\
         .grid{{stroke:#dde2e9}}.one,.undecided{{stroke:#8a94a2;stroke-width:2}}\n\
         circle.undecided{{fill:#ffffff}}\n{}\n\
         @media (prefers-color-scheme:dark){{text{{fill:#e3e8ee}}.muted{{fill:#a7b2c0}}\
         .ground,circle.undecided{{fill:#11161d}}.ours{{fill:#16222f}}.grid{{stroke:#2e3946}}\
         .one,.undecided{{stroke:#6f7b8a}}{}}}\n",
        of(false),
        of(true)
    )
}
