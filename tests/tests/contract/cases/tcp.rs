//! `TcpStream`: reading, writing, ends and errors.

use super::{check, check_async, io, rt, yield_until};
use io::{AsyncReadExt, AsyncWriteExt};
use rt::net::{TcpListener, TcpStream};
use socket2::{Domain, SockRef, Socket, Type};
use std::io::{ErrorKind, IoSlice, Read, Write};
use std::net::SocketAddr;
use std::thread;
use std::time::Duration;
use tests::wait::wait;

/// A connected pair: the runtime's end, and a blocking one.
pub(super) async fn pair() -> (TcpStream, std::net::TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let peer = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (stream, from) = listener.accept().await.unwrap();
    assert_eq!(from, peer.local_addr().unwrap());
    (stream, peer)
}

/// A connected pair, both ends the runtime's.
pub(super) async fn async_pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (connected, accepted) = futures::join!(TcpStream::connect(address), listener.accept());
    (connected.unwrap(), accepted.unwrap().0)
}

/// Makes the kernel answer with a reset instead of an orderly end.
pub(super) fn reset(peer: std::net::TcpStream) {
    SockRef::from(&peer).set_linger(Some(Duration::ZERO)).unwrap();
    drop(peer);
}

#[test]
fn an_echo_comes_back_whole() {
    check_async(async || {
        let (mut client, mut server) = async_pair().await;
        let echo = rt::spawn(async move {
            let mut buffer = vec![0; 4096];
            loop {
                match server.read(&mut buffer).await.unwrap() {
                    0 => break,
                    n => server.write_all(&buffer[..n]).await.unwrap(),
                }
            }
        });
        for size in [1, 64, 4096, 100_000] {
            let sent: Vec<u8> = (0..size).map(|i| i as u8).collect();
            let mut received = vec![0; size];
            client.write_all(&sent).await.unwrap();
            client.read_exact(&mut received).await.unwrap();
            assert_eq!(sent, received);
        }
        drop(client);
        echo.await.unwrap();
    });
}

#[test]
fn a_refused_connection_says_so() {
    check_async(async || {
        // Bound and not listening: nobody else gets the port, and nobody answers on it.
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
        let address = socket.local_addr().unwrap().as_socket().unwrap();
        let error = TcpStream::connect(address).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    });
}

#[test]
fn both_ends_agree_on_their_addresses() {
    check_async(async || {
        let (client, server) = async_pair().await;
        assert_eq!(client.local_addr().unwrap(), server.peer_addr().unwrap());
        assert_eq!(client.peer_addr().unwrap(), server.local_addr().unwrap());
        client.set_nodelay(true).unwrap();
        assert!(client.nodelay().unwrap());
    });
}

#[test]
fn a_read_waits_for_what_comes_later() {
    check_async(async || {
        let (mut stream, mut peer) = pair().await;
        let reader = rt::spawn(async move {
            let mut buffer = [0; 16];
            let n = stream.read(&mut buffer).await.unwrap();
            buffer[..n].to_vec()
        });
        rt::task::yield_now().await;
        peer.write_all(b"later").unwrap();
        assert_eq!(reader.await.unwrap(), b"later");
    });
}

#[test]
fn the_end_of_the_peer_is_the_end_of_the_stream() {
    check_async(async || {
        let (mut stream, mut peer) = pair().await;
        peer.write_all(b"last words").unwrap();
        drop(peer);
        let mut all = Vec::new();
        stream.read_to_end(&mut all).await.unwrap();
        assert_eq!(all, b"last words");
        assert_eq!(stream.read(&mut [0; 8]).await.unwrap(), 0, "and stays so");
    });
}

#[test]
fn one_direction_ends_and_the_other_goes_on() {
    check_async(async || {
        let (mut client, mut server) = async_pair().await;
        let server = rt::spawn(async move {
            let mut question = String::new();
            server.read_to_string(&mut question).await.unwrap();
            server.write_all(question.to_uppercase().as_bytes()).await.unwrap();
        });
        client.write_all(b"half").await.unwrap();
        io::close(&mut client).await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        assert_eq!(answer, "HALF");
        server.await.unwrap();
    });
}

#[test]
fn vectored_writes_keep_their_order() {
    check_async(async || {
        let (mut stream, mut peer) = pair().await;
        let parts = [IoSlice::new(b"one "), IoSlice::new(b""), IoSlice::new(b"two ")];
        stream.writable().await.unwrap();
        assert_eq!(stream.try_write_vectored(&parts).unwrap(), 8);
        let parts = [IoSlice::new(b"three "), IoSlice::new(b"four")];
        assert_eq!(stream.write_vectored(&parts).await.unwrap(), 10);
        stream.flush().await.unwrap();
        drop(stream);
        let mut all = String::new();
        peer.read_to_string(&mut all).unwrap();
        assert_eq!(all, "one two three four");
    });
}

#[test]
fn a_reset_by_the_peer_is_an_error() {
    check_async(async || {
        let (mut stream, peer) = pair().await;
        reset(peer);
        let error = stream.read(&mut [0; 8]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        let error = stream.write(b"anyone?").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BrokenPipe);
    });
}

#[test]
fn a_reset_wakes_who_waits() {
    check_async(async || {
        let (mut stream, peer) = pair().await;
        let reader = rt::spawn(async move { stream.read(&mut [0; 8]).await });
        rt::task::yield_now().await;
        reset(peer);
        let error = reader.await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    });
}

#[test]
fn a_stream_is_read_on_a_thread_without_a_runtime() {
    check(|rt| {
        let (mut stream, mut peer) = rt.block_on(pair());
        let reader = thread::spawn(move || {
            wait(async move {
                let mut word = [0; 5];
                stream.read_exact(&mut word).await.unwrap();
                word
            })
        });
        rt.block_on(async {
            rt::task::yield_now().await;
            peer.write_all(b"again").unwrap();
            yield_until(|| reader.is_finished()).await;
        });
        assert_eq!(&reader.join().unwrap(), b"again");
    });
}

#[test]
fn a_stream_that_outlives_its_runtime_fails_and_does_not_hang() {
    check(|rt| {
        let (mut stream, peer) = rt.block_on(pair());
        let reader = thread::spawn(move || {
            let first = wait(stream.read(&mut [0; 8])).unwrap_err();
            let second = wait(stream.read(&mut [0; 8])).unwrap_err();
            (first.kind(), second.kind())
        });
        drop(rt);
        let (first, second) = reader.join().unwrap();
        assert_eq!((first, second), (ErrorKind::Other, ErrorKind::Other));
        drop(peer);
    });
}

#[test]
fn two_hundred_connections_are_served_at_once() {
    check_async(async || {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = rt::spawn(async move {
            for _ in 0..200 {
                let (mut stream, _) = listener.accept().await.unwrap();
                drop(rt::spawn(async move {
                    let mut byte = [0];
                    while stream.read(&mut byte).await.unwrap() == 1 {
                        stream.write_all(&[byte[0] + 1]).await.unwrap();
                    }
                }));
            }
        });
        let mut clients = Vec::new();
        for _ in 0..200 {
            clients.push(TcpStream::connect(address).await.unwrap());
        }
        server.await.unwrap();
        let exchanges = clients.into_iter().enumerate().map(|(i, mut client)| async move {
            for round in 0..5 {
                let sent = (i + round) as u8 % 200;
                client.write_all(&[sent]).await.unwrap();
                let mut back = [0];
                client.read_exact(&mut back).await.unwrap();
                assert_eq!(back[0], sent + 1);
            }
        });
        futures::future::join_all(exchanges).await;
    });
}
