//! Who is in which room, who speaks there, who reads slowly, and what are they called?
//!
//! Pure. Members are numbered from 0, room by room; in each room those who may speak come first and
//! the slow readers last.

use super::{Gathering, LoadError};

/// So many of a room take turns to speak. A receiver keeps a number for each of them, which for
/// everybody in a room of 9,000 would be 81 million.
const SPEAKERS_MAX: usize = 16;

/// A room.
#[derive(Clone, Debug)]
pub(super) struct Room {
    /// Its first member; the others follow.
    pub(super) first: usize,
    /// How many there are.
    pub(super) members: usize,
    /// How many of them, at the end, read slowly.
    pub(super) slow: usize,
    /// How many of them, from the first on, speak in turn.
    pub(super) speakers: usize,
}

/// All rooms.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub(super) rooms: Vec<Room>,
    /// By member.
    room_of: Vec<u16>,
}

impl Layout {
    /// Spreads the clients over rooms, as evenly as can be.
    ///
    /// # Errors
    /// When that leaves a room with nobody to speak, or nobody to listen.
    pub(super) fn new(plan: &Gathering) -> Result<Self, LoadError> {
        let Gathering { clients, room_size, slow, .. } = *plan;
        let wrong = |what: String| Err(LoadError::Plan(what));
        if clients < 2 {
            return wrong(format!(
                "{clients} clients: it takes two, one to speak and one to listen"
            ));
        }
        if room_size < 2 {
            return wrong(format!("rooms of {room_size}: it takes two to talk"));
        }
        let count = clients.div_ceil(room_size);
        if count > usize::from(u16::MAX) {
            return wrong(format!("{count} rooms are too many: at most {}", u16::MAX));
        }
        let share = |of: usize, room: usize| of / count + usize::from(room < of % count);
        let (mut rooms, mut room_of) = (Vec::with_capacity(count), Vec::with_capacity(clients));
        for room in 0..count {
            let (members, slow) = (share(clients, room), share(slow, room));
            let fast = members.saturating_sub(slow);
            if fast < 2 {
                return wrong(format!(
                    "a room of {members} with {slow} slow readers: two others are needed, one to \
                     speak and one to listen; have fewer slow readers, or larger rooms"
                ));
            }
            let speakers = fast.min(SPEAKERS_MAX);
            rooms.push(Room { first: room_of.len(), members, slow, speakers });
            room_of.resize(room_of.len() + members, room as u16);
        }
        Ok(Self { rooms, room_of })
    }

    /// How many members there are.
    pub(super) fn members(&self) -> usize {
        self.room_of.len()
    }

    /// The room of a member.
    pub(super) fn room_of(&self, member: usize) -> usize {
        usize::from(self.room_of[member])
    }

    /// Whether a member reads slowly.
    pub(super) fn is_slow(&self, member: usize) -> bool {
        self.rooms[self.room_of(member)].is_slow(member)
    }

    /// Those who do.
    pub(super) fn slow(&self) -> impl Iterator<Item = usize> + '_ {
        self.rooms.iter().flat_map(|room| room.first + room.fast()..room.first + room.members)
    }

    /// How many streams a ledger of all members has.
    pub(super) fn streams(&self) -> usize {
        self.members() * SPEAKERS_MAX
    }

    /// What a member hears of a speaker.
    pub(super) fn stream(member: usize, speaker: usize) -> usize {
        member * SPEAKERS_MAX + speaker
    }

    /// How many messages a stream has, when `lines` tells how many were said in a room.
    pub(super) fn said(&self, stream: usize, lines: impl Fn(usize) -> u32) -> u32 {
        let (member, speaker) = (stream / SPEAKERS_MAX, stream % SPEAKERS_MAX);
        let room = self.room_of(member);
        let seats = &self.rooms[room];
        // Nobody hears what they say themselves.
        if seats.first + speaker == member { 0 } else { seats.said(lines(room), speaker) }
    }

    /// How many deliveries it makes if each room says a line.
    pub(super) fn deliveries_per_cycle(&self) -> usize {
        self.rooms.iter().map(|room| room.members - 1).sum()
    }
}

impl Room {
    /// How many read as fast as they can.
    pub(super) fn fast(&self) -> usize {
        self.members - self.slow
    }

    /// Whether a member of this room reads slowly.
    pub(super) fn is_slow(&self, member: usize) -> bool {
        member - self.first >= self.fast()
    }

    /// Who says line `number`, counted among the speakers, and which of its lines that is.
    pub(super) fn turn(&self, number: u32) -> (usize, u32) {
        let speakers = self.speakers as u32;
        ((number % speakers) as usize, number / speakers)
    }

    /// How many of the first `lines` of this room are a speaker's; none if there is no such one.
    pub(super) fn said(&self, lines: u32, speaker: usize) -> u32 {
        if speaker >= self.speakers {
            return 0;
        }
        (lines + self.speakers as u32 - 1 - speaker as u32) / self.speakers as u32
    }
}

/// What members and rooms are called: all nicks have one length.
#[derive(Clone, Debug)]
pub(super) struct Names {
    nicks: Vec<u8>,
    nick_bytes: usize,
    rooms: Vec<Box<[u8]>>,
}

/// Digits of a name, in base 36: 1.6 million.
const DIGITS: u32 = 4;

impl Names {
    /// # Errors
    /// When a server would not take the prefix.
    pub(super) fn new(prefix: &str, layout: &Layout) -> Result<Self, LoadError> {
        let letter = prefix.starts_with(|first: char| first.is_ascii_alphabetic());
        if !letter || !prefix.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(LoadError::Plan(format!(
                "the prefix {prefix:?} cannot begin a nick: have a letter, then letters and digits"
            )));
        }
        let nicks: Vec<u8> = (0..layout.members())
            .flat_map(|member| numbered(prefix, member).into_bytes())
            .collect();
        let rooms = (0..layout.rooms.len())
            .map(|room| format!("#{}", numbered(prefix, room)).into_bytes().into())
            .collect();
        Ok(Self { nick_bytes: nicks.len() / layout.members(), nicks, rooms })
    }

    /// The nick of a member.
    pub(super) fn nick(&self, member: usize) -> &[u8] {
        &self.nicks[member * self.nick_bytes..][..self.nick_bytes]
    }

    /// The name of a room.
    pub(super) fn room(&self, room: usize) -> &[u8] {
        &self.rooms[room]
    }
}

/// A name of a fixed length.
pub(super) fn numbered(prefix: &str, number: usize) -> String {
    let digit = |at: u32| {
        let value = number / 36_usize.pow(at) % 36;
        char::from_digit(value as u32, 36).expect("less than 36")
    };
    prefix.chars().chain((0..DIGITS).rev().map(digit)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(clients: usize, room_size: usize, slow: usize) -> Result<Layout, LoadError> {
        Layout::new(&Gathering { clients, room_size, slow, ..Gathering::default() })
    }

    #[test]
    fn rooms_are_even_and_hold_everybody_once() {
        for clients in 2..60 {
            for room_size in 2..20 {
                for slow in 0..clients {
                    let Ok(layout) = plan(clients, room_size, slow) else { continue };
                    let sizes = || layout.rooms.iter().map(|room| room.members);
                    assert_eq!(sizes().sum::<usize>(), clients);
                    assert!(sizes().max().unwrap() <= room_size.min(sizes().min().unwrap() + 1));
                    assert_eq!(layout.slow().count(), slow);
                    assert!(layout.slow().all(|member| layout.is_slow(member)));
                    for (number, room) in layout.rooms.iter().enumerate() {
                        let all = room.first..room.first + room.members;
                        assert!(all.clone().all(|member| layout.room_of(member) == number));
                        let slow = all.filter(|member| room.is_slow(*member)).count();
                        assert_eq!(slow, room.slow);
                        assert!(room.speakers >= 1 && room.fast() >= 2);
                    }
                }
            }
        }
    }

    #[test]
    fn lines_said_are_counted_for_each_speaker() {
        let layout = plan(25, 9, 2).unwrap();
        for room in &layout.rooms {
            let mut said = vec![0; room.speakers];
            for number in 0..100 {
                let (speaker, its) = room.turn(number);
                assert_eq!(its, said[speaker]);
                said[speaker] += 1;
                let counted = |speaker| room.said(number + 1, speaker);
                assert!((0..room.speakers).all(|speaker| counted(speaker) == said[speaker]));
                assert_eq!(counted(room.speakers), 0);
            }
        }
    }

    #[test]
    fn what_cannot_be_is_refused_with_the_reason() {
        for (clients, room_size, slow, reason) in [
            (1, 10, 0, "it takes two"),
            (10, 1, 0, "rooms of 1"),
            (10, 5, 7, "two others are needed"),
            (200_000, 2, 0, "100000 rooms are too many"),
        ] {
            let error = plan(clients, room_size, slow).unwrap_err().to_string();
            assert!(error.contains(reason), "{error}");
        }
    }

    #[test]
    fn names_are_apart_and_short() {
        let layout = plan(100, 10, 0).unwrap();
        let names = Names::new("ld", &layout).unwrap();
        assert_eq!((names.nick(0), names.nick(99)), (&b"ld0000"[..], &b"ld002r"[..]));
        assert_eq!(names.room(9), b"#ld0009");
        for wrong in ["", "9a", "a b", "é", "#x"] {
            assert!(Names::new(wrong, &layout).is_err(), "{wrong}");
        }
    }
}
