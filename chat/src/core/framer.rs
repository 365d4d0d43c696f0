//! Where does one line end and the next begin?
//!
//! Called by the shell with each piece that it has read; one [`Framer`] for each connection.
//!
//! 1. A line that stands whole in the piece is handed out as a slice of the piece: nothing is
//!    copied. Only a line that is cut by the piece's end is kept, until its rest has come.
//! 2. What is kept is never longer than the limits: one byte past them the line is told as
//!    [`Frame::Overlong`], once, and forgotten up to its end.
//! 3. How the bytes were cut into pieces never changes the frames (a test compares all cuts).
//! 4. Nothing is kept between lines: an idle client's framer holds no buffer.
//!
//! A line ends at LF; one CR before it is part of the end. Empty lines are skipped. The limit of a
//! line counts two bytes for its end, however it ended. Tags (from `@` up to the first space) have
//! a limit of their own.
//!
//! Rejected: a buffer of the longest line's length for each connection (4 KB that an idle client
//! would hold), and reading into the framer's own buffer (a copy for each line, for the sake of the
//! few that are cut).

use super::config::Limits;

/// What a [`Framer`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame<'a> {
    /// A line without its end: for [`Hub::handle_line`](super::Hub::handle_line).
    Line(&'a [u8]),
    /// A line that is too long: for [`Hub::handle_overlong`](super::Hub::handle_overlong).
    Overlong,
}

/// Cuts a stream of bytes into lines.
///
/// ```
/// use chat::core::{Frame, Framer, Limits};
///
/// let mut framer = Framer::new(&Limits::default());
/// let mut lines = Vec::new();
/// for piece in [&b"NICK an"[..], b"na\r\nPING 1\n"] {
///     let mut piece = piece;
///     while let Some(Frame::Line(line)) = framer.poll_frame(&mut piece) {
///         lines.push(line.to_vec());
///     }
/// }
/// assert_eq!(lines, [&b"NICK anna"[..], b"PING 1"]);
/// ```
#[derive(Debug)]
pub struct Framer {
    /// The beginning of a line whose end has not come.
    kept: Vec<u8>,
    /// What is to be done with `kept` and with the bytes that come.
    state: State,
    /// The longest line without tags and without its end.
    line_bytes_max: u32,
    /// The longest tags with the `@` and the space.
    tags_bytes_max: u32,
}

/// What a [`Framer`] is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Collecting a line.
    Within,
    /// `kept` is a line that was handed out: it goes at the next call.
    HandedOut,
    /// The line was too long: everything goes, up to its end.
    Dropping,
}

impl Framer {
    /// A framer at the beginning of a stream.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        let bound = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX);
        Self {
            kept: Vec::new(),
            state: State::Within,
            line_bytes_max: bound(limits.line_bytes_max.saturating_sub(2)),
            tags_bytes_max: bound(limits.tags_bytes_max.saturating_add(2)),
        }
    }

    /// Takes the next frame off the front of `piece`; `None` when the piece is used up.
    ///
    /// The shell calls it until `None`, then reads the next piece into the same buffer. The frame
    /// borrows from the piece or from the framer, so it is to be dealt with before the next call.
    pub fn poll_frame<'a, 'p: 'a>(&'a mut self, piece: &mut &'p [u8]) -> Option<Frame<'a>> {
        if self.state == State::HandedOut {
            self.kept = Vec::new();
            self.state = State::Within;
        }
        while !piece.is_empty() {
            let (text, ended) = take_until_lf(piece);
            if self.state == State::Dropping {
                if ended {
                    self.state = State::Within;
                }
                continue;
            }
            if !self.fits(text) {
                self.kept = Vec::new();
                self.state = if ended { State::Within } else { State::Dropping };
                return Some(Frame::Overlong);
            }
            if !ended {
                self.keep(text);
                return None;
            }
            if self.kept.is_empty() {
                let line = without_cr(text);
                if !line.is_empty() {
                    return Some(Frame::Line(line));
                }
                continue;
            }
            self.keep(text);
            if self.kept == b"\r" {
                self.kept = Vec::new();
                continue;
            }
            self.state = State::HandedOut;
            return Some(Frame::Line(without_cr(&self.kept)));
        }
        None
    }

    /// The bytes of memory that are held for a line whose end has not come.
    #[must_use]
    pub fn kept_bytes(&self) -> usize {
        self.kept.capacity()
    }

    /// Whether what is kept, followed by `text`, is within the limits, if no byte follows.
    ///
    /// A CR at the end is not counted, as the LF that makes it part of the end may be on its way.
    fn fits(&self, text: &[u8]) -> bool {
        let mut len = self.kept.len() + text.len();
        if text.last().or(self.kept.last()) == Some(&b'\r') {
            len -= 1;
        }
        let mut bytes = self.kept.iter().chain(text);
        if bytes.next() != Some(&b'@') {
            return len <= self.line_bytes_max as usize;
        }
        // The `@`, the tags, and the space if it has come.
        match bytes.position(|&b| b == b' ') {
            Some(at) => {
                let tags = at + 2;
                tags <= self.tags_bytes_max as usize && len - tags <= self.line_bytes_max as usize
            }
            None => len < self.tags_bytes_max as usize,
        }
    }

    /// Adds to what is kept. Grows by doubling, but never past what a line can need.
    fn keep(&mut self, text: &[u8]) {
        let len = self.kept.len() + text.len();
        if len > self.kept.capacity() {
            // One more than the limits for a CR that is part of the end.
            let tagged = self.kept.first().or(text.first()) == Some(&b'@');
            let tags_max = if tagged { self.tags_bytes_max as usize } else { 0 };
            let most = self.line_bytes_max as usize + tags_max + 1;
            let wanted = (len * 2).clamp(64, most.max(64)).max(len);
            self.kept.reserve_exact(wanted - self.kept.len());
        }
        self.kept.extend_from_slice(text);
    }
}

/// Takes what stands before the next LF, and the LF; tells whether there was one.
fn take_until_lf<'a>(piece: &mut &'a [u8]) -> (&'a [u8], bool) {
    let whole: &'a [u8] = piece;
    match whole.iter().position(|&b| b == b'\n') {
        Some(at) => {
            *piece = &whole[at + 1..];
            (&whole[..at], true)
        }
        None => {
            *piece = b"";
            (whole, false)
        }
    }
}

/// The line without the CR of its end.
fn without_cr(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}
