//! Whose deadline comes next? An ordered set, as each client has one.
//!
//! It changes when a deadline has come, a client rests or begins to close; not with each message. So
//! its O(log clients) are of no account, and a wheel would be more to read for nothing.

use std::collections::BTreeSet;
use std::time::Duration;

/// The deadlines of all clients, as time since the start.
#[derive(Debug, Default)]
pub(super) struct Timers(BTreeSet<(Duration, usize)>);

impl Timers {
    /// Gives a client another deadline in place of `timer`, which is the one it has.
    pub(super) fn reset(&mut self, idx: usize, timer: &mut Duration, deadline: Duration) {
        self.0.remove(&(*timer, idx));
        *timer = deadline;
        self.0.insert((deadline, idx));
    }

    /// Forgets a client and its deadline.
    pub(super) fn remove(&mut self, idx: usize, timer: Duration) {
        self.0.remove(&(timer, idx));
    }

    /// A client whose deadline has come. It has none until it is given another.
    pub(super) fn pop_due(&mut self, now: Duration) -> Option<usize> {
        if self.first()? > now {
            return None;
        }
        self.0.pop_first().map(|(_, idx)| idx)
    }

    /// The next deadline.
    pub(super) fn first(&self) -> Option<Duration> {
        self.0.first().map(|(deadline, _)| *deadline)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deadlines_come_in_order_and_only_the_last_that_was_set() {
        let mut timers = Timers::default();
        let [mut one, mut two] = [Duration::ZERO; 2];
        let ms = Duration::from_millis;
        timers.reset(1, &mut one, ms(30));
        timers.reset(2, &mut two, ms(20));
        timers.reset(1, &mut one, ms(10));
        assert_eq!((timers.first(), timers.pop_due(ms(9))), (Some(ms(10)), None));
        assert_eq!(timers.pop_due(ms(30)), Some(1));
        assert_eq!(timers.pop_due(ms(30)), Some(2));
        assert_eq!((timers.first(), timers.pop_due(ms(30))), (None, None));
        timers.reset(2, &mut two, ms(40));
        timers.remove(2, two);
        assert_eq!(timers.first(), None);
    }
}
