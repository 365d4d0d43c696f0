use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Wake;

use super::*;

const HOUR: Duration = Duration::from_secs(3600);

/// A task that counts how often it is woken.
#[derive(Default)]
struct Task(AtomicUsize);

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Timers on a clock that moves hours at a time: the test cannot be too slow for it.
struct Fixture {
    timers: Timers,
    base: Instant,
    task: Arc<Task>,
}

impl Fixture {
    fn new() -> Self {
        let timers = Timers::new(Clock::with_hand());
        Self { base: timers.now(), timers, task: Arc::default() }
    }

    fn at(&self, hours: u32) -> Instant {
        self.base + HOUR * hours
    }

    /// Polls a timer that is due at `hours`, as `task`.
    fn poll_as(&self, task: &Arc<Task>, entry: &mut Entry, hours: u32) -> (Poll<()>, Unpark) {
        let waker = task.clone().into();
        self.timers.poll_deadline(entry, self.at(hours), &mut Context::from_waker(&waker))
    }

    fn poll(&self, entry: &mut Entry, hours: u32) -> (Poll<()>, Unpark) {
        self.poll_as(&self.task, entry, hours)
    }

    /// What a driver does that has slept until a second after `hours`.
    fn turn_at(&self, hours: u32) {
        self.timers.clock.go_to(self.at(hours) + Duration::from_secs(1));
        let mut wakes = WakeList::new();
        self.timers.finish_park(&mut wakes);
        wakes.wake_all();
    }

    fn woken(&self) -> usize {
        self.task.0.swap(0, Ordering::Relaxed)
    }

    fn registered(&self) -> bool {
        self.timers.wheel.lock().next_deadline().is_some()
    }
}

const PENDING: (Poll<()>, Unpark) = (Poll::Pending, Unpark::No);
const PENDING_UNPARK: (Poll<()>, Unpark) = (Poll::Pending, Unpark::Needed);
const READY: (Poll<()>, Unpark) = (Poll::Ready(()), Unpark::No);

#[test]
fn a_timer_wakes_its_task_once_and_not_before_its_deadline() {
    let f = Fixture::new();
    let mut entry = Entry::Idle(None);
    assert_eq!(f.poll(&mut entry, 2), PENDING);
    f.turn_at(1);
    assert_eq!((f.woken(), f.poll(&mut entry, 2)), (0, PENDING));
    f.turn_at(3);
    f.turn_at(4);
    assert_eq!((f.woken(), f.poll(&mut entry, 2), f.poll(&mut entry, 2)), (1, READY, READY));
    assert!(!f.registered());
}

#[test]
fn a_deadline_that_has_passed_is_ready_at_once_and_never_registered() {
    let f = Fixture::new();
    let mut entry = Entry::Idle(None);
    assert_eq!(f.poll(&mut entry, 0), READY);
    f.timers.clock.go_to(f.at(2)); // No turn has seen this time.
    assert_eq!(f.poll(&mut Entry::Idle(None), 1), READY);
    assert!(!f.registered());
}

#[test]
fn the_time_of_its_making_stands_for_the_clock_at_the_first_poll() {
    let f = Fixture::new();
    f.timers.clock.go_to(f.at(3));
    let mut entry = Entry::Idle(Some(f.base));
    assert_eq!(f.poll(&mut Entry::Idle(Some(f.base)), 0), READY, "it was due then");
    assert_eq!(f.poll(&mut entry, 2), PENDING, "the clock was not read");
    f.turn_at(3);
    assert_eq!((f.woken(), f.poll(&mut entry, 2)), (1, READY));
}

#[test]
fn without_timers_no_lock_is_taken() {
    let f = Fixture::new();
    let locked = f.timers.wheel.lock();
    // Each of these would block here for ever.
    assert_eq!(f.timers.prepare_park(None).timeout, None);
    f.timers.finish_park(&mut WakeList::new());
    assert_eq!(f.timers.prepare_park(Some(HOUR)).timeout, Some(HOUR));
    f.timers.finish_park(&mut WakeList::new());
    f.timers.cancel(&mut Entry::Idle(None));
    drop(locked);
}

#[test]
fn polling_again_moving_later_and_a_turn_before_the_deadline_take_no_lock() {
    let f = Fixture::new();
    let mut entry = Entry::Idle(None);
    assert_eq!(f.poll(&mut entry, 1), PENDING);
    let locked = f.timers.wheel.lock();
    assert_eq!(f.poll(&mut entry, 1), PENDING);
    assert_eq!(f.timers.reset(&mut entry, f.at(2)), Unpark::No);
    assert_eq!(f.poll(&mut entry, 2), PENDING);
    assert!(f.timers.prepare_park(None).timeout.is_some());
    f.timers.finish_park(&mut WakeList::new());
    drop(locked);
    f.turn_at(1); // The first deadline: the task is woken, and waits again.
    assert_eq!((f.woken(), f.poll(&mut entry, 2)), (1, PENDING));
    f.turn_at(3);
    assert_eq!((f.woken(), f.poll(&mut entry, 2)), (1, READY));
}

#[test]
fn a_parked_thread_sleeps_until_the_next_deadline_or_its_limit() {
    let f = Fixture::new();
    assert_eq!(f.poll(&mut Entry::Idle(None), 2), PENDING);
    let sleep = f.timers.prepare_park(None).timeout.expect("there is a timer");
    // The wheel may want to move its timers down before.
    assert!(sleep > HOUR && sleep <= HOUR * 2 + Duration::from_millis(1), "{sleep:?}");
    f.timers.finish_park(&mut WakeList::new());
    assert_eq!(f.timers.prepare_park(Some(HOUR)).timeout, Some(HOUR));
    f.timers.finish_park(&mut WakeList::new());
    assert_eq!(f.timers.prepare_park(Some(Duration::ZERO)).timeout, Some(Duration::ZERO));
}

#[test]
fn only_a_parked_thread_is_woken_and_only_once_for_an_earlier_deadline() {
    let f = Fixture::new();
    let mut entries: [Entry; 8] = std::array::from_fn(|_| Entry::Idle(None));
    let [a, b, c, d, e, g, h, i] = &mut entries;
    assert_eq!(f.poll(a, 5), PENDING); // Nobody is parked.
    let _ = f.timers.prepare_park(None);
    assert_eq!(f.poll(b, 6), PENDING); // Later than it sleeps.
    assert_eq!(f.poll(c, 4), PENDING_UNPARK);
    assert_eq!(f.poll(d, 3), PENDING); // It is being woken.
    f.timers.finish_park(&mut WakeList::new());
    assert_eq!(f.poll(e, 2), PENDING); // It runs.
    let _ = f.timers.prepare_park(Some(Duration::ZERO));
    assert_eq!(f.poll(g, 1), PENDING); // It only looks.
    f.timers.finish_park(&mut WakeList::new());
    let _ = f.timers.prepare_park(None);
    f.timers.cancel(g);
    assert_eq!(f.poll(h, 2), PENDING); // It sleeps until 1 still.
    assert_eq!(f.poll(i, 2), PENDING);
}

#[test]
fn a_timer_added_while_a_thread_sleeps_without_end_wakes_it() {
    let f = Fixture::new();
    assert_eq!(f.timers.prepare_park(None).timeout, None);
    assert_eq!(f.poll(&mut Entry::Idle(None), 1), PENDING_UNPARK);
}

#[test]
fn a_cancelled_timer_wakes_nobody_and_leaves_nothing() {
    let f = Fixture::new();
    let mut entry = Entry::Idle(None);
    assert_eq!(f.poll(&mut entry, 1), PENDING);
    f.timers.cancel(&mut entry);
    assert_eq!(f.timers.prepare_park(None).timeout, None, "nothing to wait for");
    f.turn_at(2);
    assert_eq!(f.woken(), 0);
    assert_eq!(Arc::strong_count(&f.task), 1, "no waker is left");
}

#[test]
fn the_task_that_polled_last_is_woken() {
    let f = Fixture::new();
    let (mut entry, other) = (Entry::Idle(None), Arc::<Task>::default());
    assert_eq!(f.poll(&mut entry, 1), PENDING);
    assert_eq!(f.poll_as(&other, &mut entry, 1), PENDING);
    assert_eq!(Arc::strong_count(&f.task), 1, "no waker is left");
    f.turn_at(2);
    assert_eq!((f.woken(), other.0.load(Ordering::Relaxed)), (0, 1));
}

#[test]
fn timers_due_in_one_turn_fire_in_the_order_of_their_deadlines() {
    struct Logged(u32, Arc<Mutex<Vec<u32>>>);
    impl Wake for Logged {
        fn wake(self: Arc<Self>) {
            self.1.lock().push(self.0);
        }
    }
    let f = Fixture::new();
    let log = Arc::new(Mutex::new(Vec::new()));
    for hours in [3, 1, 5, 2, 4] {
        let waker = Arc::new(Logged(hours, log.clone())).into();
        let mut cx = Context::from_waker(&waker);
        assert_eq!(f.timers.poll_deadline(&mut Entry::Idle(None), f.at(hours), &mut cx), PENDING);
    }
    f.turn_at(6);
    assert_eq!(*log.lock(), [1, 2, 3, 4, 5]);
}

#[test]
fn a_deadline_moved_ahead_wakes_the_waiting_task_without_another_poll() {
    let f = Fixture::new();
    let mut entry = Entry::Idle(None);
    assert_eq!(f.poll(&mut entry, 9), PENDING);
    assert_eq!(f.timers.reset(&mut entry, f.at(1)), Unpark::No);
    f.turn_at(2);
    assert_eq!((f.woken(), f.poll(&mut entry, 1)), (1, READY));
}

#[test]
fn a_poll_with_an_earlier_deadline_moves_the_timer() {
    let f = Fixture::new();
    let mut entry = Entry::Idle(None);
    assert_eq!(f.poll(&mut entry, 9), PENDING);
    assert_eq!(f.poll(&mut entry, 1), PENDING);
    f.turn_at(2);
    assert_eq!((f.woken(), f.poll(&mut entry, 1)), (1, READY));
    assert!(!f.registered());
}

#[test]
fn a_timer_added_after_a_long_time_without_any_needs_no_extra_turn() {
    let f = Fixture::new();
    f.turn_at(1000);
    assert_eq!(f.poll(&mut Entry::Idle(None), 1001), PENDING);
    assert!(f.timers.prepare_park(None).timeout.unwrap() > HOUR / 2);
}

#[test]
fn a_deadline_moved_into_the_past_wakes_at_once() {
    let f = Fixture::new();
    let mut entry = Entry::Idle(None);
    f.turn_at(2);
    assert_eq!(f.poll(&mut entry, 9), PENDING);
    assert_eq!(f.timers.reset(&mut entry, f.at(1)), Unpark::No);
    let mut wakes = WakeList::new();
    f.timers.finish_park(&mut wakes);
    wakes.wake_all();
    assert_eq!((f.woken(), f.poll(&mut entry, 1)), (1, READY));
}

#[test]
fn a_finished_timer_waits_again_after_a_reset() {
    let f = Fixture::new();
    let mut entry = Entry::Idle(None);
    assert_eq!(f.poll(&mut entry, 0), READY);
    assert!(f.timers.is_elapsed(&entry, f.at(0)));
    assert_eq!(f.timers.reset(&mut entry, f.at(1)), Unpark::No);
    assert!(!f.timers.is_elapsed(&entry, f.at(1)));
    assert_eq!(f.poll(&mut entry, 1), PENDING);
    f.turn_at(2);
    assert!(f.timers.is_elapsed(&entry, f.at(1)));
    assert_eq!(f.timers.reset(&mut entry, f.at(3)), Unpark::No);
    assert!(!f.timers.is_elapsed(&entry, f.at(3)), "it fired, but for another deadline");
    assert_eq!((f.woken(), f.poll(&mut entry, 3)), (1, PENDING));
    f.turn_at(4);
    assert_eq!((f.woken(), f.poll(&mut entry, 3)), (1, READY));
}

#[test]
fn shutdown_wakes_whoever_waits_and_says_so_to_whoever_polls() {
    let f = Fixture::new();
    let mut entry = Entry::Idle(None);
    assert_eq!(f.poll(&mut entry, 1), PENDING);
    let mut wakes = WakeList::new();
    f.timers.shutdown(&mut wakes);
    wakes.wake_all();
    assert_eq!(f.woken(), 1);
    let panic = catch_unwind(AssertUnwindSafe(|| f.poll(&mut entry, 1))).unwrap_err();
    let message = panic.downcast_ref::<&str>().unwrap();
    assert!(message.contains("has been shut down"), "{message}");
    f.timers.cancel(&mut entry);
    assert_eq!(Arc::strong_count(&f.task), 1, "no waker is left");
}

#[test]
fn a_poll_that_meets_the_shutdown_halfway_does_not_end_early() {
    let f = Fixture::new();
    f.timers.shutdown(&mut WakeList::new());
    let register = || {
        f.timers.register(&mut Entry::Idle(None), Tick(3_600_000), f.base, &f.task.clone().into())
    };
    assert!(catch_unwind(AssertUnwindSafe(register)).is_err());
    assert_eq!(Arc::strong_count(&f.task), 1, "no waker is left");
}

#[test]
fn next_is_lowered_always_and_raised_while_nobody_is_parked() {
    assert_eq!(step(7, 5), Some((5, Unpark::No)));
    assert_eq!(step(7 | PARKED, 5), Some((5, Unpark::Needed)));
    assert_eq!(step(NEVER | PARKED, 5), Some((5, Unpark::Needed)));
    assert_eq!(step(5, 7), Some((7, Unpark::No)));
    assert_eq!(step(5, NEVER), Some((NEVER, Unpark::No)));
    assert_eq!(step(5 | PARKED, 7), None);
    assert_eq!(step(5, 5), None);
    assert_eq!(step(5 | PARKED, 5), None);
}
