//! Which tick is it?
//!
//! The [timers](super) ask. This is the one place in the driver that reads a clock: the machine's
//! monotonic one, about 21 ns on Linux; or, where a test has paused it, a *hand* that only
//! [`Clock::advance`] moves, or the driver when its runtime has nothing to do.
//!
//! A time is rounded down to a tick and a deadline up, so that whatever is due by ticks is due by
//! the clock.
//!
//! 1. Only the clock of a current-thread runtime can be paused: with workers, nobody knows that
//!    nothing is under way.
//! 2. While a clock has a *hold* on it (a blocking call is under way), it does not move by itself.
//! 3. The hand never goes back, and goes on where it was when it is resumed: not at the machine's.
//! 4. What this costs whom it does not concern: one load, of [`EVER_PAUSED`], in each reading of a
//!    clock that can be paused, and of [`Instant::now`](crate::time::Instant::now).
//!
//! No edge: what the hand shows passes through its lock. Who ends the last hold takes that after it
//! has woken whoever waits for its call, so who finds no hold finds the bell rung.
//!
//! Rejected: the hand in two atomics for readers without a lock (only tests would gain); a count of
//! holds beside the lock (who ends the last one has to look at the hand, and who pauses at the
//! count: a fence on each side, for 20 ns of a blocking call).

use std::fmt;
use std::time::{Duration, Instant};

use crate::primitive::{Latch, Mutex, now};
use crate::wheel::Tick;

/// Whether any clock of this process was ever paused.
static EVER_PAUSED: Latch = Latch::new();

/// Whether time may be other than the machine's, in some runtime.
#[inline(always)]
pub(crate) fn was_ever_paused() -> bool {
    EVER_PAUSED.is_set()
}

/// A clock that counts [`Tick`]s (milliseconds) since it was made.
#[derive(Debug)]
pub(crate) struct Clock {
    start: Instant,
    /// `None`: it is the machine's for ever.
    hand: Option<Mutex<Hand>>,
}

/// Why a clock is not paused, resumed or put forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It cannot be paused.
    Machine,
    Paused,
    NotPaused,
    /// There is no such time.
    Overflow,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Machine => {
                "only the clock of a current-thread runtime can be paused: build the runtime with \
                 `Builder::new_current_thread`"
            }
            Self::Paused => "the clock is paused already",
            Self::NotPaused => {
                "the clock is not paused: call `time::pause` first, or build the \
                                runtime with `Builder::start_paused`"
            }
            Self::Overflow => "the clock cannot be put forward so far: there is no such `Instant`",
        })
    }
}

/// How the time until a tick passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wait {
    /// By itself, in so long.
    Runs(Duration),
    /// The clock may be put forward to the tick if nothing is under way.
    Skips,
    /// Not until somebody else does something.
    Stands,
}

/// What a clock shows, given the machine's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Hand {
    shown: Instant,
    /// When the machine showed that; `None`: it is paused there.
    running_since: Option<Instant>,
    holds: usize,
}

impl Hand {
    fn at(self, machine: Instant) -> Instant {
        match self.running_since {
            Some(since) => self.shown + machine.saturating_duration_since(since),
            None => self.shown,
        }
    }

    fn is_paused(self) -> bool {
        self.running_since.is_none()
    }

    fn pause(&mut self, machine: Instant) -> Result<(), Refused> {
        if self.is_paused() {
            return Err(Refused::Paused);
        }
        (self.shown, self.running_since) = (self.at(machine), None);
        Ok(())
    }

    fn resume(&mut self, machine: Instant) -> Result<(), Refused> {
        if !self.is_paused() {
            return Err(Refused::NotPaused);
        }
        self.running_since = Some(machine);
        Ok(())
    }

    fn advance(&mut self, by: Duration) -> Result<(), Refused> {
        if !self.is_paused() {
            return Err(Refused::NotPaused);
        }
        self.shown = self.shown.checked_add(by).ok_or(Refused::Overflow)?;
        Ok(())
    }

    /// Puts a paused hand forward to `to`, if it is not there yet.
    fn skip_to(&mut self, to: Instant) {
        if self.is_paused() {
            self.shown = self.shown.max(to);
        }
    }
}

impl Clock {
    /// The machine's clock.
    pub(crate) fn of_machine() -> Self {
        Self { start: now(), hand: None }
    }

    /// A clock that goes with the machine's until it is paused.
    pub(crate) fn with_hand() -> Self {
        let start = now();
        let hand = Hand { shown: start, running_since: Some(start), holds: 0 };
        Self { start, hand: Some(Mutex::new(hand)) }
    }

    /// A clock that is paused from the beginning: what it shows first is the beginning of a tick.
    pub(crate) fn paused() -> Self {
        EVER_PAUSED.set();
        let start = now();
        let hand = Hand { shown: start, running_since: None, holds: 0 };
        Self { start, hand: Some(Mutex::new(hand)) }
    }

    pub(super) fn now(&self) -> Instant {
        match &self.hand {
            Some(hand) if was_ever_paused() => hand.lock().at(now()),
            _ => now(),
        }
    }

    pub(super) fn pause(&self) -> Result<(), Refused> {
        EVER_PAUSED.set();
        self.hand()?.lock().pause(now())
    }

    pub(super) fn resume(&self) -> Result<(), Refused> {
        self.hand()?.lock().resume(now())
    }

    pub(super) fn advance(&self, by: Duration) -> Result<(), Refused> {
        self.hand()?.lock().advance(by)
    }

    /// Puts a clock that is paused forward to the beginning of `tick`.
    pub(super) fn skip_to(&self, tick: Tick) {
        if let Some(hand) = &self.hand {
            hand.lock().skip_to(self.start + Duration::from_millis(tick.0));
        }
    }

    /// From now on it does not move by itself, until [`let_go`](Self::let_go).
    pub(super) fn hold(&self) {
        if let Some(hand) = &self.hand {
            hand.lock().holds += 1;
        }
    }

    /// Ends a [`hold`](Self::hold). `true`: it was the last one on a clock that is paused.
    pub(super) fn let_go(&self) -> bool {
        self.hand.as_ref().is_some_and(|hand| {
            let mut hand = hand.lock();
            hand.holds -= 1;
            hand.holds == 0 && hand.is_paused()
        })
    }

    /// The tick in which `instant` lies: rounded down.
    pub(super) fn tick(&self, instant: Instant) -> Tick {
        let since = instant.saturating_duration_since(self.start);
        ticks(since.as_secs(), since.subsec_millis())
    }

    /// The first tick that does not begin before `instant`: rounded up.
    pub(super) fn tick_at_or_after(&self, instant: Instant) -> Tick {
        let since = instant.saturating_duration_since(self.start);
        ticks(since.as_secs(), since.subsec_nanos().div_ceil(1_000_000))
    }

    /// How long is it from now to the beginning of `tick`?
    pub(super) fn until(&self, tick: Tick) -> Wait {
        let now = match &self.hand {
            Some(hand) if was_ever_paused() => {
                let hand = *hand.lock();
                if hand.is_paused() {
                    return if hand.holds == 0 { Wait::Skips } else { Wait::Stands };
                }
                hand.at(now())
            }
            _ => now(),
        };
        let since = now.saturating_duration_since(self.start);
        Wait::Runs(Duration::from_millis(tick.0).saturating_sub(since))
    }

    /// Goes on from `instant`, if that is yet to come.
    #[cfg(test)]
    pub(super) fn go_to(&self, instant: Instant) {
        self.pause().expect("it has a hand, and runs");
        self.hand.as_ref().expect("it has one").lock().skip_to(instant);
        self.resume().expect("it was paused");
    }

    fn hand(&self) -> Result<&Mutex<Hand>, Refused> {
        self.hand.as_ref().ok_or(Refused::Machine)
    }
}

/// No later than [`Tick::LAST`], which no process lives to see.
fn ticks(secs: u64, millis: u32) -> Tick {
    Tick(secs.saturating_mul(1000).saturating_add(u64::from(millis))).min(Tick::LAST)
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn deadlines_are_rounded_up_and_the_time_down() {
        let clock = Clock::of_machine();
        for (nanos, down, up) in [
            (0, 0, 0),
            (1, 0, 1),
            (999_999, 0, 1),
            (1_000_000, 1, 1),
            (1_000_001, 1, 2),
            (999_000_001, 999, 1000),
            (5_000_000_000, 5000, 5000),
        ] {
            let instant = clock.start + Duration::from_nanos(nanos);
            assert_eq!(clock.tick(instant), Tick(down), "{nanos} ns down");
            assert_eq!(clock.tick_at_or_after(instant), Tick(up), "{nanos} ns up");
        }
        assert_eq!(clock.tick_at_or_after(clock.start - Duration::from_nanos(1)), Tick(0));
        assert_eq!(ticks(u64::MAX, 1), Tick::LAST);
    }

    #[test]
    fn whoever_sleeps_until_a_tick_wakes_up_in_it() {
        let clock = Clock::of_machine();
        let Wait::Runs(sleep) = clock.until(Tick(3_600_000)) else { panic!("it runs") };
        assert!(clock.tick(now() + sleep) >= Tick(3_600_000));
        assert_eq!(clock.until(Tick(0)), Wait::Runs(Duration::ZERO));
    }

    #[test]
    fn a_hand_stands_moves_and_goes_on_where_it_was() {
        let start = now();
        let at = |ms: u32| start + MS * ms;
        let mut hand = Hand { shown: start, running_since: Some(start), holds: 0 };
        assert_eq!(hand.at(at(5)), at(5));
        assert_eq!(hand.advance(MS), Err(Refused::NotPaused));
        assert_eq!(hand.resume(at(5)), Err(Refused::NotPaused));
        hand.skip_to(at(9));
        assert_eq!(hand.at(at(5)), at(5), "one that runs is not moved");

        assert_eq!(hand.pause(at(10)), Ok(()));
        assert_eq!(hand.pause(at(11)), Err(Refused::Paused));
        assert_eq!(hand.at(at(20)), at(10));
        assert_eq!(hand.advance(MS * 3), Ok(()));
        assert_eq!(hand.at(at(20)), at(13));
        assert_eq!(hand.advance(Duration::MAX), Err(Refused::Overflow));
        hand.skip_to(at(12));
        assert_eq!(hand.at(at(20)), at(13), "never back");
        hand.skip_to(at(15));
        assert_eq!(hand.at(at(20)), at(15));

        assert_eq!(hand.resume(at(30)), Ok(()));
        assert_eq!(hand.at(at(31)), at(16));
    }

    #[test]
    fn a_clock_that_is_held_stands_until_the_last_lets_go() {
        let clock = Clock::with_hand();
        clock.hold();
        assert!(!clock.let_go(), "it runs: nobody waits for this");
        clock.hold();
        clock.hold();
        clock.pause().unwrap();
        assert_eq!(clock.until(Tick(10)), Wait::Stands);
        assert!(!clock.let_go());
        assert_eq!(clock.until(Tick(10)), Wait::Stands);
        assert!(clock.let_go());
        assert_eq!(clock.until(Tick(10)), Wait::Skips);
        clock.skip_to(Tick(10));
        assert_eq!(clock.tick(clock.now()), Tick(10));
        assert_eq!(clock.now(), clock.start + MS * 10, "the very beginning of it");
    }

    #[test]
    fn the_clock_of_the_machine_cannot_be_paused() {
        let clock = Clock::of_machine();
        assert_eq!(clock.pause(), Err(Refused::Machine));
        assert_eq!(clock.resume(), Err(Refused::Machine));
        assert_eq!(clock.advance(MS), Err(Refused::Machine));
        clock.hold();
        assert!(!clock.let_go());
    }
}
