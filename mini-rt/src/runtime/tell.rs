//! What can be asked without a handle.

use crate::reactor::Gone;
use crate::scheduler::{current, worker};
use std::io;

/// Returns which of its runtime's workers the calling thread is, for
/// [`RuntimeMetrics`](super::RuntimeMetrics). A task may be moved to another at each await.
///
/// On a current-thread runtime it is 0, for the thread that runs the tasks. `None`: it is no worker, but
/// in `block_on` of a multi-thread runtime, or in a blocking call, or in no runtime. A task that has called
/// [`block_in_place`](crate::task::block_in_place) is on no worker either, until its poll has ended.
///
/// ```
/// # let runtime = mini_rt::runtime::Builder::new_multi_thread().worker_threads(2).build()?;
/// use mini_rt::runtime::worker_index;
///
/// let index = runtime.block_on(runtime.spawn(async { worker_index() })).expect("no panic");
/// assert!(index.is_some_and(|index| index < 2));
/// # Ok::<(), std::io::Error>(())
/// ```
#[must_use]
pub fn worker_index() -> Option<usize> {
    current::observed::index_here().or_else(worker::index_here)
}

/// Whether an operation on a socket failed because the runtime that it belongs to is shut down.
///
/// ```
/// use mini_rt::net::TcpListener;
/// use mini_rt::runtime::{Runtime, is_rt_shutdown_err};
///
/// let (first, second) = (Runtime::new()?, Runtime::new()?);
/// let listener = first.block_on(TcpListener::bind("127.0.0.1:0"))?;
/// drop(first);
/// let error = second.block_on(listener.accept()).expect_err("nobody waits for its sockets");
/// assert!(is_rt_shutdown_err(&error));
/// # Ok::<(), std::io::Error>(())
/// ```
#[must_use]
pub fn is_rt_shutdown_err(err: &io::Error) -> bool {
    err.get_ref().is_some_and(|inner| inner.is::<Gone>())
}
