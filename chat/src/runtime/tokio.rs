//! [`Runtime`] on Tokio, in both flavours: forwarding, and the epoch of its clock.

use std::future::Future;
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use ::tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use ::tokio::net::{TcpListener, TcpStream};
use ::tokio::runtime::{Builder, Handle, Runtime as Owned};
use ::tokio::time::{Instant, Sleep, sleep_until};

use super::{Executor, Listener, Runtime, Stream};

/// A Tokio runtime.
#[derive(Debug)]
pub struct Tokio {
    owned: Owned,
    handle: TokioHandle,
}

impl Tokio {
    /// Tokio's multi-thread scheduler as it comes, with `workers` threads.
    ///
    /// # Errors
    /// What the operating system says when threads or the poller cannot be had.
    pub fn multi_thread(workers: usize) -> io::Result<Self> {
        let owned = Builder::new_multi_thread().worker_threads(workers).enable_all().build()?;
        Ok(Self::new(owned))
    }

    /// Tokio's multi-thread scheduler with what its builder offers, as far as that does not cost this
    /// server more: a busy worker looks at the driver half as often as by default, after 127 tasks.
    ///
    /// Tried on two shared cores, two workers, rooms of ten in a closed loop; CPU for each delivery
    /// relative to the default, medians at 100 and 1,000 clients. The rounds spread by 0.1 and more,
    /// so none of it is a gain that is shown; what costs more in each series is left out.
    ///
    /// | setting | rounds | 100 | 1,000 |
    /// |---|--:|--:|--:|
    /// | `event_interval(127)` | 6 and 9 | 0.98, 1.01 | 0.97, 0.98 |
    /// | `event_interval(255)` | 9 | 1.05 | 1.03 |
    /// | `event_interval(31)` | 6 | 1.01 | 1.07 |
    /// | `event_interval(31)`, `max_io_events_per_tick(256)` | 6 and 9 | 0.95, 1.01 | 1.07, 1.03 |
    /// | `event_interval(15)`, `max_io_events_per_tick(64)` | 6 | 1.03 | 1.08 |
    /// | `max_io_events_per_tick(256)`, a worker's queue | 6 | 1.00 | 1.00 |
    /// | `max_io_events_per_tick(4096)` | 6 | 1.07 | 1.04 |
    /// | `max_io_events_per_tick(128)`, `max_io_events_per_busy_tick(8)`: its documentation's | 3 | 1.13 | 1.02 |
    /// | `global_queue_interval(127)` | 6 | 1.06 | 1.07 |
    ///
    /// `disable_lifo_slot` and `enable_eager_driver_handoff` are behind Tokio's unstable flag.
    ///
    /// # Errors
    /// What the operating system says when threads or the poller cannot be had.
    pub fn tuned(workers: usize) -> io::Result<Self> {
        let owned = Builder::new_multi_thread()
            .worker_threads(workers)
            .event_interval(127)
            .enable_all()
            .build()?;
        Ok(Self::new(owned))
    }

    /// Tokio's current-thread scheduler: tasks run inside [`Executor::block_on`].
    ///
    /// # Errors
    /// What the operating system says when the poller cannot be had.
    pub fn current_thread() -> io::Result<Self> {
        Ok(Self::new(Builder::new_current_thread().enable_all().build()?))
    }

    fn new(owned: Owned) -> Self {
        let handle = TokioHandle { handle: owned.handle().clone(), epoch: Instant::now() };
        Self { owned, handle }
    }
}

impl Executor for Tokio {
    type Runtime = TokioHandle;

    fn runtime(&self) -> &TokioHandle {
        &self.handle
    }

    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.owned.block_on(future)
    }
}

/// A handle to a Tokio runtime.
#[derive(Clone, Debug)]
pub struct TokioHandle {
    handle: Handle,
    epoch: Instant,
}

impl Runtime for TokioHandle {
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
        let mut buf = ReadBuf::new(into);
        AsyncRead::poll_read(Pin::new(self), cx, &mut buf).map_ok(|()| buf.filled().len())
    }

    fn poll_write_vectored(
        &mut self,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        AsyncWrite::poll_write_vectored(Pin::new(self), cx, slices)
    }

    fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        AsyncWrite::poll_shutdown(Pin::new(self), cx)
    }
}
