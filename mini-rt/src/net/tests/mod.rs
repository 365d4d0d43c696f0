//! Sockets over loopback against peers of `std`, which wait for nobody's reactor.

mod connect;
mod halves;
mod stream;
mod udp;

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
