//! What does a line of any IRC server say? As little of it as the load needs.

/// A line without its end, cut where its parts begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// Who sent it: a server, or nick!user@host. Empty if it does not say.
    pub(super) source: &'a [u8],
    /// The command or the numeric.
    pub(super) command: &'a [u8],
    /// All that follows the space after the command.
    pub(super) params: &'a [u8],
}

impl<'a> Line<'a> {
    /// Cuts a line. Tags are skipped.
    pub(super) fn parse(line: &'a [u8]) -> Self {
        let mut rest = line;
        if rest.first() == Some(&b'@') {
            rest = word(rest).1;
        }
        let mut source = &b""[..];
        if rest.first() == Some(&b':') {
            (source, rest) = word(&rest[1..]);
        }
        let (command, params) = word(rest);
        Self { source, command, params }
    }

    /// Whether it comes from a client of this nick.
    pub(super) fn is_from(&self, nick: &[u8]) -> bool {
        self.source.strip_prefix(nick).is_some_and(|rest| matches!(rest, [] | [b'!', ..]))
    }

    /// The last parameter, if the first is `target`, in any case of ASCII letters.
    pub(super) fn text_to(&self, target: &[u8]) -> Option<&'a [u8]> {
        let (first, rest) = self.params.split_at_checked(target.len())?;
        let text = rest.strip_prefix(b" ")?;
        first.eq_ignore_ascii_case(target).then(|| text.strip_prefix(b":").unwrap_or(text))
    }

    /// The first parameter.
    pub(super) fn first_param(&self) -> &'a [u8] {
        word(self.params.strip_prefix(b":").unwrap_or(self.params)).0
    }

    /// Whether it is a numeric that says that something was not done.
    pub(super) fn is_refusal(&self) -> bool {
        match self.command {
            // No message of the day; and "please wait", which some servers send to everybody.
            b"422" | b"439" => false,
            [b'4' | b'5', b'0'..=b'9', b'0'..=b'9'] => true,
            _ => false,
        }
    }

    /// For people.
    pub(super) fn show(&self) -> String {
        let shown = [self.command, self.params].map(String::from_utf8_lossy).join(" ");
        shown.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
    }
}

/// Up to the first space, and after it.
fn word(bytes: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memchr(b' ', bytes) {
        Some(at) => (&bytes[..at], &bytes[at + 1..]),
        None => (bytes, b""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cut_where_its_parts_begin() {
        for (line, source, command, params) in [
            ("PING :x", "", "PING", ":x"),
            (":a.b 001 me :Hi there", "a.b", "001", "me :Hi there"),
            ("@time=1;x=y :n!u@h PRIVMSG #r :a b", "n!u@h", "PRIVMSG", "#r :a b"),
            ("QUIT", "", "QUIT", ""),
            ("", "", "", ""),
            (":", "", "", ""),
        ] {
            let wanted = [source, command, params].map(str::as_bytes);
            let Line { source, command, params } = Line::parse(line.as_bytes());
            assert_eq!([source, command, params], wanted, "{line}");
        }
    }

    #[test]
    fn a_text_is_for_one_target() {
        let text = |line: &'static str| Line::parse(line.as_bytes()).text_to(b"#room");
        assert_eq!(text("PRIVMSG #room :a :b"), Some(&b"a :b"[..]));
        assert_eq!(text("PRIVMSG #ROOM word"), Some(&b"word"[..]));
        for other in ["PRIVMSG #rooms :a", "PRIVMSG #roo", "PRIVMSG", "PRIVMSG #roam :a"] {
            assert_eq!(text(other), None, "{other}");
        }
    }

    #[test]
    fn a_nick_is_the_whole_nick() {
        let from =
            |source: &'static str| Line { source: source.as_bytes(), command: b"", params: b"" };
        assert!(from("ann!u@h").is_from(b"ann") && from("ann").is_from(b"ann"));
        assert!(!from("anna!u@h").is_from(b"ann") && !from("an").is_from(b"ann"));
    }
}
