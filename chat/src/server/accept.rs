//! Takes connections out of the backlog and gives each a task.
//!
//! One task for all listeners, so that "no longer accepting" is one thing to wait for. It joins the
//! hub on behalf of each client before the client's task exists: once this task is gone, the hub
//! knows every client there will ever be, and a shutdown reaches them all.
//!
//! What always holds:
//! 1. An error of one connection (it was gone before it was accepted) costs that connection only.
//! 2. Any other error, such as no file descriptor being left, stops accepting for a pause
//!    ([`Backoff`]). Clients wait in the backlog meanwhile; those inside are served.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures::FutureExt;
use futures::channel::oneshot;

use super::Shared;
use super::backoff::{Backoff, is_of_one_connection};
use super::connection::Connection;
use crate::runtime::{Listener, Runtime};

/// Connections taken in one poll before other tasks get their turn.
pub(crate) const ACCEPTS_PER_POLL: usize = 64;

/// Accepts until the sender of `until` is dropped.
pub(super) async fn accept<R: Runtime>(
    shared: Arc<Shared<R>>,
    listeners: Vec<R::Listener>,
    until: oneshot::Receiver<Infallible>,
) {
    let mut timer = pin!(shared.runtime.timer(Duration::ZERO));
    let backoff = Backoff::default();
    let mut acceptor =
        Acceptor { shared: shared.clone(), listeners, until, backoff, paused: false };
    poll_fn(|cx| acceptor.poll(cx, timer.as_mut())).await;
}

/// The listeners, and whether they fail.
struct Acceptor<R: Runtime> {
    shared: Arc<Shared<R>>,
    listeners: Vec<R::Listener>,
    until: oneshot::Receiver<Infallible>,
    backoff: Backoff,
    /// Whether the timer is running; if not, accepting is tried.
    paused: bool,
}

impl<R: Runtime> Acceptor<R> {
    fn poll(&mut self, cx: &mut Context<'_>, mut timer: Pin<&mut R::Timer>) -> Poll<()> {
        if self.until.poll_unpin(cx).is_ready() {
            return Poll::Ready(());
        }
        for _ in 0..ACCEPTS_PER_POLL {
            if self.paused {
                ready!(timer.as_mut().poll(cx));
                self.paused = false;
            }
            match self.poll_accept(cx) {
                Poll::Ready(Ok((stream, peer))) => {
                    self.backoff.accepted();
                    let connection = Connection::new(&self.shared, stream, peer);
                    self.shared.runtime.spawn(connection.run());
                }
                Poll::Ready(Err(error)) if is_of_one_connection(error.kind()) => {
                    log::debug!("a connection was gone before it was accepted: {error}");
                }
                Poll::Ready(Err(error)) => {
                    let (now, clients) = (self.shared.runtime.now(), self.shared.clients.alive());
                    let until = self.backoff.failed(now, &error, clients);
                    self.shared.runtime.reset(timer.as_mut(), until);
                    self.paused = true;
                }
                Poll::Pending => {
                    self.backoff.recovered(|| self.shared.runtime.now());
                    return Poll::Pending;
                }
            }
        }
        cx.waker().wake_by_ref(); // there may be more: after the others
        Poll::Pending
    }

    /// One connection of any listener. The one that was looked at first is looked at last next
    /// time, so a busy address does not starve another.
    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<(R::Stream, SocketAddr)>> {
        for _ in 0..self.listeners.len() {
            let polled = self.listeners[0].poll_accept(cx);
            self.listeners.rotate_left(1);
            if polled.is_ready() {
                return polled;
            }
        }
        Poll::Pending
    }
}
