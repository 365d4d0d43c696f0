//! What a reader needs to doubt the figures well: what is missing, how they came to be, what they
//! cannot tell, how to have them again, and the conditions.

use std::fmt::Write as _;

use super::super::results::Series;
use super::html::{escape, list, paragraph, section};
use super::view::View;
use super::words;

/// How it was measured.
const MEASURED: &[&str] = &[
    "Every server is a fresh process of one and the same binary. Within a round the candidates take \
     turns, and the order changes from round to round, so that a machine which grows warm or busy does not \
     favour whoever comes first.",
    "The load comes from a generator on a thread of its own with a bare event loop, which costs the same \
     whichever runtime serves. It is pinned to the last core; candidates with one thread are pinned to the \
     first. Candidates with several workers may use all cores, so there generator and server compete.",
    "Closed loop: each room says its next line when all members have the last one. Open loop: lines are \
     said on a schedule that does not wait for the server, and latency counts from when a line was due, \
     not from when it could be sent. A server that stalls is thus charged for what was due meanwhile.",
    "CPU time and context switches are the server's alone, as the kernel counts them. Heap is counted by \
     the allocator of the server, the same for all.",
    "Each line is numbered and each delivery checked: loss, repetition and disorder are counted. Where \
     the generator itself was the limit, latency and throughput of that run are not used, and are listed as \
     missing. Where it was late on a core that the server may use, the latency is used and listed: it holds \
     the wait for that core, as it counts from the intended times.",
    "A ratio is made within each round, then averaged over the rounds as a geometric mean: what slowed \
     the machine in a round slowed both. Throughput goes in as its inverse, so each ratio is one of costs.",
    "The interval is a bootstrap of the mean logarithm over the rounds, widened for how few they are \
     (Student's t over the normal quantile, and the square root of n/(n-1)). It takes three rounds. The \
     verdict is that of the interval as it is printed, rounded outwards: better if it lies below 1, worse \
     if above, no difference if it holds 1.",
];

/// What nothing here says.
const CANNOT: &[&str] = &[
    "Anything about a real network: all of it went over loopback, where nothing is lost or late.",
    "Anything about other work. It is one program, an IRC server; another one has another mixture of \
     wakes, timers and I/O, and may come out the other way.",
    "Which part of a runtime makes a difference. The parts are measured by themselves by cargo bench.",
    "That two runtimes are equal. No difference means none was shown with so many rounds; a narrow \
     interval around 1 says more than a wide one.",
    "How it is on many cores. On few cores, candidates with several workers share them with the \
     generator; the model of scale is arithmetic, not a measurement.",
    "What the rounds that could not be used would have shown. They are not left out at random: what ended \
     a run may be the server's doing. A ratio of fewer rounds says so beside it.",
    "Whose a wait for a shared core is. A server that takes the generator's core makes the generator late, \
     and the latency of that run is the server's and the generator's wait together.",
    "The intervals hold for this machine, this binary and this hour: they cover what differs from round \
     to round, not what differs from one machine, kernel or compiler to the next.",
];

/// What is missing, the method, how to reproduce it, and the conditions.
pub(super) fn sections(view: &View<'_>) -> String {
    missing(view) + &method() + &reproduce(view) + &conditions(view)
}

fn missing(view: &View<'_>) -> String {
    // What is missing of one run is mostly missing of all its metrics, for the same reason.
    let mut gaps: Vec<(&Series, Vec<&str>)> = Vec::new();
    for series in &view.results.series {
        if series.notes.is_empty() && series.rounds.iter().all(Option::is_some) {
            continue;
        }
        let key = |series: &Series| (series.candidate.clone(), series.point, series.notes.clone());
        let name = words::metric(series.metric);
        match gaps.iter_mut().find(|(other, _)| key(other) == key(series)) {
            Some((_, metrics)) => metrics.push(name),
            None => gaps.push((series, vec![name])),
        }
    }
    let body = if gaps.is_empty() {
        paragraph("Nothing: every run of every candidate could be used.")
    } else {
        let said: String = gaps.iter().map(|(series, metrics)| gap(series, metrics)).collect();
        format!("<dl class=\"gaps\">\n{said}</dl>\n")
    };
    section("missing", "What is missing", &body)
}

/// What is missing of one candidate at one point, and why.
fn gap(series: &Series, metrics: &[&str]) -> String {
    let (all, there) = (series.rounds.len(), series.rounds.iter().flatten().count());
    let gone = match all - there {
        0 => String::new(),
        gone if gone == all => ": no run can be used".to_owned(),
        gone => format!(": {gone} of {all} runs cannot be used"),
    };
    let (name, place) = (escape(&series.candidate), escape(&words::point(series.point)));
    let mut html = format!("<dt>{name}, {place}</dt>\n<dd>{}{gone}</dd>\n", metrics.join(", "));
    for note in &series.notes {
        let _ = writeln!(html, "<dd class=\"note\">{}</dd>", escape(note)); // a String takes all
    }
    if series.notes.is_empty() {
        html += "<dd class=\"note\">the reason is not given</dd>\n";
    }
    html
}

fn method() -> String {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let body = list("plain", &texts(MEASURED))
        + "<h3>What it cannot tell</h3>\n"
        + &list("plain", &texts(CANNOT));
    section("method", "How it was measured", &body)
}

fn reproduce(view: &View<'_>) -> String {
    let rounds = view.results.series.iter().map(|series| series.rounds.len()).max().unwrap_or(0);
    let compare = "cargo run --release -- compare";
    let names = view.results.candidates.join(",");
    let said = view.results.conditions.iter().find(|(name, _)| name == "command");
    let said = said.and_then(|(_, command)| command.strip_prefix("chat "));
    let measured = said.map_or_else(
        || format!("{compare} --runtimes {names} --rounds {rounds}"),
        |arguments| format!("cargo run --release -- {arguments}"),
    );
    let rows = [
        ("Everything on this page", measured),
        ("A shorter look, within two minutes", format!("{compare} --quick")),
        (
            "This page from the stored numbers, without measuring",
            format!("{compare} --from target/compare/results.json"),
        ),
        (
            "Whether your numbers agree with these, ratio by ratio",
            format!("{compare} --against results.json"),
        ),
        ("The parts of the runtimes by themselves", "cargo bench".to_owned()),
    ];
    let mut body = paragraph(
        "All figures come from one file of measurements, results.json beside this page, and each is made \
         again by the same command.",
    );
    body += "<table class=\"commands\"><thead><tr><th scope=\"col\">to have</th>\
             <th scope=\"col\">run, in a clone of the repository</th></tr></thead>\n<tbody>\n";
    for (what, command) in rows {
        let (what, command) = (escape(what), escape(&command));
        let _ =
            writeln!(body, "<tr><th scope=\"row\">{what}</th><td><code>{command}</code></td></tr>");
    }
    section("reproduce", "How to reproduce it", &(body + "</tbody></table>\n"))
}

fn conditions(view: &View<'_>) -> String {
    let mut body = "<table class=\"plain conditions\"><tbody>\n".to_owned();
    for (name, value) in &view.results.conditions {
        let (name, value) = (escape(name), escape(value));
        let _ = writeln!(body, "<tr><th scope=\"row\">{name}</th><td>{value}</td></tr>");
    }
    if view.results.conditions.is_empty() {
        body = paragraph("The file of measurements names none.");
    } else {
        body += "</tbody></table>\n";
    }
    section("conditions", "Conditions", &body)
}
