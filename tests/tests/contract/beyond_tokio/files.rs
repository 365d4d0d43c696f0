//! `fs::File`: what is left behind by a dropped future harms nobody.

use super::{builder, rt};
use futures::FutureExt;
use rt::fs::File;
use std::sync::mpsc;
use tests::scratch::Scratch;
use tests::watchdog::guarded;

#[test]
fn a_file_goes_back_while_a_call_that_nobody_waits_for_has_it() {
    guarded(|| {
        let dir = Scratch::new();
        let runtime = builder().max_blocking_threads(1).build().unwrap();
        let (release, released) = mpsc::channel::<()>();
        drop(runtime.spawn_blocking(move || released.recv()));
        let file = File::from_std(std::fs::File::create(dir.path("a")).unwrap());
        runtime.block_on(async {
            assert!(file.metadata().now_or_never().is_none());
            let mut back = Box::pin(file.into_std());
            assert!(back.as_mut().now_or_never().is_none());
            drop(release);
            back.await.set_len(3).unwrap();
        });
    });
}
