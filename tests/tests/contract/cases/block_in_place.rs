//! `block_in_place` where no worker is to be handed over. The rest is in `multi_thread`.

use super::{check, rt};
use rt::task::{LocalSet, block_in_place};
use tests::caught::caught;
use tests::wait::wait;

#[test]
fn outside_of_a_runtime_the_call_runs() {
    assert_eq!(block_in_place(|| block_in_place(|| 7)), 7);
    check(|rt| {
        let _entered = rt.enter();
        assert_eq!(block_in_place(|| rt.block_on(async { 8 })), 8);
    });
}

#[test]
fn in_a_blocking_call_the_call_runs_and_may_block_on() {
    check(|rt| {
        let handle = rt.handle().clone();
        let task = rt.spawn_blocking(move || block_in_place(|| handle.block_on(async { 7 })));
        assert_eq!(wait(task).unwrap(), 7);
    });
}

#[test]
fn with_a_handle_in_block_on_the_call_runs() {
    check(|rt| {
        let handle = rt.handle();
        assert_eq!(handle.block_on(async { block_in_place(|| handle.block_on(async { 7 })) }), 7);
    });
}

#[test]
fn in_a_local_set_the_call_is_refused() {
    check(|rt| {
        let set = LocalSet::new();
        let in_task = || caught(|| block_in_place(|| unreachable!("it is refused")));
        let task = set.spawn_local(async move { in_task() });
        let caught = set.block_on(&rt, async move { [task.await.unwrap(), in_task()] });
        for caught in caught {
            assert_eq!(caught.file, file!(), "{}", caught.message);
        }
    });
}
