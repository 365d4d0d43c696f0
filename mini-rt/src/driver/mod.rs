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
use std::sync::Arc;
use std::time::Duration;
use timers::{Clock, Refused, Timers};

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

/// Makes both sides of a driver, whose timers go by `clock`.
pub(crate) fn new(clock: Clock) -> io::Result<(Driver, Arc<Handle>)> {
    let (reactor, io) = Reactor::new(EVENTS_MAX)?;
    Ok((Driver { reactor }, Arc::new(Handle { io, timers: Timers::new(clock) })))
}

impl Driver {
    /// Sleeps until an event, a timer, an [`unpark`](Handle::unpark), or at most `limit`; puts into
    /// `wakes` who is to be woken.
    ///
    /// # Panics
    /// If the operating system refuses to wait: then no task could be woken any more.
    pub(crate) fn turn(&mut self, handle: &Handle, limit: Option<Duration>, wakes: &mut WakeList) {
        let nap = handle.timers.prepare_park(limit);
        match self.reactor.turn(&handle.io, nap.timeout, wakes) {
            Ok(true) => handle.timers.skip(&nap),
            Ok(false) => {}
            Err(error) => panic!(
                "the operating system's event queue fails, the runtime cannot go on: {error}"
            ),
        }
        handle.timers.finish_park(wakes);
    }
}

impl Handle {
    /// Ends the turn under way, or makes the next one return at once. One system call.
    pub(crate) fn unpark(&self) {
        self.io.wake();
    }

    /// Stops the clock. Who sleeps does so until a time of its own.
    pub(crate) fn pause(&self) -> Result<(), Refused> {
        self.timers.pause()?;
        self.unpark();
        Ok(())
    }

    /// Lets the clock go on. Who sleeps may do so without end.
    pub(crate) fn resume(&self) -> Result<(), Refused> {
        self.timers.resume()?;
        self.unpark();
        Ok(())
    }

    /// Puts a clock that is paused forward, and wakes who waits for a time that has come.
    pub(crate) fn advance(&self, by: Duration) -> Result<(), Refused> {
        let mut wakes = WakeList::new();
        self.timers.advance(by, &mut wakes)?;
        wakes.wake_all();
        Ok(())
    }

    /// Ends what keeps a clock that is paused from moving by itself ([`Timers::hold`]).
    pub(crate) fn let_go(&self) {
        if self.timers.let_go() {
            self.unpark();
        }
    }

    /// Ends both parts: who waits is woken, later operations fail. The tasks are gone by now; what
    /// still waits belongs to other executors.
    pub(crate) fn shutdown(&self, wakes: &mut WakeList) {
        self.io.shutdown(wakes);
        self.timers.shutdown(wakes);
    }
}
