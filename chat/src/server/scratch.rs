//! What a turn needs for a moment, kept per thread rather than per connection.
//!
//! An idle client holds no read buffer: its task borrows the thread's for the length of one read.
//! The same goes for the list of wakers that a message to a large channel fills.
//!
//! What always holds: a [`Loan`] is taken out of its slot, not borrowed from it. So code that runs
//! meanwhile may take one too (it gets a fresh one), and a panic loses a buffer, nothing more.

use std::cell::Cell;
use std::mem;
use std::ops::{Deref, DerefMut};
use std::task::Waker;
use std::thread::LocalKey;

/// Bytes that one read takes at most. Two things pull at it: the lines of one read are handled
/// under one lock (if they are quick) and reach each receiver in one write, which favours more; what
/// is not quick is kept by its client for another turn, which favours less. The fan-out bench would
/// move it.
pub(crate) const READ_BYTES_MAX: usize = 8 * 1024;

/// Wakers whose room is kept from turn to turn; a list that grew past this is given back.
const WAKERS_KEPT_MAX: usize = 16 * 1024;

thread_local! {
    static READ: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
    static WAKERS: Cell<Vec<Waker>> = const { Cell::new(Vec::new()) };
}

/// A list that goes back to its thread's slot when dropped.
pub(crate) struct Loan<T: 'static> {
    list: Vec<T>,
    slot: &'static LocalKey<Cell<Vec<T>>>,
    kept_max: usize,
}

/// Borrows this thread's read buffer: [`READ_BYTES_MAX`] bytes of earlier content.
pub(crate) fn read_buffer() -> Loan<u8> {
    let mut loan = Loan::take(&READ, READ_BYTES_MAX);
    loan.list.resize(READ_BYTES_MAX, 0); // does nothing from the second time on
    loan
}

/// Borrows this thread's list of wakers, empty.
pub(crate) fn wakers() -> Loan<Waker> {
    let mut loan = Loan::take(&WAKERS, WAKERS_KEPT_MAX);
    loan.list.clear();
    loan
}

impl<T> Loan<T> {
    fn take(slot: &'static LocalKey<Cell<Vec<T>>>, kept_max: usize) -> Self {
        // A thread that is being torn down has no slot any more: it gets a fresh list.
        Self { list: slot.try_with(Cell::take).unwrap_or_default(), slot, kept_max }
    }
}

impl<T> Drop for Loan<T> {
    fn drop(&mut self) {
        if self.list.capacity() <= self.kept_max {
            let list = mem::take(&mut self.list);
            let _ = self.slot.try_with(|slot| slot.set(list));
        }
    }
}

impl<T> Deref for Loan<T> {
    type Target = Vec<T>;

    fn deref(&self) -> &Vec<T> {
        &self.list
    }
}

impl<T> DerefMut for Loan<T> {
    fn deref_mut(&mut self) -> &mut Vec<T> {
        &mut self.list
    }
}
