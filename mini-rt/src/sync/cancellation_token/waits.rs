//! The futures that wait for a cancellation.

use super::{CancellationToken, Node};
use crate::sync::Notify;
use crate::sync::notify::Wait;
use pin_project_lite::pin_project;
use std::fmt;
use std::ops::Deref;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

pin_project! {
    /// A wait for a cancellation: what [`CancellationToken::cancelled`] returns.
    ///
    /// Once it is ready it stays so, however often it is polled.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct WaitForCancellationFuture<'a> {
        #[pin]
        wait: Wait<By<'a>>,
    }
}

pin_project! {
    /// A wait for a cancellation: what [`CancellationToken::cancelled_owned`] returns.
    ///
    /// Once it is ready it stays so, however often it is polled.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct WaitForCancellationFutureOwned {
        #[pin]
        wait: Wait<ByOwned>,
    }
}

/// Ways to a node's [`Notify`].
struct By<'a>(&'a Node);
struct ByOwned(Arc<Node>);

impl Deref for By<'_> {
    type Target = Notify;

    fn deref(&self) -> &Notify {
        &self.0.told
    }
}

impl Deref for ByOwned {
    type Target = Notify;

    fn deref(&self) -> &Notify {
        &self.0.told
    }
}

impl<'a> WaitForCancellationFuture<'a> {
    pub(super) fn new(token: &'a CancellationToken) -> Self {
        Self { wait: Wait::new(By(&token.node)) }
    }
}

impl WaitForCancellationFutureOwned {
    pub(super) fn new(token: CancellationToken) -> Self {
        Self { wait: Wait::new(ByOwned(token.node)) }
    }
}

/// The flag first: the call may have been before the wait was made.
fn poll<N: Deref<Target = Notify>>(
    wait: Pin<&mut Wait<N>>,
    is_cancelled: bool,
    cx: &Context<'_>,
) -> Poll<()> {
    if is_cancelled { Poll::Ready(()) } else { wait.poll(Some(cx.waker())) }
}

impl Future for WaitForCancellationFuture<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let is_cancelled = self.wait.notify().0.is_cancelled();
        poll(self.project().wait, is_cancelled, cx)
    }
}

impl Future for WaitForCancellationFutureOwned {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let is_cancelled = self.wait.notify().0.is_cancelled();
        poll(self.project().wait, is_cancelled, cx)
    }
}

impl fmt::Debug for WaitForCancellationFuture<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitForCancellationFuture").finish_non_exhaustive()
    }
}

impl fmt::Debug for WaitForCancellationFutureOwned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitForCancellationFutureOwned").finish_non_exhaustive()
    }
}
