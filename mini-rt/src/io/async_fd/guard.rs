//! What a wait for an [`AsyncFd`] ends with: a guard that clears what was seen, or an error.

use std::error::Error;
use std::fmt;
use std::io;
use std::os::fd::AsRawFd;

use super::AsyncFd;
use crate::reactor::{Event, Ready};

/// An [`AsyncFd`] that was seen ready.
///
/// Dropping it clears nothing.
#[must_use = "say whether it is still ready: `try_io`, `clear_ready` or `retain_ready`"]
pub struct AsyncFdReadyGuard<'a, T: AsRawFd> {
    pub(super) fd: &'a AsyncFd<T>,
    /// What was seen and is not cleared.
    pub(super) event: Option<Event>,
}

/// An [`AsyncFd`] that was seen ready, mutably.
///
/// Dropping it clears nothing.
#[must_use = "say whether it is still ready: `try_io`, `clear_ready` or `retain_ready`"]
pub struct AsyncFdReadyMutGuard<'a, T: AsRawFd> {
    pub(super) fd: &'a mut AsyncFd<T>,
    /// What was seen and is not cleared.
    pub(super) event: Option<Event>,
}

macro_rules! guard {
    ($Guard:ident, $try_ref:ty) => {
        impl<'a, T: AsRawFd> $Guard<'a, T> {
            /// Clears what was seen, unless an event came since: the next wait is for a new event.
            /// Only for who knows that the descriptor has run dry.
            pub fn clear_ready(&mut self) {
                self.clear_ready_matching(Ready::ALL);
            }

            /// [`clear_ready`](Self::clear_ready) for some of the flags.
            pub fn clear_ready_matching(&mut self, ready: Ready) {
                if let Some(mut event) = self.event.take() {
                    let left = event.ready - ready;
                    event.ready = event.ready & ready;
                    self.fd.io.consume(event);
                    event.ready = left;
                    self.event = (!left.is_empty()).then_some(event);
                }
            }

            /// Clears nothing: says so, where a guard is not used.
            pub fn retain_ready(&mut self) {}

            /// What was seen, but for what this guard has cleared.
            pub fn ready(&self) -> Ready {
                self.event.map_or(Ready::EMPTY, |event| event.ready)
            }

            /// Runs `f`, and clears what was seen if it returns `WouldBlock`.
            ///
            /// # Errors
            /// [`TryIoError`] if `f` returns `WouldBlock`; its other errors are inside.
            pub fn try_io<R>(
                &mut self,
                f: impl FnOnce($try_ref) -> io::Result<R>,
            ) -> Result<io::Result<R>, TryIoError> {
                match f(self.fd) {
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                        self.clear_ready();
                        Err(TryIoError(()))
                    }
                    result => Ok(result),
                }
            }
        }

        impl<T: AsRawFd + fmt::Debug> fmt::Debug for $Guard<'_, T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($Guard)).field("fd", &self.fd).finish()
            }
        }
    };
}

guard!(AsyncFdReadyGuard, &AsyncFd<T>);
guard!(AsyncFdReadyMutGuard, &mut AsyncFd<T>);

impl<'a, T: AsRawFd> AsyncFdReadyGuard<'a, T> {
    /// The [`AsyncFd`].
    pub fn get_ref(&self) -> &'a AsyncFd<T> {
        self.fd
    }

    /// The value.
    pub fn get_inner(&self) -> &'a T {
        self.fd.get_ref()
    }
}

impl<T: AsRawFd> AsyncFdReadyMutGuard<'_, T> {
    /// The [`AsyncFd`].
    pub fn get_ref(&self) -> &AsyncFd<T> {
        self.fd
    }

    /// The [`AsyncFd`], mutably.
    pub fn get_mut(&mut self) -> &mut AsyncFd<T> {
        self.fd
    }

    /// The value.
    pub fn get_inner(&self) -> &T {
        self.fd.get_ref()
    }

    /// The value, mutably.
    pub fn get_inner_mut(&mut self) -> &mut T {
        self.fd.get_mut()
    }
}

/// The operation would have blocked, and what was seen is cleared.
#[derive(Debug)]
pub struct TryIoError(());

/// A descriptor that the reactor did not take, with the value and the reason.
pub struct AsyncFdRegisterError<T> {
    pub(super) inner: T,
    pub(super) cause: io::Error,
}

impl<T> AsyncFdRegisterError<T> {
    /// The value and the reason.
    pub fn into_parts(self) -> (T, io::Error) {
        (self.inner, self.cause)
    }
}

impl<T> fmt::Display for AsyncFdRegisterError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cause.fmt(f)
    }
}

impl<T> fmt::Debug for AsyncFdRegisterError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cause.fmt(f)
    }
}

impl<T> Error for AsyncFdRegisterError<T> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.cause)
    }
}

impl<T> From<AsyncFdRegisterError<T>> for io::Error {
    fn from(error: AsyncFdRegisterError<T>) -> Self {
        error.cause
    }
}
