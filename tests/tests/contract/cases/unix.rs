//! `UnixListener`, `UnixStream`, `UnixDatagram`.

use super::{check, check_async, io, rt};
use futures::FutureExt;
use io::{AsyncReadExt, AsyncWriteExt};
use rt::io::Interest;
use rt::net::{UnixDatagram, UnixListener, UnixStream};
use socket2::SockRef;
use std::future::poll_fn;
use std::io::{ErrorKind, IoSlice, Read, Write};
use tests::scratch::Scratch;
use tests::wait::wait;

/// Both ends of a connection through a listener; the runtime accepts.
async fn accepted(dir: &Scratch) -> (UnixStream, std::os::unix::net::UnixStream) {
    let listener = UnixListener::bind(dir.path("socket")).unwrap();
    let peer = std::os::unix::net::UnixStream::connect(dir.path("socket")).unwrap();
    let (stream, from) = listener.accept().await.unwrap();
    assert!(from.is_unnamed());
    (stream, peer)
}

#[test]
fn an_echo_comes_back_whole() {
    check_async(async || {
        let dir = Scratch::new();
        let listener = UnixListener::bind(dir.path("socket")).unwrap();
        let echo = rt::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            let (mut reader, mut writer) = stream.into_split();
            let mut buffer = vec![0; 4096];
            loop {
                match reader.read(&mut buffer).await.unwrap() {
                    0 => break,
                    n => writer.write_all(&buffer[..n]).await.unwrap(),
                }
            }
        });
        let mut client = UnixStream::connect(dir.path("socket")).await.unwrap();
        for size in [1, 64, 4096, 100_000] {
            let sent: Vec<u8> = (0..size).map(|i| i as u8).collect();
            let mut received = vec![0; size];
            client.write_all(&sent).await.unwrap();
            client.read_exact(&mut received).await.unwrap();
            assert_eq!(sent, received);
        }
        io::close(&mut client).await.unwrap();
        assert_eq!(client.read(&mut [0]).await.unwrap(), 0, "the echo has ended");
        echo.await.unwrap();
    });
}

#[test]
fn more_than_the_buffers_hold_passes_through_a_pair() {
    check_async(async || {
        let (mut near, mut far) = UnixStream::pair().unwrap();
        let writer = rt::spawn(async move {
            let chunk: Vec<u8> = (0..251).collect();
            for _ in 0..(4 << 20) / chunk.len() {
                near.write_all(&chunk).await.unwrap();
            }
        });
        let mut buffer = vec![0; 16 * 1024];
        let mut total = 0;
        loop {
            let n = far.read(&mut buffer).await.unwrap();
            if n == 0 {
                break;
            }
            for (i, byte) in buffer[..n].iter().enumerate() {
                assert_eq!(usize::from(*byte), (total + i) % 251);
            }
            total += n;
        }
        assert_eq!(total, (4 << 20) / 251 * 251);
        writer.await.unwrap();
    });
}

#[test]
fn a_path_without_a_listener_says_so() {
    check_async(async || {
        let dir = Scratch::new();
        let error = UnixStream::connect(dir.path("nobody")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        drop(UnixListener::bind(dir.path("socket")).unwrap());
        let error = UnixStream::connect(dir.path("socket")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused, "the file stays behind");
        let error = UnixListener::bind(dir.path("socket")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AddrInUse);
    });
}

/// Tokio's addresses are a type of its own.
fn std_stream(to: impl Into<std::os::unix::net::SocketAddr>) -> std::os::unix::net::UnixStream {
    std::os::unix::net::UnixStream::connect_addr(&to.into()).unwrap()
}

#[test]
#[cfg(target_os = "linux")]
fn an_abstract_name_is_no_file() {
    check_async(async || {
        let name = format!("\0a test of process {}", std::process::id());
        // Cases of all runtimes run at once in this process.
        let listener = (0..100).find_map(|i| UnixListener::bind(format!("{name}, {i}")).ok());
        let listener = listener.unwrap();
        let address = listener.local_addr().unwrap();
        assert!(address.as_pathname().is_none() && !address.is_unnamed());
        let peer = std_stream(address);
        drop(listener.accept().await.unwrap());
        drop(peer);
    });
}

#[test]
fn addresses_are_those_of_the_listener() {
    check_async(async || {
        let dir = Scratch::new();
        let listener = UnixListener::bind(dir.path("socket")).unwrap();
        let client = UnixStream::connect(dir.path("socket")).await.unwrap();
        let (server, _) = listener.accept().await.unwrap();
        let path = dir.path("socket");
        assert_eq!(listener.local_addr().unwrap().as_pathname(), Some(path.as_path()));
        assert_eq!(client.peer_addr().unwrap().as_pathname(), Some(path.as_path()));
        assert_eq!(server.local_addr().unwrap().as_pathname(), Some(path.as_path()));
        assert!(client.local_addr().unwrap().is_unnamed());
    });
}

#[test]
fn an_accept_dropped_in_time_loses_nobody() {
    check_async(async || {
        let dir = Scratch::new();
        let listener = UnixListener::bind(dir.path("socket")).unwrap();
        for i in 0..20_u8 {
            assert!(listener.accept().now_or_never().is_none());
            let mut peer = std::os::unix::net::UnixStream::connect(dir.path("socket")).unwrap();
            peer.write_all(&[i]).unwrap();
            let (mut stream, _) = poll_fn(|cx| listener.poll_accept(cx)).await.unwrap();
            let mut byte = [0];
            stream.read_exact(&mut byte).await.unwrap();
            assert_eq!(byte[0], i);
        }
    });
}

#[test]
fn a_read_dropped_in_time_loses_nothing() {
    check_async(async || {
        let (mut near, mut far) = UnixStream::pair().unwrap();
        let mut byte = [0];
        for i in 0..50_u8 {
            assert!(near.read(&mut byte).now_or_never().is_none());
            assert!(near.readable().now_or_never().is_none());
            far.write_all(&[i]).await.unwrap();
            near.read_exact(&mut byte).await.unwrap();
            assert_eq!(byte[0], i);
        }
    });
}

#[test]
fn tries_end_where_the_socket_would_block() {
    check_async(async || {
        let dir = Scratch::new();
        let (stream, mut peer) = accepted(&dir).await;
        let mut sent = 0;
        stream.writable().await.unwrap();
        let full = loop {
            match stream.try_write(&[7; 4096]) {
                Ok(n) => sent += n,
                Err(error) => break error,
            }
        };
        assert_eq!(full.kind(), ErrorKind::WouldBlock);
        let mut received = vec![0; sent];
        peer.read_exact(&mut received).unwrap();
        stream.writable().await.unwrap();
        let parts = [IoSlice::new(b"one "), IoSlice::new(b"two")];
        assert_eq!(stream.try_write_vectored(&parts).unwrap(), 7);
        peer.read_exact(&mut received[..7]).unwrap();
        assert_eq!(&received[..7], b"one two");

        assert_eq!(stream.try_read(&mut received).unwrap_err().kind(), ErrorKind::WouldBlock);
        peer.write_all(b"back").unwrap();
        assert!(stream.ready(Interest::READABLE).await.unwrap().is_readable());
        assert_eq!(stream.try_read(&mut received).unwrap(), 4);
        drop(peer);
        while !stream.ready(Interest::READABLE).await.unwrap().is_read_closed() {
            rt::task::yield_now().await;
        }
        assert_eq!(stream.try_read(&mut received).unwrap(), 0);
    });
}

#[test]
fn halves_come_apart_and_together() {
    check_async(async || {
        let dir = Scratch::new();
        let (mut stream, mut peer) = accepted(&dir).await;
        {
            let (mut reader, mut writer) = UnixStream::split(&mut stream);
            peer.write_all(b"in").unwrap();
            let mut word = [0; 2];
            let (read, wrote) =
                futures::join!(reader.read_exact(&mut word), writer.write_all(b"out"));
            read.map(drop).unwrap();
            wrote.unwrap();
            peer.read_exact(&mut [0; 3]).unwrap();
        }
        let (reader, writer) = stream.into_split();
        let (other, _far) = UnixStream::pair().unwrap();
        let (_other_reader, other_writer) = other.into_split();
        let error = reader.reunite(other_writer).unwrap_err();
        let (mut reader, writer) = error.0.reunite(writer).unwrap().into_split();
        drop(writer);
        assert_eq!(peer.read(&mut [0]).unwrap(), 0, "an owned half ends its direction");
        peer.write_all(b"on").unwrap();
        reader.read_exact(&mut [0; 2]).await.unwrap();
    });
}

#[test]
fn sockets_come_from_the_standard_library_and_go_back() {
    check_async(async || {
        let (near, mut far) = std::os::unix::net::UnixStream::pair().unwrap();
        near.set_nonblocking(true).unwrap();
        let mut near = UnixStream::from_std(near).unwrap();
        far.write_all(b"early").unwrap();
        near.read_exact(&mut [0; 5]).await.unwrap();
        let mut near = near.into_std().unwrap();
        assert_eq!(near.read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);

        let dir = Scratch::new();
        let listener = std::os::unix::net::UnixListener::bind(dir.path("socket")).unwrap();
        listener.set_nonblocking(true).unwrap();
        let listener = UnixListener::from_std(listener).unwrap();
        let (client, server) =
            futures::join!(UnixStream::connect(dir.path("socket")), listener.accept());
        drop((client.unwrap(), server.unwrap()));
        assert!(listener.take_error().unwrap().is_none());
        listener.into_std().unwrap();
    });
}

#[test]
#[cfg(target_os = "linux")]
fn the_peer_is_known() {
    check_async(async || {
        let (near, _far) = UnixStream::pair().unwrap();
        let who = near.peer_cred().unwrap();
        assert_eq!(who.pid(), i32::try_from(std::process::id()).ok());
        let me = std::os::linux::fs::MetadataExt::st_uid(&std::fs::metadata("/proc/self").unwrap());
        assert_eq!(who.uid(), me);
    });
}

#[test]
fn an_operation_of_ones_own_waits_too() {
    check_async(async || {
        let (near, mut far) = UnixStream::pair().unwrap();
        let reading = rt::spawn(async move {
            let mut byte = [0];
            let read = || (&*SockRef::from(&near)).read(&mut byte);
            assert_eq!(near.async_io(Interest::READABLE, read).await.unwrap(), 1);
            byte[0]
        });
        super::yield_times(3).await;
        far.write_all(b"!").await.unwrap();
        assert_eq!(reading.await.unwrap(), b'!');
    });
}

#[test]
fn what_outlives_its_runtime_fails_and_does_not_hang() {
    check(|rt| {
        let (mut near, _far) = rt.block_on(async { UnixStream::pair().unwrap() });
        let reader = std::thread::spawn(move || wait(near.read(&mut [0; 8])).unwrap_err().kind());
        drop(rt);
        assert_eq!(reader.join().unwrap(), ErrorKind::Other);
    });
}

#[test]
fn datagrams_keep_their_bounds_and_their_senders() {
    check_async(async || {
        let dir = Scratch::new();
        let left = UnixDatagram::bind(dir.path("left")).unwrap();
        let right = UnixDatagram::bind(dir.path("right")).unwrap();
        let mut buffer = [0; 32];
        assert!(right.recv_from(&mut buffer).now_or_never().is_none());
        for word in [&b"one"[..], b"", b"three"] {
            assert_eq!(left.send_to(word, dir.path("right")).await.unwrap(), word.len());
        }
        for word in [&b"one"[..], b"", b"three"] {
            let (n, from) = right.recv_from(&mut buffer).await.unwrap();
            assert_eq!(&buffer[..n], word);
            assert_eq!(from.as_pathname(), Some(dir.path("left").as_path()));
        }
        let error = left.send_to(b"?", dir.path("nobody")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
    });
}

#[test]
fn a_full_datagram_socket_is_waited_for() {
    check_async(async || {
        let (near, far) = UnixDatagram::pair().unwrap();
        let sender = rt::spawn(async move {
            for i in 0..2_000_u16 {
                near.send(&i.to_be_bytes()).await.unwrap();
            }
        });
        let mut buffer = [0; 8];
        for i in 0..2_000_u16 {
            super::yield_times(usize::from(i == 500)).await;
            assert_eq!(far.recv(&mut buffer).await.unwrap(), 2);
            assert_eq!(buffer[..2], i.to_be_bytes());
        }
        sender.await.unwrap();
    });
}

#[test]
fn a_datagram_socket_without_a_name_sends_and_connects() {
    check_async(async || {
        let dir = Scratch::new();
        let named = UnixDatagram::bind(dir.path("named")).unwrap();
        let unnamed = UnixDatagram::unbound().unwrap();
        unnamed.writable().await.unwrap();
        assert_eq!(unnamed.try_send_to(b"to", dir.path("named")).unwrap(), 2);
        unnamed.connect(dir.path("named")).unwrap();
        assert_eq!(poll_fn(|cx| unnamed.poll_send(cx, b"connected")).await.unwrap(), 9);
        let mut buffer = [0; 16];
        let (n, from) = named.recv_from(&mut buffer).await.unwrap();
        assert_eq!((n, from.is_unnamed()), (2, true));
        assert_eq!(named.recv(&mut buffer).await.unwrap(), 9);
        assert_eq!(named.try_recv(&mut buffer).unwrap_err().kind(), ErrorKind::WouldBlock);
        unnamed.shutdown(std::net::Shutdown::Write).unwrap();
        assert_eq!(unnamed.send(b"x").await.unwrap_err().kind(), ErrorKind::BrokenPipe);
    });
}
