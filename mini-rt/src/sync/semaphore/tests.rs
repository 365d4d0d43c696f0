//! A semaphore polled by hand.

use super::*;
use crate::coop;
use crate::util::Random;
use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll, Wake, Waker};

/// Counts how often it is woken.
#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Relaxed);
    }
}

fn poll(acquire: &mut Acquire<'_>, waker: &Waker) -> Poll<Result<(), AcquireError>> {
    Pin::new(acquire).poll(&mut Context::from_waker(waker))
}

fn is_ready(acquire: &mut Acquire<'_>) -> bool {
    matches!(poll(acquire, Waker::noop()), Poll::Ready(Ok(())))
}

#[test]
fn the_last_waker_is_woken_and_no_other_kept() {
    let semaphore = Semaphore::new(0);
    let counts = [Arc::new(Count::default()), Arc::new(Count::default())];
    let wakers = counts.clone().map(Waker::from);
    let mut acquire = semaphore.wait_for(1);
    for waker in &wakers {
        assert!(poll(&mut acquire, waker).is_pending());
        assert!(poll(&mut acquire, waker).is_pending());
    }
    assert_eq!(Arc::strong_count(&counts[0]), 2, "given back");
    assert_eq!(Arc::strong_count(&counts[1]), 3);
    semaphore.release(1);
    assert_eq!(counts.each_ref().map(|count| count.0.load(Relaxed)), [0, 1]);
    assert_eq!(Arc::strong_count(&counts[1]), 2);
    assert_eq!(semaphore.available_permits(), 0, "it is given, not free");
    assert!(is_ready(&mut acquire));
}

#[test]
fn a_task_without_budget_keeps_its_place_and_its_permit() {
    let semaphore = Semaphore::new(1);
    let mut cx = Context::from_waker(Waker::noop());
    let mut acquire = semaphore.wait_for(1);
    coop::with_budget(|| {
        while let Poll::Ready(progress) = coop::poll_proceed(&mut cx) {
            progress.made_progress();
        }
        assert!(!is_ready(&mut acquire));
    });
    assert_eq!(semaphore.available_permits(), 0);
    drop(acquire);
    assert_eq!(semaphore.available_permits(), 1, "given back by who was granted it");
}

#[test]
fn each_grant_costs_budget_and_a_wait_costs_none() {
    let semaphore = Semaphore::new(0);
    let granted = coop::with_budget(|| {
        for _ in 0..1000 {
            assert!(!is_ready(&mut semaphore.wait_for(1)));
        }
        semaphore.add_permits(1000);
        (0..1000).take_while(|_| is_ready(&mut semaphore.wait_for(1))).count()
    });
    assert!((1..1000).contains(&granted), "{granted}");
}

/// What the semaphore should do, with everything in plain lists.
struct Model {
    free: usize,
    closed: bool,
    /// Names and needs of who waits.
    queue: VecDeque<(u32, usize)>,
}

impl Model {
    fn release(&mut self, permits: usize) {
        self.free += permits;
        while let Some((_name, needed)) = self.queue.front_mut() {
            let given = self.free.min(*needed);
            self.free -= given;
            *needed -= given;
            if *needed > 0 {
                break;
            }
            self.queue.pop_front();
        }
    }

    fn acquire(&mut self, name: u32, permits: usize) {
        self.queue.push_back((name, permits));
        self.release(0);
    }

    fn waits(&self, name: u32) -> Option<usize> {
        self.queue.iter().find(|(own, _)| *own == name).map(|(_, needed)| *needed)
    }
}

#[test]
fn it_does_what_a_plain_queue_does() {
    for seed in 0..200 {
        let random = Random::new(seed);
        let semaphore = Semaphore::new(3);
        let mut model = Model { free: 3, closed: false, queue: VecDeque::new() };
        let mut futures = Vec::<(u32, usize, Acquire<'_>)>::new();
        for name in 0..100 {
            match random.below(8) {
                0..=2 => {
                    let permits = random.below(4);
                    let mut acquire = semaphore.wait_for(u32::try_from(permits).expect("small"));
                    let polled = poll(&mut acquire, Waker::noop());
                    if model.closed {
                        assert!(matches!(polled, Poll::Ready(Err(_))));
                    } else if permits == 0 {
                        assert!(polled.is_ready(), "nothing is always there");
                    } else {
                        model.acquire(name, permits);
                        assert_eq!(polled.is_pending(), model.waits(name).is_some());
                        if polled.is_pending() {
                            futures.push((name, permits, acquire));
                        }
                    }
                }
                3 | 4 => {
                    let permits = random.below(4);
                    semaphore.add_permits(permits);
                    model.release(permits);
                }
                5 if !futures.is_empty() => {
                    let (name, permits, acquire) = futures.remove(random.below(futures.len()));
                    let given = permits - model.waits(name).unwrap_or(0);
                    drop(acquire);
                    model.queue.retain(|(own, _)| *own != name);
                    model.release(given);
                }
                6 => {
                    let permits = random.below(3);
                    let taken = semaphore.try_take(u32::try_from(permits).expect("small"));
                    let expected = match model.free.checked_sub(permits) {
                        _ if model.closed => Err(TryAcquireError::Closed),
                        Some(left) => {
                            model.free = left;
                            Ok(())
                        }
                        None => Err(TryAcquireError::NoPermits),
                    };
                    assert_eq!(taken, expected);
                }
                7 if random.below(20) == 0 => {
                    semaphore.close();
                    model.closed = true;
                    // Who had been given all of it gives it back as well.
                    for (name, permits, mut acquire) in futures.drain(..) {
                        let given = permits - model.waits(name).unwrap_or(0);
                        let polled = poll(&mut acquire, Waker::noop());
                        assert!(matches!(polled, Poll::Ready(Err(_))));
                        model.free += given;
                    }
                    model.queue.clear();
                }
                _ => {
                    for (name, _permits, mut acquire) in std::mem::take(&mut futures) {
                        match model.waits(name) {
                            None => assert!(is_ready(&mut acquire)),
                            Some(needed) => {
                                assert!(!is_ready(&mut acquire));
                                futures.push((name, _permits, acquire));
                                assert!(needed > 0);
                            }
                        }
                    }
                }
            }
            assert_eq!(semaphore.available_permits(), model.free);
            assert_eq!(semaphore.word().has_waiters(), !model.queue.is_empty());
        }
    }
}
