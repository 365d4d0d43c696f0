//! What is measured, from the end of the warm-up on: time, the server's cost and this thread's.

use std::ops::Range;

use hdrhistogram::Histogram;
use rustix::time::{ClockId, clock_gettime};

use super::report::{Own, ServerCost};
use super::server_cost::Spent;
use super::{LoadError, Watch};

/// Looks at both sides when measuring begins, and when it ends.
#[derive(Debug)]
pub(super) struct Meter {
    server: Option<u32>,
    window: Range<u64>,
    /// When warming up began; 0: not yet.
    begun_ns: u64,
    first: Option<Look>,
    last: Option<Look>,
}

/// What was seen at some moment.
#[derive(Clone, Copy, Debug)]
struct Look {
    at_ns: u64,
    own_ns: u64,
    server: Option<Spent>,
}

impl Meter {
    pub(super) fn new(server: Option<u32>, window: Range<u64>) -> Self {
        Self { server, window, begun_ns: 0, first: None, last: None }
    }

    /// Looks, if it is time to.
    pub(super) fn step(&mut self, now_ns: u64, watch: &mut impl Watch) -> Result<(), LoadError> {
        let ms = |from: u64, to: u64| (to - from) / 1_000_000;
        if self.begun_ns == 0 {
            self.begun_ns = now_ns;
            if now_ns < self.window.start {
                watch.stage("warming up", ms(now_ns, self.window.start));
            }
        }
        if self.first.is_none() && now_ns >= self.window.start {
            self.first = Some(self.look(now_ns)?);
            watch.stage("measuring", ms(self.window.start, self.window.end));
        } else if self.last.is_none() && now_ns >= self.window.end {
            self.last = Some(self.look(now_ns)?);
            watch.stage("waiting for the last messages", 0);
        }
        Ok(())
    }

    /// Tells how far it is.
    pub(super) fn tell(&self, now_ns: u64, watch: &mut impl Watch) {
        let since_ns = match (&self.first, &self.last) {
            (None, _) => self.begun_ns,
            (Some(_), None) => self.window.start,
            (Some(_), Some(_)) => return,
        };
        watch.at(now_ns.saturating_sub(since_ns) / 1_000_000);
    }

    /// Whether both looks are taken.
    pub(super) fn is_over(&self) -> bool {
        self.last.is_some()
    }

    /// When the next look is due.
    pub(super) fn edge_ns(&self) -> Option<u64> {
        match (&self.first, &self.last) {
            (None, _) => Some(self.window.start),
            (Some(_), None) => Some(self.window.end),
            (Some(_), Some(_)) => None,
        }
    }

    fn look(&self, at_ns: u64) -> Result<Look, LoadError> {
        let server = match self.server {
            Some(pid) => Some(Spent::of(pid).map_err(|source| LoadError::Server { pid, source })?),
            None => None,
        };
        let own = clock_gettime(ClockId::ThreadCPUTime);
        let own_ns = own.tv_sec as u64 * 1_000_000_000 + own.tv_nsec as u64;
        Ok(Look { at_ns, own_ns, server })
    }

    /// Seconds, the server's cost and this side's, of so many deliveries.
    pub(super) fn read(
        &self,
        deliveries: u64,
        late: &Histogram<u64>,
    ) -> (f64, Option<ServerCost>, Own) {
        let (first, last) = self.first.zip(self.last).expect("a run ends after both looks");
        let seconds = (last.at_ns - first.at_ns) as f64 / 1e9;
        let server = first
            .server
            .zip(last.server)
            .and_then(|(before, after)| after.since(&before, seconds, deliveries));
        let us = |ns: u64| ns as f64 / 1000.0;
        let generator = Own {
            cores_used: (last.own_ns - first.own_ns) as f64 / 1e9 / seconds,
            late_mean_us: if late.is_empty() { 0.0 } else { late.mean() / 1000.0 },
            late_p99_us: us(late.value_at_quantile(0.99).min(late.max())),
            late_max_us: us(late.max()),
        };
        (seconds, server, generator)
    }
}
