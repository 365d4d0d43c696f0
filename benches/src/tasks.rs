//! What a runtime does with tasks, under one trait.
//!
//! chat's `Runtime` has no join handle, no yield and no pool for blocking calls, since the server
//! needs none, so the runtimes' own functions and handles are put under [`Tasks`] here. It
//! forwards: what a bench spawns is what `mini_rt::spawn` or `tokio::spawn` makes of it, and what
//! it awaits is their own handle.

use std::future::Future;
use std::time::Duration;

use chat::runtime::Executor;
use chat::runtime::mini::Mini;
use chat::runtime::tokio::Tokio;

/// A runtime that is owned and whose tasks can be joined.
pub trait Spawner: Executor + 'static {
    /// Its handle.
    type Tasks: Tasks;

    /// The handle of this runtime.
    fn tasks(&self) -> Self::Tasks;
}

/// A handle to a runtime, usable in its tasks and, where it says so, outside of them.
pub trait Tasks: Clone + Send + Sync + 'static {
    /// Stands for a task.
    type JoinHandle<T: Send + 'static>: Send + 'static;

    /// Spawns a task, from one of this runtime's tasks or its root future.
    fn spawn<T>(&self, task: impl Future<Output = T> + Send + 'static) -> Self::JoinHandle<T>
    where
        T: Send + 'static;

    /// Spawns a task, from any thread.
    fn spawn_outside<T>(
        &self,
        task: impl Future<Output = T> + Send + 'static,
    ) -> Self::JoinHandle<T>
    where
        T: Send + 'static;

    /// Calls a function that blocks, on a thread made for that.
    fn spawn_blocking<T>(&self, work: impl FnOnce() -> T + Send + 'static) -> Self::JoinHandle<T>
    where
        T: Send + 'static;

    /// Completes with the output of a task.
    ///
    /// # Panics
    /// When the task has.
    fn join<T>(handle: Self::JoinHandle<T>) -> impl Future<Output = T> + Send
    where
        T: Send + 'static;

    /// Lets the task run on, joined by nobody.
    fn detach<T>(handle: Self::JoinHandle<T>)
    where
        T: Send + 'static;

    /// Lets others run first.
    fn yield_now() -> impl Future<Output = ()> + Send;

    /// Completes after so long.
    fn sleep(duration: Duration) -> impl Future<Output = ()> + Send + 'static;

    /// Completes with the output of `future`, or with nothing after so long.
    fn timeout<F>(duration: Duration, future: F) -> impl Future<Output = Option<F::Output>> + Send
    where
        F: Future<Output: Send> + Send;
}

/// Spawning and joining, for what the runtimes call the same.
macro_rules! forward {
    ($runtime:ident) => {
        type JoinHandle<T: Send + 'static> = $runtime::task::JoinHandle<T>;

        fn spawn<T>(&self, task: impl Future<Output = T> + Send + 'static) -> Self::JoinHandle<T>
        where
            T: Send + 'static,
        {
            $runtime::spawn(task)
        }

        fn spawn_outside<T>(
            &self,
            task: impl Future<Output = T> + Send + 'static,
        ) -> Self::JoinHandle<T>
        where
            T: Send + 'static,
        {
            self.0.spawn(task)
        }

        fn spawn_blocking<T>(
            &self,
            work: impl FnOnce() -> T + Send + 'static,
        ) -> Self::JoinHandle<T>
        where
            T: Send + 'static,
        {
            self.0.spawn_blocking(work)
        }

        async fn join<T>(handle: Self::JoinHandle<T>) -> T
        where
            T: Send + 'static,
        {
            handle.await.expect("it is neither aborted nor panics")
        }

        fn detach<T>(handle: Self::JoinHandle<T>)
        where
            T: Send + 'static,
        {
            drop(handle);
        }

        fn yield_now() -> impl Future<Output = ()> + Send {
            $runtime::task::yield_now()
        }

        fn sleep(duration: Duration) -> impl Future<Output = ()> + Send + 'static {
            $runtime::time::sleep(duration)
        }

        async fn timeout<F>(duration: Duration, future: F) -> Option<F::Output>
        where
            F: Future<Output: Send> + Send,
        {
            $runtime::time::timeout(duration, future).await.ok()
        }
    };
}

/// mini-rt's handle.
#[derive(Clone, Debug)]
pub struct MiniTasks(mini_rt::runtime::Handle);

impl Tasks for MiniTasks {
    forward!(mini_rt);
}

impl Spawner for Mini {
    type Tasks = MiniTasks;

    fn tasks(&self) -> MiniTasks {
        MiniTasks(self.block_on(async { mini_rt::runtime::Handle::current() }))
    }
}

/// Tokio's handle.
#[derive(Clone, Debug)]
pub struct TokioTasks(tokio::runtime::Handle);

impl Tasks for TokioTasks {
    forward!(tokio);
}

impl Spawner for Tokio {
    type Tasks = TokioTasks;

    fn tasks(&self) -> TokioTasks {
        TokioTasks(self.block_on(async { tokio::runtime::Handle::current() }))
    }
}
