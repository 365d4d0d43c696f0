//! Carries out a [`Plan`]: servers in child processes, the generator on this thread.
//!
//! What goes wrong with one server is noted where its value would stand, and the rest goes on. Where
//! it was the server that failed, it is counted too: else whoever fails under a load that is too much
//! would only have fewer values there than who bears it.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};

use super::child::Living;
use super::cores::{Cores, pin};
use super::hub_cost;
use super::plan::{HUB_TIME, Plan, Sitting, Step, groups, turns};
use super::record::{Record, Turn};
use super::results::Results;
use super::sitting::Bench;
use crate::candidate::Candidate;

/// What is compared, and how.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The program that serves: this one.
    pub binary: PathBuf,
    /// Who is compared, in the order to show.
    pub candidates: Vec<Candidate>,
    /// Threads for those that can choose.
    pub workers: usize,
    /// What is measured.
    pub plan: Plan,
}

/// Who is told how far it is.
pub trait Progress {
    /// This comes now.
    fn now(&mut self, what: &str);
    /// So much of [`Plan::estimate`] is done.
    fn done(&mut self, of_estimate: Duration);
}

/// Measures. The calling thread becomes the generator: it is pinned to its core. The conditions hold
/// the capacities that were found.
///
/// # Errors
/// When nothing can be measured: a server cannot be started, or the capacity not be found.
pub fn measure(
    setting: &Setting,
    living: &Living,
    progress: &mut impl Progress,
) -> Result<Results> {
    let cores = Cores::allowed().context("cannot tell which cores may be used")?;
    pin(cores.generator()).context("cannot pin the generator to a core")?;
    let mut bench = Bench::new(setting, living, cores);
    let plan = &setting.plan;
    let mut capacities = Vec::new();
    for (reference, group) in groups(&setting.candidates) {
        progress.now(&format!("capacity of {reference}"));
        let (capacity, limit) = bench
            .capacity(reference)
            .with_context(|| format!("cannot find the capacity of {reference}"))?;
        let limit = limit.map_or_else(String::new, |how| {
            format!(" (or more: the load generator was the limit: {how})")
        });
        capacities.push(format!("{capacity:.0} deliveries/s of {reference}{limit}"));
        bench.set_capacity(group, capacity);
    }
    progress.now("the core alone");
    let hub = plan
        .closed
        .iter()
        .map(|crowd| hub_cost::measure(*crowd, plan.room_size, plan.text_bytes, HUB_TIME))
        .collect();
    let mut record = Record::new(plan.rounds);
    let mut failures = Vec::new();
    for round in 0..plan.rounds {
        for sitting in plan.sittings() {
            for candidate in turns(&setting.candidates, round) {
                let rounds = plan.rounds;
                let what = describe(&sitting);
                progress.now(&format!("round {} of {rounds}, {candidate}: {what}", round + 1));
                failures.extend(bench.sit(Turn { candidate, round }, &sitting, &mut record));
                progress.done(plan.time(&sitting));
            }
        }
    }
    let (results, faults) = record.finish(&setting.candidates);
    let closed_run_ms = u64::try_from(plan.closed_run.as_millis()).ok();
    let mut results = Results { hub, faults, failures, closed_run_ms, ..results };
    results.conditions.push(("capacity".to_owned(), capacities.join(", ")));
    results.conditions.push(("pinning".to_owned(), bench.cores().describe()));
    Ok(results)
}

/// What a sitting does, for people.
fn describe(sitting: &Sitting) -> String {
    let crowds: Vec<String> = sitting
        .steps
        .iter()
        .filter_map(|step| match step {
            Step::Gather(crowd) => Some(crowd.to_string()),
            _ => None,
        })
        .collect();
    let what = match &sitting.steps[..] {
        _ if sitting.report_heap => "heap of",
        steps if steps.iter().any(|step| matches!(step, Step::Open(_))) => "closed and open loop,",
        steps if steps.contains(&Step::Closed) => "closed loop,",
        _ => "memory of",
    };
    format!("{what} {} clients", crowds.join(" and "))
}
