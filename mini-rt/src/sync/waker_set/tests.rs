//! The set, round by round.

use super::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::Wake;

#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Relaxed);
    }
}

struct Waiter {
    count: Arc<Count>,
    ticket: Option<Ticket>,
}

impl Waiter {
    fn new() -> Self {
        Self { count: Arc::default(), ticket: None }
    }

    /// One poll. Whether it had to clone.
    fn wait(&mut self, set: &mut WakerSet) -> bool {
        let own = Waker::from(self.count.clone());
        let mut waker = PollWaker::new(&own);
        match set.wait::<()>(&mut self.ticket, &mut waker) {
            Step::NeedsClone => {
                waker.make_clone();
                assert!(matches!(set.wait::<()>(&mut self.ticket, &mut waker), Step::Wait));
                true
            }
            step => {
                assert!(matches!(step, Step::Wait));
                false
            }
        }
    }

    /// How often it was woken, and whether the set keeps a waker of it.
    fn seen(&self) -> (usize, bool) {
        (self.count.0.load(Relaxed), Arc::strong_count(&self.count) > 1)
    }
}

#[test]
fn all_who_wait_are_woken_once_and_who_left_is_not() {
    let mut set = WakerSet::new();
    let [mut one, mut two, mut three] = [(); 3].map(|()| Waiter::new());
    assert!(one.wait(&mut set) && two.wait(&mut set) && three.wait(&mut set));
    assert!(!two.wait(&mut set), "a waker that is there is kept");
    assert!(set.remove(one.ticket.take().expect("it waits")).is_some());
    set.take_all().wake_all();
    assert_eq!([one.seen(), two.seen(), three.seen()], [(0, false), (1, false), (1, false)]);
    assert!(set.wakers.is_empty());
}

#[test]
fn a_ticket_of_an_earlier_round_stands_for_nobody() {
    let mut set = WakerSet::new();
    let [mut old, mut new] = [(); 2].map(|()| Waiter::new());
    old.wait(&mut set);
    set.take_all().wake_all();
    new.wait(&mut set);
    assert!(set.remove(old.ticket.take().expect("kept")).is_none(), "it is not the new one's");
    old.wait(&mut set);
    set.take_all().wake_all();
    assert_eq!([old.seen(), new.seen()], [(2, false), (1, false)]);
}

#[test]
fn who_is_polled_by_another_task_wakes_that_one() {
    let mut set = WakerSet::new();
    let mut waiter = Waiter::new();
    waiter.wait(&mut set);
    let before = std::mem::take(&mut waiter.count);
    assert!(waiter.wait(&mut set), "cloned");
    assert_eq!(Arc::strong_count(&before), 1, "and the first is dropped");
    set.take_all().wake_all();
    assert_eq!(waiter.seen(), (1, false));
}
