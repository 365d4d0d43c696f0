//! A thread that belongs to no runtime.

use std::thread;

use crossbeam_channel::Sender;

type Job = Box<dyn FnOnce() + Send>;

/// The thread; it ends when this is dropped.
#[derive(Clone, Debug)]
pub struct Outside(Sender<Job>);

impl Outside {
    /// Starts it.
    ///
    /// # Panics
    /// When a thread cannot be had.
    pub fn start() -> Self {
        let (sender, jobs) = crossbeam_channel::unbounded::<Job>();
        let run = move || jobs.into_iter().for_each(|job| job());
        thread::Builder::new().name("outside".into()).spawn(run).expect("a thread can be had");
        Self(sender)
    }

    /// Lets it do something, after what it has been given before.
    ///
    /// # Panics
    /// When something before has panicked.
    pub fn run(&self, job: impl FnOnce() + Send + 'static) {
        self.0.send(Box::new(job)).expect("the thread takes jobs as long as none panics");
    }
}
