//! What a [`Builder`] says of threads: names, stacks, and what is called when they start, sleep and end.

use super::Builder;
use crate::threads::Hook;
use std::sync::Arc;
use std::time::Duration;

/// Names and threads.
impl Builder {
    /// Sets what the runtime is called: [`Handle::name`](super::Handle::name), for logs. Its threads are not.
    ///
    /// ```
    /// use mini_rt::runtime::{Builder, Handle};
    ///
    /// let runtime = Builder::new_current_thread().name("metrics").build()?;
    /// runtime.block_on(async { assert_eq!(Handle::current().name(), Some("metrics")) });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Panics
    /// If it is empty, or nothing but white space.
    #[track_caller]
    pub fn name(&mut self, name: impl Into<String>) -> &mut Self {
        let name = name.into();
        assert!(
            !name.trim().is_empty(),
            "the name of a runtime is for people to read: it is empty"
        );
        self.threads.runtime_name = Some(name.into());
        self
    }

    /// Sets the name of the runtime's threads. The default is `mini-rt-worker`.
    ///
    /// # Panics
    /// If `name` has a null byte in it: the operating system's names end there.
    #[track_caller]
    pub fn thread_name(&mut self, name: impl Into<String>) -> &mut Self {
        let name = name.into();
        assert!(!name.contains('\0'), "a thread's name has no null byte in it: {name:?} has one");
        self.threads.name = Arc::new(move || name.clone());
        self
    }

    /// Sets a function that names each of the runtime's threads, called before it is made.
    ///
    /// If it panics, or the name has a null byte in it, the thread is not made, as if the operating
    /// system gave none.
    ///
    /// ```
    /// # use mini_rt::runtime::Builder;
    /// use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    ///
    /// let made = AtomicUsize::new(0);
    /// let runtime = Builder::new_multi_thread()
    ///     .thread_name_fn(move || format!("crew-{}", made.fetch_add(1, Relaxed)))
    ///     .build()?;
    /// # drop(runtime);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn thread_name_fn<F>(&mut self, f: F) -> &mut Self
    where
        F: Fn() -> String + Send + Sync + 'static,
    {
        self.threads.name = Arc::new(f);
        self
    }

    /// Sets how many bytes of stack each of the runtime's threads has. The default is `std`'s, 2 MiB.
    pub fn thread_stack_size(&mut self, bytes: usize) -> &mut Self {
        self.threads.stack_bytes = Some(bytes);
        self
    }

    /// Sets how long a thread for blocking calls waits for the next one before it ends, and so one
    /// that [`block_in_place`](crate::task::block_in_place) has made. The default is 10 s.
    pub fn thread_keep_alive(&mut self, duration: Duration) -> &mut Self {
        self.threads.keep_alive = duration;
        self
    }

    /// Sets a function that each of the runtime's threads calls when it starts, inside of the runtime.
    /// It must not panic. So for the other three.
    ///
    /// The thread in `block_on` is not the runtime's own.
    ///
    /// ```
    /// # use mini_rt::runtime::Builder;
    /// let runtime = Builder::new_multi_thread()
    ///     .on_thread_start(|| println!("a thread starts"))
    ///     .on_thread_stop(|| println!("a thread ends"))
    ///     .build()?;
    /// # drop(runtime);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn on_thread_start<F>(&mut self, f: F) -> &mut Self
    where
        F: Fn() + Send + Sync + 'static,
    {
        self.threads.on_start = Hook::new(f);
        self
    }

    /// Sets a function that each of the runtime's threads calls before it ends.
    pub fn on_thread_stop<F>(&mut self, f: F) -> &mut Self
    where
        F: Fn() + Send + Sync + 'static,
    {
        self.threads.on_stop = Hook::new(f);
        self
    }

    /// Sets a function that a thread which runs tasks calls when it has none, before it goes to sleep.
    ///
    /// It may spawn and wake tasks: the thread then does not sleep. It must not block.
    pub fn on_thread_park<F>(&mut self, f: F) -> &mut Self
    where
        F: Fn() + Send + Sync + 'static,
    {
        self.threads.on_park = Hook::new(f);
        self
    }

    /// Sets a function that a thread which runs tasks calls when it has slept.
    pub fn on_thread_unpark<F>(&mut self, f: F) -> &mut Self
    where
        F: Fn() + Send + Sync + 'static,
    {
        self.threads.on_unpark = Hook::new(f);
        self
    }
}

/// What is here for code written for Tokio, and changes nothing.
impl Builder {
    /// Has no effect: the driver has a turn after 61 tasks.
    ///
    /// # Panics
    /// If `tasks` is zero.
    #[track_caller]
    pub fn event_interval(&mut self, tasks: u32) -> &mut Self {
        assert!(tasks > 0, "an interval is 1 or more");
        self
    }

    /// Has no effect: a worker looks into the queue for all by the time that it has spent on its own.
    ///
    /// # Panics
    /// If `tasks` is zero.
    #[track_caller]
    pub fn global_queue_interval(&mut self, tasks: u32) -> &mut Self {
        assert!(tasks > 0, "an interval is 1 or more");
        self
    }

    /// Has no effect: how many events of sockets a turn of the driver takes is not a setting.
    pub fn max_io_events_per_tick(&mut self, _events: usize) -> &mut Self {
        self
    }

    /// Has no effect, as [`max_io_events_per_tick`](Self::max_io_events_per_tick).
    pub fn max_io_events_per_busy_tick(&mut self, _events: usize) -> &mut Self {
        self
    }
}
