//! How does a line come to be, and how does it come to a client?
//!
//! Called by the hub and every command. It is a part of the hub of its own so that a line can be
//! made from one client's or channel's data while it is put into another's outbox.
//!
//! 1. Every line is composed here: it ends with CR LF, is within the limit, and holds neither CR,
//!    LF nor NUL but at its end, whatever its parts are. It is cut between characters if it is UTF-8.
//! 2. A line for many is composed once and shared.
//! 3. Nobody is woken here: wakers are collected for the shell, which wakes them without the lock.
//! 4. A client whose outbox is full is closed at once, and marked: it quits when its own task has
//!    seen that, so no command sees clients vanish under it.

use std::net::IpAddr;
use std::task::Waker;

use super::client::{Client, host_of};
use super::numeric::Numeric;
use super::outbox::{Line, Outbox, Pushed};

/// Composes and delivers.
#[derive(Debug)]
pub(super) struct Post {
    /// The prefix of what the server says.
    server_name: Box<[u8]>,
    /// The limit of a line with its end.
    line_bytes_max: usize,
    /// Where a line is put together; kept for its memory.
    scratch: Vec<u8>,
    /// Who waits for what was delivered.
    pub(super) wakers: Vec<Waker>,
}

impl Post {
    /// For a server of this name.
    pub(super) fn new(server_name: &str, line_bytes_max: usize) -> Self {
        Self {
            server_name: server_name.as_bytes().into(),
            line_bytes_max,
            scratch: Vec::with_capacity(line_bytes_max),
            wakers: Vec::new(),
        }
    }

    /// Puts the parts together, as they are, and ends the line.
    pub(super) fn compose(&mut self, parts: &[&[u8]]) -> Line {
        self.scratch.clear();
        for part in parts {
            self.scratch.extend_from_slice(part);
        }
        self.finish()
    }

    /// Delivers a line to one client.
    pub(super) fn send(&mut self, to: &Client, line: &Line) {
        match to.outbox.push(line) {
            Pushed::Done => {}
            Pushed::Wake(waker) => self.wakers.push(waker),
            Pushed::Full => {
                let last = self.closing_line(to.identity.host(), b"SendQ exceeded");
                self.wakers.extend(to.outbox.overflow(last));
                to.overflowed.set(true);
            }
        }
    }

    /// Sends what the server itself says: `:server` and the parts.
    pub(super) fn server(&mut self, to: &Client, parts: &[&[u8]]) {
        self.begin_server();
        for part in parts {
            self.scratch.extend_from_slice(part);
        }
        let line = self.finish();
        self.send(to, &line);
    }

    /// Sends a numeric reply with the text that it always has.
    pub(super) fn numeric(&mut self, to: &Client, numeric: Numeric, middle: &[&[u8]]) {
        self.numeric_text(to, numeric, middle, numeric.text.as_bytes());
    }

    /// Sends a numeric reply with a text of its own as the last parameter.
    pub(super) fn numeric_text(
        &mut self,
        to: &Client,
        numeric: Numeric,
        middle: &[&[u8]],
        text: &[u8],
    ) {
        self.begin_numeric(to, numeric, middle);
        self.scratch.extend_from_slice(b" :");
        self.scratch.extend_from_slice(text);
        let line = self.finish();
        self.send(to, &line);
    }

    /// Sends a numeric reply that has no text.
    pub(super) fn numeric_bare(&mut self, to: &Client, numeric: Numeric, middle: &[&[u8]]) {
        self.begin_numeric(to, numeric, middle);
        let line = self.finish();
        self.send(to, &line);
    }

    /// Begins a reply whose text is a list of words, on as many lines as they need.
    pub(super) fn words<'a>(
        &'a mut self,
        to: &'a Client,
        numeric: Numeric,
        middle: &[&[u8]],
    ) -> Words<'a> {
        self.begin_numeric(to, numeric, middle);
        self.scratch.extend_from_slice(b" :");
        let start = self.scratch.len();
        Words { post: self, to, start }
    }

    /// Says good-bye: what is queued goes out before the ERROR line, then the connection closes.
    pub(super) fn close(&mut self, to: &Client, reason: &[u8]) {
        let last = self.closing_line(to.identity.host(), reason);
        self.wakers.extend(to.outbox.close(last));
    }

    /// Says good-bye to a connection that is not let in.
    pub(super) fn refuse(&mut self, peer: IpAddr, outbox: &Outbox, reason: &[u8]) {
        let last = self.closing_line(host_of(peer).as_bytes(), reason);
        self.wakers.extend(outbox.close(last));
    }

    /// The last line of a connection.
    fn closing_line(&mut self, host: &[u8], reason: &[u8]) -> Line {
        self.compose(&[b"ERROR :Closing Link: ", host, b" (", reason, b")"])
    }

    /// Begins a line with the server's prefix and a space.
    fn begin_server(&mut self) {
        self.scratch.clear();
        self.scratch.push(b':');
        self.scratch.extend_from_slice(&self.server_name);
        self.scratch.push(b' ');
    }

    /// Begins a numeric reply up to its last middle parameter.
    fn begin_numeric(&mut self, to: &Client, numeric: Numeric, middle: &[&[u8]]) {
        self.begin_server();
        self.scratch.extend_from_slice(numeric.code.as_bytes());
        self.scratch.push(b' ');
        self.scratch.extend_from_slice(to.label());
        for part in middle {
            self.scratch.push(b' ');
            self.scratch.extend_from_slice(as_middle(part));
        }
    }

    /// Cuts the line to its limit, ends it and copies it into its own allocation.
    fn finish(&mut self) -> Line {
        let max = self.line_bytes_max - 2;
        if self.scratch.len() > max {
            let end = cut_at(&self.scratch, max);
            self.scratch.truncate(end);
        }
        debug_assert!(!self.scratch.iter().any(|b| matches!(b, 0 | b'\r' | b'\n')));
        self.scratch.extend_from_slice(b"\r\n");
        Line::new(&self.scratch)
    }
}

/// A reply that goes on, line after line, until all its words are said.
pub(super) struct Words<'a> {
    /// Holds the line in its `scratch`.
    post: &'a mut Post,
    /// Whom it is for.
    to: &'a Client,
    /// Where the words begin; what stands before is the same on each line.
    start: usize,
}

impl Words<'_> {
    /// Adds a word, made of parts.
    pub(super) fn push(&mut self, parts: &[&[u8]]) {
        let bytes: usize = parts.iter().map(|part| part.len()).sum();
        let used = self.post.scratch.len();
        if used > self.start {
            if used + 1 + bytes > self.post.line_bytes_max - 2 {
                self.flush();
            } else {
                self.post.scratch.push(b' ');
            }
        }
        for part in parts {
            self.post.scratch.extend_from_slice(part);
        }
    }

    /// Sends the last line, unless no word is on it.
    pub(super) fn finish(mut self) {
        if self.post.scratch.len() > self.start {
            self.flush();
        }
    }

    /// Sends the last line, also without a word on it.
    pub(super) fn finish_always(mut self) {
        self.flush();
    }

    /// Sends a line and begins the next one.
    fn flush(&mut self) {
        let line = self.post.finish();
        self.post.send(self.to, &line);
        // Not cut from the scratch: if the outbox was full, a closing line was composed in it.
        self.post.scratch.clear();
        self.post.scratch.extend_from_slice(&line.as_ref()[..self.start]);
    }
}

/// What a peer sent, as a middle parameter of an answer; `*` if it cannot be one, as it is empty, has
/// a space in it or a colon in front. A nick that was refused for its space must not become two
/// parameters.
fn as_middle(part: &[u8]) -> &[u8] {
    match part {
        [] | [b':', ..] => b"*",
        _ if part.contains(&b' ') => b"*",
        _ => part,
    }
}

/// Where to cut a text that is longer than `max`: there, or before the UTF-8 character that it would
/// cut through. For other encodings at most three bytes are lost.
pub(super) fn cut_at(text: &[u8], max: usize) -> usize {
    let continues = |at: usize| text.get(at).is_some_and(|b| b & 0xc0 == 0x80);
    if text.len() <= max {
        return text.len();
    }
    (max.saturating_sub(3)..=max).rev().find(|&at| !continues(at)).unwrap_or(max)
}

/// A text cut to `max` bytes, between characters.
pub(super) fn cut(text: &[u8], max: usize) -> &[u8] {
    &text[..cut_at(text, max)]
}
