//! Time stands while a blocking call runs.

use super::*;

#[test]
fn time_stands_while_a_blocking_call_runs() {
    paused(async || {
        let start = Instant::now();
        let mut limit = pin!(sleep(HOUR));
        assert!(poll_once(limit.as_mut()).is_pending());
        let call = spawn_blocking(move || {
            thread::sleep(5 * MS);
            start.elapsed()
        });
        assert_eq!(call.await.unwrap(), Duration::ZERO, "its thread has the same clock");
        assert_eq!(start.elapsed(), Duration::ZERO);
        limit.await;
        assert_eq!(start.elapsed(), HOUR);
    });
}

#[test]
fn a_blocking_call_that_was_running_when_the_clock_was_paused_holds_it_too() {
    guarded(|| {
        builder().build().unwrap().block_on(async {
            let (release, released) = mpsc::channel();
            let call = spawn_blocking(move || released.recv().unwrap());
            pause();
            let start = Instant::now();
            let alarm = rt::spawn(sleep(MS));
            let other = spawn_blocking(|| thread::sleep(5 * MS));
            other.await.unwrap();
            assert_eq!((start.elapsed(), alarm.is_finished()), (Duration::ZERO, false));
            release.send(()).unwrap();
            call.await.unwrap();
            alarm.await.unwrap();
            assert!(start.elapsed() >= MS);
        });
    });
}

#[test]
fn no_time_limit_overtakes_the_end_of_a_blocking_call() {
    paused(async || {
        let start = Instant::now();
        for n in 0..500 {
            let call = spawn_blocking(move || n);
            assert_eq!(timeout(MS, call).await.unwrap().unwrap(), n);
        }
        assert_eq!(start.elapsed(), Duration::ZERO);
    });
}

#[test]
fn a_blocking_call_that_nobody_waits_for_does_not_stop_time_for_ever() {
    paused(async || {
        for _ in 0..200 {
            let (start, call) = (Instant::now(), spawn_blocking(|| {}));
            drop(call);
            sleep(HOUR).await;
            assert_eq!(start.elapsed(), HOUR);
        }
    });
}
