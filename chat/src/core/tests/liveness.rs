//! PING and PONG, time that runs out, lines that are too long, and who is on the other side.

use std::time::Duration;

use super::{World, connected};

#[test]
fn ping_is_answered_with_its_token() {
    let mut world = connected();
    world.transcript(
        "
        anna> PING x
        anna< :irc.test PONG irc.test :x
        anna> PING :a b
        anna< :irc.test PONG irc.test :a b
        anna> PING
        anna< :irc.test 461 * PING :Not enough parameters
        anna> PING :
        anna< :irc.test 409 * :No origin specified
        anna> PONG
        anna> PONG whatever
        ",
    );
    world.send_bytes("anna", b"PING \xff\xfe");
    assert_eq!(world.read("anna"), [":irc.test PONG irc.test :\\xff\\xfe"]);
}

#[test]
fn who_does_not_register_in_time_is_closed_however_much_it_talks() {
    let mut world = connected();
    let id = world.id("anna");
    assert_eq!(world.hub.poll_timeout(id), Some(Duration::from_secs(30)));
    world.advance(29);
    world.transcript("anna> NICK anna\nanna> PING x\nanna< :irc.test PONG irc.test :x");
    assert_eq!(world.hub.poll_timeout(id), Some(Duration::from_secs(30)));
    world.hub.handle_timeout(world.now, id);
    world.transcript("");
    world.advance(1);
    world.hub.handle_timeout(world.now, id);
    world.transcript("anna< ERROR :Closing Link: 127.0.0.1 (Registration timed out)\nanna.");
    assert_eq!(world.hub.poll_timeout(id), None);
}

#[test]
fn silence_is_asked_with_ping_and_ended_if_it_goes_on() {
    let mut world = World::of(&["anna", "bert"]);
    world.transcript(
        "
        anna> JOIN #den
        anna< :anna!anna@127.0.0.1 JOIN #den
        anna< :irc.test 353 anna = #den :@anna
        anna< :irc.test 366 anna #den :End of /NAMES list
        bert> JOIN #den
        bert< :bert!bert@127.0.0.1 JOIN #den
        bert< :irc.test 353 bert = #den :@anna bert
        bert< :irc.test 366 bert #den :End of /NAMES list
        anna< :bert!bert@127.0.0.1 JOIN #den
        ",
    );
    let id = world.id("anna");
    assert_eq!(world.hub.poll_timeout(id), Some(Duration::from_secs(90)));
    // The timer comes late: the time to answer is counted from the question.
    world.advance(95);
    world.hub.handle_timeout(world.now, id);
    world.transcript("anna< PING :irc.test");
    assert_eq!(world.hub.poll_timeout(id), Some(Duration::from_secs(155)));
    world.advance(59);
    world.hub.handle_timeout(world.now, id);
    world.transcript("anna> PONG irc.test");
    assert_eq!(world.hub.poll_timeout(id), Some(Duration::from_secs(154 + 90)));
    world.advance(90);
    world.hub.handle_timeout(world.now, id);
    world.transcript("anna< PING :irc.test");
    world.advance(60);
    world.hub.handle_timeout(world.now, id);
    world.transcript(
        "
        anna< ERROR :Closing Link: 127.0.0.1 (Ping timeout: 150 seconds)
        anna.
        bert< :anna!anna@127.0.0.1 QUIT :Ping timeout: 150 seconds
        ",
    );
}

#[test]
fn an_overlong_line_is_told_and_the_connection_lives() {
    let mut world = connected();
    let id = world.id("anna");
    world.hub.handle_overlong(world.now, id);
    world.transcript(
        "
        anna< :irc.test 417 * :Input line was too long
        anna> PING x
        anna< :irc.test PONG irc.test :x
        ",
    );
}

#[test]
fn hosts_of_ipv6_peers_never_begin_with_a_colon() {
    let mut world = World::new();
    for (name, peer, host) in [
        ("anna", "::1", "0::1"),
        ("bert", "2001:db8::2", "2001:db8::2"),
        ("cara", "::ffff:10.0.0.9", "10.0.0.9"),
    ] {
        world.connect_from(name, peer);
        let quit =
            format!("{name}> QUIT\n{name}< ERROR :Closing Link: {host} (Client Quit)\n{name}.");
        world.transcript(&quit);
    }
}
