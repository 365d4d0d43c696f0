//! How late is a timer beside a task that is always ready?

use super::rt;
use rt::task::yield_now;
use rt::time::sleep;
use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

const MS: Duration = Duration::from_millis(1);

/// Counts the polls of a task that is always ready, while a timer beside it is due.
#[derive(Clone, Default)]
pub(crate) struct Late {
    due: Rc<Cell<Option<Instant>>>,
    polls: Rc<Cell<usize>>,
}

impl Late {
    /// More than some turns of a driver, and less than a turn for each turn of the set's.
    pub(crate) const POLLS_MAX: usize = 1_000;

    pub(crate) async fn stay_ready(self) {
        loop {
            let poll = Instant::now();
            if self.due.get().is_some_and(|due| poll > due) {
                self.polls.set(self.polls.get() + 1);
            }
            while poll.elapsed() < MS / 20 {}
            yield_now().await;
        }
    }

    /// The most polls that a timer has had to wait for.
    pub(crate) async fn polls_when_due(&self) -> usize {
        let mut most = 0;
        for _ in 0..10 {
            self.due.set(Some(Instant::now() + 2 * MS)); // By then also for Tokio, whose timers are rounded up.
            sleep(MS).await;
            self.due.set(None);
            most = most.max(self.polls.take());
        }
        most
    }
}
