//! What may a function do that names threads?

use mini_rt::runtime::{Builder, Handle, Runtime};
use mini_rt::task::block_in_place;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};

/// Threads of these numbers get no name that a thread can have.
fn refusing(refused: [usize; 2]) -> Builder {
    let asked = AtomicUsize::new(0);
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(2).max_blocking_threads(1).thread_name_fn(move || {
        let number = asked.fetch_add(1, Relaxed);
        match refused.iter().position(|&refused| refused == number) {
            None => "named".to_owned(),
            Some(0) => "null\0".to_owned(),
            Some(_) => panic!("on purpose"),
        }
    });
    builder
}

fn works(runtime: &Runtime) {
    let blocking = runtime.spawn_blocking(|| 7);
    assert_eq!(runtime.block_on(blocking).expect("no panic"), 7);
    let in_place = runtime.spawn(async { block_in_place(|| 8) });
    assert_eq!(runtime.block_on(in_place).expect("no panic"), 8);
}

/// It is called under no lock of the runtime.
#[test]
fn it_may_ask_and_use_the_runtime() {
    let known: Arc<OnceLock<Handle>> = Arc::default();
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name_fn({
            let known = Arc::clone(&known);
            move || {
                let threads = known.get().map_or(0, |handle| {
                    drop(handle.spawn(async {}));
                    handle.metrics().num_blocking_threads()
                });
                format!("after-{threads}")
            }
        })
        .build()
        .expect("a runtime");
    known.set(runtime.handle().clone()).expect("set once");
    works(&runtime);
}

#[test]
fn without_a_name_there_is_no_thread_and_the_next_one_is_made() {
    for first in 0..2 {
        refusing([first, usize::MAX]).build().expect_err("a worker has no name");
        refusing([usize::MAX, first]).build().expect_err("a worker has no name");
    }
    let runtime = refusing([2, 3]).build().expect("the workers have names");
    for _ in 0..2 {
        catch_unwind(AssertUnwindSafe(|| drop(runtime.spawn_blocking(|| {}))))
            .expect_err("there is no thread for it");
    }
    works(&runtime);
    let runtime = refusing([2, 3]).build().expect("the workers have names");
    for _ in 0..2 {
        let in_place = runtime.spawn(async { block_in_place(|| 7) });
        assert_eq!(runtime.block_on(in_place).expect("no panic"), 7);
    }
    works(&runtime);
}
