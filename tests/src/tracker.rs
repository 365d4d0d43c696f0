//! Was each value dropped exactly once?

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

/// Hands out [`Token`]s and counts how many were made and dropped.
#[derive(Clone, Debug, Default)]
pub struct Tracker(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    made: AtomicUsize,
    dropped: AtomicUsize,
}

/// A value whose drop is counted by the [`Tracker`] that made it.
#[derive(Debug)]
pub struct Token(Arc<Counts>);

impl Tracker {
    /// Makes a value to be tracked.
    #[must_use]
    pub fn token(&self) -> Token {
        self.0.made.fetch_add(1, SeqCst);
        Token(Arc::clone(&self.0))
    }

    /// How many tokens were made.
    #[must_use]
    pub fn made(&self) -> usize {
        self.0.made.load(SeqCst)
    }

    /// How many drops were seen. A value dropped twice counts twice.
    #[must_use]
    pub fn dropped(&self) -> usize {
        self.0.dropped.load(SeqCst)
    }

    /// Whether each token that was made has been dropped, none of them twice.
    #[must_use]
    pub fn balanced(&self) -> bool {
        self.made() == self.dropped()
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        self.0.dropped.fetch_add(1, SeqCst);
    }
}

/// Runs a closure when it is dropped.
pub struct OnDrop<F: FnMut()>(pub F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

impl<F: FnMut()> std::fmt::Debug for OnDrop<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OnDrop")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leaked_token_is_noticed() {
        let tracker = Tracker::default();
        drop(tracker.token());
        assert!(tracker.balanced());
        std::mem::forget(tracker.token());
        assert!(!tracker.balanced());
    }
}
