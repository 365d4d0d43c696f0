//! Thread-locals of shuttle's coroutines, with the methods of `std`'s that the runtime uses.

use shuttle::thread::AccessError;
use std::cell::{Cell, RefCell};

pub(crate) struct LocalKey<T: 'static>(&'static shuttle::thread::LocalKey<T>);

macro_rules! shuttle_local {
    ($($(#[$attr:meta])* $vis:vis static $name:ident: $type:ty = const { $init:expr };)+) => {$(
        $(#[$attr])*
        $vis static $name: $crate::primitive::LocalKey<$type> = {
            ::shuttle::thread_local! { static KEY: $type = const { $init } }
            $crate::primitive::LocalKey::new(&KEY)
        };
    )+};
}

pub(crate) use shuttle_local;

impl<T> LocalKey<T> {
    pub(crate) const fn new(key: &'static shuttle::thread::LocalKey<T>) -> Self {
        Self(key)
    }

    pub(crate) fn try_with<R>(&self, f: impl FnOnce(&T) -> R) -> Result<R, AccessError> {
        self.0.try_with(f)
    }
}

impl<T> LocalKey<Cell<T>> {
    pub(crate) fn get(&self) -> T
    where
        T: Copy,
    {
        self.0.with(Cell::get)
    }

    pub(crate) fn set(&self, value: T) {
        self.0.with(|cell| cell.set(value));
    }

    pub(crate) fn replace(&self, value: T) -> T {
        self.0.with(|cell| cell.replace(value))
    }
}

impl<T> LocalKey<RefCell<T>> {
    pub(crate) fn set(&self, value: T) {
        let before = self.0.with(|cell| cell.replace(value));
        drop(before);
    }
}
