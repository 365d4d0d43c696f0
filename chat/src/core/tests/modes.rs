//! MODE, for channels and for oneself.

use super::{World, config, in_den};
use crate::core::{Config, Limits};

#[test]
fn modes_are_asked_for_and_the_key_is_for_members() {
    let mut world = in_den(&["anna"]);
    world.register("bert");
    world.advance(7);
    world.transcript(
        "
        anna> MODE #DEN
        anna< :irc.test 324 anna #den +nt
        anna< :irc.test 329 anna #den 1800000000
        anna> MODE #den +imlk-t 7 fox
        anna< :anna!anna@127.0.0.1 MODE #den +imlk-t 7 fox
        anna> MODE #den
        anna< :irc.test 324 anna #den +imnkl fox 7
        anna< :irc.test 329 anna #den 1800000000
        bert> MODE #den
        bert< :irc.test 324 bert #den +imnkl * 7
        bert< :irc.test 329 bert #den 1800000000
        bert> MODE #none
        bert< :irc.test 403 bert #none :No such channel
        bert> MODE
        bert< :irc.test 461 bert MODE :Not enough parameters
        ",
    );
}

#[test]
fn what_changes_nothing_is_not_told() {
    let mut world = in_den(&["anna", "bert"]);
    world.send("anna", "MODE #den +kl fox 7");
    world.send("anna", "MODE #den +b x!*@*");
    world.forget();
    world.transcript(
        "
        anna> MODE #den +nt-ims
        anna> MODE #den +o anna
        anna> MODE #den -v bert
        anna> MODE #den +kl fox 7
        anna> MODE #den +b X!*@*
        anna> MODE #den -b y
        anna> MODE #den +
        anna> MODE #den :
        anna< :irc.test 324 anna #den +ntkl fox 7
        anna< :irc.test 329 anna #den 1800000000
        anna> MODE #den -k+k-l x hare
        anna< :anna!anna@127.0.0.1 MODE #den -k+k-l * hare
        bert< :anna!anna@127.0.0.1 MODE #den -k+k-l * hare
        anna> MODE #den -l-k
        anna< :anna!anna@127.0.0.1 MODE #den -k *
        bert< :anna!anna@127.0.0.1 MODE #den -k *
        anna> MODE #den -k
        ",
    );
}

#[test]
fn only_operators_change_modes() {
    let mut world = in_den(&["anna", "bert"]);
    world.register("cara");
    world.transcript(
        "
        bert> MODE #den +mi-n+k fox
        bert< :irc.test 482 bert #den :You're not channel operator
        cara> MODE #den +o cara
        cara< :irc.test 482 cara #den :You're not channel operator
        bert> MODE #den +x
        bert< :irc.test 472 bert x :is unknown mode char to me
        anna> MODE #den +o BERT
        anna< :anna!anna@127.0.0.1 MODE #den +o bert
        bert< :anna!anna@127.0.0.1 MODE #den +o bert
        bert> MODE #den -o+m anna
        anna< :bert!bert@127.0.0.1 MODE #den -o+m anna
        bert< :bert!bert@127.0.0.1 MODE #den -o+m anna
        anna> MODE #den -m
        anna< :irc.test 482 anna #den :You're not channel operator
        ",
    );
}

#[test]
fn wrong_parameters_are_told() {
    let mut world = in_den(&["anna"]);
    world.register("bert");
    let long = "k".repeat(33);
    world.transcript(&format!(
        "
        anna> MODE #den +k
        anna< :irc.test 696 anna #den k * :You must specify a parameter
        anna> MODE #den +l
        anna< :irc.test 696 anna #den l * :You must specify a parameter
        anna> MODE #den -o
        anna< :irc.test 696 anna #den o * :You must specify a parameter
        anna> MODE #den +l 0
        anna< :irc.test 696 anna #den l 0 :Not a number above zero
        anna> MODE #den +l -1
        anna< :irc.test 696 anna #den l -1 :Not a number above zero
        anna> MODE #den +l 99999999999
        anna< :irc.test 696 anna #den l 99999999999 :Not a number above zero
        anna> MODE #den +k a,b
        anna< :irc.test 696 anna #den k a,b :Key is not well-formed
        anna> MODE #den +k :a b
        anna< :irc.test 696 anna #den k * :Key is not well-formed
        anna> MODE #den +k {long}
        anna< :irc.test 696 anna #den k {long} :Key is not well-formed
        anna> MODE #den +b :a b
        anna< :irc.test 696 anna #den b * :Not a mask
        anna> MODE #den +v nobody
        anna< :irc.test 401 anna nobody :No such nick/channel
        anna> MODE #den +v bert
        anna< :irc.test 441 anna bert #den :They aren't on that channel
        anna> MODE #den +zm-y
        anna< :irc.test 472 anna z :is unknown mode char to me
        anna< :irc.test 472 anna y :is unknown mode char to me
        anna< :anna!anna@127.0.0.1 MODE #den +m
        "
    ));
}

#[test]
fn a_mask_is_shown_whole_or_refused() {
    let mut world = in_den(&["anna", "bert"]);
    let fits = format!("*!*@{}", "h".repeat(156));
    let long = format!("*!*@{}", "h".repeat(157));
    let longest = "n".repeat(480);
    world.transcript(&format!(
        "
        anna> MODE #den +b {fits}
        anna< :anna!anna@127.0.0.1 MODE #den +b {fits}
        bert< :anna!anna@127.0.0.1 MODE #den +b {fits}
        anna> MODE #den b
        anna< :irc.test 367 anna #den {fits} anna 1800000000
        anna< :irc.test 368 anna #den :End of channel ban list
        anna> MODE #den +e {long}
        anna< :irc.test 696 anna #den e {long} :Not a mask
        "
    ));
    world.send("anna", &format!("MODE #den +I {longest}"));
    assert!(world.read("anna")[0].starts_with(":irc.test 696 anna #den I nnn"));
    assert_eq!(world.read("bert"), [""; 0]);
}

#[test]
fn lists_are_kept_and_shown() {
    let mut world = in_den(&["anna"]);
    world.register("bert");
    world.advance(3);
    world.transcript(
        "
        anna> MODE #den +beI a *@b c!d
        anna< :anna!anna@127.0.0.1 MODE #den +beI a!*@* *!*@b c!d@*
        anna> MODE #den +b x
        anna< :anna!anna@127.0.0.1 MODE #den +b x!*@*
        bert> MODE #den b
        bert< :irc.test 367 bert #den a!*@* anna 1800000003
        bert< :irc.test 367 bert #den x!*@* anna 1800000003
        bert< :irc.test 368 bert #den :End of channel ban list
        bert> MODE #den +ebIbbee
        bert< :irc.test 348 bert #den *!*@b anna 1800000003
        bert< :irc.test 349 bert #den :End of channel exception list
        bert< :irc.test 367 bert #den a!*@* anna 1800000003
        bert< :irc.test 367 bert #den x!*@* anna 1800000003
        bert< :irc.test 368 bert #den :End of channel ban list
        bert< :irc.test 346 bert #den c!d@* anna 1800000003
        bert< :irc.test 347 bert #den :End of Channel Invite Exception List
        anna> MODE #den -beI A c x
        anna< :anna!anna@127.0.0.1 MODE #den -b a!*@*
        anna> MODE #den -e *@B
        anna< :anna!anna@127.0.0.1 MODE #den -e *!*@b
        bert> MODE #den e
        bert< :irc.test 349 bert #den :End of channel exception list
        bert> MODE #den +b bert
        bert< :irc.test 482 bert #den :You're not channel operator
        ",
    );
}

#[test]
fn the_lists_of_a_channel_have_a_bound() {
    let limits = Limits { list_entries_max: 2, ..Limits::default() };
    let mut world = World::with(Config { limits, ..config() });
    world.register("anna");
    world.send("anna", "JOIN #den");
    world.forget();
    world.transcript(
        "
        anna> MODE #den +bebb a b c a
        anna< :irc.test 478 anna #den b :Channel list is full
        anna< :anna!anna@127.0.0.1 MODE #den +be a!*@* b!*@*
        anna> MODE #den -b+I a c
        anna< :anna!anna@127.0.0.1 MODE #den -b+I a!*@* c!*@*
        ",
    );
}

#[test]
fn changes_with_a_parameter_have_a_bound_and_those_without_have_none() {
    in_den(&["anna"]).transcript(
        "
        anna> MODE #den +bbbbbbbbms 1 2 3 4 5 6 7 8
        anna< :anna!anna@127.0.0.1 MODE #den +bbbbbbms 1!*@* 2!*@* 3!*@* 4!*@* 5!*@* 6!*@*
        ",
    );
}

#[test]
fn changes_that_do_not_fit_a_line_go_on_in_the_next() {
    let mut world = in_den(&["anna"]);
    let mask = |c: &str| c.repeat(115);
    let [a, b, c, d] = ["a", "b", "c", "d"].map(mask);
    world.transcript(&format!(
        "
        anna> MODE #den +bb-m+bb {a} {b} {c} {d}
        anna< :anna!anna@127.0.0.1 MODE #den +bbb {a}!*@* {b}!*@* {c}!*@*
        anna< :anna!anna@127.0.0.1 MODE #den +b {d}!*@*
        "
    ));
}

#[test]
fn a_client_changes_its_own_modes_only() {
    World::of(&["anna", "bert"]).transcript(
        "
        anna> MODE anna
        anna< :irc.test 221 anna +
        anna> MODE ANNA +iw-i+i
        anna< :anna!anna@127.0.0.1 MODE anna +iw-i+i
        anna> MODE anna
        anna< :irc.test 221 anna +iw
        anna> MODE anna +iw
        anna> MODE anna +o
        anna> MODE anna -o-w
        anna< :anna!anna@127.0.0.1 MODE anna -w
        anna> MODE anna +xyw
        anna< :irc.test 501 anna :Unknown MODE flag
        anna< :anna!anna@127.0.0.1 MODE anna +w
        anna> MODE bert
        anna< :irc.test 502 anna :Cant change mode for other users
        anna> MODE bert +i
        anna< :irc.test 502 anna :Cant change mode for other users
        anna> MODE nobody +i
        anna< :irc.test 401 anna nobody :No such nick/channel
        ",
    );
}
