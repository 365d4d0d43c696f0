//! From the first line to 001, and to ERROR.

use std::time::Duration;

use super::{ISUPPORT, World, config};
use crate::core::Config;

/// How a client is greeted when it registers.
const GREETING: &str = "
    anna< :irc.test 001 anna :Welcome to the Test Network, anna!ann@127.0.0.1
    anna< :irc.test 002 anna :Your host is irc.test, running version chat-0.1.0
    anna< :irc.test 003 anna :This server was created 2027-01-15 08:00:00 UTC
    anna< :irc.test 004 anna irc.test chat-0.1.0 iow Ibeiklmnostv Ibeklov
";

/// What follows it: the state of the server.
const LUSERS: &str = "
    anna< :irc.test 251 anna :There are 1 users and 0 invisible on 1 servers
    anna< :irc.test 252 anna 0 :operator(s) online
    anna< :irc.test 253 anna 0 :unknown connection(s)
    anna< :irc.test 254 anna 0 :channels formed
    anna< :irc.test 255 anna :I have 1 clients and 1 servers
    anna< :irc.test 265 anna 1 1 :Current local users 1, max 1
    anna< :irc.test 266 anna 1 1 :Current global users 1, max 1
    anna< :irc.test 422 anna :MOTD File is missing
";

/// What a client is told when it registers, without a message of the day, alone on the server.
fn welcome() -> String {
    [GREETING, ISUPPORT, LUSERS].concat()
}

/// A world with a connection that has said nothing.
fn connected() -> World {
    let mut world = World::new();
    world.connect("anna");
    world
}

#[test]
fn nick_and_user_in_any_order_bring_the_welcome() {
    let order = |first: &str, second: &str| {
        connected().transcript(&format!("anna> {first}\nanna> {second}\n{}", welcome()));
    };
    order("NICK anna", "USER ann 0 * :Anna");
    order("USER ann 0 * :Anna", "NICK anna");
    order("user ann 0 * Anna", ":whoever nIcK :anna");
}

#[test]
fn the_message_of_the_day_ends_the_welcome() {
    let motd = vec!["Be kind.".into(), String::new()];
    let mut world = World::with(Config { motd, ..config() });
    world.connect("anna");
    let welcome = welcome().replace(
        "    anna< :irc.test 422 anna :MOTD File is missing\n",
        "    anna< :irc.test 375 anna :- irc.test Message of the day - 
             anna< :irc.test 372 anna :- Be kind.
             anna< :irc.test 372 anna :- 
             anna< :irc.test 376 anna :End of /MOTD command.\n",
    );
    world.transcript(&format!("anna> NICK anna\nanna> USER ann 0 * :Anna\n{welcome}"));
}

#[test]
fn what_is_wrong_with_a_registration_is_told() {
    connected().transcript(
        "
        anna> NICK
        anna< :irc.test 431 * :No nickname given
        anna> NICK :
        anna< :irc.test 431 * :No nickname given
        anna> NICK 1st
        anna< :irc.test 432 * 1st :Erroneus nickname
        anna> NICK :two words
        anna< :irc.test 432 * * :Erroneus nickname
        anna> NICK aaaaaaaaaaaaaaaaaaaaaaaaaaaaaab
        anna< :irc.test 432 * aaaaaaaaaaaaaaaaaaaaaaaaaaaaaab :Erroneus nickname
        anna> USER ann 0 *
        anna< :irc.test 461 * USER :Not enough parameters
        anna> USER ann 0 * :
        anna< :irc.test 461 * USER :Not enough parameters
        anna> USER an@n 0 * :Anna
        anna< :irc.test 468 * :Your username is not valid
        anna> PASS
        anna< :irc.test 461 * PASS :Not enough parameters
        anna> JOIN #den
        anna< :irc.test 451 * :You have not registered
        anna> FROBNICATE
        anna< :irc.test 451 * :You have not registered
        anna> NICK anna
        anna> PRIVMSG anna :hello
        anna< :irc.test 451 anna :You have not registered
        ",
    );
}

#[test]
fn registering_again_is_refused() {
    World::of(&["anna"]).transcript(
        "
        anna> USER ann 0 * :Anna
        anna< :irc.test 462 anna :You may not reregister
        anna> PASS x
        anna< :irc.test 462 anna :You may not reregister
        anna> FROBNICATE now
        anna< :irc.test 421 anna FROBNICATE :Unknown command
        ",
    );
    connected().transcript(
        "
        anna> USER ann 0 * :Anna
        anna> USER bert 0 * :Bert
        anna< :irc.test 462 * :You may not reregister
        ",
    );
}

#[test]
fn a_nick_is_taken_from_the_moment_it_is_given() {
    let mut world = World::of(&["anna"]);
    world.connect("bert");
    world.connect("cara");
    world.transcript(
        "
        bert> NICK ANNA
        bert< :irc.test 433 * ANNA :Nickname is already in use
        bert> NICK [bert]
        cara> NICK [BERT]
        cara< :irc.test 433 * [BERT] :Nickname is already in use
        cara> NICK {bert}
        bert> NICK bert
        cara> NICK [bert]
        cara> NICK cara
        anna> NICK [Bert]
        anna< :anna!anna@127.0.0.1 NICK [Bert]
        ",
    );
}

#[test]
fn a_client_may_change_the_case_of_its_nick_and_the_same_text_is_silent() {
    World::of(&["anna"]).transcript(
        "
        anna> NICK anna
        anna> NICK Anna
        anna< :anna!anna@127.0.0.1 NICK Anna
        anna> NICK Anna
        anna> WHOIS anna extra
        anna< :irc.test 401 Anna extra :No such nick/channel
        anna< :irc.test 318 Anna extra :End of /WHOIS list
        anna> ISON anna
        anna< :irc.test 303 Anna :Anna
        ",
    );
}

#[test]
fn names_are_cut_to_what_isupport_says() {
    let mut world = World::new();
    world.connect("anna");
    world.send("anna", "NICK anna");
    world.send("anna", &format!("USER {} 0 * :{}", "u".repeat(20), "r".repeat(200)));
    world.read("anna");
    let user = "u".repeat(16);
    world.transcript(&format!(
        "
        anna> WHOWAS anna
        anna< :irc.test 406 anna anna :There was no such nickname
        anna< :irc.test 369 anna anna :End of WHOWAS
        anna> WHO anna
        anna< :irc.test 352 anna * {user} 127.0.0.1 irc.test anna H :0 {}
        anna< :irc.test 315 anna anna :End of WHO list
        ",
        "r".repeat(128)
    ));
}

#[test]
fn the_password_is_asked_for_when_all_else_is_there() {
    let world = || {
        let mut world = World::with(Config { password: Some("sesame".into()), ..config() });
        world.connect("anna");
        world
    };
    world().transcript(&format!(
        "anna> NICK anna\nanna> PASS wrong\nanna> PASS sesame\nanna> USER ann 0 * :Anna\n{}",
        welcome()
    ));
    for pass in ["", "anna> PASS Sesame\n", "anna> PASS sesame2\n", "anna> PASS :\n"] {
        world().transcript(&format!(
            "{pass}
            anna> NICK anna
            anna> USER ann 0 * :Anna
            anna< :irc.test 464 anna :Password incorrect
            anna< ERROR :Closing Link: 127.0.0.1 (Password incorrect)
            anna."
        ));
    }
}

#[test]
fn capability_negotiation_holds_the_welcome_until_its_end() {
    let welcome = welcome();
    connected().transcript(&format!(
        "
        anna> CAP LS 302
        anna< :irc.test CAP * LS :multi-prefix
        anna> NICK anna
        anna> USER ann 0 * :Anna
        anna> CAP REQ multi-prefix
        anna< :irc.test CAP anna ACK :multi-prefix
        anna> CAP END
        {welcome}
        anna> CAP END
        anna> CAP LIST
        anna< :irc.test CAP anna LIST :multi-prefix
        "
    ));
    // A REQ alone holds it too; without either nothing does.
    connected().transcript(&format!(
        "
        anna> CAP REQ :multi-prefix
        anna< :irc.test CAP * ACK :multi-prefix
        anna> USER ann 0 * :Anna
        anna> NICK anna
        anna> CAP END
        {welcome}
        "
    ));
    connected().transcript(&format!(
        "
        anna> CAP LIST
        anna< :irc.test CAP * LIST :
        anna> CAP END
        anna> NICK anna
        anna> USER ann 0 * :Anna
        {welcome}
        "
    ));
}

#[test]
fn a_request_for_capabilities_is_all_or_nothing() {
    World::of(&["anna"]).transcript(
        "
        anna> CAP REQ :multi-prefix no-such-thing
        anna< :irc.test CAP anna NAK :multi-prefix no-such-thing
        anna> CAP LIST
        anna< :irc.test CAP anna LIST :
        anna> CAP req :  multi-prefix  
        anna< :irc.test CAP anna ACK :  multi-prefix  
        anna> CAP REQ :-multi-prefix -no-such-thing
        anna< :irc.test CAP anna NAK :-multi-prefix -no-such-thing
        anna> CAP REQ :Multi-Prefix
        anna< :irc.test CAP anna NAK :Multi-Prefix
        anna> CAP REQ :-multi-prefix
        anna< :irc.test CAP anna ACK :-multi-prefix
        anna> CAP LIST
        anna< :irc.test CAP anna LIST :
        anna> CAP REQ
        anna< :irc.test CAP anna ACK :
        anna> CAP LS
        anna< :irc.test CAP anna LS :multi-prefix
        anna> CAP FROB x
        anna< :irc.test 410 anna FROB :Invalid CAP command
        anna> CAP
        anna< :irc.test 461 anna CAP :Not enough parameters
        anna> CAP :
        anna< :irc.test 410 anna * :Invalid CAP command
        ",
    );
}

#[test]
fn quit_is_answered_by_error_and_frees_the_nick_at_once() {
    let mut world = World::of(&["anna"]);
    world.connect("bert");
    world.transcript(
        "
        bert> NICK bert
        bert> QUIT
        bert< ERROR :Closing Link: 127.0.0.1 (Client Quit)
        bert.
        anna> NICK bert
        anna< :anna!anna@127.0.0.1 NICK bert
        anna> QUIT :so long
        anna< ERROR :Closing Link: 127.0.0.1 (Quit: so long)
        anna.
        anna> PING x
        bert> NICK cara
        ",
    );
    assert_eq!(world.hub.client_count(), 0);
}

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
