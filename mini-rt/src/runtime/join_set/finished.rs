//! Which tasks of a [`JoinSet`](super::JoinSet) have ended?
//!
//! 1. Who waits leaves its waker under the lock under which it saw the queue empty; who adds a key takes
//!    it under the same lock. So no key comes unheard.
//! 2. Wakers are cloned, woken and dropped without the lock.

#[cfg(all(test, loom))]
mod loom_tests;

use crate::primitive::Mutex;
use std::collections::VecDeque;
use std::mem;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

/// The keys of tasks that have ended, in that order.
#[derive(Default)]
pub(super) struct Finished(Mutex<Queue>);

#[derive(Default)]
struct Queue {
    keys: VecDeque<usize>,
    /// Who waits for a key.
    joiner: Option<Waker>,
}

/// A place in the slab, as the waker of the task in it.
pub(super) struct Place {
    key: usize,
    finished: Arc<Finished>,
}

impl Finished {
    /// Takes all keys. `into` is empty.
    pub(super) fn take(&self, into: &mut VecDeque<usize>) {
        mem::swap(&mut self.0.lock().keys, into);
    }

    /// Takes all keys; waits for one if there is none. `into` is empty.
    pub(super) fn poll_take(&self, into: &mut VecDeque<usize>, cx: &mut Context<'_>) -> Poll<()> {
        {
            let mut queue = self.0.lock();
            if !queue.keys.is_empty() {
                mem::swap(&mut queue.keys, into);
                return Poll::Ready(());
            }
            if queue.joiner.as_ref().is_some_and(|joiner| joiner.will_wake(cx.waker())) {
                return Poll::Pending;
            }
        }
        // Cloned without the lock, so the queue is looked at again when it is left.
        let waker = cx.waker().clone();
        let left = self.0.lock().leave(waker);
        match left {
            Ok(before) => {
                drop(before);
                Poll::Pending
            }
            Err(waker) => {
                drop(waker);
                self.take(into);
                Poll::Ready(())
            }
        }
    }
}

impl Queue {
    /// Leaves the waker of who waits, unless there is a key by now; returns the one that was there.
    fn leave(&mut self, waker: Waker) -> Result<Option<Waker>, Waker> {
        if self.keys.is_empty() { Ok(self.joiner.replace(waker)) } else { Err(waker) }
    }
}

impl Place {
    pub(super) fn new(key: usize, finished: Arc<Finished>) -> Self {
        Self { key, finished }
    }
}

impl Wake for Place {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let joiner = {
            let mut queue = self.finished.0.lock();
            queue.keys.push_back(self.key);
            queue.joiner.take()
        };
        if let Some(joiner) = joiner {
            joiner.wake();
        }
    }
}
