//! The future that waits for a notification.

use super::Notify;
use super::waiting::{Place, Told};
use super::word::{Calls, State, Word};
use crate::sync::poll_waker::{PollWaker, Step, poll_under_with};
use crate::sync::wait_list::Key;
use pin_project_lite::pin_project;
use std::mem;
use std::ops::Deref;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

pin_project! {
    /// A wait for a notification: what [`Notify::notified`] returns.
    ///
    /// Once it is ready it stays so, however often it is polled.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    #[derive(Debug)]
    pub struct Notified<'a> {
        #[pin]
        wait: Wait<&'a Notify>,
    }
}

pin_project! {
    /// A wait for a notification: what [`Notify::notified_owned`] returns.
    ///
    /// Once it is ready it stays so, however often it is polled.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    #[derive(Debug)]
    pub struct OwnedNotified {
        #[pin]
        wait: Wait<Arc<Notify>>,
    }
}

pin_project! {
    /// A wait that reaches its [`Notify`] by `N`.
    #[derive(Debug)]
    pub(in crate::sync) struct Wait<N: Deref<Target = Notify>> {
        notify: N,
        // How often all were called when this was made.
        calls: Calls,
        stage: Stage,
        #[pin]
        place: Place,
    }

    impl<N: Deref<Target = Notify>> PinnedDrop for Wait<N> {
        fn drop(this: Pin<&mut Self>) {
            this.leave();
        }
    }
}

#[derive(Debug)]
enum Stage {
    New,
    Waiting(Key),
    Done,
}

impl<'a> Notified<'a> {
    pub(super) fn new(notify: &'a Notify) -> Self {
        Self { wait: Wait::new(notify) }
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
    pub fn enable(self: Pin<&mut Self>) -> bool {
        self.project().wait.poll(None).is_ready()
    }
}

impl OwnedNotified {
    pub(super) fn new(notify: Arc<Notify>) -> Self {
        Self { wait: Wait::new(notify) }
    }

    /// Takes its place in the queue, as [`Notified::enable`] does.
    pub fn enable(self: Pin<&mut Self>) -> bool {
        self.project().wait.poll(None).is_ready()
    }
}

impl<N: Deref<Target = Notify>> Wait<N> {
    pub(in crate::sync) fn new(notify: N) -> Self {
        let calls = notify.word().calls();
        Self { notify, calls, stage: Stage::New, place: Place::new() }
    }

    pub(in crate::sync) fn notify(&self) -> &N {
        &self.notify
    }

    /// Without a waker, its place is all that it takes.
    pub(in crate::sync) fn poll(self: Pin<&mut Self>, waker: Option<&Waker>) -> Poll<()> {
        let this = self.project();
        let (notify, place) = (&**this.notify, this.place.as_ref());
        match this.stage {
            Stage::New => *this.stage = begin(notify, *this.calls, place, waker),
            Stage::Waiting(key) => {
                ready!(poll_told(notify, key, &place, waker));
                *this.stage = Stage::Done;
            }
            Stage::Done => {}
        }
        if let Stage::Done = this.stage { Poll::Ready(()) } else { Poll::Pending }
    }

    /// Gives up its place; what it was told, and nobody else, it tells the next.
    fn leave(self: Pin<&mut Self>) {
        let this = self.project();
        let Stage::Waiting(key) = mem::replace(this.stage, Stage::Done) else { return };
        if this.place.told() == Told::Nothing {
            let mut waiting = this.notify.waiting.lock();
            if this.place.told() == Told::Nothing {
                let waker = waiting.remove(key);
                drop(waiting);
                drop(waker);
                return;
            }
        }
        if let Told::One(which) = this.place.told() {
            this.notify.notify(which);
        }
    }
}

/// The first poll.
fn begin(notify: &Notify, calls: Calls, place: Pin<&Place>, waker: Option<&Waker>) -> Stage {
    let without_list = |word: Word| match word.state() {
        State::Notified => Ok(word.wait(calls)),
        _ if word.calls() != calls => Ok(word),
        _ => Err(()),
    };
    if notify.update(without_list).is_ok() {
        return Stage::Done;
    }
    // Who is told before there is a task only has to see it: nobody is woken.
    let waker = waker.unwrap_or(Waker::noop()).clone();
    let mut waiting = notify.waiting.lock();
    let before = notify.step(&waiting, |word| word.wait(calls));
    if before.calls() != calls || before.state() == State::Notified {
        return Stage::Done; // The lock is let go before `waker` is dropped.
    }
    // SAFETY: `leave` does either before the wait is dropped, as it is `Waiting` from here on.
    Stage::Waiting(unsafe { waiting.push(place, waker) })
}

/// Any other, of one that waits.
fn poll_told(notify: &Notify, key: &Key, place: &Place, waker: Option<&Waker>) -> Poll<()> {
    if place.told() != Told::Nothing {
        return Poll::Ready(());
    }
    let Some(waker) = waker else { return Poll::Pending };
    poll_under_with(&notify.waiting, PollWaker::new(waker), |waiting, waker| match place.told() {
        Told::Nothing => waiting.keep_waker(key, waker),
        Told::One(_) | Told::All => Step::Ready(()),
    })
}

impl Future for Notified<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.project().wait.poll(Some(cx.waker()))
    }
}

impl Future for OwnedNotified {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.project().wait.poll(Some(cx.waker()))
    }
}
