//! What is written with unsafe code in `sync`, on plain threads and without a runtime: for what
//! watches memory, Miri above all (see ARCHITECTURE.md). What it does is the contract suite's.

use mini_rt::sync::{
    Barrier, CancellationToken, Mutex, MutexGuard, Notify, OnceCell, OwnedMappedMutexGuard,
    OwnedMutexGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock, RwLockReadGuard, SetOnce,
    oneshot, watch,
};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake};
use std::thread::{self, JoinHandle, Thread, spawn};

const THREADS: usize = 3;
const ROUNDS: usize = 4;

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    let (waker, mut future) = (Arc::new(Unpark(thread::current())).into(), pin!(future));
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        thread::park();
    }
}

/// Runs `f` on several threads, each with its number.
fn on_threads(f: impl Fn(usize) + Clone + Send + 'static) {
    let start = |idx| {
        let f = f.clone();
        spawn(move || f(idx))
    };
    let threads: Vec<JoinHandle<()>> = (0..THREADS).map(start).collect();
    for thread in threads {
        thread.join().expect("no panic");
    }
}

#[test]
fn the_guards_of_a_mutex() {
    let mutex = Arc::new(Mutex::new((0, String::new())));
    let shared = Arc::clone(&mutex);
    on_threads(move |_| {
        block_on(async {
            for _ in 0..ROUNDS {
                *MutexGuard::map(shared.lock().await, |value| &mut value.0) += 1;
                let owned = Arc::clone(&shared).lock_owned().await;
                let mut text = OwnedMutexGuard::map(owned, |value| &mut value.1);
                text.push('x');
                let first = OwnedMappedMutexGuard::try_map(text, |text| text.get_mut(..1));
                assert_eq!(&*first.expect("it is not empty"), "x");
            }
        });
    });
    let (count, text) = Arc::into_inner(mutex).expect("all have ended").into_inner();
    assert_eq!((count, text.len()), (THREADS * ROUNDS, THREADS * ROUNDS));
}

#[test]
fn the_guards_of_a_rwlock() {
    let lock = Arc::new(RwLock::new(vec![1]));
    on_threads(move |idx| {
        block_on(async {
            for _ in 0..ROUNDS {
                match idx {
                    0 => {
                        let mut all = lock.write().await;
                        all.push(0);
                        let first = RwLockReadGuard::map(all.downgrade(), |all| &all[0]);
                        assert_eq!(*first, 1);
                    }
                    1 => {
                        let all = Arc::clone(&lock).write_owned().await;
                        *OwnedRwLockWriteGuard::map(all, |all| &mut all[0]) = 1;
                    }
                    _ => {
                        let all = Arc::clone(&lock).read_owned().await;
                        assert_eq!(*OwnedRwLockReadGuard::map(all, |all| &all[0]), 1);
                        assert_eq!(lock.read().await[0], 1);
                    }
                }
            }
        });
    });
}

#[test]
fn a_value_that_crosses_threads_once() {
    for is_awaited in [true, false] {
        let (sender, receiver) = oneshot::channel();
        let thread = spawn(move || sender.send(Box::new(3)).is_ok());
        if is_awaited {
            assert_eq!(block_on(receiver).as_deref(), Ok(&3));
        } else {
            drop(receiver);
        }
        assert!(thread.join().expect("no panic") || !is_awaited);
    }
    let (cell, set) = (Arc::new(OnceCell::new()), Arc::new(SetOnce::new()));
    on_threads(move |_| {
        let _ = set.set("set".to_owned()); // By one of them.
        assert_eq!(block_on(set.wait()), "set");
        let init = || async { "init".to_owned() };
        assert_eq!(block_on(cell.get_or_init(init)), "init");
    });
}

#[test]
fn who_waits_is_told() {
    let (barrier, token) = (Arc::new(Barrier::new(THREADS)), CancellationToken::new());
    let (notify, (sender, receiver)) = (Arc::new(Notify::new()), watch::channel(String::new()));
    on_threads(move |idx| {
        block_on(async {
            let (child, mut receiver) = (token.child_token(), receiver.clone());
            let told = notify.notified();
            barrier.wait().await;
            if idx == 0 {
                sender.send_replace("last".to_owned());
                token.cancel();
                notify.notify_waiters();
            }
            child.cancelled().await;
            told.await;
            assert_eq!(*receiver.wait_for(|value| !value.is_empty()).await.unwrap(), *"last");
        });
    });
}
