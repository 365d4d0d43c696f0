//! Prints what `cargo bench` has found as one Markdown table.

use std::env;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use benches::summary::read::Results;
use benches::summary::{table, targets};
use chat::conditions;
use chat::markdown::replace_section;
use clap::Parser;

/// The section that `--into` replaces.
const SECTION: &str = "benches";

/// Prints what `cargo bench` has found as one Markdown table: mini-rt over Tokio, over the floor
/// and against its targets.
///
/// One run says little of the next. For intervals that know of both, measure three times or more,
/// `cargo bench -- --save-baseline NAME` with another name each, and give the names to `--runs`.
#[derive(Parser)]
#[command(name = "summary")]
struct Args {
    /// Criterion's directory; by default the one in the target directory that this was built into.
    #[arg(value_name = "DIR")]
    dir: Option<PathBuf>,

    /// The names of the runs, as given to `--save-baseline`; `new` is the last one.
    #[arg(long, value_name = "NAME,..", value_delimiter = ',', default_value = "new")]
    runs: Vec<String>,

    /// Replaces the section `benches` of this document as well.
    #[arg(long, value_name = "FILE")]
    into: Option<PathBuf>,

    /// A file of targets, in place of benches/targets.txt.
    #[arg(long, value_name = "FILE")]
    targets: Option<PathBuf>,
}

fn main() -> Result<()> {
    let Args { dir, runs, into, targets } = Args::parse();
    let dir = dir.map_or_else(criterion_dir, Ok)?;
    let targets = match targets {
        None => targets::parse(targets::TEXT)?,
        Some(path) => {
            let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            targets::parse(&text).with_context(|| path.display().to_string())?
        }
    };
    let results = Results::read(&dir, &runs)?;
    let mut conditions = conditions();
    conditions.insert(0, ("command".into(), command(&runs)));
    let table = table::render(&results, &runs, &targets, &conditions);
    print!("{table}");
    // Its first line counts them too, and says "not measured" where there are none.
    let missing =
        table.lines().filter(|row| row.starts_with("| `") && row.contains("not measured"));
    match missing.count() {
        0 => {}
        rows => eprintln!(
            "{rows} rows are not measured: `cargo bench`, without a filter, is all of them"
        ),
    }
    if let Some(path) = into {
        let name = || path.display().to_string();
        let text = fs::read_to_string(&path).with_context(name)?;
        let text = replace_section(&text, SECTION, &table).with_context(name)?;
        fs::write(&path, text).with_context(name)?;
    }
    Ok(())
}

/// What measures these runs.
fn command(runs: &[String]) -> String {
    match runs {
        [last] if last == "new" => "`cargo bench`".into(),
        runs => {
            format!("`cargo bench -- --save-baseline NAME`, for each NAME of {}", runs.join(", "))
        }
    }
}

/// The directory `criterion` beside one that this program is in.
fn criterion_dir() -> Result<PathBuf> {
    let program = env::current_exe()?;
    let dirs = program.ancestors().map(|dir| dir.join("criterion"));
    let found = dirs.into_iter().find(|dir| dir.is_dir());
    found.context("no results yet: run `cargo bench` first, or name Criterion's directory")
}
