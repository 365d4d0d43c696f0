//! Every value to every receiver.
//!
//! ```
//! use mini_rt::sync::broadcast;
//!
//! # mini_rt::runtime::Runtime::new()?.block_on(async {
//! let (sender, mut first) = broadcast::channel(16);
//! let mut second = sender.subscribe();
//! sender.send("to all").unwrap();
//! assert_eq!(first.recv().await, Ok("to all"));
//! assert_eq!(second.recv().await, Ok("to all"));
//! # });
//! # std::io::Result::Ok(())
//! ```
//!
//! A channel keeps the last values, up to its capacity. A send never waits: it is the receiver that
//! is too slow who loses the oldest values, and is told how many by
//! [`Lagged`](error::RecvError::Lagged).
//!
//! A receiver is a [`Stream`](https://docs.rs/futures/0.3/futures/stream/trait.Stream.html) of `Result`s: of values, and of gaps.
//!
//! Cost: a send and a receive take one lock each. What owns something (a `String`) is put into one
//! allocation for all receivers, and cloned after the lock; what owns nothing (numbers) needs none,
//! and is cloned under the lock. The last receiver of a value gets the value itself.
//!
//! How it is built: one value with pure steps (`ring.rs`) under one lock. A user's `clone` that may
//! be long, or may use the channel, runs under no lock, by way of an `Arc`. So values have to be `Sync`
//! to be received by several threads, where Tokio, which clones under a lock of each value, asks for
//! `Send` alone. For numbers the `Arc` was most of the work: without it ten receivers took 0.6 of
//! the time (one thread).
//!
//! Rejected: a lock for each value, as Tokio's: a clone that is slow, or that sends to its own
//! channel, holds up or locks out the sender that comes round to the same place. A list of who waits
//! with an entry for each: waking a thousand takes as many steps under the lock, where taking all
//! wakers at once takes one.

pub mod error;
mod receiver;
mod ring;
mod sender;

pub use receiver::Receiver;
pub use sender::{Sender, WeakSender};

use super::senders::Ends;
use crate::primitive::Mutex;
use crate::primitive::atomic::AtomicUsize;
use ring::Ring;

/// Makes a channel that keeps the last values: `capacity` of them, rounded up to a power of two.
///
/// # Panics
///
/// If `capacity` is 0, or more than half of `usize`.
#[track_caller]
pub fn channel<T: Clone>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    let sender = Sender::new(capacity);
    let receiver = sender.subscribe();
    (sender, receiver)
}

struct Chan<T> {
    ring: Mutex<Ring<T>>,
    /// Where the ring ends, for receivers to guess whether they will have to wait.
    end: AtomicUsize,
}

impl<T> Chan<T> {
    fn new(ring: Ring<T>) -> Self {
        Self { ring: Mutex::new(ring), end: AtomicUsize::new(0) }
    }
}

impl<T> Ends for Chan<T> {
    fn end(&self) {
        let waiting = self.ring.lock().end();
        waiting.wake_all();
    }
}

#[cfg(all(test, loom))]
mod loom_tests;
