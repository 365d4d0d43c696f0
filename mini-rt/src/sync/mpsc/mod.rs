//! Values from many tasks to one, first in, first out.
//!
//! ```
//! use mini_rt::sync::mpsc;
//!
//! # mini_rt::runtime::Runtime::new()?.block_on(async {
//! let (sender, mut receiver) = mpsc::channel(16);
//! for worker in 0..3 {
//!     let sender = sender.clone();
//!     drop(mini_rt::spawn(async move { sender.send(worker).await }));
//! }
//! drop(sender);
//! let mut sum = 0;
//! while let Some(value) = receiver.recv().await {
//!     sum += value;
//! }
//! assert_eq!(sum, 0 + 1 + 2, "and the channel ends with its last sender");
//! # });
//! # std::io::Result::Ok(())
//! ```
//!
//! A [`channel`] has a bound: a sender waits while it is full, so a receiver that is slow slows
//! its senders down. An [`unbounded_channel`] takes whatever comes, and its length is for the senders
//! to bound.
//!
//! Receivers are [`Stream`](https://docs.rs/futures/0.3/futures/stream/trait.Stream.html)s. Senders are no `Sink`s: a `Sink` keeps its place in
//! the queue from call to call, which [`Sender::reserve_owned`] does better. There is no
//! `send_timeout`, since this module knows no clock: a [`timeout`](crate::time::timeout) around
//! [`reserve`](Sender::reserve) loses no value.
//!
//! Cost: one allocation of 120 bytes for a channel that is idle, and one lock taken and left, two
//! locked instructions, for each send and each receive.
//!
//! How it is built: one value with pure steps (`state.rs`) under one lock (`chan.rs`).
//!
//! Rejected: a linked list of blocks with an atomic index, as Tokio's: six locked instructions for
//! a value that goes through a bounded channel, where this has four, and unsafe code.

mod bounded;
mod chan;
pub mod error;
mod permit;
mod receiver;
mod state;
mod unbounded;

pub use bounded::{Sender, WeakSender, channel};
pub use permit::{OwnedPermit, Permit, PermitIterator};
pub use receiver::Receiver;
pub use unbounded::{UnboundedReceiver, UnboundedSender, WeakUnboundedSender, unbounded_channel};

#[cfg(all(test, loom))]
mod loom_tests;
#[cfg(all(test, not(loom)))]
mod tests;
