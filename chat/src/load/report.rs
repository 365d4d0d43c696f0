//! [`Report`]: what a run has shown.

use hdrhistogram::Histogram;
use serde::Serialize;

/// What a run has shown. Messages are counted over the whole run; rates, latency and costs are of
/// the measured part.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Lines said.
    pub sent: u64,
    /// Deliveries that had to come: a line is due to each other member of its room.
    pub due: u64,
    /// Those that came.
    pub delivered: u64,
    /// Those that did not: `due` less `delivered`.
    pub lost: u64,
    /// Deliveries that came again, beside the first of each.
    pub duplicated: u64,
    /// Deliveries that came after a later one of the same sender.
    pub reordered: u64,
    /// Messages to a room that are not what anybody said there, and those that came to who is not
    /// in their room.
    pub corrupt: u64,
    /// The first of those as it came.
    pub first_corrupt: Option<String>,
    /// How long was measured.
    pub seconds: f64,
    /// How many came in a second, slow readers not counted.
    pub deliveries_per_second: f64,
    /// From when a line was to be said (open loop) or was said (closed loop) until it came, to
    /// those who do not read slowly.
    pub latency: Latency,
    /// What the server cost, where its process was given and something was delivered.
    pub server: Option<ServerCost>,
    /// What this side cost.
    pub generator: Own,
    /// Whether the run says something about the server.
    pub trust: Trust,
    /// The slow readers, where there are some.
    pub slow: Option<SlowReaders>,
    /// Who came and went, where some were to.
    pub visitors: Option<Visitors>,
}

/// How long deliveries took.
#[derive(Clone, Debug, Serialize)]
pub struct Latency {
    /// Microseconds; half were faster.
    pub p50_us: f64,
    /// Microseconds.
    pub p90_us: f64,
    /// Microseconds.
    pub p99_us: f64,
    /// Microseconds.
    pub p999_us: f64,
    /// Microseconds; of all.
    pub max_us: f64,
    /// Microseconds.
    pub mean_us: f64,
    /// All of them, in nanoseconds, to three digits.
    #[serde(skip)]
    pub histogram: Histogram<u64>,
}

/// What the server cost.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ServerCost {
    /// Nanoseconds of CPU time, user and system. Slow readers' and visitors' shares are in it.
    pub cpu_ns_per_delivery: f64,
    /// The part in user mode, by hundredths of a second; `None` when there was none of those.
    pub user_ns_per_delivery: Option<f64>,
    /// The part in the kernel.
    pub system_ns_per_delivery: Option<f64>,
    /// How often its threads went to sleep.
    pub switches_voluntary: u64,
    /// How often they were put aside.
    pub switches_involuntary: u64,
    /// Both.
    pub switches_per_delivery: f64,
    /// Resident memory at the end.
    pub rss_bytes: u64,
    /// Its threads at the end.
    pub threads: usize,
    /// The cores on which it may run.
    pub cores: usize,
    /// Whether the load's thread may run on one of them.
    pub shares_core: bool,
    /// CPU seconds in a second.
    pub cores_used: f64,
}

/// What this side cost.
#[derive(Clone, Debug, Serialize)]
pub struct Own {
    /// CPU seconds of the load's thread in a second.
    pub cores_used: f64,
    /// Microseconds from when a line was to be said until it was handed to a socket that took it;
    /// none in a closed loop. It is part of the latency.
    pub late_mean_us: f64,
    /// Microseconds.
    pub late_p99_us: f64,
    /// Microseconds.
    pub late_max_us: f64,
}

/// Whether a run says something about the server.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// It does.
    Fine,
    /// It does, but this side was late, and may have been so because the server took its core: the
    /// latency holds that wait, as it counts from the intended times. How late it was.
    Shared(String),
    /// This side limited what was measured: how that is known.
    Bottleneck(String),
}

/// Members who read a trickle.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SlowReaders {
    /// How many there were at first.
    pub readers: u64,
    /// How many of them the server has closed so far. What they did not get is not lost.
    pub closed_by_server: u64,
}

/// Who came and went.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Visitors {
    /// They came in, joined and quit.
    pub completed: u64,
    /// They were not let in, or not in time.
    pub failed: u64,
    /// Why the first of those failed.
    pub first_failure: Option<String>,
}

/// A thread this busy has no time to spare.
const BUSY: f64 = 0.95;

/// This side may be late by so much of what is measured.
const LATE_SHARE_MAX: f64 = 0.25;

/// Less than that is what waking up costs anywhere.
const LATE_US_MIN: f64 = 100.0;

impl Report {
    /// Whether every message came once, in order and unchanged.
    pub fn is_correct(&self) -> bool {
        (self.lost, self.duplicated, self.reordered, self.corrupt) == (0, 0, 0, 0)
    }

    /// Judges whether this side limited the run.
    ///
    /// To be late is held against the run only where the server cannot have been the cause. Else a
    /// server that starves this side would have its worst runs left out.
    pub(super) fn judge(&mut self) {
        self.trust = Trust::Fine;
        let busy = self.generator.cores_used;
        // Of the server's cores, this side takes what it uses: it may share one of them.
        let spare = self.server.as_ref().map(|server| {
            let left = (server.cores as f64 - busy).max(1.0);
            left.min(server.threads as f64) - server.cores_used
        });
        if busy > BUSY && spare.is_none_or(|spare| spare > 1.0 - BUSY) {
            let known = match spare {
                Some(spare) => format!("while the server had {spare:.2} cores to spare"),
                None => "and nothing is known of the server's CPU".into(),
            };
            let percent = busy * 100.0;
            self.trust = Trust::Bottleneck(format!(
                "its thread was busy {percent:.0} % of the time, {known}"
            ));
            return;
        }
        let pairs = [
            ("mean", self.generator.late_mean_us, self.latency.mean_us),
            ("p99", self.generator.late_p99_us, self.latency.p99_us),
        ];
        for (name, late, latency) in pairs {
            if late > LATE_US_MIN && late > LATE_SHARE_MAX * latency {
                let how = format!(
                    "it said its own lines late, {name} {late:.0} us, where the latency measured \
                     from their times is {latency:.0} us"
                );
                let is_apart = self.server.as_ref().is_some_and(|server| !server.shares_core);
                self.trust = if is_apart { Trust::Bottleneck(how) } else { Trust::Shared(how) };
                return;
            }
        }
    }
}

impl Latency {
    pub(super) fn of(histogram: Histogram<u64>) -> Self {
        let us = |ns: u64| ns as f64 / 1000.0;
        let at = |quantile| us(histogram.value_at_quantile(quantile).min(histogram.max()));
        Self {
            p50_us: at(0.5),
            p90_us: at(0.9),
            p99_us: at(0.99),
            p999_us: at(0.999),
            max_us: us(histogram.max()),
            mean_us: if histogram.is_empty() { 0.0 } else { histogram.mean() / 1000.0 },
            histogram,
        }
    }
}

/// A histogram of nanoseconds, up to an hour, to three digits.
pub(super) fn histogram() -> Histogram<u64> {
    const HOUR_NS: u64 = 3_600_000_000_000;
    Histogram::new_with_bounds(1, HOUR_NS, 3).expect("these bounds are in order")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of a run in which this side's thread was so busy and so late (mean), and a
    /// server of two threads used so many of four cores.
    fn judged(busy: f64, late_us: f64, server: Option<f64>) -> Option<String> {
        judged_on(4, busy, late_us, server)
    }

    /// The same of so many cores.
    fn judged_on(cores: usize, busy: f64, late_us: f64, server: Option<f64>) -> Option<String> {
        match trust(cores, false, busy, late_us, server) {
            Trust::Fine => None,
            Trust::Bottleneck(known) => Some(known),
            Trust::Shared(how) => panic!("no core is shared: {how}"),
        }
    }

    fn trust(
        cores: usize,
        shares_core: bool,
        busy: f64,
        late_us: f64,
        server: Option<f64>,
    ) -> Trust {
        let mut latency = histogram();
        latency.record(1_000_000).expect("within its bounds");
        let cost = |cores_used| ServerCost {
            cpu_ns_per_delivery: 0.0,
            user_ns_per_delivery: None,
            system_ns_per_delivery: None,
            switches_voluntary: 0,
            switches_involuntary: 0,
            switches_per_delivery: 0.0,
            rss_bytes: 0,
            threads: 2,
            cores,
            shares_core,
            cores_used,
        };
        let mut report = Report {
            sent: 0,
            due: 0,
            delivered: 0,
            lost: 0,
            duplicated: 0,
            reordered: 0,
            corrupt: 0,
            first_corrupt: None,
            seconds: 1.0,
            deliveries_per_second: 0.0,
            latency: Latency::of(latency),
            server: server.map(cost),
            generator: Own {
                cores_used: busy,
                late_mean_us: late_us,
                late_p99_us: late_us,
                late_max_us: late_us,
            },
            trust: Trust::Fine,
            slow: None,
            visitors: None,
        };
        report.judge();
        report.trust
    }

    #[test]
    fn a_busy_generator_is_the_bottleneck_unless_the_server_is_busy_too() {
        assert_eq!(judged(0.9, 0.0, Some(0.5)), None);
        assert_eq!(judged(0.99, 0.0, Some(1.99)), None);
        let known = judged(0.99, 0.0, Some(1.2)).expect("it is");
        assert!(known.contains("busy 99 %") && known.contains("0.80 cores to spare"), "{known}");
        assert!(judged(0.99, 0.0, None).expect("who knows").contains("nothing is known"));
    }

    #[test]
    fn a_core_that_both_share_is_not_spare() {
        assert_eq!(judged_on(2, 0.97, 0.0, Some(1.0)), None);
        let known = judged_on(2, 0.97, 0.0, Some(0.5)).expect("half a core was idle");
        assert!(known.contains("0.53 cores to spare"), "{known}");
        assert!(judged_on(1, 0.97, 0.0, Some(0.03)).is_some());
    }

    #[test]
    fn a_late_generator_is_the_bottleneck_if_it_shows_in_the_latency() {
        assert_eq!(judged(0.1, 240.0, Some(0.5)), None);
        let known = judged(0.1, 260.0, Some(0.5)).expect("a quarter of it");
        assert!(known.contains("mean 260 us") && known.contains("1000 us"), "{known}");
    }

    #[test]
    fn lateness_that_the_server_may_have_caused_is_told_beside_the_figures() {
        assert_eq!(trust(2, true, 0.1, 240.0, Some(0.5)), Trust::Fine);
        // Where nothing is known of the server, it may be its doing as well.
        for server in [Some(0.5), Some(1.9), None] {
            let trust = trust(2, true, 0.1, 260.0, server);
            assert!(
                matches!(&trust, Trust::Shared(how) if how.contains("mean 260 us")),
                "{trust:?}"
            );
        }
        // A thread that is busy all the time was not kept from its core.
        assert!(matches!(trust(2, true, 0.99, 260.0, Some(0.5)), Trust::Bottleneck(_)));
    }
}
