//! [`Results`]: all that a comparison has measured, run by run, and nothing that is derived.
//!
//! Ratios, intervals, tables and plots are made from this, so a file of it can be shown again, or
//! set beside another, without measuring.

use serde::{Deserialize, Serialize};

/// All that one comparison has measured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Results {
    /// What was the same for all: versions, flags, machine; name and value, in the order to show.
    pub conditions: Vec<(String, String)>,
    /// The names of the candidates, in the order to show.
    pub candidates: Vec<String>,
    /// Each metric of each candidate at each point.
    pub series: Vec<Series>,
    /// What the core alone costs, with no I/O: the part that runs under one lock on any runtime.
    #[serde(default)]
    pub hub: Vec<HubCost>,
    /// Messages that were lost, came twice, out of order or changed: whose, where, and how many. A
    /// server that does that is not to be measured but mended.
    pub faults: Vec<String>,
    /// Steps in which a server failed. What they ought to have measured is missing.
    pub failures: Vec<Failure>,
    /// How long a run of the closed loop was, in milliseconds, if that is known.
    #[serde(default)]
    pub closed_run_ms: Option<u64>,
}

impl Results {
    /// How often a candidate's server failed.
    pub fn failures_of(&self, candidate: &str) -> usize {
        self.failures.iter().filter(|failure| failure.candidate == candidate).count()
    }
}

/// A server failed: it ended, closed or refused a client, or fell silent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    /// Whose it was: a name of [`Results::candidates`].
    pub candidate: String,
    /// In which round, from 1.
    pub round: usize,
    /// Under which load; [`Experiment::Idle`] where the clients were coming in.
    pub point: Point,
    /// What was seen of it.
    pub why: String,
}

/// What the core costs at one number of clients.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct HubCost {
    /// How many clients it has.
    pub connections: usize,
    /// Nanoseconds in the core for one delivery: what the lock is held for.
    pub ns_per_delivery: f64,
}

/// What one candidate made of one metric at one point, in every round.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// What was measured.
    pub metric: Metric,
    /// Under which load.
    pub point: Point,
    /// Whose it is: a name of [`Results::candidates`].
    pub candidate: String,
    /// One value a round, in the metric's unit. The candidates took turns within a round, so equal
    /// indices make a pair. `None`: that run says nothing; why is in [`notes`](Self::notes).
    pub rounds: Vec<Option<f64>>,
    /// Why values are missing, or what else a reader must know; mostly empty.
    pub notes: Vec<String>,
}

/// Where a value was measured.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct Point {
    /// What was done.
    pub experiment: Experiment,
    /// How many clients were connected.
    pub connections: usize,
    /// For [`Experiment::Open`]: the load in per cent of the reference's capacity.
    pub load_percent: Option<u32>,
    /// For [`Experiment::Open`]: the deliveries asked for in a second; the same for all candidates
    /// that are compared with each other.
    pub rate: Option<f64>,
}

/// What was done to a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Experiment {
    /// Closed loop: each room says its next line when everybody has heard the last one.
    Closed,
    /// Open loop: lines are said at a given rate, whatever the server makes of it.
    Open,
    /// Clients are connected and silent.
    Idle,
    /// The server is started, and told to stop with its clients connected.
    Life,
}

/// What was measured, with its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Deliveries in a second.
    Throughput,
    /// Nanoseconds of the server's CPU time for one delivery, user and system.
    CpuPerDelivery,
    /// The part of it in user mode, in nanoseconds.
    UserCpuPerDelivery,
    /// Context switches of the server for one delivery.
    SwitchesPerDelivery,
    /// Microseconds from the intended send time to the delivery.
    LatencyP50,
    /// Microseconds.
    LatencyP90,
    /// Microseconds.
    LatencyP99,
    /// Microseconds.
    LatencyP999,
    /// Microseconds.
    LatencyMax,
    /// Bytes of the server's heap for one connection.
    HeapPerConnection,
    /// Bytes of resident memory for one connection.
    RssPerConnection,
    /// Milliseconds from starting the process until it listens.
    Start,
    /// Milliseconds from SIGTERM until the process has ended.
    Shutdown,
}

impl Metric {
    /// Whether more of it is better; of all others less is.
    pub fn more_is_better(self) -> bool {
        self == Metric::Throughput
    }
}
