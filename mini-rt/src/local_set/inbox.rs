//! How does a thread hand a task to a set that another thread polls?
//!
//! It [pushes](Inbox::push) the task and [wakes](Inbox::wake) who polls the set. That one
//! [registers](Inbox::register) its waker, and [takes](Inbox::take) what is there.
//!
//! The race: a push that the poll's look does not see. Both are under the queue's lock, so the push is
//! after the look, and its wake after the waker was registered: the set is polled again. A waker is
//! taken to be woken, so that several pushes are one wake; the next poll registers anew, before it
//! looks.
//!
//! No edge: what passes does so through the two locks.

use crate::primitive::Mutex;
use crate::util::contain;
use std::collections::VecDeque;
use std::task::Waker;

/// Tasks from other threads, and whom to wake for them. Without a bound of its own: a task is in a
/// queue at most once.
pub(super) struct Inbox<T> {
    queue: Mutex<VecDeque<T>>,
    waker: Mutex<Option<Waker>>,
}

impl<T> Inbox<T> {
    pub(super) fn new() -> Self {
        Self { queue: Mutex::new(VecDeque::new()), waker: Mutex::new(None) }
    }

    /// The caller [wakes](Self::wake) after it.
    pub(super) fn push(&self, task: T) {
        self.queue.lock().push_back(task);
    }

    /// Wakes who is registered, once.
    pub(super) fn wake(&self) {
        let waker = self.waker.lock().take();
        if let Some(waker) = waker {
            contain(|| waker.wake());
        }
    }

    /// Has `waker` woken for what is pushed from now on.
    pub(super) fn register(&self, waker: &Waker) {
        if self.waker.lock().as_ref().is_some_and(|known| known.will_wake(waker)) {
            return;
        }
        let new = waker.clone();
        let old = self.waker.lock().replace(new);
        drop(old); // Not under the lock.
    }

    /// Keeps nobody to wake.
    pub(super) fn forget(&self) {
        let waker = self.waker.lock().take();
        drop(waker); // Not under the lock.
    }

    /// Moves all that is there to the end of `to`.
    pub(super) fn take(&self, to: &mut VecDeque<T>) {
        to.append(&mut self.queue.lock());
    }
}

#[cfg(all(test, loom))]
mod loom_tests {
    use super::*;
    use crate::park::Parker;
    use crate::primitive::{Arc, thread};

    /// Polls until `count` have come, as a set does; woken by `wake` after each push.
    fn take_from_another_thread(push: fn(&Inbox<usize>, usize)) {
        loom::model(move || {
            let inbox = Arc::new(Inbox::new());
            let pushing = {
                let inbox = inbox.clone();
                thread::spawn(move || [1, 2].map(|task| push(&inbox, task)))
            };
            let parker = std::sync::Arc::new(Parker::new());
            let (waker, mut taken) = (Waker::from(parker.clone()), VecDeque::new());
            loop {
                inbox.register(&waker);
                inbox.take(&mut taken);
                if taken.len() == 2 {
                    break;
                }
                parker.park();
            }
            assert_eq!(taken.iter().sum::<usize>(), 3);
            pushing.join().expect("no panic");
        });
    }

    #[test]
    fn loom_nothing_that_is_pushed_is_left_lying() {
        take_from_another_thread(|inbox, task| {
            inbox.push(task);
            inbox.wake();
        });
    }

    /// That the model above can fail.
    #[test]
    #[should_panic(expected = "deadlock")]
    fn loom_waking_before_the_push_loses_it() {
        take_from_another_thread(|inbox, task| {
            inbox.wake();
            inbox.push(task);
        });
    }
}
