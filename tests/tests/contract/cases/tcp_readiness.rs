//! `readable`, `writable` and the `try_` methods: readiness asked for, not consumed.

use super::tcp::pair;
use super::{check_async, io, rt};
use bytes::{BufMut, BytesMut};
use io::AsyncReadExt;
use rt::net::TcpStream;
use std::io::{ErrorKind, Read, Result, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

/// A pair whose nearer end was asked and is not readable. (Of a socket just accepted Tokio says once
/// that it is, in two of a hundred runs.)
async fn quiet_pair() -> (Arc<TcpStream>, std::net::TcpStream) {
    let (stream, peer) = pair().await;
    assert_eq!(stream.try_read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
    (Arc::new(stream), peer)
}

#[test]
fn a_try_read_of_nothing_would_block() {
    check_async(async || {
        let (stream, mut peer) = pair().await;
        let mut buffer = [0; 16];
        assert_eq!(stream.try_read(&mut buffer).unwrap_err().kind(), ErrorKind::WouldBlock);
        for word in [b"one", b"two"] {
            peer.write_all(word).unwrap();
            let n = read_when_ready(&stream, &mut buffer).await;
            assert_eq!(&buffer[..n], word);
            assert_eq!(stream.try_read(&mut buffer).unwrap_err().kind(), ErrorKind::WouldBlock);
        }
    });
}

/// `readable`, then a `read` that does not wait, until there is something.
async fn when_ready(stream: &TcpStream, mut read: impl FnMut() -> Result<usize>) -> usize {
    loop {
        stream.readable().await.unwrap();
        match read() {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            result => return result.unwrap(),
        }
    }
}

async fn read_when_ready(stream: &TcpStream, buffer: &mut [u8]) -> usize {
    when_ready(stream, || stream.try_read(buffer)).await
}

#[test]
fn a_read_into_a_growing_buffer_goes_behind_what_is_in_it() {
    check_async(async || {
        let (stream, mut peer) = pair().await;
        let mut buffer = b"before ".to_vec();
        let dry = stream.try_read_buf(&mut buffer).unwrap_err();
        assert_eq!(dry.kind(), ErrorKind::WouldBlock);
        peer.write_all(b"and after").unwrap();
        assert_eq!(when_ready(&stream, || stream.try_read_buf(&mut buffer)).await, 9);
        assert_eq!(buffer, b"before and after");

        let sent: Vec<u8> = (0..=255).cycle().take(20_000).collect();
        peer.write_all(&sent).unwrap();
        let ten = || stream.try_read_buf(&mut (&mut buffer).limit(10));
        assert_eq!(when_ready(&stream, ten).await, 10);
        let mut no_room: &mut [u8] = &mut [];
        assert_eq!(stream.try_read_buf(&mut no_room).unwrap(), 0);
        let (reader, _writer) = stream.into_split();
        let mut all = BytesMut::with_capacity(20_000);
        while all.len() < sent.len() - 10 {
            assert_ne!(when_ready(reader.as_ref(), || reader.try_read_buf(&mut all)).await, 0);
        }
        assert_eq!([&buffer[16..], &all].concat(), sent);
    });
}

#[test]
fn readable_takes_nothing_away() {
    check_async(async || {
        let (stream, mut peer) = pair().await;
        peer.write_all(b"still here").unwrap();
        for _ in 0..10 {
            stream.readable().await.unwrap();
        }
        let mut buffer = [0; 4];
        assert_eq!(read_when_ready(&stream, &mut buffer).await, 4);
        // The rest is there, so it is readable, without anything new coming in.
        let mut rest = [0; 16];
        assert_eq!(read_when_ready(&stream, &mut rest).await, 6);
    });
}

#[test]
fn readable_dropped_in_time_loses_nothing() {
    check_async(async || {
        let (stream, mut peer) = pair().await;
        for _ in 0..50 {
            let waited = rt::time::timeout(Duration::ZERO, stream.readable()).await;
            if waited.is_err() {
                let _ = stream.try_read(&mut [0]);
            }
        }
        peer.write_all(b"x").unwrap();
        assert_eq!(read_when_ready(&stream, &mut [0; 4]).await, 1);
    });
}

#[test]
fn what_comes_between_a_short_read_and_the_next_wait_is_not_lost() {
    // Each round sends a byte, and a moment later another. The second often comes while the reader,
    // having found no more, is about to say so: if that took the readiness away that the second
    // brought, nothing would wake the reader again, and the round would never end.
    check_async(async || {
        let (mut stream, mut peer) = pair().await;
        peer.set_nodelay(true).unwrap();
        let seen = Arc::new(AtomicUsize::new(0));
        let task_seen = Arc::clone(&seen);
        let reader = rt::spawn(async move {
            let mut buffer = [0; 16];
            loop {
                match stream.read(&mut buffer).await.unwrap() {
                    0 => break,
                    n => task_seen.fetch_add(n, Relaxed),
                };
            }
        });
        let writer = thread::spawn(move || {
            let start = Instant::now();
            let mut sent = 0;
            for round in 0.. {
                if start.elapsed() > Duration::from_millis(300) {
                    return;
                }
                peer.write_all(b"1").unwrap();
                for _ in 0..round % 1_499 {
                    std::hint::spin_loop();
                }
                peer.write_all(b"2").unwrap();
                sent += 2;
                while seen.load(Relaxed) != sent {
                    thread::yield_now();
                }
            }
        });
        reader.await.unwrap();
        writer.join().unwrap();
    });
}

#[test]
fn every_task_that_waits_for_readable_is_woken() {
    check_async(async || {
        let (stream, mut peer) = quiet_pair().await;
        let waiters: Vec<_> = (0..5)
            .map(|_| {
                let stream = Arc::clone(&stream);
                rt::spawn(async move { stream.readable().await })
            })
            .collect();
        super::yield_times(10).await;
        peer.write_all(b"!").unwrap();
        for waiter in waiters {
            waiter.await.unwrap().unwrap();
        }
    });
}

#[test]
fn a_full_socket_is_writable_again_once_the_peer_has_read() {
    check_async(async || {
        let (stream, mut peer) = pair().await;
        let chunk = [7; 64 * 1024];
        let mut sent = 0;
        stream.writable().await.unwrap();
        let full = loop {
            match stream.try_write(&chunk) {
                Ok(n) => sent += n,
                Err(error) => break error,
            }
        };
        assert_eq!(full.kind(), ErrorKind::WouldBlock);
        let reader = thread::spawn(move || {
            let mut received = 0;
            let mut buffer = vec![0; 64 * 1024];
            loop {
                match peer.read(&mut buffer).unwrap() {
                    0 => return received,
                    n => received += n,
                }
            }
        });
        loop {
            stream.writable().await.unwrap();
            match stream.try_write(b"more") {
                Ok(n) => break sent += n,
                Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
            }
        }
        drop(stream);
        assert_eq!(reader.join().unwrap(), sent);
    });
}

#[test]
fn an_aborted_reader_leaves_the_socket_usable() {
    check_async(async || {
        let (stream, mut peer) = quiet_pair().await;
        let reader = rt::spawn({
            let stream = Arc::clone(&stream);
            async move { read_when_ready(&stream, &mut [0; 32]).await }
        });
        rt::task::yield_now().await;
        reader.abort();
        assert!(reader.await.unwrap_err().is_cancelled());
        peer.write_all(b"for another").unwrap();
        assert_eq!(read_when_ready(&stream, &mut [0; 32]).await, 11);
    });
}
