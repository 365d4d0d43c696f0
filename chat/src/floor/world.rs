//! [`World`]: all but the clients' own: the hub, the time, and who is to be looked at.

use std::collections::VecDeque;
use std::task::Waker;
use std::time::{Duration, Instant, SystemTime};

use super::timers::Timers;
use crate::core::{Hub, Limits, Now};
use crate::server::Options;

/// What every step of a client may need.
pub(super) struct World {
    pub(super) hub: Hub,
    /// As of the last event or line.
    pub(super) now: Now,
    epoch: Instant,
    pub(super) timers: Timers,
    /// Clients that can be read or have something kept, in the order of their turns.
    pub(super) readable: VecDeque<usize>,
    /// What was read in this turn.
    pub(super) read_bytes: usize,
    /// Clients that may have something left to be written.
    pub(super) unwritten: usize,
    wakers: Vec<Waker>,
    pub(super) limits: Limits,
    pub(super) ping_after: Duration,
    pub(super) drain: Duration,
}

impl World {
    pub(super) fn new(options: Options) -> Self {
        let Options { listen: _, config, drain } = options;
        let (limits, ping_after) = (config.limits, config.timeouts.ping_after);
        let now = Now { mono: Duration::ZERO, unix_s: unix_s() };
        Self {
            hub: Hub::new(config, now),
            now,
            epoch: Instant::now(),
            timers: Timers::default(),
            readable: VecDeque::new(),
            read_bytes: 0,
            unwritten: 0,
            wakers: Vec::new(),
            limits,
            ping_after,
            drain,
        }
    }

    /// The time since the start, by the clock.
    pub(super) fn read_clock(&self) -> Duration {
        self.epoch.elapsed()
    }

    /// Brings `now` up to date: once a turn, which is enough for the time of day.
    pub(super) fn tick(&mut self) {
        self.now = Now { mono: self.read_clock(), unix_s: unix_s() };
    }

    /// Wakes the wakers of all who have got something: that marks them.
    pub(super) fn wake(&mut self) {
        self.hub.poll_wakers(&mut self.wakers);
        self.wakers.drain(..).for_each(Waker::wake);
    }
}

fn unix_s() -> u64 {
    SystemTime::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_secs())
}
