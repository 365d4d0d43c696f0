//! Prints what the last `cargo bench` found as a Markdown table.
//!
//! `cargo run --release -p benches --example summary [DIR]`, where DIR is Criterion's directory; by
//! default the one in the target directory that this was built into.
//!
//! Each workload is a line, each flavour two medians and their ratio: the time on mini-rt over that
//! on Tokio, so below 1 mini-rt is faster. The bounds of the ratio are rough: the lower bound of one
//! median's 95 % confidence interval over the upper one of the other's. They know nothing of what
//! drifts from run to run, so a ratio whose bounds enclose 1 says nothing, and one close by little.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::Value;

/// What stands beside what.
const PAIRS: [(&str, &str); 2] = [("mini", "tokio"), ("mini-ct", "tokio-ct")];

fn main() -> Result<(), Box<dyn Error>> {
    let dir = env::args_os().nth(1).map_or_else(criterion_dir, |dir| Ok(PathBuf::from(dir)))?;
    let mut rows = BTreeMap::new();
    collect(&dir, &mut rows)?;
    println!(
        "| time of one | mini | tokio | mini / tokio | mini-ct | tokio-ct | mini-ct / tokio-ct |"
    );
    println!("|---|--:|--:|--:|--:|--:|--:|");
    for ((group, (_, workload)), kinds) in &rows {
        print!("| {group}/{workload} |");
        for (ours, theirs) in PAIRS {
            let (ours, theirs) = (kinds.get(ours), kinds.get(theirs));
            let ratio = ours.zip(theirs).map_or("-".into(), |(ours, theirs)| ours.over(theirs));
            print!(" {} | {} | {ratio} |", shown(ours), shown(theirs));
        }
        println!();
    }
    match rows.is_empty() {
        true => Err(format!("no results in {}: run `cargo bench` first", dir.display()).into()),
        false => Ok(()),
    }
}

/// A group, and a workload with its length before it: 1, 64 and 1000 are then in order.
type Key = (String, (usize, String));
type Rows = BTreeMap<Key, BTreeMap<String, Median>>;

/// The directory `criterion` beside one that this program is in.
fn criterion_dir() -> Result<PathBuf, Box<dyn Error>> {
    let program = env::current_exe()?;
    let dirs = program.ancestors().map(|dir| dir.join("criterion"));
    let found = dirs.into_iter().find(|dir| dir.is_dir());
    Ok(found.ok_or("no results yet: run `cargo bench` first, or name Criterion's directory")?)
}

/// Looks for results below `dir`.
fn collect(dir: &Path, rows: &mut Rows) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.file_name().is_some_and(|name| name == "new") {
            let about = read(&path.join("benchmark.json"))?;
            let text = |key| Some(about[key].as_str()?.to_owned());
            let ids = (text("group_id"), text("function_id"), text("value_str"));
            let (Some(group), Some(workload), Some(kind)) = ids else { continue };
            let elements = about["throughput"]["Elements"].as_f64().unwrap_or(1.0);
            let median = Median::read(&read(&path.join("estimates.json"))?, elements)
                .ok_or_else(|| format!("{} has no median", path.display()))?;
            let key = (group, (workload.len(), workload));
            rows.entry(key).or_default().insert(kind, median);
        } else if path.is_dir() {
            collect(&path, rows)?;
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<Value, Box<dyn Error>> {
    let text = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(serde_json::from_slice(&text)?)
}

/// Nanoseconds for one element: a task, a message, a delivery.
struct Median {
    low: f64,
    point: f64,
    high: f64,
}

impl Median {
    fn read(estimates: &Value, elements: f64) -> Option<Self> {
        let median = &estimates["median"];
        let interval = &median["confidence_interval"];
        Some(Self {
            low: interval["lower_bound"].as_f64()? / elements,
            point: median["point_estimate"].as_f64()? / elements,
            high: interval["upper_bound"].as_f64()? / elements,
        })
    }

    fn over(&self, other: &Self) -> String {
        let (low, high) = (self.low / other.high, self.high / other.low);
        format!("**{:.2}** ({low:.2} to {high:.2})", self.point / other.point)
    }
}

fn shown(median: Option<&Median>) -> String {
    match median.map(|median| median.point) {
        None => "-".into(),
        Some(ns) if ns < 1e3 => format!("{ns:.0} ns"),
        Some(ns) => format!("{:.2} µs", ns / 1e3),
    }
}
