//! How many bytes of heap does a program hold?
//!
//! [`LiveHeap`] is the system's allocator with a count beside it. A program names it as its global
//! allocator and calls [`count`] first thing in `main`; one that does not call it pays a load and a
//! branch for each allocation, on every runtime alike.
//!
//! What is counted is what was asked for: not the allocator's own headers and rounding, which
//! resident memory shows.
//!
//! 1. The count is a sum of all threads, relaxed: it orders nothing, and is exact once they rest.
//! 2. What was allocated before [`count`] and is freed after it makes the count too small by that
//!    much. Called first, that is the few hundred bytes of the language's own start.
//!
//! Rejected: `stats_alloc` and its like, which always count, so the server that is timed would be
//! another one than people run; and reading the C library's own statistics, which leave out what is
//! cached per thread.

#![allow(unsafe_code, reason = "an allocator is an unsafe trait: see `LiveHeap`")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicIsize, Ordering::Relaxed};

static COUNTS: AtomicBool = AtomicBool::new(false);
static LIVE_BYTES: AtomicIsize = AtomicIsize::new(0);

/// Counts from now on, for the rest of the process.
pub fn count() {
    COUNTS.store(true, Relaxed);
}

/// The bytes allocated less those freed since [`count`]; zero if it was never called.
pub fn live_bytes() -> isize {
    LIVE_BYTES.load(Relaxed)
}

/// The system's allocator, with a count.
#[derive(Debug)]
pub struct LiveHeap;

impl LiveHeap {
    fn add(bytes: isize) {
        if COUNTS.load(Relaxed) {
            LIVE_BYTES.fetch_add(bytes, Relaxed);
        }
    }
}

/// A layout's size as a difference.
fn signed(bytes: usize) -> isize {
    bytes.cast_signed() // no layout is larger than `isize::MAX`
}

// SAFETY: every call is passed on as it came, and what the system's allocator answers is returned.
unsafe impl GlobalAlloc for LiveHeap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the conditions, which are the same.
        let memory = unsafe { System.alloc(layout) };
        if !memory.is_null() {
            Self::add(signed(layout.size()));
        }
        memory
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the conditions, which are the same.
        let memory = unsafe { System.alloc_zeroed(layout) };
        if !memory.is_null() {
            Self::add(signed(layout.size()));
        }
        memory
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller keeps the conditions, which are the same.
        let moved = unsafe { System.realloc(memory, layout, size) };
        if !moved.is_null() {
            Self::add(signed(size) - signed(layout.size()));
        }
        moved
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the conditions, which are the same.
        unsafe { System.dealloc(memory, layout) };
        Self::add(-signed(layout.size()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[global_allocator]
    static HEAP: LiveHeap = LiveHeap;

    /// The harness's other threads allocate a little meanwhile.
    const NOISE: isize = 64 << 10;

    fn is_about(bytes: isize, expected: isize) -> bool {
        (bytes - expected).abs() < NOISE
    }

    #[test]
    fn what_is_held_is_counted_and_what_is_freed_is_not() {
        assert_eq!(live_bytes(), 0, "nobody has asked for a count");
        count();
        let before = live_bytes();
        let mut held = vec![0_u8; 10 << 20];
        assert!(is_about(live_bytes() - before, 10 << 20));
        held.reserve_exact(20 << 20);
        assert!(is_about(live_bytes() - before, 30 << 20));
        held.truncate(1 << 20);
        held.shrink_to_fit();
        assert!(is_about(live_bytes() - before, 1 << 20));
        drop(held);
        assert!(is_about(live_bytes() - before, 0));
    }
}
