//! How does a current-thread runtime run futures that must stay on their thread?
//!
//! As it runs any other: its tasks run, and are dropped, where the core is. A runtime that has a *home*
//! is one whose owner cannot leave that thread ([`LocalRuntime`](crate::runtime::LocalRuntime)): so the core is
//! only ever held there, and who else has a right to poll puts it into the injector. That is open until
//! no task is left which another thread could wake. (The task checks it besides: `task/local.rs`.)

use super::Shared;
use crate::primitive::thread;
use crate::task::{self, JoinHandle};
use std::sync::Arc;

impl Shared {
    /// Whether this thread runs the tasks.
    pub(crate) fn is_held_here(&self) -> bool {
        self.with_holder(|holder| holder.is_some())
    }

    /// Whether the runtime is one that cannot leave its thread.
    pub(crate) fn has_home(&self) -> bool {
        self.home.is_some()
    }

    /// Whether the calling thread is the runtime's home.
    fn is_home(&self) -> bool {
        // A thread that runs the tasks of one that has a home is at home: this is the shorter way.
        self.home.is_some_and(|home| self.is_held_here() || home == thread::current().id())
    }

    /// Spawns a task whose future stays on this thread.
    ///
    /// # Panics
    /// If it is not the runtime's home.
    #[track_caller]
    pub(crate) fn spawn_local<F>(self: &Arc<Self>, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        assert!(
            self.is_home(),
            "this `LocalRuntime` is another thread's: call `spawn_local` on the thread that made it"
        );
        let (runnable, handle) = task::create_local(future, Arc::clone(self));
        self.begin(runnable);
        handle
    }
}
