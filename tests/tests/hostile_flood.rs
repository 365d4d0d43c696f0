//! Clients that ask for much in one breath: they are answered in full if they read, and the others
//! wait for one line of theirs, not for all.
//!
//! The crowd is what makes a question expensive: WHO with a mask looks at everybody, and a line to a
//! channel goes to all of its members.

use std::thread;
use std::time::Instant;

use chat::candidate::Candidate;
use chat::server::Running;
use tests::irc::Peer;
use tests::start;

tests::on_every_candidate!(
    who_asks_much_in_one_breath_is_answered_in_full,
    expensive_questions_hold_up_nobody,
);

fn who_asks_much_in_one_breath_is_answered_in_full(candidate: Candidate) {
    const QUESTIONS: usize = 1_000; // 6 KB that ask for 2 MB, with room for 1 MB
    let server = start(candidate, |_| {});
    let mut curious = Peer::register(server.local_addr(), "curious");
    for number in 0..50 {
        curious.join(&format!("#channel-{number}"));
    }
    curious.send_bytes("LIST\r\n".repeat(QUESTIONS).as_bytes());
    for _ in 0..QUESTIONS {
        let answer = curious.until(|line| line.contains(" 323 "));
        assert_eq!(answer.len(), 52, "{answer:#?}");
    }
}

/// Many clients in `#crowd`, each with a long name to look at.
fn crowd(server: &Running, clients: usize) -> Vec<Peer> {
    let name = "a".repeat(128);
    let connect = |number| {
        let mut peer = Peer::connect(server.local_addr(), "one of a crowd");
        peer.send(&format!("NICK crowd{number}\r\nUSER crowd 0 * :{name}\r\nJOIN #crowd"));
        peer.until(|line| line.contains(" 366 "));
        peer
    };
    (0..clients).map(connect).collect()
}

fn expensive_questions_hold_up_nobody(candidate: Candidate) {
    const QUESTIONS: usize = 100;
    let server = start(candidate, |_| {});
    let _crowd = crowd(&server, 200);
    let mut asking = Peer::register(server.local_addr(), "asking");
    // A mask that is looked at for long and fits nobody, and a crowd to greet and leave.
    let question = format!("WHO *{}b\r\nJOIN #crowd\r\nJOIN 0\r\n", "a".repeat(62));
    asking.send_bytes(question.repeat(QUESTIONS).as_bytes());
    let asking = thread::spawn(move || {
        for _ in 0..QUESTIONS / 2 {
            asking.until(|line| line.contains(" 315 "));
        }
        Instant::now()
    });
    for _ in 0..3 {
        let mut fresh = Peer::register(server.local_addr(), "fresh");
        assert_eq!(fresh.sync(), [""; 0]);
        fresh.send("QUIT");
        fresh.until_end();
    }
    let served = Instant::now();
    let answered = asking.join().expect("it is answered");
    assert!(served < answered, "three had to wait for half of what one asks");
}
