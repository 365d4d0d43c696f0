//! What mini-rt promises and Tokio does not, on both flavours.

mod files;
mod input;

use super::cases::flood::Flood;
use super::cases::{check, check_async};
use super::{builder, cases, io, rt};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc;
use std::time::{Duration, Instant};
use tests::caught::caught;

#[test]
fn block_on_inside_a_runtime_names_the_callers_line() {
    check(|rt| {
        let other = builder().build().unwrap();
        assert_eq!(rt.block_on(async { caught(|| rt.block_on(async {})) }).file, file!());
        assert_eq!(rt.block_on(async { caught(|| other.block_on(async {})) }).file, file!());
        let handle = rt.handle().clone();
        let task = rt.spawn(async move { caught(|| handle.block_on(async {})) });
        assert_eq!(rt.block_on(task).unwrap().file, file!());
    });
}

#[test]
fn a_blocking_call_may_drop_its_own_runtime() {
    check(|rt| {
        let handle = rt.handle().clone();
        let (tell, told) = mpsc::channel();
        drop(handle.spawn_blocking(move || {
            drop(rt);
            tell.send(()).unwrap();
        }));
        told.recv().unwrap();
    });
}

/// The best of some, since others want the machine too.
#[test]
fn a_flood_of_ready_sockets_makes_a_sleep_late_by_less_than_10_ms() {
    check_async(async || {
        let flood = Flood::start().await;
        let mut best = Duration::MAX;
        for _ in 0..5 {
            best = best.min(rt::spawn(median_lateness()).await.unwrap());
            if best < Duration::from_millis(10) {
                break;
            }
        }
        let reads = flood.reads.load(Relaxed);
        assert!(best < Duration::from_millis(10), "late by {best:?}, amid {reads} reads");
    });
}

async fn median_lateness() -> Duration {
    let mut late = Vec::new();
    for _ in 0..20 {
        let (begun, nap) = (Instant::now(), Duration::from_millis(2));
        rt::time::sleep(nap).await;
        late.push(begun.elapsed() - nap);
    }
    late.sort_unstable();
    late[10]
}
