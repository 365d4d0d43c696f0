//! What becomes of a worker whose task blocks its thread, and says so?
//!
//! # The question
//!
//! A task may call what blocks ([`block_in_place`](crate::task::block_in_place)): a lock, a file,
//! another `block_on`. What its worker holds would wait for that: the tasks in its ring, and with the
//! last worker the driver and the injector too, be it that one of them is what the call waits for.
//!
//! # The states
//!
//! A worker is a *part* that a thread has: the owner's end of a ring, a place in the count of
//! [`Idle`](crate::scheduler), one among the crew. Before the call, the thread *hands over*: the
//! part goes into a queue for threads ([`threads`](crate::threads)), of which one comes and [runs](Worker::run)
//! it. To the scheduler that is a poll that takes as long as a thread takes to come. The thread
//! itself stays with its task, *without a part*, as if it were any foreign thread; when the poll has
//! ended, it comes for a part like the others: its own, if nobody was as fast. So do the threads
//! that start with the runtime. Who finds none sleeps, and ends when it has slept for too long.
//!
//! 1. A part is one thread's, or in the queue. Its thread's [`Worker`] is in the thread's slot,
//!    `WORKER`, until it is handed over: only then may it be used. (It is then made anew. What the
//!    old one has learned is not worth a lock.)
//! 2. A part is handed over inside of a poll only, not while wakers are woken or the worker leaves: there
//!    it is in use further up the stack, and who blocks there blocks the worker.
//! 3. Who is without a part is counted until the poll has ended. The last part stays until then, so that
//!    whatever the task does meanwhile finds the injector open; and so that what it waits for ends.
//! 4. The counters are written by who has the part. A task that ends without one is counted apart.
//!
//! # Proof of progress
//!
//! However many threads block, each part is with a thread that does not, or on the way to one: for
//! each in the queue a thread comes (rule 1 of [`threads`](crate::threads)), unless there are as many as there
//! may be: the workers, and as many more as [`max_blocking_threads`] says; or the operating system
//! gives no more. Past that, a part waits until a call has returned, and the watch steals from it
//! as from any worker that is stuck. So who calls waits for no task of this runtime in vain.
//!
//! # The races
//!
//! - A wake-up on the way to the part's old thread: the [`Parker`](crate::park::Parker) is the part's, and
//!   keeps it; nobody sleeps in it until the new thread has [moved in](crate::park::Parker::move_here).
//! - A shutdown while the part is in the queue: a thread takes it, and leaves with it. The queue ends after the last one
//!   is out, with no part in it.
//! - A shutdown while the call waits for a task: whoever is about to queue that, aborted, may do so after all
//!   workers but the last have left. It is the last that drops it (`worker/shutdown.rs`), and not who calls.
//!
//! # Rejected
//!
//! Sleepers that steal from who is stuck, as the watch has them do already, and no more threads: with
//! all workers in such calls nobody is left. A thread that takes a part only when the last worker
//! blocks: tasks in the rings of the others would wait for two looks of the watch. Threads of the
//! pool for blocking calls (Tokio): calls that wait for a task may have them all. Taking the part back
//! as soon as the call has returned, and not at the end of the poll (Tokio): the worker further up the
//! stack would have to be exchanged for it, which each poll would look for.
//!
//! [`max_blocking_threads`]: crate::runtime::Builder::max_blocking_threads

use super::{Shared, Starter, WORKER, Worker};
use crate::primitive::atomic::Ordering::Relaxed;
use crate::primitive::thread;
use crate::queue::{Cause, Local};
use crate::task::Ran;
use crate::threads::{AtEnd, Bed, Refused};
use std::io;
use std::sync::Arc;

/// Hands the part of the calling thread, if it has one, over to another. For a task that is about to
/// block.
pub(crate) fn hand_over() {
    let in_slot = WORKER
        .try_with(|slot| slot.borrow_mut().take_if(|worker| worker.announces.get()))
        .unwrap_or(None);
    if let Some(worker) = in_slot {
        worker.hand_over();
    }
}

impl Shared {
    /// Starts the workers, each on a thread of its own, which `starter` starts and which goes into
    /// `threads`.
    ///
    /// # Errors
    /// If one cannot be named or started. Its worker is dropped or left to the other threads, and the
    /// next ones are dropped: a shutdown ends them all.
    pub(crate) fn start(
        self: &Arc<Self>,
        rings: Vec<Local>,
        starter: &Starter,
        threads: &mut Vec<thread::JoinHandle<()>>,
    ) -> io::Result<()> {
        let worker = |(index, ring)| Worker::new(self, index, ring, starter);
        let workers: Vec<Worker> = rings.into_iter().enumerate().map(worker).collect();
        for worker in workers {
            let name = self.settings.next_name()?;
            let mut failed = None;
            let start = |name| match starter(name) {
                Ok(thread) => {
                    threads.push(thread);
                    Ok(())
                }
                Err(error) => {
                    let kind = error.kind();
                    failed = Some(error);
                    Err(kind.into())
                }
            };
            let submitted = self.parts.submit(worker, AtEnd::Run, || Ok(name), start);
            drop(submitted); // If there is no thread at all, with the worker.
            if let Some(error) = failed {
                return Err(error);
            }
        }
        Ok(())
    }

    /// What a thread of the workers does: it takes parts, until there will be no more.
    pub(crate) fn work(&self) {
        let bed = Bed::new();
        while let Some(worker) = self.parts.next(&bed, |parker| self.settings.sleep(parker)) {
            worker.run();
        }
    }

    /// What becomes of a task that has been polled by a thread that has no part any more.
    pub(super) fn put_away(&self, ran: Ran) {
        match ran {
            Ran::Waiting => {}
            Ran::Again(again) => self.enqueue(again, Cause::Wake),
            Ran::Complete => {
                self.completed_apart.fetch_add(1, Relaxed); // Relaxed: a count.
            }
        }
    }
}

impl Worker {
    /// This worker is out of its slot, and inside of a poll.
    fn hand_over(&self) {
        let Self { shared, index, ring, starter, .. } = self;
        self.keep_time();
        self.has_left.set(true);
        shared.crew.go_apart();
        let part = Self::new(shared, *index, ring.hand_over(), starter);
        let next_name = || shared.settings.next_name();
        let start = |name| starter(name).map(drop);
        let submitted = shared.parts.submit(part, AtEnd::Run, next_name, start);
        if let Err(Refused(..)) = submitted {
            unreachable!("this thread comes for a part itself, and its own has not left");
        }
    }
}
