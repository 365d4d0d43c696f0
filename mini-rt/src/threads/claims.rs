//! Which thread comes for which job, and when does a thread end?
//!
//! A pure state: it is told what happens (a job is submitted, a thread wants its next one, has
//! slept for too long, could not be started; the end) and says what is to be done. It has no lock,
//! no thread and no clock: those are [`Jobs`](super::jobs::Jobs)'.
//!
//! A thread is *busy* (has a job), *asleep* (on the list of sleepers), or *coming*: it was started
//! or taken off the list for a job, and will ask for the next one.
//!
//! 1. A job waits in one queue, first in, first out, and whoever asks next takes it. Each that is
//!    submitted has a thread come: the one that fell asleep last, whose caches are the warmest, or
//!    a new one. So no more jobs wait than threads are coming, unless there are as many threads as
//!    there may be, or the operating system gives no more.
//! 2. A thread that takes a job for which another is coming keeps that: the other finds less, or
//!    nothing and sleeps again. Nobody is left behind a job that runs.
//! 3. Who is on the list is asleep, or has slept for too long and is about to say so. If it is
//!    taken off the list before it does, it is coming.
//! 4. The end hands out the jobs that it cancels. Those that it does not are run before the last
//!    thread ends; none can be added.
//!
//! Proof: every order of everything that can happen to a few jobs and threads is walked, beside a
//! list of who does what.
//!
//! Rejected: handing a job to the thread that is woken for it. It then lies there until that thread
//! stirs, while another that has just ended a job goes to sleep beside it; and the shutdown has to
//! look for it there.

use std::collections::VecDeque;

/// What becomes of a job that still waits at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum AtEnd {
    /// Nobody runs it.
    Cancel,
    /// It is run all the same: it holds what somebody was told is done, a write.
    Run,
}

/// Jobs that wait, threads that sleep, and how many threads there are. A thread is known by what
/// it sleeps in, `B`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Claims<J, B> {
    jobs: VecDeque<(J, AtEnd)>,
    /// The one that fell asleep last on top.
    sleepers: Vec<B>,
    threads: usize,
    threads_max: usize,
    is_over: bool,
}

/// What is to be done for a job that was submitted.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Submitted<J, B> {
    /// Wake this sleeper.
    Wake(B),
    /// Start a thread, which is counted already; if that fails, say so:
    /// [`Claims::thread_not_started`].
    Start,
    /// Nothing: a thread that ends its job will come.
    Queued,
    /// It is over: the job ends.
    Refused(J),
}

/// What a thread does next.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Next<J> {
    Run(J),
    /// Sleep until it is woken, or for too long; then ask again.
    Sleep,
    /// End. It is counted out already.
    End,
}

impl<J, B: Clone + PartialEq> Claims<J, B> {
    pub(crate) fn new(threads_max: usize) -> Self {
        let (jobs, sleepers) = (VecDeque::new(), Vec::new());
        Self { jobs, sleepers, threads: 0, threads_max, is_over: false }
    }

    /// Whether a thread would have to be started for a job.
    pub(crate) fn has_to_start(&self) -> bool {
        !self.is_over && self.sleepers.is_empty() && self.threads < self.threads_max
    }

    /// There is a job.
    pub(crate) fn submit(&mut self, job: J, at_end: AtEnd) -> Submitted<J, B> {
        if self.is_over {
            return Submitted::Refused(job);
        }
        let starts = self.has_to_start();
        self.jobs.push_back((job, at_end));
        if let Some(sleeper) = self.sleepers.pop() {
            Submitted::Wake(sleeper)
        } else if starts {
            self.threads += 1;
            Submitted::Start
        } else {
            Submitted::Queued
        }
    }

    /// The thread that the last [`submit`](Self::submit) asked for could not be started. Hands the
    /// job back if there is no other thread, so that nobody would ever take it.
    pub(crate) fn thread_not_started(&mut self) -> Option<J> {
        self.threads -= 1;
        if self.threads == 0 { self.jobs.pop_back().map(|(job, _)| job) } else { None }
    }

    /// The thread that sleeps in `bed` is up: it is new, has ended its job, was woken, or
    /// `slept_too_long`.
    pub(crate) fn next(&mut self, bed: &B, slept_too_long: bool) -> Next<J> {
        // Still there if nobody has woken it, or if it was woken late for a sleep before.
        self.sleepers.retain(|sleeper| sleeper != bed);
        match self.jobs.pop_front() {
            Some((job, _)) => Next::Run(job),
            None if slept_too_long || self.is_over => {
                self.threads -= 1;
                Next::End
            }
            None => {
                self.sleepers.push(bed.clone());
                Next::Sleep
            }
        }
    }

    /// It is over. Returns the jobs that nobody will run, and the sleepers, who are to be woken.
    pub(crate) fn end(&mut self) -> (Vec<J>, Vec<B>) {
        self.is_over = true;
        let jobs = std::mem::take(&mut self.jobs).into_iter();
        let (left, cancelled): (VecDeque<_>, _) = jobs.partition(|job| job.1 == AtEnd::Run);
        self.jobs = left;
        let cancelled = cancelled.into_iter().map(|(job, _)| job).collect();
        (cancelled, std::mem::take(&mut self.sleepers))
    }

    /// How many threads there are.
    pub(crate) fn threads(&self) -> usize {
        self.threads
    }

    /// How many of them sleep.
    pub(crate) fn sleeping(&self) -> usize {
        self.sleepers.len()
    }

    /// How many jobs wait.
    pub(crate) fn waiting(&self) -> usize {
        self.jobs.len()
    }
}

#[cfg(test)]
mod tests;
