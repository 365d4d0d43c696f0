//! The ring under loom, with four slots: the owner against one thief and against two.

use super::*;
use crate::primitive::thread;
use crate::task::{Ran, Schedule, Waiting, create};
use std::sync::atomic::{AtomicUsize as StdAtomicUsize, Ordering};

struct Nowhere;
impl Schedule for Nowhere {
    fn schedule(&self, _runnable: Runnable) {}
    fn own(&self, _task: Waiting) -> Option<usize> {
        Some(0)
    }

    fn release(&self, _owner_key: usize) {}
}

pub(in crate::queue) type Runs = std::sync::Arc<StdAtomicUsize>;

/// A runnable that counts its runs; a second run of one task would be a use after free.
pub(in crate::queue) fn counted(runs: &Runs) -> Runnable {
    let runs = runs.clone();
    create(async move { drop(runs.fetch_add(1, Ordering::Relaxed)) }, Nowhere).0
}

fn run(runnable: Option<Runnable>) -> usize {
    runnable.map_or(0, |runnable| {
        assert!(matches!(runnable.run(), Ran::Complete));
        1
    })
}

fn run_all(local: &Local) -> usize {
    std::iter::from_fn(|| local.pop()).map(|runnable| run(Some(runnable))).sum()
}

fn model(max_preemptions: usize, model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(max_preemptions);
    builder.check(model);
}

/// Edges Q1 and Q2 with a ring that comes round: six pushes through four slots.
#[test]
fn loom_each_runnable_is_taken_once_by_owner_or_thief() {
    model(3, || {
        let runs = Runs::default();
        let local = Local::new();
        let stealer = local.stealer();
        let thief = thread::spawn(move || {
            let own = Local::new();
            let mut taken = 0;
            for _ in 0..2 {
                taken += run(stealer.steal_into(&own)) + run_all(&own);
            }
            taken
        });
        let mut taken = 0;
        for _ in 0..2 {
            for _ in 0..3 {
                if let Err(refused) = local.push(counted(&runs)) {
                    taken += run(Some(refused));
                }
            }
            taken += run(local.pop());
        }
        taken += run_all(&local);
        taken += thief.join().expect("no panic");
        assert_eq!(taken, 6);
        assert_eq!(runs.load(Ordering::Relaxed), 6);
    });
}

/// Two thieves at one ring: no runnable for both, none for nobody.
#[test]
fn loom_two_thieves_share_a_ring() {
    model(2, || {
        let runs = Runs::default();
        let local = Local::new();
        for _ in 0..3 {
            assert!(local.push(counted(&runs)).is_ok());
        }
        let thieves = [(); 2].map(|()| {
            let stealer = local.stealer();
            thread::spawn(move || {
                let own = Local::new();
                run(stealer.steal_into(&own)) + run_all(&own)
            })
        });
        let mut taken = run(local.pop());
        assert!(local.push(counted(&runs)).is_ok());
        for thief in thieves {
            taken += thief.join().expect("no panic");
        }
        taken += run_all(&local);
        assert_eq!(taken, 4);
        assert_eq!(runs.load(Ordering::Relaxed), 4);
    });
}

/// Edge Q1 from a thief on: what it has stolen is stolen from it.
#[test]
fn loom_a_thief_is_stolen_from() {
    model(3, || {
        let runs = Runs::default();
        let local = Local::new();
        for _ in 0..3 {
            assert!(local.push(counted(&runs)).is_ok());
        }
        let own = Local::new();
        let stolen = own.stealer();
        // On the other thread, and into a ring of its own: it must not see what the thief did before
        // its last store by another way, and loom tries no orders around a load that follows a
        // load of the same thread.
        let robber = thread::spawn(move || {
            let third = Local::new();
            run(stolen.steal_into(&third)) + run_all(&third)
        });
        let mut taken = run(local.stealer().steal_into(&own)) + run_all(&own);
        taken += run_all(&local);
        taken += robber.join().expect("no panic");
        assert_eq!(taken, 3);
        assert_eq!(runs.load(Ordering::Relaxed), 3);
    });
}
