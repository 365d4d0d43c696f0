//! Runtimes and wakers in thread-locals, whose destructors run when little else is left.

use super::{builder, check, rt, until_polls};
use futures::channel::oneshot;
use std::cell::RefCell;
use std::future::{pending, poll_fn};
use std::task::{Poll, Waker};
use std::thread;
use tests::probe::Probe;
use tests::tracker::{OnDrop, Tracker};
use tests::watchdog::guarded;

thread_local! {
    static RUNTIME: RefCell<Option<rt::runtime::Runtime>> = const { RefCell::new(None) };
    static WAKES: RefCell<Option<WakeOnDrop>> = const { RefCell::new(None) };
}

/// Wakes when the thread that owns it ends.
struct WakeOnDrop(Waker);

impl Drop for WakeOnDrop {
    fn drop(&mut self) {
        self.0.wake_by_ref();
        let owned = self.0.clone();
        owned.wake();
    }
}

/// Leaves a runtime with pending tasks to the destructors of a thread. Destructors run in the
/// reverse order of first use, so `first` decides whether the runtime's own thread-locals are gone
/// by then.
fn leave_a_runtime_in_a_thread_local(first: fn()) {
    guarded(move || {
        let tracker = Tracker::default();
        let token = tracker.token();
        thread::spawn(move || {
            first();
            let rt = builder().build().unwrap();
            let blocked = token;
            let probe = Probe::default();
            drop(rt.spawn({
                let probe = probe.clone();
                async move {
                    let _token = blocked;
                    let _on_drop = OnDrop(|| drop(rt::runtime::Handle::try_current()));
                    probe.await;
                }
            }));
            drop(rt.spawn(async { rt::time::sleep(super::NEVER).await }));
            until_polls(&rt, &probe, 1);
            RUNTIME.set(Some(rt));
        })
        .join()
        .unwrap();
        assert!(tracker.balanced());
    });
}

#[test]
fn a_runtime_is_dropped_by_a_thread_local() {
    leave_a_runtime_in_a_thread_local(|| ());
}

#[test]
fn a_runtime_is_dropped_by_a_thread_local_that_outlives_its_own() {
    leave_a_runtime_in_a_thread_local(|| RUNTIME.set(None));
}

#[test]
fn a_waker_is_woken_by_a_thread_local() {
    check(|rt| {
        let probe = Probe::default();
        let task = rt.spawn(probe.clone());
        until_polls(&rt, &probe, 1);
        let waker = probe.waker();
        probe.finish();
        thread::spawn(move || WAKES.set(Some(WakeOnDrop(waker)))).join().unwrap();
        rt.block_on(task).unwrap();
    });
}

#[test]
fn a_waker_is_woken_by_a_thread_local_of_a_thread_of_the_runtime() {
    guarded(|| {
        // Used before and after the runtime's own thread-locals are.
        for first in [|| (), || WAKES.set(None)] {
            let tracker = Tracker::default();
            let token = tracker.token();
            thread::spawn(move || {
                first();
                let rt = builder().build().unwrap();
                let (left, is_left) = oneshot::channel();
                drop(rt.spawn(async move {
                    let _token = token;
                    let waker = poll_fn(|cx| Poll::Ready(cx.waker().clone())).await;
                    WAKES.set(Some(WakeOnDrop(waker)));
                    left.send(()).unwrap();
                    pending::<()>().await;
                }));
                rt.block_on(is_left).unwrap();
            })
            .join()
            .unwrap();
            assert!(tracker.balanced());
        }
    });
}

#[test]
fn a_spawn_in_a_thread_local_of_a_worker_is_dropped() {
    struct SpawnOnDrop(rt::runtime::Handle, Tracker);
    impl Drop for SpawnOnDrop {
        fn drop(&mut self) {
            let token = self.1.token();
            drop(self.0.spawn(async move { drop(token) }));
        }
    }
    thread_local!(static SPAWNS: RefCell<Option<SpawnOnDrop>> = const { RefCell::new(None) });

    guarded(|| {
        let tracker = Tracker::default();
        let spawns = tracker.clone();
        thread::spawn(move || {
            let rt = builder().build().unwrap();
            let handle = rt.handle().clone();
            let task = rt.spawn(async move { SPAWNS.set(Some(SpawnOnDrop(handle, spawns))) });
            rt.block_on(task).unwrap();
        })
        .join()
        .unwrap();
        assert_eq!(tracker.made(), 1);
        assert!(tracker.balanced());
    });
}
