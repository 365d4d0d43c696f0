//! Who notices that a worker is stuck?
//!
//! A worker that runs keeps its next tasks to itself as long as they are not worth a wake-up, and
//! leaves the driver alone while it runs them. Mostly it is back within microseconds. But a poll may
//! take long, and then what lies in its ring would wait for it, and sockets and timers too, while
//! other workers sleep. So one of the sleepers is *on watch*: each [`EVERY`] it looks what has
//! happened since its last look.
//!
//! 1. A worker has tasks and has begun no poll since, or has had more than one at both looks: it is
//!    stuck, or it has more to do than it comes round to. The watch steals from it, be it one task.
//!    The same for the injector, if it has had tasks at both looks or nobody has begun a poll. Who is
//!    awake and has begun no poll is marked as stuck: what is injected does not wait for it again.
//! 2. A driver in which nobody sleeps and that has had no turn since: the watch sleeps in it.
//! 3. Nobody is awake, and nothing has happened since: it is night, and the watch ends.
//!
//! So a task waits for a long poll of another no longer than two looks, if a worker sleeps. The
//! price is a timed sleep a millisecond while the runtime is busy but for one worker, for as long as
//! a poll blocks (at most a hundredth of a core); and for a runtime that does something less than
//! once in two milliseconds, two wake-ups more each time.
//!
//! Tokio has no watch: the task in its LIFO slot waits (its issue 4941), and so does its driver,
//! unless `enable_eager_driver_handoff` wakes a worker for it each time. Go's is a thread of its
//! own (`sysmon`), whose name for a stuck worker is *retake*.

use std::time::Duration;

/// How long the watch sleeps. A task that waits for twice that has waited for long.
pub(super) const EVERY: Duration = Duration::from_millis(1);

/// What the watch has seen so far.
#[derive(Default)]
pub(super) struct Watch {
    workers: Vec<Now>,
    /// Which of them have begun no poll between the last two looks.
    still: Vec<usize>,
    injector_had_tasks: bool,
    turns: u64,
}

/// What has happened since the last look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    /// A task has waited all the time.
    pub(super) waiting: bool,
    /// The driver had no turn.
    pub(super) no_turn: bool,
    /// Nothing at all.
    pub(super) nothing: bool,
}

/// One worker, as it is now.
#[derive(Clone, Copy, Default)]
pub(super) struct Now {
    /// How many polls it has begun.
    pub(super) polls: u64,
    /// How many tasks wait for it.
    pub(super) tasks: usize,
}

impl Watch {
    /// Looks at all workers, the injector and the number of the driver's turns.
    pub(super) fn look(
        &mut self,
        workers: impl ExactSizeIterator<Item = Now>,
        injector_has_tasks: bool,
        turns: u64,
    ) -> Seen {
        self.workers.resize(workers.len(), Now::default());
        self.still.clear();
        let mut waiting = false;
        for (index, (before, now)) in self.workers.iter_mut().zip(workers).enumerate() {
            if before.polls == now.polls {
                self.still.push(index);
                waiting |= now.tasks > 0;
            }
            waiting |= before.tasks > 1 && now.tasks > 1;
            *before = now;
        }
        let polled = self.still.len() < self.workers.len();
        let had_tasks = std::mem::replace(&mut self.injector_had_tasks, injector_has_tasks);
        waiting |= injector_has_tasks && (had_tasks || !polled);
        let no_turn = std::mem::replace(&mut self.turns, turns) == turns;
        Seen { waiting, no_turn, nothing: !polled && no_turn }
    }

    /// Who has begun no poll between the last two looks: asleep, or stuck in one.
    pub(super) fn still(&self) -> &[usize] {
        &self.still
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_not_moved_since_the_last_look_is_stuck() {
        let mut watch = Watch::default();
        let mut look = |workers: [(u64, usize); 2], injector, turns| {
            let now = |(polls, tasks)| Now { polls, tasks };
            watch.look(workers.into_iter().map(now), injector, turns)
        };
        let seen = |waiting, no_turn, nothing| Seen { waiting, no_turn, nothing };
        assert_eq!(look([(7, 1), (3, 0)], true, 5), seen(false, false, false));
        assert_eq!(look([(8, 1), (3, 0)], false, 6), seen(false, false, false));
        assert_eq!(look([(9, 1), (3, 0)], true, 6), seen(false, true, false), "it polls");
        assert_eq!(look([(10, 1), (3, 0)], true, 6), seen(true, true, false), "but not that");
        assert_eq!(look([(10, 1), (4, 0)], false, 6), seen(true, true, false), "one is stuck");
        assert_eq!(look([(10, 0), (4, 0)], true, 7), seen(true, false, false), "all are");
        assert_eq!(look([(11, 2), (4, 0)], false, 7), seen(false, true, false), "two tasks once");
        assert_eq!(look([(12, 2), (4, 0)], false, 7), seen(true, true, false), "and again");
        assert_eq!(look([(13, 0), (4, 0)], false, 7), seen(false, true, false));
        assert_eq!(look([(13, 0), (4, 0)], false, 7), seen(false, true, true), "night");
        assert_eq!(watch.still(), [0, 1]);
    }
}
