//! The protocols of sleeping, waking and watching, in every order.

use super::*;
use crate::park::Parker;
use crate::primitive::thread;
use std::sync::Arc;

/// Two workers and an injector that is a counter of tasks: the protocols as written above. A
/// lost wake-up is a deadlock, which loom reports.
struct House {
    idle: Idle,
    tasks: AtomicUsize,
    /// Tasks that are still to end.
    left: AtomicUsize,
    parkers: [Parker; 2],
}

impl House {
    fn new(left: usize) -> Self {
        Self {
            idle: Idle::new(2),
            tasks: AtomicUsize::new(0),
            left: AtomicUsize::new(left),
            parkers: [Parker::new(), Parker::new()],
        }
    }

    fn unpark(&self, worker: Option<usize>) {
        if let Some(worker) = worker {
            self.parkers[worker].unpark(|| unreachable!());
        }
    }

    /// Tasks for all.
    fn submit(&self, tasks: usize) {
        self.tasks.fetch_add(tasks, Relaxed);
        self.unpark(self.idle.worker_to_wake());
    }

    /// A task that can wait for who is awake.
    fn submit_patient(&self) {
        self.tasks.fetch_add(1, Relaxed);
        self.unpark(self.idle.worker_to_wake_if_all_sleep());
    }

    fn take(&self) -> bool {
        self.tasks.fetch_update(Relaxed, Relaxed, |tasks| tasks.checked_sub(1)).is_ok()
    }

    fn has_tasks(&self) -> bool {
        self.tasks.load(Relaxed) > 0
    }

    fn sleep(&self, me: usize, searching: bool, is_over: impl Fn() -> bool) -> bool {
        let watches = self.idle.go_to_sleep(me, searching);
        let found = self.has_tasks();
        if !found && !is_over() {
            self.parkers[me].park();
        }
        self.idle.get_up(me, found, watches)
    }

    /// Runs one task, whose poll never ends: whatever a worker leaves lying when it begins, it
    /// will never come back for.
    fn work_once(&self, me: usize) {
        let mut searching = self.idle.start_searching();
        while !self.take() {
            searching = self.sleep(me, searching, || false);
        }
        if searching && self.idle.stop_searching() && self.has_tasks() {
            self.unpark(self.idle.worker_to_wake());
        }
    }

    /// Runs tasks until all have ended. Does not look when it stops searching: it comes back.
    fn work(&self, me: usize) {
        let is_over = || self.left.load(SeqCst) == 0;
        let mut searching = false;
        while !is_over() {
            if self.take() {
                if std::mem::take(&mut searching) {
                    let _ = self.idle.stop_searching();
                }
                if self.left.fetch_sub(1, SeqCst) == 1 {
                    (0..2).for_each(|worker| self.unpark(Some(worker)));
                }
            } else {
                searching = self.sleep(me, searching, is_over);
            }
        }
    }
}

fn model(tasks: usize, work: fn(&House, usize), submit: impl Fn(&House) + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(2);
    builder.check(move || {
        let house = Arc::new(House::new(tasks));
        let workers = [0, 1].map(|me| {
            let house = house.clone();
            thread::spawn(move || work(&house, me))
        });
        submit(&house);
        for worker in workers {
            worker.join().expect("no panic");
        }
    });
}

#[test]
fn loom_no_task_is_left_lying() {
    model(2, House::work_once, |house| {
        house.submit(1);
        house.submit(1);
    });
}

/// Two tasks for one wake-up: whoever takes the first wakes the other for the second.
#[test]
fn loom_wake_ups_pass_themselves_on() {
    model(2, House::work_once, |house| house.submit(2));
}

#[test]
fn loom_a_task_that_can_wait_is_not_left_lying_when_all_sleep() {
    model(2, House::work, |house| {
        house.submit_patient();
        house.submit_patient();
    });
}

/// One gets up to run tasks while the other wants to end its watch.
#[test]
fn loom_who_runs_tasks_is_watched() {
    loom::model(|| {
        let idle = Arc::new(Idle::new(2));
        assert!(idle.go_to_sleep(0, false) && !idle.go_to_sleep(1, false));
        let watch = {
            let idle = idle.clone();
            thread::spawn(move || idle.end_watch())
        };
        idle.get_up(1, false, false);
        let woken = idle.worker_to_watch();
        let ended = watch.join().expect("no panic");
        assert_eq!(woken.is_some(), ended, "woken if, and only if, it had ended its watch");
    });
}

/// The watch marks a worker whose poll ends just then, and which goes to sleep: what is injected after
/// that wakes somebody.
#[test]
fn loom_who_is_no_longer_stuck_is_never_counted_out_before_it_is_counted() {
    loom::model(|| {
        let (idle, mark) = (Arc::new(Idle::new(2)), Arc::new(AtomicBool::new(false)));
        assert!(idle.go_to_sleep(1, false), "the other one is awake");
        let worker = thread::spawn({
            let (idle, mark) = (Arc::clone(&idle), Arc::clone(&mark));
            move || {
                idle.unmark_stuck(&mark);
                idle.go_to_sleep(0, false);
                assert!(idle.worker_to_wake_if_all_sleep().is_some());
            }
        });
        idle.mark_stuck(&mark);
        worker.join().expect("no panic");
    });
}

/// It can fail, first: a worker that looks before it says that it sleeps (Z3 before Z1).
#[test]
#[should_panic(expected = "deadlock")]
fn loom_a_look_before_the_announcement_is_found_out() {
    fn work_wrongly(house: &House, me: usize) {
        while !house.take() {
            if !house.has_tasks() {
                let watches = house.idle.go_to_sleep(me, false);
                house.parkers[me].park();
                house.idle.get_up(me, false, watches);
            }
        }
    }
    model(2, work_wrongly, |house| {
        house.submit(1);
        house.submit(1);
    });
}

/// Each side stores its own word, does `between`, and loads the other's, as in edge I1. Whether in
/// every order one of the two sees the other.
fn store_then_look(between: fn()) {
    loom::model(move || {
        let words = Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]);
        let other = {
            let words = words.clone();
            thread::spawn(move || {
                words[1].store(1, Relaxed);
                between();
                words[0].load(Relaxed)
            })
        };
        words[0].store(1, Relaxed);
        between();
        let seen = words[1].load(Relaxed) + other.join().expect("no panic");
        assert!(seen > 0, "neither saw the other");
    });
}

#[test]
fn loom_fences_make_one_side_see_the_other() {
    store_then_look(|| fence(SeqCst));
}

/// It can fail, second: orders of memory that no interleaving gives.
#[test]
#[should_panic(expected = "neither saw the other")]
fn loom_a_missing_fence_is_found_out() {
    store_then_look(|| ());
}
