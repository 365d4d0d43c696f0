//! Every order of what can happen to a few jobs and threads, walked exhaustively.

use super::*;
use std::collections::HashSet;

const JOBS: usize = 4;

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Job {
    New,
    Waiting,
    Running,
    Done,
    /// Refused or cancelled.
    Ended,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Thread {
    /// Will ask for its next job.
    Up {
        slept_too_long: bool,
    },
    Asleep,
    Busy(usize),
    Ended,
}

/// Every second one is mandatory.
fn at_end(job: usize) -> AtEnd {
    if job.is_multiple_of(2) { AtEnd::Cancel } else { AtEnd::Run }
}

/// The claims and all who act on them.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct World {
    claims: Claims<usize, usize>,
    jobs: [Job; JOBS],
    threads: Vec<Thread>,
    /// Wake-ups under way, or kept for the thread's next sleep.
    woken: Vec<bool>,
    /// The operating system has refused a thread.
    was_refused: bool,
}

impl World {
    fn new(threads_max: usize) -> Self {
        Self {
            claims: Claims::new(threads_max),
            jobs: [Job::New; JOBS],
            threads: Vec::new(),
            woken: Vec::new(),
            was_refused: false,
        }
    }

    /// The next job is submitted; `starts`: the operating system gives a thread, if it is asked.
    fn submit(&mut self, starts: bool) {
        let job = self.jobs.iter().position(|&job| job == Job::New).expect("one is new");
        self.jobs[job] = Job::Waiting;
        match self.claims.submit(job, at_end(job)) {
            Submitted::Wake(thread) => self.woken[thread] = true,
            Submitted::Start if starts => {
                self.threads.push(Thread::Up { slept_too_long: false });
                self.woken.push(false);
            }
            Submitted::Start => {
                self.was_refused = true;
                if let Some(refused) = self.claims.thread_not_started() {
                    assert_eq!(refused, job, "who submitted it is told: {self:?}");
                    self.end_job(refused);
                }
            }
            Submitted::Queued => {
                let full = self.claims.threads == self.claims.threads_max;
                assert!(full, "a job that nobody comes for: {self:?}");
            }
            Submitted::Refused(job) => self.end_job(job),
        }
    }

    fn ask(&mut self, thread: usize, slept_too_long: bool) {
        self.threads[thread] = match self.claims.next(&thread, slept_too_long) {
            Next::Run(job) => {
                let first = self.jobs.iter().position(|&job| job == Job::Waiting);
                assert_eq!(Some(job), first, "first in, first out: {self:?}");
                self.jobs[job] = Job::Running;
                Thread::Busy(job)
            }
            Next::Sleep => Thread::Asleep,
            Next::End => {
                assert!(slept_too_long || self.claims.is_over, "ended for nothing: {self:?}");
                Thread::Ended
            }
        };
    }

    fn end(&mut self) {
        let (jobs, sleepers) = self.claims.end();
        for job in jobs {
            assert_eq!(at_end(job), AtEnd::Cancel, "a job that must run: {self:?}");
            self.end_job(job);
        }
        sleepers.into_iter().for_each(|thread| self.woken[thread] = true);
    }

    fn end_job(&mut self, job: usize) {
        assert_eq!(self.jobs[job], Job::Waiting, "ended twice, or while it runs: {self:?}");
        self.jobs[job] = Job::Ended;
    }

    /// Everything that can happen next by itself, that is without a job, the end, or much time.
    fn next_by_itself(&self) -> Vec<World> {
        let mut next = Vec::new();
        for (index, &thread) in self.threads.iter().enumerate() {
            let mut world = self.clone();
            match thread {
                Thread::Up { slept_too_long } => world.ask(index, slept_too_long),
                Thread::Asleep if self.woken[index] => {
                    world.woken[index] = false;
                    world.threads[index] = Thread::Up { slept_too_long: false };
                }
                Thread::Busy(job) => {
                    world.jobs[job] = Job::Done;
                    world.threads[index] = Thread::Up { slept_too_long: false };
                }
                Thread::Asleep | Thread::Ended => continue,
            }
            next.push(world);
        }
        next
    }

    /// And everything else.
    fn next(&self) -> Vec<World> {
        let mut next = self.next_by_itself();
        let mut with = |change: &dyn Fn(&mut World)| {
            let mut world = self.clone();
            change(&mut world);
            next.push(world);
        };
        if self.jobs.contains(&Job::New) {
            with(&|world| world.submit(true));
            with(&|world| world.submit(false));
        }
        if !self.claims.is_over {
            with(&World::end);
        }
        for (index, &thread) in self.threads.iter().enumerate() {
            if thread == Thread::Asleep {
                // Woken at the same moment or not: if so, the wake-up is kept for the next sleep.
                with(&|world| world.threads[index] = Thread::Up { slept_too_long: true });
            }
        }
        next
    }

    fn check(&self) {
        let count = |job| self.jobs.iter().filter(|&&other| other == job).count();
        let claims = &self.claims;
        assert_eq!(claims.waiting(), count(Job::Waiting), "a job is lost, or made up: {self:?}");
        let alive = self.threads.iter().filter(|&&thread| thread != Thread::Ended).count();
        assert_eq!(claims.threads(), alive, "threads as counted and as there are: {self:?}");
        assert!(alive <= claims.threads_max, "more threads than there may be: {self:?}");
        let mut coming = 0;
        for (index, &thread) in self.threads.iter().enumerate() {
            let listed = claims.sleepers.iter().filter(|&&sleeper| sleeper == index).count();
            match thread {
                Thread::Up { slept_too_long: false } | Thread::Busy(_) | Thread::Ended => {
                    // A wake-up that came late may have it up while it is on the list.
                    assert!(listed <= usize::from(matches!(thread, Thread::Up { .. })), "{self:?}");
                }
                Thread::Up { .. } => assert!(listed <= 1, "on the list twice: {self:?}"),
                Thread::Asleep => {
                    assert!(listed <= 1, "on the list twice: {self:?}");
                    assert!(listed == 1 || self.woken[index], "sleeps for ever: {self:?}");
                }
            }
            let is_up = !matches!(thread, Thread::Busy(_) | Thread::Ended);
            coming += usize::from(is_up && listed == 0);
        }
        let behind = count(Job::Waiting).saturating_sub(coming);
        let may_wait = self.was_refused || alive == claims.threads_max;
        assert!(behind == 0 || may_wait, "a job waits behind another: {self:?}");
        if claims.is_over {
            let cancelled = (0..JOBS).filter(|&job| at_end(job) == AtEnd::Cancel);
            let left = cancelled.filter(|&job| self.jobs[job] == Job::Waiting).count();
            assert_eq!(left, 0, "nobody will run it: {self:?}");
            assert_eq!(claims.sleeping(), 0, "nobody will wake it: {self:?}");
        }
        if self.next_by_itself().is_empty() {
            assert_eq!(count(Job::Waiting) + count(Job::Running), 0, "stuck: {self:?}");
            assert!(!claims.is_over || alive == 0, "a thread stays: {self:?}");
        }
    }
}

/// How many worlds there are, if `also` is done after everything that happens. Panics at one that
/// breaks a promise.
fn walk(threads_max: usize, also: impl Fn(&mut World)) -> usize {
    let mut seen = HashSet::from([World::new(threads_max)]);
    let mut open = vec![World::new(threads_max)];
    while let Some(world) = open.pop() {
        world.check();
        for mut next in world.next() {
            also(&mut next);
            if seen.insert(next.clone()) {
                open.push(next);
            }
        }
    }
    seen.len()
}

#[test]
fn every_order_of_events_keeps_the_promises() {
    for threads_max in 1..=JOBS {
        let worlds = walk(threads_max, |_| ());
        assert!(worlds > 300, "the walk went somewhere: {worlds}");
    }
}

#[test]
fn who_fell_asleep_last_comes_first() {
    let mut claims = Claims::new(2);
    for (thread, job) in ['a', 'b'].into_iter().enumerate() {
        assert_eq!(claims.submit(job, AtEnd::Cancel), Submitted::Start);
        assert_eq!(claims.next(&thread, false), Next::Run(job));
    }
    assert_eq!(claims.next(&1, false), Next::Sleep);
    assert_eq!(claims.next(&0, false), Next::Sleep);
    assert_eq!(claims.submit('c', AtEnd::Cancel), Submitted::Wake(0));
    assert_eq!(claims.submit('d', AtEnd::Cancel), Submitted::Wake(1));
    assert_eq!(claims.submit('e', AtEnd::Cancel), Submitted::Queued);
}

#[test]
#[should_panic(expected = "sleeps for ever")]
fn the_walk_finds_out_a_lost_wake_up() {
    walk(2, |world| world.woken.fill(false));
}

#[test]
#[should_panic(expected = "stuck")]
fn the_walk_finds_out_a_thread_that_leaves_its_job_to_another() {
    walk(2, |world| {
        let coming = world.threads.iter().position(|&t| t == Thread::Up { slept_too_long: false });
        if let Some(thread) = coming {
            world.threads[thread] = Thread::Asleep;
            world.claims.sleepers.push(thread);
        }
    });
}
