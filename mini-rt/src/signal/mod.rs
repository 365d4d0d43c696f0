//! Waiting for signals of the operating system.
//!
//! A signal interrupts a thread anywhere, where next to nothing may be done. So the handler writes a
//! byte into a pipe, and the runtime's reactor waits at its other end. The handler is that of the
//! `signal-hook` library; it has any number of listeners, of any number of runtimes, and each has a
//! pipe of its own (a pair of sockets): each gets every signal.
//!
//! 1. Once a listener for a signal was made, the signal no longer does what it does by default (end
//!    the process, mostly): not even after the listener is dropped. So it is with Tokio.
//! 2. Signals that come while nobody takes them are one: a listener tells that there was one since
//!    it last told of one, or since it was made, and not how many.
//!
//! Rejected: one pipe for the process, whose reading end every runtime would share, and tell its own
//! listeners by channels. It saves two descriptors for each listener after the first, of which a
//! program has a handful.

pub mod unix;

use std::io;

/// Waits for the next `SIGINT`, which Ctrl-C sends.
///
/// The listener is made by the first poll, and the future tells of signals after that. To wait
/// again and miss none in between, use [`unix::signal`].
///
/// ```no_run
/// # let runtime = mini_rt::runtime::Runtime::new()?;
/// # runtime.block_on(async {
/// mini_rt::signal::ctrl_c().await?;
/// println!("going down");
/// # Ok::<(), std::io::Error>(())
/// # })?;
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// Those of the system, if it gives no pipe or no handler; or that the runtime is shut down.
///
/// # Panics
/// If awaited outside of a runtime.
///
/// # Cancel safety
/// Dropping the future forgets a signal that has come and was not told of yet. The next one does not
/// end the process.
pub async fn ctrl_c() -> io::Result<()> {
    match unix::signal(unix::SignalKind::interrupt())?.recv().await {
        Some(()) => Ok(()),
        None => Err(io::Error::other("the runtime that waits for a signal is shut down")),
    }
}
