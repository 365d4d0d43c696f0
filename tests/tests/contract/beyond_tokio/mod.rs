//! What mini-rt promises and Tokio does not, on both flavours.

use super::builder;
use super::cases::check;
use std::sync::mpsc;
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
