//! PRIVMSG, NOTICE, AWAY.

use super::{World, config};
use crate::core::{Config, Limits};

#[test]
fn a_message_goes_to_its_target_and_nobody_else() {
    let mut world = World::of(&["anna", "bert", "cara"]);
    world.transcript(
        "
        anna> PRIVMSG BERT :hello there
        bert< :anna!anna@127.0.0.1 PRIVMSG bert :hello there
        anna> PRIVMSG anna self
        anna< :anna!anna@127.0.0.1 PRIVMSG anna :self
        anna> NOTICE bert,cara :both
        bert< :anna!anna@127.0.0.1 NOTICE bert :both
        cara< :anna!anna@127.0.0.1 NOTICE cara :both
        anna> PRIVMSG bert ::-)
        bert< :anna!anna@127.0.0.1 PRIVMSG bert ::-)
        ",
    );
    for name in ["anna", "bert"] {
        world.send(name, "JOIN #Den");
    }
    world.forget();
    world.transcript(
        "
        anna> PRIVMSG #den :hello  all
        bert< :anna!anna@127.0.0.1 PRIVMSG #Den :hello  all
        bert> NOTICE #den,cara :x
        anna< :bert!bert@127.0.0.1 NOTICE #Den :x
        cara< :bert!bert@127.0.0.1 NOTICE cara :x
        ",
    );
}

#[test]
fn bytes_that_are_not_utf8_pass_through() {
    let mut world = World::of(&["anna", "bert"]);
    world.send_bytes("anna", b"PRIVMSG bert :\xff\xc3 \x01\x02");
    let line = ":anna!anna@127.0.0.1 PRIVMSG bert :\\xff\\xc3 \\x01\\x02";
    assert_eq!(world.read("bert"), [line]);
}

#[test]
fn a_line_cannot_smuggle_a_second_one() {
    let mut world = World::of(&["anna", "bert"]);
    for smuggled in [&b"PRIVMSG bert :x\rQUIT"[..], b"PRIVMSG bert :x\nQUIT", b"PRIVMSG bert :x\0y"]
    {
        world.send_bytes("anna", smuggled);
        assert_eq!(world.read("bert"), [":anna!anna@127.0.0.1 PRIVMSG bert :x"]);
    }
    world.transcript("anna> PING x\nanna< :irc.test PONG irc.test :x");
}

#[test]
fn a_message_that_does_not_arrive_is_told_and_a_notice_is_not() {
    let mut world = World::of(&["anna", "bert"]);
    world.connect("cara");
    world.send("cara", "NICK cara");
    world.transcript(
        "
        anna> PRIVMSG
        anna< :irc.test 411 anna :No recipient given (PRIVMSG)
        anna> PRIVMSG bert
        anna< :irc.test 412 anna :No text to send
        anna> PRIVMSG bert :
        anna< :irc.test 412 anna :No text to send
        anna> PRIVMSG nobody,bert,cara :x
        anna< :irc.test 401 anna nobody :No such nick/channel
        bert< :anna!anna@127.0.0.1 PRIVMSG bert :x
        anna< :irc.test 401 anna cara :No such nick/channel
        anna> PRIVMSG #none :x
        anna< :irc.test 403 anna #none :No such channel
        anna> NOTICE
        anna> NOTICE bert
        anna> NOTICE bert :
        anna> NOTICE nobody,#none,cara :x
        ",
    );
}

#[test]
fn the_modes_of_a_channel_decide_who_speaks() {
    let mut world = World::of(&["anna", "bert", "cara"]);
    world.send("anna", "JOIN #den");
    world.send("bert", "JOIN #den");
    world.forget();
    world.transcript(
        "
        cara> PRIVMSG #den :out
        cara< :irc.test 404 cara #den :Cannot send to channel
        cara> NOTICE #den :out
        anna> MODE #den -n
        anna< :anna!anna@127.0.0.1 MODE #den -n
        bert< :anna!anna@127.0.0.1 MODE #den -n
        cara> PRIVMSG #den :out
        anna< :cara!cara@127.0.0.1 PRIVMSG #den :out
        bert< :cara!cara@127.0.0.1 PRIVMSG #den :out
        anna> MODE #den +m
        anna< :anna!anna@127.0.0.1 MODE #den +m
        bert< :anna!anna@127.0.0.1 MODE #den +m
        cara> PRIVMSG #den :out
        cara< :irc.test 404 cara #den :Cannot send to channel
        bert> PRIVMSG #den :in
        bert< :irc.test 404 bert #den :Cannot send to channel
        anna> PRIVMSG #den :op
        bert< :anna!anna@127.0.0.1 PRIVMSG #den :op
        anna> MODE #den +v bert
        anna< :anna!anna@127.0.0.1 MODE #den +v bert
        bert< :anna!anna@127.0.0.1 MODE #den +v bert
        bert> PRIVMSG #den :in
        anna< :bert!bert@127.0.0.1 PRIVMSG #den :in
        anna> MODE #den -mv+b bert bert
        anna< :anna!anna@127.0.0.1 MODE #den -mv+b bert bert!*@*
        bert< :anna!anna@127.0.0.1 MODE #den -mv+b bert bert!*@*
        bert> PRIVMSG #den :in
        bert< :irc.test 404 bert #den :Cannot send to channel
        anna> MODE #den +e *!bert@*
        anna< :anna!anna@127.0.0.1 MODE #den +e *!bert@*
        bert< :anna!anna@127.0.0.1 MODE #den +e *!bert@*
        bert> PRIVMSG #den :in
        anna< :bert!bert@127.0.0.1 PRIVMSG #den :in
        ",
    );
}

#[test]
fn targets_of_one_message_have_a_bound() {
    World::of(&["anna", "bert"]).transcript(
        "
        anna> PRIVMSG bert,bert,bert,,bert,anna,anna :x
        anna< :irc.test 407 anna anna :Too many targets, the rest is left out
        bert< :anna!anna@127.0.0.1 PRIVMSG bert :x
        bert< :anna!anna@127.0.0.1 PRIVMSG bert :x
        bert< :anna!anna@127.0.0.1 PRIVMSG bert :x
        bert< :anna!anna@127.0.0.1 PRIVMSG bert :x
        anna> NOTICE bert,bert,bert,bert,anna :x
        bert< :anna!anna@127.0.0.1 NOTICE bert :x
        bert< :anna!anna@127.0.0.1 NOTICE bert :x
        bert< :anna!anna@127.0.0.1 NOTICE bert :x
        bert< :anna!anna@127.0.0.1 NOTICE bert :x
        ",
    );
}

#[test]
fn away_is_told_to_who_writes() {
    let limits = Limits { away_bytes_max: 5, ..Limits::default() };
    let mut world = World::with(Config { limits, ..config() });
    world.register("anna");
    world.register("bert");
    world.transcript(
        "
        bert> AWAY :gone fishing
        bert< :irc.test 306 bert :You have been marked as being away
        anna> PRIVMSG bert :x
        bert< :anna!anna@127.0.0.1 PRIVMSG bert :x
        anna< :irc.test 301 anna bert :gone 
        anna> NOTICE bert :x
        bert< :anna!anna@127.0.0.1 NOTICE bert :x
        bert> AWAY
        bert< :irc.test 305 bert :You are no longer marked as being away
        bert> AWAY :
        bert< :irc.test 305 bert :You are no longer marked as being away
        anna> PRIVMSG bert :x
        bert< :anna!anna@127.0.0.1 PRIVMSG bert :x
        ",
    );
}

#[test]
fn a_line_that_grows_by_its_prefix_is_cut_between_characters() {
    let mut world = World::of(&["anna", "bert"]);
    let start = ":anna!anna@127.0.0.1 PRIVMSG bert :";
    // Two bytes each; the line is cut at 510, which is in the middle of one of them.
    world.send("anna", &format!("PRIVMSG bert :x{}", "\u{e9}".repeat(247)));
    let (_, lines) = super::take(&world.outbox("bert"));
    let kept = (510 - start.len() - 1) / 2;
    assert_eq!((510 - start.len()) % 2, 1, "so that without a byte before it the cut would fit");
    let text = format!("{start}x{}\r\n", "\u{e9}".repeat(kept));
    assert_eq!(lines, [text.into_bytes()]);
    world.send("anna", &format!("PRIVMSG bert :{}", "\u{e9}".repeat(247)));
    let (_, lines) = super::take(&world.outbox("bert"));
    assert_eq!(lines[0].len(), 511);
    assert!(std::str::from_utf8(&lines[0]).is_ok());
    // Without characters there is nothing to keep whole.
    world.send_bytes("anna", &[b"PRIVMSG bert :", &[0x80; 490][..]].concat());
    let (_, lines) = super::take(&world.outbox("bert"));
    assert_eq!(lines[0].len(), 512);
}
