//! What only the inside can trigger or measure: a fault in the hub, and the size of a client's task.

mod turns;

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::connection::Connection;
use super::{Options, Running, Server};
use crate::candidate::Candidate;
use crate::runtime::{Executor, Kind, Runtime, Visitor};

/// What was logged in this process.
static LOGGED: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Capture;

impl log::Log for Capture {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        logged().push(record.args().to_string());
    }

    fn flush(&self) {}
}

fn logged() -> std::sync::MutexGuard<'static, Vec<String>> {
    LOGGED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A client that has registered and is in `#c`.
fn join(addr: SocketAddr, nick: &str) -> BufReader<TcpStream> {
    let mut stream = TcpStream::connect(addr).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    write!(stream, "NICK {nick}\r\nUSER {nick} 0 * :{nick}\r\nJOIN #c\r\n").unwrap();
    let mut stream = BufReader::new(stream);
    until(&mut stream, " 366 ");
    stream
}

/// The first line that holds `text`.
fn until(stream: &mut BufReader<TcpStream>, text: &str) -> String {
    loop {
        let mut line = String::new();
        assert!(stream.read_line(&mut line).unwrap() > 0, "the end came before {text}");
        if line.contains(text) {
            return line;
        }
    }
}

#[test]
fn a_panic_in_the_hub_closes_that_client_and_leaves_the_rest_alone() {
    let _ = log::set_logger(&Capture).map(|()| log::set_max_level(log::LevelFilter::Info));
    for candidate in Candidate::ALL {
        logged().clear();
        let server = Running::start(candidate, 2, Options::default()).unwrap();
        let mut bystander = join(server.local_addr(), "bystander");
        let mut cursed = join(server.local_addr(), "cursed");
        let peer = cursed.get_ref().local_addr().unwrap();
        cursed.get_mut().write_all(b"PING before\r\nFAULT secret\r\nPING after\r\n").unwrap();

        let quit = until(&mut bystander, " QUIT ");
        assert!(quit.starts_with(":cursed!"), "{quit}");
        assert!(quit.ends_with("Internal error\r\n"), "{quit}");
        let mut rest = String::new();
        let _ = cursed.read_line(&mut rest); // the end or a reset, and no answer to what came after
        assert!(!rest.contains("after"), "{rest}");

        // The nick is free, the channel consistent, the lock usable.
        let mut again = join(server.local_addr(), "cursed");
        again.get_mut().write_all(b"PRIVMSG #c :well\r\n").unwrap();
        until(&mut bystander, "PRIVMSG #c :well");
        drop(server);

        let logged = logged();
        let doing = logged.iter().find(|line| line.contains("panic in `FAULT`"));
        let doing = doing.expect("what it was doing is logged");
        assert!(doing.contains(&peer.to_string()) && !doing.contains("secret"), "{doing}");
        assert!(logged.iter().any(|line| line.ends_with("a fault was asked for")), "{logged:?}");
    }
}

/// Bytes of one client's task, without what the runtime adds and without the socket's own state.
struct TaskBytes;

impl Visitor for TaskBytes {
    type Output = usize;

    fn visit<E: Executor>(self, executor: &E) -> usize {
        executor.block_on(async {
            let runtime = executor.runtime();
            let server = Server::bind(runtime, Options::default()).unwrap();
            let listener = super::socket::listen("127.0.0.1:0".parse().unwrap()).unwrap();
            let _client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            let mut listener = runtime.listener(listener).unwrap();
            let accept =
                std::future::poll_fn(|cx| crate::runtime::Listener::poll_accept(&mut listener, cx));
            let (stream, peer) = accept.await.unwrap();
            size_of_val(&Connection::new(&server.shared, stream, peer).run())
        })
    }
}

#[test]
fn a_clients_task_is_small() {
    for kind in Kind::ALL {
        let bytes = kind.run(1, TaskBytes).unwrap();
        assert!(bytes <= 384, "{kind}: {bytes} bytes");
    }
}
