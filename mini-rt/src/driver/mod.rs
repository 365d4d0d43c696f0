//! What does a worker sleep on?
//!
//! On the *driver*: the reactor (sockets) and the wheel (timers) behind one call, [`Driver::turn`],
//! that returns when there is something to do. It is the seam between what the operating system
//! reports and the schedulers, which see nothing of either part but the wakers that come out.
//!
//! 1. [`Driver`] is the exclusive side: whoever holds it may sleep in it. [`Handle`] is the shared
//!    side, for the leaf futures that register and for whoever must end a sleep.
//! 2. `turn` wakes nobody: it collects wakers, and the caller wakes them after it has let go of the
//!    driver and of every lock.
//! 3. [`Handle::unpark`] ends the turn under way, or makes the next one return at once.
//! 4. Nothing else in the runtime blocks the thread of a worker, except [`park`](crate::park).

pub(crate) mod timers;

use crate::reactor::{self, Reactor};
use crate::util::WakeList;
use std::io;
use std::time::Duration;
use timers::Timers;

/// The most events taken from the operating system by one turn; the rest stays there until the
/// next. So the tasks of one turn seldom spill from a ring, and a flood of ready
/// sockets cannot keep the timers waiting. Moved by: TCP echo at 1,000 connections.
const EVENTS_MAX: usize = crate::queue::CAPACITY;

/// The exclusive side of the driver.
pub(crate) struct Driver {
    reactor: Reactor,
}

/// The shared side of the driver.
pub(crate) struct Handle {
    pub(crate) io: reactor::Handle,
    pub(crate) timers: Timers,
}

/// Makes both sides of a driver.
pub(crate) fn new() -> io::Result<(Driver, Handle)> {
    let (reactor, io) = Reactor::new(EVENTS_MAX)?;
    Ok((Driver { reactor }, Handle { io, timers: Timers::new() }))
}

impl Driver {
    /// Sleeps until an event, a timer, an [`unpark`](Handle::unpark), or at most `limit`; puts into
    /// `wakes` who is to be woken.
    ///
    /// # Panics
    /// If the operating system refuses to wait: then no task could be woken any more.
    pub(crate) fn turn(&mut self, handle: &Handle, limit: Option<Duration>, wakes: &mut WakeList) {
        let timeout = handle.timers.prepare_park(limit);
        if let Err(error) = self.reactor.turn(&handle.io, timeout, wakes) {
            panic!("the operating system's event queue fails, the runtime cannot go on: {error}");
        }
        handle.timers.finish_park(wakes);
    }
}

impl Handle {
    /// Ends the turn under way, or makes the next one return at once. One system call.
    pub(crate) fn unpark(&self) {
        self.io.wake();
    }

    /// Ends both parts: who waits is woken, later operations fail. The tasks are gone by now; what
    /// still waits belongs to other executors.
    pub(crate) fn shutdown(&self, wakes: &mut WakeList) {
        self.io.shutdown(wakes);
        self.timers.shutdown(wakes);
    }
}
