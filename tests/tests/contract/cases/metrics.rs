//! What a runtime says of its work, as far as Tokio says it without `--cfg tokio_unstable`.

use super::{check_async, rt};
use rt::runtime::{Handle, RuntimeMetrics};
use std::time::{Duration, Instant};

fn busy(metrics: &RuntimeMetrics) -> Duration {
    let workers = 0..metrics.num_workers();
    workers.map(|worker| metrics.worker_total_busy_duration(worker)).sum()
}

async fn work_for(time: Duration) {
    let work = async move {
        let begun = Instant::now();
        while begun.elapsed() < time {}
    };
    rt::spawn(work).await.unwrap();
}

#[test]
fn a_worker_is_busy_while_it_runs_a_task_and_not_while_it_sleeps() {
    check_async(async || {
        let metrics = Handle::current().metrics();
        work_for(Duration::from_millis(30)).await;
        // It is counted when the worker goes to sleep, for which it may have to wait for a core.
        let mut worked = Duration::ZERO;
        for _ in 0..100 {
            rt::time::sleep(Duration::from_millis(5)).await;
            worked = busy(&metrics);
            if worked >= Duration::from_millis(30) {
                break;
            }
        }
        assert!(worked >= Duration::from_millis(30), "{worked:?}");
        rt::time::sleep(Duration::from_millis(400)).await;
        let slept = busy(&metrics) - worked;
        assert!(slept < Duration::from_millis(200), "{slept:?}");
    });
}

#[test]
fn a_worker_that_never_sleeps_counts_its_time_nevertheless() {
    check_async(async || {
        let metrics = Handle::current().metrics();
        let before = busy(&metrics);
        let worked = rt::spawn(async move {
            for _ in 0..200 {
                let begun = Instant::now();
                while begun.elapsed() < Duration::from_micros(100) {}
                rt::task::yield_now().await;
            }
            busy(&metrics)
        });
        let worked = worked.await.unwrap() - before;
        assert!(worked >= Duration::from_millis(5), "{worked:?} of 20 ms");
    });
}

#[test]
fn a_worker_that_is_not_there_is_not_busy() {
    check_async(async || {
        let metrics = Handle::current().metrics();
        let asked = || metrics.worker_total_busy_duration(metrics.num_workers());
        tests::caught::caught(asked);
    });
}
