//! The examples, as their first comments say, with clients of this test's.

#![allow(dead_code, reason = "an example's `main` is not called from here")]

use std::time::Duration;

use futures::{AsyncReadExt, AsyncWriteExt};
use mini_rt::net::{TcpListener, TcpStream};
use mini_rt::runtime::Runtime;
use mini_rt::signal::unix::{SignalKind, signal};
use mini_rt::sync::CancellationToken;
use mini_rt::time::timeout;

#[path = "../examples/http.rs"]
pub mod http;
#[path = "../examples/tls.rs"]
pub mod tls;
#[path = "../examples/websocket.rs"]
pub mod websocket;

/// Longer than any of this takes.
const LIMIT: Duration = Duration::from_secs(30);

fn run<T>(test: impl Future<Output = T>) -> T {
    let runtime = Runtime::new().expect("threads and a poller can be had");
    runtime.block_on(async { timeout(LIMIT, test).await.expect("it does not hang") })
}

/// Sends a request, and returns what the server answers until it closes.
async fn ask(request: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    drop(mini_rt::spawn(http::serve(listener, CancellationToken::new())));
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[test]
fn http_says_hello_to_a_name_and_keeps_the_connection() {
    let get = |path, more| format!("GET {path} HTTP/1.1\r\nhost: here\r\n{more}\r\n");
    let both = get("/ada", "") + &get("/", "connection: close\r\n");
    let answer = run(ask(&both));
    assert_eq!(answer.matches("HTTP/1.1 200 OK\r\n").count(), 2, "{answer}");
    assert!(answer.contains("\r\n\r\nhello, ada\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\nhello\n"), "{answer}");
}

#[test]
fn http_refuses_what_it_does_not_understand() {
    let answer = run(ask("POST / HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n"));
    assert!(answer.starts_with("HTTP/1.1 405 "), "{answer}");
    let answer = run(ask("no request at all\r\n\r\n"));
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
}

#[test]
fn http_closes_connections_that_wait_and_ends_when_it_is_stopped() {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let server = mini_rt::spawn(http::serve(listener, stop.clone()));
        let mut streams = Vec::new();
        for _ in 0..3 {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(b"GET / HTTP/1.1\r\nhost: here\r\n\r\n").await.unwrap();
            assert!(stream.read(&mut [0; 256]).await.unwrap() > 0);
            streams.push(stream);
        }
        stop.cancel();
        // Sooner than it would give up on clients that say nothing.
        timeout(Duration::from_secs(5), server).await.unwrap().unwrap();
        for mut stream in streams {
            assert_eq!(stream.read(&mut [0]).await.unwrap(), 0, "closed");
        }
        TcpStream::connect(address).await.unwrap_err();
    });
}

#[test]
fn http_is_stopped_by_ctrl_c() {
    run(async {
        // Keeps the process alive if the server does not listen yet.
        let _interrupt = signal(SignalKind::interrupt()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut server = mini_rt::spawn(http::serve_until_ctrl_c(listener));
        loop {
            signal_hook::low_level::raise(SignalKind::interrupt().as_raw_value()).unwrap();
            if let Ok(served) = timeout(Duration::from_millis(10), &mut server).await {
                return served.unwrap().unwrap();
            }
        }
    });
}

#[test]
fn tls_carries_what_is_said_and_refuses_a_stranger() {
    run(async {
        let (acceptor, connector) = tls::configure().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        drop(mini_rt::spawn(tls::serve(listener, acceptor)));
        // More than a record holds, and than a socket's buffers.
        let said = vec![7; 100_000];
        assert_eq!(tls::say(address, &connector, b"hello").await.unwrap(), b"hello");
        let (_, stranger) = tls::configure().unwrap();
        let refused = tls::say(address, &stranger, b"hello").await.unwrap_err();
        assert!(refused.to_string().contains("certificate"), "{refused}");
        assert_eq!(tls::say(address, &connector, &said[..]).await.unwrap(), said);
    });
}

#[test]
fn websocket_tells_everybody() {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        drop(mini_rt::spawn(websocket::serve(listener)));
        for clients in [1, 3, 20] {
            let heard = websocket::meet(address, clients, "hello").await.unwrap();
            assert_eq!(heard, vec!["hello"; clients]);
        }
    });
}
