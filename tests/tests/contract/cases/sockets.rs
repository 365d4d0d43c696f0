//! What sockets do beside reading and writing: come from the standard library and go back, resolve
//! addresses, look without taking, wait for either direction.

use super::tcp::{pair, reset};
use super::{check_async, io, rt};
use io::{AsyncReadExt, AsyncWriteExt};
use rt::io::Interest;
use rt::net::{TcpListener, TcpStream, UdpSocket};
use std::future::poll_fn;
use std::io::{ErrorKind, IoSliceMut, Read, Write};
use std::net::SocketAddr;

#[test]
fn a_listener_comes_from_the_standard_library_and_goes_back() {
    check_async(async || {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let listener = TcpListener::from_std(listener).unwrap();
        let peer = std::net::TcpStream::connect(address).unwrap();
        assert_eq!(listener.accept().await.unwrap().1, peer.local_addr().unwrap());
        let listener = listener.into_std().unwrap();
        assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
        // Registered once more, as if it had never been.
        let listener = TcpListener::from_std(listener).unwrap();
        let peer = std::net::TcpStream::connect(address).unwrap();
        assert_eq!(listener.accept().await.unwrap().1, peer.local_addr().unwrap());
    });
}

#[test]
fn a_stream_comes_from_the_standard_library_and_goes_back() {
    check_async(async || {
        let (stream, mut peer) = pair().await;
        let stream = stream.into_std().unwrap();
        let mut stream = TcpStream::from_std(stream).unwrap();
        peer.write_all(b"hello").unwrap();
        let mut word = [0; 5];
        stream.read_exact(&mut word).await.unwrap();
        assert_eq!(&word, b"hello");
        let mut stream = stream.into_std().unwrap();
        stream.set_nonblocking(false).unwrap();
        stream.write_all(b"back").unwrap();
        peer.read_exact(&mut word[..4]).unwrap();
        assert_eq!(&word[..4], b"back");
    });
}

#[test]
fn what_has_come_before_a_stream_is_adopted_is_read() {
    check_async(async || {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let mut peer = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        peer.write_all(b"early").unwrap();
        let (stream, _) = listener.accept().unwrap();
        stream.set_nonblocking(true).unwrap();
        let mut stream = TcpStream::from_std(stream).unwrap();
        let mut word = [0; 5];
        stream.read_exact(&mut word).await.unwrap();
        assert_eq!(&word, b"early");
    });
}

#[test]
fn addresses_are_taken_in_many_shapes() {
    check_async(async || {
        let listener = TcpListener::bind("localhost:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        TcpStream::connect(address).await.unwrap();
        TcpStream::connect((address.ip(), address.port())).await.unwrap();
        TcpStream::connect(address.to_string()).await.unwrap();
        TcpStream::connect(&address).await.unwrap();
        TcpStream::connect(("localhost", address.port())).await.unwrap();
    });
}

#[test]
fn of_several_addresses_the_first_that_answers_is_taken() {
    check_async(async || {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let good = listener.local_addr().unwrap();
        // Bound and not listening.
        let silent = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None);
        let silent = silent.unwrap();
        silent.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
        let bad = silent.local_addr().unwrap().as_socket().unwrap();
        let stream = TcpStream::connect(&[bad, good][..]).await.unwrap();
        assert_eq!(stream.peer_addr().unwrap(), good);
        let error = TcpStream::connect(&[bad, bad][..]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        let none: &[SocketAddr] = &[];
        assert_eq!(TcpStream::connect(none).await.unwrap_err().kind(), ErrorKind::InvalidInput);
        TcpStream::connect("no colon in here").await.unwrap_err();
    });
}

#[test]
fn a_peek_takes_nothing() {
    check_async(async || {
        let (mut stream, mut peer) = pair().await;
        peer.write_all(b"look").unwrap();
        let mut seen = [0; 4];
        assert_eq!(stream.peek(&mut seen).await.unwrap(), 4);
        assert_eq!(stream.peek(&mut seen[..2]).await.unwrap(), 2);
        let mut word = [0; 4];
        stream.read_exact(&mut word).await.unwrap();
        assert_eq!((&seen, &word), (b"look", b"look"));
    });
}

#[test]
fn a_stream_waits_for_either_direction() {
    check_async(async || {
        let (stream, mut peer) = pair().await;
        let either = Interest::READABLE | Interest::WRITABLE;
        assert!(stream.ready(either).await.unwrap().is_writable());
        assert_eq!(stream.try_read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
        peer.write_all(b"x").unwrap();
        while !stream.ready(either).await.unwrap().is_readable() {
            rt::task::yield_now().await;
        }
        let attempt = || stream.try_read(&mut [0; 8]);
        assert_eq!(attempt().unwrap(), 1);
        drop(peer);
        while !stream.ready(either).await.unwrap().is_read_closed() {
            rt::task::yield_now().await;
        }
        assert_eq!(stream.try_read(&mut [0; 8]).unwrap(), 0);
    });
}

#[test]
fn try_io_says_would_block_for_who_finds_nothing() {
    check_async(async || {
        let (stream, mut peer) = pair().await;
        peer.write_all(b"x").unwrap();
        stream.readable().await.unwrap();
        // Whatever the attempt, a `WouldBlock` of it clears the readiness.
        let nothing = || Err::<(), _>(ErrorKind::WouldBlock.into());
        let error = stream.try_io(Interest::READABLE, nothing).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
        peer.write_all(b"y").unwrap();
        stream.readable().await.unwrap();
        let found = stream.try_io(Interest::READABLE, || Ok(5)).unwrap();
        assert_eq!(found, 5);
    });
}

#[test]
fn borrowed_halves_read_and_write_at_once() {
    check_async(async || {
        let (mut stream, mut peer) = pair().await;
        let (mut reader, mut writer) = TcpStream::split(&mut stream);
        peer.write_all(b"in").unwrap();
        let mut word = [0; 2];
        let (read, wrote) = futures::join!(reader.read_exact(&mut word), writer.write_all(b"out"));
        read.map(drop).unwrap();
        wrote.unwrap();
        assert_eq!(&word, b"in");
        let mut answer = [0; 3];
        peer.read_exact(&mut answer).unwrap();
        // Unlike the owned ones they close nothing.
        stream.write_all(b"!").await.unwrap();
        peer.read_exact(&mut answer[..1]).unwrap();
    });
}

#[test]
fn a_writing_half_that_is_forgotten_ends_nothing() {
    check_async(async || {
        let (stream, mut peer) = pair().await;
        let (mut reader, writer) = stream.into_split();
        writer.forget();
        peer.write_all(b"on").unwrap();
        reader.read_exact(&mut [0; 2]).await.unwrap();
        peer.set_nonblocking(true).unwrap();
        assert_eq!(peer.read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
    });
}

#[test]
fn vectored_reads_fill_one_buffer_after_the_other() {
    check_async(async || {
        let (stream, mut peer) = pair().await;
        peer.write_all(b"abcd").unwrap();
        // All of it has come, in one segment.
        assert_eq!(stream.peek(&mut [0; 8]).await.unwrap(), 4);
        let (mut one, mut two) = ([0; 1], [0; 8]);
        let mut buffers = [IoSliceMut::new(&mut one), IoSliceMut::new(&mut two)];
        assert_eq!(stream.try_read_vectored(&mut buffers).unwrap(), 4);
        assert_eq!((&one[..], &two[..3]), (&b"a"[..], &b"bcd"[..]));
    });
}

#[test]
fn an_error_of_the_socket_is_taken_once() {
    check_async(async || {
        let (stream, peer) = pair().await;
        assert!(stream.take_error().unwrap().is_none());
        reset(peer);
        let error = loop {
            match stream.take_error().unwrap() {
                Some(error) => break error,
                None => rt::task::yield_now().await,
            }
        };
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        assert!(stream.take_error().unwrap().is_none());
    });
}

#[test]
fn poll_accept_wakes_as_accept_does() {
    check_async(async || {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let accepted =
            rt::spawn(async move { poll_fn(|cx| listener.poll_accept(cx)).await.unwrap().1 });
        super::yield_times(3).await;
        let peer = std::net::TcpStream::connect(address).unwrap();
        assert_eq!(accepted.await.unwrap(), peer.local_addr().unwrap());
    });
}

#[test]
fn a_connected_datagram_socket_talks_to_one_peer() {
    check_async(async || {
        let left = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let right = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let stranger = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        left.connect(right.local_addr().unwrap()).await.unwrap();
        right.connect(left.local_addr().unwrap()).await.unwrap();
        assert_eq!(left.peer_addr().unwrap(), right.local_addr().unwrap());
        stranger.send_to(b"unheard", right.local_addr().unwrap()).await.unwrap();
        assert_eq!(left.send(b"heard").await.unwrap(), 5);
        let mut buffer = [0; 16];
        assert_eq!(right.recv(&mut buffer).await.unwrap(), 5);
        assert_eq!(&buffer[..5], b"heard");
    });
}

#[test]
fn datagrams_are_tried_for_without_waiting() {
    check_async(async || {
        let left = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let right = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let (from, to) = (left.local_addr().unwrap(), right.local_addr().unwrap());
        let mut buffer = [0; 16];
        assert_eq!(right.try_recv_from(&mut buffer).unwrap_err().kind(), ErrorKind::WouldBlock);
        left.writable().await.unwrap();
        assert_eq!(left.try_send_to(b"now", to).unwrap(), 3);
        let received = loop {
            right.readable().await.unwrap();
            match right.try_recv_from(&mut buffer) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                result => break result.unwrap(),
            }
        };
        assert_eq!(received, (3, from));
    });
}
