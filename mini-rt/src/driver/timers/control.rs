//! What a test does with the [timers](super)' clock.

use super::{Nap, Refused, Timers, Wait};
use crate::util::WakeList;
use crate::wheel::Tick;
use std::time::{Duration, Instant};

impl Timers {
    /// What the clock shows.
    pub(crate) fn now(&self) -> Instant {
        self.clock.now()
    }

    /// Stops the clock where it is. Who may be parked is to be woken, to see it.
    pub(crate) fn pause(&self) -> Result<(), Refused> {
        self.clock.pause()
    }

    /// Lets the clock go on from where it is. Who may be parked is to be woken, to see it.
    pub(crate) fn resume(&self) -> Result<(), Refused> {
        self.clock.resume()
    }

    /// Puts a clock that is paused forward, and fires what is due. The caller wakes them.
    pub(crate) fn advance(&self, by: Duration, wakes: &mut WakeList) -> Result<(), Refused> {
        self.clock.advance(by)?;
        self.fire(self.clock.tick(self.clock.now()), wakes);
        Ok(())
    }

    /// Until [`let_go`](Self::let_go), a clock that is paused does not move by itself.
    pub(crate) fn hold(&self) {
        self.clock.hold();
    }

    /// Ends a [`hold`](Self::hold). `true`: the driver is to be woken, as its clock may move now.
    #[must_use]
    pub(crate) fn let_go(&self) -> bool {
        self.clock.let_go()
    }

    /// Nothing has come in a [nap](Self::prepare_park): a clock that is paused goes to its end.
    pub(crate) fn skip(&self, nap: &Nap) {
        if let Some(tick) = nap.skips_to {
            self.clock.skip_to(tick);
        }
    }

    /// How to spend the time until `next`, if no longer than `limit`.
    pub(super) fn nap_until(&self, next: Tick, limit: Option<Duration>) -> Nap {
        match self.clock.until(next) {
            Wait::Runs(sleep) => Nap::of(Some(limit.map_or(sleep, |limit| limit.min(sleep)))),
            Wait::Skips => Nap { timeout: Some(Duration::ZERO), skips_to: Some(next) },
            Wait::Stands => Nap::of(limit),
        }
    }
}
