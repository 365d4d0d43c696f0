//! What has the server's process cost so far?
//!
//! From `/proc`: the time on a CPU in nanoseconds from each thread's `schedstat`, where the kernel
//! has it; the split into user and system from `stat`, which counts in hundredths of a second;
//! context switches from each thread's `status`. A thread that ends takes its counts with it.

use std::io;

use procfs::process::{Process, Task};
use procfs::{ProcError, ProcResult, WithCurrentSystemInfo};
use rustix::process::Pid;
use rustix::thread::{CpuSet, sched_getaffinity};

use super::report::ServerCost;

/// What a process has cost up to some moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Spent {
    cpu_ns: u64,
    user_ticks: u64,
    system_ticks: u64,
    voluntary: u64,
    involuntary: u64,
    threads: usize,
    rss_bytes: u64,
    /// Where it may run.
    cores: usize,
    /// Whether the looking thread may run on one of these.
    shares_core: bool,
}

impl Spent {
    /// Looks at a process.
    pub(super) fn of(pid: u32) -> io::Result<Self> {
        Self::read(pid).map_err(|error| match error {
            ProcError::NotFound(_) => {
                io::Error::new(io::ErrorKind::NotFound, "there is no such process")
            }
            ProcError::PermissionDenied(_) => io::ErrorKind::PermissionDenied.into(),
            ProcError::Io(error, _) => error,
            other => io::Error::other(other.to_string()),
        })
    }

    fn read(pid: u32) -> ProcResult<Self> {
        let process = Process::new(i32::try_from(pid).unwrap_or(i32::MAX))?;
        let stat = process.stat()?;
        let (cores, shares_core) = cores(pid).ok_or(ProcError::NotFound(None))?;
        let mut spent = Self {
            user_ticks: stat.utime,
            system_ticks: stat.stime,
            rss_bytes: stat.rss_bytes().get(),
            cores,
            shares_core,
            ..Self::default()
        };
        let mut has_schedstat = true;
        for task in process.tasks()? {
            match task.and_then(|task| spent.add(&task)) {
                Ok(counted) => has_schedstat &= counted,
                Err(ProcError::NotFound(_)) => {} // it has just ended
                Err(error) => return Err(error),
            }
        }
        if !has_schedstat {
            let ticks = spent.user_ticks + spent.system_ticks;
            spent.cpu_ns = ticks * (1_000_000_000 / procfs::ticks_per_second());
        }
        Ok(spent)
    }

    /// Adds a thread; says whether its time could be had.
    fn add(&mut self, task: &Task) -> ProcResult<bool> {
        let status = task.status()?;
        self.voluntary += status.voluntary_ctxt_switches.unwrap_or(0);
        self.involuntary += status.nonvoluntary_ctxt_switches.unwrap_or(0);
        self.threads += 1;
        let schedstat = task.schedstat();
        self.cpu_ns += schedstat.as_ref().map_or(0, |it| it.sum_exec_runtime);
        Ok(schedstat.is_ok())
    }

    /// What it has cost since `before`, which is `seconds` ago, for so many deliveries.
    pub(super) fn since(&self, before: &Self, seconds: f64, deliveries: u64) -> Option<ServerCost> {
        if deliveries == 0 || seconds <= 0.0 {
            return None;
        }
        // Threads may have ended in between, with their counts.
        let more = |now: u64, then: u64| now.saturating_sub(then) as f64;
        let each = |amount: f64| amount / deliveries as f64;
        let cpu = more(self.cpu_ns, before.cpu_ns);
        let user = more(self.user_ticks, before.user_ticks);
        let system = more(self.system_ticks, before.system_ticks);
        let part = |ticks: f64| (user + system > 0.0).then(|| each(cpu * ticks / (user + system)));
        let voluntary = more(self.voluntary, before.voluntary);
        let involuntary = more(self.involuntary, before.involuntary);
        Some(ServerCost {
            cpu_ns_per_delivery: each(cpu),
            user_ns_per_delivery: part(user),
            system_ns_per_delivery: part(system),
            switches_voluntary: voluntary as u64,
            switches_involuntary: involuntary as u64,
            switches_per_delivery: each(voluntary + involuntary),
            rss_bytes: self.rss_bytes,
            threads: self.threads,
            cores: self.cores,
            shares_core: self.shares_core,
            cores_used: cpu / 1e9 / seconds,
        })
    }
}

/// On how many cores a process may run, and whether this thread may run on one of them. (Its own
/// number is no measure: it may be pinned.)
fn cores(pid: u32) -> Option<(usize, bool)> {
    let theirs = sched_getaffinity(Some(Pid::from_raw(pid.cast_signed())?)).ok()?;
    let own = sched_getaffinity(None).ok()?;
    let is_theirs = |&core: &usize| theirs.is_set(core);
    let count = (0..CpuSet::MAX_CPU).filter(is_theirs).count();
    Some((count, (0..CpuSet::MAX_CPU).filter(is_theirs).any(|core| own.is_set(core))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cost_is_what_was_added_for_each_delivery() {
        let before = Spent { cpu_ns: 1_000, voluntary: 5, ..Spent::default() };
        let after = Spent {
            cpu_ns: 1_000_001_000,
            user_ticks: 20,
            system_ticks: 60,
            voluntary: 25,
            involuntary: 30,
            threads: 2,
            rss_bytes: 4096,
            cores: 3,
            shares_core: true,
        };
        let cost = after.since(&before, 2.0, 1_000).unwrap();
        assert_eq!(cost.cpu_ns_per_delivery, 1e6);
        assert_eq!(cost.user_ns_per_delivery, Some(0.25e6));
        assert_eq!(cost.system_ns_per_delivery, Some(0.75e6));
        assert_eq!((cost.switches_voluntary, cost.switches_involuntary), (20, 30));
        assert_eq!((cost.switches_per_delivery, cost.cores_used), (0.05, 0.5));
        assert_eq!((cost.rss_bytes, cost.threads, cost.cores), (4096, 2, 3));
        assert!(cost.shares_core);
        assert!(after.since(&before, 2.0, 0).is_none());
        let short =
            Spent { user_ticks: 0, system_ticks: 0, ..after }.since(&before, 2.0, 1).unwrap();
        assert_eq!((short.user_ns_per_delivery, short.system_ns_per_delivery), (None, None));
    }

    #[test]
    fn the_work_of_this_process_is_seen_and_another_is_missed() {
        let pid = std::process::id();
        let before = Spent::of(pid).unwrap();
        assert!(before.rss_bytes > 0 && before.threads > 0 && before.cores > 0);
        assert!(before.shares_core, "it is this very process");
        let mut after = before;
        while after.cpu_ns <= before.cpu_ns {
            after = Spent::of(pid).unwrap(); // which is work
        }
        let error = Spent::of(u32::MAX).unwrap_err();
        assert!(error.to_string().contains("no such process"), "{error}");
    }
}
