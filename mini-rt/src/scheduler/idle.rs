//! Who sleeps, who is woken, and why is no task left lying while everyone sleeps?
//!
//! # The question
//!
//! A worker that finds nothing to do should sleep: its core is needed elsewhere. A task that becomes
//! ready should be run by someone soon. Waking a thread costs a system call and a trip through the
//! kernel's scheduler, a thousand times a queue's push; so it must not happen for every task, and it
//! must not be left out when nobody would look.
//!
//! # The states
//!
//! A worker is *running* (has a task), *searching* (has none, looks into the others' rings) or
//! *sleeping*. [`Idle`] counts the searching and the sleeping in one word, and keeps a list of the
//! sleepers. A sleeper that is taken off the list by [`Idle::worker_to_wake`] counts as searching
//! from then on, before its thread even stirs: so a second task does not wake a second worker while
//! the first is under way.
//!
//! # The two protocols, mirrored
//!
//! | who submits | who goes to sleep |
//! |---|---|
//! | S1 puts the task into a queue | Z1 enters the list, counts as sleeping (not as searching) |
//! | S2 fence | Z2 fence |
//! | S3 reads the word: wakes a sleeper, if nobody searches | Z3 looks into every queue: gets up, if there is a task |
//!
//! # The race, and the proof
//!
//! The bad end: the task is in a queue, all sleep. Take the worker that went to sleep last.
//!
//! 1. Either S3 sees its Z1, or its Z3 sees S1: that is what two `SeqCst` fences between a store and
//!    a load on each side give (edge I1). In the second case it gets up.
//! 2. In the first case S3 sees a sleeper. It wakes one, unless somebody searches.
//! 3. If somebody searches, it will either find this task; or find nothing, and go to sleep, with a
//!    Z1 after S3 read the word, so its Z3 sees S1 as in 1; or find another task. Then it stops
//!    searching, and if it was the last, looks once more into every queue and wakes a sleeper if
//!    there is a task: [`Idle::stop_searching`].
//!
//! So wake-ups are rationed to one under way at a time, and pass themselves on while there is work.
//!
//! - edge I1: S1 -> S3 against Z1 -> Z3: the stores are the queue's and the word, the loads the word
//!   and the queue's; the fences order them.
//!
//! # Rejected
//!
//! Waking without looking whether somebody searches: with two workers each task that is made by a
//! task would ring the other one's bell. Looking into the queues only when the last searcher goes to
//! sleep, as Go and Tokio do: it saves a few loads before a system call, and the proof needs a
//! fourth case for the worker that sleeps without having searched.

use crate::primitive::Mutex;
use crate::primitive::atomic::Ordering::{Relaxed, SeqCst};
use crate::primitive::atomic::{AtomicUsize, fence};

/// The word: how many search in the lower half, how many sleep in the upper.
const SEARCHING_ONE: usize = 1;
const SLEEPING_ONE: usize = 1 << (usize::BITS / 2);

/// Who of a runtime's workers searches and who sleeps.
pub(crate) struct Idle {
    word: AtomicUsize,
    /// The sleepers, the one that went to bed last on top: its caches are the warmest.
    sleepers: Mutex<Vec<usize>>,
    workers: usize,
}

#[derive(Clone, Copy)]
struct Counts(usize);

impl Counts {
    fn searching(self) -> usize {
        self.0 % SLEEPING_ONE
    }

    fn sleeping(self) -> usize {
        self.0 / SLEEPING_ONE
    }

    /// Whether a new task needs somebody to be woken for it.
    fn wants_waking(self) -> bool {
        self.searching() == 0 && self.sleeping() > 0
    }
}

impl Idle {
    pub(crate) fn new(workers: usize) -> Self {
        Self {
            word: AtomicUsize::new(0),
            sleepers: Mutex::new(Vec::with_capacity(workers)),
            workers,
        }
    }

    /// S2 and S3: after a task was put into a queue, returns the sleeper that must be unparked for
    /// it, if any. It counts as searching from now on.
    pub(crate) fn worker_to_wake(&self) -> Option<usize> {
        fence(SeqCst); // edge I1: S2, between the queue's store and this load
        if !self.counts().wants_waking() {
            return None;
        }
        let mut sleepers = self.sleepers.lock();
        if !self.counts().wants_waking() {
            return None;
        }
        let worker = sleepers.pop()?;
        // Under the lock, so that the list and the count of sleepers agree for whoever holds it.
        self.word.fetch_add(SEARCHING_ONE.wrapping_sub(SLEEPING_ONE), SeqCst);
        Some(worker)
    }

    /// Z1 and Z2: `worker` sleeps from now on. The caller does Z3, then parks or calls
    /// [`get_up`](Self::get_up).
    pub(crate) fn go_to_sleep(&self, worker: usize, was_searching: bool) {
        let mut sleepers = self.sleepers.lock();
        sleepers.push(worker);
        let change =
            if was_searching { SLEEPING_ONE.wrapping_sub(SEARCHING_ONE) } else { SLEEPING_ONE };
        self.word.fetch_add(change, SeqCst);
        drop(sleepers);
        fence(SeqCst); // edge I1: Z2, between this store and the queues' loads
    }

    /// `worker` is awake. Returns whether it counts as searching: it was woken by
    /// [`worker_to_wake`](Self::worker_to_wake), not by itself or by the driver.
    pub(crate) fn get_up(&self, worker: usize) -> bool {
        let mut sleepers = self.sleepers.lock();
        match sleepers.iter().position(|&sleeper| sleeper == worker) {
            None => true,
            Some(index) => {
                sleepers.swap_remove(index);
                self.word.fetch_sub(SLEEPING_ONE, SeqCst);
                false
            }
        }
    }

    /// Begins a search, unless half of the workers search already: more would only be in each
    /// other's way.
    pub(crate) fn start_searching(&self) -> bool {
        if 2 * self.counts().searching() >= self.workers {
            return false;
        }
        self.word.fetch_add(SEARCHING_ONE, SeqCst);
        true
    }

    /// Ends a search that found a task. `true`: nobody searches now, and the caller must look into
    /// every queue once more, and wake a sleeper if there is a task (point 3 of the proof).
    #[must_use]
    pub(crate) fn stop_searching(&self) -> bool {
        let before = Counts(self.word.fetch_sub(SEARCHING_ONE, SeqCst));
        debug_assert!(before.searching() > 0);
        fence(SeqCst); // edge I1: as Z2, for the look that follows
        before.searching() == 1
    }

    fn counts(&self) -> Counts {
        Counts(self.word.load(Relaxed)) // Relaxed: the fences order it where it matters.
    }
}

#[cfg(all(test, loom))]
mod loom_tests {
    use super::*;
    use crate::park::Parker;
    use crate::primitive::thread;
    use std::sync::Arc;

    /// Two workers, a queue that is a counter of tasks, and one who submits: the protocols as
    /// written above. A lost wake-up is a deadlock, which loom reports.
    struct House {
        idle: Idle,
        tasks: AtomicUsize,
        parkers: [Parker; 2],
        left: AtomicUsize,
    }

    impl House {
        fn wake_one(&self) {
            if let Some(worker) = self.idle.worker_to_wake() {
                self.parkers[worker].unpark(|| unreachable!());
            }
        }

        fn submit(&self) {
            self.tasks.fetch_add(1, Relaxed);
            self.wake_one();
        }

        fn take(&self) -> bool {
            self.tasks.fetch_update(Relaxed, Relaxed, |tasks| tasks.checked_sub(1)).is_ok()
        }

        fn has_tasks(&self) -> bool {
            self.tasks.load(Relaxed) > 0
        }

        fn work(&self, me: usize) {
            let mut searching = self.idle.start_searching();
            loop {
                if self.take() {
                    if std::mem::take(&mut searching)
                        && self.idle.stop_searching()
                        && self.has_tasks()
                    {
                        self.wake_one();
                    }
                    if self.left.fetch_sub(1, SeqCst) == 1 {
                        self.parkers.iter().for_each(|parker| parker.unpark(|| unreachable!()));
                    }
                    continue;
                }
                if self.left.load(SeqCst) == 0 {
                    return;
                }
                self.idle.go_to_sleep(me, std::mem::take(&mut searching));
                if !self.has_tasks() {
                    self.parkers[me].park();
                }
                searching = self.idle.get_up(me);
            }
        }
    }

    #[test]
    fn loom_no_task_is_left_lying() {
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound = Some(2);
        builder.check(|| {
            let house = Arc::new(House {
                idle: Idle::new(2),
                tasks: AtomicUsize::new(0),
                parkers: [Parker::new(), Parker::new()],
                left: AtomicUsize::new(2),
            });
            let workers = [0, 1].map(|me| {
                let house = house.clone();
                thread::spawn(move || house.work(me))
            });
            house.submit();
            house.submit();
            workers.map(|worker| worker.join().expect("no panic"));
        });
    }
}
