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
//! A worker is *running* (has a task), *searching* (has none, looks into the others' queues) or
//! *sleeping*. [`Idle`] counts the searching and the sleeping in one word, and keeps a list of the
//! sleepers. A sleeper that is taken off the list by [`Idle::worker_to_wake`] counts as searching
//! from then on, before its thread even stirs: so a second task does not wake a second worker while
//! the first is under way.
//!
//! One of the sleepers is *on watch* as long as anybody is awake: it sleeps a millisecond at a time,
//! and looks whether the others get on ([`watch`](super::watch)). That is what lets tasks lie in the
//! ring of a worker that runs, when they are not worth a wake-up.
//!
//! # Which tasks must be told of
//!
//! Tasks are *for all* if together they will take longer than a wake-up costs ([`pace`](super::pace)).
//! Fewer can wait until who is awake has time: those in a worker's ring or spill for that worker,
//! those in the injector for any. If it does not come to that, the watch finds them.
//!
//! # The two protocols, mirrored
//!
//! | who submits a task | who goes to sleep |
//! |---|---|
//! | S1 puts the task into a queue | Z1 enters the list, counts as sleeping (not as searching) |
//! | S2 fence | Z2 fence |
//! | S3 reads the word. For all: wakes a sleeper, if nobody searches. In the injector: wakes one, if all sleep or are stuck | Z3 looks: gets up to search, if there is a task for all, or any in the injector |
//!
//! # The race, and the proof
//!
//! The bad end: a task is in a queue, all sleep. It is not in a ring or a spill: its worker looks
//! there before it searches, and sleeps only then. So it is in the injector. Take the worker that
//! went to sleep last.
//!
//! 1. Either S3 sees its Z1, or its Z3 sees S1: that is what two `SeqCst` fences between a store and
//!    a load on each side give (edge I1). In the second case it gets up.
//! 2. In the first case S3 sees that all sleep (who is counted as stuck besides only adds to them).
//!    It wakes one, unless somebody searches (has been woken, and does not stir yet).
//! 3. If somebody searches, it will either find this task; or find nothing, and go to sleep, with a
//!    Z1 after S3 read the word, so its Z3 sees S1 as in 1, and it searches again; or find another
//!    task, and is awake: it was not the last to go to sleep, or goes to sleep later.
//!
//! The second bad end: tasks for all, one worker runs, another sleeps, nobody searches. As above,
//! with a look that follows the search: who stops searching as the last looks once more into every
//! queue, and wakes a sleeper if there are tasks for all: [`Idle::stop_searching`]. So a search ends
//! in a look, and a look that sees a task in a search. (What becomes "for all" without a submission,
//! because polls get longer, the watch sees.)
//!
//! So wake-ups are rationed to one under way at a time, and pass themselves on while there is work.
//!
//! The third bad end: a worker runs a task, others sleep, nobody is on watch and nobody searches.
//! Who begins to run, for the first time since it got up or searched, asks for a watch after it has
//! left the list ([`Idle::worker_to_watch`]); who ends its watch does so only while everybody is on the list ([`Idle::end_watch`]), or gets up to
//! search, which ends as in 3 or in bed. List and watch change under one lock, so whichever comes
//! second there sees the first.
//!
//! - edge I1: S1 -> S3 against Z1 -> Z3: the stores are the queue's and the word, the loads the word
//!   and the queue's; the fences order them.
//! - edge I2: a mark is set -> cleared: who is stuck is counted before it is counted out.
//!
//! # Rejected
//!
//! Waking without looking whether somebody searches: with two workers each task that is made by a
//! task would ring the other one's bell. Getting up after Z3 as one who does not search: it takes
//! one task, and another that was submitted while it still searched is left lying, behind a poll
//! that may be long. Looking into the queues only when the last searcher goes to
//! sleep, as Go and Tokio do: it saves a few loads before a system call, and the proof needs a
//! fourth case for the worker that sleeps without having searched. Waking for every second task in a
//! ring, as Tokio does: half a turn's tasks are then run by a worker that was woken at the price of
//! ten of them.

use crate::primitive::Mutex;
use crate::primitive::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};
use crate::primitive::atomic::{AtomicBool, AtomicUsize, fence};

/// The word: how many search in the lower half, but for its top bit; how many sleep in the upper.
const SEARCHING_ONE: usize = 1;
const WATCHED: usize = SLEEPING_ONE >> 1;
const SLEEPING_ONE: usize = 1 << (usize::BITS / 2);

/// Who of a runtime's workers searches, who sleeps and who is on watch.
pub(crate) struct Idle {
    word: AtomicUsize,
    sleepers: Mutex<Sleepers>,
    /// How many of those who are awake are stuck in a poll, as the watch saw it.
    stuck: AtomicUsize,
    workers: usize,
}

struct Sleepers {
    /// The one that went to bed last on top: its caches are the warmest. The watch is at the bottom,
    /// to be woken last.
    list: Vec<usize>,
    /// How many have been taken off the list to be unparked.
    woken: u64,
}

#[derive(Clone, Copy)]
struct Counts(usize);

impl Counts {
    fn searching(self) -> usize {
        self.0 % WATCHED
    }

    fn is_watched(self) -> bool {
        self.0 & WATCHED != 0
    }

    fn sleeping(self) -> usize {
        self.0 / SLEEPING_ONE
    }

    /// Whether a new task needs somebody to be woken for it.
    fn wants_waking(self) -> bool {
        self.searching() == 0 && self.sleeping() > 0
    }

    /// Whether one who runs tasks needs somebody to be woken who will be on watch.
    fn wants_watch(self) -> bool {
        self.wants_waking() && !self.is_watched()
    }
}

impl Idle {
    pub(crate) fn new(workers: usize) -> Self {
        Self {
            word: AtomicUsize::new(0),
            sleepers: Mutex::new(Sleepers { list: Vec::with_capacity(workers), woken: 0 }),
            stuck: AtomicUsize::new(0),
            workers,
        }
    }

    /// S2 and S3: after a task for all was put into a queue, returns the sleeper that must be
    /// unparked for it, if any. It counts as searching from now on.
    pub(crate) fn worker_to_wake(&self) -> Option<usize> {
        fence(SeqCst); // edge I1: S2, between the queue's store and this load
        self.sleeper_if(Counts::wants_waking)
    }

    /// The same for a task that can wait until one who is awake has time, and is not stuck.
    pub(crate) fn worker_to_wake_if_all_sleep(&self) -> Option<usize> {
        fence(SeqCst); // edge I1: S2, between the queue's store and this load
        // Relaxed: who is stuck and not counted yet is found by the watch.
        let busy = self.counts().sleeping() + self.stuck.load(Relaxed);
        if busy < self.workers { None } else { self.worker_to_wake() }
    }

    /// One who is awake, and whose mark this is, is stuck in a poll. Counted before it is marked, so
    /// that it is never counted out first: with a count too low, all would sleep and nobody be woken.
    pub(crate) fn mark_stuck(&self, mark: &AtomicBool) {
        self.stuck.fetch_add(1, Relaxed); // Relaxed: edge I2 orders it.
        if mark.swap(true, Release) {
            // edge I2 release
            self.stuck.fetch_sub(1, Relaxed); // Relaxed: it was marked and counted already.
        }
    }

    /// For the worker whose mark this is: it is not stuck, or no longer.
    pub(crate) fn unmark_stuck(&self, mark: &AtomicBool) {
        // Relaxed: a hint. edge I2 acquire
        if mark.load(Relaxed) && mark.swap(false, Acquire) {
            self.stuck.fetch_sub(1, Relaxed); // Relaxed: as above.
        }
    }

    /// Whether a worker is on the list of sleepers.
    pub(crate) fn is_sleeping(&self, worker: usize) -> bool {
        self.sleepers.lock().list.contains(&worker)
    }

    /// How many workers are awake, but at least one.
    pub(crate) fn awake(&self) -> usize {
        (self.workers - self.counts().sleeping().min(self.workers)).max(1)
    }

    /// For a worker that has left its bed, or its search, to run tasks: returns the sleeper that
    /// must be unparked to be on watch, if any. It counts as searching from now on, and finds
    /// nothing, or better.
    pub(crate) fn worker_to_watch(&self) -> Option<usize> {
        self.sleeper_if(Counts::wants_watch)
    }

    /// How many sleepers were to be unparked so far. Takes the lock.
    pub(crate) fn woken(&self) -> u64 {
        self.sleepers.lock().woken
    }

    fn sleeper_if(&self, wanted: fn(Counts) -> bool) -> Option<usize> {
        if !wanted(self.counts()) {
            return None;
        }
        let mut sleepers = self.sleepers.lock();
        if !wanted(self.counts()) {
            return None;
        }
        let worker = sleepers.list.pop()?;
        sleepers.woken += 1;
        // Under the lock, so that the list and the count of sleepers agree for whoever holds it.
        self.word.fetch_add(SEARCHING_ONE.wrapping_sub(SLEEPING_ONE), SeqCst);
        Some(worker)
    }

    /// Z1 and Z2: `worker` sleeps from now on. The caller does Z3, then parks or calls
    /// [`get_up`](Self::get_up). `true`: it is on watch.
    pub(crate) fn go_to_sleep(&self, worker: usize, was_searching: bool) -> bool {
        let mut sleepers = self.sleepers.lock();
        let somebody_is_awake = sleepers.list.len() + 1 < self.workers;
        let watches = somebody_is_awake && !self.counts().is_watched();
        let mut change = SLEEPING_ONE;
        if was_searching {
            change = change.wrapping_sub(SEARCHING_ONE);
        }
        if watches {
            sleepers.list.insert(0, worker);
            change = change.wrapping_add(WATCHED);
        } else {
            sleepers.list.push(worker);
        }
        self.word.fetch_add(change, SeqCst);
        drop(sleepers);
        fence(SeqCst); // edge I1: Z2, between this store and the queues' loads
        watches
    }

    /// Ends the watch of its caller, which sleeps on, if nobody is awake. Whether it has.
    pub(crate) fn end_watch(&self) -> bool {
        let sleepers = self.sleepers.lock();
        let nobody_is_awake = sleepers.list.len() == self.workers;
        if nobody_is_awake {
            self.word.fetch_sub(WATCHED, SeqCst);
        }
        nobody_is_awake
    }

    /// `worker` is awake, and no longer on watch if it was (`watched`). Returns whether it counts as
    /// searching: because it has seen a task (`to_search`), or because it was woken by
    /// [`worker_to_wake`](Self::worker_to_wake), and not by the driver.
    pub(crate) fn get_up(&self, worker: usize, to_search: bool, watched: bool) -> bool {
        let mut sleepers = self.sleepers.lock();
        let mut change = if watched { WATCHED.wrapping_neg() } else { 0 };
        let mut searching = true;
        if let Some(index) = sleepers.list.iter().position(|&sleeper| sleeper == worker) {
            sleepers.list.remove(index);
            searching = to_search;
            change = change.wrapping_sub(SLEEPING_ONE);
            if to_search {
                change = change.wrapping_add(SEARCHING_ONE);
            }
        }
        self.word.fetch_add(change, SeqCst);
        searching
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
mod loom_tests;
