//! The model's numbers as Markdown, with what they rest on beside them.

use super::label::{digits, in_units};
use super::model::{Limit, Prediction, Scale, Scaled};
use super::table::{aligned, crowd};

/// The section of simulated scale.
pub(super) fn render(scale: &Scale) -> String {
    let mut parts = vec![
        "### Simulated scale\n\nWhat a model says that is fitted to the numbers above. Its error \
         where it could be checked: CPU per delivery at the most connections, predicted from the \
         others."
            .to_owned(),
        aligned(&fits(scale)),
        "The most deliveries in a second, and what bounds them; the memory of a million clients."
            .to_owned(),
        aligned(&predictions(scale)),
    ];
    let said: Vec<String> = scale.assumptions.iter().map(|said| format!("- {said}")).collect();
    parts.push(format!("Assumed:\n\n{}", said.join("\n")));
    parts.join("\n\n")
}

/// The model of each candidate, and its error.
fn fits(scale: &Scale) -> Vec<Vec<String>> {
    let head = ["", "CPU per delivery, ns", "checked at", "predicted", "measured", "error"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for scaled in &scale.candidates {
        let mut row = vec![scaled.candidate.clone(), scaled.cpu.formula()];
        row.extend(scaled.check.as_ref().map_or(vec!["?".to_owned(); 4], |check| {
            vec![
                crowd(check.connections),
                format!("{} ns", digits(check.predicted_ns, 2)),
                format!("{} ns", digits(check.measured_ns, 2)),
                format!("{:+.0} %", 100.0 * check.error()),
            ]
        }));
        rows.push(row);
    }
    rows
}

/// What it says of other machines.
fn predictions(scale: &Scale) -> Vec<Vec<String>> {
    let asked = scale.candidates.first().map_or(&[][..], |scaled| &scaled.predictions);
    let name = |prediction: &Prediction| {
        let cores = match prediction.cores {
            1 => "1 core".to_owned(),
            cores => format!("{cores} cores"),
        };
        format!("{cores}, {}", crowd(prediction.connections))
    };
    let names: Vec<&str> = scale.candidates.iter().map(|s| s.candidate.as_str()).collect();
    let mut rows = vec![["deliveries/s"].into_iter().chain(names).map(str::to_owned).collect()];
    for (place, prediction) in asked.iter().enumerate() {
        let rate = |scaled: &Scaled| scaled.predictions.get(place).map_or("?".to_owned(), rate);
        let mut row = vec![name(prediction)];
        row.extend(scale.candidates.iter().map(rate));
        rows.push(row);
    }
    let Some(last) = asked.len().checked_sub(1) else {
        return rows;
    };
    let memory =
        |of: fn(&Prediction) -> Option<f64>, name: &str| {
            let mut row = vec![format!("{name}, {}", crowd(asked[last].connections))];
            let show = |bytes: f64| in_units(bytes, 1_024.0, &["B", "KiB", "MiB", "GiB"], 2);
            row.extend(scale.candidates.iter().map(|scaled| {
                scaled.predictions.get(last).and_then(of).map_or("?".to_owned(), show)
            }));
            row
        };
    rows.push(memory(|prediction| prediction.heap_bytes, "heap"));
    rows.push(memory(|prediction| prediction.rss_bytes, "RSS"));
    rows
}

/// A rate with what bounds it.
fn rate(prediction: &Prediction) -> String {
    let rate = in_units(prediction.deliveries_per_second, 1_000.0, &["", "k", "M"], 2);
    match prediction.limit {
        Limit::Cores => rate,
        Limit::OneThread => format!("{rate} (1 thread)"),
        Limit::Lock => format!("{rate} (lock)"),
    }
}
