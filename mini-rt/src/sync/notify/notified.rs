//! The future that waits for a notification.

use super::word::{Calls, State, Word};
use super::{Notify, Told, wake};
use crate::sync::wait_list::{Key, poll_taken};
use std::mem;
use std::ops::Deref;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// A wait for a notification: what [`Notify::notified`] returns.
///
/// Once it is ready it stays so, however often it is polled.
#[must_use = "futures do nothing unless you `.await` or poll them"]
#[derive(Debug)]
pub struct Notified<'a>(Wait<&'a Notify>);

/// A wait for a notification: what [`Notify::notified_owned`] returns.
///
/// Once it is ready it stays so, however often it is polled.
#[must_use = "futures do nothing unless you `.await` or poll them"]
#[derive(Debug)]
pub struct OwnedNotified(Wait<Arc<Notify>>);

/// A wait that reaches its [`Notify`] by `N`.
#[derive(Debug)]
pub(in crate::sync) struct Wait<N: Deref<Target = Notify>> {
    notify: N,
    /// How often all were called when this was made.
    calls: Calls,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    New,
    Waiting(Key),
    Done,
}

impl<'a> Notified<'a> {
    pub(super) fn new(notify: &'a Notify) -> Self {
        Self(Wait::new(notify))
    }

    /// Takes its place in the queue, or a notification that is there, without a task to wake. Whether
    /// it is ready: the next poll is then, too.
    ///
    /// For who looks, after that, whether it has to wait at all: what happens from here on is not
    /// missed, whether it is told by [`notify_one`](Notify::notify_one) or by
    /// [`notify_waiters`](Notify::notify_waiters).
    ///
    /// ```
    /// # let runtime = mini_rt::runtime::Runtime::new()?;
    /// # runtime.block_on(async {
    /// use mini_rt::sync::Notify;
    /// use std::pin::pin;
    ///
    /// let notify = Notify::new();
    /// let mut notified = pin!(notify.notified());
    /// assert!(!notified.as_mut().enable());
    /// notify.notify_one();
    /// assert!(notified.as_mut().enable());
    /// notified.await;
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn enable(mut self: Pin<&mut Self>) -> bool {
        self.0.poll(None).is_ready()
    }
}

impl OwnedNotified {
    pub(super) fn new(notify: Arc<Notify>) -> Self {
        Self(Wait::new(notify))
    }

    /// Takes its place in the queue, as [`Notified::enable`] does.
    pub fn enable(mut self: Pin<&mut Self>) -> bool {
        self.0.poll(None).is_ready()
    }
}

impl<N: Deref<Target = Notify>> Wait<N> {
    pub(in crate::sync) fn new(notify: N) -> Self {
        let calls = notify.word().calls();
        Self { notify, calls, stage: Stage::New }
    }

    pub(in crate::sync) fn notify(&self) -> &N {
        &self.notify
    }

    /// Without a waker, its place is all that it takes.
    pub(in crate::sync) fn poll(&mut self, waker: Option<&Waker>) -> Poll<()> {
        match &self.stage {
            Stage::New => self.begin(waker),
            Stage::Waiting(_) => self.poll_wait(waker),
            Stage::Done => Poll::Ready(()),
        }
    }

    fn begin(&mut self, waker: Option<&Waker>) -> Poll<()> {
        let calls = self.calls;
        let without_list = |word: Word| match word.state() {
            State::Notified => Ok(word.wait(calls)),
            _ if word.calls() != calls => Ok(word),
            _ => Err(()),
        };
        if self.notify.update(without_list).is_ok() {
            self.stage = Stage::Done;
            return Poll::Ready(());
        }
        // Who is told before there is a task only has to see it: nobody is woken.
        let waker = waker.unwrap_or(Waker::noop()).clone();
        let mut waiting = self.notify.waiting.lock();
        let before = self.notify.step(&waiting, |word| word.wait(calls));
        if before.calls() != calls || before.state() == State::Notified {
            self.stage = Stage::Done;
            return Poll::Ready(()); // The lock is let go before `waker` is dropped.
        }
        self.stage = Stage::Waiting(waiting.push(waker, Told::Nothing));
        Poll::Pending
    }

    fn poll_wait(&mut self, waker: Option<&Waker>) -> Poll<()> {
        let Stage::Waiting(key) = &self.stage else { unreachable!("it waits") };
        let mut waiting = match waker {
            Some(waker) => std::task::ready!(poll_taken(&self.notify.waiting, key, waker)),
            None => self.notify.waiting.lock(),
        };
        let (_told, is_queued) = waiting.get_mut(key);
        if is_queued {
            return Poll::Pending;
        }
        let Stage::Waiting(key) = mem::replace(&mut self.stage, Stage::Done) else {
            unreachable!("it waits")
        };
        let _told = waiting.remove(key);
        Poll::Ready(())
    }

    /// Gives up its place; what it was told, and nobody else, it tells the next.
    fn leave(&mut self, key: Key) {
        let mut waiting = self.notify.waiting.lock();
        let removed = waiting.remove(key);
        let waker = match removed.value {
            Told::One(which) => self.notify.notify_locked(&mut waiting, which),
            Told::Nothing | Told::All => None,
        };
        drop(waiting);
        wake(waker);
        drop(removed); // Its waker, without the lock.
    }
}

impl<N: Deref<Target = Notify>> Drop for Wait<N> {
    fn drop(&mut self) {
        if let Stage::Waiting(key) = mem::replace(&mut self.stage, Stage::Done) {
            self.leave(key);
        }
    }
}

impl Future for Notified<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.0.poll(Some(cx.waker()))
    }
}

impl Future for OwnedNotified {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.0.poll(Some(cx.waker()))
    }
}
