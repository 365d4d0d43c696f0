//! The future that waits for permits.

use super::word::{Refusal, Word};
use super::{AcquireError, Semaphore};
use crate::coop;
use crate::primitive::MutexGuard;
use crate::sync::wait_list::{Key, Removed, WaitList, poll_taken};
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

/// Waits for permits of a [`Semaphore`]. Once it is ready, they are the caller's; until then its own,
/// and it gives them back when it is dropped.
#[must_use = "futures do nothing unless you `.await` or poll them"]
#[derive(Debug)]
pub(in crate::sync) struct Acquire<'a> {
    semaphore: &'a Semaphore,
    permits: u32,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    New,
    Waiting(Key),
    /// It has all permits, and may have to wait for its task's budget.
    Granted,
    Done,
}

impl<'a> Acquire<'a> {
    pub(super) fn new(semaphore: &'a Semaphore, permits: u32) -> Self {
        Self { semaphore, permits, stage: Stage::New }
    }

    fn poll_grant(&mut self, cx: &Context<'_>) -> Poll<Result<(), Refusal>> {
        let result = match &self.stage {
            Stage::New => match self.semaphore.take(self.permits as usize) {
                Err(Refusal::TooFew) => self.begin_wait(cx.waker().clone()),
                taken => Poll::Ready(taken),
            },
            Stage::Waiting(_) => self.poll_wait(cx.waker()),
            Stage::Granted => Poll::Ready(Ok(())),
            Stage::Done => unreachable!("polled after it was ready"),
        };
        match result {
            Poll::Ready(Ok(())) => self.stage = Stage::Granted,
            Poll::Ready(Err(_)) => self.stage = Stage::Done,
            Poll::Pending => {}
        }
        result
    }

    /// Looks again, under the lock, and waits if there are still too few.
    #[cold]
    fn begin_wait(&mut self, waker: Waker) -> Poll<Result<(), Refusal>> {
        let permits = self.permits as usize;
        let mut waiting = self.semaphore.waiting.lock();
        let before = self.semaphore.update(|word| match word.acquire(permits) {
            Err(Refusal::TooFew) => Ok(word.wait()),
            taken => taken,
        });
        let before: Word = match before {
            Ok(before) => before,
            Err(refusal) => return Poll::Ready(Err(refusal)),
        };
        if before.acquire(permits).is_ok() {
            return Poll::Ready(Ok(()));
        }
        let key = waiting.push(waker, permits - before.free());
        drop(waiting);
        self.stage = Stage::Waiting(key);
        Poll::Pending
    }

    fn poll_wait(&mut self, waker: &Waker) -> Poll<Result<(), Refusal>> {
        let semaphore = self.semaphore;
        let Stage::Waiting(key) = &self.stage else { unreachable!("it waits") };
        let waiting = ready!(poll_taken(&semaphore.waiting, key, waker));
        // Closed meanwhile: whatever it was given, it is told so, as who asks now is.
        let is_closed = semaphore.is_closed();
        Poll::Ready(if is_closed {
            self.leave(waiting);
            Err(Refusal::Closed)
        } else {
            self.stay(waiting);
            Ok(())
        })
    }

    /// Keeps what it was given, which is all, and leaves the list.
    fn stay(&mut self, mut waiting: MutexGuard<'_, WaitList<usize>>) {
        let Stage::Waiting(key) = mem::replace(&mut self.stage, Stage::Granted) else { return };
        let removed = waiting.remove(key);
        debug_assert_eq!(removed.value, 0, "an entry is taken when it has all, or at the close");
    }

    /// Leaves the list, and gives on what it was given.
    fn leave(&mut self, mut waiting: MutexGuard<'_, WaitList<usize>>) {
        let Stage::Waiting(key) = mem::replace(&mut self.stage, Stage::Done) else { return };
        let Removed { value: needed, waker } = waiting.remove(key);
        self.semaphore.give(waiting, self.permits as usize - needed);
        drop(waker); // Without the lock.
    }
}

impl Future for Acquire<'_> {
    type Output = Result<(), AcquireError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if ready!(self.poll_grant(cx)).is_err() {
            return Poll::Ready(Err(AcquireError(())));
        }
        // Asked for last, so that a task whose budget is used up does not lose its place.
        let progress = ready!(coop::poll_proceed(cx));
        progress.made_progress();
        self.stage = Stage::Done;
        Poll::Ready(Ok(()))
    }
}

impl Drop for Acquire<'_> {
    fn drop(&mut self) {
        match self.stage {
            Stage::New | Stage::Done => {}
            Stage::Waiting(_) => self.leave(self.semaphore.waiting.lock()),
            Stage::Granted => self.semaphore.release(self.permits as usize),
        }
    }
}
