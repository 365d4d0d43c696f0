//! Datagrams.

use super::*;

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
