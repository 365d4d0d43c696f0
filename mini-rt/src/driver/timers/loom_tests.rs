//! Loom models of the [timers](super): every order of park, add, cancel and fire.
//!
//! Deadlines are hours apart, so that the clock decides nothing. A thread that would sleep past the
//! timer it must not miss parks for ever instead: loom reports a wake-up that is lost as a
//! deadlock.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Wake;

use super::*;
use crate::primitive::{Arc, thread};

const HOUR: Duration = Duration::from_secs(3600);
/// Ticks end up to a millisecond after the deadline.
const SLACK: Duration = Duration::from_millis(1);

/// Counts; a count is no edge of the model.
#[derive(Default)]
struct Task(AtomicUsize);

impl Wake for Task {
    fn wake(self: std::sync::Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn poll(timers: &Timers, entry: &mut Entry, deadline: Instant) -> (Poll<()>, Unpark) {
    timers.poll_deadline(entry, deadline, &mut Context::from_waker(Waker::noop()))
}

/// Parks until the time to sleep is no longer than `limit`.
fn park_until_no_longer_than(timers: &Timers, limit: Duration) {
    loop {
        let sleep = timers.prepare_park(None).timeout;
        let is_missed = sleep.is_none_or(|sleep| sleep > limit + SLACK);
        if is_missed {
            thread::park();
        }
        timers.finish_park(&mut WakeList::new());
        if !is_missed {
            return;
        }
    }
}

/// Adds a timer on a thread of its own, which wakes `parked` when it is told to.
fn add_after(
    timers: &Arc<Timers>,
    deadline: Instant,
    parked: thread::Thread,
    mut cancelled: Entry,
) -> thread::JoinHandle<()> {
    let timers = timers.clone();
    thread::spawn(move || {
        timers.cancel(&mut cancelled);
        if poll(&timers, &mut Entry::Idle(None), deadline).1 == Unpark::Needed {
            parked.unpark();
        }
    })
}

#[test]
fn no_thread_sleeps_past_a_timer_that_another_adds() {
    loom::model(|| {
        let (timers, base) = (Arc::new(Timers::new(Clock::of_machine())), Instant::now());
        let adder = add_after(&timers, base + HOUR, thread::current(), Entry::Idle(None));
        park_until_no_longer_than(&timers, HOUR);
        adder.join().unwrap();
    });
}

#[test]
fn a_timer_added_while_something_else_ends_the_sleep_is_seen_by_the_next() {
    loom::model(|| {
        let (timers, base) = (Arc::new(Timers::new(Clock::of_machine())), Instant::now());
        let adder = add_after(&timers, base + HOUR, thread::current(), Entry::Idle(None));
        let _ = timers.prepare_park(None);
        timers.finish_park(&mut WakeList::new());
        park_until_no_longer_than(&timers, HOUR);
        adder.join().unwrap();
    });
}

#[test]
fn two_threads_that_add_wake_a_parked_one_between_them() {
    loom::model(|| {
        let (timers, base) = (Arc::new(Timers::new(Clock::of_machine())), Instant::now());
        let first = add_after(&timers, base + HOUR * 2, thread::current(), Entry::Idle(None));
        let second = add_after(&timers, base + HOUR, thread::current(), Entry::Idle(None));
        park_until_no_longer_than(&timers, HOUR);
        first.join().unwrap();
        second.join().unwrap();
    });
}

#[test]
fn a_cancelled_timer_hides_no_later_one() {
    loom::model(|| {
        let (timers, base) = (Arc::new(Timers::new(Clock::of_machine())), Instant::now());
        let mut entry = Entry::Idle(None);
        assert_eq!(poll(&timers, &mut entry, base + HOUR), (Poll::Pending, Unpark::No));
        let adder = add_after(&timers, base + HOUR * 2, thread::current(), entry);
        park_until_no_longer_than(&timers, HOUR * 2);
        park_until_no_longer_than(&timers, HOUR * 2);
        adder.join().unwrap();
    });
}

/// A timer that is due, and a thread that fires it while this one does `owner`. Returns what
/// `owner` does and how often the task was woken.
fn fire_against<R>(
    owner: impl FnOnce(&Timers, &mut Entry, Instant, &mut Context<'_>) -> R,
) -> (R, usize) {
    let timers = Timers::new(Clock::with_hand());
    let deadline = timers.now() + HOUR;
    let (task, mut entry) = (std::sync::Arc::new(Task::default()), Entry::Idle(None));
    let waker = Waker::from(task.clone());
    let mut cx = Context::from_waker(&waker);
    assert!(timers.poll_deadline(&mut entry, deadline, &mut cx).0.is_pending());
    timers.clock.go_to(deadline + HOUR);
    let timers = Arc::new(timers);
    let firing = {
        let timers = timers.clone();
        thread::spawn(move || {
            let mut wakes = WakeList::new();
            timers.finish_park(&mut wakes);
            wakes.wake_all();
        })
    };
    let result = owner(&timers, &mut entry, deadline, &mut cx);
    firing.join().unwrap();
    timers.cancel(&mut entry);
    drop(waker);
    assert_eq!(timers.next.load(Relaxed), NEVER, "nothing is left in the wheel");
    assert_eq!(std::sync::Arc::strong_count(&task), 1, "no waker is left");
    (result, task.0.load(Ordering::Relaxed))
}

#[test]
fn a_poll_that_races_with_the_fire_sees_it_or_is_woken() {
    loom::model(|| {
        let ((polled, _), woken) = fire_against(Timers::poll_deadline);
        assert!(polled.is_ready() || woken == 1);
    });
}

#[test]
fn another_task_that_polls_while_the_timer_fires_sees_that_it_is_due() {
    loom::model(|| {
        let ((polled, _), _) =
            fire_against(|timers, entry, deadline, _| poll(timers, entry, deadline));
        assert!(polled.is_ready());
    });
}

#[test]
fn cancelling_while_the_timer_fires_leaves_nothing() {
    loom::model(|| {
        let ((), woken) = fire_against(|timers, entry, _, _| timers.cancel(entry));
        assert!(woken <= 1);
    });
}

#[test]
fn moving_a_timer_ahead_while_it_fires_wakes_its_task() {
    loom::model(|| {
        let (unpark, woken) =
            fire_against(|timers, entry, deadline, _| timers.reset(entry, deadline - HOUR));
        assert_eq!(unpark, Unpark::No);
        assert!(woken >= 1); // Twice if it fires just before the lock is taken to move it.
    });
}
