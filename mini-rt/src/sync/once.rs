//! A value that is stored once, or was there from the beginning.
//!
//! `std`'s `OnceLock` cannot be made with a value in a constant: one that is given then lies in its
//! place.

use crate::primitive::const_fn;
use std::sync::OnceLock;

#[derive(Debug)]
pub(super) enum Once<T> {
    Given(T),
    Stored(OnceLock<T>),
}

impl<T> Once<T> {
    const_fn! {
        pub(super) fn new() -> Self {
            Self::Stored(OnceLock::new())
        }
    }

    pub(super) fn get(&self) -> Option<&T> {
        match self {
            Self::Given(value) => Some(value),
            Self::Stored(value) => value.get(),
        }
    }

    pub(super) fn get_mut(&mut self) -> Option<&mut T> {
        match self {
            Self::Given(value) => Some(value),
            Self::Stored(value) => value.get_mut(),
        }
    }

    /// Stores the value; or gives it back, if there is one.
    pub(super) fn set(&self, value: T) -> Result<(), T> {
        match self {
            Self::Given(_) => Err(value),
            Self::Stored(stored) => stored.set(value),
        }
    }

    pub(super) fn into_inner(self) -> Option<T> {
        match self {
            Self::Given(value) => Some(value),
            Self::Stored(value) => value.into_inner(),
        }
    }
}
