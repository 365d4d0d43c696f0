//! How is a client or a channel named by a small number that is harmless when it is stale?
//!
//! Called by the hub, which keeps its clients and its channels in one [`Slots`] each.
//!
//! 1. An id names one value for ever: a slot's generation goes up when its value is removed, so an
//!    id of the past finds nothing.
//! 2. Insert, remove and look-up are O(1), without hashing.
//!
//! Rejected: the `slab` crate, which has no generations (a late disconnect could remove the next
//! client); ids that count up in a hash map (a hash for each recipient of each message).

use std::ops::{Index, IndexMut};

/// The place of a value and the generation of the place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct SlotId {
    /// Which slot.
    idx: u32,
    /// Which of the values that were in it.
    generation: u32,
}

impl SlotId {
    /// An id that no value ever has.
    pub(super) const NONE: Self = Self { idx: u32::MAX, generation: u32::MAX };
}

/// Values by [`SlotId`].
#[derive(Debug)]
pub(super) struct Slots<T> {
    /// Boxed, so that growing moves 16 bytes for each value, and a free slot costs as little.
    slots: Vec<Slot<T>>,
    /// The places without a value.
    free: Vec<u32>,
}

/// A place of [`Slots`].
#[derive(Debug)]
struct Slot<T> {
    /// How many values have been removed from it.
    generation: u32,
    /// The value, if there is one.
    value: Option<Box<T>>,
}

impl<T> Slots<T> {
    /// No values.
    pub(super) fn new() -> Self {
        Self { slots: Vec::new(), free: Vec::new() }
    }

    /// Puts in the value that `make` builds for the id that it will have.
    pub(super) fn insert_with(&mut self, make: impl FnOnce(SlotId) -> T) -> SlotId {
        let idx = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot { generation: 0, value: None });
            u32::try_from(self.slots.len() - 1).expect("fewer than 2^32 connections fit a machine")
        });
        let slot = &mut self.slots[idx as usize];
        let id = SlotId { idx, generation: slot.generation };
        slot.value = Some(Box::new(make(id)));
        id
    }

    /// Takes a value out.
    pub(super) fn remove(&mut self, id: SlotId) -> Option<Box<T>> {
        let slot = self.slots.get_mut(id.idx as usize)?;
        if slot.generation != id.generation {
            return None;
        }
        let value = slot.value.take()?;
        slot.generation = slot.generation.wrapping_add(1);
        self.free.push(id.idx);
        Some(value)
    }

    /// The value with this id, if it is still there.
    pub(super) fn get(&self, id: SlotId) -> Option<&T> {
        let slot = self.slots.get(id.idx as usize)?;
        slot.value.as_deref().filter(|_| slot.generation == id.generation)
    }

    /// As [`get`](Self::get), to change it.
    pub(super) fn get_mut(&mut self, id: SlotId) -> Option<&mut T> {
        let slot = self.slots.get_mut(id.idx as usize)?;
        slot.value.as_deref_mut().filter(|_| slot.generation == id.generation)
    }

    /// All values, in the order of their places.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.slots.iter().filter_map(|slot| slot.value.as_deref())
    }

    /// The ids of all values, in the order of their places.
    pub(super) fn ids(&self) -> impl Iterator<Item = SlotId> {
        let taken = self.slots.iter().zip(0..).filter(|(slot, _)| slot.value.is_some());
        taken.map(|(slot, idx)| SlotId { idx, generation: slot.generation })
    }

    /// How many values there are.
    pub(super) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }
}

impl<T> Index<SlotId> for Slots<T> {
    type Output = T;

    /// For ids that the hub keeps for as long as the value is there.
    fn index(&self, id: SlotId) -> &T {
        self.get(id).expect("the id of a value that is still there")
    }
}

impl<T> IndexMut<SlotId> for Slots<T> {
    fn index_mut(&mut self, id: SlotId) -> &mut T {
        self.get_mut(id).expect("the id of a value that is still there")
    }
}
