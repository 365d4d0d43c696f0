//! Permits: who gets them, and that none is lost.

use super::{check_async, ready, rt, waits};
use rt::sync::{Semaphore, TryAcquireError};
use rt::task::yield_now;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

#[test]
fn no_more_go_on_at_a_time_than_there_are_permits() {
    check_async(async || {
        let semaphore = Arc::new(Semaphore::new(3));
        let (inside, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let tasks: Vec<_> = (0..50)
            .map(|_| {
                let (semaphore, inside) = (Arc::clone(&semaphore), Arc::clone(&inside));
                let most = Arc::clone(&most);
                rt::spawn(async move {
                    let permit = semaphore.acquire().await.unwrap();
                    most.fetch_max(inside.fetch_add(1, SeqCst) + 1, SeqCst);
                    yield_now().await;
                    inside.fetch_sub(1, SeqCst);
                    drop(permit);
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert!((1..=3).contains(&most.load(SeqCst)));
        assert_eq!(semaphore.available_permits(), 3);
    });
}

#[test]
fn permits_are_given_in_the_order_of_the_first_polls_and_nobody_overtakes() {
    check_async(async || {
        let semaphore = Semaphore::new(2);
        let mut many = pin!(semaphore.acquire_many(4));
        let mut one = pin!(semaphore.acquire());
        let late = semaphore.acquire();
        assert!(waits(many.as_mut()) && waits(one.as_mut()));
        assert_eq!(semaphore.available_permits(), 0, "the first gathers what is there");
        assert_eq!(semaphore.try_acquire().err(), Some(TryAcquireError::NoPermits));
        semaphore.add_permits(1);
        assert!(waits(many.as_mut()) && waits(one.as_mut()));
        semaphore.add_permits(2);
        assert_eq!(ready(one).unwrap().num_permits(), 1);
        assert!(semaphore.try_acquire().is_ok(), "given back when the guard was dropped");
        assert_eq!(ready(many).unwrap().num_permits(), 4);
        assert_eq!(ready(pin!(late)).unwrap().num_permits(), 1);
        assert_eq!(semaphore.available_permits(), 5);
    });
}

#[test]
fn a_wait_that_is_dropped_gives_on_what_it_had_gathered() {
    check_async(async || {
        let semaphore = Semaphore::new(2);
        let mut first = Box::pin(semaphore.acquire_many(3));
        let mut second = pin!(semaphore.acquire_many(2));
        assert!(waits(first.as_mut()) && waits(second.as_mut()));
        drop(first);
        assert_eq!(ready(second).unwrap().num_permits(), 2);
        assert_eq!(semaphore.available_permits(), 2);
        // Granted, but never polled again.
        let held = semaphore.try_acquire_many(2).unwrap();
        let mut granted = Box::pin(semaphore.acquire_many(2));
        assert!(waits(granted.as_mut()));
        drop(held);
        assert_eq!(semaphore.available_permits(), 0);
        drop(granted);
        assert_eq!(semaphore.available_permits(), 2);
        // One in the middle.
        let held = semaphore.try_acquire_many(2).unwrap();
        let mut waiting: Vec<_> = (0..3).map(|_| Box::pin(semaphore.acquire())).collect();
        assert!(waiting.iter_mut().all(|wait| waits(wait.as_mut())));
        drop(waiting.remove(1));
        drop(held);
        assert!(waiting.iter_mut().all(|wait| ready(wait.as_mut()).is_ok()));
    });
}

#[test]
fn no_permits_are_always_there() {
    check_async(async || {
        let semaphore = Semaphore::new(0);
        assert_eq!(ready(pin!(semaphore.acquire_many(0))).unwrap().num_permits(), 0);
        let mut waiting = pin!(semaphore.acquire());
        assert!(waits(waiting.as_mut()));
        assert!(ready(pin!(semaphore.acquire_many(0))).is_ok());
        assert!(semaphore.try_acquire_many(0).is_ok());
        semaphore.close();
        assert!(ready(pin!(semaphore.acquire_many(0))).is_err());
    });
}

#[test]
fn a_close_is_for_all_who_wait_and_for_all_who_come() {
    check_async(async || {
        let semaphore = Arc::new(Semaphore::new(2));
        let held = semaphore.clone().try_acquire_many_owned(2).unwrap();
        let tasks: Vec<_> = (0..5)
            .map(|_| {
                let semaphore = Arc::clone(&semaphore);
                rt::spawn(async move { semaphore.acquire().await.is_err() })
            })
            .collect();
        yield_now().await;
        let mut partly = pin!(semaphore.acquire_many(2));
        assert!(waits(partly.as_mut()));
        assert!(!semaphore.is_closed());
        semaphore.close();
        semaphore.close();
        assert!(semaphore.is_closed());
        let error = ready(partly).unwrap_err();
        assert!(!error.to_string().is_empty());
        for task in tasks {
            assert!(task.await.unwrap());
        }
        assert_eq!(semaphore.try_acquire().err(), Some(TryAcquireError::Closed));
        assert!(semaphore.clone().acquire_owned().await.is_err());
        assert_eq!(held.num_permits(), 2);
        drop(held);
        assert_eq!(semaphore.available_permits(), 2);
        assert_eq!(semaphore.try_acquire().err(), Some(TryAcquireError::Closed));
        semaphore.add_permits(1);
        assert_eq!(semaphore.forget_permits(2), 2);
        assert_eq!(semaphore.available_permits(), 1);
    });
}

#[test]
fn who_was_granted_a_permit_and_sees_it_after_the_close_is_sent_away() {
    check_async(async || {
        let semaphore = Semaphore::new(0);
        {
            let mut granted = pin!(semaphore.acquire());
            let mut partly = pin!(semaphore.acquire_many(2));
            assert!(waits(granted.as_mut()) && waits(partly.as_mut()));
            semaphore.add_permits(2);
            semaphore.close();
            assert!(ready(granted).is_err() && ready(partly).is_err());
        }
        assert_eq!(semaphore.available_permits(), 2);
    });
}

#[test]
fn permits_are_split_merged_and_forgotten() {
    check_async(async || {
        let semaphore = Arc::new(Semaphore::new(10));
        let mut permit = semaphore.acquire_many(6).await.unwrap();
        assert!(permit.split(7).is_none());
        let part = permit.split(2).unwrap();
        assert_eq!((permit.num_permits(), part.num_permits()), (4, 2));
        assert!(std::ptr::eq(part.semaphore(), &*semaphore));
        permit.merge(part);
        assert_eq!((permit.num_permits(), semaphore.available_permits()), (6, 4));
        permit.split(1).unwrap().forget();
        drop(permit);
        assert_eq!(semaphore.available_permits(), 9);

        let mut owned = semaphore.clone().acquire_many_owned(6).await.unwrap();
        let part = owned.split(2).unwrap();
        assert!(Arc::ptr_eq(part.semaphore(), &semaphore));
        owned.merge(part);
        owned.split(1).unwrap().forget();
        assert_eq!(owned.num_permits(), 5);
        drop(owned);
        assert_eq!(semaphore.available_permits(), 8);

        let other = Semaphore::new(1);
        let mut mine = semaphore.try_acquire().unwrap();
        let foreign = other.try_acquire().unwrap();
        assert!(catch_unwind(AssertUnwindSafe(|| mine.merge(foreign))).is_err());
        drop(mine);
        assert_eq!((semaphore.available_permits(), other.available_permits()), (8, 1));
    });
}

#[test]
fn permits_are_added_and_taken_away() {
    check_async(async || {
        let semaphore = Semaphore::new(1);
        let mut waiting = pin!(semaphore.acquire_many(3));
        assert!(waits(waiting.as_mut()));
        assert_eq!(semaphore.forget_permits(1), 0, "what is gathered is not free");
        semaphore.add_permits(0);
        semaphore.add_permits(5);
        assert!(ready(waiting).is_ok());
        assert_eq!(semaphore.forget_permits(4), 4);
        assert_eq!(semaphore.available_permits(), 2);
        assert_eq!(semaphore.forget_permits(0), 0);
        assert_eq!(semaphore.forget_permits(9), 2);
        for (made, added) in [(1, Semaphore::MAX_PERMITS), (0, usize::MAX)] {
            let semaphore = Semaphore::new(made);
            assert!(catch_unwind(AssertUnwindSafe(|| semaphore.add_permits(added))).is_err());
        }
        assert!(catch_unwind(|| Semaphore::new(Semaphore::MAX_PERMITS + 1)).is_err());
        Semaphore::new(0).add_permits(Semaphore::MAX_PERMITS);
    });
}

#[test]
fn a_thread_may_block_for_permits() {
    check_async(async || {
        let semaphore = Arc::new(Semaphore::new(0));
        let calls = [1, 2].map(|permits| {
            let semaphore = Arc::clone(&semaphore);
            rt::task::spawn_blocking(move || {
                if permits == 1 {
                    return semaphore.blocking_acquire().unwrap().num_permits();
                }
                drop(semaphore.blocking_acquire_many(permits).unwrap());
                drop(semaphore.clone().blocking_acquire_owned().unwrap());
                semaphore.blocking_acquire_many_owned(permits).unwrap().num_permits()
            })
        });
        semaphore.add_permits(2);
        for (call, permits) in calls.into_iter().zip([1, 2]) {
            assert_eq!(call.await.unwrap(), permits);
        }
        assert_eq!(semaphore.available_permits(), 2);
    });
}

/// Every second wait is given up, at whatever moment that is.
#[test]
fn no_permit_is_lost_when_waits_are_given_up() {
    check_async(async || {
        let semaphore = Arc::new(Semaphore::new(4));
        let tasks: Vec<_> = (0..8_u32)
            .map(|task| {
                let semaphore = Arc::clone(&semaphore);
                rt::spawn(async move {
                    for turn in 0..200 {
                        let permits = 1 + (task + turn) % 4;
                        let acquire = semaphore.acquire_many(permits);
                        if turn % 2 == 0 {
                            let limit = Duration::from_micros(u64::from(turn % 5) * 20);
                            let permit = rt::time::timeout(limit, acquire).await;
                            yield_now().await;
                            drop(permit);
                        } else {
                            let permit = acquire.await.unwrap();
                            yield_now().await;
                            drop(permit);
                        }
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(semaphore.available_permits(), 4);
        assert!(semaphore.try_acquire_many(4).is_ok());
    });
}

#[test]
#[cfg(target_pointer_width = "64")]
fn one_permit_may_be_more_than_can_be_asked_for_at_once() {
    check_async(async || {
        let all = 2 * usize::try_from(u32::MAX).unwrap();
        let semaphore = Semaphore::new(all);
        let mut half = semaphore.try_acquire_many(u32::MAX).unwrap();
        half.merge(semaphore.try_acquire_many(u32::MAX).unwrap());
        assert_eq!((half.num_permits(), semaphore.available_permits()), (all, 0));
        let most = half.split(all - 1).unwrap();
        assert_eq!((most.num_permits(), half.num_permits()), (all - 1, 1));
        drop((half, most));
        assert_eq!(semaphore.available_permits(), all);
    });
}
