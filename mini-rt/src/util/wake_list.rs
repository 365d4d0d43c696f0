//! How are many wakers woken without a lock held?
//!
//! Whoever finds out, under a lock, that tasks are due puts their wakers in a [`WakeList`], lets
//! go of the lock, and calls [`WakeList::wake_all`]. Waking runs code that is not ours (a waker may
//! belong to another executor): it may take the same lock again, or panic.
//!
//! 1. No lock of the runtime is held while a waker is woken, cloned or dropped.
//! 2. Wakers are woken in the order in which they were put in.
//! 3. A waker that panics ends neither the thread that wakes it, which serves everyone, nor the
//!    round: the others are woken too.

use super::contain;
use std::task::Waker;

/// Wakers taken under a lock, to be woken after it. Keeps its memory between uses.
#[derive(Debug, Default)]
#[must_use = "dropping a list that is not empty loses wake-ups"]
pub(crate) struct WakeList {
    /// Apart, so that who wakes one task at a time allocates nothing.
    first: Option<Waker>,
    others: Vec<Waker>,
}

impl WakeList {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn push(&mut self, waker: Waker) {
        match self.first {
            None => self.first = Some(waker),
            Some(_) => self.others.push(waker),
        }
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        usize::from(self.first.is_some()) + self.others.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// Wakes every waker in the list and leaves it empty.
    #[inline]
    pub(crate) fn wake_all(&mut self) {
        // Most often there is nobody.
        let Some(first) = self.first.take() else { return };
        contain(|| first.wake());
        for waker in self.others.drain(..) {
            contain(|| waker.wake());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    struct Count(AtomicUsize);
    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    struct Bomb;
    impl Wake for Bomb {
        fn wake(self: Arc<Self>) {
            panic!("boom");
        }
    }

    #[test]
    fn a_panicking_waker_keeps_nobody_asleep() {
        let count = Arc::new(Count(AtomicUsize::new(0)));
        let mut list = WakeList::new();
        list.push(count.clone().into());
        list.push(Arc::new(Bomb).into());
        list.push(count.clone().into());
        list.wake_all();
        assert_eq!(count.0.load(Ordering::Relaxed), 2, "both others were woken");
        assert!(list.is_empty());
    }
}
