//! Is it worth staying up for an answer?
//!
//! A thread that goes to sleep and is woken again costs two system calls and two trips through the
//! kernel's scheduler, some ten microseconds. What it waits for is often there sooner: a request
//! that another thread answers at once, the next task of one who spawns. If both have a core,
//! staying up a little saves most of that time; if they share one, it only keeps the answer waiting.
//! Which of the two it is shows by trying.
//!
//! 1. After a look that has paid, the next is as long. After one that has not, the next sleeps pass
//!    without one: at first 16, then twice as many each time.
//! 2. So a thread for which it never pays loses no more than a thousandth of a sleep's cost, and one
//!    for which it always pays never sleeps while there is something to do.
//!
//! Go's scheduler (`findRunnable`, its spinning threads) and rayon stay up without asking whether
//! it pays; Tokio does not stay up.

use crate::primitive::now;
use std::cell::Cell;
use std::time::Duration;

/// How long a thread stays up, where that pays. About what it takes to wake a thread on a core that
/// has gone idle: longer cannot save more. Moved by: spawn and join one, request and reply.
const LOOK_OUT_MAX: Duration = Duration::from_micros(5);

/// How long it waits between two looks, in pauses of the processor: each look takes a cache line
/// from whoever is about to write it. Moved by: spawn from outside.
const PAUSES: u32 = 16;

/// How many sleeps pass until it is tried again whether staying up pays.
const TRY_EVERY_MIN: u32 = 16;
const TRY_EVERY_MAX: u32 = 1024;

/// Whether one thread stays up a little before it sleeps.
pub(crate) struct Patience {
    /// Sleeps that pass before it is tried again.
    left: Cell<u32>,
    /// How many that were the last time.
    every: Cell<u32>,
}

impl Patience {
    pub(crate) fn new() -> Self {
        Self { left: Cell::new(0), every: Cell::new(TRY_EVERY_MIN / 2) }
    }

    /// Looks once; then, if that pays lately, again and again for a few microseconds, until there is
    /// something. `None`: the caller goes to sleep.
    pub(crate) fn look_out<T>(&self, mut look: impl FnMut() -> Option<T>) -> Option<T> {
        if let Some(found) = look() {
            return Some(found);
        }
        if let Some(left) = self.left.get().checked_sub(1) {
            self.left.set(left);
            return None;
        }
        let begun = now();
        loop {
            (0..PAUSES).for_each(|_| std::hint::spin_loop());
            if let Some(found) = look() {
                self.every.set(TRY_EVERY_MIN / 2);
                return Some(found);
            }
            if now() - begun > LOOK_OUT_MAX {
                self.every.set((2 * self.every.get()).min(TRY_EVERY_MAX));
                self.left.set(self.every.get());
                return None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many looks a sleep takes when what is looked for comes at look number `at`, or never.
    fn looks(patience: &Patience, at: Option<u32>) -> u32 {
        let mut looks = 0;
        let found = patience.look_out(|| {
            looks += 1;
            (Some(looks) == at).then_some(())
        });
        assert_eq!(found.is_some(), at.is_some_and(|at| looks == at));
        looks
    }

    #[test]
    fn a_thread_stays_up_while_that_pays_and_tries_less_and_less_often() {
        let patience = Patience::new();
        for _ in 0..3 {
            assert_eq!(looks(&patience, Some(2)), 2, "it pays");
        }
        assert!(looks(&patience, None) > 1, "it paid the last time");
        for pause in [16, 32, 64, 128, 256, 512, 1024, 1024] {
            for sleep in 0..pause {
                assert_eq!(looks(&patience, None), 1, "sleep {sleep} of {pause}");
            }
            assert!(looks(&patience, None) > 1, "tried again after {pause}");
        }
        for _ in 0..1024 {
            assert_eq!(looks(&patience, None), 1);
        }
        assert_eq!(looks(&patience, Some(2)), 2);
        assert!(looks(&patience, None) > 1, "it paid the last time");
        assert_eq!(looks(&patience, Some(1)), 1, "what is there is taken at once");
    }
}
