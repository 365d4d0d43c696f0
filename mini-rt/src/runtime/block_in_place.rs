//! How does a task block its thread, and keep nobody waiting but itself?
//!
//! What is handed over to which thread stands in `scheduler/worker/hand_over.rs`; whether a thread may
//! block in place, in [`Blocking`].

use super::context::Blocking;
use crate::coop;
use crate::scheduler::worker::hand_over;

/// Runs a function that blocks, here and now: the task stays on its thread, and the other tasks of
/// its worker go on on another thread.
///
/// So the function may borrow from the task, and may call [`Handle::block_on`] or drop a
/// runtime (but its own). In the same task nothing else runs meanwhile: neither the other branches of a
/// `join!` nor a `timeout` around it. [`spawn_blocking`] is for functions that can be sent to
/// another thread; it costs about the same, and keeps the task's other futures going.
///
/// On a thread that runs no tasks, as in [`spawn_blocking`] or in another `block_in_place`, and in the
/// future given to `block_on` of a multi-thread runtime, it only calls the function. The budget of
/// the poll does not count inside.
///
/// Up to [`max_blocking_threads`](super::Builder::max_blocking_threads) threads are made for the workers
/// of such tasks, and kept for some seconds. If all are in such calls, or the operating system gives
/// no more, the other tasks of the worker wait, unless another one steals them. A shutdown waits for
/// the function as it does for a poll; what that waits for in a `block_on` ends: tasks of the runtime are
/// cancelled, operations of its sockets fail, and its timers panic. (If all workers are in such calls, and
/// there is no thread for any of them, it ends only with one of the calls, as with Tokio.)
///
/// Costs a wake-up of a thread, or the start of one.
///
/// # Panics
/// On a thread that runs the tasks of a current-thread runtime or a [`LocalSet`]: they
/// would all wait. Also if `f` panics.
///
/// ```
/// # let runtime = mini_rt::runtime::Runtime::new()?;
/// use mini_rt::runtime::Handle;
/// use mini_rt::task::block_in_place;
///
/// let words = runtime.spawn(async {
///     let mut words = vec!["while", "others"];
///     block_in_place(|| {
///         words.push("run"); // May take long.
///         Handle::current().block_on(async { words.len() })
///     })
/// });
/// assert_eq!(runtime.block_on(words).expect("no panic"), 3);
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// [`Handle::block_on`]: super::Handle::block_on
/// [`LocalSet`]: crate::task::LocalSet
/// [`spawn_blocking`]: super::spawn_blocking
#[track_caller]
pub fn block_in_place<F, R>(f: F) -> R
where
    F: FnOnce() -> R,
{
    match Blocking::here() {
        Blocking::Allowed => f(),
        Blocking::InPlace => {
            let _blocks = Blocking::Allowed.enter();
            hand_over::hand_over();
            coop::without_budget(f)
        }
        Blocking::Refused => panic!(
            "`block_in_place` on a thread that runs the tasks of a current-thread runtime or of a \
             `LocalSet`, which would all wait: use `spawn_blocking`, or a multi-thread runtime"
        ),
    }
}
