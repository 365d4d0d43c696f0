//! `signal`: each listener hears each signal that comes after it was made.
//!
//! The cases share a process, on every runtime at once: they take turns, and use signals that are
//! ignored, or do nothing once a listener was made.

use super::{builder, check, rt, yield_times};
use futures::FutureExt;
use rt::signal::unix::{Signal, SignalKind, signal};
use signal_hook::consts::{SIGKILL, SIGSEGV};
use signal_hook::low_level::raise;
use std::future::poll_fn;
use std::time::Duration;
use tests::turn::turn;

const KIND: SignalKind = SignalKind::user_defined1();

fn check_in_turn(body: impl AsyncFnOnce() + Send + 'static) {
    check(|rt| {
        let _turn = turn();
        rt.block_on(body());
    });
}

/// Sends a signal to this process. Handlers have run when it returns.
fn send(kind: SignalKind) {
    raise(kind.as_raw_value()).unwrap();
}

#[test]
fn a_signal_reaches_who_waits() {
    check_in_turn(async || {
        let mut signals = signal(KIND).unwrap();
        let waiter = rt::spawn(async move { signals.recv().await });
        yield_times(3).await;
        send(KIND);
        assert_eq!(waiter.await.unwrap(), Some(()));
    });
}

#[test]
fn a_signal_that_comes_first_is_kept() {
    check_in_turn(async || {
        let mut signals = signal(KIND).unwrap();
        send(KIND);
        assert_eq!(signals.recv().await, Some(()));
        assert!(signals.recv().now_or_never().is_none(), "and told of once");
    });
}

#[test]
fn several_signals_that_nobody_takes_are_one() {
    check_in_turn(async || {
        let mut signals = signal(KIND).unwrap();
        // More than one read of a pipe takes.
        (0..200).for_each(|_| send(KIND));
        assert_eq!(signals.recv().await, Some(()));
        // Another thread may have told of the first before the last had come.
        let mut more = 0;
        while rt::time::timeout(Duration::from_millis(5), signals.recv()).await.is_ok() {
            more += 1;
        }
        assert!(more < 100, "{more}");
        send(KIND);
        assert_eq!(signals.recv().await, Some(()));
    });
}

/// Sees that no signal is left. The driver must have had the chance to tell of one.
async fn settled(signals: &mut Signal) {
    rt::time::sleep(Duration::from_millis(5)).await;
    assert!(signals.recv().now_or_never().is_none());
}

#[test]
fn every_listener_hears_every_signal() {
    check_in_turn(async || {
        let mut listeners: Vec<_> = (0..5).map(|_| signal(KIND).unwrap()).collect();
        for _ in 0..3 {
            send(KIND);
            for listener in &mut listeners {
                assert_eq!(listener.recv().await, Some(()));
            }
        }
        drop(listeners.pop());
        send(KIND);
        for listener in &mut listeners {
            assert_eq!(listener.recv().await, Some(()));
        }
    });
}

#[test]
fn every_runtime_hears_every_signal() {
    check(|one| {
        let _turn = turn();
        let two = builder().build().unwrap();
        let mut of_one = one.block_on(async { signal(KIND).unwrap() });
        let mut of_two = two.block_on(async { signal(KIND).unwrap() });
        send(KIND);
        assert_eq!(one.block_on(of_one.recv()), Some(()));
        assert_eq!(two.block_on(of_two.recv()), Some(()));
        drop(one);
        send(KIND);
        assert_eq!(two.block_on(of_two.recv()), Some(()));
    });
}

#[test]
fn a_listener_hears_nothing_that_came_before_it_nor_of_another_kind() {
    check_in_turn(async || {
        let mut first = signal(KIND).unwrap();
        send(KIND);
        first.recv().await;
        let mut late = signal(KIND).unwrap();
        let mut other = signal(SignalKind::user_defined2()).unwrap();
        send(SignalKind::user_defined2());
        assert_eq!(other.recv().await, Some(()));
        settled(&mut late).await;
        settled(&mut first).await;
    });
}

#[test]
fn a_wait_dropped_in_time_loses_no_signal() {
    check_in_turn(async || {
        let mut signals = signal(KIND).unwrap();
        for _ in 0..20 {
            assert!(signals.recv().now_or_never().is_none());
            send(KIND);
            assert_eq!(poll_fn(|cx| signals.poll_recv(cx)).await, Some(()));
        }
    });
}

#[test]
fn a_signal_without_a_listener_left_does_not_end_the_process() {
    check_in_turn(async || {
        drop(signal(KIND).unwrap());
        send(KIND);
        let mut signals = signal(KIND).unwrap();
        send(KIND);
        assert_eq!(signals.recv().await, Some(()));
    });
}

#[test]
fn ctrl_c_is_waited_for() {
    check_in_turn(async || {
        // It hears signals from its first poll on. Another listener keeps the process alive.
        let _interrupt = signal(SignalKind::interrupt()).unwrap();
        let mut pressed = std::pin::pin!(rt::signal::ctrl_c());
        assert!(pressed.as_mut().now_or_never().is_none());
        send(SignalKind::interrupt());
        pressed.await.unwrap();
    });
}

#[test]
fn signals_that_cannot_be_waited_for_are_refused() {
    check_in_turn(async || {
        for number in [SIGKILL, SIGSEGV, -1, 9999] {
            assert!(signal(SignalKind::from_raw(number)).is_err(), "{number}");
        }
        assert_eq!(SignalKind::terminate().as_raw_value(), 15);
        assert_eq!(i32::from(SignalKind::hangup()), 1);
    });
}
