//! How do timers that any thread adds and removes share one park with the reactor?
//!
//! A sleeping future registers here through its [`Entry`]; the thread that parks in the driver
//! asks before ([`Timers::prepare_park`]) how long it may, and takes what is due after
//! ([`Timers::finish_park`]). The [`Wheel`] is behind a lock. Beside it stand two words:
//!
//! - `next`: when the wheel has to be advanced, and the bit [`PARKED`] while a thread sleeps that
//!   has seen this time;
//! - `elapsed`: the time to which the wheel was advanced.
//!
//! 1. One thread at a time is between `prepare_park` and `finish_park` (it holds the reactor), and
//!    it alone sets `PARKED`. Any thread may clear it.
//! 2. While the lock is free, `next` is never later than the wheel's next deadline.
//! 3. `next` is lowered at any time, but raised only while nobody is parked. A cancelled timer may
//!    cost the parked thread one wake-up of its own, but then timers that come and go, each later
//!    than the last, do not cost a system call each.
//! 4. Whoever lowers `next` clears `PARKED` in the same step; if it was set, [`Unpark::Needed`]
//!    makes it the one who wakes the driver. So a thread that is parked is woken once, however many
//!    timers are added until it runs, and a thread that is not parked is never woken: it reads
//!    `next` before it parks.
//! 5. A timer has fired if and only if its tick is not later than `elapsed` (the wheel's rule 1).
//!    So polling a timer again with the same waker takes no lock and reads no clock.
//! 6. While there are no timers, no lock is taken and no clock is read.
//! 7. No waker is woken, cloned or dropped under the lock.
//!
//! Who may be missed? The thread that parks sets `PARKED` and reads the deadline in one
//! read-modify-write; whoever adds an earlier timer writes the deadline and reads `PARKED` in
//! another, of the same word. One of them is first in that word's order: either the parking thread
//! reads the new deadline, or the adding thread reads `PARKED` and wakes it; and a driver that is
//! woken before it sleeps does not sleep. `loom_tests.rs` has loom try every order.
//!
//! No edge is declared. The words' values are all that is read from them, so every access is
//! `Relaxed`; what is in the wheel passes through its lock. A poll that follows a timer's wake sees
//! the `elapsed` that was stored before it, by the edge from wake to poll that every executor has.
//!
//! A sleep never ends early: deadlines are rounded up to a tick, the time is rounded down.
//!
//! A deadline that moves to a later time ([`Timers::reset`]) costs nothing: the old timer fires
//! when it would have, and the poll that follows registers the new one.
//!
//! Rejected: the parked thread's deadline under the wheel's lock (two locks more on each turn of a
//! runtime that has timers); a wheel for each worker (a sleep that moves to another worker is a
//! message then); a lock for each poll of a sleep (a `timeout` is polled with all that is in it).

use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};
use std::{mem, ptr};

use self::clock::Wait;
pub(crate) use self::clock::{Clock, Refused, was_ever_paused};
use crate::primitive::atomic::{AtomicU64, Ordering::Relaxed};
use crate::primitive::{Guess, Mutex};
use crate::util::WakeList;
use crate::wheel::{Key, Tick, Wheel};

/// Set in `next` while a thread is parked until the deadline in its other bits.
const PARKED: u64 = 1 << 63;
/// The deadline in `next` while there are no timers.
const NEVER: u64 = PARKED - 1;
const _: () = assert!(Tick::LAST.0 < NEVER);

/// How a thread sleeps in the driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(crate) struct Nap {
    /// At most so long.
    pub(crate) timeout: Option<Duration>,
    /// Where a clock that is paused goes if nothing comes ([`Timers::skip`]).
    skips_to: Option<Tick>,
}

impl Nap {
    fn of(timeout: Option<Duration>) -> Self {
        Self { timeout, skips_to: None }
    }
}

/// Does the caller have to wake the driver?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a parked thread that is not woken fires the timer late"]
pub(crate) enum Unpark {
    /// Yes: a thread sleeps past the new deadline, and nobody else wakes it.
    Needed,
    /// No.
    No,
}

/// One sleeping future's place in the timers. Belongs to the [`Timers`] it was first polled with;
/// has to be [cancelled](Timers::cancel) before it is dropped.
#[derive(Debug)]
pub(crate) enum Entry {
    /// Not registered. A time that has passed, if one is known: the clock is not read for it then.
    Idle(Option<Instant>),
    /// Registered; fired or not.
    Waiting {
        key: Key,
        /// What the wheel wakes.
        who: Who,
    },
    /// Polled to the end.
    Done,
}

impl Entry {
    pub(crate) fn is_waiting(&self) -> bool {
        matches!(self, Self::Waiting { .. })
    }
}

/// Says which waker the wheel has, without a reference of its own: the wheel's keeps what it points
/// to alive until the timer fires, so no other waker looks the same before that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Who {
    data: usize,
    vtable: usize,
}

impl Who {
    fn is(waker: &Waker) -> Self {
        Self { data: waker.data().addr(), vtable: ptr::from_ref(waker.vtable()).addr() }
    }
}

/// The timers of one runtime. See the module.
#[derive(Debug)]
pub(crate) struct Timers {
    clock: Clock,
    next: AtomicU64,
    elapsed: AtomicU64,
    wheel: Mutex<Wheel>,
}

impl Timers {
    pub(crate) fn new(clock: Clock) -> Self {
        Self {
            clock,
            next: AtomicU64::new(NEVER),
            elapsed: AtomicU64::new(0),
            wheel: Mutex::new(Wheel::new()),
        }
    }

    /// How long may the calling thread sleep in the driver, if no longer than `limit`? Each call is followed by [`finish_park`](Self::finish_park); see rule 1.
    ///
    /// A limit of zero is a look, not a sleep: nothing is recorded.
    pub(crate) fn prepare_park(&self, limit: Option<Duration>) -> Nap {
        if limit == Some(Duration::ZERO) {
            return Nap::of(limit);
        }
        let next = self.next.fetch_or(PARKED, Relaxed);
        debug_assert_eq!(next & PARKED, 0, "one thread at a time parks in the driver");
        if next == NEVER { Nap::of(limit) } else { self.nap_until(Tick(next & !PARKED), limit) }
    }

    /// Takes the wakers of the timers that are due, after the driver has slept or looked. The
    /// caller wakes them.
    pub(crate) fn finish_park(&self, wakes: &mut WakeList) {
        let mut next = self.next.guess();
        if next & PARKED != 0 {
            // Set by this thread (rule 1); not set after a look.
            next = self.next.fetch_and(!PARKED, Relaxed) & !PARKED;
        }
        if next == NEVER {
            return;
        }
        let now = self.clock.tick(self.clock.now());
        if now >= Tick(next) {
            self.fire(now, wakes);
        }
    }

    /// Takes the wakers of the timers that are due at `now`. A deadline less wakes nobody.
    fn fire(&self, now: Tick, wakes: &mut WakeList) {
        let mut wheel = self.wheel.lock();
        wheel.advance(now, wakes);
        self.elapsed.store(wheel.now().0, Relaxed);
        let unpark = self.publish(&wheel);
        debug_assert_eq!(unpark, Unpark::No, "a deadline less wakes nobody");
    }

    /// Is it `deadline` yet? If not, the task of `cx` is woken then (or earlier).
    ///
    /// Takes the lock and reads the clock when it registers: the first time, when the task is another,
    /// and when the deadline is another than the registered one at the time that fires. An [`Entry`]
    /// that knows when it was made spares the clock: what is due since then fires at the next turn.
    ///
    /// # Panics
    /// If the timers have been [shut down](Self::shutdown): the deadline would never come.
    pub(crate) fn poll_deadline(
        &self,
        entry: &mut Entry,
        deadline: Instant,
        cx: &mut Context<'_>,
    ) -> (Poll<()>, Unpark) {
        let elapsed = Tick(self.elapsed.load(Relaxed));
        assert_running(elapsed);
        let tick = self.clock.tick_at_or_after(deadline);
        match entry {
            Entry::Done => return (Poll::Ready(()), Unpark::No),
            Entry::Waiting { key, who }
                if elapsed < key.deadline()
                    && key.deadline() <= tick
                    && *who == Who::is(cx.waker()) =>
            {
                return (Poll::Pending, Unpark::No);
            }
            Entry::Waiting { .. } | Entry::Idle(_) => {}
        }
        if elapsed < tick {
            let now = match *entry {
                Entry::Idle(Some(before)) => before,
                _ => self.clock.now(),
            };
            if now < deadline {
                return self.register(entry, tick, now, cx.waker());
            }
        }
        self.cancel(entry);
        *entry = Entry::Done;
        (Poll::Ready(()), Unpark::No)
    }

    /// Moves the deadline of `entry`: a poll that said ready counts no more. If a task waits, it
    /// is woken no later than at the new deadline.
    ///
    /// Takes the lock only if a task waits and the new deadline is earlier.
    pub(crate) fn reset(&self, entry: &mut Entry, deadline: Instant) -> Unpark {
        let (key, who) = match entry {
            Entry::Waiting { key, who } => (key, *who),
            Entry::Idle(_) | Entry::Done => {
                *entry = Entry::Idle(None);
                return Unpark::No;
            }
        };
        let tick = self.clock.tick_at_or_after(deadline);
        if key.deadline() <= tick {
            return Unpark::No;
        }
        let now = self.clock.tick(self.clock.now());
        let Entry::Waiting { key, .. } = mem::replace(entry, Entry::Idle(None)) else {
            unreachable!("it was waiting above");
        };
        let mut wheel = self.wheel.lock();
        let Some(waker) = wheel.remove(key) else {
            return Unpark::No; // It has fired: the task is woken already.
        };
        wheel.skip(now);
        let inserted = wheel.insert(tick, waker);
        let unpark = self.publish(&wheel);
        drop(wheel);
        match inserted {
            Ok(key) => *entry = Entry::Waiting { key, who },
            Err(waker) => {
                *entry = Entry::Done;
                waker.wake();
            }
        }
        unpark
    }

    /// Forgets a timer. Takes the lock if the timer has not fired.
    pub(crate) fn cancel(&self, entry: &mut Entry) {
        let Entry::Waiting { key, .. } = mem::replace(entry, Entry::Idle(None)) else { return };
        if key.deadline() <= Tick(self.elapsed.load(Relaxed)) {
            return;
        }
        let mut wheel = self.wheel.lock();
        let removed = wheel.remove(key);
        let unpark = self.publish(&wheel);
        debug_assert_eq!(unpark, Unpark::No, "a deadline less wakes nobody");
        drop(wheel);
        drop(removed); // After the lock (rule 7).
    }

    /// How many timers have not fired. Takes the lock.
    pub(crate) fn live(&self) -> usize {
        self.wheel.lock().len()
    }

    /// Was `entry` polled to its end, or has the wheel passed its deadline? Reads no clock.
    pub(crate) fn is_elapsed(&self, entry: &Entry, deadline: Instant) -> bool {
        let elapsed = Tick(self.elapsed.load(Relaxed));
        matches!(entry, Entry::Done) || self.clock.tick_at_or_after(deadline) <= elapsed
    }

    /// Ends the timers: takes every waker there is, so that nobody waits for a time that nobody
    /// tells any more. The tasks of the runtime are gone by then; who else polls a sleep (another
    /// executor, to which it was moved) panics, as with Tokio.
    pub(crate) fn shutdown(&self, wakes: &mut WakeList) {
        let mut wheel = self.wheel.lock();
        wheel.shutdown(wakes);
        self.elapsed.store(wheel.now().0, Relaxed);
        let _ = self.publish(&wheel); // A deadline less wakes nobody.
    }

    /// Puts `entry` into the wheel, or says that it is due.
    fn register(
        &self,
        entry: &mut Entry,
        tick: Tick,
        now: Instant,
        waker: &Waker,
    ) -> (Poll<()>, Unpark) {
        let waker = waker.clone();
        let (who, now) = (Who::is(&waker), self.clock.tick(now));
        let old = mem::replace(entry, Entry::Idle(None));
        let mut removed = None;
        let mut wheel = self.wheel.lock();
        if let Entry::Waiting { key, .. } = old {
            removed = wheel.remove(key);
        }
        wheel.skip(now);
        let inserted = wheel.insert(tick, waker);
        let elapsed = wheel.now();
        let unpark = self.publish(&wheel);
        drop(wheel);
        drop(removed); // After the lock (rule 7).
        match inserted {
            Ok(key) => {
                *entry = Entry::Waiting { key, who };
                (Poll::Pending, unpark)
            }
            Err(_waker) => {
                // Another thread has advanced the wheel since the clock was read, or ended it.
                assert_running(elapsed);
                *entry = Entry::Done;
                (Poll::Ready(()), unpark)
            }
        }
    }

    /// Brings `next` up to date, with the lock held.
    fn publish(&self, wheel: &Wheel) -> Unpark {
        let deadline = wheel.next_deadline().map_or(NEVER, |next| next.0);
        let mut next = self.next.guess();
        while let Some((new, unpark)) = step(next, deadline) {
            match self.next.compare_exchange_weak(next, new, Relaxed, Relaxed) {
                Ok(_) => return unpark,
                Err(actual) => next = actual,
            }
        }
        Unpark::No
    }
}

/// What becomes of `next` when the wheel's deadline is `deadline`; `None` if nothing does.
/// Rules 2 to 4.
fn step(next: u64, deadline: u64) -> Option<(u64, Unpark)> {
    let (published, parked) = (next & !PARKED, next & PARKED != 0);
    match (deadline.cmp(&published), parked) {
        (std::cmp::Ordering::Less, true) => Some((deadline, Unpark::Needed)),
        (std::cmp::Ordering::Less | std::cmp::Ordering::Greater, false) => {
            Some((deadline, Unpark::No))
        }
        (std::cmp::Ordering::Equal, _) | (std::cmp::Ordering::Greater, true) => None,
    }
}

/// Panics if `elapsed` is the end of time.
fn assert_running(elapsed: Tick) {
    assert!(
        elapsed != Tick::END,
        "the runtime of this timer has been shut down: drop its sleeps and timeouts before it, or \
         await them inside it"
    );
}

mod clock;
mod control;
#[cfg(all(test, loom))]
mod loom_tests;
#[cfg(all(test, not(loom)))]
mod tests;
