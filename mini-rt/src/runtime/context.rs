//! Which runtime does this thread belong to?
//!
//! Free functions like [`spawn`](crate::spawn) and constructors like `sleep` take no handle; they
//! find it here. It is set for the time of `block_on`, for the life of a worker's or a blocking
//! thread, and by [`Handle::enter`].
//!
//! 1. Each entry restores what it found, in the order of a stack.
//! 2. [`Blocking`] says whether the thread runs tasks, so that it must not block: [`block_on`] and
//!    the drop of a runtime refuse there. A blocking thread has a handle, and may block.
//!
//! [`block_on`]: super::Runtime::block_on

use super::Handle;
pub(super) use crate::block_on::{Blocking, BlockingGuard, is_in_async};
use crate::driver;
use crate::primitive::{thread, thread_local};
use crate::scheduler::current;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

thread_local! {
    // The only one with a destructor, so the only one that can be gone.
    static CURRENT: RefCell<Option<Rc<Handle>>> = const { RefCell::new(None) };
    /// How many entries are on the stack. See [`EnterGuard`]'s drop.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// What to do about it, said wherever a runtime is missing.
const NO_RUNTIME: &str = "there is no runtime here: call this inside the future given to \
                          `Runtime::block_on`, inside a task, or while the guard of \
                          `Runtime::enter` or `Handle::enter` lives";

/// Returns the current runtime's handle, if there is one.
pub(super) fn try_current() -> Option<Handle> {
    CURRENT.try_with(|current| current.borrow().as_deref().cloned()).unwrap_or(None)
}

/// Returns the current runtime if it is a [`LocalRuntime`](super::LocalRuntime), of whichever thread.
/// An error if this thread is ending, and nobody knows any more.
pub(crate) fn local_runtime() -> Result<Option<Arc<current::Shared>>, ()> {
    let local = |handle: &Rc<Handle>| handle.local().cloned();
    CURRENT.try_with(|current| current.borrow().as_ref().and_then(local)).map_err(drop)
}

/// Calls `f` with the current runtime's handle.
///
/// Nothing is borrowed meanwhile: `f` may run user code (a spawn that comes too late drops its
/// future), and that may enter a runtime.
#[track_caller]
pub(crate) fn with_current<R>(f: impl FnOnce(&Handle) -> R) -> R {
    f(&get(|current| current.clone()))
}

/// Returns the current runtime's driver, for sockets and timers.
#[track_caller]
pub(crate) fn driver() -> Arc<driver::Handle> {
    get(|current| current.as_ref().map(|handle| Arc::clone(handle.driver())))
}

/// Returns the current runtime's driver, if there is one.
pub(crate) fn try_driver() -> Option<Arc<driver::Handle>> {
    let driver = |handle: &Rc<Handle>| Arc::clone(handle.driver());
    CURRENT.try_with(|current| current.borrow().as_ref().map(driver)).unwrap_or(None)
}

/// Takes something of the current runtime's handle, which is borrowed meanwhile.
#[track_caller]
fn get<R>(take: impl FnOnce(&Option<Rc<Handle>>) -> Option<R>) -> R {
    match CURRENT.try_with(|current| take(&current.borrow())) {
        Ok(Some(taken)) => taken,
        Ok(None) => panic!("{NO_RUNTIME}"),
        Err(_) => panic!("this thread is ending, and its thread-locals are gone: {NO_RUNTIME}"),
    }
}

/// Makes `handle` the current one until the guard is dropped.
#[derive(Debug)]
#[must_use = "the runtime is left when the guard is dropped"]
pub(super) struct CurrentGuard {
    before: Option<Rc<Handle>>,
    depth: usize,
}

impl CurrentGuard {
    pub(super) fn new(handle: Handle) -> Self {
        // A runtime in a thread-local may be dropped after the thread-locals of this module are
        // gone: its tasks then find no context, which is better than to end the process.
        let handle = Some(Rc::new(handle));
        let before = CURRENT.try_with(|current| current.replace(handle)).unwrap_or(None);
        let depth = DEPTH.get() + 1;
        DEPTH.set(depth);
        Self { before, depth }
    }
}

impl Drop for CurrentGuard {
    fn drop(&mut self) {
        let depth = DEPTH.replace(self.depth - 1);
        let before = self.before.take();
        let mine = CURRENT.try_with(|current| current.replace(before)).unwrap_or(None);
        drop(mine);
        if depth != self.depth && !thread::panicking() {
            panic!("guards of `enter` are dropped in the opposite order of their making");
        }
    }
}
