//! What [hyper] 1 asks of a runtime, given by mini-rt.
//!
//! hyper does HTTP and leaves three things to its user: bytes ([`Io`]), time ([`Timer`]) and tasks
//! ([`Executor`]). mini-rt's example `http` is a server made of them.
//!
//! It is a crate of its own because hyper brings Tokio's crate along (for a channel; it starts no
//! runtime of it), which is never to be in mini-rt's own build.

use std::cell::Cell;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use futures::io::{AsyncRead, AsyncWrite};
use hyper::rt::{self, ReadBufCursor};
use pin_project_lite::pin_project;

/// So many bytes are read at once at most: what hyper's buffer has at first.
const READ_BYTES_MAX: usize = 8 * 1024;

thread_local! {
    /// Where reads go. Empty while one is under way.
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

pin_project! {
    /// A stream of `futures::io` as one of hyper: a `TcpStream` of mini-rt, or what is built on it.
    ///
    /// A read passes through a buffer of the thread's, 8 KiB, since it has to be initialised for
    /// `futures::io` and hyper's is not: it costs a copy. Writes are forwarded, vectored ones too.
    #[derive(Debug)]
    pub struct Io<T> {
        #[pin]
        stream: T,
    }
}

impl<T> Io<T> {
    /// Wraps a stream.
    pub fn new(stream: T) -> Self {
        Self { stream }
    }

    /// The stream.
    pub fn get_ref(&self) -> &T {
        &self.stream
    }

    /// The stream.
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.stream
    }

    /// The stream.
    pub fn into_inner(self) -> T {
        self.stream
    }
}

impl<T: AsyncRead> rt::Read for Io<T> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut into: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        // Taken, not borrowed: a stream may be built on another `Io`, which then has one of its own.
        let mut bytes = SCRATCH.take();
        bytes.resize(READ_BYTES_MAX, 0);
        let wanted = into.remaining().min(READ_BYTES_MAX);
        let read = self.project().stream.poll_read(cx, &mut bytes[..wanted]);
        if let Poll::Ready(Ok(read)) = read {
            into.put_slice(&bytes[..read]);
        }
        SCRATCH.set(bytes);
        read.map_ok(|_| ())
    }
}

impl<T: AsyncWrite> rt::Write for Io<T> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.project().stream.poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().stream.poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().stream.poll_close(cx)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.project().stream.poll_write_vectored(cx, slices)
    }
}

/// Spawns hyper's tasks on the runtime that polls it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Executor;

impl<F> rt::Executor<F> for Executor
where
    F: Future<Output: Send> + Send + 'static,
{
    /// # Panics
    /// If there is no runtime here.
    fn execute(&self, task: F) {
        drop(mini_rt::spawn(task));
    }
}

/// mini-rt's timers, for hyper's timeouts: without one, `header_read_timeout` panics.
#[derive(Clone, Copy, Debug, Default)]
pub struct Timer;

impl rt::Timer for Timer {
    /// # Panics
    /// If there is no runtime here.
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn rt::Sleep>> {
        Box::pin(Sleep(mini_rt::time::sleep(duration)))
    }

    /// # Panics
    /// If there is no runtime here.
    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn rt::Sleep>> {
        Box::pin(Sleep(mini_rt::time::sleep_until(deadline.into())))
    }

    /// Keeps the timer, which costs next to nothing where the new deadline is later.
    fn reset(&self, sleep: &mut Pin<Box<dyn rt::Sleep>>, deadline: Instant) {
        match sleep.as_mut().downcast_mut_pin::<Sleep>() {
            Some(sleep) => Pin::new(&mut sleep.get_mut().0).reset(deadline.into()),
            None => *sleep = self.sleep_until(deadline),
        }
    }

    fn now(&self) -> Instant {
        mini_rt::time::Instant::now().into()
    }
}

struct Sleep(mini_rt::time::Sleep);

impl rt::Sleep for Sleep {}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.get_mut().0).poll(cx)
    }
}
