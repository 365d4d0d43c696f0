//! How does a thread sleep until another wakes it, and how is a wake-up never lost?
//!
//! A [`Parker`] belongs to one thread that sleeps; anyone may call [`Parker::unpark`]. It has one
//! word, because the sleeper can lie in two beds: its own ([`Parker::park`]), or the driver, where
//! only an event of the operating system wakes it. The word says which, so that the right bell is
//! rung, and rung only if somebody is in bed.
//!
//! ```text
//! EMPTY --unpark--> NOTIFIED --lie_down/get_up--> EMPTY
//! EMPTY --lie_down--> IN_THREAD or IN_DRIVER --unpark--> NOTIFIED, and the bell
//! ```
//!
//! 1. An `unpark` before the sleeper lies down makes the next `lie_down` refuse, once.
//! 2. An `unpark` after it ends the sleep. Several before one sleep count as one.
//! 3. A sleep may end for no reason: the caller looks at what it was waiting for.
//!
//! - edge P1: `unpark` -> `lie_down` that refuses, or `get_up`: what was written before the wake
//!   (a task in a queue, a flag) is seen by the thread that was woken.
//! - edge P2: `lie_down` -> `unpark` that rings: the sleeper's `thread` is set. (Loom does not see
//!   this one: the cell is `std`'s. And the lock: what it guards is only copied under it.)
//!
//! Another thread may become the sleeper, between two sleeps: [`Parker::move_here`].
//!
//! The bed of one's own is `std::thread::park`. Its token is the thread's, and user code may use it
//! up: the word is the truth, the token only ends the system call. A token used up between our
//! look at the word and the call is not possible: nothing runs on this thread there.
//!
//! Rejected: a mutex with a condition variable (two more locks for each wake).

use crate::primitive::atomic::AtomicUsize;
use crate::primitive::atomic::Ordering::{AcqRel, Acquire};
use crate::primitive::thread::{self, Thread};
use crate::primitive::{now, park_timeout};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::Wake;
use std::time::Duration;

const EMPTY: usize = 0;
const NOTIFIED: usize = 1;
const IN_THREAD: usize = 2;
const IN_DRIVER: usize = 3;

/// Where a thread is going to sleep.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bed {
    Thread = IN_THREAD as isize,
    Driver = IN_DRIVER as isize,
}

/// Lets one thread sleep and others wake it.
pub(crate) struct Parker {
    word: AtomicUsize,
    /// The sleeper. Set before it first lies down; nobody rings before that.
    thread: OnceLock<Mutex<Thread>>,
}

impl Parker {
    pub(crate) fn new() -> Self {
        Self { word: AtomicUsize::new(EMPTY), thread: OnceLock::new() }
    }

    /// Announces that the calling thread sleeps from now on, until [`get_up`](Self::get_up).
    /// `false`: it was woken already, and must not sleep.
    #[must_use]
    pub(crate) fn lie_down(&self, bed: Bed) -> bool {
        match self.word.compare_exchange(EMPTY, bed as usize, AcqRel, Acquire) {
            Ok(_) => true, // edge P2 release
            Err(word) => {
                debug_assert_eq!(word, NOTIFIED, "one thread sleeps here, once at a time");
                self.get_up(); // edge P1 acquire
                false
            }
        }
    }

    /// The thread is awake, for whatever reason; a wake-up from now on counts for the next sleep.
    /// Whether there was one for this.
    pub(crate) fn get_up(&self) -> bool {
        self.word.swap(EMPTY, AcqRel) == NOTIFIED // edge P1 acquire
    }

    /// Sleeps until the next [`unpark`](Self::unpark); returns at once if one came already.
    pub(crate) fn park(&self) {
        self.park_for(None);
    }

    /// As [`park`](Self::park), but no longer than `limit`. Whether there was an `unpark`.
    pub(crate) fn park_for(&self, limit: Option<Duration>) -> bool {
        self.thread.get_or_init(|| Mutex::new(thread::current()));
        if !self.lie_down(Bed::Thread) {
            return true;
        }
        // A limit too large for the clock is as good as none.
        let until = limit.and_then(|limit| now().checked_add(limit));
        while self.word.load(Acquire) != NOTIFIED {
            match until.map(|until| until.saturating_duration_since(now())) {
                None => thread::park(),
                Some(Duration::ZERO) => break,
                Some(left) => park_timeout(left),
            }
        }
        self.get_up()
    }

    fn sleeper(&self) -> Thread {
        let thread = self.thread.get().expect("set before lying down");
        thread.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Makes the calling thread the one that sleeps here. Nobody does now; a wake-up that has come is
    /// its own.
    pub(crate) fn move_here(&self) {
        if let Some(thread) = self.thread.get() {
            let here = thread::current();
            *thread.lock().unwrap_or_else(PoisonError::into_inner) = here;
        }
    }

    /// Whether the next sleep will be refused.
    pub(crate) fn is_notified(&self) -> bool {
        self.word.load(Acquire) == NOTIFIED
    }

    /// Wakes the sleeper, or refuses its next sleep. `ring_driver` is called if it sleeps there.
    pub(crate) fn unpark(&self, ring_driver: impl FnOnce()) {
        match self.word.swap(NOTIFIED, AcqRel) {
            // edge P1 release, edge P2 acquire
            IN_THREAD => self.sleeper().unpark(),
            IN_DRIVER => ring_driver(),
            _ => {}
        }
    }
}

/// A parker that never sleeps in the driver is a waker: that of `block_on`.
impl Wake for Parker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.unpark(|| unreachable!("a thread in `block_on` does not sleep in the driver"));
    }
}

#[cfg(all(test, not(any(loom, shuttle))))]
mod tests {
    use super::*;

    #[test]
    fn a_parker_that_has_moved_wakes_its_new_thread_and_keeps_what_came_before() {
        let parker = Arc::new(Parker::new());
        parker.unpark(|| unreachable!());
        parker.park(); // Here.
        parker.unpark(|| unreachable!());
        let sleeper = {
            let parker = Arc::clone(&parker);
            thread::Builder::new().spawn(move || {
                parker.move_here();
                parker.park(); // No sleep: it is notified.
                parker.park();
            })
        };
        while parker.word.load(Acquire) != IN_THREAD {
            thread::yield_now();
        }
        parker.wake_by_ref();
        sleeper.unwrap().join().unwrap();
    }
}

#[cfg(all(test, loom))]
mod loom_tests {
    use super::*;
    use crate::primitive::atomic::AtomicBool;
    use crate::primitive::atomic::Ordering::Relaxed;

    /// Edge P1 and rules 1 and 2: whoever waits for a flag in a loop around `park` sees it.
    #[test]
    fn loom_no_wake_up_is_lost() {
        loom::model(|| {
            let parker = Arc::new(Parker::new());
            let flags = Arc::new([AtomicBool::new(false), AtomicBool::new(false)]);
            let wakers = [0, 1].map(|index| {
                let (parker, flags) = (parker.clone(), flags.clone());
                thread::spawn(move || {
                    flags[index].store(true, Relaxed); // Relaxed: edge P1 is what is tested.
                    parker.wake();
                })
            });
            while !flags.iter().all(|flag| flag.load(Relaxed)) {
                parker.park();
            }
            wakers.map(|waker| waker.join().expect("no panic"));
        });
    }

    /// The same for a sleeper in the driver, whose bell is a flag here.
    #[test]
    fn loom_the_driver_is_rung_if_and_only_if_somebody_sleeps_in_it() {
        loom::model(|| {
            let parker = Arc::new(Parker::new());
            let bell = Arc::new(AtomicBool::new(false));
            let ringer = {
                let (parker, bell) = (parker.clone(), bell.clone());
                thread::spawn(move || parker.unpark(|| bell.store(true, Relaxed)))
            };
            if parker.lie_down(Bed::Driver) {
                // In the driver now: only the bell ends it.
                while !bell.load(Relaxed) {
                    thread::yield_now();
                }
                parker.get_up();
            }
            ringer.join().expect("no panic");
            assert!(parker.lie_down(Bed::Driver), "the wake-up was used up");
        });
    }
}
