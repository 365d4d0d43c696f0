//! Where does a scheduled task wait for its worker?
//!
//! In the [`Local`] ring of a worker, from which the others steal, or in an [`Injector`]: the one that
//! takes what comes from outside, or that of a worker whose ring is full. Both hold
//! [`Runnable`](crate::task::Runnable)s and know nothing of who runs them; the ring knows nothing
//! of the injector.

mod injector;
mod local;

pub(crate) use injector::{Cause, Injector};
pub(crate) use local::{CAPACITY, Local, Stealer};
