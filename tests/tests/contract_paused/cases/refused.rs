//! When a clock is not paused, resumed or put forward.

use super::{Builder, Duration, MS, advance, builder, caught, guarded, pause, paused, resume};

#[test]
fn a_clock_is_not_paused_twice() {
    paused(async || {
        caught(pause);
        resume();
        pause();
        caught(pause);
    });
}

#[test]
fn a_clock_that_runs_is_neither_resumed_nor_put_forward() {
    guarded(|| {
        let rt = builder().build().unwrap();
        rt.block_on(async { caught(resume) });
        caught(|| rt.block_on(advance(MS)));
        rt.block_on(async { pause() });
    });
}

#[test]
fn a_clock_is_not_put_forward_past_all_times() {
    guarded(|| {
        let rt = builder().start_paused(true).build().unwrap();
        caught(|| rt.block_on(advance(Duration::MAX)));
        rt.block_on(advance(MS));
    });
}

#[test]
fn with_workers_no_clock_is_paused() {
    guarded(|| {
        let rt = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        rt.block_on(async { caught(pause) });
        rt.block_on(async { caught(resume) });
        caught(|| Builder::new_multi_thread().enable_all().start_paused(true).build());
    });
}

#[test]
fn outside_of_a_runtime_there_is_no_clock_to_pause() {
    guarded(|| {
        caught(pause);
        caught(resume);
        caught(|| tests::wait::wait(advance(MS)));
    });
}
