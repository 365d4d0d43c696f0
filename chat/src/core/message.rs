//! What does one line say?
//!
//! Called by the hub for each line of a client, and by clients of the server (the load generator).
//!
//! 1. Parsing allocates nothing and copies nothing: every part is a slice of the line.
//! 2. It never fails but for a line without a command, and never panics, whatever the bytes are.
//! 3. At most [`PARAMS_MAX`] parameters: the last of them takes all that is left, as if it had a
//!    colon (RFC 2812 section 2.3.1, and what the Modern document leaves open).
//!
//! Rejected: a list of parameters in a `Vec` (an allocation for each line), and UTF-8 strings
//! (bytes are bytes: what is not UTF-8 passes through).

/// The parameters of a line; what follows the last place is part of the last one.
pub const PARAMS_MAX: usize = 15;

/// One line, split at its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// What stands between `@` and the first space, as it stands there.
    pub tags: Option<&'a [u8]>,
    /// What stands between `:` and the next space. From a client it means nothing.
    pub source: Option<&'a [u8]>,
    /// The command's name or number, in the case in which it was sent; never empty.
    pub command: &'a [u8],
    /// The first `params_len` are in use.
    params: [&'a [u8]; PARAMS_MAX],
    /// At most [`PARAMS_MAX`].
    params_len: usize,
}

impl<'a> Message<'a> {
    /// Splits a line that has no terminator any more; `None` if there is no command in it.
    #[must_use]
    pub fn parse(line: &'a [u8]) -> Option<Self> {
        let mut rest = skip_spaces(line);
        let tags = take_marked(&mut rest, b'@');
        let source = take_marked(&mut rest, b':');
        let command = take_word(&mut rest);
        if command.is_empty() {
            return None;
        }
        let mut params: [&[u8]; PARAMS_MAX] = [b""; PARAMS_MAX];
        let mut params_len = 0;
        while params_len < PARAMS_MAX && !rest.is_empty() {
            params[params_len] = match rest.strip_prefix(b":") {
                Some(trailing) => {
                    rest = b"";
                    trailing
                }
                None if params_len == PARAMS_MAX - 1 => std::mem::take(&mut rest),
                None => take_word(&mut rest),
            };
            params_len += 1;
        }
        Some(Self { tags, source, command, params, params_len })
    }

    /// The parameters in the line's order, without the colon of the last one.
    #[must_use]
    pub fn params(&self) -> &[&'a [u8]] {
        &self.params[..self.params_len]
    }

    /// The parameter at `place`, counted from 0.
    #[must_use]
    pub fn param(&self, place: usize) -> Option<&'a [u8]> {
        self.params().get(place).copied()
    }

    /// The tags as keys and values; a value is as it was sent, escapes and all, and empty if there
    /// was none.
    pub fn tags(&self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        let tags = self.tags.unwrap_or_default().split(|&b| b == b';');
        tags.filter(|tag| !tag.is_empty()).map(|tag| match tag.iter().position(|&b| b == b'=') {
            Some(at) => (&tag[..at], &tag[at + 1..]),
            None => (tag, &b""[..]),
        })
    }
}

/// The text from its first byte that is no space.
fn skip_spaces(text: &[u8]) -> &[u8] {
    let start = text.iter().position(|&b| b != b' ').unwrap_or(text.len());
    &text[start..]
}

/// Takes what stands before the next space, and the spaces after it.
fn take_word<'a>(rest: &mut &'a [u8]) -> &'a [u8] {
    let text: &'a [u8] = rest;
    let end = text.iter().position(|&b| b == b' ').unwrap_or(text.len());
    *rest = skip_spaces(&text[end..]);
    &text[..end]
}

/// Takes a word that begins with `mark`, without the mark; leaves `rest` alone if there is none.
fn take_marked<'a>(rest: &mut &'a [u8], mark: u8) -> Option<&'a [u8]> {
    let mut after: &'a [u8] = rest.strip_prefix(&[mark])?;
    let word = take_word(&mut after);
    *rest = after;
    Some(word)
}
