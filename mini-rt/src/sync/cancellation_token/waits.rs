//! The futures that wait for a cancellation.

use super::{CancellationToken, Node};
use crate::sync::Notify;
use crate::sync::notify::Wait;
use std::fmt;
use std::ops::Deref;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// A wait for a cancellation: what [`CancellationToken::cancelled`] returns.
///
/// Once it is ready it stays so, however often it is polled.
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct WaitForCancellationFuture<'a>(Wait<By<'a>>);

/// A wait for a cancellation: what [`CancellationToken::cancelled_owned`] returns.
///
/// Once it is ready it stays so, however often it is polled.
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct WaitForCancellationFutureOwned(Wait<ByOwned>);

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
        Self(Wait::new(By(&token.node)))
    }
}

impl WaitForCancellationFutureOwned {
    pub(super) fn new(token: CancellationToken) -> Self {
        Self(Wait::new(ByOwned(token.node)))
    }
}

/// The flag first: the call may have been before the wait was made.
fn poll<N: Deref<Target = Notify>>(
    wait: &mut Wait<N>,
    is_cancelled: bool,
    cx: &Context<'_>,
) -> Poll<()> {
    if is_cancelled { Poll::Ready(()) } else { wait.poll(Some(cx.waker())) }
}

impl Future for WaitForCancellationFuture<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let is_cancelled = self.0.notify().0.is_cancelled();
        poll(&mut self.0, is_cancelled, cx)
    }
}

impl Future for WaitForCancellationFutureOwned {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let is_cancelled = self.0.notify().0.is_cancelled();
        poll(&mut self.0, is_cancelled, cx)
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
