//! How are [`Results`] kept in a file, and known to be what this program can read?

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use super::results::Results;

/// What every such file says it is. The number grows when a file of old could be misread.
const FORMAT: &str = "chat-compare-3";

/// A file: the results beside the name of the format.
#[derive(Serialize)]
struct File<'a> {
    format: &'a str,
    #[serde(flatten)]
    results: &'a Results,
}

/// All that is read of a file before it is trusted.
#[derive(Deserialize)]
struct Head {
    format: Option<String>,
}

/// Writes results to a file, which is replaced.
///
/// # Errors
/// When it cannot be written.
pub fn write(path: &Path, results: &Results) -> Result<()> {
    let text = serde_json::to_string_pretty(&File { format: FORMAT, results })
        .context("cannot make JSON of the results")?;
    fs::write(path, text + "\n").with_context(|| format!("cannot write {}", path.display()))
}

/// Reads what [`write()`] wrote.
///
/// # Errors
/// When it cannot be read, or is something else.
pub fn read(path: &Path) -> Result<Results> {
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    parse(&text).with_context(|| {
        format!("{}: not the results.json of this program's compare", path.display())
    })
}

fn parse(text: &str) -> Result<Results> {
    let head: Head = serde_json::from_str(text)?;
    match head.format.as_deref() {
        Some(FORMAT) => Ok(serde_json::from_str(text)?),
        Some(other) => bail!("its format is {other:?}, and {FORMAT:?} is read: measure again"),
        None => bail!("it names no format, where {FORMAT:?} should stand"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::results::{Experiment, Failure, HubCost, Metric, Point, Series};
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let point = Point {
            experiment: Experiment::Open,
            connections: 1_000,
            load_percent: Some(20),
            rate: Some(0.1 + 0.2),
        };
        let results = Results {
            conditions: vec![("kernel".into(), "one".into())],
            candidates: vec!["mini".into()],
            series: vec![Series {
                metric: Metric::LatencyP99,
                point,
                candidate: "mini".into(),
                rounds: vec![None, Some(1.0 / 3.0)],
                notes: vec!["round 1: it died".into()],
            }],
            hub: vec![HubCost { connections: 10, ns_per_delivery: 55.5 }],
            faults: vec!["mini, open 20 %, round 1: 1 lost".into()],
            failures: vec![Failure {
                candidate: "mini".into(),
                round: 1,
                point,
                why: "it died".into(),
            }],
            closed_run_ms: Some(300),
        };
        let text = serde_json::to_string(&File { format: FORMAT, results: &results });
        assert_eq!(parse(&text.expect("JSON")).expect("its own"), results);
    }

    #[test]
    fn another_format_is_refused_by_name() {
        let error = |text: &str| parse(text).expect_err("refused").to_string();
        let older = error(r#"{"format": "chat-compare-1"}"#);
        assert!(older.contains("\"chat-compare-1\"") && older.contains("measure again"));
        assert!(error(r#"{"candidates": []}"#).contains("names no format"));
        assert!(error("hello").contains("line 1"));
    }
}
