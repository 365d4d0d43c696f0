//! Which tasks does a runtime have to end before it is gone?
//!
//! Those that no queue holds: idle ones, whose wakers lie in sockets, timers or other tasks. So a
//! task enters its scheduler's [`Owned`] when its first poll leaves it waiting, and leaves it on
//! completion. One that ends in its first poll is never here: until then it is in a queue, or
//! running, and a shutdown comes by there.
//!
//! 1. A task that stands here has its life reference: it is taken out (`release`) before that is
//!    given up. So a pointer found under the lock is alive.
//! 2. Once closed, nothing is added: a task that would wait is cancelled by its poller.
//! 3. No task is polled, dropped or scheduled under a lock of this module.
//!
//! The tasks are spread over shards by their addresses, each with its lock: a task may be bound on
//! one thread while another is released on a second. Rejected: binding at the spawn (a lock at each
//! end of a task's life, also of those that never wait); an intrusive list (links in each
//! task, and two other tasks' cache lines touched by each removal; a slab touches its own entry);
//! one list for all, and one for each worker (10,000 tasks spawned on one thread and stolen by
//! another: a third of the time was that one lock).

use super::cell::{Header, NO_OWNER};
use super::{TaskRef, Waiting};
use crate::primitive::Mutex;
use slab::Slab;
use std::ptr::NonNull;

/// The tasks of one scheduler that are not complete.
pub(crate) struct Owned {
    shards: Box<[Mutex<Shard>]>,
    /// A key is the number of the shard in so many bits, and the index within the shard above them.
    shard_bits: u32,
}

/// On cache lines of its own: neighbours are written by other threads.
#[repr(align(64))]
struct Shard {
    tasks: Slab<Entry>,
    closed: bool,
}

struct Entry(NonNull<Header>);

// SAFETY: a pointer to a task, which is `Send` as a `TaskRef` is.
unsafe impl Send for Entry {}

impl Owned {
    /// With so many shards, rounded up to a power of two: some for each thread that spawns, so that
    /// two seldom meet; one, if there is only one thread.
    pub(crate) fn new(shards: usize) -> Self {
        let shard = || Mutex::new(Shard { tasks: Slab::new(), closed: false });
        let shards: Box<[_]> = (0..shards.next_power_of_two()).map(|_| shard()).collect();
        let shard_bits = shards.len().trailing_zeros();
        Self { shards, shard_bits }
    }

    /// Takes a task in; returns its key. `None` when closed: its poller ends it.
    pub(crate) fn bind(&self, task: Waiting) -> Option<usize> {
        let shard_idx = self.shard_of(task.0);
        let mut shard = self.shards[shard_idx].lock();
        if shard.closed {
            return None;
        }
        let index = shard.tasks.insert(Entry(task.0));
        drop(shard);
        Some(self.key(shard_idx, index))
    }

    /// Spreads addresses, whose low bits are alike (Fibonacci hashing).
    fn shard_of(&self, task: NonNull<Header>) -> usize {
        let hash = task.addr().get().wrapping_mul(0x9E37_79B9_7F4A_7C15_u64 as usize);
        hash.checked_shr(usize::BITS - self.shard_bits).unwrap_or(0)
    }

    /// # Panics
    /// If the index has too many bits: no memory holds so many tasks. Invariant 1 rests on it.
    fn key(&self, shard_idx: usize, index: usize) -> usize {
        assert!(index < NO_OWNER >> self.shard_bits, "too many tasks");
        index << self.shard_bits | shard_idx
    }

    fn shard_and_index(&self, key: usize) -> (usize, usize) {
        (key & ((1 << self.shard_bits) - 1), key >> self.shard_bits)
    }

    /// Lets go of a task that is complete.
    pub(crate) fn release(&self, key: usize) {
        let (shard_idx, index) = self.shard_and_index(key);
        self.shards[shard_idx].lock().tasks.remove(index);
    }

    /// Takes nothing in from now on, and aborts what is there: each task ends at its next run.
    pub(crate) fn close_and_abort_all(&self) {
        for shard in &self.shards {
            let mut guard = shard.lock();
            guard.closed = true;
            let tasks: Vec<TaskRef> =
                guard.tasks.iter().map(|(_, entry)| entry.task_ref()).collect();
            drop(guard);
            for task in tasks {
                task.abort();
            }
        }
    }

    /// How many tasks are here. Takes each shard's lock.
    pub(crate) fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().tasks.len()).sum()
    }
}

impl Entry {
    /// Called under the lock.
    fn task_ref(&self) -> TaskRef {
        // SAFETY: alive: invariant 1, and the lock is held.
        let header = unsafe { self.0.as_ref() };
        header.state.add_ref();
        // SAFETY: the reference that was just added.
        unsafe { TaskRef::from_raw(self.0) }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_key_names_shard_and_index_also_where_a_word_is_short() {
        for shards in [1, 2, 8, 9, 64] {
            let owned = Owned::new(shards);
            for shard_idx in 0..owned.shards.len() {
                for index in [0, 1, (1 << 16) - 1, 1 << 16, 1 << 24] {
                    let key = owned.key(shard_idx, index);
                    assert_ne!(key, NO_OWNER);
                    assert_eq!(owned.shard_and_index(key), (shard_idx, index));
                }
            }
        }
    }
}
