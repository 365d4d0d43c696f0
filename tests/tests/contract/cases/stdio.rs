//! `io::{stdin, stdout, stderr}`. They are those of a process, so each case starts itself once more
//! as a child, whose part it plays there.

use super::{builder, io, rt};
use futures::FutureExt;
use io::{AsyncReadExt, AsyncWriteExt};
use std::io::{Read, Write};
use std::os::fd::{AsFd, AsRawFd};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc;
use tests::watchdog::guarded;

/// Set for the child.
const IS_CHILD: &str = "MINI_RT_TEST_CHILD";

/// Plays the child's part if this is the child; else starts it and plays the parent's. The test's
/// path is `module` and `name`.
pub(crate) fn check(
    module: &str,
    name: &str,
    child: impl FnOnce(),
    parent: impl FnOnce(&mut Command) + Send + 'static,
) {
    if std::env::var_os(IS_CHILD).is_some() {
        return child();
    }
    let (_crate, module) = module.split_once("::").unwrap();
    let path = format!("{module}::{name}");
    guarded(move || {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args([&path, "--exact", "--nocapture", "--quiet"]).env(IS_CHILD, "");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        parent(&mut command);
    });
}

/// Waits until the child has said something on its standard error.
pub(crate) fn until_ready(child: &mut Child) {
    child.stderr.as_mut().unwrap().read_exact(&mut [0]).unwrap();
}

/// Says to the parent that it is time.
pub(crate) fn ready() {
    std::io::stderr().write_all(b"!").unwrap();
}

/// Waits until the child has ended well. Returns what it has written.
pub(crate) fn output(child: Child) -> (String, Vec<u8>) {
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // Among what the test harness says.
    (String::from_utf8_lossy(&output.stdout).into_owned(), output.stderr)
}

#[test]
fn what_comes_in_goes_out() {
    const BYTES: usize = 3_000_000;
    let child = || {
        builder().build().unwrap().block_on(async {
            let mut bytes = Vec::new();
            rt::io::stdin().read_to_end(&mut bytes).await.unwrap();
            let mut stdout = rt::io::stdout();
            stdout.write_all(format!("<{}>", bytes.len()).as_bytes()).await.unwrap();
            stdout.flush().await.unwrap();
            let mut stderr = rt::io::stderr();
            stderr.write_all(&bytes).await.unwrap();
            io::close(&mut stderr).await.unwrap();
            assert_eq!(rt::io::stdin().read(&mut [0]).await.unwrap(), 0, "still the end");
        });
    };
    check(module_path!(), "what_comes_in_goes_out", child, |command| {
        let mut child = command.spawn().unwrap();
        let bytes: Vec<u8> = (0..BYTES).map(|i| (i % 251) as u8).collect();
        let mut stdin: ChildStdin = child.stdin.take().unwrap();
        let expected = bytes.clone();
        let writer = std::thread::spawn(move || stdin.write_all(&bytes).unwrap());
        let (stdout, stderr) = output(child);
        writer.join().unwrap();
        assert!(stdout.contains(&format!("<{BYTES}>")), "{stdout}");
        assert!(stderr == expected, "{} bytes", stderr.len());
    });
}

#[test]
fn a_read_of_the_input_that_is_dropped_loses_nothing() {
    let child = || {
        builder().build().unwrap().block_on(async {
            let mut stdin = rt::io::stdin();
            assert!(stdin.read(&mut [0; 8]).now_or_never().is_none());
            ready();
            let (mut first, mut rest) = ([0; 2], String::new());
            stdin.read_exact(&mut first).await.unwrap();
            assert!(stdin.read(&mut []).await.is_ok_and(|n| n == 0));
            stdin.read_to_string(&mut rest).await.unwrap();
            assert_eq!((&first, &*rest), (b"ab", "cdef"));
        });
    };
    check(module_path!(), "a_read_of_the_input_that_is_dropped_loses_nothing", child, |command| {
        let mut child = command.spawn().unwrap();
        until_ready(&mut child);
        child.stdin.take().unwrap().write_all(b"abcdef").unwrap();
        output(child);
    });
}

#[test]
fn a_flush_brings_out_what_is_no_whole_line() {
    let child = || {
        builder().build().unwrap().block_on(async {
            let mut stdout = rt::io::stdout();
            stdout.write_all(b"<part>").await.unwrap();
            stdout.flush().await.unwrap();
        });
        // Until the parent has seen it: the end of the process would bring it out too.
        std::io::stdin().read_exact(&mut [0]).unwrap();
    };
    check(module_path!(), "a_flush_brings_out_what_is_no_whole_line", child, |command| {
        let mut child = command.spawn().unwrap();
        let mut seen = String::new();
        while !seen.ends_with("<part>") {
            let mut byte = [0];
            child.stdout.as_mut().unwrap().read_exact(&mut byte).unwrap();
            seen.push(char::from(byte[0]));
        }
        child.stdin.take().unwrap().write_all(b"!").unwrap();
        output(child);
    });
}

#[test]
fn an_error_of_the_output_is_told_by_the_next_write_or_flush() {
    let child = || {
        builder().build().unwrap().block_on(async {
            let mut stderr = rt::io::stderr();
            assert_eq!(stderr.write(b"lost").await.unwrap(), 4);
            let error = stderr.flush().await.unwrap_err();
            std::io::stdout().write_all(format!("<{:?}>", error.kind()).as_bytes()).unwrap();
            assert_eq!(stderr.write(b"lost").await.unwrap(), 4);
            stderr.write(b"lost").await.unwrap_err();
        });
    };
    check(
        module_path!(),
        "an_error_of_the_output_is_told_by_the_next_write_or_flush",
        child,
        |command| {
            let (reader, writer) = std::io::pipe().unwrap();
            drop(reader);
            let child = command.stderr(writer).spawn().unwrap();
            let (stdout, _) = output(child);
            assert!(stdout.contains("<BrokenPipe>"), "{stdout}");
        },
    );
}

#[test]
fn what_was_written_comes_out_when_the_handle_and_the_runtime_go() {
    let child = || {
        let runtime = builder().max_blocking_threads(1).build().unwrap();
        let (release, released) = mpsc::channel::<()>();
        let (begun, begins) = mpsc::channel();
        drop(runtime.spawn_blocking(move || {
            begun.send(()).unwrap();
            let _ = released.recv();
        }));
        begins.recv().unwrap();
        runtime.block_on(async {
            assert_eq!(rt::io::stderr().write(b"whole").await.unwrap(), 5);
        });
        // Until the parent has seen it.
        runtime.shutdown_background();
        drop(release);
        std::io::stdin().read_exact(&mut [0]).unwrap();
    };
    check(
        module_path!(),
        "what_was_written_comes_out_when_the_handle_and_the_runtime_go",
        child,
        |command| {
            let mut child = command.spawn().unwrap();
            let mut word = [0; 5];
            child.stderr.as_mut().unwrap().read_exact(&mut word).unwrap();
            assert_eq!(&word, b"whole");
            child.stdin.take().unwrap().write_all(b"!").unwrap();
            output(child);
        },
    );
}

#[test]
fn they_are_descriptors_0_1_and_2() {
    let numbers = [
        (rt::io::stdin().as_raw_fd(), rt::io::stdin().as_fd().as_raw_fd()),
        (rt::io::stdout().as_raw_fd(), rt::io::stdout().as_fd().as_raw_fd()),
        (rt::io::stderr().as_raw_fd(), rt::io::stderr().as_fd().as_raw_fd()),
    ];
    assert_eq!(numbers, [(0, 0), (1, 1), (2, 2)]);
}
