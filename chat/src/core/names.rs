//! Which names are allowed, and which of them are the same?
//!
//! Called by the hub and the commands, for nicks, channels and masks.
//!
//! 1. Names are the same if they are equal when A to Z are read as a to z: `CASEMAPPING=ascii`, and
//!    every comparison of the server goes through [`Folded`], [`same`] or [`matches()`].
//! 2. Matching a mask takes time in proportion to mask times text at worst, and never recurses.
//!
//! Rejected: `rfc1459`, by which `{}|^` are the lower case of `[]\~`, a relic of one keyboard that
//! clients get wrong.

use std::collections::HashMap;

/// The longest nick or channel name that a configuration can allow, in bytes.
pub const NAME_BYTES_MAX: usize = 128;

/// A name in the form in which names are compared.
#[derive(Clone, Copy)]
pub(super) struct Folded {
    /// The first `len` are in use.
    bytes: [u8; NAME_BYTES_MAX],
    /// At most [`NAME_BYTES_MAX`].
    len: usize,
}

impl Folded {
    /// Folds a name; `None` if it is longer than any name can be.
    pub(super) fn new(name: &[u8]) -> Option<Self> {
        let mut bytes = [0; NAME_BYTES_MAX];
        let place = bytes.get_mut(..name.len())?;
        place.copy_from_slice(name);
        place.make_ascii_lowercase();
        Some(Self { bytes, len: name.len() })
    }

    /// The folded bytes.
    fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

/// Finds a value by name, without allocating.
#[derive(Debug)]
pub(super) struct NameIndex<T> {
    /// The hasher is seeded at random, so a peer cannot choose names that collide.
    map: HashMap<Box<[u8]>, T>,
}

impl<T: Copy> NameIndex<T> {
    /// No names.
    pub(super) fn new() -> Self {
        Self { map: HashMap::new() }
    }

    /// What the name stands for.
    pub(super) fn get(&self, name: &[u8]) -> Option<T> {
        self.map.get(Folded::new(name)?.as_bytes()).copied()
    }

    /// Lets the name, which is within the limits, stand for something.
    pub(super) fn insert(&mut self, name: &[u8], value: T) {
        let folded = Folded::new(name).expect("names are checked against their limit before");
        self.map.insert(folded.as_bytes().into(), value);
    }

    /// Forgets a name.
    pub(super) fn remove(&mut self, name: &[u8]) {
        if let Some(folded) = Folded::new(name) {
            self.map.remove(folded.as_bytes());
        }
    }

    /// How many names there are.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.map.len()
    }
}

/// Whether two names are the same name.
pub(super) fn same(a: &[u8], b: &[u8]) -> bool {
    a.eq_ignore_ascii_case(b)
}

/// Whether a nick may have this form (RFC 2812 section 2.3.1; its length is not looked at).
pub(super) fn is_nick(name: &[u8]) -> bool {
    let first = |b: u8| b.is_ascii_alphabetic() || b"[]\\`_^{|}".contains(&b);
    match name {
        [head, tail @ ..] => {
            first(*head) && tail.iter().all(|&b| first(b) || b.is_ascii_digit() || b == b'-')
        }
        [] => false,
    }
}

/// Whether a channel's name may have this form (its length is not looked at).
///
/// No control bytes: a BEL is what the RFC forbids, and no name with the others can be typed.
pub(super) fn is_channel(name: &[u8]) -> bool {
    match name {
        [b'#', tail @ ..] => tail.iter().all(|&b| b > b' ' && b != b',' && b != 0x7f),
        _ => false,
    }
}

/// The mask `nick!user@host` that somebody meant who gave a part of it; `None` if it cannot be sent
/// as a parameter.
pub(super) fn full_mask(part: &[u8]) -> Option<Box<[u8]>> {
    if part.is_empty() || part[0] == b':' || part.iter().any(|b| *b <= b' ') {
        return None;
    }
    let or_any = |part: &[u8]| if part.is_empty() { b"*".to_vec() } else { part.to_vec() };
    let (nick, rest) = match part.iter().position(|&b| b == b'!') {
        Some(at) => (&part[..at], Some(&part[at + 1..])),
        None if part.contains(&b'@') => (&b""[..], Some(part)),
        None => (part, None),
    };
    let (user, host) = match rest.map(|rest| (rest, rest.iter().position(|&b| b == b'@'))) {
        Some((rest, Some(at))) => (&rest[..at], &rest[at + 1..]),
        Some((rest, None)) => (rest, &b""[..]),
        None => (&b""[..], &b""[..]),
    };
    Some([or_any(nick), b"!".into(), or_any(user), b"@".into(), or_any(host)].concat().into())
}

/// Whether `text` matches `mask`, in which `*` stands for any bytes and `?` for one.
///
/// Goes back only to the last `*`: that is enough, as an earlier one could only give it less.
pub(super) fn matches(mask: &[u8], text: &[u8]) -> bool {
    let (mut m, mut t) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while t < text.len() {
        match mask.get(m) {
            Some(b'*') => {
                m += 1;
                retry = Some((m, t));
            }
            Some(&b) if b == b'?' || b.eq_ignore_ascii_case(&text[t]) => {
                m += 1;
                t += 1;
            }
            _ => match retry {
                Some((after_star, from)) => {
                    retry = Some((after_star, from + 1));
                    (m, t) = (after_star, from + 1);
                }
                None => return false,
            },
        }
    }
    mask[m..].iter().all(|&b| b == b'*')
}
