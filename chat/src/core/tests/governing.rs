//! TOPIC, KICK, INVITE.

use super::{World, config, in_den};
use crate::core::{Config, Limits};

#[test]
fn modes_keep_people_out_and_invitations_let_them_in() {
    let mut world = in_den(&["anna"]);
    world.register("bert");
    world.transcript(
        "
        anna> MODE #den +k fox
        anna< :anna!anna@127.0.0.1 MODE #den +k fox
        bert> JOIN #den
        bert< :irc.test 475 bert #den :Cannot join channel (+k)
        bert> JOIN #x,#den y,hare
        bert< :bert!bert@127.0.0.1 JOIN #x
        bert< :irc.test 353 bert = #x :@bert
        bert< :irc.test 366 bert #x :End of /NAMES list
        bert< :irc.test 475 bert #den :Cannot join channel (+k)
        bert> JOIN #den fox
        anna< :bert!bert@127.0.0.1 JOIN #den
        bert< :bert!bert@127.0.0.1 JOIN #den
        bert< :irc.test 353 bert = #den :@anna bert
        bert< :irc.test 366 bert #den :End of /NAMES list
        bert> PART #den,#x :bye now
        anna< :bert!bert@127.0.0.1 PART #den :bye now
        bert< :bert!bert@127.0.0.1 PART #den :bye now
        bert< :bert!bert@127.0.0.1 PART #x :bye now
        anna> MODE #den -k+l * 1
        anna< :anna!anna@127.0.0.1 MODE #den -k+l * 1
        bert> JOIN #den
        bert< :irc.test 471 bert #den :Cannot join channel (+l)
        anna> MODE #den -l+i
        anna< :anna!anna@127.0.0.1 MODE #den -l+i
        bert> JOIN #den
        bert< :irc.test 473 bert #den :Cannot join channel (+i)
        anna> MODE #den +b *!bert@*
        anna< :anna!anna@127.0.0.1 MODE #den +b *!bert@*
        bert> JOIN #den
        bert< :irc.test 474 bert #den :Cannot join channel (+b)
        anna> MODE #den +e bert
        anna< :anna!anna@127.0.0.1 MODE #den +e bert!*@*
        anna> INVITE bert #den
        anna< :irc.test 341 anna bert #den
        bert< :anna!anna@127.0.0.1 INVITE bert #den
        bert> INVITE
        bert< :irc.test 336 bert #den
        bert< :irc.test 337 bert :End of /INVITE list
        bert> JOIN #den
        anna< :bert!bert@127.0.0.1 JOIN #den
        bert< :bert!bert@127.0.0.1 JOIN #den
        bert< :irc.test 353 bert = #den :@anna bert
        bert< :irc.test 366 bert #den :End of /NAMES list
        bert> INVITE
        bert< :irc.test 337 bert :End of /INVITE list
        bert> PART #den
        anna< :bert!bert@127.0.0.1 PART #den
        bert< :bert!bert@127.0.0.1 PART #den
        bert> JOIN #den
        bert< :irc.test 473 bert #den :Cannot join channel (+i)
        anna> MODE #den +I *@127.0.0.*
        anna< :anna!anna@127.0.0.1 MODE #den +I *!*@127.0.0.*
        bert> JOIN #den
        anna< :bert!bert@127.0.0.1 JOIN #den
        bert< :bert!bert@127.0.0.1 JOIN #den
        bert< :irc.test 353 bert = #den :@anna bert
        bert< :irc.test 366 bert #den :End of /NAMES list
        ",
    );
}

#[test]
fn an_invitation_to_a_channel_that_is_gone_is_none_to_the_next_of_its_name() {
    let mut world = in_den(&["anna"]);
    world.register("bert");
    world.transcript(
        "
        anna> INVITE bert #den
        anna< :irc.test 341 anna bert #den
        bert< :anna!anna@127.0.0.1 INVITE bert #den
        anna> JOIN 0
        anna< :anna!anna@127.0.0.1 PART #den
        anna> JOIN #den
        anna< :anna!anna@127.0.0.1 JOIN #den
        anna< :irc.test 353 anna = #den :@anna
        anna< :irc.test 366 anna #den :End of /NAMES list
        anna> MODE #den +i
        anna< :anna!anna@127.0.0.1 MODE #den +i
        bert> INVITE
        bert< :irc.test 337 bert :End of /INVITE list
        bert> JOIN #den
        bert< :irc.test 473 bert #den :Cannot join channel (+i)
        ",
    );
}

#[test]
fn invitations_are_for_members_to_give() {
    let mut world = in_den(&["anna", "bert"]);
    world.register("cara");
    world.transcript(
        "
        bert> INVITE cara
        bert< :irc.test 461 bert INVITE :Not enough parameters
        bert> INVITE cara #none
        bert< :irc.test 403 bert #none :No such channel
        bert> INVITE nobody #den
        bert< :irc.test 401 bert nobody :No such nick/channel
        bert> INVITE anna #den
        bert< :irc.test 443 bert anna #den :is already on channel
        cara> INVITE anna #den
        cara< :irc.test 442 cara #den :You're not on that channel
        cara> AWAY :gone fishing
        cara< :irc.test 306 cara :You have been marked as being away
        bert> INVITE CARA #DEN
        bert< :irc.test 341 bert cara #den
        bert< :irc.test 301 bert cara :gone fishing
        cara< :bert!bert@127.0.0.1 INVITE cara #den
        anna> MODE #den +i
        anna< :anna!anna@127.0.0.1 MODE #den +i
        bert< :anna!anna@127.0.0.1 MODE #den +i
        bert> INVITE cara #den
        bert< :irc.test 482 bert #den :You're not channel operator
        ",
    );
}

#[test]
fn invitations_that_are_held_have_a_bound() {
    let limits = Limits { invites_per_client_max: 2, ..Limits::default() };
    let mut world = World::with(Config { limits, ..config() });
    world.register("anna");
    world.register("bert");
    for name in ["#a", "#b", "#c"] {
        world.send("anna", &format!("JOIN {name}"));
        world.send("anna", &format!("INVITE bert {name}"));
    }
    world.forget();
    world.transcript(
        "
        bert> INVITE
        bert< :irc.test 336 bert #b
        bert< :irc.test 336 bert #c
        bert< :irc.test 337 bert :End of /INVITE list
        ",
    );
}

#[test]
fn a_topic_is_asked_for_set_and_cleared() {
    let mut world = in_den(&["anna", "bert"]);
    world.register("cara");
    world.advance(5);
    world.transcript(
        "
        bert> TOPIC #den
        bert< :irc.test 331 bert #den :No topic is set
        bert> TOPIC #den :mine
        bert< :irc.test 482 bert #den :You're not channel operator
        cara> TOPIC #den :mine
        cara< :irc.test 442 cara #den :You're not on that channel
        cara> TOPIC #none
        cara< :irc.test 403 cara #none :No such channel
        anna> MODE #den -t
        anna< :anna!anna@127.0.0.1 MODE #den -t
        bert< :anna!anna@127.0.0.1 MODE #den -t
        bert> TOPIC #den :mine :-)
        anna< :bert!bert@127.0.0.1 TOPIC #den :mine :-)
        bert< :bert!bert@127.0.0.1 TOPIC #den :mine :-)
        cara> TOPIC #den
        cara< :irc.test 332 cara #den :mine :-)
        cara< :irc.test 333 cara #den bert 1800000005
        cara> LIST
        cara< :irc.test 321 cara Channel :Users  Name
        cara< :irc.test 322 cara #den 2 :mine :-)
        cara< :irc.test 323 cara :End of /LIST
        anna> TOPIC #den :
        anna< :anna!anna@127.0.0.1 TOPIC #den :
        bert< :anna!anna@127.0.0.1 TOPIC #den :
        bert> TOPIC #den
        bert< :irc.test 331 bert #den :No topic is set
        bert> TOPIC
        bert< :irc.test 461 bert TOPIC :Not enough parameters
        ",
    );
}

#[test]
fn long_texts_are_cut_to_what_isupport_says() {
    let mut world = in_den(&["anna", "bert"]);
    let (long, topic, kick) = ("x".repeat(450), "x".repeat(390), "x".repeat(255));
    world.transcript(&format!(
        "
        anna> TOPIC #den :{long}
        anna< :anna!anna@127.0.0.1 TOPIC #den :{topic}
        bert< :anna!anna@127.0.0.1 TOPIC #den :{topic}
        anna> KICK #den bert :{long}
        anna< :anna!anna@127.0.0.1 KICK #den bert :{kick}
        bert< :anna!anna@127.0.0.1 KICK #den bert :{kick}
        "
    ));
}

#[test]
fn kick_takes_members_out() {
    let mut world = in_den(&["anna", "bert", "cara", "dora"]);
    world.register("eric");
    world.transcript(
        "
        anna> KICK #den
        anna< :irc.test 461 anna KICK :Not enough parameters
        anna> KICK #none bert
        anna< :irc.test 403 anna #none :No such channel
        eric> KICK #den bert
        eric< :irc.test 442 eric #den :You're not on that channel
        bert> KICK #den anna
        bert< :irc.test 482 bert #den :You're not channel operator
        anna> KICK #den nobody,eric,Dora
        anna< :irc.test 401 anna nobody :No such nick/channel
        anna< :irc.test 441 anna eric #den :They aren't on that channel
        anna< :anna!anna@127.0.0.1 KICK #den dora :anna
        bert< :anna!anna@127.0.0.1 KICK #den dora :anna
        cara< :anna!anna@127.0.0.1 KICK #den dora :anna
        dora< :anna!anna@127.0.0.1 KICK #den dora :anna
        anna> KICK #den,#none cara,bert :out you go
        anna< :anna!anna@127.0.0.1 KICK #den cara :out you go
        bert< :anna!anna@127.0.0.1 KICK #den cara :out you go
        cara< :anna!anna@127.0.0.1 KICK #den cara :out you go
        anna< :irc.test 403 anna #none :No such channel
        anna> KICK #1,#2,#3,#4,#den a,b,c,d,bert
        anna< :irc.test 403 anna #1 :No such channel
        anna< :irc.test 403 anna #2 :No such channel
        anna< :irc.test 403 anna #3 :No such channel
        anna< :irc.test 403 anna #4 :No such channel
        anna< :irc.test 407 anna bert :Too many targets, the rest is left out
        anna> KICK #den,#none cara
        anna< :irc.test 461 anna KICK :Not enough parameters
        anna> KICK #den bert,anna,bert
        anna< :anna!anna@127.0.0.1 KICK #den bert :anna
        bert< :anna!anna@127.0.0.1 KICK #den bert :anna
        anna< :anna!anna@127.0.0.1 KICK #den anna :anna
        anna< :irc.test 403 anna #den :No such channel
        ",
    );
}
