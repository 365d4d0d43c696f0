//! Who wants to know what the value is.

use super::super::senders::Shared;
use super::Ref;
use super::chan::{Chan, Place};
use super::error::RecvError;
use crate::coop;
use std::fmt;
use std::future::poll_fn;

/// Sees the value, and waits for it to change. A clone has seen what this one has.
pub struct Receiver<T> {
    chan: Shared<Chan<T>>,
    place: Place,
}

impl<T> Receiver<T> {
    pub(super) fn new(chan: Shared<Chan<T>>, place: Place) -> Self {
        chan.add_receiver();
        Self { chan, place }
    }

    /// Borrows the value. It counts as seen only if it was before.
    pub fn borrow(&self) -> Ref<'_, T> {
        let value = self.chan.value.read();
        // Under the value's lock, so it is this value's version.
        let has_changed = self.chan.word().version() != self.place.seen;
        Ref { value, has_changed }
    }

    /// Borrows the value, which then is seen: [`changed`](Receiver::changed) waits for the next.
    pub fn borrow_and_update(&mut self) -> Ref<'_, T> {
        let value = self.chan.value.read();
        let version = self.chan.word().version();
        let has_changed = std::mem::replace(&mut self.place.seen, version) != version;
        Ref { value, has_changed }
    }

    /// Whether there is a value that was not seen.
    ///
    /// # Errors
    ///
    /// If all senders are gone, even if the last value was not seen.
    pub fn has_changed(&self) -> Result<bool, RecvError> {
        let word = self.chan.word();
        if word.is_closed() { Err(RecvError(())) } else { Ok(word.version() != self.place.seen) }
    }

    /// Whether all senders are gone.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.chan.word().is_closed()
    }

    /// Makes the value one that was not seen, so that [`changed`](Receiver::changed) is ready.
    pub fn mark_changed(&mut self) {
        self.place.seen = self.chan.word().version().before();
    }

    /// Makes the value one that was seen.
    pub fn mark_unchanged(&mut self) {
        self.place.seen = self.chan.word().version();
    }

    /// Waits for a value that was not seen, which then it is. Ready at once if there is one.
    ///
    /// # Errors
    ///
    /// If all senders are gone, and the last value was seen.
    ///
    /// # Cancel safety
    ///
    /// Dropped at its await, it has marked nothing as seen.
    pub async fn changed(&mut self) -> Result<(), RecvError> {
        poll_fn(|cx| self.chan.poll_changed(&mut self.place, cx)).await
    }

    /// Waits for a value that `is_wanted`, and borrows it. Ready at once if the value is one, seen or
    /// not. All values that it has looked at are seen.
    ///
    /// ```
    /// # use mini_rt::sync::watch;
    /// # mini_rt::runtime::Runtime::new()?.block_on(async {
    /// let (sender, mut receiver) = watch::channel(0);
    /// let task = mini_rt::spawn(async move { receiver.wait_for(|n| *n > 2).await.map(|n| *n) });
    /// for n in 1..=3 {
    ///     sender.send(n).unwrap();
    /// }
    /// assert_eq!(task.await.unwrap().unwrap(), 3);
    /// # });
    /// # std::io::Result::Ok(())
    /// ```
    ///
    /// `is_wanted` runs under the value's lock: it must not send.
    ///
    /// # Errors
    ///
    /// If all senders are gone, and the last value is not wanted.
    ///
    /// # Cancel safety
    ///
    /// Dropped at its await, it has marked as seen only what it has looked at.
    pub async fn wait_for(
        &mut self,
        is_wanted: impl FnMut(&T) -> bool,
    ) -> Result<Ref<'_, T>, RecvError> {
        coop::cooperative(Self::wait_for_unpaid(&self.chan, &mut self.place, is_wanted)).await
    }

    async fn wait_for_unpaid<'a>(
        chan: &'a Chan<T>,
        place: &mut Place,
        mut is_wanted: impl FnMut(&T) -> bool,
    ) -> Result<Ref<'a, T>, RecvError> {
        let mut is_closed = false;
        loop {
            {
                let value = chan.value.read();
                let version = chan.word().version();
                let has_changed = std::mem::replace(&mut place.seen, version) != version;
                if (!is_closed || has_changed) && is_wanted(&value) {
                    return Ok(Ref { value, has_changed });
                }
            }
            if is_closed {
                return Err(RecvError(()));
            }
            // What came with the last sender is looked at once more.
            is_closed = poll_fn(|cx| chan.poll_changed_unpaid(place, cx)).await.is_err();
        }
    }

    /// Whether both see the same senders' value.
    #[must_use]
    pub fn same_channel(&self, other: &Self) -> bool {
        self.chan.is_same(&other.chan)
    }
}

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Self {
        Self::new(self.chan.clone(), Place::new(self.place.seen))
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.chan.remove_receiver(&mut self.place);
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").finish_non_exhaustive()
    }
}
