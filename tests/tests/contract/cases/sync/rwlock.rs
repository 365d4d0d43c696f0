//! The lock of many readers: who reads together, who waits, and for whom.

use super::{check_async, ready, rt, waits};
use rt::sync::{
    OwnedRwLockMappedWriteGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock,
    RwLockMappedWriteGuard, RwLockReadGuard, RwLockWriteGuard,
};
use rt::task::yield_now;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

#[test]
fn many_read_and_one_writes() {
    check_async(async || {
        let lock = Arc::new(RwLock::new((0, 0)));
        let tasks: Vec<_> = (0..20)
            .map(|task| {
                let lock = Arc::clone(&lock);
                rt::spawn(async move {
                    for turn in 0..20 {
                        if (task + turn) % 5 == 0 {
                            let mut pair = lock.write().await;
                            pair.0 += 1;
                            yield_now().await;
                            pair.1 += 1;
                        } else {
                            let pair = lock.read().await;
                            let before = *pair;
                            yield_now().await;
                            assert_eq!((before, pair.0), (*pair, pair.1));
                        }
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(*lock.read().await, (80, 80));
    });
}

#[test]
fn nobody_overtakes_who_waits_and_readers_side_by_side_go_together() {
    check_async(async || {
        let lock = RwLock::new(());
        let reader = lock.try_read().unwrap();
        assert!(lock.try_read().is_ok());
        let mut writer = pin!(lock.write());
        let (mut one, mut other) = (pin!(lock.read()), pin!(lock.read()));
        let mut last = pin!(lock.write());
        assert!(waits(writer.as_mut()));
        assert!(lock.try_read().is_err() && lock.try_write().is_err(), "a writer waits");
        assert!(waits(one.as_mut()) && waits(other.as_mut()) && waits(last.as_mut()));
        drop(reader);
        assert!(waits(one.as_mut()), "the writer came first");
        drop(ready(writer));
        let guards = (ready(one), ready(other));
        assert!(waits(last.as_mut()));
        drop(guards.0);
        assert!(waits(last.as_mut()));
        drop(guards.1);
        drop(ready(last));
        assert!(lock.try_write().is_ok());
    });
}

#[test]
fn a_writer_that_gives_up_lets_those_behind_it_go_on() {
    check_async(async || {
        let lock = Arc::new(RwLock::new(()));
        let reader = lock.read().await;
        let mut writer = Box::pin(lock.write());
        let mut owned_writer = Box::pin(lock.clone().write_owned());
        let (mut one, mut other) = (pin!(lock.read()), pin!(lock.clone().read_owned()));
        assert!(waits(writer.as_mut()) && waits(owned_writer.as_mut()));
        assert!(waits(one.as_mut()) && waits(other.as_mut()));
        drop(owned_writer);
        assert!(waits(one.as_mut()));
        drop(writer);
        drop((ready(one), ready(other), reader));
        // Given to who does not look.
        let writer = lock.write().await;
        let mut read = Box::pin(lock.read());
        assert!(waits(read.as_mut()));
        drop(writer);
        drop(read);
        assert!(lock.try_write().is_ok());
    });
}

#[test]
fn no_more_read_than_the_lock_was_made_for() {
    check_async(async || {
        let lock = RwLock::with_max_readers(1, 2);
        let (one, other) = (lock.read().await, lock.try_read().unwrap());
        assert!(lock.try_read().is_err());
        let mut third = pin!(lock.read());
        assert!(waits(third.as_mut()));
        drop(one);
        assert_eq!(*ready(third), *other);
        let made = catch_unwind(|| RwLock::with_max_readers(1, u32::MAX));
        assert!(made.is_err());
    });
}

#[test]
fn who_writes_goes_on_to_read_and_nobody_writes_in_between() {
    check_async(async || {
        let lock = Arc::new(RwLock::new((1, 2)));
        let writer = lock.write().await;
        let mut other_writer = pin!(lock.write());
        assert!(waits(other_writer.as_mut()));
        let reader = writer.downgrade();
        assert!(waits(other_writer.as_mut()));
        assert_eq!(*reader, (1, 2));
        drop(reader);
        let mut writer = ready(other_writer);
        writer.1 = 3;
        let part = RwLockWriteGuard::downgrade_map(writer, |pair| &pair.1);
        let other = lock.try_read().unwrap();
        assert_eq!((*part, *other), (3, (1, 3)));
        drop((part, other));

        let writer = lock.clone().write_owned().await;
        let reader = writer.downgrade();
        assert!(lock.try_write().is_err() && lock.try_read().is_ok());
        drop(reader);
        let writer = lock.clone().try_write_owned().unwrap();
        let Err(writer) = OwnedRwLockWriteGuard::try_downgrade_map(writer, |_| None::<&u8>) else {
            panic!("there is no part")
        };
        assert!(lock.try_read().is_err(), "it still writes");
        let part = OwnedRwLockWriteGuard::downgrade_map(writer, |pair| &pair.1);
        assert_eq!((*part, lock.try_read().unwrap().0), (3, 1));
    });
}

#[test]
fn guards_are_made_ones_of_a_part() {
    check_async(async || {
        let lock = RwLock::new((1, String::from("one")));
        let read = RwLockReadGuard::map(lock.read().await, |pair| &pair.1);
        let Err(read) = RwLockReadGuard::try_map(read, |_| None::<&u8>) else {
            panic!("there is no part")
        };
        let read: RwLockReadGuard<'_, str> = RwLockReadGuard::map(read, |name| &**name);
        assert_eq!(format!("{read} {read:?}"), "one \"one\"");
        drop(read);
        let write = RwLockWriteGuard::into_mapped(lock.try_write().unwrap());
        let mut number = RwLockMappedWriteGuard::map(write, |pair| &mut pair.0);
        *number += 1;
        assert!(lock.try_read().is_err());
        drop(number);
        let write = lock.try_write().unwrap();
        let Err(write) = RwLockWriteGuard::try_map(write, |_| None::<&mut u8>) else {
            panic!("there is no part")
        };
        let Err(write) = RwLockWriteGuard::try_downgrade_map(write, |_| None::<&u8>) else {
            panic!("there is no part")
        };
        let name = RwLockWriteGuard::map(write, |pair| &mut pair.1);
        let Err(name) = RwLockMappedWriteGuard::try_map(name, |_| None::<&mut u8>) else {
            panic!("there is no part")
        };
        assert_eq!(&*name, "one");
        drop(name);
        let mapped = catch_unwind(AssertUnwindSafe(|| {
            let write = lock.try_write().unwrap();
            drop(RwLockWriteGuard::map(write, |_| -> &mut u8 { panic!("on purpose") }));
        }));
        assert!(mapped.is_err());
        assert_eq!(*lock.try_write().unwrap(), (2, "one".to_owned()));
    });
}

#[test]
fn owned_guards_are_made_ones_of_a_part() {
    check_async(async || {
        let lock = Arc::new(RwLock::new((1, [2, 3])));
        let read = lock.clone().try_read_owned().unwrap();
        assert!(Arc::ptr_eq(OwnedRwLockReadGuard::rwlock(&read), &lock));
        let read = OwnedRwLockReadGuard::map(read, |pair| &pair.1);
        let Err(read) = OwnedRwLockReadGuard::try_map(read, |_| None::<&u8>) else {
            panic!("there is no part")
        };
        assert_eq!(*read, [2, 3]);
        assert!(lock.clone().try_write_owned().is_err());
        drop(read);
        let write = lock.clone().write_owned().await;
        assert!(Arc::ptr_eq(OwnedRwLockWriteGuard::rwlock(&write), &lock));
        let Err(write) = OwnedRwLockWriteGuard::try_map(write, |_| None::<&mut u8>) else {
            panic!("there is no part")
        };
        let write = OwnedRwLockWriteGuard::map(write, |pair| &mut pair.1);
        assert!(Arc::ptr_eq(OwnedRwLockMappedWriteGuard::rwlock(&write), &lock));
        let Err(write) = OwnedRwLockMappedWriteGuard::try_map(write, |_| None::<&mut u8>) else {
            panic!("there is no part")
        };
        *OwnedRwLockMappedWriteGuard::map(write, |numbers| &mut numbers[1]) += 1;
        let whole = OwnedRwLockWriteGuard::into_mapped(lock.clone().try_write_owned().unwrap());
        assert_eq!(*whole, (1, [2, 4]));
        assert!(lock.try_read().is_err());
        drop(whole);
        assert!(lock.clone().read_owned().await.1[1] == 4);
    });
}

#[test]
fn who_has_the_lock_to_itself_needs_no_guard() {
    check_async(async || {
        let mut lock = RwLock::from(1);
        *lock.get_mut() += 1;
        assert_eq!(format!("{lock:?}"), "RwLock { data: 2 }");
        let guard = lock.write().await;
        assert_eq!(format!("{lock:?}"), "RwLock { data: <locked> }");
        drop(guard);
        assert_eq!(lock.into_inner(), 2);
        assert_eq!(*RwLock::<u8>::default().read().await, 0);
        static FIXED: RwLock<u8> = RwLock::const_new(3);
        assert_eq!(*FIXED.read().await, 3);
    });
}

#[test]
fn a_thread_may_block_for_the_lock() {
    check_async(async || {
        let lock = Arc::new(RwLock::new(1));
        let guard = lock.read().await;
        let call = rt::task::spawn_blocking({
            let lock = Arc::clone(&lock);
            move || {
                *lock.blocking_write() += 1;
                *lock.blocking_read()
            }
        });
        yield_now().await;
        assert_eq!(*guard, 1);
        drop(guard);
        assert_eq!(call.await.unwrap(), 2);
    });
}

#[test]
fn nothing_is_lost_when_waits_are_given_up() {
    check_async(async || {
        let lock = Arc::new(RwLock::with_max_readers(0, 5));
        let tasks: Vec<_> = (0..8_u64)
            .map(|task| {
                let lock = Arc::clone(&lock);
                rt::spawn(async move {
                    for turn in 0..200 {
                        let limit = Duration::from_micros((task + turn) % 5 * 20);
                        if turn % 3 == 0 {
                            let guard = rt::time::timeout(limit, lock.write()).await;
                            yield_now().await;
                            drop(guard);
                        } else {
                            let guard = rt::time::timeout(limit, lock.read()).await;
                            yield_now().await;
                            drop(guard);
                        }
                    }
                    *lock.write().await += 1;
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(*lock.try_write().unwrap(), 8);
    });
}

#[test]
fn a_lock_has_room_for_one_reader_at_least() {
    check_async(async || {
        assert!(catch_unwind(|| RwLock::with_max_readers((), 0)).is_err(), "who would be alone?");
        let lock = RwLock::with_max_readers((), 1);
        let writer = lock.try_write().unwrap();
        assert!(lock.try_write().is_err() && lock.try_read().is_err());
        drop(writer.downgrade());
        assert!(lock.try_write().is_ok());
    });
}

#[test]
fn a_value_may_be_of_any_size() {
    check_async(async || {
        let slice: Arc<RwLock<[u8]>> = Arc::new(RwLock::new([1, 2, 3]));
        slice.write().await[2] = 4;
        assert_eq!(*slice.clone().read_owned().await, [1, 2, 4]);
        let object: Box<RwLock<dyn ToString + Send + Sync>> = Box::new(RwLock::new(5));
        assert_eq!(object.read().await.to_string(), "5");
    });
}
