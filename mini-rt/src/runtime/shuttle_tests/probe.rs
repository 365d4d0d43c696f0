//! What scenarios are made of: gates that tasks wait at, and a census of futures.

use super::runner::note;
use crate::primitive::{Mutex, thread};
use crate::runtime::{Builder, Runtime};
use futures::future::join_all;
use shuttle::rand::{RngCore, thread_rng};
use shuttle::thread::ThreadId;
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Poll, Waker};

/// A number from zero up to, not including, `limit`, out of the seed.
pub(super) fn below(limit: usize) -> usize {
    usize::try_from(thread_rng().next_u64() % limit as u64).expect("below `limit`")
}

/// A runtime of so many workers; none: a current-thread one.
pub(super) fn runtime(workers: usize) -> Runtime {
    let built = match workers {
        0 => Builder::new_current_thread().build(),
        count => Builder::new_multi_thread().worker_threads(count).build(),
    };
    built.expect("nothing is asked of the operating system")
}

/// Runs so many short tasks that the runtime takes its polls to be short: one that waits is then not
/// worth a wake-up.
pub(super) fn make_polls_short(runtime: &Runtime) {
    runtime.block_on(async {
        for _ in 0..8 {
            join_all((0..4).map(|_| crate::spawn(async {}))).await;
        }
    });
}

/// Tasks wait until it is open. Any thread opens it, once.
#[derive(Default)]
pub(super) struct Gate(Mutex<GateState>);

#[derive(Default)]
struct GateState {
    is_open: bool,
    waiting: Vec<Waker>,
}

impl Gate {
    pub(super) fn open(&self) {
        let mut state = self.0.lock();
        state.is_open = true;
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        waiting.into_iter().for_each(Waker::wake);
    }

    pub(super) async fn pass(&self) {
        poll_fn(|cx| {
            let waker = cx.waker().clone();
            let mut state = self.0.lock();
            if state.is_open {
                return Poll::Ready(());
            }
            state.waiting.push(waker);
            Poll::Pending
        })
        .await;
    }

    /// With a defect: between its look and its entry into the list, the gate may be opened.
    pub(super) async fn pass_unsafely(&self) {
        poll_fn(|cx| {
            if self.0.lock().is_open {
                return Poll::Ready(());
            }
            self.0.lock().waiting.push(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

/// Counts the futures of an execution.
#[derive(Default)]
pub(super) struct Census {
    made: AtomicUsize,
    begun: AtomicUsize,
    dropped: AtomicUsize,
    droppers: Mutex<Vec<ThreadId>>,
}

/// In each future that is counted.
pub(super) struct Tracked {
    census: Arc<Census>,
    number: usize,
}

impl Census {
    /// To be moved into a new future.
    pub(super) fn track(self: &Arc<Self>) -> Tracked {
        Tracked { census: Arc::clone(self), number: self.made.fetch_add(1, Relaxed) }
    }

    /// Whether a thread has dropped a future.
    pub(super) fn has_dropped(&self, thread: ThreadId) -> bool {
        self.droppers.lock().contains(&thread)
    }

    /// Once the runtime is gone, and all futures with it; `begun` of them have been polled.
    pub(super) fn check(&self, begun: Option<usize>) {
        let [made, has_begun, dropped] =
            [&self.made, &self.begun, &self.dropped].map(|count| count.load(Relaxed));
        assert_eq!(made, dropped, "a future was not dropped, or twice");
        assert!(has_begun <= made, "a future has begun twice");
        if let Some(begun) = begun {
            assert_eq!(has_begun, begun, "as many have begun as were to");
        }
    }
}

impl Tracked {
    /// The future has its first poll.
    pub(super) fn begin(&self) {
        note(self.number as u64);
        self.census.begun.fetch_add(1, Relaxed);
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        note(1000 + self.number as u64);
        self.census.dropped.fetch_add(1, Relaxed);
        self.census.droppers.lock().push(thread::current().id());
    }
}
