//! What goes through a connection.

use super::*;

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
