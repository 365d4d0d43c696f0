//! What a worker looks for that has no task.

use super::{Remote, Worker};
use crate::queue::Local;
use crate::task::Runnable;

impl Worker {
    /// Looks for a task for all, for a while if that has paid lately.
    pub(super) fn search(&self) -> Option<Runnable> {
        if !self.searching.get() {
            self.searching.set(self.shared.idle.start_searching());
        }
        if !self.searching.get() {
            return None;
        }
        let takes_any = self.takes_any.take();
        self.patience.look_out(|| self.look_around(takes_any))
    }

    /// Looks into the others' rings, from a random one on, and into the injector once more.
    pub(super) fn look_around(&self, takes_any: bool) -> Option<Runnable> {
        let count = self.shared.remotes.len();
        let start = self.random.below(count);
        let others = (0..count).map(|offset| (start + offset) % count);
        let pushed = self.ring.pushed();
        let stolen = others
            .filter(|&index| index != self.index)
            .map(|index| &self.shared.remotes[index])
            .filter(|remote| takes_any || self.shared.pace.pays(remote.len()))
            .find_map(|remote| remote.steal_into(&self.ring));
        if stolen.is_some() {
            self.counters().stolen(self.ring.pushed() - pushed + 1);
        }
        stolen.or_else(|| self.take_injected())
    }
}

impl Remote {
    /// How many tasks it has. Looks into the spill first, from which they move to the ring.
    pub(super) fn len(&self) -> usize {
        self.spill.len() + self.stealer.len()
    }

    /// Moves half of the tasks in the ring to another, or in the spill if there are none, and
    /// returns the first.
    pub(super) fn steal_into(&self, thief: &Local) -> Option<Runnable> {
        let from_spill = || self.spill.pop_into(thief, self.spill.len().div_ceil(2));
        self.stealer.steal_into(thief).or_else(from_spill)
    }
}
