//! The last value of something that changes, to all who want to know.
//!
//! ```
//! use mini_rt::sync::watch;
//!
//! # mini_rt::runtime::Runtime::new()?.block_on(async {
//! let (sender, mut receiver) = watch::channel("starting");
//! let task = mini_rt::spawn(async move {
//!     let mut seen = vec![*receiver.borrow_and_update()];
//!     while receiver.changed().await.is_ok() {
//!         seen.push(*receiver.borrow_and_update());
//!     }
//!     seen
//! });
//! sender.send("running").unwrap();
//! drop(sender);
//! assert_eq!(task.await.unwrap().last(), Some(&"running"), "not each value, but the last");
//! # });
//! # std::io::Result::Ok(())
//! ```
//!
//! Receivers see that the value has changed since they last looked, and the value as it is now; what
//! came in between they do not. For every value, see [`broadcast`](super::broadcast).
//!
//! The value is under a lock for reading and writing: a [`Ref`] holds it, so it is kept for a short
//! time, and never across an `await`. While one is there, a send waits, and the thread with it; two on
//! one thread may be a deadlock if a send comes in between.
//!
//! Receivers are no `Stream`s: whether one begins with the value that is there or with the next is
//! for the user to say (`futures::stream::unfold` around [`changed`](Receiver::changed)).
//!
//! Cost: a send that nobody waits for is three locked instructions, a look at what was seen is none.

mod chan;
pub mod error;
mod receiver;
mod sender;

pub use receiver::Receiver;
pub use sender::Sender;

use crate::primitive::RwLockReadGuard;
use std::ops::Deref;

/// Makes a channel with its first value, which the receiver has seen.
pub fn channel<T>(value: T) -> (Sender<T>, Receiver<T>) {
    let sender = Sender::new(value);
    let receiver = sender.subscribe();
    (sender, receiver)
}

/// The value, borrowed. Sends wait until it is dropped.
#[derive(Debug)]
#[must_use = "it is the value, and holds its lock"]
pub struct Ref<'a, T> {
    value: RwLockReadGuard<'a, T>,
    has_changed: bool,
}

impl<T> Ref<'_, T> {
    /// Whether the receiver that it was borrowed from had not seen it. `false` of a sender's.
    #[must_use]
    pub fn has_changed(&self) -> bool {
        self.has_changed
    }
}

impl<T> Deref for Ref<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

#[cfg(all(test, loom))]
mod loom_tests;
