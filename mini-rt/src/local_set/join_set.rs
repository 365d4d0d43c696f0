//! Tasks of a [`LocalSet`] in a [`JoinSet`].

use super::{LocalSet, spawn_local};
use crate::task::{AbortHandle, JoinSet};

/// Tasks that stay on their thread.
impl<T: 'static> JoinSet<T> {
    /// Spawns a task on the [`LocalSet`] that this thread is in, or on its
    /// [`LocalRuntime`](crate::runtime::LocalRuntime), into this set. See [`spawn_local`].
    ///
    /// # Panics
    /// As [`spawn_local`].
    ///
    /// ```
    /// # let runtime = mini_rt::runtime::Runtime::new()?;
    /// use std::rc::Rc;
    /// use mini_rt::task::{JoinSet, LocalSet};
    ///
    /// LocalSet::new().block_on(&runtime, async {
    ///     let (mut set, shared) = (JoinSet::new(), Rc::new(5));
    ///     for n in 0..3 {
    ///         let shared = Rc::clone(&shared);
    ///         set.spawn_local(async move { n * *shared });
    ///     }
    ///     assert_eq!(set.join_all().await.iter().sum::<i32>(), 15);
    /// });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn spawn_local<F>(&mut self, task: F) -> AbortHandle
    where
        F: Future<Output = T> + 'static,
    {
        self.insert(spawn_local(task))
    }

    /// Spawns a task on a [`LocalSet`], into this set. It begins when the [`LocalSet`] is polled.
    pub fn spawn_local_on<F>(&mut self, task: F, local_set: &LocalSet) -> AbortHandle
    where
        F: Future<Output = T> + 'static,
    {
        self.insert(local_set.spawn_local(task))
    }
}
