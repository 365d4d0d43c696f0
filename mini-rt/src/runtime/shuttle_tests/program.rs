//! A program out of the seed: tasks that spawn, wait, sleep, join and abort each other, under
//! threads that do the same from outside.
//!
//! It always ends, if the runtime is right: every gate is opened, by a thread that nobody aborts.

use super::probe::{Census, Gate, below, make_polls_short, runtime};
use super::runner::note;
use crate::primitive::thread;
use crate::runtime::{Handle, Runtime};
use crate::task::{JoinHandle, yield_now};
use crate::time::{Duration, sleep};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

const GATES: usize = 3;
const OPS_MAX: usize = 5;
const DEPTH_MAX: usize = 3;

#[derive(Debug)]
enum Op {
    Yield,
    Sleep(u64),
    Pass(usize),
    /// A call that blocks its thread until a task has run, or that blocks nothing.
    Call(bool),
    /// A task that does this, and what becomes of its handle.
    Spawn(Vec<Op>, Fate),
    /// Joins what was kept last.
    Join,
    /// Aborts what was kept last, and joins it.
    Abort,
}

#[derive(Clone, Copy, Debug)]
enum Fate {
    Dropped,
    Kept,
    AbortedAtOnce,
}

fn program(depth: usize) -> Vec<Op> {
    (0..below(OPS_MAX)).map(|_| op(depth)).collect()
}

fn op(depth: usize) -> Op {
    match below(if depth < DEPTH_MAX { 9 } else { 6 }) {
        0 => Op::Yield,
        1 => Op::Sleep(below(4) as u64),
        2 => Op::Pass(below(GATES)),
        3 => Op::Join,
        4 => Op::Abort,
        5 => Op::Call(below(2) == 0),
        _ => {
            let fate = [Fate::Dropped, Fate::Kept, Fate::Kept, Fate::AbortedAtOnce][below(4)];
            Op::Spawn(program(depth + 1), fate)
        }
    }
}

/// What all of a program refer to.
#[derive(Clone)]
struct World {
    census: Arc<Census>,
    gates: Arc<[Gate]>,
    /// A join may then say that a task was cancelled which nobody has aborted.
    is_ending: Arc<AtomicBool>,
}

/// Says so before the runtime ends.
struct Ending(Runtime, World);

impl Drop for Ending {
    fn drop(&mut self) {
        self.1.is_ending.store(true, Relaxed);
    }
}

impl World {
    fn spawn(&self, handle: &Handle, ops: Vec<Op>) -> JoinHandle<()> {
        let (world, tracked) = (self.clone(), self.census.track());
        handle.spawn(async move {
            tracked.begin();
            world.perform(ops).await;
        })
    }

    fn perform(self, ops: Vec<Op>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(async move {
            let mut kept = Vec::new();
            for op in ops {
                match op {
                    Op::Yield => yield_now().await,
                    Op::Sleep(millis) => sleep(Duration::from_millis(millis)).await,
                    Op::Pass(gate) => self.gates[gate].pass().await,
                    Op::Call(blocks) => {
                        let handle = Handle::current();
                        let call = crate::task::spawn_blocking(move || {
                            if blocks {
                                let _ = handle.block_on(handle.spawn(yield_now()));
                            }
                        });
                        let called = call.await;
                        assert!(called.is_ok() || self.is_ending.load(Relaxed));
                    }
                    Op::Spawn(ops, fate) => {
                        let task = self.spawn(&Handle::current(), ops);
                        match fate {
                            Fate::Dropped => drop(task),
                            Fate::Kept => kept.push(task),
                            Fate::AbortedAtOnce => task.abort(),
                        }
                    }
                    Op::Join => {
                        let Some(task) = kept.pop() else { continue };
                        let joined = task.await;
                        assert!(joined.is_ok() || self.is_ending.load(Relaxed));
                    }
                    Op::Abort => {
                        let Some(task) = kept.pop() else { continue };
                        task.abort();
                        let joined = task.await;
                        assert!(joined.is_ok() || joined.is_err_and(|error| error.is_cancelled()));
                    }
                }
                note(2000);
            }
        })
    }
}

pub(super) fn run() {
    let world = World {
        census: Arc::default(),
        gates: (0..GATES).map(|_| Gate::default()).collect(),
        is_ending: Arc::default(),
    };
    let runtime = Arc::new(Ending(runtime(below(4)), world.clone()));
    if below(2) == 0 {
        make_polls_short(&runtime.0);
    }
    let roots = (0..1 + below(3)).map(|_| {
        let (runtime, world, ops) = (Arc::clone(&runtime), world.clone(), program(0));
        thread::spawn(move || runtime.0.block_on(world.perform(ops)))
    });
    let mut threads: Vec<_> = roots.collect();
    threads.push(thread::spawn({
        let (handle, world) = (runtime.0.handle().clone(), world.clone());
        let ops: Vec<_> = (0..below(3)).map(|_| program(1)).collect();
        move || {
            let tasks: Vec<_> = ops.into_iter().map(|ops| world.spawn(&handle, ops)).collect();
            for gate in world.gates.iter() {
                gate.open();
            }
            for task in tasks {
                // On a current-thread runtime nobody may run it until the shutdown.
                let _ = handle.block_on(task);
            }
        }
    }));
    drop(runtime);
    for thread in threads {
        thread.join().expect("no panic");
    }
    let World { census, .. } = world;
    census.check(None);
}
