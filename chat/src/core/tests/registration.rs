//! From the first line to 001, and to ERROR.

use super::{World, config, connected, welcome};
use crate::core::Config;

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
