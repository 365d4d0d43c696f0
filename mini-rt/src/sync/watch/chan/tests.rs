//! The word and the wakers, step by step in one thread.

use super::*;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize as StdAtomicUsize;
use std::task::{Wake, Waker};

#[derive(Default)]
struct Count(StdAtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Relaxed);
    }
}

struct Task {
    place: Place,
    count: Arc<Count>,
}

impl Task {
    fn new(chan: &Chan<()>) -> Self {
        chan.add_receiver();
        Self { place: Place::new(chan.word().version()), count: Arc::default() }
    }

    /// Whether a change was seen; `None` if it waits.
    fn poll(&mut self, chan: &Chan<()>) -> Option<bool> {
        let waker = Waker::from(self.count.clone());
        match chan.poll_changed(&mut self.place, &mut Context::from_waker(&waker)) {
            Poll::Ready(result) => Some(result.is_ok()),
            Poll::Pending => None,
        }
    }

    fn woken(&self) -> usize {
        self.count.0.load(Relaxed)
    }
}

/// What a send does to the word.
fn send(chan: &Chan<()>) -> bool {
    let somebody_waits = chan.announce();
    if somebody_waits {
        chan.wake();
    }
    somebody_waits
}

fn is_waiting(chan: &Chan<()>) -> bool {
    chan.word().0 & WAITING != 0
}

#[test]
fn a_send_wakes_who_waits_and_only_then_takes_the_wakers_lock() {
    let chan = Chan::new(());
    let [mut first, mut second] = [(); 2].map(|()| Task::new(&chan));
    assert!(!send(&chan), "nobody waits");
    assert_eq!([first.poll(&chan), second.poll(&chan)], [Some(true); 2]);
    assert_eq!([first.poll(&chan), first.poll(&chan), second.poll(&chan)], [None; 3]);
    assert!(is_waiting(&chan) && send(&chan) && !is_waiting(&chan));
    assert_eq!([first.woken(), second.woken()], [1; 2]);
    assert!(!send(&chan), "nobody waits again yet");
    assert_eq!(first.poll(&chan), Some(true), "two sends are one change");
    assert_eq!(first.poll(&chan), None);
}

#[test]
fn the_end_wakes_who_waits_after_the_last_change() {
    let chan = Chan::new(());
    let [mut first, mut second] = [(); 2].map(|()| Task::new(&chan));
    assert_eq!(first.poll(&chan), None);
    chan.announce(); // Without a wake: the end brings it.
    chan.end();
    assert_eq!(first.woken(), 1);
    assert_eq!([first.poll(&chan), first.poll(&chan)], [Some(true), Some(false)]);
    assert_eq!([second.poll(&chan), second.poll(&chan)], [Some(true), Some(false)]);
}

#[test]
fn a_receiver_that_goes_takes_its_waker_along() {
    let chan = Chan::new(());
    let mut task = Task::new(&chan);
    assert_eq!(task.poll(&chan), None);
    chan.remove_receiver(&mut task.place);
    assert_eq!((Arc::strong_count(&task.count), chan.receivers()), (1, 0));
    send(&chan);
    assert_eq!(task.woken(), 0);
}

#[test]
fn the_versions_come_round() {
    let chan = Chan::new(());
    let mut task = Task::new(&chan);
    assert_eq!(task.poll(&chan), None);
    let first = chan.word().version();
    assert_ne!(first.before(), first);
    task.place.seen = first.before();
    assert_eq!(task.poll(&chan), Some(true));
    chan.word.store(usize::MAX & !CLOSED, Relaxed); // Relaxed: there is one thread.
    task.place.seen = chan.word().version();
    assert!(chan.announce());
    assert_eq!((chan.word().version(), task.poll(&chan)), (first, Some(true)));
}
