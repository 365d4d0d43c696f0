//! The barrier: nobody goes on before all have come.

use super::{check_async, ready, rt, waits};
use rt::sync::Barrier;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

#[test]
fn nobody_goes_on_before_all_have_come_round_after_round() {
    check_async(async || {
        let shared = Arc::new((Barrier::new(5), AtomicUsize::new(0)));
        let tasks: Vec<_> = (0..5)
            .map(|_| {
                let shared = Arc::clone(&shared);
                rt::spawn(async move {
                    let (barrier, came) = &*shared;
                    let mut led = 0;
                    for round in 0..100 {
                        came.fetch_add(1, SeqCst);
                        let result = barrier.wait().await;
                        let came = came.load(SeqCst);
                        assert!(came >= 5 * (round + 1) && came < 5 * (round + 2));
                        led += u32::from(result.is_leader());
                    }
                    led
                })
            })
            .collect();
        let mut led = 0;
        for task in tasks {
            led += task.await.unwrap();
        }
        assert_eq!(led, 100, "one leads in each round");
    });
}

#[test]
fn the_last_to_come_leads() {
    check_async(async || {
        let barrier = Barrier::new(3);
        let (mut one, mut two) = (pin!(barrier.wait()), pin!(barrier.wait()));
        assert!(waits(one.as_mut()) && waits(two.as_mut()) && waits(one.as_mut()));
        assert!(ready(pin!(barrier.wait())).is_leader());
        // The next round begins before those of the last have gone on.
        let mut next = pin!(barrier.wait());
        assert!(waits(next.as_mut()));
        assert!(!ready(one).is_leader() && !ready(two).is_leader());
        assert!(waits(next));
    });
}

#[test]
fn a_barrier_of_none_or_one_holds_nobody_up() {
    check_async(async || {
        for size in [0, 1] {
            let barrier = Barrier::new(size);
            assert!(barrier.wait().await.is_leader() && barrier.wait().await.is_leader());
        }
    });
}

#[test]
fn who_gives_up_stays_counted_and_who_never_was_polled_is_not() {
    check_async(async || {
        let barrier = Barrier::new(2);
        drop(barrier.wait());
        let mut gives_up = Box::pin(barrier.wait());
        assert!(waits(gives_up.as_mut()));
        drop(gives_up);
        assert!(ready(pin!(barrier.wait())).is_leader());
    });
}
