//! The steps against a plain model, by random operations: who is given what, and in which order.

use super::*;
use crate::util::Random;
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

/// A sender that waits for permits.
struct Waiter {
    count: Arc<Count>,
    key: Option<Key>,
    permits: usize,
}

impl Waiter {
    fn new(permits: usize) -> Self {
        Self { count: Arc::default(), key: None, permits }
    }

    fn poll<T>(&mut self, state: &mut State<T>) -> Step<Result<(), Refused>> {
        let own = Waker::from(self.count.clone());
        let mut waker = PollWaker::new(&own);
        match state.poll_acquire(self.permits, &mut self.key, &mut waker) {
            Step::NeedsClone => {
                waker.make_clone();
                state.poll_acquire(self.permits, &mut self.key, &mut waker)
            }
            step => step,
        }
    }

    fn is_woken(&self) -> bool {
        self.count.0.load(Relaxed) > 0
    }
}

fn wait<T>(state: &mut State<T>) -> Arc<Count> {
    let count = Arc::<Count>::default();
    let own = Waker::from(count.clone());
    let mut waker = PollWaker::new(&own);
    waker.make_clone();
    assert!(matches!(state.wait::<()>(&mut waker), Step::Wait));
    count
}

/// The model: a queue of who waits with what each misses, and permits out.
#[test]
fn permits_go_to_who_waits_in_the_order_of_arrival() {
    let random = Random::new(11);
    for max in [1, 2, 5] {
        let mut state = State::new(max);
        let (mut waiters, mut out, mut queued) = (VecDeque::<Waiter>::new(), 0, VecDeque::new());
        let mut waits_seen = 0;
        for name in 0..5_000 {
            let mut wake = WakeList::new();
            match random.below(6) {
                0 | 1 => {
                    let permits = 1 + random.below(max);
                    let mut waiter = Waiter::new(permits);
                    match waiter.poll(&mut state) {
                        Step::Ready(result) => {
                            assert_eq!(result, Ok(()));
                            assert!(waiters.is_empty(), "nobody overtakes");
                            out += permits;
                        }
                        Step::Wait => waiters.push_back(waiter),
                        Step::NeedsClone => unreachable!("it has one"),
                    }
                }
                2 if out > 0 => {
                    assert!(matches!(state.push(name), Ok(None)), "nobody waits to receive");
                    queued.push_back(name);
                    out -= 1;
                }
                3 if out > 0 => {
                    state.release(1, &mut wake);
                    out -= 1;
                }
                4 => {
                    let popped = state.pop().ok().map(|(value, sender)| {
                        sender.into_iter().for_each(|sender| wake.push(sender));
                        value
                    });
                    assert_eq!(popped, queued.pop_front());
                }
                5 if !waiters.is_empty() => {
                    let mut waiter = waiters.remove(random.below(waiters.len())).expect("in range");
                    let key = waiter.key.take().expect("it waits");
                    drop(state.forget(key, waiter.permits, &mut wake));
                }
                _ => {}
            }
            wake.wake_all();
            // Those at the front who have all that they need know it, and nobody else does.
            while waiters.front().is_some_and(Waiter::is_woken) {
                let mut first = waiters.pop_front().expect("there is one");
                assert!(matches!(first.poll(&mut state), Step::Ready(Ok(()))));
                out += first.permits;
                waits_seen += 1;
            }
            for waiter in &mut waiters {
                assert!(!waiter.is_woken() && matches!(waiter.poll(&mut state), Step::Wait));
            }
            let spoken_for = state.free + out + queued.len();
            assert!(spoken_for <= max);
            assert!(
                waiters.is_empty() && spoken_for == max || !waiters.is_empty() && state.free == 0
            );
            assert_eq!((state.len(), state.is_over()), (queued.len(), false));
        }
        assert!(waits_seen > 100, "only {waits_seen} had to wait");
    }
}

#[test]
fn a_push_wakes_the_receiver_once() {
    let mut state = State::new(2);
    let receiver = wait(&mut state);
    assert_eq!(state.acquire(2), Ok(()));
    let pushed = state.push('a').expect("it is wanted").expect("it waits");
    pushed.wake();
    assert_eq!(receiver.0.load(Relaxed), 1);
    assert!(state.push('b').expect("it is wanted").is_none());
    assert_eq!(Arc::strong_count(&receiver), 1);
}

#[test]
fn the_channel_is_over_when_it_is_closed_and_every_permit_is_back() {
    let mut state = State::new(2);
    assert_eq!(state.acquire(2), Ok(()));
    let mut waiting = Waiter::new(1);
    assert!(matches!(waiting.poll(&mut state), Step::Wait));
    let receiver = wait(&mut state);
    let mut wake = WakeList::new();
    state.close(&mut wake).wake_all();
    wake.wake_all();
    assert!(waiting.is_woken());
    assert!(matches!(waiting.poll(&mut state), Step::Ready(Err(Refused::Closed))));
    drop(state.forget(waiting.key.take().expect("it gives back"), 1, &mut wake));
    assert_eq!(state.acquire(0), Err(Refused::Closed));

    assert!(state.push('a').is_ok_and(|receiver| receiver.is_some()), "by a permit from before");
    assert_eq!(receiver.0.load(Relaxed), 0, "dropped, not woken, by this test");
    assert!(matches!(state.pop(), Ok(('a', None))));
    assert_eq!(state.pop().err(), Some(Nothing::Empty), "a permit is out");
    let receiver = wait(&mut state);
    state.release(1, &mut wake);
    wake.wake_all();
    assert_eq!(receiver.0.load(Relaxed), 1, "nothing will come");
    assert_eq!(state.pop().err(), Some(Nothing::Ended));
}

#[test]
fn a_permit_given_before_the_close_and_not_seen_yet_is_given_back() {
    let mut state = State::<char>::new(1);
    assert_eq!(state.acquire(1), Ok(()));
    let mut waiting = Waiter::new(1);
    assert!(matches!(waiting.poll(&mut state), Step::Wait));
    let mut wake = WakeList::new();
    state.release(1, &mut wake);
    state.close(&mut wake).wake_all();
    assert!(matches!(waiting.poll(&mut state), Step::Ready(Err(Refused::Closed))));
    assert_eq!(state.pop().err(), Some(Nothing::Empty), "its permit is out");
    drop(state.forget(waiting.key.take().expect("kept"), 1, &mut wake));
    assert_eq!(state.pop().err(), Some(Nothing::Ended));
    wake.wake_all();
}

#[test]
fn without_senders_the_queue_is_the_rest() {
    let mut state = State::new(2);
    assert_eq!(state.acquire(1), Ok(()));
    assert!(state.push('a').is_ok());
    let receiver = wait(&mut state);
    state.end().expect("it waits").wake();
    assert_eq!(receiver.0.load(Relaxed), 1);
    assert!(matches!(state.pop(), Ok(('a', None))));
    assert_eq!(state.pop().err(), Some(Nothing::Ended));
}

#[test]
fn what_is_sent_to_nobody_comes_back() {
    let mut state = State::new(2);
    assert_eq!(state.acquire(2), Ok(()));
    assert!(state.push('a').is_ok());
    let mut wake = WakeList::new();
    state.close(&mut wake).wake_all();
    let (values, receiver) = state.abandon(&mut wake);
    assert_eq!((values, receiver.is_none()), (VecDeque::from(['a']), true));
    assert_eq!(state.push('b').err(), Some('b'));
    assert_eq!(state.free(), 2);
}

#[test]
fn the_memory_of_a_flood_is_given_back() {
    let mut state = State::new(usize::MAX);
    for value in 0..=KEPT_VALUES {
        assert_eq!(state.acquire(1), Ok(()));
        assert!(state.push(value).is_ok());
    }
    while state.pop().is_ok() {}
    assert_eq!(state.queue.capacity(), 0);
}
