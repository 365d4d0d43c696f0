//! smol, as a third opinion: where both others are far from it, something else is being measured.
//!
//! smol is parts, so this puts them together as its documentation does: an executor that a few
//! threads run, each inside smol's `block_on`, which polls the sockets when the thread would sleep.
//! Nothing is boxed, and vectored writes are passed on. In the flavour of one thread the root's
//! thread runs the executor; smol's `LocalExecutor` is the same executor, without the demand that
//! tasks be `Send`.
//!
//! The server must end its tasks before the runtime is dropped if they hold a handle: an executor
//! that its own tasks keep alive is never freed.

use std::future::Future;
use std::io::{self, IoSlice};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use chat::runtime::{Executor, Listener, Runtime, Stream};
use smol::io::{AsyncRead, AsyncWrite};
use smol::{Async, Task, Timer, channel, future};

use crate::tasks::{Spawner, Tasks};

/// An executor, with the threads that run it.
#[derive(Debug)]
pub struct Smol {
    handle: SmolHandle,
    /// Nothing is sent: the threads end when it is dropped.
    stop: Option<channel::Sender<()>>,
    threads: Vec<JoinHandle<()>>,
}

impl Smol {
    /// With `workers` threads.
    ///
    /// # Errors
    /// What the operating system says when a thread cannot be had.
    pub fn multi_thread(workers: usize) -> io::Result<Self> {
        let mut smol = Self::current_thread();
        let (stop, stopped) = channel::bounded::<()>(1);
        smol.stop = Some(stop);
        for worker in 0..workers {
            let (executor, stopped) = (smol.handle.executor.clone(), stopped.clone());
            let name = format!("smol-{worker}");
            smol.threads.push(thread::Builder::new().name(name).spawn(move || {
                let _ = smol::block_on(executor.run(stopped.recv())); // an error: that is the end
            })?);
        }
        Ok(smol)
    }

    /// Without any: tasks run inside [`Executor::block_on`].
    pub fn current_thread() -> Self {
        let handle = SmolHandle { executor: Arc::default(), epoch: Instant::now() };
        Self { handle, stop: None, threads: Vec::new() }
    }
}

impl Drop for Smol {
    fn drop(&mut self) {
        drop(self.stop.take());
        for thread in self.threads.drain(..) {
            let _ = thread.join(); // a panic in there has been told by its hook
        }
    }
}

impl Executor for Smol {
    type Runtime = SmolHandle;

    fn runtime(&self) -> &SmolHandle {
        &self.handle
    }

    fn block_on<F: Future>(&self, future: F) -> F::Output {
        match self.threads.is_empty() {
            true => smol::block_on(self.handle.executor.run(future)),
            false => smol::block_on(future),
        }
    }
}

impl Spawner for Smol {
    type Tasks = SmolHandle;

    fn tasks(&self) -> SmolHandle {
        self.handle.clone()
    }
}

/// A handle to an executor.
#[derive(Clone, Debug)]
pub struct SmolHandle {
    executor: Arc<smol::Executor<'static>>,
    epoch: Instant,
}

impl Tasks for SmolHandle {
    type JoinHandle<T: Send + 'static> = Task<T>;

    fn spawn<T>(&self, task: impl Future<Output = T> + Send + 'static) -> Task<T>
    where
        T: Send + 'static,
    {
        self.executor.spawn(task)
    }

    fn spawn_outside<T>(&self, task: impl Future<Output = T> + Send + 'static) -> Task<T>
    where
        T: Send + 'static,
    {
        self.executor.spawn(task)
    }

    fn spawn_blocking<T>(&self, work: impl FnOnce() -> T + Send + 'static) -> Task<T>
    where
        T: Send + 'static,
    {
        smol::unblock(work)
    }

    fn join<T>(handle: Task<T>) -> impl Future<Output = T> + Send
    where
        T: Send + 'static,
    {
        handle
    }

    fn detach<T>(handle: Task<T>)
    where
        T: Send + 'static,
    {
        handle.detach();
    }

    fn yield_now() -> impl Future<Output = ()> + Send {
        future::yield_now()
    }

    fn sleep(duration: Duration) -> impl Future<Output = ()> + Send + 'static {
        SmolTimer(Timer::after(duration))
    }

    async fn timeout<F>(duration: Duration, future: F) -> Option<F::Output>
    where
        F: Future<Output: Send> + Send,
    {
        let late = async {
            Timer::after(duration).await;
            None
        };
        future::or(async { Some(future.await) }, late).await
    }
}

impl Runtime for SmolHandle {
    type Listener = SmolListener;
    type Stream = SmolStream;
    type Timer = SmolTimer;

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.executor.spawn(task).detach();
    }

    fn listener(&self, socket: TcpListener) -> io::Result<SmolListener> {
        Async::new_nonblocking(socket).map(SmolListener)
    }

    fn now(&self) -> Duration {
        self.epoch.elapsed()
    }

    fn timer(&self, deadline: Duration) -> SmolTimer {
        SmolTimer(Timer::at(self.epoch + deadline))
    }

    fn reset(&self, mut timer: Pin<&mut SmolTimer>, deadline: Duration) {
        timer.0.set_at(self.epoch + deadline);
    }
}

/// A timer whose output is nothing; smol's is the deadline.
#[derive(Debug)]
pub struct SmolTimer(Timer);

impl Future for SmolTimer {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.0).poll(cx).map(drop)
    }
}

/// A listening socket that smol's reactor watches.
#[derive(Debug)]
pub struct SmolListener(Async<TcpListener>);

impl Listener for SmolListener {
    type Stream = SmolStream;

    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<(SmolStream, SocketAddr)>> {
        loop {
            match self.0.get_ref().accept() {
                Ok((stream, peer)) => {
                    return Poll::Ready(Ok((SmolStream(Async::new(stream)?), peer)));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
            ready!(self.0.poll_readable(cx))?;
        }
    }
}

/// A connected socket that smol's reactor watches.
#[derive(Debug)]
pub struct SmolStream(Async<TcpStream>);

impl Stream for SmolStream {
    fn poll_read(&mut self, cx: &mut Context<'_>, into: &mut [u8]) -> Poll<io::Result<usize>> {
        AsyncRead::poll_read(Pin::new(&mut self.0), cx, into)
    }

    fn poll_write_vectored(
        &mut self,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        AsyncWrite::poll_write_vectored(Pin::new(&mut self.0), cx, slices)
    }

    fn poll_shutdown(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.0.get_ref().shutdown(Shutdown::Write))
    }
}
