//! Takes connections out of the backlog and gives each a task.
//!
//! One task for all listeners, so that "no longer accepting" is one thing to wait for. It joins the
//! hub on behalf of each client before the client's task exists: once this task is gone, the hub
//! knows every client there will ever be, and a shutdown reaches them all.
//!
//! What always holds:
//! 1. An error of one connection (it was gone before it was accepted) costs that connection only.
//! 2. Any other error, such as no file descriptor being left, stops accepting for a pause that
//!    doubles up to half a second. Clients wait in the backlog meanwhile; those inside are served.
//! 3. Trouble is logged once, when it starts, and once more when the backlog is empty again. A
//!    server at its limit that accepts one client whenever another leaves logs nothing between.

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
use super::connection::Connection;
use crate::runtime::{Listener, Runtime};

/// Connections taken in one poll before other tasks get their turn.
const ACCEPTS_PER_POLL: usize = 64;

/// The first pause when accepting fails for want of something; it doubles up to the last.
const PAUSE_FIRST: Duration = Duration::from_millis(20);

/// The longest pause: what a client waits at most once there is room again.
const PAUSE_LAST: Duration = Duration::from_millis(500);

/// Accepts until the sender of `until` is dropped.
pub(super) async fn accept<R: Runtime>(
    shared: Arc<Shared<R>>,
    listeners: Vec<R::Listener>,
    until: oneshot::Receiver<Infallible>,
) {
    let mut timer = pin!(shared.runtime.timer(Duration::ZERO));
    let mut acceptor = Acceptor { shared: shared.clone(), listeners, until, trouble: None };
    poll_fn(|cx| acceptor.poll(cx, timer.as_mut())).await;
}

/// The listeners, and whether they fail.
struct Acceptor<R: Runtime> {
    shared: Arc<Shared<R>>,
    listeners: Vec<R::Listener>,
    until: oneshot::Receiver<Infallible>,
    trouble: Option<Trouble>,
}

/// Accepting fails, and not for the fault of one connection.
struct Trouble {
    since: Duration,
    pause: Duration,
    /// Whether the timer is running; if not, accepting is being tried again.
    paused: bool,
}

impl<R: Runtime> Acceptor<R> {
    fn poll(&mut self, cx: &mut Context<'_>, mut timer: Pin<&mut R::Timer>) -> Poll<()> {
        if self.until.poll_unpin(cx).is_ready() {
            return Poll::Ready(());
        }
        for _ in 0..ACCEPTS_PER_POLL {
            if let Some(trouble) = self.trouble.as_mut().filter(|trouble| trouble.paused) {
                ready!(timer.as_mut().poll(cx));
                trouble.paused = false;
            }
            match self.poll_accept(cx) {
                Poll::Ready(Ok((stream, peer))) => {
                    if let Some(trouble) = &mut self.trouble {
                        trouble.pause = PAUSE_FIRST;
                    }
                    let connection = Connection::new(&self.shared, stream, peer);
                    self.shared.runtime.spawn(connection.run());
                }
                Poll::Ready(Err(error)) if is_of_one_connection(error.kind()) => {
                    log::debug!("a connection was gone before it was accepted: {error}");
                }
                Poll::Ready(Err(error)) => {
                    let pause = self.pause(&error);
                    self.shared.runtime.reset(timer.as_mut(), self.shared.runtime.now() + pause);
                }
                Poll::Pending => {
                    self.recover();
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

    /// Notes that accepting failed, and says how long to wait.
    fn pause(&mut self, error: &io::Error) -> Duration {
        let now = self.shared.runtime.now();
        let trouble = self.trouble.get_or_insert_with(|| {
            let clients = self.shared.clients.alive();
            log::warn!("cannot accept connections ({clients} are open): {error}; trying on");
            Trouble { since: now, pause: PAUSE_FIRST, paused: false }
        });
        let pause = trouble.pause;
        trouble.pause = (pause * 2).min(PAUSE_LAST);
        trouble.paused = true;
        pause
    }

    /// Nobody waits in a backlog: whatever was wrong is over.
    fn recover(&mut self) {
        if let Some(trouble) = self.trouble.take() {
            let after = self.shared.runtime.now().saturating_sub(trouble.since);
            log::info!("accepting connections again after {:.1} s", after.as_secs_f32());
        }
    }
}

/// Whether an error of `accept` tells of the connection that was to be accepted, as Linux does
/// with errors that were pending on it (`accept(2)`, "Error handling").
fn is_of_one_connection(kind: io::ErrorKind) -> bool {
    use io::ErrorKind::*;
    matches!(
        kind,
        ConnectionAborted
            | ConnectionReset
            | Interrupted
            | TimedOut
            | NetworkDown
            | NetworkUnreachable
            | HostUnreachable
            | PermissionDenied
    )
}
