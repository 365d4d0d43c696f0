//! Which task runs next, on which thread, and where does a thread with nothing to do sleep?
//!
//! Two answers: [`current`] runs everything on the thread that calls `block_on`; [`worker`] on a
//! number of threads that steal from each other. Both take what [`task`](crate::task) makes
//! runnable and sleep on the [`driver`](crate::driver); [`idle`] is who sleeps and who is woken.

pub(crate) mod current;
mod idle;
pub(crate) mod worker;

/// After so many tasks the driver gets a turn even if there is more to run: timers and sockets wait
/// for no queue to run dry. 61 is Tokio's figure. Moved by: TCP echo at 1,000 connections.
const TASKS_PER_TURN: u32 = 61;
