//! [`Ink`]: what a chart is drawn with, before anybody knows whether it will be seen by day or by night.
//!
//! plotters knows fixed colours only. So it is given a code for each ink, and [`themed`] puts the ink's
//! custom property in its place: what is left has no colour of its own, and style.css decides by theme.

use plotters::style::RGBColor;

use super::palette::Look;

/// What something is drawn with.
#[derive(Clone, Copy)]
pub(super) enum Ink {
    /// A candidate's colour.
    Of(Look),
    /// Labels.
    Text,
    /// Lines of the grid.
    Grid,
    /// What is behind everything.
    Ground,
}

impl Ink {
    /// The colour that stands for it in what plotters writes.
    pub(super) fn code(self) -> RGBColor {
        let last = match self {
            Ink::Of(look) => look.idx,
            Ink::Text => 0xF0,
            Ink::Grid => 0xF1,
            Ink::Ground => 0xF2,
        };
        RGBColor(0xC0, 0xDE, last)
    }
}

/// `svg` with a custom property where there was the code of an ink.
pub(super) fn themed(svg: &str) -> String {
    let mut parts = svg.split("\"#C0DE");
    let mut themed = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (code, rest) = part.split_at(2);
        let code = u8::from_str_radix(code, 16).expect("the code of an ink is hexadecimal");
        themed.push_str(&match code {
            0xF0 => "\"var(--muted)".to_owned(),
            0xF1 => "\"var(--grid)".to_owned(),
            0xF2 => "\"var(--ground)".to_owned(),
            idx => format!("\"var(--c{idx})"),
        });
        themed.push_str(rest);
    }
    // Less to load, and the page's own font.
    themed.replace(" opacity=\"1\"", "").replace(" font-family=\"sans-serif\"", "")
}

#[cfg(test)]
mod tests {
    use super::super::palette::Palette;
    use super::*;

    #[test]
    fn every_code_becomes_the_property_of_its_ink() {
        let look = Palette::of(&[]).look("tokio");
        let inks = [Ink::Of(look), Ink::Text, Ink::Grid, Ink::Ground];
        let names = ["--c1", "--muted", "--grid", "--ground"];
        for (ink, name) in inks.into_iter().zip(names) {
            let RGBColor(r, g, b) = ink.code();
            let svg = themed(&format!("<a opacity=\"1\" fill=\"#{r:02X}{g:02X}{b:02X}\"/>"));
            assert_eq!(svg, format!("<a fill=\"var({name})\"/>"));
        }
    }
}
