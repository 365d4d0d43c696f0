//! How long may one task keep its worker?
//!
//! Public as [`task::coop`](crate::task::coop), where Tokio has it.
//!
//! A task whose sockets, channels and timers are always ready would never return `Pending` by
//! itself. So each poll of a task has a budget of operations: a leaf future asks
//! [`poll_proceed`] before it does one, and when the budget is used up it is told `Pending`, with
//! the task woken, so that it goes to the back of the queue. The idea is Tokio's ("Reducing tail
//! latencies with automatic cooperative task yielding", 2020).
//!
//! 1. Only leaf futures ask, once per operation. An operation that made no progress costs nothing:
//!    it would otherwise eat up the budget of a poll that only looks around.
//! 2. Outside of a poll by this runtime (of a task, or of the root future) there is no limit.
//! 3. Where many tasks wait, each has less: the thread that runs them says how many there are, once
//!    for each turn of its driver ([`share_among`]). So a flood of ready sockets makes a timer late
//!    by some milliseconds, and not by as many as there are sockets. (Tokio's budget is always the
//!    same: 200 sockets that are always ready make a timer late by 9 to 35 ms here, in a build for
//!    tests.)

use crate::primitive::thread_local;
use pin_project_lite::pin_project;
use std::cell::Cell;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// Operations that one poll of a task may complete. 128 is Tokio's figure: small enough for a turn
/// of some tens of microseconds, large enough that a task rarely meets it. Moved by: TCP echo.
const BUDGET_OPS: u8 = 128;

/// So many operations, of a microsecond or less, may a round of all waiting tasks take; but each
/// has [`BUDGET_MIN_OPS`]. Moved by: timers under a flood of ready sockets.
const ROUND_OPS: usize = 2_048;

/// Fewer would make a poll's own cost show.
const BUDGET_MIN_OPS: u8 = 4;

thread_local! {
    /// What is left to the poll under way; `None` outside of a task.
    static LEFT: Cell<Option<u8>> = const { Cell::new(None) };
    /// What each poll begins with.
    static SHARE: Cell<u8> = const { Cell::new(BUDGET_OPS) };
}

/// Runs one poll of a task with a full budget.
pub(crate) fn with_budget<R>(poll: impl FnOnce() -> R) -> R {
    let _restore = RestoreGuard(LEFT.replace(Some(SHARE.get())));
    poll()
}

/// So many tasks wait for the calling thread: what it polls from now on has its share.
pub(crate) fn share_among(tasks: usize) {
    SHARE.set(share(tasks));
}

fn share(tasks: usize) -> u8 {
    let share = u8::try_from(ROUND_OPS / tasks.max(1)).unwrap_or(u8::MAX);
    share.clamp(BUDGET_MIN_OPS, BUDGET_OPS)
}

/// Runs code that is not a poll, inside of one, without a limit.
pub(crate) fn without_budget<R>(f: impl FnOnce() -> R) -> R {
    let _restore = RestoreGuard(LEFT.replace(None));
    f()
}

/// Asks to do one operation. `Pending`: the budget is used up, and the task has been woken.
///
/// For leaf futures: those that poll no other, and wait for something outside of their task. The operation
/// is paid for, unless the [`RestoreOnPending`] that is returned is dropped without a call to
/// [`made_progress`](RestoreOnPending::made_progress).
///
/// ```
/// # use std::collections::VecDeque;
/// # use std::task::{Context, Poll, ready};
/// fn poll_pop(queue: &mut VecDeque<u32>, cx: &mut Context<'_>) -> Poll<Option<u32>> {
///     let budget = ready!(mini_rt::task::coop::poll_proceed(cx));
///     let popped = queue.pop_front();
///     budget.made_progress();
///     Poll::Ready(popped)
/// }
/// # let cx = &mut Context::from_waker(std::task::Waker::noop());
/// # assert_eq!(poll_pop(&mut VecDeque::from([1]), cx), Poll::Ready(Some(1)));
/// ```
pub fn poll_proceed(cx: &mut Context<'_>) -> Poll<RestoreOnPending> {
    match LEFT.get() {
        None => Poll::Ready(RestoreOnPending::new(None)),
        Some(0) => {
            cx.waker().wake_by_ref();
            Poll::Pending
        }
        Some(left) => {
            LEFT.set(Some(left - 1));
            Poll::Ready(RestoreOnPending::new(Some(left)))
        }
    }
}

/// Asks whether there is budget left, and takes none. `Pending`: none is, and the task has been woken.
pub fn poll_budget_available(cx: &mut Context<'_>) -> Poll<()> {
    if has_budget_remaining() {
        return Poll::Ready(());
    }
    cx.waker().wake_by_ref();
    Poll::Pending
}

/// Whether the poll under way may do another operation. Outside of a task it may. Wakes nobody.
///
/// ```
/// # mini_rt::runtime::Runtime::new().expect("a runtime").block_on(async {
/// assert!(mini_rt::task::coop::has_budget_remaining());
/// # });
/// ```
pub fn has_budget_remaining() -> bool {
    LEFT.try_with(Cell::get).unwrap_or(None) != Some(0)
}

/// Does an operation that always makes progress: for long computations that wait for nothing.
///
/// It only yields when the budget is used up, so it may be called often.
///
/// ```
/// # mini_rt::runtime::Runtime::new().expect("a runtime").block_on(async {
/// async fn sum(numbers: impl Iterator<Item = u64>) -> u64 {
///     let mut sum = 0;
///     for number in numbers {
///         sum += number;
///         mini_rt::task::consume_budget().await;
///     }
///     sum
/// }
/// assert_eq!(sum(1..=1000).await, 500_500);
/// # });
/// ```
///
/// # Cancel safety
/// Nothing is lost when it is dropped.
pub async fn consume_budget() {
    poll_fn(|cx| poll_proceed(cx).map(|budget| budget.made_progress())).await;
}

/// Lets a future run without a budget: it never yields unless it has to wait.
///
/// Who always finds its channel or socket ready then keeps its thread, and starves the other tasks.
///
/// ```
/// # mini_rt::runtime::Runtime::new().expect("a runtime").block_on(async {
/// use mini_rt::task::{consume_budget, unconstrained};
///
/// let many = async { for _ in 0..1000 { consume_budget().await } };
/// unconstrained(many).await; // in one poll
/// # });
/// ```
pub fn unconstrained<F>(inner: F) -> Unconstrained<F> {
    Unconstrained { inner }
}

/// Makes each completion of a leaf future an operation of its task's budget.
///
/// ```
/// # mini_rt::runtime::Runtime::new().expect("a runtime").block_on(async {
/// let (sender, receiver) = futures::channel::oneshot::channel();
/// sender.send(1).expect("the receiver is there");
/// assert_eq!(mini_rt::task::coop::cooperative(receiver).await, Ok(1));
/// # });
/// ```
pub fn cooperative<F: Future>(fut: F) -> Coop<F> {
    Coop { fut }
}

pin_project! {
    /// The future of [`unconstrained`].
    #[must_use = "futures do nothing unless polled"]
    pub struct Unconstrained<F> {
        #[pin]
        inner: F,
    }
}

impl<F: Future> Future for Unconstrained<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        without_budget(|| self.project().inner.poll(cx))
    }
}

pin_project! {
    /// The future of [`cooperative`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct Coop<F> {
        #[pin]
        fut: F,
    }
}

impl<F: Future> Future for Coop<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let budget = ready!(poll_proceed(cx));
        let output = ready!(self.project().fut.poll(cx));
        budget.made_progress();
        Poll::Ready(output)
    }
}

/// Gives an operation's price back when dropped, unless it made progress. Of [`poll_proceed`].
#[derive(Debug)]
#[must_use = "call `made_progress` when the operation has completed"]
pub struct RestoreOnPending {
    before: Cell<Option<u8>>,
    /// The budget is its thread's.
    not_send: PhantomData<*mut ()>,
}

impl RestoreOnPending {
    fn new(before: Option<u8>) -> Self {
        Self { before: Cell::new(before), not_send: PhantomData }
    }

    /// Says that the operation has completed: it is paid for.
    pub fn made_progress(&self) {
        self.before.set(None);
    }
}

impl Drop for RestoreOnPending {
    fn drop(&mut self) {
        if let before @ Some(_) = self.before.get() {
            LEFT.set(before);
        }
    }
}

struct RestoreGuard(Option<u8>);

impl Drop for RestoreGuard {
    fn drop(&mut self) {
        LEFT.set(self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::task::Waker;

    #[test]
    fn a_poll_completes_so_many_operations_and_no_more() {
        let mut cx = Context::from_waker(Waker::noop());
        let ops = with_budget(|| {
            let mut ops = 0;
            while let Poll::Ready(progress) = poll_proceed(&mut cx) {
                progress.made_progress();
                ops += 1;
            }
            ops
        });
        assert_eq!(ops, usize::from(BUDGET_OPS));
        for _ in 0..1000 {
            assert!(poll_proceed(&mut cx).is_ready(), "no limit outside of a task");
        }
    }

    #[test]
    fn the_more_tasks_wait_the_less_each_may_do() {
        let shares = [0, 1, 16, 17, 64, 200, 512, 513, usize::MAX].map(share);
        assert_eq!(shares, [128, 128, 128, 120, 32, 10, 4, 4, 4]);
        share_among(200);
        let mut cx = Context::from_waker(Waker::noop());
        with_budget(|| {
            (0..10).for_each(|_| {
                let Poll::Ready(progress) = poll_proceed(&mut cx) else { panic!("ten are let") };
                progress.made_progress();
            });
            assert!(poll_proceed(&mut cx).is_pending());
        });
        share_among(1);
    }

    #[test]
    fn an_operation_without_progress_is_free() {
        let mut cx = Context::from_waker(Waker::noop());
        with_budget(|| {
            for _ in 0..1000 {
                assert!(poll_proceed(&mut cx).is_ready());
            }
        });
    }
}
