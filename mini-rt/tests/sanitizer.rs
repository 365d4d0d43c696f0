//! Does the address sanitizer see what it is there for, in a build that has it?
//!
//! Asked in child processes, each of which does one thing wrong: a report ends it. Compiled only
//! with `--cfg asan`, which whoever turns the sanitizer on passes beside it: `.ci/run`.
#![cfg(asan)]

use std::env;
use std::process::{Command, Output, Stdio};

/// Set in the child.
const IS_CHILD: &str = "MINI_RT_TEST_SANITIZER";

/// Runs the test `name` in a child, where it does what it does.
fn in_child(name: &str) -> Output {
    Command::new(env::current_exe().expect("a test has a path"))
        .args(["--exact", name, "--test-threads=1", "--nocapture"])
        .env(IS_CHILD, "")
        .stdin(Stdio::null())
        .output()
        .expect("this binary can be run")
}

fn assert_reported(child: &Output, report: &str) {
    let told = String::from_utf8_lossy(&child.stderr);
    assert!(!child.status.success(), "the child ended well: {told}");
    assert!(told.contains(report), "the child was ended by something else: {told}");
}

#[test]
fn a_use_after_free_is_reported() {
    if env::var_os(IS_CHILD).is_some() {
        return wrong::use_after_free();
    }
    let child = in_child("a_use_after_free_is_reported");
    assert_reported(&child, "AddressSanitizer: heap-use-after-free");
}

#[test]
fn a_leak_is_reported() {
    if env::var_os(IS_CHILD).is_some() {
        return wrong::leak();
    }
    assert_reported(&in_child("a_leak_is_reported"), "LeakSanitizer: detected memory leaks");
}

/// So that the two above say something: a child that does nothing wrong ends well.
#[test]
fn a_task_that_runs_is_not_reported() {
    let run = || {
        let runtime = mini_rt::runtime::Builder::new_multi_thread().worker_threads(2).build();
        let runtime = runtime.expect("there are threads");
        let answer = runtime.block_on(async { mini_rt::spawn(async { Box::new(7) }).await });
        assert_eq!(*answer.expect("no panic"), 7);
    };
    if env::var_os(IS_CHILD).is_some() {
        return run();
    }
    let child = in_child("a_task_that_runs_is_not_reported");
    assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stderr));
}

#[allow(unsafe_code, reason = "what the sanitizer is to see cannot be done in safe code")]
mod wrong {
    use std::hint::black_box;

    pub(super) fn use_after_free() {
        let freed = Box::into_raw(black_box(Box::new(7_u32)));
        // SAFETY: it comes from `into_raw`, once.
        drop(unsafe { Box::from_raw(freed) });
        // Not sound, on purpose. SAFETY: none: the process is to end here.
        let read = unsafe { freed.read_volatile() };
        println!("nobody noticed: {}", black_box(read));
    }

    /// On a thread that ends, so that no word of its stack points there any more.
    pub(super) fn leak() {
        let leak = || std::mem::forget(black_box(Box::new([7_u32; 32])));
        std::thread::spawn(leak).join().expect("no panic");
    }
}
