//! Which modes are there, and how are sets of them kept?
//!
//! Called by clients and channels, which hold the sets, and by the MODE command.
//!
//! 1. A set is a byte; the letters of a mode stand here once, for MODE, 004 and 005 alike.

/// A set of flags, each with the letter that it has on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Flags(u8);

impl Flags {
    /// Whether all of `other` are in it.
    pub(super) fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Adds or removes `other`.
    pub(super) fn set(&mut self, other: Self, on: bool) {
        self.0 = if on { self.0 | other.0 } else { self.0 & !other.0 };
    }

    /// Both sets together.
    pub(super) const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// The flag of a letter in one of the tables below.
pub(super) fn flag_of(table: &[(u8, Flags)], letter: u8) -> Option<Flags> {
    table.iter().find(|(l, _)| *l == letter).map(|(_, flag)| *flag)
}

/// `+` and the letters of the flags that are set.
pub(super) fn letters_of(table: &[(u8, Flags)], flags: Flags) -> Vec<u8> {
    let set = table.iter().filter(|(_, flag)| flags.has(*flag));
    std::iter::once(b'+').chain(set.map(|(letter, _)| *letter)).collect()
}

/// The letters of user modes in 004.
pub(super) const USER_LETTERS: &[u8] = b"iow";

/// The letters of all channel modes in 004.
pub(super) const CHANNEL_LETTERS: &[u8] = b"Ibeiklmnostv";

/// The letters of those that take a parameter, in 004.
pub(super) const PARAMETER_LETTERS: &[u8] = b"Ibeklov";

/// `CHANMODES` in ISUPPORT: lists, always with a parameter, with one to set, never with one.
pub(super) const CHANMODES: &str = "Ibe,k,l,imnst";

/// User modes.
pub(super) mod user {
    use super::Flags;

    /// Not listed to those who share no channel with it.
    pub(in crate::core) const INVISIBLE: Flags = Flags(1);
    /// A server operator. Given by OPER alone.
    pub(in crate::core) const OPERATOR: Flags = Flags(2);
    /// Receives WALLOPS.
    pub(in crate::core) const WALLOPS: Flags = Flags(4);
    /// The letters.
    pub(in crate::core) const TABLE: [(u8, Flags); 3] =
        [(b'i', INVISIBLE), (b'o', OPERATOR), (b'w', WALLOPS)];
}

/// Channel modes without a parameter.
pub(super) mod channel {
    use super::Flags;

    /// Only who is invited may join.
    pub(in crate::core) const INVITE_ONLY: Flags = Flags(1);
    /// Only operators and those with a voice may speak.
    pub(in crate::core) const MODERATED: Flags = Flags(2);
    /// Only members may speak.
    pub(in crate::core) const NO_EXTERNAL: Flags = Flags(4);
    /// Not shown to those who are not in it.
    pub(in crate::core) const SECRET: Flags = Flags(8);
    /// Only operators may change the topic.
    pub(in crate::core) const TOPIC_LOCKED: Flags = Flags(16);
    /// The letters.
    pub(in crate::core) const TABLE: [(u8, Flags); 5] = [
        (b'i', INVITE_ONLY),
        (b'm', MODERATED),
        (b'n', NO_EXTERNAL),
        (b's', SECRET),
        (b't', TOPIC_LOCKED),
    ];
    /// What a new channel has.
    pub(in crate::core) const INITIAL: Flags = NO_EXTERNAL.with(TOPIC_LOCKED);
}

/// The lists of masks of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    /// +b: may not join, nor speak without a voice.
    Ban,
    /// +e: no ban holds for it.
    Except,
    /// +I: may join although the channel is +i.
    Invex,
}

impl List {
    /// The list of a letter.
    pub(super) fn of(letter: u8) -> Option<Self> {
        match letter {
            b'b' => Some(Self::Ban),
            b'e' => Some(Self::Except),
            b'I' => Some(Self::Invex),
            _ => None,
        }
    }
}

/// What a member may do in a channel.
pub(super) mod status {
    use super::Flags;

    /// Changes modes, topic and who is in.
    pub(in crate::core) const OPERATOR: Flags = Flags(1);
    /// Speaks in a moderated channel.
    pub(in crate::core) const VOICE: Flags = Flags(2);
    /// The letters, highest first.
    pub(in crate::core) const TABLE: [(u8, Flags); 2] = [(b'o', OPERATOR), (b'v', VOICE)];

    /// The marks before a nick: the highest, or all of them for who asked for `multi-prefix`.
    pub(in crate::core) fn prefix(status: Flags, all: bool) -> &'static [u8] {
        match (status.has(OPERATOR), status.has(VOICE)) {
            (true, true) if all => b"@+",
            (true, _) => b"@",
            (false, true) => b"+",
            (false, false) => b"",
        }
    }
}

/// Capabilities that a client has asked for.
pub(super) mod cap {
    use super::Flags;

    /// All marks of a member, not only the highest.
    pub(in crate::core) const MULTI_PREFIX: Flags = Flags(1);
    /// The names.
    pub(in crate::core) const TABLE: [(&str, Flags); 1] = [("multi-prefix", MULTI_PREFIX)];
}

#[cfg(test)]
mod tests {
    use super::{CHANMODES, CHANNEL_LETTERS, List, PARAMETER_LETTERS, USER_LETTERS};
    use super::{channel, flag_of, status, user};

    #[test]
    fn announced_letters_are_those_that_are_there() {
        let sorted = |mut letters: Vec<u8>| {
            letters.sort_unstable();
            letters
        };
        let all = || b'A'..=b'z';
        let lists = all().filter(|l| List::of(*l).is_some());
        let flags = all().filter(|l| flag_of(&channel::TABLE, *l).is_some());
        let ranks = all().filter(|l| flag_of(&status::TABLE, *l).is_some());
        let users = all().filter(|l| flag_of(&user::TABLE, *l).is_some());
        assert_eq!(sorted(users.collect()), USER_LETTERS);
        let with_parameter = sorted(lists.clone().chain(ranks).chain(*b"kl").collect());
        assert_eq!(with_parameter, PARAMETER_LETTERS);
        assert_eq!(
            sorted(with_parameter.into_iter().chain(flags.clone()).collect()),
            CHANNEL_LETTERS
        );
        let types: [Vec<u8>; 4] = [lists.collect(), b"k".into(), b"l".into(), flags.collect()];
        assert_eq!(types.join(&b","[..]), CHANMODES.as_bytes());
    }
}
