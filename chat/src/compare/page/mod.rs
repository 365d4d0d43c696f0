//! The comparison as one HTML page, and its gist as one picture.
//!
//! [`render`] makes a page that needs nothing but itself: styles and plots are inside, there is no
//! script, and the only links are to places within it. Every figure is made from [`Results`] and
//! [`Analysis`], so a stored comparison can be shown again. Colours are custom properties, set by
//! theme in style.css and nowhere else.
//!
//! Line plots are laid out by plotters ([`chart`]). Bars and intervals are tables with a drawn cell
//! ([`bars`], [`forest`]): they fit a telephone, and can be read aloud.

mod axis;
mod bars;
mod cells;
mod chart;
mod connections;
#[cfg(test)]
mod fixture;
mod forest;
mod html;
mod ink;
mod latency;
mod method;
mod palette;
mod scale;
mod summary;
mod verdict;
mod view;
mod words;

use super::analysis::Analysis;
use super::results::Results;
use view::View;

/// Where a reader may want to go.
const CONTENTS: [(&str, &str); 11] = [
    ("percentiles", "Percentiles"),
    ("load", "Against load"),
    ("connections", "Throughput and CPU"),
    ("memory", "Memory"),
    ("life", "Start and stop"),
    ("ratios", "Every ratio"),
    ("scale", "Scale"),
    ("table", "Every number"),
    ("missing", "Missing"),
    ("method", "Method"),
    ("reproduce", "Reproduce"),
];

/// The whole page.
pub fn render(results: &Results, analysis: &Analysis) -> String {
    let view = View::of(results, analysis);
    let sections = [
        latency::sections(&view),
        connections::sections(&view),
        bars::memory(&view),
        bars::life(&view),
        forest::sections(&view),
        scale::sections(&view),
        cells::sections(&view),
        method::sections(&view),
    ]
    .concat();
    let header = verdict::header(&view);
    let contents: String = CONTENTS
        .iter()
        .filter(|(id, _)| sections.contains(&format!("<section id=\"{id}\"")))
        .map(|(id, name)| format!("<a href=\"#{id}\">{name}</a>\n"))
        .collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>mini-rt and Tokio compared</title>\n<style>\n{}</style>\n</head>\n<body>\n{THEME}\n<main>\n\
         {header}<nav aria-label=\"Contents\">\n{contents}</nav>\n{sections}</main>\n</body>\n</html>\n",
        style()
    )
}

/// The gist as a picture of its own, for a README: the main ratios of mini-rt over Tokio. It follows
/// the reader's theme where it is shown as an image.
pub fn summary_svg(results: &Results, analysis: &Analysis) -> String {
    summary::render(&View::of(results, analysis))
}

/// Which theme is shown: the system's, unless one is chosen. It works without a script.
const THEME: &str = "<fieldset class=\"theme\"><legend class=\"unseen\">Theme</legend>\
    <label><input type=\"radio\" name=\"theme\" id=\"theme-auto\" checked>Auto</label>\
    <label><input type=\"radio\" name=\"theme\" id=\"theme-light\">Light</label>\
    <label><input type=\"radio\" name=\"theme\" id=\"theme-dark\">Dark</label></fieldset>";

/// The style sheet, with the palette in its place.
fn style() -> String {
    include_str!("style.css").replace("/* the palette */", &palette::properties())
        + &palette::rules()
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::super::results::{Failure, Metric};
    use super::*;

    /// The pages of the whole fixture, of a quick comparison and of none, made once.
    static PAGES: LazyLock<[String; 3]> = LazyLock::new(|| {
        [fixture::full(), fixture::quick(), Results::default()].map(|results| page(&results))
    });

    fn page(results: &Results) -> String {
        render(results, &Analysis::of(results))
    }

    /// The page without its style sheet.
    fn body(page: &str) -> &str {
        page.split_once("</style>").expect("a page has a style sheet").1
    }

    /// What stands between `before` and the next `after`, each time.
    fn between<'a>(text: &'a str, before: &str, after: char) -> Vec<&'a str> {
        let parts = text.split(before).skip(1);
        parts.map(|part| part.split(after).next().unwrap_or_default()).collect()
    }

    #[test]
    fn a_page_loads_nothing_and_runs_nothing() {
        for page in &*PAGES {
            for loader in ["http:", "https:", "//", "<script", " src=", "<link", "@import", "url("]
            {
                assert!(!page.contains(loader), "{loader}");
            }
        }
    }

    #[test]
    fn every_colour_is_left_to_the_style_sheet() {
        for page in &*PAGES {
            let body = body(page);
            for attribute in ["fill=\"", "stroke=\"", "color=\""] {
                for value in between(body, attribute, '"') {
                    assert!(value == "none" || value.starts_with("var(--"), "{attribute}{value}");
                }
            }
            assert!(!body.contains("C0DE") && !body.contains("rgb(") && !body.contains("color:"));
        }
    }

    #[test]
    fn whatever_a_file_of_results_names_is_escaped() {
        let page = &PAGES[0];
        assert!(!page.contains(fixture::STRANGER) && !page.contains("alert('"));
        assert!(page.contains("&lt;b&gt;smol &amp; co&lt;/b&gt;"));
        assert!(page.contains("&lt;script&gt;alert(&#39;escape me&#39;)"));
    }

    #[test]
    fn what_is_missing_is_said_where_it_is_missing() {
        let page = &PAGES[0];
        let section = |id: &str| {
            let from = page.find(&format!("<section id=\"{id}\"")).expect("a section");
            let rest = &page[from..];
            &rest[..rest.find("</section>").expect("its end")]
        };
        let why = ["the server ran out of file descriptors", "the generator was busy 98 %"];
        for id in ["connections", "missing"] {
            assert!(why.iter().all(|why| section(id).contains(why)), "{id}");
        }
        assert!(section("connections").contains("9,000 connections (2 of 5 runs missing)"));
        assert!(section("missing").contains("2 of 5 runs cannot be used"));
        assert!(section("connections").contains("1 run lies beyond the axis"));
        assert!(
            section("table").contains("no usable run") && section("table").contains("3 of 5 runs")
        );
        assert!(section("table").contains("—</td>"));
        assert!(section("ratios").contains("not judged: the server ran out of file descriptors"));
    }

    #[test]
    fn every_ratio_has_its_row() {
        let results = fixture::full();
        let analysis = Analysis::of(&results);
        let page = &PAGES[0];
        let from = page.find("<section id=\"ratios\"").expect("the section of ratios");
        let section = &page[from..from + page[from..].find("</section>").expect("its end")];
        assert_eq!(
            section.matches("<th role=\"rowheader\" scope=\"row\">").count(),
            analysis.ratios.len()
        );
        let judged: usize = analysis.tallies.iter().map(|tally| tally.judged()).sum();
        assert_eq!(section.matches("[").count() - section.matches("[95").count(), judged);
    }

    #[test]
    fn links_lead_somewhere_and_no_two_places_have_one_name() {
        for page in &*PAGES {
            let mut ids = between(page, " id=\"", '"');
            for link in between(page, "href=\"#", '"') {
                assert!(ids.contains(&link), "{link}");
            }
            let all = ids.len();
            ids.sort_unstable();
            ids.dedup();
            assert_eq!(ids.len(), all);
        }
    }

    #[test]
    fn what_is_opened_is_closed() {
        for page in &*PAGES {
            for tag in
                ["section", "table", "tr", "td", "th", "figure", "svg", "div", "details", "ul", "p"]
            {
                let opened = [" ", ">"].map(|end| page.matches(&format!("<{tag}{end}")).count());
                let closed = page.matches(&format!("</{tag}>")).count();
                assert_eq!(opened[0] + opened[1], closed, "{tag}");
            }
        }
    }

    #[test]
    fn the_first_screen_has_the_counts_and_the_largest_win() {
        let results = fixture::full();
        let analysis = Analysis::of(&results);
        let page = &PAGES[0];
        let header = &page[..page.find("</header>").expect("a header")];
        let tally = analysis.tallies[0];
        assert!(header.contains(&format!("Of {} ratios, <b>mini</b>", tally.judged())));
        assert!(header.contains(&format!("in <b>{}</b>, worse in", tally.better)));
        let card = |heading: &str| {
            let from = header.find(heading).expect("a card");
            &header[from..from + header[from..].find("</div>").expect("its end")]
        };
        assert!(card("Largest win").contains("Heap per connection"));
        assert!(card("Largest loss").contains("Shutdown"));
    }

    #[test]
    fn where_nothing_was_lost_the_page_says_so() {
        let mut results = fixture::full();
        results.series.retain(|series| series.metric == Metric::HeapPerConnection);
        let page = page(&results);
        let losses = page.matches("<h3>Largest loss</h3><p>none shown</p>").count();
        assert_eq!(losses, 2);
    }

    #[test]
    fn a_load_at_which_nobody_has_a_usable_run_keeps_its_place() {
        let mut results = fixture::quick();
        for series in results.series.iter_mut().filter(|s| s.point.load_percent == Some(80)) {
            series.rounds.fill(None);
        }
        let page = page(&results);
        let place = page.split("<figcaption>80 % load, 512 k/s</figcaption>").nth(1);
        assert!(place.is_some_and(|rest| rest.trim_start().starts_with("<p class=\"nothing\">")));
    }

    #[test]
    fn a_build_that_is_not_for_measuring_is_warned_of_before_the_verdict() {
        let mut results = fixture::quick();
        assert!(!PAGES[1].contains("<p class=\"warning\">"));
        results.conditions.push(("profile".to_owned(), "debug, not for measuring".to_owned()));
        let page = page(&results);
        assert!(page.find("<p class=\"warning\">") < page.find("class=\"verdicts\""));
        assert!(page.contains("<p class=\"warning\">"));
    }

    #[test]
    fn messages_that_went_wrong_are_warned_of_before_the_verdict() {
        let mut results = fixture::quick();
        results.faults.push("<mini>, closed 10, round 1: 1 lost".to_owned());
        let page = page(&results);
        let warning = page.find("<p class=\"warning\"><b>Messages were lost or garbled in one run");
        assert!(warning.is_some_and(|at| Some(at) < page.find("class=\"verdicts\"")));
        assert!(page.contains("&lt;mini&gt;, closed 10, round 1: 1 lost"));
    }

    #[test]
    fn who_failed_is_told_on_the_first_screen() {
        let mut results = fixture::quick();
        let (candidate, point) = ("tokio".to_owned(), results.series[0].point);
        results.failures.push(Failure { candidate, round: 1, point, why: "it died".to_owned() });
        let page = page(&results);
        let header = &page[..page.find("</header>").expect("a header")];
        assert!(header.contains("<b>Servers failed: mini never, tokio once</b>"));
        assert!(!PAGES[1].contains("Servers failed"));
    }

    #[test]
    fn too_few_rounds_are_called_too_few() {
        let page = &PAGES[1];
        assert!(page.contains("nothing can be said") && page.contains("too few runs: 2"));
        assert!(page.contains("No interval could be made"));
    }

    #[test]
    fn the_summary_is_a_picture_of_its_own_in_both_themes() {
        for results in [fixture::full(), fixture::quick(), Results::default()] {
            let svg = summary_svg(&results, &Analysis::of(&results));
            assert!(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
            assert_eq!(svg.matches("http").count(), 1);
            assert!(svg.contains("@media (prefers-color-scheme:dark)") && !svg.contains("var("));
            assert_eq!(svg.matches("<text").count(), svg.matches("</text>").count());
        }
        let results = fixture::full();
        let svg = summary_svg(&results, &Analysis::of(&results));
        assert!(svg.contains("mini / tokio") && svg.contains("mini-ct / tokio-ct"));
        assert!(svg.contains(forest::cost(Metric::CpuPerDelivery)));
    }
}
