//! How do tests that share what a process has only once keep out of each other's way?

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Waits until no other test of this process holds its turn. One that panicked has ended it.
pub fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}
