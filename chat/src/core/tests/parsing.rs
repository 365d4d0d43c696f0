//! What a line says, in the cases that the public parser vectors of ircdocs are about (the lines
//! are our own), and some that only a hostile peer sends.

use crate::core::names::{full_mask, is_channel, is_nick, matches};
use crate::core::{Message, PARAMS_MAX};

/// A line, and its parts: tags, source, command, parameters.
type Case = (
    &'static str,
    Option<&'static str>,
    Option<&'static str>,
    &'static str,
    &'static [&'static str],
);

/// The lines.
const CASES: &[Case] = &[
    ("TIME", None, None, "TIME", &[]),
    ("TIME ", None, None, "TIME", &[]),
    ("KICK #den anna", None, None, "KICK", &["#den", "anna"]),
    ("KICK   #den  anna   ", None, None, "KICK", &["#den", "anna"]),
    ("   PING x", None, None, "PING", &["x"]),
    ("PRIVMSG #den :good morning all", None, None, "PRIVMSG", &["#den", "good morning all"]),
    ("PRIVMSG #den :  kept  ", None, None, "PRIVMSG", &["#den", "  kept  "]),
    ("PRIVMSG #den :", None, None, "PRIVMSG", &["#den", ""]),
    ("PRIVMSG #den ::-)", None, None, "PRIVMSG", &["#den", ":-)"]),
    ("PRIVMSG #den   :x", None, None, "PRIVMSG", &["#den", "x"]),
    ("PRIVMSG #den a:b :c", None, None, "PRIVMSG", &["#den", "a:b", "c"]),
    ("JOIN :#den", None, None, "JOIN", &["#den"]),
    (":anna JOIN #den", None, Some("anna"), "JOIN", &["#den"]),
    (":anna!a@h  JOIN  :#den", None, Some("anna!a@h"), "JOIN", &["#den"]),
    (":an\tna MODE x", None, Some("an\tna"), "MODE", &["x"]),
    (
        ":a!b@c\u{3}5d\u{3}.e PRIVMSG x :y z",
        None,
        Some("a!b@c\u{3}5d\u{3}.e"),
        "PRIVMSG",
        &["x", "y z"],
    ),
    (
        ":irc.test 432  #oops :Erroneous: no",
        None,
        Some("irc.test"),
        "432",
        &["#oops", "Erroneous: no"],
    ),
    (":irc.test MODE #den +o anna  ", None, Some("irc.test"), "MODE", &["#den", "+o", "anna"]),
    ("MODE #den +oo a :b", None, None, "MODE", &["#den", "+oo", "a", "b"]),
    ("@id=7 PING x", Some("id=7"), None, "PING", &["x"]),
    ("@a=1;b;+c/d=2 :src PING :x y", Some("a=1;b;+c/d=2"), Some("src"), "PING", &["x y"]),
    ("@ PING", Some(""), None, "PING", &[]),
    ("PING @a", None, None, "PING", &["@a"]),
    (
        "M 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15",
        None,
        None,
        "M",
        &["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15"],
    ),
    (
        "M 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 :17",
        None,
        None,
        "M",
        &["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15 16 :17"],
    ),
    (
        "M 1 2 3 4 5 6 7 8 9 10 11 12 13 14 :15 16",
        None,
        None,
        "M",
        &["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15 16"],
    ),
];

#[test]
fn lines_are_split_at_their_parts() {
    for (line, tags, source, command, params) in CASES {
        let message = Message::parse(line.as_bytes()).expect(line);
        assert_eq!(message.tags, tags.map(str::as_bytes), "{line}");
        assert_eq!(message.source, source.map(str::as_bytes), "{line}");
        assert_eq!(message.command, command.as_bytes(), "{line}");
        let params: Vec<&[u8]> = params.iter().map(|param| param.as_bytes()).collect();
        assert_eq!(message.params(), params, "{line}");
        assert_eq!(message.param(0), params.first().copied(), "{line}");
        assert_eq!(message.param(PARAMS_MAX), None, "{line}");
    }
}

#[test]
fn a_line_without_a_command_says_nothing() {
    for line in ["", " ", ":", ":src", ":src ", "@tag", "@tag :src", "@tag :src  ", "@", "@ : "] {
        assert_eq!(Message::parse(line.as_bytes()), None, "{line:?}");
    }
}

#[test]
fn tags_are_keys_and_values() {
    let tags = |line: &'static str| -> Vec<(String, String)> {
        let text = |bytes: &[u8]| String::from_utf8(bytes.into()).expect("it was text");
        let message = Message::parse(line.as_bytes()).expect(line);
        message.tags().map(|(key, value)| (text(key), text(value))).collect()
    };
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    assert_eq!(tags("PING"), []);
    assert_eq!(tags("@ PING"), []);
    assert_eq!(tags("@;; PING"), []);
    assert_eq!(
        tags("@a=1;b;c=;+x.y/d=p=q;e=r\\ss PING"),
        [pair("a", "1"), pair("b", ""), pair("c", ""), pair("+x.y/d", "p=q"), pair("e", "r\\ss")]
    );
}

#[test]
fn masks_match_as_people_expect() {
    for (mask, hits, misses) in [
        ("*", &["", "x"][..], &[][..]),
        ("", &[""], &["x"]),
        ("?", &["x"], &["", "xy"]),
        ("*?", &["x", "xyz"], &[""]),
        ("**a**", &["a", "ba", "ab", "bab"], &["", "b"]),
        ("*@10.0.0.1", &["a!b@10.0.0.1"], &["a!b@10.0.0.12", "a!b@10.0.0."]),
        ("an*!*@*", &["anna!a@h", "AN!a@h"], &["nan!a@h", "anna@h"]),
        ("an!?x@*", &["an!~x@h"], &["an!x@h", "an!~~x@h"]),
        ("a[bc]!*@*", &["a[bc]!x@y", "A[BC]!x@y"], &["ab!x@y", "a{bc}!x@y"]),
        ("*ab*abc", &["ababc", "xabyabcabc"], &["abcab", "abc"]),
        ("a*a*a*a*a*b", &["aaaaab"], &["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]),
    ] {
        for text in hits {
            assert!(matches(mask.as_bytes(), text.as_bytes()), "{mask} matches {text}");
        }
        for text in misses {
            assert!(!matches(mask.as_bytes(), text.as_bytes()), "{mask} does not match {text}");
        }
    }
}

#[test]
fn a_part_of_a_mask_becomes_a_whole_one() {
    for (part, whole) in [
        ("anna", Some("anna!*@*")),
        ("anna!x", Some("anna!x@*")),
        ("anna!x@y", Some("anna!x@y")),
        ("x@y", Some("*!x@y")),
        ("@y", Some("*!*@y")),
        ("!@", Some("*!*@*")),
        ("", None),
        ("a b", None),
        (":a", None),
        ("a\tb", None),
    ] {
        let made = full_mask(part.as_bytes());
        assert_eq!(made.as_deref(), whole.map(str::as_bytes), "{part:?}");
    }
}

#[test]
fn names_have_the_form_that_the_reference_gives_them() {
    for nick in ["a", "Anna", "[x]", "`_^{|}\\", "a-1", "W00t"] {
        assert!(is_nick(nick.as_bytes()), "{nick}");
    }
    for nick in ["", "1a", "-a", "a b", "a!b", "a@b", "#a", "a,b", "a*", "a.b", "\u{e9}a", "~a"] {
        assert!(!is_nick(nick.as_bytes()), "{nick}");
    }
    for name in ["#", "#a", "##", "#a:b", "#\u{e9}", "#a!b@c"] {
        assert!(is_channel(name.as_bytes()), "{name}");
    }
    for name in ["", "a", "&a", "#a b", "#a,b", "#a\u{7}", "#a\u{7f}"] {
        assert!(!is_channel(name.as_bytes()), "{name:?}");
    }
}
