//! [`Plan`]: what is measured, in which order, and how long that will take. Measures nothing.
//!
//! In a round, each sitting is done with every candidate before the next sitting begins: so what is
//! compared was measured within seconds. The order of the candidates turns round from one round to
//! the next (A B B A ...), and who begins changes: so nobody always goes first.

use std::time::Duration;

use crate::candidate::Candidate;

/// What a fresh server goes through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sitting {
    /// Whether it counts its heap, which costs it a little.
    pub report_heap: bool,
    /// One after the other.
    pub steps: Vec<Step>,
}

/// One thing done to a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// So many clients connect, and are silent: their memory is measured if this is the idle crowd.
    Gather(usize),
    /// They talk as fast as they are answered.
    Closed,
    /// They talk at this share of the capacity, in per cent.
    Open(u32),
    /// They go.
    Leave,
    /// The server is told to stop, with those who are there.
    Stop,
}

/// What is measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// How often all of it is done.
    pub rounds: usize,
    /// The crowds of the closed loop.
    pub closed: Vec<usize>,
    /// The crowd of the open loop, which is also the one that a stopped server has.
    pub open_connections: usize,
    /// The loads of the open loop, in per cent of the capacity.
    pub open_percents: Vec<u32>,
    /// The crowd whose memory is measured.
    pub idle: usize,
    /// Before each run, unmeasured.
    pub warm_up: Duration,
    /// A run of the closed loop.
    pub closed_run: Duration,
    /// A run of the open loop.
    pub open_run: Duration,
    /// Members of a room.
    pub room_size: usize,
    /// Bytes of what is said.
    pub text_bytes: usize,
}

/// Starting and stopping a server, without clients.
const START: Duration = Duration::from_millis(30);

/// Letting a client in and out again.
const CLIENT: Duration = Duration::from_micros(250);

/// What a run takes beyond its warm-up and duration: what is under way arrives.
const SETTLE: Duration = Duration::from_millis(20);

/// How often the capacity is measured before the rounds begin; the median counts.
pub const CALIBRATIONS: usize = 3;

/// Measuring the core by itself, for each crowd.
pub const HUB_TIME: Duration = Duration::from_millis(300);

impl Plan {
    /// Two minutes on two cores, at most.
    pub fn quick() -> Self {
        Self {
            rounds: 5,
            closed: vec![10, 100, 1_000],
            open_connections: 1_000,
            open_percents: vec![20, 60, 120],
            idle: 1_000,
            warm_up: Duration::from_millis(100),
            closed_run: Duration::from_millis(300),
            open_run: Duration::from_millis(350),
            room_size: 10,
            text_bytes: 100,
        }
    }

    /// Half an hour on two cores, at most.
    pub fn full() -> Self {
        Self {
            rounds: 8,
            // 3,000 is there for the model: without it nothing but 9,000 shows what caches do.
            closed: vec![10, 100, 1_000, 3_000, 9_000],
            open_percents: vec![20, 40, 60, 80, 100, 120],
            idle: 9_000,
            warm_up: Duration::from_millis(500),
            closed_run: Duration::from_millis(1_500),
            open_run: Duration::from_millis(1_500),
            ..Self::quick()
        }
    }

    /// A few seconds with a few clients: to see that everything works.
    pub fn glance() -> Self {
        Self {
            rounds: 3,
            closed: vec![10, 20, 40],
            open_connections: 20,
            open_percents: vec![20],
            idle: 40,
            warm_up: Duration::from_millis(10),
            closed_run: Duration::from_millis(40),
            open_run: Duration::from_millis(40),
            ..Self::quick()
        }
    }

    /// No crowd is larger than `most`: those that were are as large as that. What changed is told.
    pub fn at_most(&mut self, most: usize) -> Vec<String> {
        let mut said = Vec::new();
        let crowds = self.closed.iter_mut();
        for crowd in crowds.chain([&mut self.open_connections, &mut self.idle]) {
            if *crowd > most {
                said.push(format!("{most} connections instead of {crowd}"));
                *crowd = most;
            }
        }
        self.closed.dedup();
        said.sort();
        said.dedup();
        said
    }

    /// What each round does with each candidate.
    pub fn sittings(&self) -> Vec<Sitting> {
        let sitting = |report_heap, steps| Sitting { report_heap, steps };
        let mut sittings = vec![sitting(true, vec![Step::Gather(self.idle)])];
        let (small, large): (Vec<usize>, Vec<usize>) =
            self.closed.iter().partition(|crowd| **crowd < self.open_connections);
        let mut steps = Vec::new();
        for crowd in small {
            steps.extend([Step::Gather(crowd), Step::Closed, Step::Leave]);
        }
        steps.push(Step::Stop);
        sittings.push(sitting(false, steps));
        let mut steps = vec![Step::Gather(self.open_connections)];
        steps.extend(large.contains(&self.open_connections).then_some(Step::Closed));
        steps.extend(self.open_percents.iter().map(|percent| Step::Open(*percent)));
        steps.push(Step::Stop);
        sittings.push(sitting(false, steps));
        let mut rest: Vec<usize> =
            large.into_iter().filter(|crowd| *crowd != self.open_connections).collect();
        if self.idle != self.open_connections && !rest.contains(&self.idle) {
            rest.push(self.idle);
        }
        for crowd in rest {
            let mut steps = vec![Step::Gather(crowd)];
            steps.extend(self.closed.contains(&crowd).then_some(Step::Closed));
            sittings.push(sitting(false, steps));
        }
        sittings
    }

    /// How long all of it takes on a machine like the one that this was written on.
    pub fn estimate(&self, candidates: usize) -> Duration {
        let per_round: Duration = self.sittings().iter().map(|sitting| self.time(sitting)).sum();
        let calibration = Sitting {
            report_heap: false,
            steps: [Step::Gather(self.open_connections)]
                .into_iter()
                .chain([Step::Closed; CALIBRATIONS])
                .collect(),
        };
        let hub = HUB_TIME * self.closed.len() as u32;
        per_round * (candidates * self.rounds) as u32 + self.time(&calibration) * 2 + hub
    }

    /// How long one sitting takes.
    pub fn time(&self, sitting: &Sitting) -> Duration {
        let step = |step: &Step| match step {
            Step::Gather(crowd) => CLIENT * *crowd as u32,
            Step::Closed => self.warm_up + self.closed_run + SETTLE,
            Step::Open(percent) => {
                // At 120 % of capacity the last sixth of what was said comes late.
                let late = self.open_run * percent.saturating_sub(100) / 100;
                self.warm_up + self.open_run + SETTLE + late
            }
            Step::Leave | Step::Stop => Duration::ZERO,
        };
        START + sitting.steps.iter().map(step).sum::<Duration>()
    }
}

/// The candidates in the order in which they take their turns in this round, counted from 0.
pub fn turns(candidates: &[Candidate], round: usize) -> Vec<Candidate> {
    let mut turns = candidates.to_vec();
    if !turns.is_empty() {
        turns.rotate_left((round / 2) % candidates.len());
    }
    if round % 2 == 1 {
        turns.reverse();
    }
    turns
}

/// Who is compared at one absolute rate of the open loop, and in whose capacity it is counted: the
/// first of each that takes part.
pub fn groups(candidates: &[Candidate]) -> Vec<(Candidate, Vec<Candidate>)> {
    let is_single = |candidate: &Candidate| candidate.workers(2) == 1;
    let (single, several): (Vec<Candidate>, Vec<Candidate>) =
        candidates.iter().partition(|candidate| is_single(candidate));
    let reference = |group: &[Candidate]| {
        let named = |name: &str| group.iter().find(|candidate| candidate.name() == name).copied();
        named("tokio").or_else(|| named("tokio-ct")).or_else(|| group.first().copied())
    };
    let groups = [several, single].into_iter();
    groups.filter_map(|group| Some((reference(&group)?, group))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quick_comparison_ends_within_two_minutes_and_a_full_one_within_thirty() {
        let all = Candidate::ALL.len();
        assert!(Plan::quick().estimate(all) < Duration::from_secs(115));
        assert!(Plan::full().estimate(all) < Duration::from_secs(27 * 60));
        assert!(Plan::quick().rounds >= 4 && Plan::full().rounds >= 6);
    }

    #[test]
    fn every_crowd_and_load_is_in_some_sitting_once() {
        for plan in [Plan::quick(), Plan::full(), Plan::glance()] {
            let sittings = plan.sittings();
            assert_eq!(sittings.iter().filter(|sitting| sitting.report_heap).count(), 1);
            let mut closed = Vec::new();
            let mut percents = Vec::new();
            let mut stopped = Vec::new();
            for sitting in &sittings {
                let mut crowd = 0;
                for step in &sitting.steps {
                    match *step {
                        Step::Gather(more) => crowd = more,
                        Step::Closed => closed.push(crowd),
                        Step::Open(percent) => percents.push((crowd, percent)),
                        Step::Leave => crowd = 0,
                        Step::Stop => stopped.push(crowd),
                    }
                }
            }
            closed.sort_unstable();
            assert_eq!(closed, plan.closed);
            let open = plan.open_percents.iter().map(|percent| (plan.open_connections, *percent));
            assert_eq!(percents, open.collect::<Vec<_>>());
            assert_eq!(stopped, [0, plan.open_connections]);
        }
    }

    #[test]
    fn candidates_take_turns_and_nobody_always_begins() {
        let all = Candidate::ALL;
        let [a, b, c, ..] = all;
        assert_eq!(turns(&[a, b], 0), [a, b]);
        assert_eq!(turns(&[a, b], 1), [b, a]);
        assert_eq!(turns(&[a, b], 2), [b, a]);
        assert_eq!(turns(&[a, b], 3), [a, b]);
        assert_eq!(turns(&[a, b, c], 2), [b, c, a]);
        assert!(turns(&[], 5).is_empty());
    }

    #[test]
    fn the_reference_is_tokio_where_it_takes_part() {
        let groups = |names: &[&str]| -> Vec<String> {
            let named = |name: &&str| {
                Candidate::ALL.into_iter().find(|candidate| candidate.name() == *name)
            };
            let candidates: Vec<Candidate> = names.iter().filter_map(named).collect();
            groups(&candidates).iter().map(|(of, all)| format!("{of} {}", all.len())).collect()
        };
        assert_eq!(groups(&Candidate::ALL.map(Candidate::name)), ["tokio 3", "tokio-ct 3"]);
        assert_eq!(groups(&["floor", "mini-ct"]), ["floor 2"]);
        assert!(groups(&[]).is_empty());
    }

    #[test]
    fn crowds_shrink_to_what_is_possible() {
        let mut plan = Plan::full();
        assert_eq!(
            plan.at_most(500),
            [1_000, 3_000, 9_000].map(|most| format!("500 connections instead of {most}"))
        );
        assert_eq!(plan.closed, [10, 100, 500]);
        assert_eq!((plan.open_connections, plan.idle), (500, 500));
        assert!(Plan::full().at_most(9_000).is_empty());
    }
}
