//! What has a worker done so far?
//!
//! Each worker counts for itself, in memory that no other thread writes, and whoever asks
//! ([`RuntimeMetrics`](crate::runtime::RuntimeMetrics)) adds up. So counting takes no
//! read-modify-write and no lock, and no clock before somebody asks for what needs one: the time that a
//! worker is up ([`keep_time`](Counters::keep_time)). What other threads do to a scheduler is counted under a
//! lock that they hold for it anyway, or beside a system call.
//!
//! Rejected: counters of the runtime, which all its threads would fight over; and counts that are
//! handed in when the worker goes to sleep, as Tokio's are: a worker that is busy, which is when
//! somebody asks, then shows old ones.

use crate::primitive::now;
use crate::queue::{Cause, Injector};
use crate::util::Counter;
use std::sync::OnceLock;
use std::time::Instant;

/// What one worker has done. Written by its thread alone; on a current-thread runtime by the thread
/// that holds the core.
#[derive(Default)]
pub(crate) struct Counters {
    /// Polls that have begun.
    pub(crate) polls: Counter,
    /// Tasks that were spawned on this thread.
    pub(crate) spawned: Counter,
    /// Tasks that this thread has brought to their end: by a poll, or by dropping their futures.
    pub(crate) completed: Counter,
    /// Tasks that were queued for this worker on its own thread.
    pub(crate) local_schedules: Counter,
    /// Tasks that it has taken from other workers.
    pub(crate) steals: Counter,
    /// How often it has taken any.
    pub(crate) steal_operations: Counter,
    /// How often it went to sleep.
    pub(crate) parks: Counter,
    /// The same, and how often it got up.
    pub(crate) park_unparks: Counter,
    /// How often it went to sleep without a poll since it last did.
    pub(crate) noops: Counter,
    /// How long it was up, until it last kept its time. In nanoseconds.
    pub(crate) busy_ns: Counter,
    /// Since when its time is kept.
    timed_since: OnceLock<Instant>,
    polls_at_park: Counter,
}

impl Counters {
    /// A task is queued for the worker on its own thread.
    pub(super) fn scheduled(&self, cause: Cause) {
        self.local_schedules.add(1);
        if cause == Cause::Spawn {
            self.spawned.add(1);
        }
    }

    /// The worker, up since then, goes to sleep, unless it finds that it was woken already.
    pub(super) fn about_to_park(&self, up_since: Option<Instant>) {
        self.keep_time(up_since);
        self.parks.add(1);
        self.park_unparks.add(1);
        let polls = self.polls.get();
        if self.polls_at_park.get() == polls {
            self.noops.add(1);
        }
        self.polls_at_park.set(polls);
    }

    /// Returns since when the worker is up, from now on.
    pub(super) fn unparked(&self) -> Option<Instant> {
        self.park_unparks.add(1);
        self.up_since()
    }

    /// For a worker that begins: since when it is up.
    pub(super) fn up_since(&self) -> Option<Instant> {
        self.timed_since.get().map(|_| now())
    }

    /// The worker has been up since then, or since before its time is kept. Returns from when on the
    /// rest counts.
    pub(super) fn keep_time(&self, up_since: Option<Instant>) -> Option<Instant> {
        let begun = up_since.or(self.timed_since.get().copied())?;
        let now = now();
        let busy_ns = now.saturating_duration_since(begun).as_nanos();
        self.busy_ns.add(u64::try_from(busy_ns).expect("shorter than 500 years"));
        Some(now)
    }

    /// From now on the worker's time is kept. For any thread.
    pub(crate) fn begin_time(&self) {
        self.timed_since.get_or_init(now);
    }

    pub(super) fn stolen(&self, tasks: usize) {
        self.steals.add(tasks as u64);
        self.steal_operations.add(1);
    }
}

/// A scheduler, as those see it who only want to know.
pub(crate) trait Observed {
    fn workers(&self) -> usize;

    /// `None`: there is no such worker. So for the next two.
    fn counters(&self, worker: usize) -> Option<&Counters>;

    /// How many tasks are queued for this worker.
    fn local_queue_depth(&self, worker: usize) -> Option<usize>;

    /// How many tasks have found its ring full.
    fn overflows(&self, worker: usize) -> Option<u64>;

    fn injector(&self) -> &Injector;

    /// How many tasks have ended that no worker has counted.
    fn completed_apart(&self) -> u64 {
        0
    }

    /// How often a sleeping worker was woken because there was something to do.
    fn wakeups_sent(&self) -> u64;
}
