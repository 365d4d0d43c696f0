//! [`Id`]: what a task is called, and which one this thread is in.

use super::Header;
use crate::primitive::thread_local;
use std::cell::Cell;
use std::fmt;
use std::num::NonZeroUsize;
use std::ptr::NonNull;

/// Names a task. Unique among the tasks that exist; a later task may have the id of an earlier one
/// of which no handle is left.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Id(NonZeroUsize);

thread_local! {
    static CURRENT: Cell<Option<Id>> = const { Cell::new(None) };
}

/// Returns the id of the task that calls it.
///
/// That is so in its polls, in a blocking task, and in the drop of a task's future or output.
///
/// # Panics
/// Outside of a task, as in the future given to `block_on`. [`try_id`] does not.
///
/// ```
/// # #[mini_rt::main(flavor = "current_thread")]
/// # async fn main() {
/// let task = mini_rt::spawn(async { mini_rt::task::id() });
/// let id = task.id();
/// assert_eq!(task.await.expect("no panic"), id);
/// # }
/// ```
#[track_caller]
pub fn id() -> Id {
    match try_id() {
        Some(id) => id,
        None => panic!("there is no task here: only what is spawned has an id"),
    }
}

/// Returns the id of the task that calls it, if one does. See [`id`].
///
/// ```
/// # #[mini_rt::main(flavor = "current_thread")]
/// # async fn main() {
/// assert_eq!(mini_rt::task::try_id(), None); // not in the future given to `block_on`
/// # }
/// ```
pub fn try_id() -> Option<Id> {
    CURRENT.try_with(Cell::get).unwrap_or(None)
}

impl Id {
    /// The task's address: unique while it exists, and no counter for all threads to fight over.
    pub(super) fn of(ptr: NonNull<Header>) -> Self {
        Self(ptr.addr())
    }

    /// Makes it the current task's until the guard is dropped. User code of the task runs meanwhile.
    pub(super) fn enter(self) -> CurrentGuard {
        CurrentGuard(CURRENT.replace(Some(self)))
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Holds what was current before: a task may run, or be dropped, inside of another.
pub(super) struct CurrentGuard(Option<Id>);

impl Drop for CurrentGuard {
    fn drop(&mut self) {
        CURRENT.set(self.0);
    }
}
