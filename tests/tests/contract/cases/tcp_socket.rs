//! `TcpSocket`, and the options of sockets; `lookup_host`.

use super::tcp::pair;
use super::{check, check_async, io, rt};
use io::{AsyncReadExt, AsyncWriteExt};
use rt::net::{TcpListener, TcpSocket, TcpStream, UdpSocket, lookup_host};
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;
use tests::caught::caught;

fn any_port() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

#[test]
fn a_socket_listens_and_another_connects() {
    check_async(async || {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        socket.bind(any_port()).unwrap();
        let address = socket.local_addr().unwrap();
        let listener = socket.listen(16).unwrap();
        assert_eq!(listener.local_addr().unwrap(), address);

        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(any_port()).unwrap();
        let from = socket.local_addr().unwrap();
        let (client, server) = futures::join!(socket.connect(address), listener.accept());
        let ((mut server, peer), mut client) = (server.unwrap(), client.unwrap());
        assert_eq!(peer, from);
        client.write_all(b"hello").await.unwrap();
        server.read_exact(&mut [0; 5]).await.unwrap();
    });
}

#[test]
fn a_socket_that_nobody_answers_says_so() {
    check_async(async || {
        let silent = TcpSocket::new_v4().unwrap();
        silent.bind(any_port()).unwrap();
        let address = silent.local_addr().unwrap();
        let socket = TcpSocket::new_v4().unwrap();
        assert_eq!(socket.connect(address).await.unwrap_err().kind(), ErrorKind::ConnectionRefused);
        let other = TcpSocket::new_v4().unwrap();
        assert_eq!(other.bind(address).unwrap_err().kind(), ErrorKind::AddrInUse);
        let v6 = TcpSocket::new_v6();
        if let Ok(v6) = v6 {
            assert!(v6.connect(address).await.is_err(), "an address of the wrong kind");
        }
    });
}

#[test]
fn options_are_kept_through_the_connection() {
    check_async(async || {
        let listener = TcpListener::bind(any_port()).await.unwrap();
        let socket = TcpSocket::new_v4().unwrap();
        assert!(!socket.keepalive().unwrap() && !socket.nodelay().unwrap());
        socket.set_keepalive(true).unwrap();
        socket.set_tos_v4(0x10).unwrap();
        assert_eq!(socket.tos_v4().unwrap(), 0x10);
        if let Ok(socket) = rt::net::TcpSocket::new_v6() {
            socket.set_tclass_v6(0x20).unwrap();
            assert_eq!(socket.tclass_v6().unwrap(), 0x20);
        }
        socket.set_nodelay(true).unwrap();
        socket.set_reuseport(true).unwrap();
        socket.set_send_buffer_size(20_000).unwrap();
        socket.set_recv_buffer_size(30_000).unwrap();
        assert!(socket.keepalive().unwrap() && socket.reuseport().unwrap());
        assert!(socket.send_buffer_size().unwrap() >= 20_000);
        assert!(socket.recv_buffer_size().unwrap() >= 30_000);
        assert_eq!(socket.linger().unwrap(), None);
        socket.set_zero_linger().unwrap();
        let stream = socket.connect(listener.local_addr().unwrap()).await.unwrap();
        assert!(stream.nodelay().unwrap());
        assert_eq!(stream.linger().unwrap(), Some(Duration::ZERO));
        let (mut server, _) = listener.accept().await.unwrap();
        drop(stream);
        let error = server.read(&mut [0]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset, "not an orderly end");
    });
}

#[test]
fn two_sockets_share_a_port_if_both_say_so() {
    check_async(async || {
        let bound = |address, share| {
            let socket = TcpSocket::new_v4().unwrap();
            socket.set_reuseport(share).unwrap();
            socket.bind(address).map(|()| socket)
        };
        let first = bound(any_port(), true).unwrap();
        let address = first.local_addr().unwrap();
        assert_eq!(bound(address, false).unwrap_err().kind(), ErrorKind::AddrInUse);
        let second = bound(address, true).unwrap();
        let (_first, _second) = (first.listen(4).unwrap(), second.listen(4).unwrap());
    });
}

#[test]
fn names_are_looked_up() {
    check_async(async || {
        let found: Vec<_> = lookup_host("localhost:80").await.unwrap().collect();
        assert!(!found.is_empty());
        assert!(found.iter().all(|address| address.ip().is_loopback() && address.port() == 80));
        let literal: Vec<_> = lookup_host(("127.0.0.1", 5)).await.unwrap().collect();
        assert_eq!(literal, [SocketAddr::from(([127, 0, 0, 1], 5))]);
        assert!(lookup_host("no colon in here").await.is_err());
    });
}

#[test]
fn a_socket_in_blocking_mode_is_refused() {
    check(|rt| {
        let _entered = rt.enter();
        let listener = std::net::TcpListener::bind(any_port()).unwrap();
        let address = listener.local_addr().unwrap();
        let stream = std::net::TcpStream::connect(address).unwrap();
        let datagrams = std::net::UdpSocket::bind(any_port()).unwrap();
        let at = [
            caught(|| TcpListener::from_std(listener)),
            caught(|| TcpStream::from_std(stream)),
            caught(|| UdpSocket::from_std(datagrams)),
        ];
        // Tokio's is at a line of the library's.
        assert!(at.iter().all(|panic| panic.message.contains("blocking socket")
            || panic.message.contains("blocking mode")));
    });
}

#[test]
fn datagrams_are_polled_for() {
    check_async(async || {
        let left = UdpSocket::bind(any_port()).await.unwrap();
        let right = UdpSocket::bind(any_port()).await.unwrap();
        let (from, to) = (left.local_addr().unwrap(), right.local_addr().unwrap());
        let receiving = rt::spawn(async move {
            let mut buffer = [0; 8];
            std::future::poll_fn(|cx| right.poll_recv_ready(cx)).await.unwrap();
            assert_eq!(io::poll_peek(&right, &mut buffer).await.unwrap(), 3);
            assert_eq!(io::poll_recv(&right, &mut buffer).await.unwrap(), 3);
            assert_eq!(&buffer[..3], b"one");
            assert_eq!(io::poll_recv_from(&right, &mut buffer).await.unwrap(), (3, from));
            assert_eq!(&buffer[..3], b"two");
        });
        super::yield_times(3).await;
        let poll_send = |word: &'static [u8]| {
            let left = &left;
            std::future::poll_fn(move |cx| left.poll_send_to(cx, word, to))
        };
        std::future::poll_fn(|cx| left.poll_send_ready(cx)).await.unwrap();
        assert_eq!(poll_send(b"one").await.unwrap(), 3);
        left.connect(to).await.unwrap();
        assert_eq!(std::future::poll_fn(|cx| left.poll_send(cx, b"two")).await.unwrap(), 3);
        receiving.await.unwrap();
    });
}

#[test]
fn a_peeked_datagram_is_still_there() {
    check_async(async || {
        let left = UdpSocket::bind(any_port()).await.unwrap();
        let right = UdpSocket::bind(any_port()).await.unwrap();
        let from = left.local_addr().unwrap();
        left.send_to(b"look", right.local_addr().unwrap()).await.unwrap();
        let mut buffer = [0; 8];
        assert_eq!(right.peek(&mut buffer).await.unwrap(), 4);
        assert_eq!(right.peek_from(&mut buffer).await.unwrap(), (4, from));
        assert_eq!(right.peek_sender().await.unwrap(), from);
        assert_eq!(right.try_peek(&mut buffer).unwrap(), 4);
        assert_eq!(right.try_peek_from(&mut buffer).unwrap(), (4, from));
        assert_eq!(right.try_recv(&mut buffer).unwrap(), 4);
        assert_eq!(right.try_peek(&mut buffer).unwrap_err().kind(), ErrorKind::WouldBlock);
    });
}

#[test]
fn datagram_options_are_set_and_read() {
    check_async(async || {
        let socket = UdpSocket::bind(any_port()).await.unwrap();
        assert!(!socket.broadcast().unwrap());
        socket.set_broadcast(true).unwrap();
        socket.set_ttl(7).unwrap();
        socket.set_multicast_loop_v4(false).unwrap();
        socket.set_multicast_ttl_v4(3).unwrap();
        assert!(socket.broadcast().unwrap() && !socket.multicast_loop_v4().unwrap());
        assert_eq!((socket.ttl().unwrap(), socket.multicast_ttl_v4().unwrap()), (7, 3));
    });
}

#[test]
fn a_stream_polls_for_a_peek() {
    check_async(async || {
        let (mut stream, mut peer) = pair().await;
        std::io::Write::write_all(&mut peer, b"look").unwrap();
        let (mut reader, _writer) = TcpStream::split(&mut stream);
        assert_eq!(reader.peek(&mut [0; 8]).await.unwrap(), 4);
        reader.read_exact(&mut [0; 4]).await.unwrap();
        stream.set_zero_linger().unwrap();
        assert_eq!(stream.linger().unwrap(), Some(Duration::ZERO));
    });
}
