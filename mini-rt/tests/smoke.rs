//! A runtime of each flavour does its first steps.

use mini_rt::runtime::{Builder, Runtime};
use mini_rt::task::yield_now;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

fn runtimes() -> [Runtime; 3] {
    [
        Builder::new_current_thread().enable_all().build().expect("a driver"),
        Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a driver"),
        Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a driver"),
    ]
}

#[test]
fn ten_thousand_tasks_that_yield_are_all_joined() {
    for runtime in runtimes() {
        let count = Arc::new(AtomicUsize::new(0));
        runtime.block_on(async {
            let tasks: Vec<_> = (0..10_000)
                .map(|_| {
                    let count = count.clone();
                    mini_rt::spawn(async move {
                        yield_now().await;
                        count.fetch_add(1, Relaxed);
                    })
                })
                .collect();
            for task in tasks {
                task.await.expect("neither panics nor is aborted");
            }
        });
        assert_eq!(count.load(Relaxed), 10_000);
    }
}

#[test]
fn tasks_that_spawn_tasks_and_block_are_joined() {
    for runtime in runtimes() {
        let total: usize = runtime.block_on(async {
            let tasks = (0..100).map(|number| {
                mini_rt::spawn(async move {
                    let inner = mini_rt::spawn(async move { number });
                    let blocking = mini_rt::task::spawn_blocking(move || number);
                    inner.await.expect("joined") + blocking.await.expect("joined")
                })
            });
            let mut total = 0;
            for task in tasks.collect::<Vec<_>>() {
                total += task.await.expect("joined");
            }
            total
        });
        assert_eq!(total, 99 * 100);
    }
}

#[test]
#[should_panic = "a thread's name has no null byte in it"]
fn a_name_that_no_thread_can_have_is_refused_where_it_is_given() {
    mini_rt::runtime::Builder::new_multi_thread().thread_name("crew\0");
}
