//! What does a value belong to that is a task's own, as a thread-local is a thread's?
//!
//! To a future, [`TaskLocalFuture`], that puts it into a thread-local for the time of each poll, and takes
//! it out again. So it goes where its task goes, and nobody else sees it. A scope inside of another swaps
//! the outer value out, and back. The design is Tokio's.
//!
//! 1. The value is in the thread-local exactly while the scope's own code runs: in polls, and in the drop
//!    of the future. A guard takes it out, also in a panic.
//! 2. It is borrowed mutably only to be swapped, when no user code runs.
//!
//! The thread-local is `std`'s also under a model: it is the caller's, and orders nothing.

use pin_project_lite::pin_project;
use std::cell::RefCell;
use std::fmt;
use std::marker::PhantomPinned;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Declares task-locals: values that a future and all that it calls can look at.
///
/// Each is a `static` of type [`LocalKey`], without a value: that comes with
/// [`scope`](crate::task::LocalKey::scope).
///
/// ```
/// mini_rt::task_local! {
///     /// Who asks.
///     pub static USER: String;
///
///     static DEPTH: u32;
/// }
///
/// fn greeting() -> String {
///     USER.with(|user| format!("hello {user}"))
/// }
///
/// # #[mini_rt::main(flavor = "current_thread")]
/// # async fn main() {
/// let greets = USER.scope("ada".to_owned(), async {
///     mini_rt::task::yield_now().await;
///     greeting()
/// });
/// assert_eq!(mini_rt::spawn(greets).await.expect("no panic"), "hello ada");
/// assert!(USER.try_get().is_err());
/// # DEPTH.sync_scope(1, || ());
/// # }
/// ```
#[macro_export]
macro_rules! task_local {
    () => {};
    ($(#[$attr:meta])* $vis:vis static $name:ident: $type:ty $(; $($rest:tt)*)?) => {
        $(#[$attr])*
        $vis static $name: $crate::task::LocalKey<$type> = {
            ::std::thread_local! {
                static VALUE: ::std::cell::RefCell<::std::option::Option<$type>> =
                    const { ::std::cell::RefCell::new(::std::option::Option::None) };
            }
            $crate::task::LocalKey { inner: VALUE }
        };
        $($crate::task_local! { $($rest)* })?
    };
}

/// A task-local, declared by [`task_local!`](crate::task_local).
///
/// ```
/// mini_rt::task_local! { static DEPTH: u32; }
///
/// # #[mini_rt::main(flavor = "current_thread")]
/// # async fn main() {
/// let depths = DEPTH.scope(1, async {
///     let inner = DEPTH.scope(2, async { DEPTH.get() }).await;
///     (inner, DEPTH.get())
/// });
/// assert_eq!(depths.await, (2, 1));
/// # }
/// ```
pub struct LocalKey<T: 'static> {
    #[doc(hidden)]
    pub inner: std::thread::LocalKey<RefCell<Option<T>>>,
}

/// The task-local has no value here: nothing around is in its scope.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct AccessError(());

impl<T: 'static> LocalKey<T> {
    /// Returns a future that runs `future` with `value` as the task-local's.
    ///
    /// The value is dropped with the future that is returned.
    ///
    /// # Panics
    /// The future, if polled inside of [`with`](Self::with) of the same key.
    ///
    /// # Cancel safety
    /// When it is dropped before its end, `future` is dropped with the value still in its place.
    pub fn scope<F: Future>(&'static self, value: T, future: F) -> TaskLocalFuture<T, F> {
        TaskLocalFuture {
            key: self,
            value: Some(value),
            future: Some(future),
            _pinned: PhantomPinned,
        }
    }

    /// Calls `f` with `value` as the task-local's, and drops the value.
    ///
    /// # Panics
    /// If called inside of [`with`](Self::with) of the same key.
    #[track_caller]
    pub fn sync_scope<F, R>(&'static self, value: T, f: F) -> R
    where
        F: FnOnce() -> R,
    {
        match self.enter(&mut Some(value)) {
            Ok(_guard) => f(),
            Err(why) => panic!("{why}"),
        }
    }

    /// Puts a value into its place until the guard is dropped.
    fn enter<'a>(&'static self, value: &'a mut Option<T>) -> Result<Guard<'a, T>, &'static str> {
        match self.swap(value) {
            Ok(true) => Ok(Guard { key: self, value }),
            Ok(false) => {
                Err("a scope of a task-local is not entered inside of its `with`: end that first")
            }
            Err(_) => Err("the thread is ending, and its task-locals are gone"),
        }
    }

    /// `false`: somebody looks at the value, and it stays.
    fn swap(&'static self, value: &mut Option<T>) -> Result<bool, std::thread::AccessError> {
        self.inner.try_with(|place| match place.try_borrow_mut() {
            Ok(mut place) => {
                mem::swap(&mut *place, value);
                true
            }
            Err(_) => false,
        })
    }

    /// Calls `f` with the task-local's value.
    ///
    /// # Panics
    /// If it has none here. [`try_with`](Self::try_with) does not.
    #[track_caller]
    pub fn with<F, R>(&'static self, f: F) -> R
    where
        F: FnOnce(&T) -> R,
    {
        match self.try_with(f) {
            Ok(returned) => returned,
            Err(error) => panic!("{error}"),
        }
    }

    /// Calls `f` with the task-local's value.
    ///
    /// # Errors
    /// If it has none here. `f` is then not called.
    pub fn try_with<F, R>(&'static self, f: F) -> Result<R, AccessError>
    where
        F: FnOnce(&T) -> R,
    {
        let returned = self.inner.try_with(|place| place.borrow().as_ref().map(f));
        returned.ok().flatten().ok_or(AccessError(()))
    }
}

impl<T: Clone + 'static> LocalKey<T> {
    /// Returns a clone of the task-local's value.
    ///
    /// # Panics
    /// If it has none here. [`try_get`](Self::try_get) does not.
    #[track_caller]
    pub fn get(&'static self) -> T {
        self.with(T::clone)
    }

    /// Returns a clone of the task-local's value.
    ///
    /// # Errors
    /// If it has none here.
    pub fn try_get(&'static self) -> Result<T, AccessError> {
        self.try_with(T::clone)
    }
}

/// Takes the value out of its place when dropped, and puts back what was there.
struct Guard<'a, T: 'static> {
    key: &'static LocalKey<T>,
    value: &'a mut Option<T>,
}

impl<T: 'static> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        // Neither can fail: no borrow outlasts a `with`, and the thread-local was there before.
        let swapped = self.key.swap(self.value);
        debug_assert!(matches!(swapped, Ok(true)), "the value is in its place");
    }
}

pin_project! {
    /// A future with a value for a task-local. Made by [`LocalKey::scope`].
    #[must_use = "futures do nothing unless polled"]
    pub struct TaskLocalFuture<T: 'static, F> {
        key: &'static LocalKey<T>,
        // `None` while it is in its place, and once it is taken.
        value: Option<T>,
        // `None` once it is ready: it is dropped with the value in its place.
        #[pin]
        future: Option<F>,
        #[pin]
        _pinned: PhantomPinned,
    }

    impl<T: 'static, F> PinnedDrop for TaskLocalFuture<T, F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            // Not `is_some` on the whole: a shared reference to the future would end those that it
            // has to itself.
            if mem::needs_drop::<F>() && this.future.as_mut().as_pin_mut().is_some() {
                // Without a place for the value, the future is dropped all the same, as a field.
                if let Ok(_guard) = this.key.enter(this.value) {
                    this.future.set(None);
                }
            }
        }
    }
}

impl<T: 'static, F> TaskLocalFuture<T, F> {
    /// Takes the value out, before the end or after it. `None`: it was taken already.
    ///
    /// ```
    /// mini_rt::task_local! { static COUNT: std::cell::Cell<u32>; }
    ///
    /// # #[mini_rt::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let counts = COUNT.scope(0.into(), async { COUNT.with(|count| count.set(3)) });
    /// mini_rt::pin!(counts);
    /// counts.as_mut().await;
    /// assert_eq!(counts.take_value(), Some(3.into()));
    /// # }
    /// ```
    pub fn take_value(self: Pin<&mut Self>) -> Option<T> {
        self.project().value.take()
    }
}

impl<T: 'static, F: Future> Future for TaskLocalFuture<T, F> {
    type Output = F::Output;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        let _guard = match this.key.enter(this.value) {
            Ok(guard) => guard,
            Err(why) => panic!("{why}"),
        };
        let Some(future) = this.future.as_mut().as_pin_mut() else {
            panic!("`TaskLocalFuture` polled after it has returned `Ready`");
        };
        let polled = future.poll(cx);
        if polled.is_ready() {
            this.future.set(None);
        }
        polled
    }
}

impl<T: 'static> fmt::Debug for LocalKey<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalKey").finish_non_exhaustive()
    }
}

impl<T: fmt::Debug + 'static, F> fmt::Debug for TaskLocalFuture<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskLocalFuture").field("value", &self.value).finish_non_exhaustive()
    }
}

impl fmt::Debug for AccessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessError")
    }
}

impl fmt::Display for AccessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the task-local has no value here: this runs in no `scope` of it")
    }
}

impl std::error::Error for AccessError {}

#[cfg(all(test, not(any(loom, shuttle))))]
mod tests {
    use std::future::{pending, poll_fn};
    use std::task::{Context, Waker};

    crate::task_local! {
        static DEPTH: usize;
    }

    /// For Miri: a shared reference to the whole future at its drop would end the reference that the
    /// guard in it has.
    #[test]
    fn a_future_may_borrow_what_it_owns() {
        struct Guard<'a>(&'a mut usize);
        impl Drop for Guard<'_> {
            fn drop(&mut self) {
                *self.0 += DEPTH.get();
            }
        }
        let waits = async {
            let mut depth = 0;
            let guard = Guard(&mut depth);
            pending::<()>().await;
            poll_fn(|_| std::task::Poll::Ready(*guard.0)).await;
        };
        let mut scoped = Box::pin(DEPTH.scope(2, waits));
        assert!(scoped.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        drop(scoped);
    }
}
