//! What stands for mio: a wait that ends by the bell or by its limit. There are no sockets.

use super::clock;
use mio::event::{Event, Source};
use shuttle::sync::{Arc, Condvar, Mutex, PoisonError};
use std::io;
use std::time::Duration;

/// See [`mio::Poll`].
#[derive(Debug)]
pub(crate) struct Poll(Registry);

/// See [`mio::Registry`].
#[derive(Debug)]
pub(crate) struct Registry(Arc<Bell>);

/// See [`mio::Waker`].
#[derive(Debug)]
pub(crate) struct Waker(Arc<Bell>);

/// See [`mio::Events`]. There are none but the bell's, which nobody can look at.
#[derive(Debug)]
pub(crate) struct Events {
    is_rung: bool,
}

/// The eventfd: rung once or more since the last wait ended.
#[derive(Debug, Default)]
struct Bell {
    is_rung: Mutex<bool>,
    changed: Condvar,
}

impl Poll {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self(Registry(Arc::default())))
    }

    pub(crate) fn registry(&self) -> &Registry {
        &self.0
    }

    /// Waits for the bell, or `timeout`.
    pub(crate) fn poll(
        &mut self,
        events: &mut Events,
        timeout: Option<Duration>,
    ) -> io::Result<()> {
        let bell = &*self.0.0;
        let until = timeout.map(|timeout| clock::now() + timeout);
        let mut is_rung = bell.is_rung.lock().unwrap_or_else(PoisonError::into_inner);
        while !*is_rung {
            let Some(until) = until else {
                is_rung = bell.changed.wait(is_rung).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            if clock::now() >= until {
                break;
            }
            drop(is_rung);
            clock::doze(until);
            is_rung = bell.is_rung.lock().unwrap_or_else(PoisonError::into_inner);
        }
        events.is_rung = std::mem::take(&mut *is_rung);
        Ok(())
    }
}

impl Waker {
    pub(crate) fn new(registry: &Registry, _: mio::Token) -> io::Result<Self> {
        Ok(Self(Arc::clone(&registry.0)))
    }

    pub(crate) fn wake(&self) -> io::Result<()> {
        *self.0.is_rung.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.changed.notify_one();
        Ok(())
    }
}

impl Registry {
    pub(crate) fn try_clone(&self) -> io::Result<Self> {
        Ok(Self(Arc::clone(&self.0)))
    }

    pub(crate) fn register(
        &self,
        _: &mut impl Source,
        _: mio::Token,
        _: mio::Interest,
    ) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(crate) fn deregister(&self, _: &mut impl Source) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

impl Events {
    pub(crate) fn with_capacity(_: usize) -> Self {
        Self { is_rung: false }
    }

    pub(crate) fn is_empty(&self) -> bool {
        !self.is_rung
    }
}

impl<'a> IntoIterator for &'a Events {
    type Item = &'a Event;
    type IntoIter = std::iter::Empty<&'a Event>;

    fn into_iter(self) -> Self::IntoIter {
        std::iter::empty()
    }
}
