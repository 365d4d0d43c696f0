//! [`Targets`]: which workloads there are, and what is to be reached. They stand in `targets.txt`.

use std::fmt;

/// The file beside the benches.
pub const TEXT: &str = include_str!("../../targets.txt");

/// A workload, and the ratios that are to be reached, where there is a target.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// `group/workload`.
    pub workload: String,
    /// mini-rt over Tokio, on one thread.
    pub one_thread: Option<f64>,
    /// mini-rt over Tokio, with worker threads.
    pub threads: Option<f64>,
    /// mini-rt on one thread over the floor.
    pub floor: Option<f64>,
}

/// All workloads, in the order to show.
pub type Targets = Vec<Target>;

/// What is wrong with a line.
#[derive(Debug, PartialEq)]
pub struct ParseError {
    line: usize,
    what: String,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, what } = self;
        write!(f, "targets, line {line}: {what}; a line is a workload and three ratios or `-`")
    }
}

impl std::error::Error for ParseError {}

/// Reads targets: a workload and three columns in a line, and comments after `#`.
///
/// # Errors
/// The first line that is anything else.
pub fn parse(text: &str) -> Result<Targets, ParseError> {
    let mut targets = Targets::new();
    for (idx, line) in text.lines().enumerate() {
        let failed = |what| ParseError { line: idx + 1, what };
        let line = line.split('#').next().unwrap_or_default();
        let words: Vec<&str> = line.split_whitespace().collect();
        let [workload, ratios @ ..] = words.as_slice() else { continue };
        let [one_thread, threads, floor] = *ratios else {
            return Err(failed(format!("`{workload}` has {} columns beside it", ratios.len())));
        };
        if targets.iter().any(|target| target.workload == *workload) {
            return Err(failed(format!("`{workload}` is there already")));
        }
        let ratio = |word: &str| match word {
            "-" => Ok(None),
            word => match word.parse::<f64>() {
                Ok(ratio) if ratio.is_finite() && ratio > 0.0 => Ok(Some(ratio)),
                _ => Err(failed(format!("`{word}` is not a ratio"))),
            },
        };
        targets.push(Target {
            workload: (*workload).to_owned(),
            one_thread: ratio(one_thread)?,
            threads: ratio(threads)?,
            floor: ratio(floor)?,
        });
    }
    Ok(targets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_beside_the_benches_is_read() {
        let targets = parse(TEXT).unwrap();
        let one = targets.iter().find(|target| target.workload == "spawn_join/one").unwrap();
        assert_eq!((one.one_thread, one.threads, one.floor), (Some(0.5), Some(0.6), None));
        let echo = targets.iter().find(|target| target.workload == "tcp_echo_cpu/64B_9000");
        assert_eq!(echo.unwrap().floor, Some(1.15));
    }

    #[test]
    fn a_line_that_is_wrong_is_named() {
        let what = |text| parse(text).unwrap_err().to_string();
        assert!(what("# fine\na/b 1 2\n").starts_with("targets, line 2: `a/b` has 2 columns"));
        assert!(what("a/b 0.5 fast -").starts_with("targets, line 1: `fast` is not a ratio"));
        assert!(what("a/b - - -1").contains("`-1` is not a ratio"));
        assert!(
            what("a/b - - -\na/b - - -").starts_with("targets, line 2: `a/b` is there already")
        );
    }
}
