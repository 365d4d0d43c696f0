//! How a connection comes to be, and its options.

use super::*;

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
