//! How can a future that is not `Send` lie in a task, whose wakers go to every thread?
//!
//! What is sent between threads is the right to poll it, a word; whoever runs that must be on the
//! thread of the future. A scheduler of such tasks sees to that, and so that nothing rests on it, the
//! future is in a [`Stay`], which looks where it is.
//!
//! 1. The future is made, polled and dropped on one thread. Elsewhere a poll panics, and a drop does
//!    nothing but panic: the future is leaked. (Both panics end in the task, rule R5.)
//! 2. So an output is made on that thread. It is dropped there too, if nobody joins (R2); else it
//!    goes to the join handle, which can leave the thread only with an output that may.
//!
//! Rejected: `Runnable` in a kind that is not `Send`: the queue for wakes from other threads would
//! have to make it `Send` again, by unsafe code outside of this module.

use super::{JoinHandle, Runnable, Schedule, create_unchecked};
use crate::primitive::thread::{self, ThreadId};
use crate::primitive::thread_local;
use std::cell::Cell;
use std::mem::ManuallyDrop;
use std::pin::Pin;
use std::task::{Context, Poll};

thread_local! {
    /// The thread's id, where reading it is a load.
    static HERE: Cell<Option<ThreadId>> = const { Cell::new(None) };
}

fn here() -> ThreadId {
    HERE.get().unwrap_or_else(|| {
        let id = thread::current().id();
        HERE.set(Some(id));
        id
    })
}

/// As [`create`](super::create), of a future that stays on the calling thread, where each
/// [`Runnable`] of the task has to be run or dropped.
pub(crate) fn create_local<F, S>(future: F, scheduler: S) -> (Runnable, JoinHandle<F::Output>)
where
    F: Future + 'static,
    F::Output: 'static,
    S: Schedule,
{
    let stay = Stay { home: here(), future: ManuallyDrop::new(future) };
    // SAFETY: `Stay` polls and drops the future here only, wherever it is; and what follows from
    // that for the output is rule 2 of the module.
    unsafe { create_unchecked(stay, scheduler) }
}

/// A future that is at home on one thread.
///
/// Nothing takes a `&Stay`: that would be a shared reference to the future too, which by Stacked and
/// Tree Borrows ends those that the future has to what is in it. Fields are looked at alone.
struct Stay<F> {
    home: ThreadId,
    /// Pinned if this is.
    future: ManuallyDrop<F>,
}

impl<F: Future> Future for Stay<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        // SAFETY: the future is not moved out of its place, here or in `drop`.
        let stay = unsafe { self.get_unchecked_mut() };
        assert!(stay.home == here(), "a local task is polled on its own thread");
        // SAFETY: as above; it is pinned with what it lies in.
        let future = unsafe { Pin::new_unchecked(&mut *stay.future) };
        future.poll(cx)
    }
}

impl<F> Drop for Stay<F> {
    fn drop(&mut self) {
        assert!(self.home == here(), "a local task is dropped on its own thread");
        // SAFETY: dropped once, here, and in its place.
        unsafe { ManuallyDrop::drop(&mut self.future) };
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::task::{Ran, Waiting};
    use std::future::poll_fn;
    use std::marker::PhantomData;
    use std::pin::pin;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    use std::task::Waker;

    /// A scheduler that breaks its contract: its runnables go to other threads.
    struct Careless;

    impl Schedule for Careless {
        fn schedule(&self, _: Runnable) {
            unreachable!("nobody wakes the task");
        }

        fn own(&self, _: Waiting) -> Option<usize> {
            Some(0)
        }

        fn release(&self, _: usize) {}
    }

    /// Hands a task with a future that must not leave this thread to `elsewhere`, on another. What
    /// happens to the future, and whether its task says that something panicked.
    fn hand_over(elsewhere: fn(Runnable)) -> (usize, bool) {
        // No memory, so that none is leaked with it.
        static EVENTS: AtomicUsize = AtomicUsize::new(0);
        struct Counted(PhantomData<*const ()>);
        impl Drop for Counted {
            fn drop(&mut self) {
                EVENTS.fetch_add(1, Relaxed);
            }
        }
        let counted = Counted(PhantomData);
        let future = async move {
            EVENTS.fetch_add(1, Relaxed);
            drop(counted);
        };
        let (runnable, handle) = create_local(future, Careless);
        std::thread::spawn(move || elsewhere(runnable)).join().unwrap();
        let Poll::Ready(result) = pin!(handle).poll(&mut Context::from_waker(Waker::noop())) else {
            panic!("the task has ended");
        };
        (EVENTS.swap(0, Relaxed), result.unwrap_err().is_panic())
    }

    /// For Miri: a shared reference to the whole future, at a later poll or at its drop, would end the
    /// reference that the guard in it has.
    #[test]
    fn a_future_may_borrow_what_it_owns() {
        struct Guard<'a>(&'a mut usize);
        impl Drop for Guard<'_> {
            fn drop(&mut self) {
                *self.0 += 1;
            }
        }
        let waits = |polls| async move {
            let mut left = polls;
            let guard = Guard(&mut left);
            poll_fn(|cx| {
                cx.waker().wake_by_ref();
                *guard.0 -= 1;
                if *guard.0 == 0 { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
        };
        for (polls, is_dropped) in [(1, false), (3, false), (3, true)] {
            let (mut runnable, handle) = create_local(waits(polls), Careless);
            for _ in 1..polls {
                let Ran::Again(again) = runnable.run() else { panic!("it has woken itself") };
                runnable = again;
            }
            if is_dropped {
                drop(runnable);
            } else {
                assert!(matches!(runnable.run(), Ran::Complete));
            }
            drop(handle);
        }
    }

    #[test]
    fn elsewhere_a_future_is_neither_polled_nor_dropped() {
        let run = |runnable: Runnable| assert!(matches!(runnable.run(), Ran::Complete));
        assert_eq!(hand_over(run), (0, true));
        assert_eq!(hand_over(drop), (0, true));
    }
}
