//! `TcpListener`: no connection is lost.

use super::{check, check_async, rt};
use futures::FutureExt;
use rt::net::TcpListener;
use std::io::ErrorKind;
use std::net::TcpStream;
use std::pin::pin;
use std::thread;
use std::time::Duration;
use tests::wait::poll_once;

#[test]
fn an_accept_waits_for_who_comes_later() {
    check_async(async || {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let accepted = rt::spawn(async move { listener.accept().await.unwrap().1 });
        rt::task::yield_now().await;
        let peer = TcpStream::connect(address).unwrap();
        assert_eq!(accepted.await.unwrap(), peer.local_addr().unwrap());
    });
}

#[test]
fn a_burst_of_connections_is_accepted_to_the_last() {
    check_async(async || {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let peers: Vec<_> = (0..100).map(|_| TcpStream::connect(address).unwrap()).collect();
        for peer in &peers {
            let (_, from) = listener.accept().await.unwrap();
            assert_eq!(from, peer.local_addr().unwrap());
        }
        // And with nobody left it waits.
        assert!(poll_once(pin!(listener.accept())).is_pending());
    });
}

#[test]
fn an_accept_dropped_in_time_loses_nobody() {
    check_async(async || {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connector = thread::spawn(move || {
            (0..100).map(|_| TcpStream::connect(address).unwrap()).collect::<Vec<_>>()
        });
        let mut accepted = 0;
        while accepted < 100 {
            match rt::time::timeout(Duration::from_micros(100), listener.accept()).await {
                Ok(connection) => drop(connection.unwrap()),
                Err(_) => continue,
            }
            accepted += 1;
        }
        connector.join().unwrap();
    });
}

#[test]
fn an_accept_polled_and_dropped_leaves_the_next_one_woken() {
    check_async(async || {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        for _ in 0..20 {
            assert!(listener.accept().now_or_never().is_none());
            let peer = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            let (_, from) = listener.accept().await.unwrap();
            assert_eq!(from, peer.local_addr().unwrap());
        }
    });
}

#[test]
fn several_tasks_accept_from_one_listener() {
    check_async(async || {
        let listener = std::sync::Arc::new(TcpListener::bind("127.0.0.1:0").await.unwrap());
        let address = listener.local_addr().unwrap();
        let acceptors: Vec<_> = (0..4)
            .map(|_| {
                let listener = std::sync::Arc::clone(&listener);
                rt::spawn(async move { listener.accept().await.unwrap().1 })
            })
            .collect();
        super::yield_times(5).await;
        let peers: Vec<_> = (0..4).map(|_| TcpStream::connect(address).unwrap()).collect();
        let mut accepted = Vec::new();
        for acceptor in acceptors {
            accepted.push(acceptor.await.unwrap());
        }
        accepted.sort();
        let mut expected: Vec<_> = peers.iter().map(|peer| peer.local_addr().unwrap()).collect();
        expected.sort();
        assert_eq!(accepted, expected);
    });
}

#[test]
fn an_address_in_use_is_refused() {
    check_async(async || {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let error = TcpListener::bind(listener.local_addr().unwrap()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AddrInUse);
    });
}

#[test]
fn a_dropped_listener_frees_its_address() {
    check_async(async || {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let peer = TcpStream::connect(address).unwrap();
        let accepted = listener.accept().await.unwrap();
        drop(listener);
        // In spite of a connection that is still open: the address is reused.
        match TcpListener::bind(address).await {
            Ok(again) => assert_eq!(again.local_addr().unwrap(), address),
            Err(error) => assert_eq!(error.kind(), ErrorKind::AddrInUse, "taken by another test"),
        }
        drop((peer, accepted));
    });
}

#[test]
fn an_aborted_acceptor_closes_its_listener() {
    check(|rt| {
        let (address, acceptor) = rt.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            (address, rt::spawn(async move { listener.accept().await.map(|_| ()) }))
        });
        rt.block_on(super::yield_times(3));
        acceptor.abort();
        assert!(rt.block_on(acceptor).unwrap_err().is_cancelled());
        if let Err(error) = TcpStream::connect(address) {
            assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        }
    });
}
