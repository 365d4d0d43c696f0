//! Submitting, claiming, sleeping for too long and the end, in every order. A thread that is left
//! asleep is a deadlock, which loom reports.

use super::*;
use crate::primitive::atomic::AtomicUsize;
use crate::primitive::atomic::Ordering::Relaxed;
use crate::primitive::thread;
use std::sync::Mutex as Shelf;

/// What the threads sleep by: for ever, or out of time at once.
#[derive(Clone, Copy)]
enum Sleep {
    ForEver,
    TooLong,
}

fn sleep(how: Sleep) -> impl Fn(&Parker) -> bool {
    move |parker| {
        let limit = match how {
            Sleep::ForEver => None,
            Sleep::TooLong => Some(std::time::Duration::ZERO),
        };
        parker.park_for(limit)
    }
}

struct House {
    jobs: Jobs<usize>,
    how: Sleep,
    /// How often each job was run.
    ran: [AtomicUsize; 2],
    /// Threads to be joined. Not the model's: it is touched under the lock of the jobs only.
    threads: Shelf<Vec<thread::JoinHandle<()>>>,
}

impl House {
    fn new(threads_max: usize, how: Sleep) -> Arc<Self> {
        Arc::new(Self {
            jobs: Jobs::new(threads_max),
            how,
            ran: [AtomicUsize::new(0), AtomicUsize::new(0)],
            threads: Shelf::new(Vec::new()),
        })
    }

    fn submit(self: &Arc<Self>, job: usize) -> bool {
        self.submit_as(job, AtEnd::Cancel)
    }

    fn submit_as(self: &Arc<Self>, job: usize, at_end: AtEnd) -> bool {
        let start = |_| {
            let house = Arc::clone(self);
            let thread = thread::spawn(move || {
                let bed = Bed::new();
                while let Some(job) = house.jobs.next(&bed, sleep(house.how)) {
                    house.ran[job].fetch_add(1, Relaxed); // Relaxed: read after the threads' join.
                }
            });
            self.threads.lock().expect("no panic").push(thread);
            Ok(())
        };
        self.jobs.submit(job, at_end, || Ok(String::new()), start).is_ok()
    }

    /// Joins the threads; then each job has `ended` so often, or was run.
    fn check(&self, ended: [usize; 2]) {
        let threads = std::mem::take(&mut *self.threads.lock().expect("no panic"));
        threads.into_iter().for_each(|thread| thread.join().expect("no panic"));
        for (ran, ended) in self.ran.iter().zip(ended) {
            assert_eq!(ran.load(Relaxed) + ended, 1);
        }
        assert_eq!(self.jobs.look(|claims| (claims.threads(), claims.sleeping())), (0, 0));
    }
}

fn model(body: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(body);
}

/// Two jobs, the second perhaps while the first's thread goes to sleep, and the end after both.
fn two_jobs_then_the_end(threads_max: usize, how: Sleep) {
    model(move || {
        let house = House::new(threads_max, how);
        assert!(house.submit(0));
        assert!(house.submit(1));
        let waiting = house.jobs.end();
        let mut ended = [0; 2];
        waiting.into_iter().for_each(|job| ended[job] += 1);
        house.check(ended);
    });
}

#[test]
fn loom_a_thread_that_goes_to_sleep_is_woken_for_a_job_and_for_the_end() {
    two_jobs_then_the_end(1, Sleep::ForEver);
    two_jobs_then_the_end(2, Sleep::ForEver);
}

#[test]
fn loom_a_thread_that_has_slept_for_too_long_takes_no_job_along() {
    two_jobs_then_the_end(1, Sleep::TooLong);
    two_jobs_then_the_end(2, Sleep::TooLong);
}

/// Nobody ends it: what is submitted is run, whoever goes to sleep or ends meanwhile.
#[test]
fn loom_no_job_is_left_lying() {
    for how in [Sleep::ForEver, Sleep::TooLong] {
        model(move || {
            let house = House::new(1, how);
            assert!(house.submit(0));
            let other = {
                let house = Arc::clone(&house);
                thread::spawn(move || assert!(house.submit(1)))
            };
            other.join().expect("no panic");
            while house.ran.iter().any(|ran| ran.load(Relaxed) == 0) {
                thread::yield_now();
            }
            assert!(house.jobs.end().is_empty());
            house.check([0, 0]);
        });
    }
}

#[test]
fn loom_a_job_that_races_with_the_end_is_run_or_ended() {
    for how in [Sleep::ForEver, Sleep::TooLong] {
        model(move || {
            let house = House::new(1, how);
            assert!(house.submit(0));
            let other = {
                let house = Arc::clone(&house);
                thread::spawn(move || house.submit(1))
            };
            let mut ended = [0; 2];
            house.jobs.end().into_iter().for_each(|job| ended[job] += 1);
            if !other.join().expect("no panic") {
                ended[1] += 1;
            }
            house.check(ended);
        });
    }
}

#[test]
fn loom_a_mandatory_job_is_run_whatever_the_end_overtakes() {
    for how in [Sleep::ForEver, Sleep::TooLong] {
        model(move || {
            let house = House::new(1, how);
            assert!(house.submit_as(0, AtEnd::Run));
            assert!(house.submit_as(1, AtEnd::Run));
            assert!(house.jobs.end().is_empty());
            house.check([0, 0]);
        });
    }
}
