//! Which source does an event belong to, and does that source still exist?
//!
//! The kernel hands back a number with each event: the token that was given to it at registration.
//! An event can be on its way while its source goes and another takes its place in the table, so a
//! token carries an index and a *generation*: the count of registrations so far.
//!
//! 1. A token finds the source that it was made for, or nothing.
//! 2. Nothing is dropped, woken or allocated here but the table's own memory: callers hold its
//!    lock.

use slab::Slab;

use super::slot::Slot;
use super::{Gone, Ready};
use crate::primitive::Arc;
use crate::util::WakeList;

/// Names one registration: an index into the table in the low half, a generation in the high half.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token(usize);

const HALF_BITS: u32 = usize::BITS / 2;
const LOW_HALF: usize = (1 << HALF_BITS) - 1;

impl Token {
    /// The token of the reactor's own waker. No source has it: [`Table::insert`] never gives out
    /// the last index.
    pub(super) const WAKE: Token = Token(usize::MAX);

    const fn new(index: usize, generation: usize) -> Token {
        assert!(index < LOW_HALF, "the table is bounded by the insert");
        Token((generation & LOW_HALF) << HALF_BITS | index)
    }

    const fn index(self) -> usize {
        self.0 & LOW_HALF
    }

    const fn generation(self) -> u32 {
        (self.0 >> HALF_BITS) as u32
    }
}

impl From<Token> for mio::Token {
    fn from(token: Token) -> mio::Token {
        mio::Token(token.0)
    }
}

impl From<mio::Token> for Token {
    fn from(token: mio::Token) -> Token {
        Token(token.0)
    }
}

/// The live registrations. 16 bytes each on a 64-bit machine.
#[derive(Debug)]
pub(super) struct Table {
    entries: Slab<Entry>,
    /// How many registrations there have been. Wraps; a token is mistaken for another one only if
    /// an event is late by exactly 2^32 registrations.
    registrations: usize,
    is_shut_down: bool,
}

#[derive(Debug)]
struct Entry {
    slot: Arc<Slot>,
    generation: u32,
    /// The flags that this kind of source can have; others in an event are ignored.
    flags: Ready,
}

impl Table {
    pub(super) fn new() -> Table {
        Table { entries: Slab::new(), registrations: 0, is_shut_down: false }
    }

    /// # Errors
    /// [`Gone`] once [`shut_down`](Self::shut_down) was called.
    ///
    /// # Panics
    /// If 2^32 sources are live (2^16 where a pointer has 32 bits): more than a process can open.
    pub(super) fn insert(&mut self, slot: Arc<Slot>, flags: Ready) -> Result<Token, Gone> {
        if self.is_shut_down {
            return Err(Gone);
        }
        self.registrations = self.registrations.wrapping_add(1);
        let token = Token::new(self.entries.vacant_key(), self.registrations);
        self.entries.insert(Entry { slot, generation: token.generation(), flags });
        Ok(token)
    }

    /// Takes the slot out, for the caller to drop after it has let go of the lock.
    pub(super) fn remove(&mut self, token: Token) -> Option<Arc<Slot>> {
        self.find(token)?;
        Some(self.entries.remove(token.index()).slot)
    }

    /// Passes an event on to its source; one whose source has gone is forgotten.
    pub(super) fn deliver(&self, token: Token, ready: Ready, wakes: &mut WakeList) {
        if let Some(entry) = self.find(token) {
            entry.slot.deliver(ready.intersection(entry.flags), wakes);
        }
    }

    /// Refuses registrations from now on and hands out all slots.
    pub(super) fn shut_down(&mut self) -> impl Iterator<Item = Arc<Slot>> + use<> {
        self.is_shut_down = true;
        std::mem::take(&mut self.entries).into_iter().map(|(_, entry)| entry.slot)
    }

    fn find(&self, token: Token) -> Option<&Entry> {
        self.entries.get(token.index()).filter(|entry| entry.generation == token.generation())
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::reactor::Interest;

    fn is_readable(slot: &Slot) -> bool {
        slot.look(Interest::READABLE).is_ready()
    }

    #[test]
    fn a_late_event_does_not_reach_the_next_source() {
        let (mut table, mut wakes) = (Table::new(), WakeList::new());
        let (old, new) = (Arc::new(Slot::new()), Arc::new(Slot::new()));
        let old_token = table.insert(old.clone(), Ready::ALL).expect("not shut down");
        assert!(table.remove(old_token).is_some_and(|slot| Arc::ptr_eq(&slot, &old)));
        let new_token = table.insert(new.clone(), Ready::ALL).expect("not shut down");
        assert_eq!(old_token.index(), new_token.index(), "the place is used again");

        table.deliver(old_token, Ready::READABLE, &mut wakes);
        assert!(!is_readable(&old) && !is_readable(&new));
        assert!(table.remove(old_token).is_none());
        table.deliver(new_token, Ready::READABLE, &mut wakes);
        assert!(is_readable(&new));
    }

    #[test]
    fn tokens_keep_index_and_generation_and_spare_the_wakers() {
        for index in [0, 1, 77, LOW_HALF - 1] {
            for generation in [0, 1, LOW_HALF, LOW_HALF + 1, usize::MAX] {
                let token = Token::new(index, generation);
                assert_eq!(token.index(), index);
                assert_eq!(token.generation() as usize, generation & LOW_HALF);
                assert_eq!(Token::from(mio::Token::from(token)), token);
                assert_ne!(token, Token::WAKE);
            }
        }
    }

    #[test]
    fn the_generation_wraps_into_its_half() {
        let mut table = Table::new();
        table.registrations = usize::MAX - 1;
        for expected in [LOW_HALF as u32, 0, 1] {
            let token = table.insert(Arc::new(Slot::new()), Ready::ALL).expect("not shut down");
            assert_eq!(token.generation(), expected);
            assert!(table.remove(token).is_some());
        }
    }

    #[test]
    fn flags_that_a_source_cannot_have_are_ignored() {
        let (mut table, mut wakes) = (Table::new(), WakeList::new());
        let slot = Arc::new(Slot::new());
        let token = table.insert(slot.clone(), Ready::ENDLESS).expect("not shut down");
        table.deliver(token, Ready::READ_CLOSED, &mut wakes);
        assert!(!is_readable(&slot), "a datagram socket has no end to read");
    }

    #[test]
    fn shut_down_hands_out_every_slot_and_refuses_new_ones() {
        let mut table = Table::new();
        let token = table.insert(Arc::new(Slot::new()), Ready::ALL).expect("not shut down");
        assert_eq!(table.shut_down().count(), 1);
        assert!(table.remove(token).is_none());
        assert_eq!(table.insert(Arc::new(Slot::new()), Ready::ALL), Err(Gone));
    }

    #[cfg(target_pointer_width = "64")]
    const _: () = assert!(size_of::<Entry>() == 16);
}
