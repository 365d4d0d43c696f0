//! How does a value go through calls that block, one after the other?
//!
//! It is lent to the blocking pool for each of them, and comes back with what the call says. Whoever
//! has it here may look into it; whoever finds it away waits for it first. Files, directories and
//! the standard output are such values, and so much of them as only one thread may touch.
//!
//! 1. At most one call is under way.
//! 2. A call goes on when nobody waits for it. It is whoever asks next who waits for it, and is told
//!    what it says.
//! 3. If it does not come back (the runtime is shut down before the call begins, or the call panics),
//!    an empty value is in its place.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use crate::runtime::{spawn_blocking, spawn_mandatory_blocking};
use crate::task::JoinHandle;

/// A value that is here, or with a call that says `R`.
#[derive(Debug)]
pub(crate) enum Lent<T, R> {
    Here(T),
    Away(JoinHandle<(T, R)>),
}

impl<T: Default, R> Default for Lent<T, R> {
    fn default() -> Self {
        Lent::Here(T::default())
    }
}

impl<T: Default + Send + 'static, R: Send + 'static> Lent<T, R> {
    /// The value, if no call has it.
    pub(crate) fn here(&mut self) -> Option<&mut T> {
        match self {
            Lent::Here(value) => Some(value),
            Lent::Away(_) => None,
        }
    }

    /// Waits for the call that is under way. `None`: there is none.
    ///
    /// An error says that it has not come back.
    pub(crate) fn poll_back(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Option<R>>> {
        let Lent::Away(call) = self else { return Poll::Ready(Ok(None)) };
        let (value, said) = match ready!(Pin::new(call).poll(cx)) {
            Ok((value, said)) => (value, Ok(Some(said))),
            Err(lost) => (T::default(), Err(io::Error::other(lost))),
        };
        *self = Lent::Here(value);
        Poll::Ready(said)
    }

    /// Lends the value, which is here, to a call on the blocking pool.
    ///
    /// # Panics
    /// Outside of a runtime.
    pub(crate) fn lend(&mut self, call: impl FnOnce(&mut T) -> R + Send + 'static) {
        let call = self.with_value(call);
        *self = Lent::Away(spawn_blocking(call));
    }

    /// Lends the value to a call that the shutdown of the runtime does not cancel.
    ///
    /// # Errors
    /// If the runtime is shut down already. The call is dropped.
    ///
    /// # Panics
    /// Outside of a runtime.
    pub(crate) fn lend_for_certain(
        &mut self,
        call: impl FnOnce(&mut T) -> R + Send + 'static,
    ) -> io::Result<()> {
        let call = self.with_value(call);
        let call = spawn_mandatory_blocking(call)
            .ok_or_else(|| io::Error::other("the runtime is shut down"))?;
        *self = Lent::Away(call);
        Ok(())
    }

    fn with_value<F: FnOnce(&mut T) -> R>(
        &mut self,
        call: F,
    ) -> impl FnOnce() -> (T, R) + use<T, R, F> {
        let mut value = std::mem::take(self.here().expect("it waits for the call before"));
        move || {
            let said = call(&mut value);
            (value, said)
        }
    }
}
