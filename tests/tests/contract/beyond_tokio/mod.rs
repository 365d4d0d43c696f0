//! What mini-rt promises and Tokio does not, on both flavours.

use super::builder;
use super::cases::check;
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
