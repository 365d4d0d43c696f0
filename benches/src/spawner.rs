//! Tasks that are joined, on either runtime.
//!
//! chat's `Runtime` has no join handle, since the server needs none, so the two runtimes' free
//! functions and handles are put under one trait here. It forwards: what a bench spawns is what
//! `mini_rt::spawn` or `tokio::spawn` makes of it, and what it awaits is their own handle.

use std::error::Error;
use std::future::Future;

use chat::runtime::Executor;
use chat::runtime::mini::Mini;
use chat::runtime::tokio::Tokio;

/// A runtime whose tasks can be joined.
pub trait Spawner: Executor + 'static {
    /// Why a task has no output: it was cancelled, or it has panicked.
    type JoinError: Error + 'static;
    /// Completes with the output of a task.
    type JoinHandle<T: Send + 'static>: Future<Output = Result<T, Self::JoinError>> + Send;

    /// Spawns a task on the runtime that this thread is in.
    fn spawn<T>(task: impl Future<Output = T> + Send + 'static) -> Self::JoinHandle<T>
    where
        T: Send + 'static;
}

impl Spawner for Mini {
    type JoinError = mini_rt::task::JoinError;
    type JoinHandle<T: Send + 'static> = mini_rt::task::JoinHandle<T>;

    fn spawn<T>(task: impl Future<Output = T> + Send + 'static) -> Self::JoinHandle<T>
    where
        T: Send + 'static,
    {
        mini_rt::spawn(task)
    }
}

impl Spawner for Tokio {
    type JoinError = tokio::task::JoinError;
    type JoinHandle<T: Send + 'static> = tokio::task::JoinHandle<T>;

    fn spawn<T>(task: impl Future<Output = T> + Send + 'static) -> Self::JoinHandle<T>
    where
        T: Send + 'static,
    {
        tokio::spawn(task)
    }
}
