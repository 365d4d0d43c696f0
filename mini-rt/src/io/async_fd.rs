//! How does a task wait for a file descriptor that the runtime knows nothing of?
//!
//! By the [`Io`] of every socket, over a source of mio that is a number. What was seen is cleared
//! by the caller, through a guard: nobody else knows whether an operation ran dry.
//!
//! 1. A guard clears what it saw, and nothing that came since.
//! 2. The descriptor is in the reactor exactly as long as the [`AsyncFd`] lives.

mod guard;

use std::fmt;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::task::{Context, Poll, ready};

use mio::event::Source;
use mio::unix::SourceFd;
use mio::{Registry, Token};

use super::source::{Io, more_may_follow};
use crate::reactor::{Direction, Interest, Kind};
use crate::runtime::context;

pub use guard::{AsyncFdReadyGuard, AsyncFdReadyMutGuard, AsyncFdRegisterError, TryIoError};

/// Waits for a file descriptor of any kind that the system's event queue takes: pipes, `timerfd`,
/// `inotify`, sockets of other libraries. (Regular files it does not take.)
///
/// The descriptor must be in non-blocking mode. It must be the value's own and stay the same while
/// it is in here. Dropping this takes it out of the reactor, then drops the value.
///
/// ```
/// # let runtime = mini_rt::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// use std::io::{Read, Write};
/// use std::os::unix::net::UnixStream;
/// use mini_rt::io::unix::AsyncFd;
///
/// let (near, mut far) = UnixStream::pair()?;
/// near.set_nonblocking(true)?;
/// let near = AsyncFd::new(near)?;
/// far.write_all(b"hello")?;
///
/// let mut buf = [0; 16];
/// let len = loop {
///     let mut guard = near.readable().await?;
///     match guard.try_io(|near| near.get_ref().read(&mut buf)) {
///         Ok(result) => break result?,
///         Err(_would_block) => {} // and is cleared: wait again
///     }
/// };
/// assert_eq!(&buf[..len], b"hello");
/// # Ok::<(), std::io::Error>(())
/// # })?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct AsyncFd<T: AsRawFd> {
    io: Io<Watched<T>>,
}

/// A value, as a source of the directions that are asked for.
struct Watched<T> {
    inner: T,
    interest: mio::Interest,
}

impl<T: AsRawFd> Source for Watched<T> {
    fn register(&mut self, to: &Registry, token: Token, _: mio::Interest) -> io::Result<()> {
        SourceFd(&self.inner.as_raw_fd()).register(to, token, self.interest)
    }

    fn reregister(&mut self, to: &Registry, token: Token, _: mio::Interest) -> io::Result<()> {
        SourceFd(&self.inner.as_raw_fd()).reregister(to, token, self.interest)
    }

    fn deregister(&mut self, from: &Registry) -> io::Result<()> {
        SourceFd(&self.inner.as_raw_fd()).deregister(from)
    }
}

impl<T: AsRawFd> AsyncFd<T> {
    /// Adds a descriptor to the reactor of the current runtime, for both directions.
    ///
    /// # Errors
    /// Those of the system: `PermissionDenied` (`EPERM`) for a regular file, `AlreadyExists` for
    /// one that is there already; also if the runtime is shut down. The value is dropped.
    ///
    /// # Panics
    /// If called outside of a runtime.
    #[track_caller]
    pub fn new(inner: T) -> io::Result<Self> {
        Self::with_interest(inner, Interest::READABLE | Interest::WRITABLE)
    }

    /// [`new`](Self::new) for the directions of `interest`; the others are never ready.
    ///
    /// # Errors
    /// As `new`.
    ///
    /// # Panics
    /// If called outside of a runtime.
    #[track_caller]
    pub fn with_interest(inner: T, interest: Interest) -> io::Result<Self> {
        Ok(Self::try_with_interest(inner, interest)?)
    }

    /// [`new`](Self::new), which hands the value back if it fails.
    ///
    /// # Errors
    /// As `new`, with the value.
    ///
    /// # Panics
    /// If called outside of a runtime.
    #[track_caller]
    pub fn try_new(inner: T) -> Result<Self, AsyncFdRegisterError<T>> {
        Self::try_with_interest(inner, Interest::READABLE | Interest::WRITABLE)
    }

    /// [`with_interest`](Self::with_interest), which hands the value back if it fails.
    ///
    /// # Errors
    /// As `new`, with the value.
    ///
    /// # Panics
    /// If called outside of a runtime.
    #[track_caller]
    pub fn try_with_interest(
        inner: T,
        interest: Interest,
    ) -> Result<Self, AsyncFdRegisterError<T>> {
        let interest = match (interest.is_readable(), interest.is_writable()) {
            (true, true) => mio::Interest::READABLE | mio::Interest::WRITABLE,
            (true, false) => mio::Interest::READABLE,
            _ => mio::Interest::WRITABLE,
        };
        match Io::try_register(Watched { inner, interest }, Kind::Stream, context::driver()) {
            Ok(io) => Ok(Self { io }),
            Err((Watched { inner, .. }, cause)) => Err(AsyncFdRegisterError { inner, cause }),
        }
    }

    /// The value.
    pub fn get_ref(&self) -> &T {
        &self.io.inner
    }

    /// The value. Its descriptor must stay what it is.
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.io.source_mut().inner
    }

    /// Takes the value out of the reactor.
    pub fn into_inner(self) -> T {
        // Leaving fails only for a descriptor that somebody else has closed.
        self.io.release().0.inner
    }

    /// Waits until `interest` is met. Any number of tasks may wait at once.
    ///
    /// The guard says what of it is, and is used to try an operation, or to clear what was seen:
    /// until that is done, the next wait ends at once.
    ///
    /// # Errors
    /// If the runtime is shut down.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing.
    pub async fn ready(&self, interest: Interest) -> io::Result<AsyncFdReadyGuard<'_, T>> {
        let event = Some(self.io.wait_for(interest).await?);
        Ok(AsyncFdReadyGuard { fd: self, event })
    }

    /// [`ready`](Self::ready) with a guard that gives the value mutably.
    ///
    /// # Errors
    /// If the runtime is shut down.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing.
    pub async fn ready_mut(
        &mut self,
        interest: Interest,
    ) -> io::Result<AsyncFdReadyMutGuard<'_, T>> {
        let event = Some(self.io.wait_for(interest).await?);
        Ok(AsyncFdReadyMutGuard { fd: self, event })
    }

    /// Runs `f` whenever `interest` is met, until it returns something other than `WouldBlock`.
    ///
    /// # Errors
    /// If the runtime is shut down; else those of `f`.
    ///
    /// # Cancel safety
    /// The future waits between calls of `f`, never amid one.
    pub async fn async_io<R>(
        &self,
        interest: Interest,
        mut f: impl FnMut(&T) -> io::Result<R>,
    ) -> io::Result<R> {
        self.io.async_io(interest, || f(self.get_ref())).await
    }

    /// [`async_io`](Self::async_io) with the value mutably.
    ///
    /// # Errors
    /// If the runtime is shut down; else those of `f`.
    ///
    /// # Cancel safety
    /// The future waits between calls of `f`, never amid one.
    pub async fn async_io_mut<R>(
        &mut self,
        interest: Interest,
        mut f: impl FnMut(&mut T) -> io::Result<R>,
    ) -> io::Result<R> {
        loop {
            let mut guard = self.ready_mut(interest).await?;
            if let Ok(result) = guard.try_io(|fd| f(fd.get_mut())) {
                return result;
            }
        }
    }

    /// Runs `f` once if `interest` is met now. If it returns `WouldBlock`, that is cleared.
    ///
    /// # Errors
    /// `WouldBlock` if nothing is known to be ready; else those of `f`.
    pub fn try_io<R>(
        &self,
        interest: Interest,
        f: impl FnOnce(&T) -> io::Result<R>,
    ) -> io::Result<R> {
        self.io.try_io(interest, more_may_follow, || f(self.get_ref()))
    }
}

/// The waits for one direction.
macro_rules! direction {
    ($ready:ident, $ready_mut:ident, $poll:ident, $poll_mut:ident, $interest:ident, $direction:ident) => {
        impl<T: AsRawFd> AsyncFd<T> {
            #[doc = concat!("[`ready`](Self::ready) for [`Interest::", stringify!($interest), "`].")]
            ///
            /// # Errors
            /// If the runtime is shut down.
            ///
            /// # Cancel safety
            /// Dropping the future loses nothing.
            pub async fn $ready(&self) -> io::Result<AsyncFdReadyGuard<'_, T>> {
                self.ready(Interest::$interest).await
            }

            #[doc = concat!("[`ready_mut`](Self::ready_mut) for [`Interest::", stringify!($interest), "`].")]
            ///
            /// # Errors
            /// If the runtime is shut down.
            ///
            /// # Cancel safety
            /// Dropping the future loses nothing.
            pub async fn $ready_mut(&mut self) -> io::Result<AsyncFdReadyMutGuard<'_, T>> {
                self.ready_mut(Interest::$interest).await
            }

            #[doc = concat!("[`", stringify!($ready), "`](Self::", stringify!($ready), ") as a poll.")]
            /// Only the waker of the last call for this direction is woken.
            ///
            /// # Errors
            /// If the runtime is shut down.
            pub fn $poll<'a>(
                &'a self,
                cx: &mut Context<'_>,
            ) -> Poll<io::Result<AsyncFdReadyGuard<'a, T>>> {
                let event = Some(ready!(self.io.poll_ready(cx, Direction::$direction))?);
                Poll::Ready(Ok(AsyncFdReadyGuard { fd: self, event }))
            }

            #[doc = concat!("[`", stringify!($ready_mut), "`](Self::", stringify!($ready_mut), ") as a poll.")]
            /// Only the waker of the last call for this direction is woken.
            ///
            /// # Errors
            /// If the runtime is shut down.
            pub fn $poll_mut<'a>(
                &'a mut self,
                cx: &mut Context<'_>,
            ) -> Poll<io::Result<AsyncFdReadyMutGuard<'a, T>>> {
                let event = Some(ready!(self.io.poll_ready(cx, Direction::$direction))?);
                Poll::Ready(Ok(AsyncFdReadyMutGuard { fd: self, event }))
            }
        }
    };
}

direction!(readable, readable_mut, poll_read_ready, poll_read_ready_mut, READABLE, Read);
direction!(writable, writable_mut, poll_write_ready, poll_write_ready_mut, WRITABLE, Write);

impl<T: AsRawFd> AsRawFd for AsyncFd<T> {
    fn as_raw_fd(&self) -> RawFd {
        self.get_ref().as_raw_fd()
    }
}

impl<T: AsRawFd + AsFd> AsFd for AsyncFd<T> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.get_ref().as_fd()
    }
}

impl<T: AsRawFd + fmt::Debug> fmt::Debug for AsyncFd<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncFd").field("inner", self.get_ref()).finish()
    }
}
