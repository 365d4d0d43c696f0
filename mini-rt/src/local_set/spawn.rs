//! Which set does a thread spawn on?

use super::Local;
use crate::primitive::thread_local;
use crate::runtime::context;
use crate::task::JoinHandle;
use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

/// What to do about it.
const NO_SET: &str = "there is no `LocalSet` here: call `spawn_local` inside the future given to \
                      `LocalSet::run_until` or `LocalSet::block_on`, inside a task of a set, while \
                      the guard of `LocalSet::enter` lives, or in a `LocalRuntime`";

thread_local! {
    /// The set that this thread is in: one that it polls, or has entered.
    pub(super) static CURRENT: RefCell<Option<Rc<Local>>> = const { RefCell::new(None) };
}

/// Spawns a task that stays on this thread: on the current runtime, if that is a
/// [`LocalRuntime`](crate::runtime::LocalRuntime); else on the [`LocalSet`](super::LocalSet) that is polled
/// here, or was [entered](super::LocalSet::enter). The future need not be [`Send`].
///
/// # Panics
/// If the current runtime is a [`LocalRuntime`](crate::runtime::LocalRuntime) of another thread; or if it is none,
/// and this thread is in no set.
///
/// ```
/// # let runtime = mini_rt::runtime::Runtime::new()?;
/// use std::rc::Rc;
/// use mini_rt::task::{LocalSet, spawn_local};
///
/// let five = LocalSet::new().block_on(&runtime, async {
///     let shared = Rc::new(5);
///     spawn_local(async move { *shared }).await
/// });
/// assert_eq!(five.expect("it neither panics nor is aborted"), 5);
/// # Ok::<(), std::io::Error>(())
/// ```
#[track_caller]
pub fn spawn_local<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    let runtime = context::local_runtime();
    if let Ok(Some(runtime)) = runtime {
        return runtime.spawn_local(future);
    }
    match CURRENT.try_with(|current| current.borrow().clone()) {
        Ok(Some(local)) => local.spawn(future),
        Ok(None) if runtime.is_ok() => panic!("{NO_SET}"),
        _ => panic!("this thread is ending, and its thread-locals are gone: {NO_SET}"),
    }
}

/// Makes a set the current one until it is dropped.
pub(super) struct Entered(Option<Rc<Local>>);

impl Entered {
    pub(super) fn new(local: &Rc<Local>) -> Self {
        let local = Some(Rc::clone(local));
        // Gone when a set in another thread-local is dropped late: the inbox serves then.
        Self(CURRENT.try_with(|current| current.replace(local)).unwrap_or(None))
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        let before = self.0.take();
        let left = CURRENT.try_with(|current| current.replace(before)).unwrap_or(None);
        drop(left);
    }
}

/// Keeps a set the one of [`spawn_local`] on this thread. Made by
/// [`LocalSet::enter`](super::LocalSet::enter).
#[must_use = "the set is left when the guard is dropped"]
pub struct LocalEnterGuard {
    _entered: Entered,
}

impl LocalEnterGuard {
    pub(super) fn new(local: &Rc<Local>) -> Self {
        Self { _entered: Entered::new(local) }
    }
}

impl fmt::Debug for LocalEnterGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalEnterGuard").finish_non_exhaustive()
    }
}
