//! What the expansions of the macros name. Not for others: it changes without notice.

pub use crate::coop::poll_budget_available;
pub use futures::future::{MaybeDone, TryMaybeDone};
pub use mini_rt_macros::{join, select, try_join};
pub use std::future::{Future, IntoFuture, poll_fn};
pub use std::option::Option;
pub use std::pin::pin;
pub use std::result::Result;
pub use std::task::{Poll, ready};

use crate::primitive::thread_local;
use crate::util::Random;
use std::cell::Cell;
use std::hash::{BuildHasher, RandomState};

thread_local! {
    /// Where the next `select!` of this thread begins. `None` before the first.
    static RANDOM: Cell<Option<Random>> = const { Cell::new(None) };
}

/// Returns a number from zero up to, not including, `limit`, which is not zero.
pub fn random_below(limit: usize) -> usize {
    // Seeded by what `std` seeds its hash maps with: another order in each run.
    let seed = || RandomState::new().hash_one(0) >> 1;
    let random = RANDOM.replace(None).unwrap_or_else(|| Random::new(seed()));
    let number = random.below(limit);
    RANDOM.set(Some(random));
    number
}

/// A future and the place of its output, for `join!`.
pub fn maybe_done<F: IntoFuture>(future: F) -> MaybeDone<F::IntoFuture> {
    futures::future::maybe_done(future.into_future())
}

/// A future and the place of its output, for `try_join!`.
pub fn try_maybe_done<T, E, F>(future: F) -> TryMaybeDone<F::IntoFuture>
where
    F: IntoFuture<Output = Result<T, E>>,
{
    futures::future::try_maybe_done(future.into_future())
}
