//! By what is a message known, whatever server it came through?
//!
//! Pure. Its text begins with 32 hexadecimal digits: room, length, number within the room, the time
//! at which it was to be said, and a check over these. What follows is filling that depends on the
//! number, so that a piece of another message, or one byte changed, shows.

/// The shortest text: the digits.
pub(super) const TEXT_BYTES_MIN: usize = 2 * WORD_BYTES;

/// The longest text. A line is at most 512 bytes, and servers put who said it, with its host's
/// name, before it.
pub(super) const TEXT_BYTES_MAX: usize = 350;

/// A `u64` in hexadecimal digits.
const WORD_BYTES: usize = 16;

/// Where filling begins depends on the number, modulo this. Prime, so that no other period fits.
const OFFSETS: usize = 61;

/// Times have so many bits: 78 hours of nanoseconds.
const TIME_BITS: u32 = 48;

/// Letters by a linear congruential generator. No spaces: some servers (ngircd is one) take those at
/// the end of a line away, which nobody has to mind.
const FILLING: [u8; TEXT_BYTES_MAX + OFFSETS] = {
    let mut bytes = [0; TEXT_BYTES_MAX + OFFSETS];
    let (mut at, mut random) = (0, 1_u32);
    while at < bytes.len() {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        bytes[at] = b'a' + ((random >> 16) % 26) as u8;
        at += 1;
    }
    bytes
};

/// What is in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    /// In which room it was said.
    pub(super) room: u16,
    /// How many lines were said in the room before it.
    pub(super) number: u32,
    /// When it was to be said.
    pub(super) at_ns: u64,
}

impl Stamp {
    /// Adds a text of `len` bytes to `out`.
    pub(super) fn write(self, len: usize, out: &mut Vec<u8>) {
        debug_assert!(
            (TEXT_BYTES_MIN..=TEXT_BYTES_MAX).contains(&len) && self.at_ns >> TIME_BITS == 0
        );
        let what = u64::from(self.room) << 48 | (len as u64) << 32 | u64::from(self.number);
        let when = self.at_ns << 16;
        write_hex(what, out);
        write_hex(when | check(what, when), out);
        out.extend_from_slice(filling(self.number, len));
    }

    /// What a text says, or `None` if it is not what was written, byte for byte.
    pub(super) fn read(text: &[u8]) -> Option<Self> {
        let (what, rest) = read_hex(text)?;
        let (when, rest) = read_hex(rest)?;
        let (when, sum) = (when & !0xffff, when & 0xffff);
        let (room, len, number) = ((what >> 48) as u16, (what >> 32) as u16, what as u32);
        let right = sum == check(what, when)
            && text.len() == usize::from(len)
            && rest == filling(number, text.len());
        right.then_some(Self { room, number, at_ns: when >> 16 })
    }
}

/// What follows the digits in a text of `len` bytes.
fn filling(number: u32, len: usize) -> &'static [u8] {
    &FILLING[number as usize % OFFSETS..][..len - TEXT_BYTES_MIN]
}

/// Sixteen bits that depend on every bit of both (the finalizer of SplitMix64, by Steele, Lea and
/// Flood).
fn check(what: u64, when: u64) -> u64 {
    let mut mixed = what ^ when.rotate_left(29);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed ^ (mixed >> 31)) >> 48
}

fn write_hex(word: u64, out: &mut Vec<u8>) {
    let digits =
        (0..WORD_BYTES).rev().map(|at| b"0123456789abcdef"[(word >> (4 * at)) as usize & 15]);
    out.extend(digits);
}

fn read_hex(text: &[u8]) -> Option<(u64, &[u8])> {
    let (digits, rest) = text.split_first_chunk::<WORD_BYTES>()?;
    let (mut word, mut wrong) = (0, 0);
    for digit in digits {
        let value = DIGITS[usize::from(*digit)];
        wrong |= value;
        word = word << 4 | u64::from(value & 15);
    }
    (wrong < 16).then_some((word, rest))
}

/// The value of each byte that is a digit; 0xff for the others.
const DIGITS: [u8; 256] = {
    let mut values = [0xff; 256];
    let mut value = 0;
    while value < 16 {
        values[b"0123456789abcdef"[value as usize] as usize] = value;
        value += 1;
    }
    values
};

#[cfg(test)]
mod tests {
    use super::*;

    fn written(stamp: Stamp, len: usize) -> Vec<u8> {
        let mut text = Vec::new();
        stamp.write(len, &mut text);
        text
    }

    fn stamps() -> impl Iterator<Item = (Stamp, usize)> {
        let numbers = (0..130).chain([u32::MAX - 1, u32::MAX]);
        numbers.map(|number| {
            let at_ns = u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 16;
            let room = (number % 7 * 9_000) as u16;
            let len = TEXT_BYTES_MIN + number as usize % (TEXT_BYTES_MAX - TEXT_BYTES_MIN + 1);
            (Stamp { room, number, at_ns }, len)
        })
    }

    #[test]
    fn what_was_written_is_read() {
        for (stamp, len) in stamps() {
            let text = written(stamp, len);
            assert_eq!((text.len(), Stamp::read(&text)), (len, Some(stamp)));
            assert!(text.iter().all(u8::is_ascii_alphanumeric), "plain text");
        }
    }

    #[test]
    fn one_byte_changed_cut_or_added_shows() {
        for (stamp, len) in stamps() {
            let text = written(stamp, len);
            for at in 0..len {
                let mut changed = text.clone();
                changed[at] ^= 0x01; // a digit becomes another one, or none
                assert_eq!(Stamp::read(&changed), None, "{stamp:?} at {at}");
                assert_eq!(Stamp::read(&text[..at]), None, "{stamp:?} cut at {at}");
            }
            assert_eq!(Stamp::read(&[&text[..], b" "].concat()), None);
        }
    }

    #[test]
    fn the_filling_of_one_number_does_not_fit_another() {
        let len = TEXT_BYTES_MIN + 20;
        let text = |number| written(Stamp { room: 1, number, at_ns: 5 }, len);
        let tail = |text: &[u8]| text[TEXT_BYTES_MIN..].to_vec();
        let head = |text: &[u8]| text[..TEXT_BYTES_MIN].to_vec();
        for number in 1..OFFSETS as u32 {
            let mixed = [head(&text(0)), tail(&text(number))].concat();
            assert_eq!(Stamp::read(&mixed), None, "{number}");
        }
    }
}
