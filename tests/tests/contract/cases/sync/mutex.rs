//! The mutex: one at a time, in order, whatever becomes of a guard or a wait.

use super::{check_async, ready, rt, waits, yield_until};
use rt::sync::{MappedMutexGuard, Mutex, MutexGuard, OwnedMappedMutexGuard, OwnedMutexGuard};
use rt::task::yield_now;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;
use tests::tracker::Tracker;

#[test]
fn one_at_a_time_is_in_the_lock_across_awaits() {
    check_async(async || {
        let mutex = Arc::new(Mutex::new(0));
        let tasks: Vec<_> = (0..20)
            .map(|task| {
                let mutex = Arc::clone(&mutex);
                rt::spawn(async move {
                    for turn in 0..20 {
                        if (task + turn) % 2 == 0 {
                            let mut guard = mutex.lock().await;
                            let before = *guard;
                            yield_now().await;
                            *guard = before + 1;
                        } else {
                            let mut guard = mutex.clone().lock_owned().await;
                            let before = *guard;
                            yield_now().await;
                            *guard = before + 1;
                        }
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(*mutex.lock().await, 400);
    });
}

#[test]
fn the_lock_is_given_in_the_order_of_the_first_polls() {
    check_async(async || {
        let mutex = Mutex::new(());
        let held = mutex.try_lock().unwrap();
        let (mut first, mut second) = (Box::pin(mutex.lock()), Box::pin(mutex.lock()));
        assert!(waits(first.as_mut()) && waits(second.as_mut()));
        let error = mutex.try_lock().unwrap_err();
        assert!(!error.to_string().is_empty());
        drop(held);
        assert!(mutex.try_lock().is_err(), "it is the first's, who has not looked yet");
        assert!(waits(second.as_mut()));
        let guard = ready(first.as_mut());
        assert!(waits(second.as_mut()));
        drop(guard);
        drop(ready(second.as_mut()));
        assert!(mutex.try_lock().is_ok());
    });
}

#[test]
fn a_wait_that_is_dropped_gives_the_lock_on() {
    check_async(async || {
        let mutex = Arc::new(Mutex::new(()));
        for dropped in 0..3 {
            let held = mutex.try_lock().unwrap();
            let mut waiting: Vec<_> = (0..3).map(|_| Some(Box::pin(mutex.lock()))).collect();
            assert!(waiting.iter_mut().flatten().all(|wait| waits(wait.as_mut())));
            if dropped == 0 {
                drop(held); // The first has been given the lock, and does not look.
                waiting[dropped] = None;
            } else {
                waiting[dropped] = None;
                drop(held);
            }
            for wait in waiting.iter_mut().flatten() {
                drop(ready(wait.as_mut()));
            }
        }
        assert!(mutex.try_lock().is_ok());
        let mut owned = Box::pin(mutex.clone().lock_owned());
        let held = mutex.try_lock().unwrap();
        assert!(waits(owned.as_mut()));
        drop(held);
        drop(owned);
        assert!(mutex.try_lock().is_ok());
    });
}

#[test]
fn a_guard_is_made_one_of_a_part() {
    check_async(async || {
        let mutex = Mutex::new((1, String::from("one")));
        let guard = MutexGuard::map(mutex.lock().await, |pair| &mut pair.1);
        let guard = MappedMutexGuard::map(guard, |name| name);
        assert_eq!(
            (guard.as_str(), format!("{guard} {guard:?}")),
            ("one", "one \"one\"".to_owned())
        );
        assert!(mutex.try_lock().is_err());
        let Err(mut guard) = MappedMutexGuard::try_map(guard, |_| None::<&mut u8>) else {
            panic!("there is no part")
        };
        guard.make_ascii_uppercase();
        drop(guard);
        let guard = mutex.try_lock().unwrap();
        assert!(std::ptr::eq(MutexGuard::mutex(&guard), &mutex));
        let Err(guard) = MutexGuard::try_map(guard, |_| None::<&mut u8>) else {
            panic!("there is no part")
        };
        assert_eq!(*guard, (1, "ONE".to_owned()));
        let number = MutexGuard::try_map(guard, |pair| Some(&mut pair.0)).ok().unwrap();
        assert_eq!(*number, 1);
        drop(number);
        assert!(mutex.try_lock().is_ok());
    });
}

#[test]
fn an_owned_guard_is_made_one_of_a_part_and_keeps_the_value() {
    check_async(async || {
        let tracker = Tracker::default();
        let mutex = Arc::new(Mutex::new((tracker.token(), [1, 2])));
        let guard = mutex.clone().try_lock_owned().unwrap();
        assert!(Arc::ptr_eq(OwnedMutexGuard::mutex(&guard), &mutex));
        assert!(mutex.clone().try_lock_owned().is_err());
        drop(mutex);
        let Err(guard) = OwnedMutexGuard::try_map(guard, |_| None::<&mut u8>) else {
            panic!("there is no part")
        };
        let guard = OwnedMutexGuard::map(guard, |pair| &mut pair.1);
        let Err(guard) = OwnedMappedMutexGuard::try_map(guard, |_| None::<&mut u8>) else {
            panic!("there is no part")
        };
        let mut last = OwnedMappedMutexGuard::map(guard, |numbers| &mut numbers[1]);
        *last += 1;
        assert_eq!((*last, tracker.dropped()), (3, 0));
        drop(last);
        assert_eq!(tracker.dropped(), 1);
    });
}

#[test]
fn a_panic_frees_the_lock_and_poisons_nothing() {
    check_async(async || {
        let mutex = Arc::new(Mutex::new(1));
        let task = rt::spawn({
            let mutex = Arc::clone(&mutex);
            async move {
                let mut guard = mutex.lock().await;
                *guard = 2;
                panic!("on purpose");
            }
        });
        assert!(task.await.unwrap_err().is_panic());
        assert_eq!(*mutex.lock().await, 2);
        let guard = mutex.try_lock().unwrap();
        let mapped = catch_unwind(AssertUnwindSafe(|| {
            drop(MutexGuard::map(guard, |_| -> &mut u8 { panic!("on purpose") }));
        }));
        assert!(mapped.is_err());
        assert!(mutex.try_lock().is_ok());
    });
}

#[test]
fn who_has_the_lock_to_itself_needs_no_guard() {
    check_async(async || {
        let mut mutex = Mutex::from(1);
        *mutex.get_mut() += 1;
        assert_eq!(format!("{mutex:?}"), "Mutex { data: 2 }");
        let guard = mutex.lock().await;
        assert_eq!(format!("{mutex:?}"), "Mutex { data: <locked> }");
        drop(guard);
        assert_eq!(mutex.into_inner(), 2);
        assert_eq!(*Mutex::<u8>::default().lock().await, 0);
        let unsized_value: Arc<Mutex<[u8]>> = Arc::new(Mutex::new([1, 2]));
        assert_eq!(unsized_value.clone().lock_owned().await.len(), 2);
        static FIXED: Mutex<u8> = Mutex::const_new(3);
        assert_eq!(*FIXED.lock().await, 3);
    });
}

#[test]
fn a_thread_may_block_for_the_lock() {
    check_async(async || {
        let mutex = Arc::new(Mutex::new(Vec::new()));
        let guard = mutex.lock().await;
        let call = rt::task::spawn_blocking({
            let mutex = Arc::clone(&mutex);
            move || {
                mutex.blocking_lock().push(2);
                mutex.blocking_lock_owned().push(3);
            }
        });
        let mut guard = guard;
        yield_now().await;
        guard.push(1);
        drop(guard);
        call.await.unwrap();
        assert_eq!(*mutex.lock().await, [1, 2, 3]);
    });
}

#[test]
fn the_lock_is_not_lost_when_waits_are_given_up() {
    check_async(async || {
        let mutex = Arc::new(Mutex::new(0));
        let tasks: Vec<_> = (0..8_u64)
            .map(|task| {
                let mutex = Arc::clone(&mutex);
                rt::spawn(async move {
                    for turn in 0..200 {
                        let limit = Duration::from_micros((task + turn) % 5 * 20);
                        let guard = rt::time::timeout(limit, mutex.lock()).await;
                        yield_now().await;
                        drop(guard);
                    }
                    *mutex.lock().await += 1;
                })
            })
            .collect();
        yield_until(|| tasks.iter().all(rt::task::JoinHandle::is_finished)).await;
        assert_eq!(*mutex.try_lock().unwrap(), 8);
    });
}

#[test]
fn a_value_may_be_of_any_size() {
    check_async(async || {
        let slice: Arc<Mutex<[u8]>> = Arc::new(Mutex::new([1, 2, 3]));
        slice.lock().await[2] = 4;
        assert_eq!(*slice.clone().lock_owned().await, [1, 2, 4]);
        let object: Box<Mutex<dyn ToString + Send>> = Box::new(Mutex::new(5));
        assert_eq!(object.lock().await.to_string(), "5");
    });
}
