//! What the reactor is spared, as for TCP in `net/tests.rs`: the macros are the same, the kernel's
//! sockets are not.

use std::io::{ErrorKind, Read, Write};

use super::stream::UnixStream;
use crate::net::UnixListener;
use crate::net::tests::block_on;

fn is_blocked<T: std::fmt::Debug>(result: std::io::Result<T>) -> bool {
    result.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
}

fn pair() -> (UnixStream, std::os::unix::net::UnixStream) {
    let (near, far) = std::os::unix::net::UnixStream::pair().expect("a pair");
    near.set_nonblocking(true).expect("an option");
    (UnixStream::from_std(near).expect("registers"), far)
}

#[test]
fn fresh_streams_are_written_to_at_once() {
    block_on(async {
        let path = std::env::temp_dir().join(format!("mini-rt-unix-{}", std::process::id()));
        let listener = UnixListener::bind(&path).expect("a path");
        let _far = std::os::unix::net::UnixStream::connect(&path).expect("connects");
        let (accepted, _) = listener.accept().await.expect("accepts");
        std::fs::remove_file(&path).expect("it is there");
        let (one, two) = UnixStream::pair().expect("a pair");
        for stream in [&accepted, &one, &two] {
            assert_eq!(stream.try_write(b"x").expect("no turn of the reactor yet"), 1);
            assert!(is_blocked(stream.try_read(&mut [0])), "but nothing is assumed to be there");
        }
    });
}

#[test]
fn a_short_read_is_followed_by_no_vain_one() {
    block_on(async {
        let (near, mut far) = pair();
        let mut buf = [0; 8];
        far.write_all(b"first").expect("writes");
        near.readable().await.expect("is readable");
        assert_eq!(near.try_read(&mut buf).expect("reads"), 5);
        far.write_all(b"second").expect("writes");
        assert!(is_blocked(near.try_read(&mut buf)), "nobody has told of the second yet");
        near.readable().await.expect("it is an event of its own");
        assert_eq!(near.try_read(&mut buf).expect("reads"), 6);
    });
}

#[test]
fn a_short_write_waits_for_room_and_is_told_of_it() {
    block_on(async {
        let (near, mut far) = pair();
        let chunk = vec![7; 1 << 20];
        near.writable().await.expect("room");
        let mut written = near.try_write(&chunk).expect("writes");
        assert!(written < chunk.len());
        assert!(is_blocked(near.try_write(&chunk)), "known to be full");
        far.read_exact(&mut vec![0; written]).expect("reads");
        assert!(is_blocked(near.try_write(&chunk)), "nobody has told of the room yet");
        near.writable().await.expect("room again");
        written = near.try_write(b"!").expect("writes");
        assert_eq!(written, 1);
    });
}
