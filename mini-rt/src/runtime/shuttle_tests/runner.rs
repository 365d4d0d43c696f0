//! Runs a scenario under many schedules, each of which comes from a seed.
//!
//! A seed is a number of executions, by two schedulers. One chooses at random at each step: it finds
//! what many small shifts lead to. The other, PCT (Burckhardt et al., ASPLOS 2010), gives threads
//! priorities and changes them at two random steps: it finds what a thread leads to that stands
//! still for long.
//!
//! Without a word, the seeds are the same each time, from 0 on. `MINI_RT_SHUTTLE_ITERATIONS` says how
//! many, `MINI_RT_SHUTTLE_SEED` the first (and then one, if not said otherwise).

use shuttle::scheduler::{PctScheduler, RandomScheduler, Scheduler};
use shuttle::{Config, FailurePersistence, MaxSteps, Runner};
use std::cell::RefCell;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// Executions of one seed, by each of the two schedulers. PCT uses up one to count steps.
const EXECUTIONS: usize = 6;

/// Seeds of a scenario, so that all tests take half a minute together.
const SEEDS: u64 = 500;

/// The depth of bugs that PCT looks for: it changes priorities so often, less one.
const PCT_DEPTH: usize = 3;

/// Past it an execution is taken for one that never ends. The longest take a tenth.
const STEPS_MAX: usize = 200_000;

/// A poll of user code, with the runtime's functions below it.
const STACK_BYTES: usize = 256 * 1024;

std::thread_local! {
    /// What has happened in the executions of this test, and at which step.
    static TRACE: RefCell<Vec<(usize, u64)>> = const { RefCell::new(Vec::new()) };
}

/// Writes down that something happens now.
pub(super) fn note(what: u64) {
    let step = shuttle::current::context_switches();
    TRACE.with_borrow_mut(|trace| trace.push((step, what)));
}

/// Runs `scenario` under the schedules of all seeds. The first that fails is told of and ends it.
pub(super) fn explore(scenario: fn()) {
    for seed in seeds() {
        if let Err(failure) = catch_unwind(AssertUnwindSafe(|| run(seed, scenario))) {
            let test = std::thread::current().name().unwrap_or("shuttle").to_owned();
            eprintln!(
                "seed {seed} fails. Again:\n    MINI_RT_SHUTTLE_SEED={seed} RUSTFLAGS=\"--cfg \
                 shuttle\" cargo test -p mini-rt --lib --profile model --target-dir target/shuttle \
                 {test}"
            );
            resume_unwind(failure);
        }
    }
}

/// The first of `seeds` under which `scenario` fails, if any does.
pub(super) fn first_failure(mut seeds: Range<u64>, scenario: fn()) -> Option<u64> {
    seeds.find(|&seed| catch_unwind(AssertUnwindSafe(|| run(seed, scenario))).is_err())
}

/// What happens in `scenario` under the schedules of `seed`.
pub(super) fn trace(seed: u64, scenario: fn()) -> Vec<(usize, u64)> {
    run(seed, scenario);
    TRACE.take()
}

fn seeds() -> Range<u64> {
    let number = |name| {
        let value = std::env::var(name).ok()?;
        Some(value.parse::<u64>().unwrap_or_else(|_| panic!("{name} is a number, not {value}")))
    };
    let first = number("MINI_RT_SHUTTLE_SEED");
    let count = number("MINI_RT_SHUTTLE_ITERATIONS");
    let count = count.unwrap_or(if first.is_some() { 1 } else { SEEDS });
    let first = first.unwrap_or(0);
    first..first + count
}

fn run(seed: u64, scenario: fn()) {
    TRACE.take();
    run_by(RandomScheduler::new_from_seed(seed, EXECUTIONS), scenario);
    run_by(PctScheduler::new_from_seed(seed, PCT_DEPTH, EXECUTIONS), scenario);
}

fn run_by(scheduler: impl Scheduler + 'static, scenario: fn()) {
    let mut config = Config::new();
    config.stack_size = STACK_BYTES;
    config.failure_persistence = FailurePersistence::None;
    config.max_steps = MaxSteps::FailAfter(STEPS_MAX);
    config.silence_warnings = true;
    let executions = Runner::new(scheduler, config).run(move || {
        // PCT refuses what has one thread only, as a current-thread runtime may.
        let other = shuttle::thread::spawn(shuttle::thread::yield_now);
        scenario();
        other.join().expect("no panic");
    });
    assert_eq!(executions, EXECUTIONS);
}
