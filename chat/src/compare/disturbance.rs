//! Who else had the machine meanwhile? Other programs, and the host of a virtual machine.
//!
//! A comparison cannot keep them out, but it can say that they were there: what they take comes out
//! of no candidate's CPU time, yet whoever has to wait does more at once, and so costs less per
//! delivery than an undisturbed one.

use procfs::process::Process;
use procfs::{CpuTime, CurrentSI, KernelStats};

/// A quiet machine's daemons take less than 1 % of it; from about here on the spread of the rounds grows.
const PERCENT_MAX: f64 = 10.0;

/// The machine's clock ticks up to some moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ticks {
    all: u64,
    busy: u64,
    stolen: u64,
    ours: u64,
}

impl Ticks {
    /// Up to now; `None` where the system does not say.
    pub fn now() -> Option<Self> {
        let total = KernelStats::current().ok()?.total;
        let own = Process::myself().ok()?.stat().ok()?;
        // Children are counted once they have ended and been waited for.
        let children = own.cutime.checked_add(own.cstime)?.try_into().unwrap_or(0);
        Some(Self::of(&total, own.utime + own.stime + children))
    }

    fn of(total: &CpuTime, ours: u64) -> Self {
        let CpuTime { user, nice, system, idle, .. } = *total;
        let [iowait, irq, softirq, stolen] =
            [total.iowait, total.irq, total.softirq, total.steal].map(Option::unwrap_or_default);
        let busy = user + nice + system + irq + softirq;
        Self { all: busy + idle + iowait + stolen, busy, stolen, ours }
    }

    /// What others had since `before`, in words.
    pub fn since(&self, before: &Self) -> String {
        let (others, stolen) = self.percent_since(before);
        format!(
            "other programs had {others:.1} % of the machine's CPU time, and its host took \
             {stolen:.1} %"
        )
    }

    /// Whether that is so much that the results say little.
    pub fn is_much_since(&self, before: &Self) -> bool {
        let (others, stolen) = self.percent_since(before);
        others + stolen > PERCENT_MAX
    }

    /// What other programs and the host had.
    fn percent_since(&self, before: &Self) -> (f64, f64) {
        let all = self.all.saturating_sub(before.all).max(1) as f64;
        let percent = |ticks: u64| ticks as f64 / all * 100.0;
        let ours = self.ours.saturating_sub(before.ours);
        let others = self.busy.saturating_sub(before.busy).saturating_sub(ours);
        (percent(others), percent(self.stolen.saturating_sub(before.stolen)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_are_told_from_us_and_from_the_host() {
        let before = Ticks { all: 1_000, busy: 500, stolen: 10, ours: 100 };
        let after = Ticks { all: 2_000, busy: 1_300, stolen: 35, ours: 850 };
        let said = after.since(&before);
        assert!(said.contains("had 5.0 %") && said.contains("took 2.5 %"), "{said}");
        let said = before.since(&before);
        assert!(said.contains("had 0.0 %") && said.contains("took 0.0 %"), "{said}");
        assert!(!after.is_much_since(&before) && !before.is_much_since(&before));
        let after = Ticks { ours: 810, ..after };
        assert!(after.is_much_since(&before), "9 % and 2.5 %");
    }

    #[test]
    fn this_system_says() {
        let ticks = Ticks::now().expect("a /proc");
        assert!(ticks.all >= ticks.busy + ticks.stolen && ticks.busy >= ticks.ours);
    }
}
