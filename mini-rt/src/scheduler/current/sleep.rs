//! How the thread with the core sleeps, and gives the driver its turns.

use super::{Core, CoreGuard, Root, Shared};
use crate::coop;
use crate::park::Bed;
use crate::threads::Settings;
use std::time::Duration;

impl CoreGuard<'_> {
    /// Sleeps in the driver. `false`: it did not lie down, as there is something to do.
    pub(super) fn sleep(&mut self, root: &Root) -> bool {
        let Shared { settings: Settings { on_park, on_unpark, .. }, parker, counters, .. } =
            &**self.shared;
        on_park.call();
        let is_idle = self.holder.queue.borrow().is_empty() && !root.woken.is_set();
        let lies = is_idle && parker.lie_down(Bed::Driver);
        if lies {
            counters.about_to_park(self.up_since);
            self.turn(None);
            parker.get_up();
            self.up_since = counters.unparked();
        }
        on_unpark.call();
        lies
    }

    pub(super) fn turn(&mut self, limit: Option<Duration>) {
        let Core { driver, wakes, .. } = &mut **self.core.as_mut().expect("held");
        driver.turn(&self.shared.driver, limit, wakes);
        wakes.wake_all();
        coop::share_among(self.holder.queue.borrow().len());
    }
}
