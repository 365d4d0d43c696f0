//! A set of local tasks, and other threads that wake, abort and join them.

use super::probe::{Census, Gate, below, runtime};
use super::runner::explore;
use crate::primitive::thread;
use crate::task::LocalSet;
use std::rc::Rc;
use std::sync::Arc;

/// The set runs to its end, or is dropped amid it.
#[test]
fn shuttle_a_set_runs_what_others_wake_and_drops_the_rest_on_its_thread() {
    explore(|| {
        let (runtime, set) = (runtime(below(3)), LocalSet::new());
        let (census, here) = (Arc::new(Census::default()), Rc::new(thread::current().id()));
        let gates: Arc<[Gate]> = (0..3).map(|_| Gate::default()).collect();
        let spawn = |number: usize| {
            let (tracked, here, gates) = (census.track(), Rc::clone(&here), Arc::clone(&gates));
            set.spawn_local(async move {
                tracked.begin();
                gates[number].pass().await;
                assert_eq!(*here, thread::current().id());
                number
            })
        };
        let mut tasks = vec![spawn(0), spawn(1), spawn(2)];
        let abort = (below(2) == 0).then(|| tasks[2].abort_handle());
        let other = thread::spawn(move || {
            gates[1].open();
            if let Some(abort) = &abort {
                abort.abort();
            }
            gates[2].open();
            gates[0].open();
        });
        assert_eq!(set.block_on(&runtime, &mut tasks[1]).expect("not aborted"), 1);
        let is_run = below(2) == 0;
        if is_run {
            runtime.block_on(set);
        } else {
            drop(set);
        }
        assert!(tasks.iter().all(|task| task.is_finished()));
        census.check(None);
        assert!(census.has_dropped(*here));
        if is_run {
            assert_eq!(runtime.block_on(tasks.swap_remove(0)).expect("not aborted"), 0);
        }
        // Elsewhere, and it has its output: a number may.
        let last = tasks.pop().expect("there are more");
        drop(thread::spawn(move || drop(last)).join());
        other.join().expect("no panic");
    });
}
