//! Is the comparison fair? The same server must ask the operating system for the same on whichever
//! runtime it runs: seen from outside, by `strace`, on the real binary.
//!
//! What is compared is exact for all that serve on one thread. With worker threads the sockets' calls
//! are exact; how workers sleep and wake each other (`futex`, `eventfd`, `epoll_wait`) is what the
//! runtimes differ in, so that is printed, and bounded by [`OTHERS_MAX`].
//!
//! What is documented to differ: how many events one `epoll_wait` may bring (256 of mini-rt's, 1,024
//! of Tokio's: each runtime's own default), and descriptors' numbers.
//!
//! The allocator is the binary's and there is one binary; that a message asks the system for no
//! memory is part of what is exact.

mod strace;

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use self::strace::{Call, Server, is_of_a_socket};

/// Messages that are said one after the other; the next once the last was heard.
const MESSAGES: usize = 200;

/// The first of these are not looked at: lists grow to the room they need, and threads start.
const WARM_UP: usize = 50;

/// With workers: calls for each message that are no socket's, on the average. Tokio has one, the
/// `epoll_wait`. mini-rt has some three in a room of two: a worker that wakes a client's task rings for
/// one that sleeps ("Known limits" in the architecture).
const OTHERS_MAX: f64 = 6.0;

/// One client that is answered, or two of which one talks.
#[derive(Clone, Copy, Debug)]
enum Talk {
    Ping,
    Room,
}

impl Talk {
    /// The message with this number.
    fn line(self, number: usize) -> String {
        match self {
            Talk::Ping => format!("PING {number}"),
            Talk::Room => format!("PRIVMSG #c :{number}"),
        }
    }
}

fn join(addr: SocketAddr, nick: &str) -> BufReader<TcpStream> {
    let stream = TcpStream::connect(addr).expect("it listens");
    stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a timeout that is not zero");
    stream.set_nodelay(true).expect("a TCP socket");
    let mut client = BufReader::new(stream);
    say(&mut client, &format!("NICK {nick}\r\nUSER {nick} 0 * :{nick}\r\nJOIN #c"));
    until(&mut client, " 366 ");
    client
}

fn say(client: &mut BufReader<TcpStream>, line: &str) {
    client.get_mut().write_all(format!("{line}\r\n").as_bytes()).expect("open");
}

/// Reads up to the first line that holds `text`.
fn until(client: &mut BufReader<TcpStream>, text: &str) {
    loop {
        let mut line = String::new();
        let bytes = client.read_line(&mut line).expect("a line in time");
        assert!(bytes > 0, "the end came before {text:?}");
        if line.contains(text) {
            return;
        }
    }
}

/// All calls of a server on this runtime, from its start to its end.
fn calls_of(runtime: &str, talk: Talk) -> Vec<Call> {
    let server = Server::start(runtime);
    let mut talker = join(server.addr(), "talker");
    let mut listener = None;
    if let Talk::Room = talk {
        listener = Some(join(server.addr(), "listener"));
        until(&mut talker, " JOIN ");
    }
    for number in 0..MESSAGES {
        say(&mut talker, &talk.line(number));
        until(listener.as_mut().unwrap_or(&mut talker), &format!(":{number}\r\n"));
    }
    drop((talker, listener));
    server.end()
}

/// The calls for each message after the warm-up: from the one that reads it to the one that reads
/// the next.
fn by_message(calls: &[Call], talk: Talk) -> Vec<&[Call]> {
    let reads = |number| {
        let text = format!("\"{}\\r\\n\"", talk.line(number));
        let read = calls.iter().position(|call| call.args.contains(&text));
        read.unwrap_or_else(|| panic!("nobody reads {text}"))
    };
    let starts: Vec<usize> = (WARM_UP..MESSAGES).map(reads).collect();
    starts.windows(2).map(|ends| &calls[ends[0]..ends[1]]).collect()
}

fn names<'a>(calls: impl IntoIterator<Item = &'a Call>) -> Vec<&'a str> {
    calls.into_iter().map(|call| call.name.as_str()).collect()
}

#[test]
fn on_one_thread_a_message_costs_the_same_calls() {
    for talk in [Talk::Ping, Talk::Room] {
        for runtime in ["mini-ct", "tokio-ct", "floor"] {
            let calls = calls_of(runtime, talk);
            for (number, calls) in by_message(&calls, talk).into_iter().enumerate() {
                // Read it, write it (gathered), sleep until the next. Nothing else: no memory, no
                // second read to find nothing, nothing to be registered anew.
                let wanted = ["recvfrom", "writev", "epoll_wait"];
                let number = WARM_UP + number;
                assert_eq!(names(calls), wanted, "{runtime}, {talk:?} {number}: {calls:#?}");
            }
        }
    }
}

#[test]
fn with_workers_the_sockets_see_the_same_calls() {
    for talk in [Talk::Ping, Talk::Room] {
        for runtime in ["mini", "tokio", "tokio-tuned"] {
            let calls = calls_of(runtime, talk);
            let messages = by_message(&calls, talk);
            let mut others = Vec::new();
            for (number, calls) in messages.iter().enumerate() {
                let (sockets, rest): (Vec<_>, Vec<_>) =
                    calls.iter().partition(|call| is_of_a_socket(call));
                let number = WARM_UP + number;
                let wanted = ["recvfrom", "writev"];
                assert_eq!(names(sockets), wanted, "{runtime}, {talk:?} {number}: {calls:#?}");
                others.extend(names(rest));
            }
            let each = |count: usize| count as f64 / messages.len() as f64;
            let mut kinds = others.clone();
            kinds.sort_unstable();
            kinds.dedup();
            let counts = kinds.iter().map(|kind| {
                let count = others.iter().filter(|other| other == &kind).count();
                format!("{kind} {:.2}", each(count))
            });
            let counts = counts.collect::<Vec<_>>().join(", ");
            println!("{runtime}, {talk:?}: besides the sockets, for each message: {counts}");
            assert!(each(others.len()) < OTHERS_MAX, "{runtime}, {talk:?}: {counts}");
        }
    }
}

/// What is done to the listening socket and to the first client's before a line is read from it.
fn setup(runtime: &str) -> Vec<String> {
    let calls = calls_of(runtime, Talk::Ping);
    let listening = calls.iter().find(|call| call.name == "listen").expect("it listens");
    let accepts = |call: &&Call| call.name == "accept4" && call.descriptor().is_some();
    let accepted = calls.iter().find(accepts).expect("it accepts");
    let roles = [
        (listening.first_arg().to_owned(), "listener"),
        (accepted.descriptor().expect("found by it").to_string(), "client"),
    ];
    let mut done = Vec::new();
    for call in calls.iter().take_while(|call| !call.args.contains("NICK")) {
        let args = call.args.as_str();
        let subject = if call.name == "epoll_ctl" { call.nth_arg(2) } else { call.first_arg() };
        let role = roles.iter().find(|(descriptor, _)| descriptor == subject);
        let told = match (call.name.as_str(), role) {
            ("socket", _) if args.starts_with("AF_INET") => format!("socket({args})"),
            ("setsockopt" | "ioctl" | "listen", Some((_, role))) => {
                format!("{}({role}{}", call.name, &args[subject.len()..])
            }
            ("fcntl", Some((_, role))) if args.contains("F_SETFL") => {
                format!("fcntl({role}{}", &args[subject.len()..])
            }
            ("accept4", Some(_)) if call.descriptor().is_some() => {
                format!("accept4({}", args.rsplit(", ").next().unwrap_or_default())
            }
            ("epoll_ctl", Some((_, role))) => {
                let events = args.split_once("events=").map_or("", |(_, events)| events);
                format!("epoll_ctl({role}, {}", events.split(", data").next().unwrap_or_default())
            }
            _ => continue,
        };
        done.push(told);
    }
    done
}

#[test]
fn sockets_are_made_and_watched_alike() {
    let wanted = setup("mini-ct");
    let text = wanted.join("\n");
    for part in ["TCP_NODELAY, [1]", "SO_REUSEADDR, [1]", "accept4(SOCK_CLOEXEC|SOCK_NONBLOCK"] {
        assert!(text.contains(part), "{part} is not among what was seen:\n{text}");
    }
    assert_eq!(wanted.iter().filter(|call| call.contains("EPOLLET")).count(), 2, "{text}");
    assert_eq!(wanted.iter().filter(|call| call.starts_with("setsockopt")).count(), 2, "{text}");
    for runtime in ["tokio-ct", "mini", "tokio", "tokio-tuned"] {
        assert_eq!(setup(runtime), wanted, "{runtime}");
    }
    // The floor listens for connections only; runtimes ask for both directions of every socket.
    let without_watching = |calls: Vec<String>| -> Vec<String> {
        calls.into_iter().filter(|call| !call.starts_with("epoll_ctl(listener")).collect()
    };
    assert_eq!(without_watching(setup("floor")), without_watching(wanted));
}
