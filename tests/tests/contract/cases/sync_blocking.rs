//! Waiting for a channel or a lock with a thread, where the thread runs tasks. (Apart from `sync/`: that a
//! thread runs tasks only its own runtime knows.)

use super::{check_async, rt};
use rt::sync::{Mutex, RwLock, Semaphore, mpsc, oneshot};
use std::sync::Arc;
use tests::caught::caught;

#[test]
fn a_task_that_blocks_its_thread_panics_at_its_own_line() {
    check_async(async || {
        let (sender, receiver) = oneshot::channel::<u32>();
        assert_eq!(caught(|| receiver.blocking_recv()).file, file!());
        drop(sender);
        let (sender, mut receiver) = mpsc::channel::<u32>(1);
        assert_eq!(caught(|| receiver.blocking_recv()).file, file!());
        let task = rt::spawn(async move { caught(|| sender.blocking_send(1)).file });
        assert_eq!(task.await.unwrap(), file!());
        assert_eq!(receiver.recv().await, None, "nothing was sent");
    });
}

#[test]
fn a_blocking_call_may_wait_for_a_channel() {
    check_async(async || {
        let (sender, receiver) = oneshot::channel();
        let call = rt::task::spawn_blocking(|| receiver.blocking_recv());
        sender.send(7).unwrap();
        assert_eq!(call.await.unwrap().unwrap(), 7);
    });
}

#[test]
fn to_block_on_a_lock_inside_of_a_task_panics_at_the_callers_line() {
    check_async(async || {
        let task = rt::spawn(async {
            let mutex = Arc::new(Mutex::new(1));
            let rwlock = RwLock::new(1);
            let semaphore = Semaphore::new(1);
            for caught in [
                caught(|| drop(mutex.blocking_lock())),
                caught(|| drop(mutex.clone().blocking_lock_owned())),
                caught(|| drop(rwlock.blocking_read())),
                caught(|| drop(rwlock.blocking_write())),
                caught(|| drop(semaphore.blocking_acquire())),
            ] {
                assert_eq!(caught.file, file!(), "{}", caught.message);
            }
            assert!(mutex.try_lock().is_ok() && rwlock.try_write().is_ok());
        });
        task.await.unwrap();
    });
}
