//! `TcpStream::into_split`: two halves that do not know each other's waiting.

use super::tcp::{async_pair, pair};
use super::{check_async, io, rt, yield_until};
use io::{AsyncReadExt, AsyncWriteExt};
use std::io::{ErrorKind, Read, Write};

const MEGABYTE: usize = 1 << 20;

#[test]
fn halves_read_and_write_at_once() {
    check_async(async || {
        // More than the kernel buffers, both ways: who only wrote, or only read, would be stuck.
        let (left, right) = async_pair().await;
        let tasks: Vec<_> = [left, right]
            .into_iter()
            .flat_map(|stream| {
                let (mut reader, mut writer) = stream.into_split();
                [
                    rt::spawn(async move {
                        let chunk: Vec<u8> = (0..251).collect();
                        for _ in 0..MEGABYTE * 8 / chunk.len() {
                            writer.write_all(&chunk).await.unwrap();
                        }
                        io::close(&mut writer).await.unwrap();
                    }),
                    rt::spawn(async move {
                        let mut buffer = vec![0; 16 * 1024];
                        let mut total = 0;
                        loop {
                            let n = reader.read(&mut buffer).await.unwrap();
                            if n == 0 {
                                break;
                            }
                            for (i, byte) in buffer[..n].iter().enumerate() {
                                assert_eq!(usize::from(*byte), (total + i) % 251);
                            }
                            total += n;
                        }
                        assert_eq!(total, MEGABYTE * 8 / 251 * 251);
                    }),
                ]
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
}

#[test]
fn a_half_that_waits_does_not_keep_the_other_from_going_on() {
    check_async(async || {
        let (stream, mut peer) = pair().await;
        let (mut reader, mut writer) = stream.into_split();
        let reading = rt::spawn(async move {
            let mut byte = [0];
            reader.read_exact(&mut byte).await.unwrap();
            byte[0]
        });
        super::yield_times(3).await;
        writer.write_all(b"question").await.unwrap();
        let mut question = [0; 8];
        peer.read_exact(&mut question).unwrap();
        assert!(!reading.is_finished());
        peer.write_all(&[42]).unwrap();
        assert_eq!(reading.await.unwrap(), 42);
    });
}

#[test]
fn an_aborted_reading_half_leaves_the_writing_half_usable() {
    check_async(async || {
        let (stream, mut peer) = pair().await;
        let (mut reader, mut writer) = stream.into_split();
        let reading = rt::spawn(async move { reader.read(&mut [0; 8]).await });
        super::yield_times(3).await;
        reading.abort();
        assert!(reading.await.unwrap_err().is_cancelled());
        writer.write_all(b"alone").await.unwrap();
        let mut word = [0; 5];
        peer.read_exact(&mut word).unwrap();
        assert_eq!(&word, b"alone");
    });
}

#[test]
fn the_drop_of_the_writing_half_ends_its_direction() {
    check_async(async || {
        let (stream, mut peer) = pair().await;
        let (mut reader, mut writer) = stream.into_split();
        writer.write_all(b"the end").await.unwrap();
        drop(writer);
        let mut all = String::new();
        peer.read_to_string(&mut all).unwrap();
        assert_eq!(all, "the end");
        // The other direction is as open as before.
        peer.write_all(b"heard").unwrap();
        let mut heard = [0; 5];
        reader.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, b"heard");
    });
}

#[test]
fn halves_that_belong_together_reunite() {
    check_async(async || {
        let (stream, mut peer) = pair().await;
        let (other, _other_peer) = pair().await;
        let (reader, writer) = stream.into_split();
        let (_other_reader, other_writer) = other.into_split();
        let error = reader.reunite(other_writer).unwrap_err();
        let mut stream = error.0.reunite(writer).unwrap();
        stream.write_all(b"whole").await.unwrap();
        let mut word = [0; 5];
        peer.read_exact(&mut word).unwrap();
        assert_eq!(&word, b"whole");
    });
}

#[test]
fn halves_have_readiness_too() {
    check_async(async || {
        let (stream, mut peer) = pair().await;
        let (reader, writer) = stream.into_split();
        let mut buffer = [0; 8];
        assert_eq!(reader.try_read(&mut buffer).unwrap_err().kind(), ErrorKind::WouldBlock);
        writer.writable().await.unwrap();
        assert_eq!(writer.try_write(b"out").unwrap(), 3);
        peer.read_exact(&mut [0; 3]).unwrap();
        peer.write_all(b"in").unwrap();
        let mut read = 0;
        while read == 0 {
            reader.readable().await.unwrap();
            read = match reader.try_read(&mut buffer) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => 0,
                result => result.unwrap(),
            };
        }
        assert_eq!(&buffer[..read], b"in");
    });
}

#[test]
fn a_stream_is_closed_with_its_last_half() {
    check_async(async || {
        let (stream, peer) = pair().await;
        peer.set_nonblocking(true).unwrap();
        let (reader, writer) = stream.into_split();
        let reading = rt::spawn(async move {
            let _reader = reader;
            std::future::pending::<()>().await;
        });
        drop(writer);
        super::yield_times(2).await;
        reading.abort();
        assert!(reading.await.unwrap_err().is_cancelled());
        // Nobody reads any more, so what is written is answered by a reset, sooner or later.
        yield_until(|| (&peer).write(b"x").is_err_and(|e| e.kind() != ErrorKind::WouldBlock)).await;
    });
}
