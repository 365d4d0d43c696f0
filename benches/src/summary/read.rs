//! [`Results`]: the medians that Criterion has left in its directory.
//!
//! Criterion keeps each run of a bench in `GROUP/WORKLOAD/CANDIDATE/RUN`, where RUN is `new` for
//! the last one, or the name given to `--save-baseline`.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chat::compare::statistics::Interval;
use serde_json::Value;

/// What one run found for one candidate: for one element, in nanoseconds or bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Median {
    /// The median itself.
    pub point: f64,
    /// Where Criterion's bootstrap of that run's samples has it, with 95 %.
    pub bounds: Interval,
}

/// The medians of a workload: by candidate, then one for each run, or none where that has none.
pub type Workload = BTreeMap<String, Vec<Option<Median>>>;

/// All medians, by `group/workload`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Results(pub BTreeMap<String, Workload>);

/// Why the results cannot be read.
#[derive(Debug)]
pub enum ReadError {
    /// A file or a directory cannot be.
    Io(PathBuf, io::Error),
    /// A file is not what Criterion 0.8 writes.
    Form(PathBuf, String),
    /// There is nothing under these names.
    Nothing(PathBuf, Vec<String>),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Form(path, what) => {
                write!(f, "{} is not as Criterion 0.8 writes it: {what}", path.display())
            }
            Self::Nothing(dir, runs) => write!(
                f,
                "no results of {} in {}: run `cargo bench` first, with `-- --save-baseline NAME` \
                 for a run that is to be named",
                runs.join(", "),
                dir.display()
            ),
        }
    }
}

impl std::error::Error for ReadError {}

impl Results {
    /// Reads what the named runs have left below Criterion's directory.
    ///
    /// # Errors
    /// When something cannot be read, or there is nothing.
    pub fn read(dir: &Path, runs: &[String]) -> Result<Self, ReadError> {
        let mut results = Self::default();
        for (idx, run) in runs.iter().enumerate() {
            let before = results.count();
            results.collect(dir, OsStr::new(run), idx)?;
            if results.count() == before {
                return Err(ReadError::Nothing(dir.into(), vec![run.clone()]));
            }
        }
        Ok(results)
    }

    /// How many medians there are.
    fn count(&self) -> usize {
        self.0.values().flat_map(BTreeMap::values).flatten().flatten().count()
    }

    /// Looks for results of a run, the `idx`-th, below `dir`.
    fn collect(&mut self, dir: &Path, run: &OsStr, idx: usize) -> Result<(), ReadError> {
        let failed = |error| ReadError::Io(dir.into(), error);
        for entry in fs::read_dir(dir).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if path.file_name() == Some(run) && path.join("benchmark.json").is_file() {
                self.add(&path, idx)?;
            } else if path.is_dir() {
                self.collect(&path, run, idx)?;
            }
        }
        Ok(())
    }

    /// Adds the result in a directory, but not one of a bench that has no candidates.
    fn add(&mut self, dir: &Path, idx: usize) -> Result<(), ReadError> {
        let about = json(&dir.join("benchmark.json"))?;
        let text = |key| Some(about[key].as_str()?.to_owned());
        let ids = (text("group_id"), text("function_id"), text("value_str"));
        let (Some(group), Some(workload), Some(candidate)) = ids else { return Ok(()) };
        let elements = about["throughput"]["Elements"].as_f64().unwrap_or(1.0);
        let path = dir.join("estimates.json");
        let median = median(&json(&path)?, elements)
            .ok_or_else(|| ReadError::Form(path, "there is no median".into()))?;
        let workload = self.0.entry(format!("{group}/{workload}")).or_default();
        let medians = workload.entry(candidate).or_default();
        medians.resize(medians.len().max(idx + 1), None);
        medians[idx] = Some(median);
        Ok(())
    }
}

fn json(path: &Path) -> Result<Value, ReadError> {
    let text = fs::read(path).map_err(|error| ReadError::Io(path.into(), error))?;
    serde_json::from_slice(&text).map_err(|error| ReadError::Form(path.into(), error.to_string()))
}

fn median(estimates: &Value, elements: f64) -> Option<Median> {
    let median = &estimates["median"];
    let interval = &median["confidence_interval"];
    let value = |value: &Value| Some(value.as_f64()? / elements);
    let (low, high) = (value(&interval["lower_bound"])?, value(&interval["upper_bound"])?);
    Some(Median { point: value(&median["point_estimate"])?, bounds: Interval { low, high } })
}

#[cfg(test)]
mod tests {
    use std::env;
    use std::process;

    use super::*;

    /// A directory as Criterion leaves it, which is removed when this is dropped.
    struct Dir(PathBuf);

    impl Dir {
        fn new(name: &str) -> Self {
            let dir = env::temp_dir().join(format!("benches-{}-{name}", process::id()));
            fs::create_dir_all(&dir).unwrap();
            Self(dir)
        }

        fn result(&self, path: &str, about: &str, median: &str) {
            let dir = self.0.join(path);
            fs::create_dir_all(&dir).unwrap();
            fs::write(dir.join("benchmark.json"), about).unwrap();
            fs::write(dir.join("estimates.json"), median).unwrap();
        }
    }

    impl Drop for Dir {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    const ABOUT: &str = r#"{"group_id":"g","function_id":"w","value_str":"mini",
        "throughput":{"Elements":10}}"#;

    fn estimates(median: f64) -> String {
        format!(
            r#"{{"median":{{"point_estimate":{median},"confidence_interval":
            {{"confidence_level":0.95,"lower_bound":90.0,"upper_bound":120.0}}}}}}"#
        )
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn a_median_is_for_one_element() {
        let dir = Dir::new("element");
        dir.result("g/w/mini/new", ABOUT, &estimates(100.0));
        dir.result("g/w/mini/base", ABOUT, &estimates(7.0));
        let results = Results::read(&dir.0, &names(&["new"])).unwrap();
        let expected = Median { point: 10.0, bounds: Interval { low: 9.0, high: 12.0 } };
        assert_eq!(results.0["g/w"]["mini"], [Some(expected)]);
        assert_eq!(results.count(), 1, "the other run was not asked for");
    }

    #[test]
    fn runs_are_in_the_order_in_which_they_are_named() {
        let dir = Dir::new("order");
        dir.result("g/w/mini/a", ABOUT, &estimates(100.0));
        dir.result("g/w/mini/b", ABOUT, &estimates(200.0));
        let results = Results::read(&dir.0, &names(&["b", "a"])).unwrap();
        let points = results.0["g/w"]["mini"].iter().map(|median| median.map(|it| it.point));
        assert_eq!(points.collect::<Vec<_>>(), [Some(20.0), Some(10.0)]);
    }

    #[test]
    fn a_candidate_that_a_run_has_left_out_has_no_median_of_it() {
        let dir = Dir::new("gap");
        dir.result("g/w/mini/b", ABOUT, &estimates(100.0));
        dir.result("g/w/other/a", &ABOUT.replace("mini", "other"), &estimates(100.0));
        let results = Results::read(&dir.0, &names(&["a", "b"])).unwrap();
        assert_eq!(results.0["g/w"]["mini"][0], None);
        assert!(results.0["g/w"]["mini"][1].is_some());
    }

    #[test]
    fn a_run_without_results_is_named() {
        let dir = Dir::new("nothing");
        dir.result("g/w/mini/a", ABOUT, &estimates(100.0));
        let error = Results::read(&dir.0, &names(&["a", "late"])).unwrap_err().to_string();
        assert!(error.contains("no results of late in"), "{error}");
    }

    #[test]
    fn a_file_that_is_cut_short_is_named() {
        let dir = Dir::new("short");
        dir.result("g/w/mini/new", ABOUT, r#"{"median":"#);
        let error = Results::read(&dir.0, &names(&["new"])).unwrap_err().to_string();
        assert!(error.contains("estimates.json is not as Criterion 0.8 writes it"), "{error}");
    }
}
