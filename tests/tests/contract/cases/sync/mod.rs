//! The promises of channels and locks, which hold on any runtime: mini-rt's run on Tokio too.
//!
//! What drops a future at an await polls it by hand before: a future that was polled once and is
//! dropped has been there.

use super::{check_async, rt};

mod mpsc;
mod mpsc_ends;
mod oneshot;
