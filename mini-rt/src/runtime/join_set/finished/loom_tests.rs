//! A task that ends against who waits for the set.

use super::*;
use crate::park::Parker;
use crate::primitive::thread;

fn place(key: usize, finished: &Arc<Finished>) -> Arc<Place> {
    Arc::new(Place::new(key, Arc::clone(finished)))
}

/// Sleeps until `poll` is ready, without staying up before: that has a memory of its own.
fn wait(mut poll: impl FnMut(&mut Context<'_>) -> Poll<()>) {
    let parker = Arc::new(Parker::new());
    let waker = Waker::from(Arc::clone(&parker));
    while poll(&mut Context::from_waker(&waker)).is_pending() {
        parker.park();
    }
}

/// Two tasks end while a third thread waits for both: rule 1. A lost wake-up is a deadlock, which loom
/// reports.
#[test]
fn loom_who_waits_hears_of_each_task_that_ends() {
    loom::model(|| {
        let finished = Arc::new(Finished::default());
        let places = [place(0, &finished), place(1, &finished)];
        let tasks = places.map(|place| thread::spawn(move || place.wake_by_ref()));
        let (mut taken, mut keys) = (VecDeque::new(), Vec::new());
        while keys.len() < 2 {
            wait(|cx| finished.poll_take(&mut taken, cx));
            keys.extend(taken.drain(..));
        }
        tasks.into_iter().for_each(|task| task.join().expect("no panic"));
        keys.sort_unstable();
        assert_eq!(keys, [0, 1]);
    });
}

/// What the second look is for: without it, a task that ends before the waker is left wakes nobody.
#[test]
#[should_panic = "deadlock"]
fn loom_a_waker_left_without_a_second_look_is_seen() {
    loom::model(|| {
        let finished = Arc::new(Finished::default());
        let place = place(0, &finished);
        let task = thread::spawn(move || place.wake_by_ref());
        wait(|cx| {
            let mut taken = VecDeque::new();
            finished.take(&mut taken);
            if !taken.is_empty() {
                return Poll::Ready(());
            }
            let before = finished.0.lock().joiner.replace(cx.waker().clone());
            drop(before);
            Poll::Pending
        });
        task.join().expect("no panic");
    });
}
