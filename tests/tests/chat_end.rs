//! How a client's connection ends, and how the server does, on every candidate: nothing that was said
//! before is lost, and each is told why.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use chat::candidate::Candidate;
use chat::core::Operator;
use tests::irc::Peer;
use tests::start;

tests::on_every_candidate!(
    a_silent_client_is_asked_then_closed,
    what_was_said_before_the_end_is_read_before_it,
    a_shutdown_gives_up_on_who_does_not_read,
    an_operator_ends_the_server,
    a_half_closed_client_reads_its_answers,
);

fn a_silent_client_is_asked_then_closed(candidate: Candidate) {
    let server = start(candidate, |options| {
        options.config.timeouts.ping_after = Duration::from_millis(200);
        options.config.timeouts.ping_timeout = Duration::from_secs(2);
    });
    let mut silent = Peer::register(server.local_addr(), "silent");
    let mut alive = Peer::register(server.local_addr(), "alive");
    let alive = thread::spawn(move || {
        for pings in 0.. {
            let line = alive.line();
            match line.split_once("PING ") {
                Some((_, token)) => alive.send(&format!("PONG {token}")),
                None => return (pings, line),
            }
        }
        unreachable!("it is told of the end")
    });
    let lines = silent.until_end();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].contains("PING "), "{lines:?}");
    assert!(lines[1].starts_with("ERROR ") && lines[1].contains("Ping timeout"), "{lines:?}");
    server.shutdown("over");
    let (pings, last) = alive.join().expect("a client that answers is not closed");
    assert!(pings > 2 && last.starts_with("ERROR ") && last.contains("over"), "{pings}, {last}");
}

fn what_was_said_before_the_end_is_read_before_it(candidate: Candidate) {
    const TALKERS: usize = 4;
    let server = start(candidate, |options| options.drain = tests::irc::PATIENCE);
    let addr = server.local_addr();
    let mut listener = Peer::register(addr, "listener");
    listener.join("#c");
    let (sender, talking) = mpsc::channel();
    let talk = move |number: usize, sender: mpsc::Sender<()>| {
        let mut talker = Peer::register(addr, &format!("talker{number}"));
        talker.join("#c");
        let mut acknowledged = 0;
        // Says a line, asks for a PONG, and counts the line once that has come. The shutdown falls
        // in the middle of this, wherever it likes.
        loop {
            let said = talker.try_send(
                format!("PRIVMSG #c :{number} {acknowledged}\r\nPING {acknowledged}\r\n")
                    .as_bytes(),
            );
            let pong = format!(" :{acknowledged}");
            let answered = loop {
                match talker.try_line() {
                    Ok(Some(line)) if line.contains(" PONG ") && line.ends_with(&pong) => {
                        break true;
                    }
                    Ok(Some(line)) if line.starts_with("ERROR ") => break false,
                    Ok(Some(_)) => {}
                    other => panic!("the end came without an ERROR line: {other:?}, {said:?}"),
                }
            };
            if !answered {
                assert_eq!(talker.until_end(), [""; 0], "ERROR is the last line");
                return acknowledged;
            }
            acknowledged += 1;
            if acknowledged == 50 {
                sender.send(()).expect("the test waits for this");
            }
        }
    };
    let talkers: Vec<_> = (0..TALKERS)
        .map(|number| {
            let sender = sender.clone();
            thread::spawn(move || talk(number, sender))
        })
        .collect();
    for _ in 0..TALKERS {
        talking.recv().expect("each talker says 50 lines");
    }
    let reader = thread::spawn(move || listener.until_end());
    let ended = server.shutdown("Good night");
    assert_eq!((ended.clients, ended.cut_off), (TALKERS + 1, 0));

    let lines = reader.join().expect("the listener reads to the end");
    let (last, lines) = lines.split_last().expect("at least the ERROR line");
    assert!(last.starts_with("ERROR ") && last.contains("Good night"), "{last}");
    for (number, talker) in talkers.into_iter().enumerate() {
        let acknowledged = talker.join().expect("the talker reads to the end");
        let heard = format!("!talker{number}@127.0.0.1 PRIVMSG #c :{number} ");
        let heard = lines.iter().filter(|line| line.contains(&heard)).count();
        // The line after the last acknowledged one may have made it too.
        assert!((acknowledged..=acknowledged + 1).contains(&heard), "{acknowledged}, {heard}");
    }
}

fn a_shutdown_gives_up_on_who_does_not_read(candidate: Candidate) {
    let server = start(candidate, |options| {
        options.drain = Duration::from_secs(2);
        options.config.limits.outbox_bytes_max = 64 << 20; // never closed for that
    });
    let addr = server.local_addr();
    let mut deaf = Peer::register(addr, "deaf");
    deaf.join("#c");
    let mut talker = Peer::register(addr, "talker");
    talker.join("#c");
    // 16 MB: more than the kernel buffers for a socket that is not read.
    let text = "x".repeat(400);
    for _ in 0..400 {
        for _ in 0..100 {
            talker.send(&format!("PRIVMSG #c :{text}"));
        }
        talker.sync();
    }
    let ended = server.shutdown("Good night");
    assert_eq!((ended.clients, ended.cut_off), (2, 1));
    assert!(talker.until_end().pop().expect("an ERROR line").starts_with("ERROR "));
    drop(deaf);
}

fn an_operator_ends_the_server(candidate: Candidate) {
    let operator = Operator { name: "root".into(), password: "pw".into(), mask: "*@*".into() };
    let mut server = Some(start(candidate, |options| options.config.operators.push(operator)));
    let addr = server.as_ref().expect("started above").local_addr();
    let mut boss = Peer::register(addr, "boss");
    let mut other = Peer::register(addr, "other");
    boss.send("OPER root pw\r\nDIE");
    for peer in [&mut boss, &mut other] {
        let last = peer.until_end().pop().expect("an ERROR line");
        assert!(last.starts_with("ERROR "), "{last}");
    }
    drop(server.take()); // joins a thread that ends by itself
}

fn a_half_closed_client_reads_its_answers(candidate: Candidate) {
    let server = start(candidate, |_| {});
    let mut piped = Peer::connect(server.local_addr(), "piped");
    piped.send("NICK piped\r\nUSER piped 0 * :piped\r\nPING last"); // as `printf ... | nc -N` does
    piped.socket().shutdown(std::net::Shutdown::Write).expect("a connected socket");
    let lines = piped.until_end();
    assert!(lines[0].contains(" 001 piped "), "{lines:?}");
    assert!(lines.iter().any(|line| line.contains(" PONG ") && line.ends_with("last")));
    assert!(lines[lines.len() - 1].starts_with("ERROR "), "{lines:?}");
}
