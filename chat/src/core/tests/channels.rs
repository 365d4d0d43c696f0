//! JOIN, PART, NAMES, LIST.

use super::{World, config, in_den};
use crate::core::{Config, Limits};

#[test]
fn who_joins_is_seen_by_all_and_sees_all() {
    World::of(&["anna", "bert"]).transcript(
        "
        anna> JOIN #Den
        anna< :anna!anna@127.0.0.1 JOIN #Den
        anna< :irc.test 353 anna = #Den :@anna
        anna< :irc.test 366 anna #Den :End of /NAMES list
        bert> JOIN #dEN
        anna< :bert!bert@127.0.0.1 JOIN #Den
        bert< :bert!bert@127.0.0.1 JOIN #Den
        bert< :irc.test 353 bert = #Den :@anna bert
        bert< :irc.test 366 bert #Den :End of /NAMES list
        bert> JOIN #den
        anna> TOPIC #den :Of foxes
        anna< :anna!anna@127.0.0.1 TOPIC #Den :Of foxes
        bert< :anna!anna@127.0.0.1 TOPIC #Den :Of foxes
        bert> PART #den
        anna< :bert!bert@127.0.0.1 PART #Den
        bert< :bert!bert@127.0.0.1 PART #Den
        bert> JOIN #den
        anna< :bert!bert@127.0.0.1 JOIN #Den
        bert< :bert!bert@127.0.0.1 JOIN #Den
        bert< :irc.test 332 bert #Den :Of foxes
        bert< :irc.test 333 bert #Den anna 1800000000
        bert< :irc.test 353 bert = #Den :@anna bert
        bert< :irc.test 366 bert #Den :End of /NAMES list
        ",
    );
}

#[test]
fn a_list_of_channels_goes_on_past_a_bad_name() {
    let long = format!("#{}", "x".repeat(64));
    World::of(&["anna"]).transcript(&format!(
        "
        anna> JOIN den,#a,,{long},#b\u{7},#c
        anna< :irc.test 403 anna den :No such channel
        anna< :anna!anna@127.0.0.1 JOIN #a
        anna< :irc.test 353 anna = #a :@anna
        anna< :irc.test 366 anna #a :End of /NAMES list
        anna< :irc.test 403 anna * :No such channel
        anna< :irc.test 476 anna {long} :Bad Channel Mask
        anna< :irc.test 476 anna #b\\x07 :Bad Channel Mask
        anna< :anna!anna@127.0.0.1 JOIN #c
        anna< :irc.test 353 anna = #c :@anna
        anna< :irc.test 366 anna #c :End of /NAMES list
        anna> JOIN 0
        anna< :anna!anna@127.0.0.1 PART #c
        anna< :anna!anna@127.0.0.1 PART #a
        anna> JOIN 0
        anna> JOIN
        anna< :irc.test 461 anna JOIN :Not enough parameters
        anna> LIST
        anna< :irc.test 321 anna Channel :Users  Name
        anna< :irc.test 323 anna :End of /LIST
        "
    ));
}

#[test]
fn channels_of_one_client_have_a_bound() {
    let limits = Limits { channels_per_client_max: 2, ..Limits::default() };
    let mut world = World::with(Config { limits, ..config() });
    world.register("anna");
    world.send("anna", "JOIN #a,#b");
    world.forget();
    world.transcript(
        "
        anna> JOIN #a,#c
        anna< :irc.test 405 anna #c :You have joined too many channels
        ",
    );
}

#[test]
fn part_needs_a_channel_that_one_is_in() {
    let mut world = in_den(&["anna"]);
    world.register("bert");
    world.transcript(
        "
        bert> PART #none,#den
        bert< :irc.test 403 bert #none :No such channel
        bert< :irc.test 442 bert #den :You're not on that channel
        bert> PART
        bert< :irc.test 461 bert PART :Not enough parameters
        ",
    );
}

#[test]
fn a_channel_is_gone_with_its_last_member() {
    let mut world = in_den(&["anna", "bert"]);
    world.transcript(
        "
        anna> PART #den :
        anna< :anna!anna@127.0.0.1 PART #den
        bert< :anna!anna@127.0.0.1 PART #den
        bert> MODE #den
        bert< :irc.test 324 bert #den +nt
        bert< :irc.test 329 bert #den 1800000000
        bert> QUIT
        bert< ERROR :Closing Link: 127.0.0.1 (Client Quit)
        bert.
        anna> MODE #den
        anna< :irc.test 403 anna #den :No such channel
        anna> JOIN #den
        anna< :anna!anna@127.0.0.1 JOIN #den
        anna< :irc.test 353 anna = #den :@anna
        anna< :irc.test 366 anna #den :End of /NAMES list
        ",
    );
}

#[test]
fn a_quit_and_a_new_nick_are_seen_once_by_everyone_who_shares_a_channel() {
    let mut world = World::of(&["anna", "bert", "cara"]);
    for name in ["anna", "bert"] {
        world.send(name, "JOIN #a,#b,#c");
    }
    world.send("cara", "JOIN #d");
    world.forget();
    world.transcript(
        "
        anna> NICK anne
        anna< :anna!anna@127.0.0.1 NICK anne
        bert< :anna!anna@127.0.0.1 NICK anne
        anna> QUIT :bye
        anna< ERROR :Closing Link: 127.0.0.1 (Quit: bye)
        anna.
        bert< :anne!anna@127.0.0.1 QUIT :Quit: bye
        bert> NAMES #b
        bert< :irc.test 353 bert = #b :bert
        bert< :irc.test 366 bert #b :End of /NAMES list
        ",
    );
}

#[test]
fn secret_channels_and_invisible_people_are_shown_to_those_who_share() {
    let mut world = in_den(&["anna", "bert"]);
    world.register("cara");
    world.send("anna", "MODE anna +i");
    world.forget();
    world.transcript(
        "
        cara> NAMES #den
        cara< :irc.test 353 cara = #den :bert
        cara< :irc.test 366 cara #den :End of /NAMES list
        bert> NAMES #den,#none
        bert< :irc.test 353 bert = #den :@anna bert
        bert< :irc.test 366 bert #den :End of /NAMES list
        bert< :irc.test 366 bert #none :End of /NAMES list
        cara> LIST #den,#none
        cara< :irc.test 321 cara Channel :Users  Name
        cara< :irc.test 322 cara #den 2 :
        cara< :irc.test 323 cara :End of /LIST
        anna> MODE #den +s
        anna< :anna!anna@127.0.0.1 MODE #den +s
        bert< :anna!anna@127.0.0.1 MODE #den +s
        cara> NAMES #den
        cara< :irc.test 366 cara #den :End of /NAMES list
        cara> NAMES
        cara< :irc.test 366 cara * :End of /NAMES list
        cara> LIST
        cara< :irc.test 321 cara Channel :Users  Name
        cara< :irc.test 323 cara :End of /LIST
        cara> MODE #den
        cara< :irc.test 403 cara #den :No such channel
        cara> TOPIC #den
        cara< :irc.test 403 cara #den :No such channel
        cara> PART #den
        cara< :irc.test 403 cara #den :No such channel
        bert> NAMES #den
        bert< :irc.test 353 bert @ #den :@anna bert
        bert< :irc.test 366 bert #den :End of /NAMES list
        bert> LIST #den
        bert< :irc.test 321 bert Channel :Users  Name
        bert< :irc.test 322 bert #den 2 :
        bert< :irc.test 323 bert :End of /LIST
        ",
    );
}

#[test]
fn multi_prefix_shows_every_mark() {
    let mut world = in_den(&["anna", "bert"]);
    world.send("anna", "MODE #den +vv anna bert");
    world.send("bert", "CAP REQ multi-prefix");
    world.forget();
    world.transcript(
        "
        anna> NAMES #den
        anna< :irc.test 353 anna = #den :@anna +bert
        anna< :irc.test 366 anna #den :End of /NAMES list
        bert> NAMES #den
        bert< :irc.test 353 bert = #den :@+anna +bert
        bert< :irc.test 366 bert #den :End of /NAMES list
        bert> WHO #den
        bert< :irc.test 352 bert #den anna 127.0.0.1 irc.test anna H@+ :0 anna real
        bert< :irc.test 352 bert #den bert 127.0.0.1 irc.test bert H+ :0 bert real
        bert< :irc.test 315 bert #den :End of WHO list
        ",
    );
}

#[test]
fn many_names_go_on_as_many_lines_as_they_need() {
    let mut world = World::of(&["anna"]);
    let nicks: Vec<String> = (0..60).map(|n| format!("a-rather-long-nick-{n:02}")).collect();
    world.send("anna", "JOIN #den");
    for nick in &nicks {
        world.connect("other");
        world.send("other", &format!("NICK {nick}"));
        world.send("other", "USER u 0 * :r");
        world.send("other", "JOIN #den");
    }
    world.forget();
    world.send("anna", "NAMES #den");
    let mut lines = world.read("anna");
    assert_eq!(lines.pop().as_deref(), Some(":irc.test 366 anna #den :End of /NAMES list"));
    let start = ":irc.test 353 anna = #den :";
    let words = lines.iter().flat_map(|line| line.strip_prefix(start).expect(line).split(' '));
    assert_eq!(words.skip(1).collect::<Vec<_>>(), nicks);
    for (at, line) in lines.iter().enumerate() {
        assert!(line.len() <= 510);
        assert!(at + 1 == lines.len() || line.len() > 510 - 23, "a line is filled");
    }
}
