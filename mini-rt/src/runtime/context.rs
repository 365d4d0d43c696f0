//! Which runtime does this thread belong to?
//!
//! Free functions like [`spawn`](crate::spawn) and constructors like `sleep` take no handle; they
//! find it here. It is set for the time of `block_on`, for the life of a worker's or a blocking
//! thread, and by [`Handle::enter`].
//!
//! 1. Each entry restores what it found, in the order of a stack.
//! 2. `in_async` says that the thread runs tasks, so that it must not block: [`block_on`] and the
//!    drop of a runtime refuse there. A blocking thread has a handle, and may block.
//!
//! [`block_on`]: super::Runtime::block_on

use super::Handle;
use crate::driver;
use std::cell::{Cell, RefCell};
use std::sync::Arc;

thread_local! {
    static CURRENT: RefCell<Option<Handle>> = const { RefCell::new(None) };
    /// How many entries are on the stack. See [`EnterGuard`]'s drop.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    static IN_ASYNC: Cell<bool> = const { Cell::new(false) };
}

/// What to do about it, said wherever a runtime is missing.
const NO_RUNTIME: &str = "there is no runtime here: call this inside `Runtime::block_on`, inside \
                          a task, or while the guard of `Runtime::enter` or `Handle::enter` lives";

/// Returns the current runtime's handle, if there is one.
pub(super) fn try_current() -> Option<Handle> {
    CURRENT.try_with(|current| current.borrow().clone()).unwrap_or(None)
}

/// Calls `f` with the current runtime's handle, which is neither cloned nor locked for it.
#[track_caller]
pub(crate) fn with_current<R>(f: impl FnOnce(&Handle) -> R) -> R {
    let mut f = Some(f);
    // The closure below cannot carry `track_caller`, so it only reports, and the panic is here.
    let result = CURRENT.try_with(|current| {
        let current = current.borrow();
        current.as_ref().map(|handle| f.take().expect("called once")(handle))
    });
    match result {
        Ok(Some(result)) => result,
        Ok(None) => panic!("{NO_RUNTIME}"),
        Err(_) => panic!("this thread is ending, and its thread-locals are gone: {NO_RUNTIME}"),
    }
}

/// Returns the current runtime's driver, for sockets and timers.
#[track_caller]
pub(crate) fn driver() -> Arc<driver::Handle> {
    with_current(|handle| Arc::clone(handle.driver()))
}

/// Makes `handle` the current one until the guard is dropped.
#[derive(Debug)]
#[must_use = "the runtime is left when the guard is dropped"]
pub(super) struct CurrentGuard {
    before: Option<Handle>,
    depth: usize,
}

impl CurrentGuard {
    pub(super) fn new(handle: Handle) -> Self {
        let before = CURRENT.replace(Some(handle));
        let depth = DEPTH.get() + 1;
        DEPTH.set(depth);
        Self { before, depth }
    }
}

impl Drop for CurrentGuard {
    fn drop(&mut self) {
        // The thread-locals may be gone when a guard lies in another one.
        let depth = DEPTH.try_with(|depth| depth.replace(self.depth - 1)).unwrap_or(self.depth);
        let before = self.before.take();
        let mine = CURRENT.try_with(|current| current.replace(before)).unwrap_or(None);
        drop(mine);
        if depth != self.depth && !std::thread::panicking() {
            panic!("guards of `enter` are dropped in the opposite order of their making");
        }
    }
}

/// Marks the thread as one that runs tasks, until it is dropped.
#[derive(Debug)]
pub(super) struct AsyncGuard(());

impl AsyncGuard {
    /// `None`: it is marked already.
    pub(super) fn new() -> Option<Self> {
        (!IN_ASYNC.replace(true)).then_some(Self(()))
    }
}

impl Drop for AsyncGuard {
    fn drop(&mut self) {
        IN_ASYNC.set(false);
    }
}

/// Whether this thread runs tasks now, so that it must not block.
pub(super) fn is_in_async() -> bool {
    IN_ASYNC.try_with(Cell::get).unwrap_or(false)
}
