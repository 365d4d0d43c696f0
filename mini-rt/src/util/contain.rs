//! Where does a panic end that nobody is left to be told of?
//!
//! User code runs on threads that serve everyone: wakers, drops of futures and outputs. Its panic
//! must not end such a thread. The panic hook has told of it.

use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs code of the user's, whose panic ends here.
pub(crate) fn contain(f: impl FnOnce()) {
    let Err(payload) = catch_unwind(AssertUnwindSafe(f)) else { return };
    // The payload is the user's too. What its drop panics with is leaked: it might panic again.
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        mem::forget(payload);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::panic_any;

    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic_any(Bomb);
        }
    }

    #[test]
    fn a_payload_that_panics_when_it_is_dropped_ends_here_too() {
        contain(|| panic_any(Bomb));
    }
}
