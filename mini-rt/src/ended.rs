//! Has every thread of a group ended?
//!
//! Each thread holds an [`Alive`] for as long as it runs; one thread, that of a shutdown, waits at
//! the [`Ended`]. Who gives up the last [`Alive`] unparks it.
//!
//! - edge D1: the drop of an [`Alive`] -> [`Ended::wait`] that says `true`: what the thread has done.
//!
//! Rejected: `JoinHandle::join`, which has no time-out.

use crate::park::Parker;
use crate::primitive::atomic::AtomicUsize;
use crate::primitive::atomic::Ordering::{AcqRel, Acquire, Relaxed};
use crate::primitive::now;
use std::fmt;
use std::sync::Arc;
use std::time::Instant;

/// A thread of the group, while it lives.
pub(crate) struct Alive(Arc<Group>);

/// Where the end of all is waited for.
pub(crate) struct Ended(Arc<Group>);

struct Group {
    alive: AtomicUsize,
    waiter: Parker,
}

/// Makes a group, whose first member is the caller's to keep, clone or drop.
pub(crate) fn group() -> (Alive, Ended) {
    let group = Arc::new(Group { alive: AtomicUsize::new(1), waiter: Parker::new() });
    (Alive(Arc::clone(&group)), Ended(group))
}

impl Ended {
    /// Waits until all have ended, or until `deadline`. Whether they have. Always for one thread.
    pub(crate) fn wait(&self, deadline: Option<Instant>) -> bool {
        let Group { alive, waiter } = &*self.0;
        // edge D1 acquire
        while alive.load(Acquire) > 0 {
            let left = deadline.map(|deadline| deadline.saturating_duration_since(now()));
            if left.is_some_and(|left| left.is_zero()) {
                return false;
            }
            waiter.park_for(left);
        }
        true
    }
}

impl fmt::Debug for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ended").finish_non_exhaustive()
    }
}

impl Clone for Alive {
    fn clone(&self) -> Self {
        self.0.alive.fetch_add(1, Relaxed); // Relaxed: it is not the last: `self` is alive.
        Self(Arc::clone(&self.0))
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        // edge D1 release, and acquire for the last to pass on what the others have done
        if self.0.alive.fetch_sub(1, AcqRel) == 1 {
            self.0.waiter.unpark(|| unreachable!("who waits here sleeps in a bed of its own"));
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_wait_ends_with_the_last_of_the_group_or_at_its_deadline() {
        let (alive, ended) = group();
        let other = alive.clone();
        drop(alive);
        assert!(!ended.wait(Some(now())), "one is alive");
        assert!(!ended.wait(Some(now() + Duration::from_millis(1))));
        drop(other);
        assert!(ended.wait(Some(now())) && ended.wait(None));
    }
}

#[cfg(all(test, loom))]
mod loom_tests {
    use super::*;
    use crate::primitive::atomic::AtomicBool;
    use crate::primitive::thread;

    /// Edge D1: who has waited sees what each of them has done.
    #[test]
    fn loom_the_last_of_a_group_ends_the_wait() {
        loom::model(|| {
            let (alive, ended) = group();
            let done = Arc::new([AtomicBool::new(false), AtomicBool::new(false)]);
            for index in 0..2 {
                let (alive, done) = (alive.clone(), done.clone());
                thread::spawn(move || {
                    let _alive = alive;
                    done[index].store(true, Relaxed); // Relaxed: edge D1 is what is tested.
                });
            }
            drop(alive);
            assert!(ended.wait(None));
            assert!(done.iter().all(|done| done.load(Relaxed)));
        });
    }
}
