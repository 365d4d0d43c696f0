//! WHO, WHOIS, WHOWAS, USERHOST, ISON.

use super::{World, config};
use crate::core::{Config, Limits};

#[test]
fn who_lists_a_channel_a_nick_or_a_mask() {
    let mut world = World::of(&["anna", "bert", "cara"]);
    world.send("anna", "JOIN #Den");
    world.send("bert", "JOIN #den");
    world.send("bert", "AWAY :gone");
    world.forget();
    world.transcript(
        "
        cara> WHO #den
        cara< :irc.test 352 cara #Den anna 127.0.0.1 irc.test anna H@ :0 anna real
        cara< :irc.test 352 cara #Den bert 127.0.0.1 irc.test bert G :0 bert real
        cara< :irc.test 315 cara #den :End of WHO list
        cara> WHO BERT
        cara< :irc.test 352 cara * bert 127.0.0.1 irc.test bert G :0 bert real
        cara< :irc.test 315 cara BERT :End of WHO list
        cara> WHO b*t
        cara< :irc.test 352 cara * bert 127.0.0.1 irc.test bert G :0 bert real
        cara< :irc.test 315 cara b*t :End of WHO list
        cara> WHO anna?real
        cara< :irc.test 352 cara * anna 127.0.0.1 irc.test anna H :0 anna real
        cara< :irc.test 315 cara anna?real :End of WHO list
        cara> WHO nobody
        cara< :irc.test 315 cara nobody :End of WHO list
        cara> WHO #none
        cara< :irc.test 315 cara #none :End of WHO list
        cara> WHO 127.* o
        cara< :irc.test 315 cara 127.* :End of WHO list
        ",
    );
    let everybody = "
        cara< :irc.test 352 cara * anna 127.0.0.1 irc.test anna H :0 anna real
        cara< :irc.test 352 cara * bert 127.0.0.1 irc.test bert G :0 bert real
        cara< :irc.test 352 cara * cara 127.0.0.1 irc.test cara H :0 cara real";
    for (command, mask) in [("WHO", "*"), ("WHO 0", "0"), ("WHO 127.0.0.1", "127.0.0.1")] {
        let end = format!("cara< :irc.test 315 cara {mask} :End of WHO list");
        world.transcript(&format!("cara> {command}\n{everybody}\n{end}"));
    }
}

#[test]
fn who_is_invisible_is_found_by_nick_or_by_who_shares_a_channel() {
    let mut world = World::of(&["anna", "bert", "cara"]);
    world.send("anna", "JOIN #den");
    world.send("bert", "JOIN #den");
    world.send("anna", "MODE anna +i");
    world.forget();
    world.transcript(
        "
        cara> WHO a*
        cara< :irc.test 315 cara a* :End of WHO list
        cara> WHO #den
        cara< :irc.test 352 cara #den bert 127.0.0.1 irc.test bert H :0 bert real
        cara< :irc.test 315 cara #den :End of WHO list
        cara> WHO anna
        cara< :irc.test 352 cara * anna 127.0.0.1 irc.test anna H :0 anna real
        cara< :irc.test 315 cara anna :End of WHO list
        bert> WHO a*
        bert< :irc.test 352 bert * anna 127.0.0.1 irc.test anna H :0 anna real
        bert< :irc.test 315 bert a* :End of WHO list
        anna> WHO a*
        anna< :irc.test 352 anna * anna 127.0.0.1 irc.test anna H :0 anna real
        anna< :irc.test 315 anna a* :End of WHO list
        anna> MODE #den +s
        anna< :anna!anna@127.0.0.1 MODE #den +s
        bert< :anna!anna@127.0.0.1 MODE #den +s
        cara> WHO #den
        cara< :irc.test 315 cara #den :End of WHO list
        ",
    );
}

#[test]
fn answers_without_end_have_a_bound() {
    let limits = Limits { query_lines_max: 2, ..Limits::default() };
    let mut world = World::with(Config { limits, ..config() });
    for name in ["anna", "bert", "cara"] {
        world.register(name);
        world.send(name, &format!("JOIN #{name}"));
    }
    world.forget();
    world.transcript(
        "
        anna> WHO *
        anna< :irc.test 352 anna * anna 127.0.0.1 irc.test anna H :0 anna real
        anna< :irc.test 352 anna * bert 127.0.0.1 irc.test bert H :0 bert real
        anna< :irc.test 416 anna WHO * :Output too long, the rest is left out
        anna< :irc.test 315 anna * :End of WHO list
        anna> LIST
        anna< :irc.test 321 anna Channel :Users  Name
        anna< :irc.test 322 anna #anna 1 :
        anna< :irc.test 322 anna #bert 1 :
        anna< :irc.test 416 anna LIST :Output too long, the rest is left out
        anna< :irc.test 323 anna :End of /LIST
        bert> PART #bert
        bert< :bert!bert@127.0.0.1 PART #bert
        anna> LIST
        anna< :irc.test 321 anna Channel :Users  Name
        anna< :irc.test 322 anna #anna 1 :
        anna< :irc.test 322 anna #cara 1 :
        anna< :irc.test 323 anna :End of /LIST
        ",
    );
}

#[test]
fn whois_tells_what_there_is_to_tell() {
    let mut world = World::of(&["anna", "bert"]);
    world.send("anna", "JOIN #den,#hut,#lair");
    world.send("anna", "MODE #lair +s");
    world.send("bert", "JOIN #hut");
    world.advance(12);
    world.forget();
    world.transcript(
        "
        bert> WHOIS Anna
        bert< :irc.test 311 bert anna anna 127.0.0.1 * :anna real
        bert< :irc.test 319 bert anna :@#den @#hut
        bert< :irc.test 312 bert anna irc.test :A chat server
        bert< :irc.test 317 bert anna 12 1800000000 :seconds idle, signon time
        bert< :irc.test 318 bert Anna :End of /WHOIS list
        anna> OPER root secret
        anna< :irc.test 381 anna :You are now an IRC operator
        anna< :anna!anna@127.0.0.1 MODE anna +o
        anna> AWAY :gone
        anna< :irc.test 306 anna :You have been marked as being away
        anna> PRIVMSG bert :x
        bert< :anna!anna@127.0.0.1 PRIVMSG bert :x
        anna> WHOIS irc.test anna
        anna< :irc.test 311 anna anna anna 127.0.0.1 * :anna real
        anna< :irc.test 319 anna anna :@#den @#hut @#lair
        anna< :irc.test 312 anna anna irc.test :A chat server
        anna< :irc.test 313 anna anna :is an IRC operator
        anna< :irc.test 301 anna anna :gone
        anna< :irc.test 338 anna anna 127.0.0.1 :Is actually using host
        anna< :irc.test 317 anna anna 0 1800000000 :seconds idle, signon time
        anna< :irc.test 318 anna anna :End of /WHOIS list
        anna> WHOIS bert
        anna< :irc.test 311 anna bert bert 127.0.0.1 * :bert real
        anna< :irc.test 319 anna bert :#hut
        anna< :irc.test 312 anna bert irc.test :A chat server
        anna< :irc.test 338 anna bert 127.0.0.1 :Is actually using host
        anna< :irc.test 317 anna bert 12 1800000000 :seconds idle, signon time
        anna< :irc.test 318 anna bert :End of /WHOIS list
        bert> WHOIS
        bert< :irc.test 431 bert :No nickname given
        bert> WHOIS other.test anna
        bert< :irc.test 402 bert other.test :No such server
        bert> WHOIS nobody
        bert< :irc.test 401 bert nobody :No such nick/channel
        bert< :irc.test 318 bert nobody :End of /WHOIS list
        ",
    );
}

#[test]
fn whowas_remembers_nicks_that_were_given_up() {
    let limits = Limits { whowas_max: 3, ..Limits::default() };
    let mut world = World::with(Config { limits, ..config() });
    world.register("anna");
    world.register("bert");
    world.advance(60);
    world.transcript(
        "
        bert> NICK bart
        bert< :bert!bert@127.0.0.1 NICK bart
        bert> NICK Bert
        bert< :bart!bert@127.0.0.1 NICK Bert
        bert> QUIT
        bert< ERROR :Closing Link: 127.0.0.1 (Client Quit)
        bert.
        anna> WHOWAS bert
        anna< :irc.test 314 anna Bert bert 127.0.0.1 * :bert real
        anna< :irc.test 312 anna Bert irc.test :2027-01-15 08:01:00 UTC
        anna< :irc.test 314 anna bert bert 127.0.0.1 * :bert real
        anna< :irc.test 312 anna bert irc.test :2027-01-15 08:01:00 UTC
        anna< :irc.test 369 anna bert :End of WHOWAS
        anna> WHOWAS BERT 1
        anna< :irc.test 314 anna Bert bert 127.0.0.1 * :bert real
        anna< :irc.test 312 anna Bert irc.test :2027-01-15 08:01:00 UTC
        anna< :irc.test 369 anna BERT :End of WHOWAS
        anna> NICK cara
        anna< :anna!anna@127.0.0.1 NICK cara
        anna> WHOWAS bert -1
        anna< :irc.test 314 cara Bert bert 127.0.0.1 * :bert real
        anna< :irc.test 312 cara Bert irc.test :2027-01-15 08:01:00 UTC
        anna< :irc.test 369 cara bert :End of WHOWAS
        anna> WHOWAS cara
        anna< :irc.test 406 cara cara :There was no such nickname
        anna< :irc.test 369 cara cara :End of WHOWAS
        anna> WHOWAS
        anna< :irc.test 431 cara :No nickname given
        ",
    );
}

#[test]
fn userhost_and_ison_tell_who_is_there() {
    let mut world = World::of(&["anna", "bert"]);
    world.connect("cara");
    world.send("cara", "NICK cara");
    world.transcript(
        "
        anna> OPER root secret
        anna< :irc.test 381 anna :You are now an IRC operator
        anna< :anna!anna@127.0.0.1 MODE anna +o
        bert> AWAY :gone
        bert< :irc.test 306 bert :You have been marked as being away
        bert> USERHOST Anna nobody BERT cara
        bert< :irc.test 302 bert :anna*=+anna@127.0.0.1 bert=-bert@127.0.0.1
        bert> USERHOST a b c d e anna
        bert< :irc.test 302 bert :
        bert> USERHOST
        bert< :irc.test 461 bert USERHOST :Not enough parameters
        bert> ISON Anna nobody :bert  cara
        bert< :irc.test 303 bert :anna bert
        bert> ISON nobody
        bert< :irc.test 303 bert :
        bert> ISON
        bert< :irc.test 461 bert ISON :Not enough parameters
        ",
    );
}
