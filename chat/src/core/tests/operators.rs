//! OPER, KILL, WALLOPS, REHASH, DIE.

use super::{World, config};
use crate::core::Config;

#[test]
fn oper_needs_a_name_a_password_and_a_host() {
    let mut world = World::of(&["anna"]);
    world.connect_from("bert", "10.0.0.1");
    world.send("bert", "NICK bert");
    world.send("bert", "USER bert 0 * :Bert");
    world.forget();
    world.transcript(
        "
        anna> OPER root
        anna< :irc.test 461 anna OPER :Not enough parameters
        anna> OPER root Secret
        anna< :irc.test 464 anna :Password incorrect
        anna> OPER Root secret
        anna< :irc.test 464 anna :Password incorrect
        bert> OPER root secret
        bert< :irc.test 491 bert :No O-lines for your host
        anna> OPER root secret
        anna< :irc.test 381 anna :You are now an IRC operator
        anna< :anna!anna@127.0.0.1 MODE anna +o
        anna> OPER root secret
        anna< :irc.test 381 anna :You are now an IRC operator
        anna> WHO * o
        anna< :irc.test 352 anna * anna 127.0.0.1 irc.test anna H* :0 anna real
        anna< :irc.test 315 anna * :End of WHO list
        anna> MODE anna -o
        anna< :anna!anna@127.0.0.1 MODE anna -o
        anna> REHASH
        anna< :irc.test 481 anna :Permission Denied- You're not an IRC operator
        ",
    );
}

#[test]
fn without_operators_nobody_is_asked_for_a_password() {
    let mut world = World::with(Config { operators: Vec::new(), ..config() });
    world.register("anna");
    world.transcript("anna> OPER root secret\nanna< :irc.test 491 anna :No O-lines for your host");
}

#[test]
fn a_logged_configuration_gives_no_password_away() {
    let config = Config { password: Some("sesame".into()), ..config() };
    let logged = format!("{config:?}");
    assert!(logged.contains(r#"[Operator { name: "root", mask: "*@127.0.0.1", .. }]"#), "{logged}");
    assert!(!logged.contains("sesame") && !logged.contains("secret"), "{logged}");
}

#[test]
fn operators_see_what_is_secret_or_invisible() {
    let mut world = World::of(&["anna", "bert"]);
    world.send("bert", "JOIN #den");
    world.send("bert", "MODE #den +s");
    world.send("bert", "MODE bert +i");
    world.send("anna", "OPER root secret");
    world.forget();
    world.transcript(
        "
        anna> WHO b*
        anna< :irc.test 352 anna * bert 127.0.0.1 irc.test bert H :0 bert real
        anna< :irc.test 315 anna b* :End of WHO list
        anna> NAMES #den
        anna< :irc.test 353 anna @ #den :@bert
        anna< :irc.test 366 anna #den :End of /NAMES list
        anna> LIST
        anna< :irc.test 321 anna Channel :Users  Name
        anna< :irc.test 322 anna #den 1 :
        anna< :irc.test 323 anna :End of /LIST
        anna> PRIVMSG #den :but are not members
        anna< :irc.test 404 anna #den :Cannot send to channel
        ",
    );
}

#[test]
fn operators_alone_kill_and_the_killed_are_told_by_whom() {
    let mut world = World::of(&["anna", "bert", "cara"]);
    for name in ["bert", "cara"] {
        world.send(name, "JOIN #den");
    }
    world.forget();
    world.transcript(
        "
        anna> KILL bert :spam
        anna< :irc.test 481 anna :Permission Denied- You're not an IRC operator
        anna> OPER root secret
        anna< :irc.test 381 anna :You are now an IRC operator
        anna< :anna!anna@127.0.0.1 MODE anna +o
        anna> KILL bert
        anna< :irc.test 461 anna KILL :Not enough parameters
        anna> KILL nobody :spam
        anna< :irc.test 401 anna nobody :No such nick/channel
        anna> KILL Bert :a lot of spam
        bert< :anna!anna@127.0.0.1 KILL bert :a lot of spam
        bert< ERROR :Closing Link: 127.0.0.1 (Killed (anna (a lot of spam)))
        bert.
        cara< :bert!bert@127.0.0.1 QUIT :Killed (anna (a lot of spam))
        anna> KILL anna :enough
        anna< :anna!anna@127.0.0.1 KILL anna :enough
        anna< ERROR :Closing Link: 127.0.0.1 (Killed (anna (enough)))
        anna.
        ",
    );
}

#[test]
fn wallops_reach_those_who_want_them() {
    World::of(&["anna", "bert", "cara"]).transcript(
        "
        bert> MODE bert +w
        bert< :bert!bert@127.0.0.1 MODE bert +w
        cara> WALLOPS :hear ye
        cara< :irc.test 481 cara :Permission Denied- You're not an IRC operator
        anna> OPER root secret
        anna< :irc.test 381 anna :You are now an IRC operator
        anna< :anna!anna@127.0.0.1 MODE anna +o
        anna> WALLOPS
        anna< :irc.test 461 anna WALLOPS :Not enough parameters
        anna> WALLOPS :hear ye
        bert< :anna!anna@127.0.0.1 WALLOPS :hear ye
        ",
    );
}

#[test]
fn rehash_says_that_there_is_nothing_to_read_and_die_asks_the_shell() {
    let mut world = World::of(&["anna"]);
    world.transcript(
        "
        anna> DIE
        anna< :irc.test 481 anna :Permission Denied- You're not an IRC operator
        anna> OPER root secret
        anna< :irc.test 381 anna :You are now an IRC operator
        anna< :anna!anna@127.0.0.1 MODE anna +o
        anna> REHASH
        anna< :irc.test 382 anna - :Nothing to read again: the configuration was given at the start
        ",
    );
    assert!(!world.hub.poll_shutdown());
    world.transcript("anna> DIE");
    assert!(world.hub.poll_shutdown());
}
