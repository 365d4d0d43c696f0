//! Who keeps a channel open?
//!
//! A channel ends when its last sender is dropped. Senders are counted beside the channel's lock, so
//! that cloning one takes no lock; so are weak senders, which keep the memory but not the channel.
//!
//! - edge S1: the drop of a sender -> the drop of the last: all has been sent when the channel ends.

use crate::primitive::Guess;
use crate::primitive::atomic::AtomicUsize;
use crate::primitive::atomic::Ordering::{AcqRel, Relaxed};
use std::ops::Deref;
use std::sync::Arc;

/// What ends with its last sender.
pub(super) trait Ends {
    /// The last sender is gone. Once.
    fn end(&self);
}

/// The channel, to whoever is not counted.
pub(super) struct Shared<C>(Arc<Counted<C>>);

#[derive(Debug)]
struct Counted<C> {
    channel: C,
    senders: AtomicUsize,
    weak_senders: AtomicUsize,
}

/// A sender.
pub(super) struct Tx<C: Ends>(Shared<C>);

/// A sender that does not keep the channel open.
pub(super) struct WeakTx<C: Ends>(Shared<C>);

/// A channel with one sender.
pub(super) fn share<C: Ends>(channel: C) -> (Tx<C>, Shared<C>) {
    let (senders, weak_senders) = (AtomicUsize::new(1), AtomicUsize::new(0));
    let shared = Shared(Arc::new(Counted { channel, senders, weak_senders }));
    (Tx(shared.clone()), shared)
}

impl<C> Shared<C> {
    pub(super) fn strong_count(&self) -> usize {
        self.0.senders.load(Relaxed) // Relaxed: a number to look at.
    }

    pub(super) fn weak_count(&self) -> usize {
        self.0.weak_senders.load(Relaxed) // Relaxed: a number to look at.
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// What a channel takes on the heap.
    #[cfg(test)]
    pub(super) const HEAP: usize = 2 * size_of::<usize>() + size_of::<Counted<C>>();
}

impl<C: Ends> Tx<C> {
    pub(super) fn downgrade(&self) -> WeakTx<C> {
        WeakTx::new(&self.0)
    }
}

impl<C: Ends> WeakTx<C> {
    fn new(shared: &Shared<C>) -> Self {
        shared.0.weak_senders.fetch_add(1, Relaxed); // Relaxed: a number to look at.
        Self(shared.clone())
    }

    /// `None`: the last sender is gone.
    pub(super) fn upgrade(&self) -> Option<Tx<C>> {
        let senders = &self.0.0.senders;
        let mut count = senders.guess();
        while count > 0 {
            // Relaxed: one who is there keeps the count up; the channel itself is behind its lock.
            match senders.compare_exchange_weak(count, count + 1, Relaxed, Relaxed) {
                Ok(_) => return Some(Tx(self.0.clone())),
                Err(actual) => count = actual,
            }
        }
        None
    }
}

impl<C> Clone for Shared<C> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<C> Deref for Shared<C> {
    type Target = C;

    fn deref(&self) -> &C {
        &self.0.channel
    }
}

impl<C: Ends> Clone for Tx<C> {
    fn clone(&self) -> Self {
        self.0.0.senders.fetch_add(1, Relaxed); // Relaxed: it is not the last: `self` is there.
        Self(self.0.clone())
    }
}

impl<C: Ends> Deref for Tx<C> {
    type Target = Shared<C>;

    fn deref(&self) -> &Shared<C> {
        &self.0
    }
}

impl<C: Ends> Drop for Tx<C> {
    fn drop(&mut self) {
        // edge S1
        if self.0.0.senders.fetch_sub(1, AcqRel) == 1 {
            self.0.end();
        }
    }
}

impl<C: Ends> Clone for WeakTx<C> {
    fn clone(&self) -> Self {
        Self::new(&self.0)
    }
}

impl<C: Ends> Deref for WeakTx<C> {
    type Target = Shared<C>;

    fn deref(&self) -> &Shared<C> {
        &self.0
    }
}

impl<C: Ends> Drop for WeakTx<C> {
    fn drop(&mut self) {
        self.0.0.weak_senders.fetch_sub(1, Relaxed); // Relaxed: a number to look at.
    }
}
