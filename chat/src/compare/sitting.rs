//! [`Bench`]: a server goes through a [`Sitting`], and what comes of it is recorded.

use std::io::ErrorKind;
use std::time::Duration;

use anyhow::{Context, Error, Result, bail};

use super::child::{Living, Server, Start};
use super::cores::Cores;
use super::measure::Setting;
use super::plan::{CALIBRATIONS, Plan, Sitting, Step};
use super::record::{Record, Turn, metrics_of};
use super::results::{Experiment, Failure, Metric, Point};
use super::statistics::Summary;
use crate::candidate::Candidate;
use crate::load::{Crowd, Gathering, Load, LoadError, Report, Run, Trust};

/// How long nothing may come of what has to come.
const PATIENCE: Duration = Duration::from_secs(10);

/// What stays from one sitting to the next.
#[derive(Debug)]
pub(super) struct Bench<'a> {
    setting: &'a Setting,
    living: &'a Living,
    cores: Cores,
    /// Deliveries in a second that are 100 % for each.
    capacities: Vec<(Candidate, f64)>,
}

impl<'a> Bench<'a> {
    pub(super) fn new(setting: &'a Setting, living: &'a Living, cores: Cores) -> Self {
        Self { setting, living, cores, capacities: Vec::new() }
    }

    pub(super) fn cores(&self) -> &Cores {
        &self.cores
    }

    /// What the open loop counts as 100 % for these.
    pub(super) fn set_capacity(&mut self, group: Vec<Candidate>, capacity: f64) {
        self.capacities.extend(group.into_iter().map(|candidate| (candidate, capacity)));
    }

    /// Deliveries in a second that a candidate makes in a closed loop: the median of some runs. If
    /// the generator was the limit of one of them, that is less than the capacity: how it is known.
    pub(super) fn capacity(&self, candidate: Candidate) -> Result<(f64, Option<String>)> {
        let mut seat = self.seat(candidate, false)?;
        seat.gather(self.setting.plan.open_connections)?;
        let (mut rates, mut limit) = (Vec::new(), None);
        for _ in 0..CALIBRATIONS {
            let report = seat.run(Load::Closed)?;
            if let Trust::Bottleneck(how) = report.trust {
                limit = Some(how);
            }
            rates.push(report.deliveries_per_second);
        }
        let summary = Summary::of(&rates).context("no run was made")?;
        Ok((summary.median, limit))
    }

    /// One sitting of one candidate. What it cannot do is noted, and the next step has a fresh server
    /// with the same clients: a load that is too much takes no other one with it. If clients cannot
    /// be had, nothing is tried that needs them. How often it was the server that failed is given.
    pub(super) fn sit(&self, turn: Turn, sitting: &Sitting, record: &mut Record) -> Vec<Failure> {
        let rate = self.capacities.iter().find(|(candidate, _)| *candidate == turn.candidate);
        let cells = cells(&self.setting.plan, sitting, rate.map_or(0.0, |(_, rate)| *rate));
        let mut failures = Vec::new();
        let (mut seat, mut clients, mut hopeless) = (None::<Seat<'_>>, 0, None::<String>);
        for (step, (metrics, point)) in sitting.steps.iter().zip(&cells) {
            if let Step::Gather(_) | Step::Leave = step {
                (clients, hopeless) = (0, None);
            }
            if let Some(why) = &hopeless {
                record.missing(turn, metrics, *point, why);
                continue;
            }
            let taken = match (seat.take(), step) {
                (None, Step::Leave) => continue,
                (Some(seat), _) => Ok(seat),
                (None, _) => self.seat_with(turn.candidate, sitting.report_heap, clients),
            };
            let could_sit = taken.is_ok();
            let done = taken.and_then(|seat| seat.step(*step, *point));
            match done {
                Ok((found, left)) => {
                    seat = left;
                    keep(found, turn, metrics, *point, record);
                }
                Err(error) => {
                    let why = format!("{error:#}");
                    if is_servers(&error) {
                        let (candidate, why) = (turn.candidate.name().to_owned(), why.clone());
                        let (round, point) = (turn.round + 1, *point);
                        failures.push(Failure { candidate, round, point, why });
                    }
                    record.missing(turn, metrics, *point, &why);
                    let has_clients = could_sit && !matches!(step, Step::Gather(_));
                    hopeless = (!has_clients).then_some(why);
                }
            }
            if let Step::Gather(crowd) = *step {
                clients = crowd;
            }
        }
        failures
    }

    /// Starts a server, and lets so many clients in.
    fn seat_with(
        &self,
        candidate: Candidate,
        report_heap: bool,
        clients: usize,
    ) -> Result<Seat<'_>> {
        let mut seat = self.seat(candidate, report_heap)?;
        if clients > 0 {
            let gathered = seat.gather(clients);
            gathered.map_err(|error| seat.what_became(error))?;
        }
        Ok(seat)
    }

    /// Starts a server.
    fn seat(&self, candidate: Candidate, report_heap: bool) -> Result<Seat<'_>> {
        let Setting { binary, workers, plan, .. } = self.setting;
        let (workers, cores) = (*workers, &self.cores);
        let start = Start { binary, candidate, workers, report_heap, cores };
        let server = Server::start(&start, self.living)?;
        Ok(Seat { plan, server, report_heap, crowd: None, gathered: 0 })
    }
}

/// A server, and who is there.
struct Seat<'a> {
    plan: &'a Plan,
    server: Server,
    report_heap: bool,
    crowd: Option<Crowd>,
    /// How many crowds there were: each has its own nicks.
    gathered: usize,
}

/// What a step finds.
enum Found {
    /// A run.
    Report(Box<Report>),
    /// Memory for a connection.
    Bytes(f64),
    /// Times of a server's life, in milliseconds.
    Life { start_ms: f64, stop_ms: f64 },
    /// Nothing was measured.
    Nothing,
}

/// Records what was found.
fn keep(found: Found, turn: Turn, metrics: &[Metric], point: Point, record: &mut Record) {
    match found {
        Found::Report(report) => record.report(turn, point, &report),
        Found::Bytes(bytes) => {
            metrics.iter().for_each(|m| record.value(turn, *m, point, Some(bytes)));
        }
        Found::Life { start_ms, stop_ms } => {
            // Starting does not depend on who comes later: it is shown with nobody.
            for (metric, ms) in [(Metric::Start, start_ms), (Metric::Shutdown, stop_ms)] {
                if metrics.contains(&metric) {
                    record.value(turn, metric, point, Some(ms));
                }
            }
        }
        Found::Nothing => {}
    }
}

/// Whether it is the server that failed, and not the generator or its machine.
fn is_servers(error: &Error) -> bool {
    match error.downcast_ref::<LoadError>() {
        Some(LoadError::Plan(_) | LoadError::Files { .. } | LoadError::Io { .. }) => false,
        Some(LoadError::Connect { source, .. }) => source.kind() != ErrorKind::AddrNotAvailable,
        _ => true,
    }
}

impl Seat<'_> {
    /// Does a step: what it finds, and the server, unless it was stopped or has failed.
    fn step(mut self, step: Step, point: Point) -> Result<(Found, Option<Self>)> {
        if step == Step::Stop {
            let start_ms = self.server.start.as_secs_f64() * 1e3;
            let stop_ms = self.stop()?.as_secs_f64() * 1e3;
            return Ok((Found::Life { start_ms, stop_ms }, None));
        }
        match self.measured(step, point) {
            Ok(found) => Ok((found, Some(self))),
            Err(error) => Err(self.what_became(error)),
        }
    }

    /// Does a step that leaves the server where it is.
    fn measured(&mut self, step: Step, point: Point) -> Result<Found> {
        let report = |report: Report| Found::Report(Box::new(report));
        Ok(match step {
            Step::Gather(clients) => {
                let before = self.memory()?;
                self.gather(clients)?;
                Found::Bytes((self.memory()? - before) / clients as f64)
            }
            Step::Closed => report(self.run(Load::Closed)?),
            Step::Open(_) => {
                let deliveries_per_second = point.rate.unwrap_or_default();
                report(self.run(Load::Open { deliveries_per_second })?)
            }
            Step::Leave | Step::Stop => {
                self.leave();
                Found::Nothing
            }
        })
    }

    /// That the server has ended, if so: it says more than what that did to the clients.
    fn what_became(&mut self, error: Error) -> Error {
        self.server.death().map_or(error, Error::msg)
    }

    fn gather(&mut self, clients: usize) -> Result<()> {
        self.gathered += 1;
        let gathering = Gathering {
            addr: self.server.addr,
            clients,
            room_size: self.plan.room_size,
            prefix: format!("c{}", self.gathered),
            patience: PATIENCE,
            ..Gathering::default()
        };
        self.crowd = Some(Crowd::gather(&gathering, &mut ())?);
        Ok(())
    }

    fn run(&mut self, load: Load) -> Result<Report> {
        let duration = match load {
            Load::Closed => self.plan.closed_run,
            Load::Open { .. } => self.plan.open_run,
        };
        let run = Run {
            load,
            warm_up: self.plan.warm_up,
            duration,
            text_bytes: self.plan.text_bytes,
            churn_per_second: 0.0,
            server: Some(self.server.pid),
        };
        let Some(crowd) = &mut self.crowd else { bail!("nobody is there to talk") };
        Ok(crowd.run(&run, &mut ())?)
    }

    fn leave(&mut self) {
        if let Some(crowd) = self.crowd.take() {
            crowd.leave();
        }
    }

    /// Stops the server; whoever is there hears its last line, and goes.
    fn stop(self) -> Result<Duration> {
        let Self { server, crowd, .. } = self;
        server.stop(|| crowd.map_or((), Crowd::leave))
    }

    /// The bytes of heap, if the server counts them, else of resident memory.
    fn memory(&mut self) -> Result<f64> {
        if self.report_heap { self.server.heap_bytes() } else { self.server.rss_bytes() }
    }
}

/// What each step of a sitting measures, and where; `capacity` is 100 % of the open loop.
fn cells(plan: &Plan, sitting: &Sitting, capacity: f64) -> Vec<(Vec<Metric>, Point)> {
    let mut connections = 0;
    let cell = |step: &Step| {
        let point = |experiment, connections| Point {
            experiment,
            connections,
            load_percent: None,
            rate: None,
        };
        let all = |experiment| metrics_of(experiment).to_vec();
        match *step {
            Step::Gather(clients) => {
                connections = clients;
                let metric = match sitting.report_heap {
                    true => Metric::HeapPerConnection,
                    false => Metric::RssPerConnection,
                };
                let idle = clients == plan.idle;
                (idle.then_some(metric).into_iter().collect(), point(Experiment::Idle, clients))
            }
            Step::Closed => (all(Experiment::Closed), point(Experiment::Closed, connections)),
            Step::Open(percent) => {
                let rate = Some(capacity * f64::from(percent) / 100.0);
                let load_percent = Some(percent);
                let point = point(Experiment::Open, connections);
                (all(Experiment::Open), Point { load_percent, rate, ..point })
            }
            Step::Leave => {
                connections = 0;
                (Vec::new(), point(Experiment::Idle, 0))
            }
            Step::Stop => {
                let mut metrics = all(Experiment::Life);
                metrics.retain(|metric| *metric == Metric::Shutdown || connections == 0);
                (metrics, point(Experiment::Life, connections))
            }
        }
    };
    sitting.steps.iter().map(cell).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_of_every_point_is_measured_once_a_round() {
        for plan in [Plan::quick(), Plan::full(), Plan::glance()] {
            let mut all: Vec<(Metric, Point)> = Vec::new();
            for sitting in plan.sittings() {
                for (metrics, point) in cells(&plan, &sitting, 1e5) {
                    all.extend(metrics.into_iter().map(|metric| (metric, point)));
                }
            }
            for (n, cell) in all.iter().enumerate() {
                assert!(!all[..n].contains(cell), "{cell:?}");
            }
            // Heap and RSS; a start and two ends.
            let wanted = 4 * plan.closed.len() + 7 * plan.open_percents.len() + 2 + 3;
            assert_eq!(all.len(), wanted);
        }
    }

    #[test]
    fn the_open_loops_rate_is_its_share_of_the_capacity() {
        let plan = Plan::quick();
        let sittings = plan.sittings();
        let points = sittings.iter().flat_map(|sitting| cells(&plan, sitting, 2e5));
        let rates: Vec<_> = points.filter_map(|(_, point)| point.rate).collect();
        assert_eq!(rates, [4e4, 1.2e5, 2.4e5]);
    }
}
