//! Clients that mean harm, or are broken: none of them costs another client anything.
//!
//! Every case ends with [`answers`]: a fresh client registers and is answered. The promise is a
//! second; what is asserted allows for a loaded machine, and fails if the server hangs.
//! That a machine without file descriptors recovers is shown with a process of its own, beside the
//! binary (`chat/tests`).

use std::io::{self, ErrorKind, Read};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use chat::candidate::Candidate;
use chat::server::Running;
use socket2::{Domain, SockRef, Socket, Type};
use tests::irc::Peer;
use tests::start;

tests::on_every_candidate!(
    garbage_is_survived,
    half_a_line_holds_up_nobody,
    a_line_without_end_is_dropped_whole,
    two_thousand_come_and_go,
    a_reset_in_mid_line_is_a_quit,
    a_reader_that_never_reads_is_closed_with_an_error,
    a_reader_that_still_does_not_read_is_cut_off,
    a_flooder_is_read_no_faster_than_it_reads,
    who_never_registers_is_closed,
);

/// A fresh client is served, start to end.
fn answers(server: &Running) {
    let start = Instant::now();
    let mut fresh = Peer::register(server.local_addr(), "fresh");
    fresh.join("#fresh");
    assert_eq!(fresh.sync(), [""; 0]);
    fresh.send("QUIT");
    let last = fresh.until_end().pop().expect("an ERROR line");
    assert!(last.starts_with("ERROR "), "{last}");
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}

/// Reads lines that the watcher gets until it has seen `count` QUITs, and returns these.
fn quits(watcher: &mut Peer, count: usize) -> Vec<String> {
    let mut quits = Vec::new();
    while quits.len() < count {
        let line = watcher.line();
        if line.contains(" QUIT ") {
            quits.push(line);
        }
    }
    quits
}

fn garbage_is_survived(candidate: Candidate) {
    let server = start(candidate, |_| {});
    let mut random = 0x9E37_79B9_7F4A_7C15_u64; // xorshift: the same bytes in every run
    let mut bytes = vec![0; 64 * 1024];
    for round in 0..16 {
        for byte in &mut bytes {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            *byte = random.to_le_bytes()[3];
            if round % 2 == 0 && *byte > 250 {
                *byte = b'\n'; // short lines: these are parsed, the others are too long
            }
        }
        let mut peer = Peer::connect(server.local_addr(), "garbage");
        if round % 4 == 0 {
            peer.send("NICK garbage\r\nUSER garbage 0 * :garbage");
        }
        let reader = peer.socket().try_clone().expect("a second handle");
        let drain = thread::spawn(move || io::copy(&mut &reader, &mut io::sink()));
        let sent = peer.try_send(&bytes); // the server may have closed it: a QUIT, by chance
        let _ = peer.socket().shutdown(std::net::Shutdown::Write);
        let drained = drain.join().expect("a reader that does not panic");
        assert!(sent.is_err() || drained.is_ok(), "neither sent to its end nor closed in order");
    }
    answers(&server);
}

fn half_a_line_holds_up_nobody(candidate: Candidate) {
    let server = start(candidate, |_| {});
    let mut slow = Peer::connect(server.local_addr(), "slow");
    slow.send_bytes(b"NICK sl");
    answers(&server);
    for byte in b"ow\r\nUSER slow 0 * :slow\r\nPING whol" {
        slow.send_bytes(&[*byte]); // without delay: a segment each
    }
    slow.welcomed();
    answers(&server);
    slow.send_bytes(b"e\r\n");
    assert!(slow.line().ends_with("whole"));
}

fn a_line_without_end_is_dropped_whole(candidate: Candidate) {
    let server = start(candidate, |_| {});
    let mut endless = Peer::register(server.local_addr(), "endless");
    let block = vec![b'x'; 1 << 20];
    for _ in 0..16 {
        endless.send_bytes(&block);
    }
    answers(&server);
    endless.send_bytes(b"\r\nPING after\r\n");
    let line = endless.line();
    assert!(line.contains(" 417 endless "), "{line}");
    let line = endless.line();
    assert!(line.ends_with("after"), "said once, and the next line is heard: {line}");
}

fn two_thousand_come_and_go(candidate: Candidate) {
    const CLIENTS: usize = 2_000;
    const THREADS: usize = 8;
    let server = start(candidate, |_| {});
    let addr = server.local_addr();
    let mut watcher = Peer::register(addr, "watcher");
    watcher.join("#crowd");
    let way = |number: usize| number / THREADS % 4;
    let come_and_go = move |thread: usize| {
        for number in (0..CLIENTS).filter(|number| number % THREADS == thread) {
            match way(number) {
                0 => drop(Peer::connect(addr, "mute")),
                1 => Peer::connect(addr, "half").send(&format!("NICK c{number}\r\nUSER c")),
                way => {
                    let mut peer = Peer::register(addr, &format!("c{number}"));
                    peer.join("#crowd");
                    if way == 2 {
                        peer.send("QUIT :done");
                        peer.until_end();
                    }
                }
            }
        }
    };
    let threads: Vec<_> =
        (0..THREADS).map(|thread| thread::spawn(move || come_and_go(thread))).collect();
    quits(&mut watcher, (0..CLIENTS).filter(|number| way(*number) >= 2).count());
    for thread in threads {
        thread.join().expect("each client was served");
    }
    assert_eq!(watcher.sync(), [""; 0], "no more than that");
    answers(&server);
    let ended = server.shutdown("over");
    assert_eq!(ended.cut_off, 0, "{ended:?}");
}

fn a_reset_in_mid_line_is_a_quit(candidate: Candidate) {
    let server = start(candidate, |_| {});
    let mut watcher = Peer::register(server.local_addr(), "watcher");
    watcher.join("#c");
    let mut rude = Peer::register(server.local_addr(), "rude");
    rude.join("#c");
    rude.send_bytes(b"PRIVMSG #c :half of");
    SockRef::from(rude.socket()).set_linger(Some(Duration::ZERO)).expect("a TCP socket");
    drop(rude);
    let quit = quits(&mut watcher, 1).remove(0);
    assert!(quit.starts_with(":rude!") && quit.ends_with("Read error: connection reset"), "{quit}");
    answers(&server);
}

/// A socket that is connected and takes few bytes while nobody reads from it.
fn connect_narrow(addr: SocketAddr) -> TcpStream {
    let socket = Socket::new(Domain::for_address(addr), Type::STREAM, None).expect("a socket");
    socket.set_recv_buffer_size(4096).expect("a size");
    socket.connect(&addr.into()).expect("the server listens");
    socket.into()
}

/// A client in `#c` that reads nothing from then on.
fn join_deaf(addr: SocketAddr) -> Peer {
    let mut deaf = Peer::from_stream(connect_narrow(addr), "deaf");
    deaf.send("NICK deaf\r\nUSER deaf 0 * :deaf");
    deaf.welcomed();
    deaf.join("#c");
    deaf
}

/// Talks in `#c` until the deaf client has quit, by 50 lines at a time (20 KB). `heard` is called
/// after each with the number of the last line: whoever listens is to read up to there, so that
/// only the deaf falls behind, however the machine's time is shared out.
fn talk_until_the_deaf_quits(talker: &mut Peer, mut heard: impl FnMut(usize)) {
    let text = "x".repeat(400);
    let mut sent = 0;
    loop {
        for _ in 0..50 {
            sent += 1;
            talker.send(&format!("PRIVMSG #c :{sent} {text}"));
        }
        heard(sent);
        if let Some(quit) = talker.sync().into_iter().find(|line| line.contains(" QUIT ")) {
            return assert!(quit.starts_with(":deaf!"), "{quit}");
        }
        assert!(sent < 100_000, "40 MB have been queued for a client that does not read");
    }
}

fn a_reader_that_never_reads_is_closed_with_an_error(candidate: Candidate) {
    let server = start(candidate, |options| {
        options.config.limits.outbox_bytes_max = 64 * 1024;
        options.drain = tests::irc::PATIENCE; // time enough to read the ERROR line afterwards
    });
    let addr = server.local_addr();
    let mut deaf = join_deaf(addr);
    let mut listener = Peer::register(addr, "listener");
    listener.join("#c");
    let mut talker = Peer::register(addr, "talker");
    talker.join("#c");
    let mut next = 1;
    talk_until_the_deaf_quits(&mut talker, |last| {
        while next <= last {
            let line = listener.until(|line| line.contains(" PRIVMSG ")).pop().expect("a line");
            assert!(line.contains(&format!(" PRIVMSG #c :{next} ")), "want {next}: {line}");
            next += 1;
        }
    });
    answers(&server);
    // What it had been written before is whole lines, and the last of all says why.
    let last = deaf.until_end().pop().expect("an ERROR line");
    assert!(last.starts_with("ERROR "), "{last}");
}

fn a_reader_that_still_does_not_read_is_cut_off(candidate: Candidate) {
    let server = start(candidate, |options| {
        options.config.limits.outbox_bytes_max = 64 * 1024;
        options.drain = Duration::from_millis(200);
    });
    let mut deaf = join_deaf(server.local_addr());
    deaf.socket().set_write_timeout(Some(tests::irc::PATIENCE)).expect("not zero");
    let mut talker = Peer::register(server.local_addr(), "talker");
    talker.join("#c");
    talk_until_the_deaf_quits(&mut talker, |_| {});
    // What it writes is ignored, until the server's patience is over and the socket is gone.
    let error = loop {
        if let Err(error) = deaf.try_send(b"PING still-here\r\n") {
            break error;
        }
    };
    assert!(matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe), "{error}");
    answers(&server);
}

fn a_flooder_is_read_no_faster_than_it_reads(candidate: Candidate) {
    let server = start(candidate, |_| {});
    let mut flooder = Peer::from_stream(connect_narrow(server.local_addr()), "flooder");
    flooder.send("NICK flooder\r\nUSER flooder 0 * :flooder");
    flooder.welcomed();
    // The server stops reading, so the kernel's buffers fill, so a write blocks. The timeout is
    // what tells that it does; that it is reached too early changes nothing below.
    let timeout = Some(Duration::from_millis(500));
    flooder.socket().set_write_timeout(timeout).expect("a timeout that is not zero");
    let mut lines = 0_u32;
    loop {
        match flooder.try_send(format!("PING {lines:0>400}\r\n").as_bytes()) {
            Ok(()) => lines += 1,
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) => panic!("the flooder was closed, not slowed down: {error}"),
        }
        assert!(lines < 200_000, "80 MB were taken from a client that does not read");
    }
    answers(&server);
    // Once it reads, it is served again, and every line that was sent whole is answered in order.
    for line in 0..lines {
        let pong = flooder.line();
        assert!(pong.ends_with(&format!("{line:0>400}")), "want {line}: {pong}");
    }
}

fn who_never_registers_is_closed(candidate: Candidate) {
    let server = start(candidate, |options| {
        options.config.timeouts.registration = Duration::from_secs(2);
    });
    let addr = server.local_addr();
    let mut slow: Vec<_> = (0..50).map(|_| Peer::connect(addr, "slow")).collect();
    for (number, peer) in slow.iter_mut().enumerate() {
        match number % 3 {
            0 => {}
            1 => peer.send_bytes(b"NICK slo"),
            _ => peer.send(&format!("NICK slow{number}\r\nCAP LS 302")),
        }
    }
    for mut peer in slow {
        let last = peer.until_end().pop().expect("an ERROR line");
        assert!(last.starts_with("ERROR "), "{last}");
        let mut more = [0];
        assert_eq!(peer.socket().read(&mut more).expect("closed in order"), 0);
    }
    answers(&server);
}
