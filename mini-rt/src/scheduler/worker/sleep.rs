//! How a worker sleeps, and what it does about the driver.
//!
//! 1. It enters the list of sleepers, then looks once more ([`idle`](crate::scheduler)).
//! 2. It takes the driver's seat if that is free, else a bed of its own. On watch, it gets up in
//!    between to look around ([`watch`](crate::scheduler)), and may change over to the driver.
//! 3. It leaves the list, and only then wakes whom the driver has reported.

use super::{Shared, Worker};
use crate::coop;
use crate::park::Bed;
use crate::scheduler::watch::{self, Now};
use crate::threads::{Hook, Settings};
use crate::util::WakeList;
use std::time::Duration;

impl Worker {
    /// Sleeps until there may be something to do.
    pub(super) fn sleep(&self, wakes: &mut WakeList) {
        let Settings { on_park, on_unpark, .. } = &self.shared.settings;
        if on_park.is_set() && self.call(on_park) {
            return; // It has made a task.
        }
        self.batch.end(&self.shared.pace, self.counters().polls.get());
        self.unstick();
        let Shared { idle, crew, .. } = &*self.shared;
        let mut on_watch = idle.go_to_sleep(self.index, self.searching.take());
        let mut found = !self.shared.injector.is_empty() || self.shared.has_tasks_for_all();
        if !found && !crew.is_closing() {
            found = self.lie(&mut on_watch, wakes);
        }
        self.searching.set(idle.get_up(self.index, found, on_watch));
        self.has_risen.set(true);
        if on_unpark.is_set() {
            self.call(on_unpark);
        }
        self.wake(wakes);
    }

    /// Calls a function of the user's, outside of a poll. Whether this worker has tasks after it.
    fn call(&self, hook: &Hook) -> bool {
        self.announces.set(false);
        hook.call();
        self.announces.set(true);
        self.announce_besides(1);
        self.backlog() > 0
    }

    /// Lies in a bed until it is woken, or has seen a task that waits: `true`.
    fn lie(&self, on_watch: &mut bool, wakes: &mut WakeList) -> bool {
        let parker = &self.remote.parker;
        if *on_watch {
            self.look();
        }
        // Somebody is awake, says the watch: the seat is theirs when they come back to it.
        let mut wants_seat = !*on_watch;
        loop {
            let limit = on_watch.then_some(watch::EVERY);
            let seat = if wants_seat { self.shared.seat.try_lock() } else { None };
            let has_seat = seat.is_some();
            self.counters().about_to_park(self.up_since.get());
            let is_up = match seat {
                None => parker.park_for(limit),
                Some(mut driver) => {
                    !parker.lie_down(Bed::Driver) || {
                        driver.turn(&self.shared.driver, limit, wakes);
                        let is_up = parker.get_up() || !wakes.is_empty() || limit.is_none();
                        if is_up {
                            self.shared.turns.add(1);
                        }
                        is_up
                    }
                }
            };
            self.up_since.set(self.counters().unparked());
            if is_up || self.shared.crew.is_closing() {
                return false;
            }
            let seen = self.look();
            if seen.waiting {
                self.takes_any.set(true);
                return true;
            }
            if seen.nothing && self.shared.idle.end_watch() {
                *on_watch = false;
            }
            wants_seat = has_seat || seen.no_turn;
        }
    }

    /// Counts the time that this worker has been up.
    pub(super) fn keep_time(&self) {
        self.up_since.set(self.counters().keep_time(self.up_since.get()));
    }

    /// What the watch sees. Marks who is stuck.
    fn look(&self) -> watch::Seen {
        let Shared { remotes, injector, turns, .. } = &*self.shared;
        let workers = remotes
            .iter()
            .map(|remote| Now { polls: remote.counters.0.polls.get(), tasks: remote.len() });
        let mut watch = self.watch.borrow_mut();
        let seen = watch.look(workers, !injector.is_empty(), turns.get());
        for &index in watch.still() {
            if !self.shared.idle.is_sleeping(index) {
                self.shared.idle.mark_stuck(&remotes[index].stuck);
            }
        }
        seen
    }

    /// Gives the driver a turn that does not sleep, if its seat is free.
    pub(super) fn turn(&self, wakes: &mut WakeList) {
        self.keep_time();
        self.batch.end(&self.shared.pace, self.counters().polls.get());
        if let Some(mut driver) = self.shared.seat.try_lock() {
            driver.turn(&self.shared.driver, Some(Duration::ZERO), wakes);
            self.shared.turns.add(1);
        }
        self.wake(wakes);
    }

    /// Wakes what a turn has collected, and begins a batch.
    fn wake(&self, wakes: &mut WakeList) {
        if !wakes.is_empty() {
            self.announces.set(false);
            wakes.wake_all();
            self.announces.set(true);
            self.announce_besides(1);
        }
        let waiting = self.backlog();
        self.batch.begin(waiting, self.counters().polls.get());
        coop::share_among(waiting);
    }
}
