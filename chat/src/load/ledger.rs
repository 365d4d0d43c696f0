//! What has come of what had to come?
//!
//! Pure. A *stream* is what one receiver hears of one sender, numbered from 0 without end. For each
//! stream there is one number, the next one expected; only what was skipped is kept one by one.
//!
//! 1. Each message of a stream counts once as delivered. `due` is `delivered` plus what is
//!    outstanding, and what is outstanding when a run is settled is lost.
//! 2. A message that comes after a later one of its stream is reordered (and delivered). One that
//!    comes again is duplicated. The three do not mix: a swap of two is one reordered, none lost.
//! 3. Numbers go on from run to run. What was given up as lost and comes in a later run is stale:
//!    it counts nowhere.
//!
//! Rejected: a bitmap per stream (a million streams of a long run hold what never goes wrong), and
//! counting alone (a loss and a duplicate would cancel out).

use std::collections::BTreeSet;

/// How many messages of each fate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) due: u64,
    pub(super) delivered: u64,
    pub(super) duplicated: u64,
    pub(super) reordered: u64,
}

impl Tally {
    /// What has to come still.
    pub(super) fn outstanding(&self) -> u64 {
        self.due - self.delivered
    }
}

/// What a message was that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// The first of its number, in order, or after some that were skipped.
    InOrder,
    /// The first of its number, and a later one came before it.
    Reordered,
    /// It has come before.
    Again,
    /// It was given up in an earlier run.
    Stale,
}

/// What each receiver has heard of each sender.
#[derive(Debug)]
pub(super) struct Ledger {
    /// By stream.
    next: Vec<u32>,
    /// Skipped, and still awaited: stream and number.
    holes: BTreeSet<(u32, u32)>,
    /// Lost in an earlier run.
    given_up: BTreeSet<(u32, u32)>,
    tally: Tally,
}

impl Ledger {
    /// A ledger in which nothing was said yet.
    pub(super) fn new(streams: usize) -> Self {
        Self {
            next: vec![0; streams],
            holes: BTreeSet::new(),
            given_up: BTreeSet::new(),
            tally: Tally::default(),
        }
    }

    /// What happened since the last [`settle`](Self::settle).
    pub(super) fn tally(&self) -> Tally {
        self.tally
    }

    /// So many streams have a message more.
    pub(super) fn owe(&mut self, streams: u64) {
        self.tally.due += streams;
    }

    /// Takes a message that has come. It has been said: the caller knows how many were.
    pub(super) fn hear(&mut self, stream: usize, number: u32) -> Heard {
        let next = &mut self.next[stream];
        if number >= *next {
            let skipped = *next..number;
            *next = number + 1;
            self.holes.extend(skipped.map(|number| (stream as u32, number)));
            self.tally.delivered += 1;
            return Heard::InOrder;
        }
        let message = (stream as u32, number);
        if self.holes.remove(&message) {
            self.tally.delivered += 1;
            self.tally.reordered += 1;
            Heard::Reordered
        } else if self.given_up.remove(&message) {
            Heard::Stale
        } else {
            self.tally.duplicated += 1;
            Heard::Again
        }
    }

    /// This stream's receiver is gone, after `said` messages: what it has not heard at the end is
    /// not due. What it skipped is.
    pub(super) fn excuse(&mut self, stream: usize, said: u32) {
        let next = &mut self.next[stream];
        self.tally.due -= u64::from(said - *next);
        *next = said;
    }

    /// Ends a run: what is outstanding is given up. `said` tells how many messages a stream has.
    pub(super) fn settle(&mut self, said: impl Fn(usize) -> u32) -> Tally {
        let tally = std::mem::take(&mut self.tally);
        if tally.outstanding() > 0 {
            self.given_up.append(&mut self.holes);
            for (stream, next) in self.next.iter_mut().enumerate() {
                let unheard = *next..said(stream);
                *next = unheard.end.max(*next);
                self.given_up.extend(unheard.map(|number| (stream as u32, number)));
            }
        }
        tally
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same by definition: from everything that came, in its order.
    fn by_definition(said: u32, came: &[u32]) -> Tally {
        let mut tally = Tally { due: u64::from(said), ..Tally::default() };
        for (at, number) in came.iter().enumerate() {
            let before = &came[..at];
            if before.contains(number) {
                tally.duplicated += 1;
            } else {
                tally.delivered += 1;
                tally.reordered += u64::from(before.iter().any(|earlier| earlier > number));
            }
        }
        tally
    }

    /// All that can come of four messages in up to six arrivals.
    #[test]
    fn every_arrival_counts_as_defined() {
        const SAID: u32 = 4;
        for len in 0..=6 {
            for code in 0..SAID.pow(len) {
                let came: Vec<u32> = (0..len).map(|at| code / SAID.pow(at) % SAID).collect();
                let mut ledger = Ledger::new(1);
                ledger.owe(u64::from(SAID));
                for number in &came {
                    ledger.hear(0, *number);
                }
                assert_eq!(ledger.settle(|_| SAID), by_definition(SAID, &came), "{came:?}");
            }
        }
    }

    #[test]
    fn a_loss_a_swap_and_a_duplicate_are_told_apart() {
        let heard = |numbers: &[u32]| {
            let mut ledger = Ledger::new(1);
            ledger.owe(4);
            for number in numbers {
                ledger.hear(0, *number);
            }
            let Tally { duplicated, reordered, .. } = ledger.tally();
            (ledger.tally().outstanding(), reordered, duplicated)
        };
        assert_eq!(heard(&[0, 1, 2, 3]), (0, 0, 0));
        assert_eq!(heard(&[0, 2, 3]), (1, 0, 0));
        assert_eq!(heard(&[0, 1, 2]), (1, 0, 0)); // the last one is missed too
        assert_eq!(heard(&[0, 2, 1, 3]), (0, 1, 0));
        assert_eq!(heard(&[0, 1, 1, 2, 3]), (0, 0, 1));
        assert_eq!(heard(&[0, 1, 1, 3]), (1, 0, 1)); // they do not cancel out
    }

    #[test]
    fn streams_do_not_mix() {
        let mut ledger = Ledger::new(2);
        ledger.owe(2);
        assert_eq!(ledger.hear(1, 0), Heard::InOrder);
        assert_eq!(ledger.tally().outstanding(), 1);
        assert_eq!(ledger.hear(0, 0), Heard::InOrder);
        assert_eq!(ledger.tally().outstanding(), 0);
    }

    #[test]
    fn what_was_given_up_is_stale_and_numbers_go_on() {
        let mut ledger = Ledger::new(1);
        ledger.owe(4);
        ledger.hear(0, 0);
        ledger.hear(0, 2);
        assert_eq!(ledger.settle(|_| 4).outstanding(), 2); // numbers 1 and 3
        ledger.owe(1);
        assert_eq!(ledger.hear(0, 1), Heard::Stale);
        assert_eq!(ledger.hear(0, 1), Heard::Again);
        assert_eq!(ledger.hear(0, 4), Heard::InOrder);
        assert_eq!(ledger.hear(0, 3), Heard::Stale);
        let wanted = Tally { due: 1, delivered: 1, duplicated: 1, reordered: 0 };
        assert_eq!(ledger.settle(|_| 5), wanted);
    }

    #[test]
    fn who_is_gone_is_owed_nothing_more_but_what_it_skipped() {
        let mut ledger = Ledger::new(1);
        ledger.owe(5);
        ledger.hear(0, 0);
        ledger.hear(0, 2);
        ledger.excuse(0, 5);
        let tally = ledger.settle(|_| 5);
        assert_eq!((tally.due, tally.delivered, tally.outstanding()), (3, 2, 1));
    }
}
