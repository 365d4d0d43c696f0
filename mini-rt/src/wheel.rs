//! Which timers are due, and when is the next one?
//!
//! The driver's timers ask (`driver/timers.rs`), under their lock. The wheel is told the time in
//! [`Tick`]s, hands back wakers, and knows no clock, no thread and no task.
//!
//! The algorithm is the hierarchical timing wheel of G. Varghese and T. Lauck, "Hashed and
//! hierarchical timing wheels" (SOSP 1987), scheme 7. A tick is read as a number in base 64, and
//! level `n` has one slot for each value of digit `n`:
//!
//! | level | a slot spans | the level spans |
//! |------:|-------------:|----------------:|
//! |     0 |         1 ms |           64 ms |
//! |     1 |        64 ms |           4.1 s |
//! |     2 |        4.1 s |         4.4 min |
//! |     3 |      4.4 min |           4.7 h |
//! |     4 |        4.7 h |          12.4 d |
//! |     5 |       12.4 d |           2.2 y |
//!
//! A timer lies on the level of the highest digit in which its deadline differs from now, in the
//! slot of that digit. When time enters the slot, its timers move to lower levels, at most five
//! times in a timer's life; what lies on level 0 fires. A deadline more than 2.2 years ahead lies
//! on level 5 and is filed there again, once in each turn of that level, until it is in range.
//!
//! 1. A timer is in the wheel exactly as long as its deadline is later than [`Wheel::now`]. So its
//!    owner can tell from the deadline whether it has fired, and nothing is left to collect then.
//! 2. No timer fires early: [`Wheel::advance`] takes what is due at the time it is told.
//! 3. Timers fire in the order of their deadlines, and for one deadline in the order of insertion:
//!    at any time all timers of one deadline are in one slot, and moving keeps their order.
//! 4. A timer's place follows from its deadline and now: time never passes the start of a slot
//!    with timers in it without moving them. So no node stores its place.
//! 5. A node belongs to one [`Key`] until it fires or is removed; a key cannot be copied, and
//!    removing consumes it. So an index that was used again cannot be confused, and needs no
//!    generation.
//!
//! Inserting and removing are O(1), and allocate only while there are more timers than ever
//! before. Advancing costs one step for each slot with timers on the way and one for each timer.
//!
//! Rejected: a binary heap (O(log n), and a cancelled timer stays until its deadline, or every
//! move must tell an owner its place); timers that are linked through the futures themselves, as
//! Tokio's are (no slab, but unsafe code and a pinned future); exact deadlines above level 0 (a
//! scan of a slot, to save a timer its few early wake-ups).

use std::task::Waker;

use slab::Slab;

use crate::util::WakeList;

const LEVELS: usize = 6;
const BITS_PER_LEVEL: usize = 6;
const SLOTS: usize = 1 << BITS_PER_LEVEL;
const SLOT_MASK: u64 = SLOTS as u64 - 1;
const _: () = assert!(SLOTS == u64::BITS as usize, "a level's bitmap is one word");

/// The end of a list of nodes.
const NIL: u32 = u32::MAX;

/// A point in time, in milliseconds since an epoch that the caller chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Tick(pub(crate) u64);

impl Tick {
    /// The last tick that a deadline may have (in 146 million years): the wheel adds to it.
    pub(crate) const LAST: Self = Self(1 << 62);
    /// Later than every deadline: what [`Wheel::now`] says after [`Wheel::shutdown`].
    pub(crate) const END: Self = Self(u64::MAX);
}

/// The right to remove one timer from the wheel that gave it out. Dropping it does not.
#[derive(Debug)]
#[must_use = "without its key a timer cannot be removed"]
pub(crate) struct Key {
    idx: u32,
    deadline: Tick,
}

impl Key {
    /// When the timer fires: it has fired once [`Wheel::now`] is no earlier (rule 1).
    pub(crate) fn deadline(&self) -> Tick {
        self.deadline
    }
}

/// Timers in the order in which they fire. See the module.
#[derive(Debug)]
pub(crate) struct Wheel {
    now: Tick,
    levels: Box<[Level; LEVELS]>,
    nodes: Slab<Node>,
}

#[derive(Debug)]
struct Level {
    /// Bit `n` is set while `slots[n]` has a node.
    occupied: u64,
    slots: [List; SLOTS],
}

impl Level {
    const EMPTY: Self = Self { occupied: 0, slots: [List { head: NIL, tail: NIL }; SLOTS] };
}

/// A doubly linked list of nodes, in the order in which they were filed.
#[derive(Clone, Copy, Debug)]
struct List {
    head: u32,
    tail: u32,
}

#[derive(Debug)]
struct Node {
    deadline: Tick,
    waker: Waker,
    prev: u32,
    next: u32,
}

/// A slot that has timers in it, and the time at which it has to be processed.
struct Expiration {
    level: usize,
    slot: usize,
    start: Tick,
}

impl Wheel {
    /// A wheel without timers, at tick 0.
    pub(crate) fn new() -> Self {
        Self { now: Tick(0), levels: Box::new([Level::EMPTY; LEVELS]), nodes: Slab::new() }
    }

    /// The time that the wheel was told last.
    pub(crate) fn now(&self) -> Tick {
        self.now
    }

    /// How many timers there are.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Adds a timer that wakes `waker` when time reaches `deadline` (at most [`Tick::LAST`]).
    ///
    /// # Errors
    /// Hands the waker back if the deadline is not later than [`now`](Self::now): it is due already.
    pub(crate) fn insert(&mut self, deadline: Tick, waker: Waker) -> Result<Key, Waker> {
        if deadline <= self.now {
            return Err(waker);
        }
        debug_assert!(deadline <= Tick::LAST);
        let idx = self.nodes.insert(Node { deadline, waker, prev: NIL, next: NIL });
        let idx = u32::try_from(idx).expect("there is no memory for 2^32 timers of 32 bytes each");
        assert_ne!(idx, NIL, "this index marks the end of a list");
        self.file(idx);
        Ok(Key { idx, deadline })
    }

    /// Removes a timer and hands its waker back, to be dropped without a lock held. `None` if the
    /// timer has fired.
    pub(crate) fn remove(&mut self, key: Key) -> Option<Waker> {
        if key.deadline <= self.now {
            return None;
        }
        let node = self.nodes.remove(key.idx as usize);
        debug_assert_eq!(node.deadline, key.deadline, "a key belongs to one wheel");
        let (level, slot) = place(self.now, node.deadline);
        let list = &mut self.levels[level].slots[slot];
        match node.prev {
            NIL => list.head = node.next,
            prev => self.nodes[prev as usize].next = node.next,
        }
        match node.next {
            NIL => list.tail = node.prev,
            next => self.nodes[next as usize].prev = node.prev,
        }
        if list.head == NIL {
            self.levels[level].occupied &= !(1 << slot);
        }
        Some(node.waker)
    }

    /// Fires what is due at `now`. A time earlier than the last one changes nothing: clocks of
    /// virtual machines have been seen to go back.
    pub(crate) fn advance(&mut self, now: Tick, wakes: &mut WakeList) {
        while let Some(expiration) = self.next_expiration().filter(|next| next.start <= now) {
            self.now = expiration.start;
            self.process(&expiration, wakes);
        }
        self.now = self.now.max(now);
    }

    /// Moves time towards `now` as far as nothing has to be processed on the way, so that timers
    /// inserted next lie on the lowest level they can.
    pub(crate) fn skip(&mut self, now: Tick) {
        let limit = self.next_deadline().map_or(now, |next| now.min(Tick(next.0 - 1)));
        self.now = self.now.max(limit);
    }

    /// When does the wheel have to be advanced next? Never later than the first deadline, and
    /// exact for deadlines on level 0; above it, the time at which a slot's timers move down.
    pub(crate) fn next_deadline(&self) -> Option<Tick> {
        self.next_expiration().map(|expiration| expiration.start)
    }

    /// Fires every timer, in no order, and every timer to come: nothing can be inserted any more.
    pub(crate) fn shutdown(&mut self, wakes: &mut WakeList) {
        self.nodes.drain().for_each(|node| wakes.push(node.waker));
        *self.levels = [Level::EMPTY; LEVELS];
        self.now = Tick::END;
    }

    fn next_expiration(&self) -> Option<Expiration> {
        // Only the digits above a timer's level are equal to those of now, so whatever lies on a
        // lower level comes first.
        let level = self.levels.iter().position(|level| level.occupied != 0)?;
        let shift = level * BITS_PER_LEVEL;
        let digit = ((self.now.0 >> shift) & SLOT_MASK) as u32;
        // The slot of now itself comes last: it has timers on level 5 alone, one turn ahead.
        let ahead = self.levels[level].occupied.rotate_right(digit + 1).trailing_zeros() + 1;
        let slot = (digit + ahead) as usize % SLOTS;
        let start = Tick(((self.now.0 >> shift) + u64::from(ahead)) << shift);
        Some(Expiration { level, slot, start })
    }

    /// Empties a slot at its start: what is due fires, the rest moves down.
    fn process(&mut self, expiration: &Expiration, wakes: &mut WakeList) {
        let level = &mut self.levels[expiration.level];
        level.occupied &= !(1 << expiration.slot);
        let list = &mut level.slots[expiration.slot];
        // The slot is empty before its first node is filed again, perhaps into this same slot.
        let mut idx = std::mem::replace(&mut list.head, NIL);
        list.tail = NIL;
        while idx != NIL {
            let node = &self.nodes[idx as usize];
            let next = node.next;
            if node.deadline <= self.now {
                wakes.push(self.nodes.remove(idx as usize).waker);
            } else {
                self.file(idx);
            }
            idx = next;
        }
    }

    /// Appends a node that is in no list to the slot where it belongs now.
    fn file(&mut self, idx: u32) {
        let (level, slot) = place(self.now, self.nodes[idx as usize].deadline);
        let level = &mut self.levels[level];
        level.occupied |= 1 << slot;
        let list = &mut level.slots[slot];
        let prev = std::mem::replace(&mut list.tail, idx);
        match prev {
            NIL => list.head = idx,
            prev => self.nodes[prev as usize].next = idx,
        }
        let node = &mut self.nodes[idx as usize];
        (node.prev, node.next) = (prev, NIL);
    }
}

/// Level and slot of a timer that has not fired (rule 4).
fn place(now: Tick, deadline: Tick) -> (usize, usize) {
    let highest_bit = ((now.0 ^ deadline.0) | 1).ilog2() as usize;
    let level = (highest_bit / BITS_PER_LEVEL).min(LEVELS - 1);
    let slot = (deadline.0 >> (level * BITS_PER_LEVEL)) & SLOT_MASK;
    (level, slot as usize)
}

#[cfg(all(test, not(loom)))]
mod tests;
