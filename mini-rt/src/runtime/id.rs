//! [`Id`]: what a runtime is called.

use std::fmt;
use std::num::NonZeroUsize;

/// Names a runtime or a [`LocalSet`](crate::task::LocalSet). Unique among those that exist; a later
/// one may have the id of an earlier one of which no handle is left.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Id(NonZeroUsize);

impl Id {
    /// The address of what its handles share.
    pub(crate) fn of<T>(shared: &T) -> Self {
        Self(std::ptr::NonNull::from(shared).addr())
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
