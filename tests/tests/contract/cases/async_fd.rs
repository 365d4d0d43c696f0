//! `io::unix::AsyncFd`.

#![allow(deprecated, reason = "Tokio 1.54 wants an unsafe function called, for the same thing")]

use super::{check, check_async, rt, yield_times};
use futures::FutureExt;
use rt::io::unix::AsyncFd;
use rt::io::{Interest, Ready};
use std::future::poll_fn;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use tests::scratch::Scratch;
use tests::wait::wait;

/// Somebody else's socket, and its peer, which blocks.
fn pair() -> (AsyncFd<UnixStream>, UnixStream) {
    let (near, far) = UnixStream::pair().unwrap();
    near.set_nonblocking(true).unwrap();
    (AsyncFd::new(near).unwrap(), far)
}

#[test]
fn a_read_waits_for_what_comes_later() {
    check_async(async || {
        let (near, mut far) = pair();
        let reader = rt::spawn(async move {
            let mut buffer = [0; 8];
            let n = loop {
                let mut guard = near.readable().await.unwrap();
                assert!(guard.ready().is_readable());
                match guard.try_io(|near| near.get_ref().read(&mut buffer)) {
                    Ok(result) => break result.unwrap(),
                    Err(_) => continue,
                }
            };
            buffer[..n].to_vec()
        });
        yield_times(3).await;
        far.write_all(b"later").unwrap();
        assert_eq!(reader.await.unwrap(), b"later");
    });
}

#[test]
fn readiness_stays_until_it_is_cleared() {
    check_async(async || {
        let (near, mut far) = pair();
        assert!(near.readable().now_or_never().is_none());
        far.write_all(b"x").unwrap();
        for _ in 0..3 {
            near.readable().await.unwrap().retain_ready();
        }
        near.get_ref().read_exact(&mut [0]).unwrap();
        near.readable().await.unwrap().clear_ready();
        assert!(near.readable().now_or_never().is_none());
        far.write_all(b"y").unwrap();
        near.readable().await.unwrap().retain_ready();
    });
}

#[test]
fn one_direction_is_cleared_without_the_other() {
    check_async(async || {
        let (near, mut far) = pair();
        far.write_all(b"x").unwrap();
        let either = Interest::READABLE.add(Interest::WRITABLE);
        let mut guard = loop {
            let guard = near.ready(either).await.unwrap();
            if guard.ready().is_readable() && guard.ready().is_writable() {
                break guard;
            }
            yield_times(1).await;
        };
        guard.clear_ready_matching(Ready::READABLE);
        assert!(!guard.ready().is_readable() && guard.ready().is_writable());
        near.writable().await.unwrap().retain_ready();
        assert!(near.readable().now_or_never().is_none());
    });
}

#[test]
fn an_event_after_the_guard_is_not_cleared_by_it() {
    check_async(async || {
        let (near, mut far) = pair();
        far.write_all(b"x").unwrap();
        let mut old = near.readable().await.unwrap();
        near.readable().await.unwrap().clear_ready();
        far.write_all(b"y").unwrap();
        near.readable().await.unwrap().retain_ready();
        old.clear_ready();
        near.readable().await.unwrap().retain_ready();
    });
}

#[test]
fn what_would_block_clears_and_says_so() {
    check_async(async || {
        let (mut near, mut far) = pair();
        far.write_all(b"x").unwrap();
        let mut guard = near.readable_mut().await.unwrap();
        assert!(guard.try_io(|near| near.get_mut().read(&mut [0; 8])).unwrap().is_ok());
        assert!(guard.try_io(|near| near.get_mut().read(&mut [0; 8])).is_err());
        assert!(guard.ready().is_empty());
        assert!(near.readable().now_or_never().is_none());
        let error = near.try_io(Interest::READABLE, |mut near| near.read(&mut [0])).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
        drop(far);
        let read = near.async_io(Interest::READABLE, |mut near| near.read(&mut [0])).await;
        assert_eq!(read.unwrap(), 0, "the end is an event too");
    });
}

#[test]
fn operations_of_ones_own_wait_in_both_directions() {
    check_async(async || {
        let (mut near, mut far) = pair();
        let echo = std::thread::spawn(move || {
            let mut word = [0; 4];
            far.read_exact(&mut word).unwrap();
            far.write_all(&word).unwrap();
        });
        let write = |near: &mut UnixStream| near.write(b"ping");
        assert_eq!(near.async_io_mut(Interest::WRITABLE, write).await.unwrap(), 4);
        let mut word = [0; 4];
        let read = |mut near: &UnixStream| near.read(&mut word);
        assert_eq!(near.async_io(Interest::READABLE, read).await.unwrap(), 4);
        assert_eq!(&word, b"ping");
        echo.join().unwrap();
    });
}

#[test]
fn polls_wake_as_the_futures_do() {
    check_async(async || {
        let (near, mut far) = pair();
        let waiter = rt::spawn(async move {
            poll_fn(|cx| near.poll_write_ready(cx).map(|guard| guard.map(drop))).await.unwrap();
            poll_fn(|cx| near.poll_read_ready(cx).map(|guard| guard.map(drop))).await.unwrap();
        });
        yield_times(3).await;
        far.write_all(b"x").unwrap();
        waiter.await.unwrap();
    });
}

#[test]
fn every_task_that_waits_is_woken() {
    check_async(async || {
        let (near, mut far) = pair();
        let near = Arc::new(near);
        let waiters: Vec<_> = (0..4)
            .map(|_| {
                let near = Arc::clone(&near);
                rt::spawn(async move { near.readable().await.unwrap().retain_ready() })
            })
            .collect();
        yield_times(5).await;
        far.write_all(b"x").unwrap();
        for waiter in waiters {
            waiter.await.unwrap();
        }
    });
}

#[test]
fn a_direction_that_is_not_asked_for_is_never_ready() {
    check_async(async || {
        let (near, mut far) = UnixStream::pair().unwrap();
        near.set_nonblocking(true).unwrap();
        let near = AsyncFd::with_interest(near, Interest::READABLE).unwrap();
        far.write_all(b"x").unwrap();
        near.readable().await.unwrap().retain_ready();
        assert!(near.writable().now_or_never().is_none());
    });
}

#[test]
fn the_value_comes_back_and_may_be_watched_again() {
    check_async(async || {
        let (near, mut far) = pair();
        let number = near.as_raw_fd();
        let near = near.into_inner();
        assert_eq!(near.as_raw_fd(), number);
        let near = AsyncFd::new(near).unwrap();
        far.write_all(b"x").unwrap();
        near.readable().await.unwrap().retain_ready();
    });
}

#[test]
fn what_cannot_be_waited_for_is_handed_back() {
    check_async(async || {
        let dir = Scratch::new();
        let file = std::fs::File::create(dir.path("file")).unwrap();
        let number = file.as_raw_fd();
        let (file, error) = AsyncFd::try_new(file).unwrap_err().into_parts();
        assert_eq!((file.as_raw_fd(), error.kind()), (number, ErrorKind::PermissionDenied));
        assert!(AsyncFd::new(file).is_err());
    });
}

#[test]
fn a_descriptor_that_outlives_its_runtime_fails_and_does_not_hang() {
    check(|rt| {
        let (near, _far) = rt.block_on(async { pair() });
        let waiter = std::thread::spawn(move || wait(near.readable()).map(drop).unwrap_err());
        drop(rt);
        assert_eq!(waiter.join().unwrap().kind(), ErrorKind::Other);
    });
}
