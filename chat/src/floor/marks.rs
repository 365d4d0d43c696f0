//! Which clients are to be written to? Those whose waker was woken.
//!
//! Who calls it: the loop, which hands a [`waker`] to each client's outbox and [takes](take) the
//! marks once a turn.
//!
//! What always holds:
//! 1. The outboxes, their wakers and the loop are on one thread, so its list is the list. (A waker
//!    that was woken elsewhere would be lost; nobody else has one.)
//! 2. A mark for a client that is gone, or a second one, is harmless: there is nothing to write.
//!
//! Rejected: a list in an `Arc<Mutex>` that each waker shares, which costs a lock for each delivery;
//! a flag in each client, which costs a look at each client in each turn.

use std::cell::RefCell;
use std::mem;
use std::sync::Arc;
use std::task::{Wake, Waker};

thread_local! {
    static MARKED: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

/// Marks for which room is kept from turn to turn.
const KEPT_MAX: usize = 16 * 1024;

/// A waker that marks this client.
pub(super) fn waker(idx: usize) -> Waker {
    Waker::from(Arc::new(Mark(idx)))
}

/// Marks a client.
pub(super) fn mark(idx: usize) {
    MARKED.with_borrow_mut(|marked| marked.push(idx));
}

/// Who was marked since the last time, in order.
pub(super) fn take() -> Vec<usize> {
    MARKED.take()
}

/// Lets the room of what was taken be used again.
pub(super) fn give_back(mut taken: Vec<usize>) {
    taken.clear();
    if taken.capacity() <= KEPT_MAX {
        MARKED.with_borrow_mut(|marked| {
            taken.append(marked); // what was marked meanwhile
            mem::swap(marked, &mut taken);
        });
    }
}

struct Mark(usize);

impl Wake for Mark {
    fn wake(self: Arc<Self>) {
        mark(self.0);
    }
}
