//! Transcripts: what clients send and what each of them must read, byte for byte.
//!
//! ```text
//! anna > JOIN #home
//! anna < :anna!anna@127.0.0.1 JOIN #home
//! ```
//!
//! `>` sends the line; `<` reads the client's next line, which must be this one. `…` stands for any
//! bytes, for what differs from run to run. `<` with nothing after it is the end of the stream; `<<`
//! skips lines up to the numeric that follows. A client connects where it first appears. When the
//! script is over, each client that is still connected must have nothing left to read.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use crate::irc::Peer;

/// Plays a script against a server, and panics with the line of it that did not come true.
pub fn play(addr: SocketAddr, script: &str) {
    let mut peers: BTreeMap<&str, Peer> = BTreeMap::new();
    let mut ended = Vec::new();
    for (number, step) in script.lines().enumerate() {
        let step = step.trim_start();
        if step.is_empty() {
            continue;
        }
        let mut words = step.splitn(3, ' ');
        let (name, direction) = (words.next().unwrap_or(""), words.next());
        let text = words.next().unwrap_or("");
        let peer = peers.entry(name).or_insert_with(|| Peer::connect(addr, name));
        match direction {
            Some(">") => peer.send(text),
            Some("<") if text.is_empty() => {
                let line = peer.try_line().expect("an end");
                assert_eq!(line, None, "line {number}: {name} reads on after the end");
                ended.push(name);
            }
            Some("<<") => {
                peer.until(|line| line.split(' ').nth(1) == Some(text));
            }
            Some("<") => {
                let line = peer.line();
                assert!(
                    matches(text, &line),
                    "line {number}, what {name} reads\nwanted: {text}\ncame:   {line}"
                );
            }
            _ => panic!("line {number}: want `name > text` or `name < text`: {step}"),
        }
    }
    for name in ended {
        peers.remove(name);
    }
    for (name, mut peer) in peers {
        let rest = peer.sync();
        assert!(rest.is_empty(), "{name} has lines left to read: {rest:#?}");
    }
}

/// Whether `line` is what `pattern` says, `…` being any bytes.
fn matches(pattern: &str, line: &str) -> bool {
    let mut parts = pattern.split('…');
    let first = parts.next().unwrap_or("");
    let Some(mut rest) = line.strip_prefix(first) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    true
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn an_ellipsis_stands_for_any_bytes_and_nothing_else_does() {
        assert!(matches("PONG a", "PONG a"));
        assert!(!matches("PONG a", "PONG ab"));
        assert!(matches("003 :since …", "003 :since today"));
        assert!(matches("a…c…e", "abcde"));
        assert!(!matches("a…c…e", "abcd"));
        assert!(!matches("a…", "ba"));
    }
}
