//! Sockets over loopback against peers of `std`, which wait for nobody's reactor.

use std::future::{Future, poll_fn};
use std::io::{ErrorKind, IoSlice, IoSliceMut, Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use futures::future::{join, join3, poll_immediate};
use futures::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::tcp::{OwnedReadHalf, OwnedWriteHalf, ReuniteError};
use super::*;
use crate::io::Interest;
use crate::runtime::{Builder, Runtime};

const ANY_PORT: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 0);

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// On a current-thread runtime: the reactor turns only while the future waits.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    runtime().block_on(future)
}

/// A connected stream, and its peer, which blocks.
async fn pair() -> (TcpStream, std::net::TcpStream) {
    let listener = std::net::TcpListener::bind(ANY_PORT).expect("a port");
    let addr = listener.local_addr().expect("an address");
    let near = TcpStream::connect(addr).await.expect("a connection");
    let (far, _) = listener.accept().expect("the connection");
    (near, far)
}

/// The same from the other side: an accepted stream, and the peer that connected.
async fn accepted() -> (TcpStream, std::net::TcpStream) {
    let listener = TcpListener::bind(ANY_PORT).await.expect("a port");
    let far = std::net::TcpStream::connect(listener.local_addr().expect("an address"));
    let (near, peer) = listener.accept().await.expect("a connection");
    let far = far.expect("a connection");
    assert_eq!(peer, far.local_addr().expect("an address"));
    (near, far)
}

fn is_blocked<T: std::fmt::Debug>(result: std::io::Result<T>) -> bool {
    result.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
}

#[test]
fn bytes_go_both_ways_on_connected_and_accepted_streams() {
    block_on(async {
        for (mut near, mut far) in [pair().await, accepted().await] {
            let mut buf = [0; 5];
            near.write_all(b"hello").await.expect("writes");
            far.read_exact(&mut buf).expect("reads");
            assert_eq!(&buf, b"hello");
            far.write_all(b"there").expect("writes");
            near.read_exact(&mut buf).await.expect("reads");
            assert_eq!(&buf, b"there");
            assert_eq!(near.peer_addr().ok(), far.local_addr().ok());
            assert_eq!(near.local_addr().ok(), far.peer_addr().ok());
        }
    });
}

#[test]
fn more_than_the_buffers_hold_arrives_whole_and_in_order() {
    const LEN: usize = 8 << 20;
    let sent: Vec<u8> = (0..LEN).map(|i| (i % 251) as u8).collect();
    block_on(async {
        let (mut near, mut far) = pair().await;
        let echo = std::thread::spawn(move || {
            let mut back = Vec::with_capacity(LEN);
            far.read_to_end(&mut back).expect("reads");
            far.write_all(&back).expect("writes");
        });
        near.write_all(&sent).await.expect("writes");
        near.close().await.expect("closes the writing side");
        let mut back = Vec::with_capacity(LEN);
        near.read_to_end(&mut back).await.expect("reads");
        assert!(back == sent, "what came back is what was sent");
        echo.join().expect("the peer does not panic");
    });
}

#[test]
fn many_connections_go_on_at_once_on_several_workers() {
    const CONNECTIONS: usize = 100;
    const ROUNDS: u32 = 20;
    let runtime = Builder::new_multi_thread().worker_threads(3).enable_all().build();
    let runtime = runtime.expect("a runtime");
    runtime.block_on(async {
        let listener = TcpListener::bind(ANY_PORT).await.expect("a port");
        let addr = listener.local_addr().expect("an address");
        let server = crate::spawn(async move {
            let mut echoes = Vec::new();
            while echoes.len() < CONNECTIONS {
                let (stream, _) = listener.accept().await.expect("accepts");
                echoes.push(crate::spawn(async move {
                    let (read, mut write) = stream.into_split();
                    futures::io::copy(read, &mut write).await
                }));
            }
            for echo in echoes {
                let bytes = echo.await.expect("no panic").expect("copies to the end");
                assert_eq!(bytes, u64::from(ROUNDS) * 4);
            }
        });
        let client = || async move {
            let mut stream = TcpStream::connect(addr).await.expect("connects");
            for round in 0..ROUNDS {
                let mut back = [0; 4];
                stream.write_all(&round.to_be_bytes()).await.expect("writes");
                stream.read_exact(&mut back).await.expect("reads");
                assert_eq!(u32::from_be_bytes(back), round);
            }
        };
        let clients: Vec<_> = (0..CONNECTIONS).map(|_| crate::spawn(client())).collect();
        for client in clients {
            client.await.expect("no panic");
        }
        server.await.expect("no panic");
    });
}

#[test]
fn a_short_read_is_followed_by_no_vain_one() {
    block_on(async {
        let (near, mut far) = pair().await;
        let mut buf = [0; 8];
        far.write_all(b"first").expect("writes");
        near.readable().await.expect("is readable");
        assert_eq!(near.try_read(&mut buf).expect("reads"), 5);
        far.write_all(b"second").expect("writes");
        // The bytes are there, and a system call would return them. But nothing has let the reactor
        // tell of them yet, and after a short read it is not tried.
        assert!(is_blocked(near.try_read(&mut buf)));
        near.readable().await.expect("the second write is an event of its own");
        assert_eq!(near.try_read(&mut buf).expect("reads"), 6);
    });
}

#[test]
fn a_full_read_is_followed_by_another() {
    block_on(async {
        let (near, mut far) = pair().await;
        let mut buf = [0; 3];
        far.write_all(b"onetwo").expect("writes");
        near.readable().await.expect("is readable");
        for expected in [b"one", b"two"] {
            assert_eq!(near.try_read(&mut buf).expect("reads"), 3);
            assert_eq!(&buf, expected);
        }
        assert!(is_blocked(near.try_read(&mut buf)), "tried, and found empty");
        assert!(poll_immediate(near.readable()).await.is_none(), "and that is remembered");
    });
}

#[test]
fn a_short_read_does_not_hide_the_end() {
    block_on(async {
        let (mut near, mut far) = pair().await;
        far.write_all(b"bye").expect("writes");
        drop(far);
        let mut buf = [0; 8];
        assert_eq!(near.read(&mut buf).await.expect("reads"), 3);
        for _ in 0..3 {
            assert_eq!(near.read(&mut buf).await.expect("reads the end"), 0);
        }
        assert!(near.ready(Interest::READABLE).await.expect("is ready").is_read_closed());
    });
}

#[test]
fn a_short_write_waits_for_room() {
    block_on(async {
        let (near, mut far) = accepted().await;
        let chunk = vec![7; 1 << 20];
        let mut written = 0;
        while let Ok(n) = near.try_write(&chunk) {
            written += n;
        }
        assert!(written > 0, "an accepted stream can be written to at once");
        assert!(is_blocked(near.try_write(&chunk)));
        let drain = std::thread::spawn(move || {
            let mut buf = vec![0; 1 << 16];
            std::iter::from_fn(|| far.read(&mut buf).ok().filter(|&n| n > 0)).sum::<usize>()
        });
        near.writable().await.expect("room again");
        written += near.try_write(b"!").expect("writes");
        drop(near);
        assert_eq!(drain.join().expect("the peer does not panic"), written);
    });
}

#[test]
fn a_vectored_write_is_one_write() {
    block_on(async {
        let (mut near, mut far) = accepted().await;
        let parts = [&b"a"[..], b"", b"bc", b"def"].map(IoSlice::new);
        let written = poll_fn(|cx| Pin::new(&mut near).poll_write_vectored(cx, &parts)).await;
        assert_eq!(written.expect("writes"), 6);
        assert_eq!(near.try_write_vectored(&parts).expect("writes"), 6);
        let mut buf = [0; 12];
        far.read_exact(&mut buf).expect("reads");
        assert_eq!(&buf, b"abcdefabcdef");
    });
}

#[test]
fn a_vectored_read_fills_its_buffers_in_turn_and_knows_a_short_one() {
    block_on(async {
        let (mut near, mut far) = pair().await;
        far.write_all(b"abcde").expect("writes");
        let (mut one, mut two) = ([0; 2], [0; 4]);
        let mut bufs = [IoSliceMut::new(&mut one), IoSliceMut::new(&mut two)];
        let read = poll_fn(|cx| Pin::new(&mut near).poll_read_vectored(cx, &mut bufs)).await;
        assert_eq!(read.expect("reads"), 5);
        assert_eq!((&one, &two), (b"ab", b"cde\0"));
        far.write_all(b"f").expect("writes");
        assert!(is_blocked(near.try_read(&mut one)), "five of six was short");
    });
}

#[test]
fn more_buffers_than_the_system_takes_are_not_taken_for_a_short_read() {
    block_on(async {
        let (near, mut far) = pair().await;
        far.write_all(&[1; 1500]).expect("writes");
        let mut bytes = vec![[0; 1]; 1500];
        let mut bufs: Vec<_> = bytes.iter_mut().map(|byte| IoSliceMut::new(byte)).collect();
        near.readable().await.expect("is readable");
        let first = near.try_read_vectored(&mut bufs).expect("reads");
        let rest = near.try_read_vectored(&mut bufs[first..]).expect("reads on without an event");
        assert_eq!(first + rest, 1500);
    });
}

#[test]
fn peek_takes_nothing() {
    block_on(async {
        let (mut near, mut far) = pair().await;
        far.write_all(b"look").expect("writes");
        let mut buf = [0; 8];
        for _ in 0..2 {
            assert_eq!(near.peek(&mut buf).await.expect("peeks"), 4);
        }
        assert_eq!(near.read(&mut buf).await.expect("reads"), 4);
    });
}

#[test]
fn a_reset_ends_a_waiting_read_with_an_error() {
    block_on(async {
        let (mut near, far) = pair().await;
        let mut buf = [0; 8];
        let mut read = pin!(near.read(&mut buf));
        assert!(poll_immediate(read.as_mut()).await.is_none(), "nothing is there yet");
        let far = socket2::Socket::from(far);
        far.set_linger(Some(std::time::Duration::ZERO)).expect("close resets");
        drop(far);
        assert_eq!(read.await.expect_err("reset").kind(), ErrorKind::ConnectionReset);
    });
}

#[test]
fn owned_halves_wait_for_each_other_in_both_directions() {
    block_on(async {
        let (near, far) = pair().await;
        let (mut read, mut write) = near.into_split();
        let mut echo = far.try_clone().expect("a second descriptor");
        let peer = std::thread::spawn(move || std::io::copy(&mut &far, &mut echo));
        let sent = vec![3; 4 << 20];
        let mut back = vec![0; sent.len()];
        let (wrote, came) = join(write.write_all(&sent), read.read_exact(&mut back)).await;
        wrote.expect("writes");
        came.expect("reads");
        assert!(back == sent);

        drop(write);
        peer.join().expect("the peer does not panic").expect("it saw the end and stopped");
        assert_eq!(read.read(&mut back).await.expect("reads the end"), 0);
    });
}

#[test]
fn borrowed_halves_leave_the_stream_whole() {
    block_on(async {
        let (mut near, mut far) = pair().await;
        let (mut read, mut write) = TcpStream::split(&mut near);
        let mut buf = [0; 4];
        write.write_all(b"ping").await.expect("writes");
        far.read_exact(&mut buf).expect("reads");
        far.write_all(b"pong").expect("writes");
        read.read_exact(&mut buf).await.expect("reads");
        near.write_all(b"more").await.expect("dropping a borrowed half closes nothing");
        far.read_exact(&mut buf).expect("reads");
        assert_eq!(&buf, b"more");
    });
}

#[test]
fn halves_reunite_with_their_own_kind_only() {
    block_on(async {
        let ((near, mut far), (other, _other_far)) = (pair().await, pair().await);
        let (read, write) = near.into_split();
        let (other_read, other_write) = other.into_split();
        let ReuniteError(read, other_write) = read.reunite(other_write).expect_err("strangers");
        let ReuniteError(other_read, write) = write.reunite(other_read).expect_err("strangers");
        let mut near = read.reunite(write).expect("of one stream");
        other_write.reunite(other_read).expect("of one stream");
        near.write_all(b"!").await.expect("reuniting closes nothing");
        far.read_exact(&mut [0]).expect("reads");

        let (mut read, write) = near.into_split();
        write.forget();
        far.set_nonblocking(true).expect("an option");
        assert!(is_blocked(far.read(&mut [0])), "a forgotten half tells the peer nothing");
        far.write_all(b"?").expect("writes");
        assert_eq!(read.read(&mut [0; 2]).await.expect("reads"), 1);
    });
}

#[test]
fn several_tasks_accept_on_one_listener() {
    block_on(async {
        let listener = TcpListener::bind(ANY_PORT).await.expect("a port");
        let addr = listener.local_addr().expect("an address");
        let accepts = join3(listener.accept(), listener.accept(), listener.accept());
        let mut accepts = pin!(accepts);
        assert!(poll_immediate(accepts.as_mut()).await.is_none(), "nobody has connected");
        let clients = [(); 3].map(|()| std::net::TcpStream::connect(addr).expect("connects"));
        let (a, b, c) = accepts.await;
        let mut peers = [a, b, c].map(|accepted| accepted.expect("accepts").1);
        let mut expected = clients.map(|client| client.local_addr().expect("an address"));
        peers.sort();
        expected.sort();
        assert_eq!(peers, expected);
    });
}

#[test]
fn an_accept_given_up_takes_no_connection() {
    block_on(async {
        let listener = TcpListener::bind(ANY_PORT).await.expect("a port");
        let addr = listener.local_addr().expect("an address");
        assert!(poll_immediate(listener.accept()).await.is_none());
        let _client = std::net::TcpStream::connect(addr).expect("connects");
        listener.accept().await.expect("the connection is still there");
        let _client = std::net::TcpStream::connect(addr).expect("connects");
        poll_fn(|cx| listener.poll_accept(cx)).await.expect("accepts by poll");
    });
}

#[test]
fn connecting_to_nobody_is_refused_and_the_next_address_tried() {
    block_on(async {
        // Bound, so that nobody else gets the port, and not listening.
        let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None);
        let socket = socket.expect("a socket");
        socket.bind(&SocketAddr::from(ANY_PORT).into()).expect("a port");
        let closed = socket.local_addr().expect("an address").as_socket().expect("of IPv4");
        let open = TcpListener::bind(ANY_PORT).await.expect("a port");
        let error = TcpStream::connect(closed).await.expect_err("nobody listens");
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        let addrs = [closed, open.local_addr().expect("an address")];
        let stream = TcpStream::connect(&addrs[..]).await.expect("the second listens");
        assert_eq!(stream.peer_addr().ok(), Some(addrs[1]));
    });
}

#[test]
fn streams_and_listeners_come_from_std_and_go_back() {
    block_on(async {
        let listener = std::net::TcpListener::bind(ANY_PORT).expect("a port");
        listener.set_nonblocking(true).expect("an option");
        let listener = TcpListener::from_std(listener).expect("registers");
        let client = std::net::TcpStream::connect(listener.local_addr().expect("an address"));
        let client = client.expect("connects");
        client.set_nonblocking(true).expect("an option");
        let mut client = TcpStream::try_from(client).expect("registers");
        let (server, _) = listener.accept().await.expect("accepts");
        client.write_all(b"x").await.expect("writes");
        let (mut server, listener) = (server.into_std().expect("leaves"), listener.into_std());
        server.set_nonblocking(false).expect("an option");
        server.read_exact(&mut [0]).expect("reads");
        assert!(is_blocked(listener.expect("leaves").accept()), "still non-blocking");
    });
}

#[test]
fn options_reach_the_socket() {
    block_on(async {
        let (near, _far) = pair().await;
        near.set_nodelay(true).expect("an option");
        assert!(near.nodelay().expect("an option"));
        near.set_ttl(9).expect("an option");
        assert_eq!(near.ttl().expect("an option"), 9);
    });
}

#[test]
fn one_poll_finds_a_ready_socket_no_more_often_than_its_budget() {
    block_on(async {
        let (mut near, mut far) = pair().await;
        far.write_all(&[0; 1000]).expect("writes");
        near.readable().await.expect("is readable");
        let mut cx = Context::from_waker(Waker::noop());
        let reads = crate::coop::with_budget(|| {
            let mut read_byte = || Pin::new(&mut near).poll_read(&mut cx, &mut [0]);
            std::iter::from_fn(|| matches!(read_byte(), Poll::Ready(Ok(1))).then_some(())).count()
        });
        assert_eq!(reads, 128, "all of them were ready");
        let waits = crate::coop::with_budget(|| {
            let mut wait = || pin!(near.readable()).poll(&mut cx).is_ready();
            std::iter::from_fn(|| wait().then_some(())).count()
        });
        assert_eq!(waits, 128, "it was ready all the time");
    });
}

#[test]
fn datagrams_find_their_way_with_and_without_connecting() {
    block_on(async {
        let a = UdpSocket::bind(ANY_PORT).await.expect("a port");
        let b = UdpSocket::bind(ANY_PORT).await.expect("a port");
        let (a_addr, b_addr) = (a.local_addr().expect("address"), b.local_addr().expect("address"));
        let mut buf = [0; 16];

        let mut receive = Box::pin(b.recv_from(&mut buf));
        assert!(poll_immediate(&mut receive).await.is_none(), "nothing was sent");
        assert_eq!(a.send_to(b"hello", b_addr).await.expect("sends"), 5);
        assert_eq!(receive.await.expect("receives"), (5, a_addr));

        a.connect(b_addr).await.expect("connects");
        b.connect(a_addr).await.expect("connects");
        a.send(b"there").await.expect("sends");
        assert_eq!(b.recv(&mut buf).await.expect("receives"), 5);
        assert!(is_blocked(b.try_recv(&mut buf)));
        b.writable().await.expect("room");
        b.try_send(b"").expect("sends an empty one");
        a.readable().await.expect("is readable");
        assert_eq!(a.try_recv_from(&mut buf).expect("receives"), (0, b_addr));
        assert_eq!(a.peer_addr().ok(), Some(b_addr));
    });
}

#[test]
fn a_datagram_to_nobody_is_an_error_once_and_not_the_end() {
    block_on(async {
        let socket = UdpSocket::bind(ANY_PORT).await.expect("a port");
        // It keeps the port, and hears itself alone.
        let deaf = std::net::UdpSocket::bind(ANY_PORT).expect("a port");
        let addr = deaf.local_addr().expect("an address");
        deaf.connect(addr).expect("connects");
        socket.connect(addr).await.expect("connects");
        socket.send(b"anybody?").await.expect("sends");
        let mut buf = [0; 8];
        let error = socket.recv(&mut buf).await.expect_err("nobody is there");
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        assert!(poll_immediate(socket.recv(&mut buf)).await.is_none(), "it waits again");
        assert!(!socket.ready(Interest::WRITABLE).await.expect("is ready").is_write_closed());

        deaf.connect(socket.local_addr().expect("an address")).expect("connects");
        socket.send(b"anybody!").await.expect("sends");
        assert_eq!(deaf.recv(&mut buf).expect("receives"), 8);
    });
}

#[test]
fn what_outlives_its_runtime_fails_and_says_why() {
    let runtime = runtime();
    let (mut near, _far) = runtime.block_on(pair());
    let socket = runtime.block_on(UdpSocket::bind(ANY_PORT)).expect("a port");
    let listener = runtime.block_on(TcpListener::bind(ANY_PORT)).expect("a port");
    let mut readable = Box::pin(async { socket.readable().await });
    assert!(crate::block_on::block_on(poll_immediate(&mut readable)).is_none());
    drop(runtime);

    let mut buf = [0; 8];
    crate::block_on::block_on(async {
        let errors = [
            near.read(&mut buf).await.expect_err("gone"),
            near.write(b"x").await.expect_err("gone"),
            near.try_read(&mut buf).expect_err("gone"),
            near.writable().await.expect_err("gone"),
            listener.accept().await.expect_err("gone"),
            readable.await.expect_err("who waited is told too"),
        ];
        for error in errors {
            assert!(error.to_string().contains("shut down"), "{error}");
        }
    });
    drop(near.into_std().expect("the socket itself lives on"));
}

#[test]
#[should_panic(expected = "there is no runtime here")]
fn a_socket_outside_of_a_runtime_is_told_what_to_do() {
    let listener = std::net::TcpListener::bind(ANY_PORT).expect("a port");
    listener.set_nonblocking(true).expect("an option");
    let _ = TcpListener::from_std(listener);
}

#[test]
fn sockets_and_their_futures_may_cross_threads() {
    fn check<T: Send + Sync>() {}
    fn check_future<F: Future + Send>(_: fn() -> F) {}
    check::<TcpListener>();
    check::<TcpStream>();
    check::<UdpSocket>();
    check::<OwnedReadHalf>();
    check::<OwnedWriteHalf>();
    check_future(|| TcpListener::bind("name:80"));
    check_future(|| TcpStream::connect(("name", 80)));
    check_future(|| async {
        let addr = SocketAddr::from(ANY_PORT);
        let socket = UdpSocket::bind(&[addr][..]).await?;
        let (stream, _) = TcpListener::bind(addr).await?.accept().await?;
        stream.ready(Interest::READABLE | Interest::WRITABLE).await?;
        socket.send_to(b"", String::from("name:80")).await
    });
}
