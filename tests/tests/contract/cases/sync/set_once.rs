//! A value that is set once, and waited for.

use super::rt;
use futures::FutureExt;
use rt::sync::{SetOnce, SetOnceError};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::thread;
use tests::wait::{WakeCount, wait};

#[test]
fn the_first_value_stays_and_others_are_handed_back() {
    let cell = SetOnce::new();
    assert!(!cell.initialized() && cell.get().is_none());
    assert_eq!(cell.set(1), Ok(()));
    assert_eq!(cell.set(2), Err(SetOnceError(2)));
    assert!(cell.initialized());
    assert_eq!((cell.get(), wait(cell.wait())), (Some(&1), &1));
    assert_eq!(cell.into_inner(), Some(1));
    assert_eq!(SetOnce::new_with(Some(3)), SetOnce::from(3));
    assert_eq!(SetOnce::<i32>::default(), SetOnce::const_new());
    assert_eq!(SetOnce::from(4).clone(), SetOnce::new_with(Some(4)));
}

#[test]
fn a_cell_has_its_value_in_a_constant() {
    static GIVEN: SetOnce<u32> = SetOnce::const_new_with(7);
    assert_eq!(
        (GIVEN.get(), GIVEN.set(8), wait(GIVEN.wait())),
        (Some(&7), Err(SetOnceError(8)), &7)
    );
}

#[test]
fn all_who_wait_are_woken_and_who_has_left_is_not() {
    let cell = SetOnce::new();
    let ((left, left_waker), (stays, stays_waker)) = (WakeCount::new(), WakeCount::new());
    let mut waits = pin!(cell.wait());
    {
        let mut leaves = pin!(cell.wait());
        assert!(leaves.as_mut().poll(&mut Context::from_waker(&left_waker)).is_pending());
        assert!(waits.as_mut().poll(&mut Context::from_waker(&stays_waker)).is_pending());
    }
    let mut other = pin!(cell.wait());
    assert!(other.as_mut().now_or_never().is_none());
    cell.set(7).unwrap();
    assert_eq!((left.get(), stays.get()), (0, 1));
    assert_eq!(waits.poll(&mut Context::from_waker(&stays_waker)), Poll::Ready(&7));
    assert_eq!(other.now_or_never(), Some(&7));
}

#[test]
fn no_thread_waits_for_a_value_that_is_there() {
    for round in 0..200 {
        let cell = Arc::new(SetOnce::new());
        let waiting = [0, 1].map(|_| {
            let cell = Arc::clone(&cell);
            thread::spawn(move || *wait(cell.wait()))
        });
        cell.set(round).unwrap();
        for thread in waiting {
            assert_eq!(thread.join().unwrap(), round);
        }
    }
}
