//! Which task runs next, on which thread, and where does a thread with nothing to do sleep?
//!
//! Two answers: [`current`] runs everything on the thread that calls `block_on`; [`worker`] on a
//! number of threads that steal from each other. Both take what [`task`](crate::task) makes
//! runnable and sleep on the [`driver`](crate::driver); [`idle`] is who sleeps and who is woken,
//! [`pace`] when that pays, and [`watch`] who notices that somebody is stuck. [`counters`] is what
//! they have done.

mod counters;
mod crew;
pub(crate) mod current;
mod idle;
mod pace;
mod watch;
pub(crate) mod worker;

pub(crate) use counters::{Counters, Observed};

use crate::primitive::LocalKey;
use std::cell::RefCell;
use std::rc::Rc;

/// After so many tasks the driver gets a turn even if there is more to run: timers and sockets wait
/// for no queue to run dry. 61 is Tokio's figure. Moved by: TCP echo at 1,000 connections.
pub(crate) const TASKS_PER_TURN: u32 = 61;

/// What a scheduler keeps for the thread that runs its tasks.
pub(crate) type Slot<L> = LocalKey<RefCell<Option<Rc<L>>>>;

/// Calls `f` with what is in this thread's slot, if it belongs to the runtime that asks.
///
/// `f` runs while the slot is borrowed: it queues or looks, and runs no user code.
pub(crate) fn with_own<L, R>(
    slot: &'static Slot<L>,
    is_own: impl Fn(&L) -> bool,
    f: impl FnOnce(Option<&L>) -> R,
) -> R {
    let mut f = Some(f);
    let inside = slot.try_with(|slot| {
        let slot = slot.borrow();
        f.take().expect("called once")(slot.as_deref().filter(|local| is_own(local)))
    });
    // The thread-local is gone: a waker woken by another thread-local's destructor.
    inside.unwrap_or_else(|_| f.take().expect("not called yet")(None))
}

/// Calls `f` with what is in this thread's slot, which the caller has just found in there.
pub(crate) fn with_here<L, R>(slot: &'static Slot<L>, f: impl FnOnce(&L) -> R) -> R {
    with_own(slot, |_| true, |local| f(local.expect("found a moment ago")))
}
