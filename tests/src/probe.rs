//! What did the runtime do to a future, and when?

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};

/// A future held from outside: it stays pending until [`finish`](Probe::finish), counts its polls
/// and keeps the waker of the last one.
#[derive(Clone, Debug, Default)]
pub struct Probe(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    polls: usize,
    finished: bool,
    waker: Option<Waker>,
}

impl Probe {
    /// How often the future was polled.
    #[must_use]
    pub fn polls(&self) -> usize {
        self.state().polls
    }

    /// A clone of the waker of the latest poll.
    ///
    /// # Panics
    ///
    /// If there was no poll, or the waker was taken since.
    #[must_use]
    pub fn waker(&self) -> Waker {
        self.state().waker.clone().expect("the probe was polled")
    }

    /// The waker of the latest poll itself, so that the probe holds none.
    pub fn take_waker(&self) -> Option<Waker> {
        self.state().waker.take()
    }

    /// Lets the next poll return. Wakes nobody: what a wake does is for the test to find out.
    pub fn finish(&self) {
        self.state().finished = true;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("nothing panics under this lock")
    }
}

impl Future for Probe {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        // The old waker is dropped after the lock: a waker's drop is the runtime's code.
        let _old = {
            let mut state = self.state();
            state.polls += 1;
            if state.finished {
                return Poll::Ready(());
            }
            state.waker.replace(cx.waker().clone())
        };
        Poll::Pending
    }
}
