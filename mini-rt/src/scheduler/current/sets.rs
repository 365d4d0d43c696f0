//! How does a set of tasks that one poll runs keep the driver, and the other tasks, waiting no longer than
//! each of them alone would?
//!
//! Tasks of a [`LocalSet`](crate::task::LocalSet) are none of the runtime's: to it they are one poll, of the
//! root future or of a local task. So the set tells how many it were, and the driver's next turn comes as soon as
//! if they had been tasks of the runtime. They count after the poll, when the other tasks have had a chance,
//! else a set that is always busy would use up theirs.

use super::{HOLDER, Holder};
use std::rc::Rc;

/// So many tasks of a set have run inside of a poll on this thread.
pub(crate) fn tasks_of_sets(count: u32) {
    let add = |holder: &Rc<Holder>| {
        let of_sets = &holder.of_sets;
        of_sets.set(of_sets.get().saturating_add(count));
    };
    // Gone when a set is polled in the drop of another thread-local: then no driver waits.
    let _gone = HOLDER.try_with(|holder| holder.borrow().as_ref().map(add));
}
