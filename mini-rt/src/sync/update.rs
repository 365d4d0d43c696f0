//! The one loop by which a word changes that others change too.

use crate::primitive::Guess;
use crate::primitive::atomic::AtomicUsize;
use crate::primitive::atomic::Ordering::{AcqRel, Acquire};

/// Changes `word` by a pure step, which is tried again with what others have made of it meanwhile.
/// Returns what it was; or what the step says, which then has changed nothing.
///
/// An exchange with both orders, also if the step changes nothing: the edges of who calls this.
#[inline]
pub(super) fn update<E>(
    word: &AtomicUsize,
    step: impl Fn(usize) -> Result<usize, E>,
) -> Result<usize, E> {
    let mut before = word.guess();
    loop {
        match word.compare_exchange_weak(before, step(before)?, AcqRel, Acquire) {
            Ok(_) => return Ok(before),
            Err(actual) => before = actual,
        }
    }
}
