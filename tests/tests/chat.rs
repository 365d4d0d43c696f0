//! The chat server as its clients see it, on every candidate: transcripts, and a client that nobody
//! here wrote.

use chat::candidate::Candidate;
use futures::StreamExt;
use irc::client::ClientStream;
use irc::client::prelude::{Client, Command, Config, Message, Response};
use tests::irc::Peer;
use tests::script::play;
use tests::start;

tests::on_every_candidate!(
    registration_is_answered_in_order,
    a_conversation_reaches_each_one_once,
    lines_come_in_any_pieces,
    two_clients_of_the_irc_crate_talk,
);

/// Plays a script against a server of its own, whose answers are told to the byte.
fn script(candidate: Candidate, text: &str) {
    let server = start(candidate, |options| {
        options.config.server_name = "irc.test".into();
        options.config.motd = vec!["Be kind.".into()];
    });
    play(server.local_addr(), text);
}

fn registration_is_answered_in_order(candidate: Candidate) {
    script(
        candidate,
        "
        anna > NICK anna
        anna > USER anna 0 * :Anna A
        anna < :irc.test 001 anna :Welcome to the Chat Network, anna!anna@127.0.0.1
        anna < :irc.test 002 anna :Your host is irc.test, running version chat-…
        anna < :irc.test 003 anna :This server was created 2…
        anna < :irc.test 004 anna irc.test chat-… iow …
        anna < :irc.test 005 anna … :are supported by this server
        anna < :irc.test 005 anna … :are supported by this server
        anna < :irc.test 251 anna :There are 1 users and 0 invisible on 1 servers
        anna < :irc.test 252 anna 0 :operator(s) online
        anna < :irc.test 253 anna 0 :unknown connection(s)
        anna < :irc.test 254 anna 0 :channels formed
        anna < :irc.test 255 anna :I have 1 clients and 1 servers
        anna < :irc.test 265 anna 1 1 :Current local users 1, max 1
        anna < :irc.test 266 anna 1 1 :Current global users 1, max 1
        anna < :irc.test 375 anna :- irc.test Message of the day -\x20
        anna < :irc.test 372 anna :- Be kind.
        anna < :irc.test 376 anna :End of /MOTD command.
        ben > CAP LS 302
        ben < :irc.test CAP * LS :multi-prefix
        ben > NICK ANNA
        ben < :irc.test 433 * ANNA :Nickname is already in use
        ben > NICK 1ben
        ben < :irc.test 432 * 1ben :Erroneus nickname
        ben > JOIN #home
        ben < :irc.test 451 * :You have not registered
        ben > USER ben
        ben < :irc.test 461 * USER :Not enough parameters
        ben > NICK ben
        ben > USER ben 0 * ben
        ben > CAP REQ :multi-prefix
        ben < :irc.test CAP ben ACK :multi-prefix
        ben > CAP END
        ben < :irc.test 001 ben :Welcome to the Chat Network, ben!ben@127.0.0.1
        ben > QUIT :not today
        ben < :irc.test 002 ben …
        ben < :irc.test 003 ben …
        ben < :irc.test 004 ben …
        ben < :irc.test 005 ben …
        ben < :irc.test 005 ben …
        ben < :irc.test 251 ben :There are 2 users and 0 invisible on 1 servers
        ben < :irc.test 252 ben …
        ben < :irc.test 253 ben …
        ben < :irc.test 254 ben …
        ben < :irc.test 255 ben :I have 2 clients and 1 servers
        ben < :irc.test 265 ben 2 2 :Current local users 2, max 2
        ben < :irc.test 266 ben 2 2 :Current global users 2, max 2
        ben < :irc.test 375 ben …
        ben < :irc.test 372 ben :- Be kind.
        ben < :irc.test 376 ben :End of /MOTD command.
        ben < ERROR :Closing Link: 127.0.0.1 (Quit: not today)
        ben <
        ",
    );
}

fn a_conversation_reaches_each_one_once(candidate: Candidate) {
    script(
        candidate,
        "
        anna > NICK anna
        anna > USER a 0 * :Anna
        anna << 376
        ben > NICK ben
        ben > USER b 0 * :Ben
        ben << 376
        anna > JOIN #home
        anna < :anna!a@127.0.0.1 JOIN #home
        anna < :irc.test 353 anna = #home :@anna
        anna < :irc.test 366 anna #home :End of /NAMES list
        anna > TOPIC #home :where the heart is
        anna < :anna!a@127.0.0.1 TOPIC #home :where the heart is
        ben > JOIN #home
        ben < :ben!b@127.0.0.1 JOIN #home
        ben < :irc.test 332 ben #home :where the heart is
        ben < :irc.test 333 ben #home anna…
        ben < :irc.test 353 ben = #home :@anna ben
        ben < :irc.test 366 ben #home :End of /NAMES list
        anna < :ben!b@127.0.0.1 JOIN #home
        ben > PRIVMSG #home :hello
        anna < :ben!b@127.0.0.1 PRIVMSG #home :hello
        anna > PRIVMSG ben,#home :hello, ben
        ben < :anna!a@127.0.0.1 PRIVMSG ben :hello, ben
        ben < :anna!a@127.0.0.1 PRIVMSG #home :hello, ben
        anna > MODE #home +m
        anna < :anna!a@127.0.0.1 MODE #home +m
        ben < :anna!a@127.0.0.1 MODE #home +m
        ben > PRIVMSG #home :psst
        ben < :irc.test 404 ben #home :Cannot send to channel
        ben > NICK benny
        ben < :ben!b@127.0.0.1 NICK benny
        anna < :ben!b@127.0.0.1 NICK benny
        anna > JOIN #attic
        anna < :anna!a@127.0.0.1 JOIN #attic
        anna < :irc.test 353 anna = #attic :@anna
        anna < :irc.test 366 anna #attic :End of /NAMES list
        ben > JOIN #attic
        ben < :benny!b@127.0.0.1 JOIN #attic
        ben < :irc.test 353 benny = #attic :@anna benny
        ben < :irc.test 366 benny #attic :End of /NAMES list
        anna < :benny!b@127.0.0.1 JOIN #attic
        anna > KICK #attic benny :out
        anna < :anna!a@127.0.0.1 KICK #attic benny :out
        ben < :anna!a@127.0.0.1 KICK #attic benny :out
        ben > NOTICE nobody :never answered
        ben > PART #home :off
        ben < :benny!b@127.0.0.1 PART #home :off
        anna < :benny!b@127.0.0.1 PART #home :off
        ben > JOIN #home
        ben < :benny!b@127.0.0.1 JOIN #home
        ben < :irc.test 332 benny #home :where the heart is
        ben < :irc.test 333 benny #home anna…
        ben < :irc.test 353 benny = #home :@anna benny
        ben < :irc.test 366 benny #home :End of /NAMES list
        anna < :benny!b@127.0.0.1 JOIN #home
        ben > QUIT :good night
        ben < ERROR :Closing Link: 127.0.0.1 (Quit: good night)
        ben <
        anna < :benny!b@127.0.0.1 QUIT :Quit: good night
        ",
    );
}

fn lines_come_in_any_pieces(candidate: Candidate) {
    let server = start(candidate, |_| {});
    let mut whole = Peer::register(server.local_addr(), "whole");
    whole.send_bytes(b"PING 1\nPING 2\r\n\r\n\nPING 3\r\nPING 4"); // LF alone, and empty lines
    for token in ["1", "2", "3"] {
        let pong = whole.line();
        assert!(pong.ends_with(token), "{pong}");
    }
    whole.send_bytes(b"\r");
    whole.send_bytes(b"\n");
    assert!(whole.line().ends_with('4'));
}

/// A client of the `irc` crate, which will join `#irc`. What it sends leaves while its stream is
/// polled.
async fn irc_crate_client(port: u16, nick: &str) -> (Client, ClientStream) {
    let config = Config {
        nickname: Some(nick.to_owned()),
        server: Some("127.0.0.1".to_owned()),
        port: Some(port),
        channels: vec!["#irc".to_owned()],
        ..Config::default()
    };
    let mut client = Client::from_config(config).await.expect("the server listens");
    client.identify().expect("a connection that is open");
    let stream = client.stream().expect("taken once");
    (client, stream)
}

/// The next message of a client's stream.
async fn next(stream: &mut ClientStream) -> Message {
    let message = stream.next().await.expect("the server does not end it");
    message.expect("what the server sends is IRC")
}

fn two_clients_of_the_irc_crate_talk(candidate: Candidate) {
    let server = start(candidate, |_| {});
    let port = server.local_addr().port();
    let conversation = async {
        let (anna, mut to_anna) = irc_crate_client(port, "anna").await;
        let joined = |message: &Message| {
            matches!(message.command, Command::Response(Response::RPL_ENDOFNAMES, _))
        };
        while !joined(&next(&mut to_anna).await) {}
        let (ben, mut to_ben) = irc_crate_client(port, "ben").await;
        let answer = async {
            let said = loop {
                let message = next(&mut to_ben).await;
                if let Command::PRIVMSG(_, said) = &message.command {
                    assert_eq!(message.source_nickname(), Some("anna"));
                    break said.clone();
                }
            };
            ben.send_privmsg("#irc", format!("you said: {said}")).expect("still open");
            ben.send_quit("bye").expect("still open");
            while let Some(Ok(_)) = to_ben.next().await {} // up to the end
        };
        let speak = async {
            let mut trace = Vec::new();
            loop {
                let message = next(&mut to_anna).await;
                if message.source_nickname() != Some("ben") {
                    continue;
                }
                match message.command {
                    Command::JOIN(channel, ..) => {
                        anna.send_privmsg(&channel, "hello, ben").expect("still open");
                        trace.push(format!("ben joins {channel}"));
                    }
                    Command::PRIVMSG(target, text) => trace.push(format!("{target}: {text}")),
                    Command::QUIT(_) => {
                        trace.push("ben quits".to_owned());
                        return trace;
                    }
                    other => trace.push(format!("{other:?}")),
                }
            }
        };
        futures::join!(speak, answer).0
    };
    let runtime = ::tokio::runtime::Builder::new_current_thread().enable_all().build();
    let trace = runtime.expect("a runtime for the clients").block_on(async {
        ::tokio::time::timeout(tests::irc::PATIENCE, conversation).await.expect("it does not hang")
    });
    assert_eq!(trace, ["ben joins #irc", "#irc: you said: hello, ben", "ben quits"]);
}
