//! MOTD, LUSERS, VERSION, TIME, INFO, ADMIN, LINKS, STATS, HELP.

use super::{ISUPPORT, World, config};
use crate::core::{Admin, Config, Operator};

#[test]
fn lusers_is_true_after_each_change() {
    let mut world = World::of(&["anna", "bert"]);
    world.connect("cara");
    world.send("bert", "JOIN #den");
    world.send("bert", "MODE bert +i");
    world.send("bert", "OPER root secret");
    world.forget();
    world.transcript(
        "
        anna> LUSERS
        anna< :irc.test 251 anna :There are 1 users and 1 invisible on 1 servers
        anna< :irc.test 252 anna 1 :operator(s) online
        anna< :irc.test 253 anna 1 :unknown connection(s)
        anna< :irc.test 254 anna 1 :channels formed
        anna< :irc.test 255 anna :I have 2 clients and 1 servers
        anna< :irc.test 265 anna 2 2 :Current local users 2, max 2
        anna< :irc.test 266 anna 2 2 :Current global users 2, max 2
        bert> QUIT
        bert< ERROR :Closing Link: 127.0.0.1 (Client Quit)
        bert.
        cara> QUIT
        cara< ERROR :Closing Link: 127.0.0.1 (Client Quit)
        cara.
        anna> LUSERS
        anna< :irc.test 251 anna :There are 1 users and 0 invisible on 1 servers
        anna< :irc.test 252 anna 0 :operator(s) online
        anna< :irc.test 253 anna 0 :unknown connection(s)
        anna< :irc.test 254 anna 0 :channels formed
        anna< :irc.test 255 anna :I have 1 clients and 1 servers
        anna< :irc.test 265 anna 1 2 :Current local users 1, max 2
        anna< :irc.test 266 anna 1 2 :Current global users 1, max 2
        ",
    );
}

#[test]
fn the_server_is_named_by_its_name_a_mask_or_a_nick_on_it() {
    World::of(&["anna"]).transcript(
        "
        anna> MOTD IRC.test
        anna< :irc.test 422 anna :MOTD File is missing
        anna> MOTD *.test
        anna< :irc.test 422 anna :MOTD File is missing
        anna> MOTD anna
        anna< :irc.test 422 anna :MOTD File is missing
        anna> MOTD other.test
        anna< :irc.test 402 anna other.test :No such server
        anna> VERSION other.test
        anna< :irc.test 402 anna other.test :No such server
        anna> TIME other.test
        anna< :irc.test 402 anna other.test :No such server
        anna> INFO other.test
        anna< :irc.test 402 anna other.test :No such server
        anna> ADMIN other.test
        anna< :irc.test 402 anna other.test :No such server
        anna> STATS u other.test
        anna< :irc.test 402 anna other.test :No such server
        ",
    );
}

#[test]
fn the_server_tells_of_itself() {
    let admin = Admin {
        location: "A shed".into(),
        organisation: "Foxes".into(),
        email: "fox@example.org".into(),
    };
    let mut world = World::with(Config { admin, ..config() });
    world.register("anna");
    world.advance(3);
    world.transcript(
        "
        anna> TIME
        anna< :irc.test 391 anna irc.test 1800000003 :2027-01-15 08:00:03 UTC
        anna> ADMIN
        anna< :irc.test 256 anna irc.test :Administrative info
        anna< :irc.test 257 anna :A shed
        anna< :irc.test 258 anna :Foxes
        anna< :irc.test 259 anna :fox@example.org
        anna> LINKS
        anna< :irc.test 364 anna * irc.test :0 A chat server
        anna< :irc.test 365 anna * :End of /LINKS list
        anna> INFO
        anna< :irc.test 371 anna :chat-0.1.0: An IRC server written once, generic over the async \
runtime that serves it.
        anna< :irc.test 371 anna :Started 2027-01-15 08:00:00 UTC
        anna< :irc.test 374 anna :End of INFO list
        ",
    );
    world.transcript(&format!(
        "
        anna> VERSION
        anna< :irc.test 351 anna chat-0.1.0 irc.test :one server, no links
        {ISUPPORT}
        "
    ));
}

#[test]
fn stats_tell_uptime_commands_and_operators() {
    let operators = ["root", "base"].map(|name| Operator {
        name: name.into(),
        password: "secret".into(),
        mask: "*@127.*".into(),
    });
    let mut world = World::with(Config { operators: operators.into(), ..config() });
    world.register("anna");
    world.advance(90_061);
    world.transcript(
        "
        anna> STATS u
        anna< :irc.test 242 anna :Server Up 1 days 1:01:01
        anna< :irc.test 219 anna u :End of /STATS report
        anna> STATS m
        anna< :irc.test 212 anna NICK 1
        anna< :irc.test 212 anna STATS 2
        anna< :irc.test 212 anna USER 1
        anna< :irc.test 219 anna m :End of /STATS report
        anna> STATS o
        anna< :irc.test 481 anna :Permission Denied- You're not an IRC operator
        anna< :irc.test 219 anna o :End of /STATS report
        anna> OPER root secret
        anna< :irc.test 381 anna :You are now an IRC operator
        anna< :anna!anna@127.0.0.1 MODE anna +o
        anna> STATS o
        anna< :irc.test 243 anna O *@127.* * root
        anna< :irc.test 243 anna O *@127.* * base
        anna< :irc.test 219 anna o :End of /STATS report
        anna> STATS z
        anna< :irc.test 219 anna z :End of /STATS report
        anna> STATS
        anna< :irc.test 461 anna STATS :Not enough parameters
        ",
    );
}

#[test]
fn help_tells_of_every_command() {
    World::of(&["anna"]).transcript(
        "
        anna> HELP
        anna< :irc.test 704 anna * :The commands; HELP <command> tells how one is used.
        anna< :irc.test 705 anna * :ADMIN AWAY CAP DIE HELP INFO INVITE ISON JOIN KICK KILL LINKS \
LIST LUSERS MODE MOTD NAMES NICK NOTICE OPER PART PASS PING PONG PRIVMSG QUIT REHASH STATS TIME \
TOPIC USER USERHOST VERSION WALLOPS WHO WHOIS WHOWAS
        anna< :irc.test 706 anna * :End of the list.
        anna> HELP join
        anna< :irc.test 704 anna JOIN :JOIN <channel>{,<channel>} [<key>{,<key>}]
        anna< :irc.test 705 anna JOIN :Everyone who has registered may use it.
        anna< :irc.test 706 anna JOIN :End of HELP.
        anna> HELP DIE
        anna< :irc.test 704 anna DIE :DIE
        anna< :irc.test 705 anna DIE :Server operators may use it.
        anna< :irc.test 706 anna DIE :End of HELP.
        anna> HELP frobnicate
        anna< :irc.test 524 anna frobnicate :No help available on this topic
        anna> HELP :two words
        anna< :irc.test 524 anna * :No help available on this topic
        ",
    );
}

#[test]
fn a_configuration_that_would_break_the_protocol_is_refused() {
    assert_eq!(Config::default().check(), Ok(()));
    assert_eq!(config().check(), Ok(()));
    let broken: [fn(&mut Config); 12] = [
        |it| it.server_name = "no-dot".into(),
        |it| it.server_name = "a b.c".into(),
        |it| it.server_name = ":a.b".into(),
        |it| it.network = String::new(),
        |it| it.motd = vec!["two\r\nlines".into()],
        |it| it.operators[0].name = "two words".into(),
        |it| it.operators[0].mask = "*@\0".into(),
        |it| it.operators[0].password = String::new(),
        |it| it.limits.line_bytes_max = 511,
        |it| it.limits.nick_bytes_max = 129,
        |it| it.limits.channel_bytes_max = 0,
        |it| it.limits.outbox_bytes_max = 100,
    ];
    for break_it in broken {
        let mut config = config();
        break_it(&mut config);
        let why = config.check().expect_err("it is broken").to_string();
        assert!(!why.is_empty());
    }
}
