//! What may go to another thread, and what may be shared: by what the value in it may.
//!
//! Where mini-rt asks for less than Tokio (some guards) or for more (`broadcast`), there is no
//! row.

use super::rt;
use rt::sync::{
    MappedMutexGuard, Mutex, MutexGuard, OnceCell, OwnedMappedMutexGuard, OwnedMutexGuard,
    OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock, RwLockWriteGuard, mpsc, oneshot, watch,
};
use std::cell::Cell;
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::MutexGuard as StdGuard;

/// What a value may: of each pair whether it is `Send`, and whether it is `Sync`.
struct Both;
struct SendOnly(#[expect(dead_code, reason = "for what it is")] Cell<u8>);
struct SyncOnly(PhantomData<StdGuard<'static, ()>>);
struct Neither(#[expect(dead_code, reason = "for what it is")] Rc<u8>);

struct Probe<T: ?Sized>(PhantomData<T>);

trait Otherwise {
    const IS_SEND: bool = false;
    const IS_SYNC: bool = false;
}

impl<T: ?Sized> Otherwise for Probe<T> {}

// What is inherent goes before what is a trait's.
impl<T: ?Sized + Send> Probe<T> {
    const IS_SEND: bool = true;
}

impl<T: ?Sized + Sync> Probe<T> {
    const IS_SYNC: bool = true;
}

macro_rules! flags {
    ($type:ty) => {
        match (<Probe<$type>>::IS_SEND, <Probe<$type>>::IS_SYNC) {
            (true, true) => "both",
            (true, false) => "send",
            (false, true) => "sync",
            (false, false) => "neither",
        }
    };
}

/// Four words for each type: of a value that is both, `Send`, `Sync`, and neither.
macro_rules! table {
    ($name:ident, $value:ident: $($type:ty => $($expected:ident)*;)*) => {
        #[test]
        fn $name() {
            $(
                let found = [
                    { type $value = Both; flags!($type) },
                    { type $value = SendOnly; flags!($type) },
                    { type $value = SyncOnly; flags!($type) },
                    { type $value = Neither; flags!($type) },
                ];
                assert_eq!(found, [$(stringify!($expected)),*], "{}", stringify!($type));
            )*
        }
    };
}

table! { locks, T:
    Mutex<T> => both both neither neither;
    MutexGuard<'static, T> => both send neither neither;
    MappedMutexGuard<'static, T> => both send sync neither;
    OwnedMutexGuard<T> => both send neither neither;
    OwnedMappedMutexGuard<T> => both send neither neither;
    RwLock<T> => both send neither neither;
    RwLockWriteGuard<'static, T> => both neither neither neither;
    OwnedRwLockReadGuard<T> => both neither neither neither;
    OwnedRwLockWriteGuard<T> => both neither neither neither;
    OnceCell<T> => both send neither neither;
}

table! { channels, T:
    mpsc::Sender<T> => both both neither neither;
    mpsc::WeakSender<T> => both both neither neither;
    mpsc::Receiver<T> => both both neither neither;
    mpsc::Permit<'static, T> => both both neither neither;
    mpsc::PermitIterator<'static, T> => both both neither neither;
    mpsc::OwnedPermit<T> => both both neither neither;
    mpsc::UnboundedSender<T> => both both neither neither;
    mpsc::WeakUnboundedSender<T> => both both neither neither;
    mpsc::UnboundedReceiver<T> => both both neither neither;
    oneshot::Sender<T> => both both neither neither;
    oneshot::Receiver<T> => both both neither neither;
    watch::Sender<T> => both neither neither neither;
    watch::Receiver<T> => both neither neither neither;
    watch::Ref<'static, T> => sync neither sync neither;
}

table! { tasks, T:
    rt::task::JoinHandle<T> => both both neither neither;
    rt::task::JoinSet<T> => both both neither neither;
}
