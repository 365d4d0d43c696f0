//! How does a non-blocking operation become one that waits?
//!
//! By one pattern, which stands here once for every kind of socket: ask whether the source is
//! ready, and wait if it is not; attempt the system call; if the kernel says that it would block,
//! clear what was seen and wait again. [`Io`] is a source of mio together with its slot in the
//! reactor.
//!
//! 1. No attempt is made without an [`Event`] seen, and the clearing names that event, so that one
//!    that came in between survives.
//! 2. Being ready costs one unit of the poll's budget, whatever comes of the attempt: one that would
//!    block, again and again, must not keep the thread. Waiting costs nothing.
//! 3. A source is in the table of its reactor exactly as long as its `Io` lives.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::ops::Deref;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use mio::event::Source;

use crate::coop;
use crate::driver;
use crate::reactor::{Direction, Event, Interest, Kind, Ready, Registration};
use crate::runtime::context;

/// A source of events, registered with a reactor until it is dropped.
pub(crate) struct Io<S: Source> {
    /// Present until [`into_source`](Io::into_source) or drop takes it.
    source: Option<S>,
    registration: Registration,
    driver: Arc<driver::Handle>,
}

impl<S: Source> Io<S> {
    /// Registers `source` with the reactor of the current runtime. One system call.
    ///
    /// # Errors
    /// Those of the registration; also when the runtime is shut down.
    ///
    /// # Panics
    /// If there is no current runtime.
    #[track_caller]
    pub(crate) fn new(source: S, kind: Kind) -> io::Result<Io<S>> {
        Io::register(source, kind, context::driver())
    }

    /// Registers a source that came out of this one, with the same reactor.
    pub(crate) fn accepted<T: Source>(&self, source: T, kind: Kind) -> io::Result<Io<T>> {
        Io::register(source, kind, self.driver.clone())
    }

    /// Registers `source` with the reactor of a driver.
    pub(crate) fn register(
        source: S,
        kind: Kind,
        driver: Arc<driver::Handle>,
    ) -> io::Result<Io<S>> {
        Io::try_register(source, kind, driver).map_err(|(_, error)| error)
    }

    /// [`register`](Self::register), which hands the source back if it fails.
    pub(crate) fn try_register(
        mut source: S,
        kind: Kind,
        driver: Arc<driver::Handle>,
    ) -> Result<Io<S>, (S, io::Error)> {
        match driver.io.register(&mut source, kind) {
            Ok(registration) => Ok(Io { source: Some(source), registration, driver }),
            Err(error) => Err((source, error)),
        }
    }

    /// Takes the source out of the reactor.
    pub(crate) fn into_source(self) -> io::Result<S> {
        let (source, left) = self.release();
        left.map(|()| source)
    }

    /// Takes the source out of the reactor, and tells whether that went well. If not, it has left
    /// the table all the same.
    pub(crate) fn release(mut self) -> (S, io::Result<()>) {
        let mut source = self.source.take().expect(PRESENT);
        let left = self.driver.io.deregister(&mut source, self.registration.token);
        (source, left)
    }

    pub(crate) fn source_mut(&mut self) -> &mut S {
        self.source.as_mut().expect(PRESENT)
    }

    /// Clears what was seen, unless an event came since.
    pub(crate) fn consume(&self, event: Event) {
        self.registration.slot.consume(event);
    }

    /// Takes the source to be ready before the reactor says so. A wrong guess costs one attempt.
    pub(crate) fn assume(&self, ready: Ready) {
        self.registration.slot.assume(ready);
    }

    /// Waits until a direction is ready, as the one task that may.
    pub(crate) fn poll_ready(
        &self,
        cx: &mut Context<'_>,
        direction: Direction,
    ) -> Poll<io::Result<Event>> {
        let progress = ready!(coop::poll_proceed(cx));
        let event = ready!(self.registration.slot.poll_ready(cx, direction))?;
        progress.made_progress();
        Poll::Ready(Ok(event))
    }

    /// Attempts `f` whenever `direction` is ready, as the one task that may, until it does not
    /// block. `is_dry` tells of a result whether the kernel has nothing more for the moment.
    pub(crate) fn poll_io<R>(
        &self,
        cx: &mut Context<'_>,
        direction: Direction,
        is_dry: impl Fn(&R) -> bool,
        mut f: impl FnMut() -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        loop {
            let event = ready!(self.poll_ready(cx, direction))?;
            if let Some(result) = self.attempt(event, &is_dry, &mut f) {
                return Poll::Ready(result);
            }
        }
    }

    /// Attempts `f` whenever `interest` is met, as one of any number of tasks, until it does not
    /// block. Dropping the future between polls has done nothing to the source.
    pub(crate) async fn async_io<R>(
        &self,
        interest: Interest,
        mut f: impl FnMut() -> io::Result<R>,
    ) -> io::Result<R> {
        loop {
            let event = self.wait_for(interest).await?;
            if let Some(result) = self.attempt(event, more_may_follow, &mut f) {
                return result;
            }
        }
    }

    /// Waits until `interest` is met, as one of any number of tasks.
    pub(crate) async fn ready(&self, interest: Interest) -> io::Result<Ready> {
        Ok(self.wait_for(interest).await?.ready)
    }

    /// [`ready`](Self::ready), with what [`consume`](Self::consume) asks for.
    pub(crate) async fn wait_for(&self, interest: Interest) -> io::Result<Event> {
        let event = self.registration.slot.readiness(interest).await?;
        // The event may be out of date after a forced break: the attempt finds that out.
        poll_fn(coop::poll_proceed).await.made_progress();
        Ok(event)
    }

    /// Attempts `f` once if `interest` is met now.
    pub(crate) fn try_io<R>(
        &self,
        interest: Interest,
        is_dry: impl Fn(&R) -> bool,
        f: impl FnOnce() -> io::Result<R>,
    ) -> io::Result<R> {
        let blocked = || Err(io::ErrorKind::WouldBlock.into());
        match self.registration.slot.look(interest) {
            Poll::Pending => blocked(),
            Poll::Ready(event) => self.attempt(event?, is_dry, f).unwrap_or_else(blocked),
        }
    }

    /// `None`: it would have blocked.
    fn attempt<R>(
        &self,
        event: Event,
        is_dry: impl Fn(&R) -> bool,
        f: impl FnOnce() -> io::Result<R>,
    ) -> Option<io::Result<R>> {
        let result = match f() {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => None,
            result => Some(result),
        };
        if result.as_ref().is_none_or(|result| result.as_ref().is_ok_and(is_dry)) {
            self.consume(event);
        }
        result
    }
}

const PRESENT: &str = "the source is taken by `into_source` and drop alone";

impl<S: Source> Deref for Io<S> {
    type Target = S;
    fn deref(&self) -> &S {
        self.source.as_ref().expect(PRESENT)
    }
}

impl<S: Source + fmt::Debug> fmt::Debug for Io<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<S: Source> Drop for Io<S> {
    fn drop(&mut self) {
        if let Some(mut source) = self.source.take() {
            // It fails only for a descriptor that somebody else has closed; it has left the table.
            let _ = self.driver.io.deregister(&mut source, self.registration.token);
        }
    }
}

/// Whether the kernel's events are edges, so that a transfer that came back short has emptied (or
/// filled) the socket's buffer, and the next byte (or the next free space) is a new event. True of
/// epoll and kqueue; where mio falls back on `poll`, an event has to be provoked by a call that
/// would block.
const EVENTS_ARE_EDGES: bool = cfg!(any(
    target_os = "linux",
    target_os = "android",
    target_vendor = "apple",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd",
    target_os = "dragonfly",
));

/// Systems cap one transfer near 2^31 bytes: one that comes near it is no proof.
const TRANSFER_MAX_BYTES: usize = 1 << 30;

/// Systems cap the buffers of one vectored call: 1,024 on all those above.
const VECTORED_MAX_BUFS: usize = 1024;

/// For a stream transfer that was offered `len` bytes: whether one of `n` ran dry.
///
/// Nothing at all is no such sign: it is the end of the stream. (One exception is accepted, as
/// Tokio does: a read stops short at a TCP urgent mark; what follows is read with the next
/// segment.)
pub(crate) fn short_of(len: usize) -> impl Fn(&usize) -> bool {
    move |&n| EVENTS_ARE_EDGES && 0 < n && n < len && n < TRANSFER_MAX_BYTES
}

/// The length to compare with for a vectored transfer over buffers of these lengths. None, so that
/// nothing is short of it, if the system may not take them all.
pub(crate) fn total_len(lens: impl ExactSizeIterator<Item = usize>) -> usize {
    if lens.len() > VECTORED_MAX_BUFS { 0 } else { lens.fold(0, usize::saturating_add) }
}

/// For operations whose result says nothing of what the kernel still holds.
pub(crate) fn more_may_follow<R>(_: &R) -> bool {
    false
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn only_a_short_transfer_ran_dry() {
        assert_eq!(short_of(8)(&7), EVENTS_ARE_EDGES);
        assert!(!short_of(8)(&8), "the buffer was too small to know");
        assert!(!short_of(8)(&0), "the end of a stream stays readable");
        assert!(!short_of(0)(&0));
        assert!(!short_of(usize::MAX)(&TRANSFER_MAX_BYTES), "capped by the system");
    }

    #[test]
    fn a_vectored_transfer_is_short_of_all_its_buffers() {
        assert_eq!(short_of(total_len([4, 4].into_iter()))(&7), EVENTS_ARE_EDGES);
        assert!(!short_of(total_len([4, 4].into_iter()))(&8));
        assert!(!short_of(total_len(vec![1; 1025].into_iter()))(&1024), "capped by the system");
    }

    #[test]
    fn a_source_leaves_the_reactor_with_its_io() {
        let runtime = crate::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let io = || {
                let socket = mio::net::UdpSocket::bind(([127, 0, 0, 1], 0).into()).expect("a port");
                Io::new(socket, Kind::Endless).expect("registers")
            };
            let (dropped, taken) = (io(), io());
            let slots = [&dropped, &taken].map(|io| Arc::downgrade(&io.registration.slot));
            drop(dropped);
            let _socket = taken.into_source().expect("leaves");
            assert!(slots.iter().all(|slot| slot.upgrade().is_none()), "the table held them too");
        });
    }
}
