//! The cell that is written once: by whom, and what becomes of those who come meanwhile.

use super::{check_async, ready, rt, waits};
use rt::sync::{OnceCell, SetError};
use rt::task::yield_now;
use std::future::pending;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use tests::tracker::Tracker;

#[test]
fn the_value_is_made_once_whoever_comes_meanwhile() {
    check_async(async || {
        let shared = Arc::new((OnceCell::new(), AtomicUsize::new(0)));
        let tasks: Vec<_> = (0..20)
            .map(|_| {
                let shared = Arc::clone(&shared);
                rt::spawn(async move {
                    let (cell, made) = &*shared;
                    let init = || async {
                        yield_now().await;
                        made.fetch_add(1, SeqCst) + 7
                    };
                    *cell.get_or_init(init).await
                })
            })
            .collect();
        for task in tasks {
            assert_eq!(task.await.unwrap(), 7);
        }
        assert_eq!((shared.0.get(), shared.1.load(SeqCst)), (Some(&7), 1));
    });
}

#[test]
fn who_fails_panics_or_gives_up_leaves_it_to_the_next() {
    check_async(async || {
        let cell = Arc::new(OnceCell::<u8>::new());
        assert_eq!(cell.get_or_try_init(|| async { Err(1) }).await, Err(1));
        let panics = rt::spawn({
            let cell = Arc::clone(&cell);
            async move {
                cell.get_or_init(|| async { panic!("on purpose") }).await;
            }
        });
        assert!(panics.await.unwrap_err().is_panic());
        let mut gives_up = Box::pin(cell.get_or_init(pending));
        assert!(waits(gives_up.as_mut()));
        let mut fails = Box::pin(cell.get_or_try_init(|| async { Err(2) }));
        let mut next = pin!(cell.get_or_init(|| async { 3 }));
        assert!(waits(fails.as_mut()) && waits(next.as_mut()));
        drop(gives_up);
        assert!(waits(next.as_mut()));
        assert_eq!(ready(fails.as_mut()), Err(2));
        assert_eq!(*ready(next), 3);
        assert_eq!(cell.get_or_try_init(|| async { Err(4) }).await, Ok(&3));
    });
}

#[test]
fn a_wait_that_is_dropped_leaves_its_turn_to_the_next() {
    check_async(async || {
        let cell = OnceCell::new();
        let mut first = Box::pin(cell.get_or_init(pending));
        let mut dropped = Box::pin(cell.get_or_init(|| async { 1 }));
        let mut next = pin!(cell.get_or_init(|| async { 2 }));
        assert!(waits(first.as_mut()) && waits(dropped.as_mut()) && waits(next.as_mut()));
        drop(first); // It is the turn of the one that is dropped now.
        drop(dropped);
        assert_eq!(*ready(next), 2);
    });
}

#[test]
fn a_value_is_stored_if_there_is_none_and_none_is_being_made() {
    check_async(async || {
        let cell = OnceCell::new();
        let mut making = Box::pin(cell.get_or_init(pending));
        assert!(waits(making.as_mut()));
        let error = cell.set(1).unwrap_err();
        assert!(error.is_initializing_err() && !error.is_already_init_err());
        assert_eq!(error, SetError::InitializingError(1));
        assert!(!error.to_string().is_empty());
        drop(making);
        let mut waiting = pin!(cell.get_or_init(pending));
        assert_eq!(cell.set(2), Ok(()));
        assert_eq!(*ready(waiting.as_mut()), 2);
        assert!(cell.set(3).unwrap_err().is_already_init_err());
        assert!(cell.initialized());
    });
}

#[test]
fn a_cell_has_its_value_in_a_constant() {
    static GIVEN: OnceCell<String> = OnceCell::const_new_with(String::new());
    check_async(async || {
        assert!(GIVEN.initialized());
        assert_eq!(GIVEN.get_or_init(|| async { "another".to_owned() }).await, "");
        assert!(GIVEN.set("another".to_owned()).unwrap_err().is_already_init_err());
        let mut cell = OnceCell::const_new_with(1);
        *cell.get_mut().unwrap() = 2;
        assert_eq!((cell.take(), cell.take()), (Some(2), None));
        assert_eq!(cell.get_or_init(|| async { 3 }).await, &3);
    });
}

#[test]
fn a_cell_is_made_with_a_value_and_gives_it_back() {
    check_async(async || {
        let tracker = Tracker::default();
        let mut cell = OnceCell::from(tracker.token());
        assert!(cell.get_mut().is_some());
        assert!(cell.take().is_some() && cell.get().is_none() && !cell.initialized());
        assert_eq!(tracker.dropped(), 1);
        assert!(cell.set(tracker.token()).is_ok());
        assert!(cell.set(tracker.token()).is_err());
        drop(cell);
        assert!(tracker.balanced());

        assert_eq!(OnceCell::new_with(Some(1)).into_inner(), Some(1));
        assert_eq!(OnceCell::<u8>::new_with(None).into_inner(), None);
        let cell = OnceCell::from(1);
        assert_eq!(
            (&cell.clone(), format!("{cell:?}")),
            (&cell, "OnceCell { value: Some(1) }".into())
        );
        assert_ne!(cell, OnceCell::default());
        assert!(cell.set(2).unwrap_err().is_already_init_err());
        static FIXED: OnceCell<u8> = OnceCell::const_new();
        assert_eq!(*FIXED.get_or_init(|| async { 3 }).await, 3);
    });
}
