//! Which colour, mark and dash a candidate has: the same in every picture.
//!
//! Colour never stands alone: marks and dashes differ too. The colours start from those of M. Okabe
//! and K. Ito ("Color Universal Design", 2008), darkened or lightened until they can be read as text
//! on the page's background (4.5 to 1, which a test holds them to).

use std::fmt::Write as _;

/// How a candidate is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Look {
    /// Its place in the palette, and so in `var(--c0)`.
    pub(super) idx: u8,
    /// Its mark.
    pub(super) mark: Mark,
}

/// The shape of a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// A circle.
    Circle,
    /// A square.
    Square,
    /// A square on its tip.
    Diamond,
    /// A triangle, tip up.
    Up,
    /// A triangle, tip down.
    Down,
    /// A hexagon.
    Hexagon,
}

impl Mark {
    /// The corners about the middle, for a mark of `radius`; a circle has 16, which looks round at
    /// the size of a mark.
    pub(super) fn corners(self, radius: f64) -> Vec<(f64, f64)> {
        // Radii by which the shapes look equally large.
        let (count, turn, stretch) = match self {
            Mark::Circle => (16, 0.0, 1.0),
            Mark::Square => (4, 0.125, 1.25),
            Mark::Diamond => (4, 0.0, 1.3),
            Mark::Up => (3, 0.75, 1.4),
            Mark::Down => (3, 0.25, 1.4),
            Mark::Hexagon => (6, 0.0, 1.15),
        };
        let corner = |idx: u32| {
            let angle = (f64::from(idx) / f64::from(count) + turn) * std::f64::consts::TAU;
            (angle.cos() * radius * stretch, angle.sin() * radius * stretch)
        };
        (0..count).map(corner).collect()
    }

    /// The outline as the `d` of an SVG path about `(0, 0)`.
    pub(super) fn path(self, radius: f64) -> String {
        let mut path = String::new();
        for (idx, (x, y)) in self.corners(radius).into_iter().enumerate() {
            let step = if idx == 0 { 'M' } else { 'L' };
            let _ = write!(path, "{step}{x:.1} {y:.1}");
        }
        path + "Z"
    }
}

/// One entry: whose it is, the colour on light and on dark, the mark, the dash.
struct Entry {
    name: &'static str,
    light: &'static str,
    dark: &'static str,
    mark: Mark,
    /// Lengths of strokes and gaps in pixels; none for a solid line.
    dash: &'static [u32],
}

const fn entry(
    name: &'static str,
    [light, dark]: [&'static str; 2],
    mark: Mark,
    dash: &'static [u32],
) -> Entry {
    Entry { name, light, dark, mark, dash }
}

/// The known candidates, then looks for names that are new, which take turns.
const ENTRIES: [Entry; 9] = [
    entry("mini", ["#005fb8", "#6cb6ff"], Mark::Circle, &[]),
    entry("tokio", ["#c2410c", "#ff9360"], Mark::Square, &[]),
    entry("tokio-tuned", ["#876000", "#e6b73c"], Mark::Diamond, &[9, 4]),
    entry("mini-ct", ["#00766a", "#48d1b4"], Mark::Up, &[]),
    entry("tokio-ct", ["#a0367f", "#f08fcb"], Mark::Down, &[9, 4]),
    entry("floor", ["#596270", "#a9b4c2"], Mark::Hexagon, &[3, 4]),
    entry("", ["#6741c4", "#bb9cf8"], Mark::Circle, &[12, 4, 3, 4]),
    entry("", ["#42720f", "#97cf5c"], Mark::Square, &[12, 4, 3, 4]),
    entry("", ["#a32638", "#ff8f9c"], Mark::Diamond, &[12, 4, 3, 4]),
];

/// Where the looks for unknown names start.
const KNOWN: usize = 6;

/// The looks of all candidates of one comparison.
pub(super) struct Palette<'a> {
    names: &'a [String],
}

impl<'a> Palette<'a> {
    /// For candidates by these names.
    pub(super) fn of(names: &'a [String]) -> Self {
        Self { names }
    }

    /// How `name` is drawn. A name that is new takes the next spare look, in the order of the names.
    pub(super) fn look(&self, name: &str) -> Look {
        let known = |name: &str| ENTRIES[..KNOWN].iter().position(|entry| entry.name == name);
        let idx = known(name).unwrap_or_else(|| {
            let mut new = self.names.iter().filter(|other| known(other).is_none());
            let nth = new.position(|other| other == name).unwrap_or(0);
            KNOWN + nth % (ENTRIES.len() - KNOWN)
        });
        let mark = ENTRIES[idx].mark;
        Look { idx: u8::try_from(idx).expect("a palette is small"), mark }
    }
}

/// The custom properties of all colours, each for both themes.
pub(super) fn properties() -> String {
    let mut css = String::new();
    for (idx, entry) in ENTRIES.iter().enumerate() {
        // A String takes all that is written to it.
        let _ = write!(css, "--c{idx}:light-dark({},{});", entry.light, entry.dark);
    }
    css
}

impl Look {
    /// The colour on light and on dark, for a picture that stands outside of the page.
    pub(super) fn colours(self) -> (&'static str, &'static str) {
        let entry = &ENTRIES[usize::from(self.idx)];
        (entry.light, entry.dark)
    }
}

/// The rules that give a candidate's strokes and fills their colour, and its lines their dash.
pub(super) fn rules() -> String {
    let mut css = String::new();
    // A String takes all that is written to it.
    for (idx, entry) in ENTRIES.iter().enumerate() {
        let _ = writeln!(
            css,
            ".s{idx}{{stroke:var(--c{idx})}}.f{idx}{{fill:var(--c{idx})}}.w{idx}{{--winner:var(--c{idx})}}"
        );
        if entry.dash.is_empty() {
            continue;
        }
        let scaled = |by: u32| {
            let parts: Vec<String> =
                entry.dash.iter().map(|part| (part * by).to_string()).collect();
            parts.join(" ")
        };
        let _ = writeln!(
            css,
            ".chart polyline[stroke=\"var(--c{idx})\"]{{stroke-dasharray:{}}}\n\
             .swatch line.s{idx}{{stroke-dasharray:{}}}",
            scaled(super::chart::FINE),
            scaled(1),
        );
    }
    css
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance as WCAG 2.2 defines it.
    fn luminance(colour: &str) -> f64 {
        let channel = |at: usize| {
            let byte = u8::from_str_radix(&colour[at..at + 2], 16).expect("a hex colour");
            let c = f64::from(byte) / 255.0;
            if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    fn contrast(a: &str, b: &str) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn every_colour_can_be_read_on_its_background() {
        let css = include_str!("style.css");
        let grounds = css.split_once("--ground:light-dark(").expect("the page has a ground").1;
        let (light, dark) = (&grounds[..7], &grounds[8..15]);
        for entry in &ENTRIES {
            assert!(contrast(entry.light, light) >= 4.5, "{} on light", entry.light);
            assert!(contrast(entry.dark, dark) >= 4.5, "{} on dark", entry.dark);
        }
    }

    #[test]
    fn candidates_keep_their_look_and_new_names_get_their_own() {
        let names = ["glommio", "mini", "smol", "tokio"].map(str::to_owned);
        let palette = Palette::of(&names);
        assert_eq!((palette.look("mini").idx, palette.look("tokio").idx), (0, 1));
        assert_eq!((palette.look("glommio").idx, palette.look("smol").idx), (6, 7));
        assert_eq!(Palette::of(&[]).look("mini"), palette.look("mini"));
    }

    #[test]
    fn no_two_looks_are_the_same_without_colour() {
        for (idx, entry) in ENTRIES.iter().enumerate() {
            for other in &ENTRIES[idx + 1..] {
                assert!((entry.mark, entry.dash) != (other.mark, other.dash), "{}", entry.light);
            }
        }
    }

    #[test]
    fn a_mark_is_closed_and_about_the_middle() {
        for mark in [Mark::Circle, Mark::Square, Mark::Diamond, Mark::Up, Mark::Down, Mark::Hexagon]
        {
            let corners = mark.corners(4.0);
            let sum = corners.iter().fold((0.0, 0.0), |sum, at| (sum.0 + at.0, sum.1 + at.1));
            assert!(f64::abs(sum.0) < 1e-9 && f64::abs(sum.1) < 1e-9, "{mark:?}");
            assert!(mark.path(4.0).starts_with('M') && mark.path(4.0).ends_with('Z'));
        }
    }
}
