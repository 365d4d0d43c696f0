//! [`Runtime`] on mini-rt, in both flavours: forwarding, and the epoch of its clock.

use std::future::Future;
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::io::{AsyncRead, AsyncWrite};
use mini_rt::net::{TcpListener, TcpStream};
use mini_rt::runtime::{Builder, Handle, Runtime as Owned};
use mini_rt::time::{Instant, Sleep, sleep_until};

use super::{Executor, Listener, Runtime, Stream};

/// A mini-rt runtime.
#[derive(Debug)]
pub struct Mini {
    owned: Owned,
    handle: MiniHandle,
}

impl Mini {
    /// mini-rt's multi-thread scheduler, with `workers` threads.
    ///
    /// # Errors
    /// What the operating system says when threads or the poller cannot be had.
    pub fn multi_thread(workers: usize) -> io::Result<Self> {
        Ok(Self::new(Builder::new_multi_thread().worker_threads(workers).enable_all().build()?))
    }

    /// mini-rt's current-thread scheduler: tasks run inside [`Executor::block_on`].
    ///
    /// # Errors
    /// What the operating system says when the poller cannot be had.
    pub fn current_thread() -> io::Result<Self> {
        Ok(Self::new(Builder::new_current_thread().enable_all().build()?))
    }

    fn new(owned: Owned) -> Self {
        let handle = MiniHandle { handle: owned.handle().clone(), epoch: Instant::now() };
        Self { owned, handle }
    }
}

impl Executor for Mini {
    type Runtime = MiniHandle;

    fn runtime(&self) -> &MiniHandle {
        &self.handle
    }

    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.owned.block_on(future)
    }
}

/// A handle to a mini-rt runtime.
#[derive(Clone, Debug)]
pub struct MiniHandle {
    handle: Handle,
    epoch: Instant,
}

impl Runtime for MiniHandle {
    type Listener = TcpListener;
    type Stream = TcpStream;
    type Timer = Sleep;

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        drop(self.handle.spawn(task)); // a dropped handle detaches: the task runs on
    }

    fn listener(&self, socket: std::net::TcpListener) -> io::Result<TcpListener> {
        TcpListener::from_std(socket)
    }

    fn now(&self) -> Duration {
        self.epoch.elapsed()
    }

    fn timer(&self, deadline: Duration) -> Sleep {
        sleep_until(self.epoch + deadline)
    }

    fn reset(&self, timer: Pin<&mut Sleep>, deadline: Duration) {
        timer.reset(self.epoch + deadline);
    }
}

impl Listener for TcpListener {
    type Stream = TcpStream;

    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
        TcpListener::poll_accept(self, cx)
    }
}

impl Stream for TcpStream {
    fn poll_read(&mut self, cx: &mut Context<'_>, into: &mut [u8]) -> Poll<io::Result<usize>> {
        AsyncRead::poll_read(Pin::new(self), cx, into)
    }

    fn poll_write_vectored(
        &mut self,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        AsyncWrite::poll_write_vectored(Pin::new(self), cx, slices)
    }

    fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        AsyncWrite::poll_close(Pin::new(self), cx)
    }
}
