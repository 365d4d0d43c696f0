//! What if the operating system refuses a thread?
//!
//! Asked in a child process, which is given little address space and large stacks: the first
//! threads start, and the others do not.
#![cfg(unix)]

use mini_rt::runtime::Builder;
use std::env;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Set in the child.
const IS_CHILD: &str = "MINI_RT_TEST_REFUSED";

/// 4 GB of addresses in blocks of 1024 bytes, and stacks of 1 GB.
const LIMITED: &str = "ulimit -v 4000000 && exec \"$0\" \"$@\"";
const STACK_BYTES: &str = "1000000000";

/// Runs the test `name` in a child whose threads are refused before there are eight.
fn in_child(name: &str) {
    let mut child = Command::new("sh")
        .args(["-c", LIMITED])
        .arg(env::current_exe().expect("a test has a path"))
        .args(["--exact", name, "--test-threads=1"])
        .env(IS_CHILD, "")
        .env("RUST_MIN_STACK", STACK_BYTES)
        .stdout(Stdio::null())
        .spawn()
        .expect("there is a shell");
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(status) = child.try_wait().expect("a child can be waited for") {
            assert!(status.success(), "in the child: {status}");
            return;
        }
        if Instant::now() > deadline {
            child.kill().expect("it runs still");
            panic!("the child hangs");
        }
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_runtime_that_gets_too_few_threads_is_an_error_and_ends_those_it_got() {
    if env::var_os(IS_CHILD).is_none() {
        return in_child("a_runtime_that_gets_too_few_threads_is_an_error_and_ends_those_it_got");
    }
    for _ in 0..3 {
        let refused = Builder::new_multi_thread().worker_threads(8).build();
        refused.expect_err("eight stacks are more than there are addresses");
    }
    let runtime = Builder::new_multi_thread().worker_threads(1).build();
    let runtime = runtime.expect("the addresses of the stacks are free again");
    assert_eq!(runtime.block_on(async { mini_rt::spawn(async { 7 }).await.expect("no panic") }), 7);
}
