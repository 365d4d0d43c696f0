//! A paused clock beside threads that it does not know.

use super::runner::explore;
use crate::primitive::thread;
use crate::runtime::{Builder, Handle, Runtime};
use crate::task::spawn_blocking;
use crate::time::{Duration, Instant, advance, resume, sleep, timeout};
use futures::channel::oneshot;

const HOUR: Duration = Duration::from_secs(3600);

fn paused() -> Runtime {
    let built = Builder::new_current_thread().start_paused(true).build();
    built.expect("nothing is asked of the operating system")
}

/// Nor does it stand for ever after the call has ended: shuttle would report a deadlock.
#[test]
fn shuttle_no_time_limit_overtakes_a_blocking_call() {
    explore(|| {
        paused().block_on(async {
            let start = Instant::now();
            for number in 0..3 {
                let call = timeout(HOUR, spawn_blocking(move || number)).await;
                assert_eq!(call.expect("time stands").expect("no panic"), number);
            }
            drop(spawn_blocking(|| {}));
            assert_eq!(start.elapsed(), Duration::ZERO);
            sleep(HOUR).await;
            assert_eq!(start.elapsed(), HOUR);
        });
    });
}

#[test]
fn shuttle_other_threads_move_a_clock_while_its_runtime_sleeps() {
    explore(|| {
        paused().block_on(async {
            let start = Instant::now();
            let (tell, told) = oneshot::channel();
            let call = spawn_blocking(|| {
                Handle::current().block_on(advance(HOUR));
                resume();
                // Holds the clock until the sleep has ended.
                crate::block_on::block_on(told).expect("it is told");
            });
            sleep(HOUR + Duration::from_millis(5)).await;
            tell.send(()).expect("it waits");
            call.await.expect("no panic");
            assert!(start.elapsed() >= HOUR);
        });
    });
}

#[test]
fn shuttle_a_wake_from_outside_comes_through_while_time_stands() {
    explore(|| {
        let (tell, told) = oneshot::channel();
        let other = thread::spawn(move || tell.send(7));
        paused().block_on(async {
            assert_eq!(timeout(HOUR, told).await.unwrap_or(Ok(7)), Ok(7));
            sleep(HOUR).await;
        });
        other.join().expect("no panic").ok();
    });
}
