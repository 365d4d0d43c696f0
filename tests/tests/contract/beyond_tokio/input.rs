//! `io::stdin` belongs to no runtime.

use super::cases::stdio::{check, output, ready, until_ready};
use super::{builder, io, rt};
use futures::FutureExt;
use io::AsyncReadExt;
use std::io::Write;

#[test]
fn a_runtime_ends_while_a_read_of_the_input_waits_and_the_next_one_has_its_bytes() {
    let child = || {
        let one = builder().build().unwrap();
        one.block_on(async {
            let mut stdin = rt::io::stdin();
            assert_eq!(stdin.read(&mut []).now_or_never().unwrap().unwrap(), 0);
            assert!(stdin.read(&mut [0; 8]).now_or_never().is_none());
        });
        let waiting = one.spawn(async { rt::io::stdin().read(&mut [0; 8]).await });
        one.block_on(rt::task::yield_now());
        drop(one);
        assert!(waiting.now_or_never().unwrap().unwrap_err().is_cancelled());
        ready();
        builder().build().unwrap().block_on(async {
            let mut text = String::new();
            rt::io::stdin().read_to_string(&mut text).await.unwrap();
            assert_eq!(text, "abcdef");
        });
    };
    let name = "a_runtime_ends_while_a_read_of_the_input_waits_and_the_next_one_has_its_bytes";
    check(module_path!(), name, child, |command| {
        let mut child = command.spawn().unwrap();
        until_ready(&mut child);
        child.stdin.take().unwrap().write_all(b"abcdef").unwrap();
        output(child);
    });
}

#[test]
fn several_readers_share_the_input() {
    const BYTES: usize = 200_000;
    let child = || {
        builder().build().unwrap().block_on(async {
            let readers: Vec<_> = (0..4)
                .map(|_| {
                    rt::spawn(async {
                        let (mut stdin, mut buf, mut sum) = (rt::io::stdin(), [0; 100], 0);
                        loop {
                            match stdin.read(&mut buf).await.unwrap() {
                                0 => return sum,
                                n => sum += n,
                            }
                        }
                    })
                })
                .collect();
            let sums = futures::future::join_all(readers).await;
            assert_eq!(sums.into_iter().map(Result::unwrap).sum::<usize>(), BYTES);
        });
    };
    check(module_path!(), "several_readers_share_the_input", child, |command| {
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(&vec![7; BYTES]).unwrap();
        output(child);
    });
}
