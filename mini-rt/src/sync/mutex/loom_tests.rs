//! The lock under loom: its value is a cell of loom's, which sees who is in it, and when.

use super::*;
use crate::primitive::{UnsafeCell, thread};
use crate::sync::model::block_on;

#[test]
fn loom_what_one_guard_writes_the_next_reads() {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(|| {
        let mutex = Arc::new(Mutex::new(UnsafeCell::new(0)));
        let other = thread::spawn({
            let mutex = Arc::clone(&mutex);
            move || {
                let guard = block_on(mutex.lock_owned());
                guard.with_mut(|_| ());
            }
        });
        if let Ok(guard) = mutex.try_lock() {
            MutexGuard::map(guard, |cell| cell).with_mut(|_| ());
        }
        block_on(mutex.lock()).with_mut(|_| ());
        other.join().expect("no panic");
        mutex.try_lock().expect("it is free").with(|_| ());
    });
}
