//! `UdpSocket`.

use super::{check_async, rt};
use rt::net::UdpSocket;
use std::future::poll_fn;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;

async fn bound() -> (UdpSocket, SocketAddr) {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    (socket, address)
}

#[test]
fn a_datagram_arrives_with_its_sender() {
    check_async(async || {
        let ((left, left_address), (right, right_address)) = (bound().await, bound().await);
        let mut buffer = [0; 32];
        assert_eq!(left.send_to(b"ping", right_address).await.unwrap(), 4);
        assert_eq!(right.recv_from(&mut buffer).await.unwrap(), (4, left_address));
        assert_eq!(&buffer[..4], b"ping");
        assert_eq!(right.send_to(b"pong!", left_address).await.unwrap(), 5);
        assert_eq!(left.recv_from(&mut buffer).await.unwrap(), (5, right_address));
        assert_eq!(&buffer[..5], b"pong!");
    });
}

#[test]
fn a_receive_waits_for_what_comes_later() {
    check_async(async || {
        let (socket, address) = bound().await;
        let receiver = rt::spawn(async move {
            let mut buffer = [0; 8];
            socket.recv_from(&mut buffer).await.unwrap().0
        });
        super::yield_times(3).await;
        let sender = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        sender.send_to(b"late", address).unwrap();
        assert_eq!(receiver.await.unwrap(), 4);
    });
}

#[test]
fn datagrams_keep_their_bounds() {
    check_async(async || {
        let ((left, _), (right, right_address)) = (bound().await, bound().await);
        for size in [0, 1, 1_000, 9_000] {
            left.send_to(&vec![5; size], right_address).await.unwrap();
        }
        let mut buffer = vec![0; 16_384];
        for size in [0, 1, 1_000, 9_000] {
            assert_eq!(right.recv_from(&mut buffer).await.unwrap().0, size);
        }
    });
}

#[test]
fn a_socket_is_used_by_two_tasks_at_once() {
    check_async(async || {
        let ((left, left_address), (right, right_address)) = (bound().await, bound().await);
        let (left, echo) = (Arc::new(left), right);
        let echo = rt::spawn(async move {
            let mut buffer = [0; 8];
            for _ in 0..200 {
                let (n, from) = echo.recv_from(&mut buffer).await.unwrap();
                assert_eq!(from, left_address);
                echo.send_to(&buffer[..n], from).await.unwrap();
            }
        });
        // One by one: a datagram may be lost when a buffer is full, so none is.
        let (tell, mut told) = futures::channel::mpsc::unbounded();
        let receiver = rt::spawn({
            let left = Arc::clone(&left);
            async move {
                let mut buffer = [0; 8];
                for i in 0..200_u8 {
                    assert_eq!(left.recv_from(&mut buffer).await.unwrap().0, 1);
                    assert_eq!(buffer[0], i);
                    tell.unbounded_send(()).unwrap();
                }
            }
        });
        for i in 0..200_u8 {
            left.send_to(&[i], right_address).await.unwrap();
            futures::StreamExt::next(&mut told).await.unwrap();
        }
        receiver.await.unwrap();
        echo.await.unwrap();
    });
}

#[test]
fn an_address_in_use_is_refused() {
    check_async(async || {
        let (_socket, address) = bound().await;
        assert_eq!(UdpSocket::bind(address).await.unwrap_err().kind(), ErrorKind::AddrInUse);
    });
}

#[test]
fn a_receive_dropped_in_time_loses_no_datagram() {
    check_async(async || {
        let ((left, _), (right, right_address)) = (bound().await, bound().await);
        let mut buffer = [0; 8];
        for i in 0..50_u8 {
            assert!(futures::FutureExt::now_or_never(right.recv_from(&mut buffer)).is_none());
            left.send_to(&[i], right_address).await.unwrap();
            right.recv_from(&mut buffer).await.unwrap();
            assert_eq!(buffer[0], i);
        }
    });
}

#[test]
fn a_sender_is_known_before_its_datagram_is_taken() {
    check_async(async || {
        let ((left, left_address), (right, right_address)) = (bound().await, bound().await);
        assert_eq!(right.try_peek_sender().unwrap_err().kind(), ErrorKind::WouldBlock);
        let polled = || poll_fn(|cx| right.poll_peek_sender(cx));
        assert!(futures::FutureExt::now_or_never(polled()).is_none());
        left.send_to(b"abc", right_address).await.unwrap();
        assert_eq!(polled().await.unwrap(), left_address);
        assert_eq!(right.peek_sender().await.unwrap(), left_address);
        assert_eq!(right.try_peek_sender().unwrap(), left_address);
        assert_eq!(right.recv_from(&mut [0; 8]).await.unwrap(), (3, left_address));
        assert_eq!(right.try_peek_sender().unwrap_err().kind(), ErrorKind::WouldBlock);
    });
}

#[test]
fn options_are_told_as_they_were_set() {
    check_async(async || {
        let (socket, _) = bound().await;
        socket.set_tos_v4(0x10).unwrap();
        socket.set_ttl(7).unwrap();
        socket.set_broadcast(true).unwrap();
        assert_eq!((socket.tos_v4().unwrap(), socket.ttl().unwrap()), (0x10, 7));
        assert!(socket.broadcast().unwrap());
        // Who has no interface for it has no IPv6.
        if let Ok(socket) = UdpSocket::bind("[::1]:0").await {
            socket.set_tclass_v6(0x20).unwrap();
            assert_eq!(socket.tclass_v6().unwrap(), 0x20);
        }
        #[cfg(target_os = "linux")]
        {
            assert_eq!(socket.device().unwrap(), None);
            socket.bind_device(Some(b"no such interface")).unwrap_err();
        }
    });
}
