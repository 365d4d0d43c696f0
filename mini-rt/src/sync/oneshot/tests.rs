//! A oneshot in one thread: what is left of values and wakers.

use super::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Wake, Waker};

#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Relaxed);
    }
}

struct Task {
    count: Arc<Count>,
    waker: Waker,
}

impl Task {
    fn new() -> Self {
        let count = Arc::<Count>::default();
        Self { waker: count.clone().into(), count }
    }

    fn poll<T>(&self, receiver: &mut Receiver<T>) -> Poll<Result<T, RecvError>> {
        Pin::new(receiver).poll(&mut Context::from_waker(&self.waker))
    }

    /// How often it was woken, and how many wakers of it the channel has.
    fn seen(&self) -> (usize, usize) {
        (self.count.0.load(Relaxed), Arc::strong_count(&self.count) - 2)
    }
}

#[test]
fn the_task_of_the_last_poll_is_woken() {
    let (sender, mut receiver) = channel();
    let (first, second) = (Task::new(), Task::new());
    assert!(first.poll(&mut receiver).is_pending() && first.poll(&mut receiver).is_pending());
    assert_eq!(first.seen(), (0, 1));
    assert!(second.poll(&mut receiver).is_pending());
    assert_eq!((first.seen(), second.seen()), ((0, 0), (0, 1)));
    assert_eq!(sender.send(1), Ok(()));
    assert_eq!((first.seen(), second.seen()), ((0, 0), (1, 0)));
    assert_eq!(second.poll(&mut receiver), Poll::Ready(Ok(1)));
    assert!(receiver.is_terminated());
}

#[test]
fn who_waits_for_the_close_is_woken_by_it() {
    for close in
        [Receiver::close as fn(&mut Receiver<u32>), |receiver| assert!(receiver.leave().is_none())]
    {
        let (mut sender, mut receiver) = channel();
        let (first, second) = (Task::new(), Task::new());
        assert!(sender.poll_closed(&mut Context::from_waker(&first.waker)).is_pending());
        assert!(sender.poll_closed(&mut Context::from_waker(&second.waker)).is_pending());
        close(&mut receiver);
        assert_eq!((first.seen(), second.seen()), ((0, 0), (1, 0)));
        assert!(sender.is_closed());
        assert!(sender.poll_closed(&mut Context::from_waker(&first.waker)).is_ready());
        assert_eq!(sender.send(1), Err(1));
    }
}

#[test]
fn wakers_that_nobody_takes_are_dropped_with_the_channel() {
    let (mut sender, mut receiver) = channel::<u32>();
    let (one, two) = (Task::new(), Task::new());
    assert!(sender.poll_closed(&mut Context::from_waker(&one.waker)).is_pending());
    assert!(two.poll(&mut receiver).is_pending());
    receiver.close();
    drop(sender);
    drop(receiver);
    assert_eq!((one.seen(), two.seen()), ((1, 0), (0, 0)));

    let (mut sender, receiver) = channel::<u32>();
    assert!(sender.poll_closed(&mut Context::from_waker(&two.waker)).is_pending());
    assert_eq!(sender.send(1), Ok(()));
    drop(receiver);
    assert_eq!(two.seen(), (0, 0), "it has sent, and waits for no close");
}

#[test]
fn the_value_is_dropped_once_wherever_it_ends() {
    let value = Arc::new(());
    let (sender, receiver) = channel();
    sender.send(value.clone()).expect("the receiver is there");
    drop(receiver);
    let (sender, receiver) = channel();
    drop(receiver);
    drop(sender.send(value.clone()));
    let (sender, mut receiver) = channel();
    sender.send(value.clone()).expect("the receiver is there");
    receiver.close();
    assert!(!receiver.is_empty());
    assert!(receiver.try_recv().is_ok() && receiver.try_recv() == Err(TryRecvError::Closed));
    assert_eq!(Arc::strong_count(&value), 1);
}

#[test]
fn a_poll_whose_budget_is_used_up_leaves_the_value() {
    let (sender, mut receiver) = channel();
    sender.send(1).expect("the receiver is there");
    let task = Task::new();
    crate::coop::with_budget(|| {
        let mut cx = Context::from_waker(&task.waker);
        while let Poll::Ready(progress) = coop::poll_proceed(&mut cx) {
            progress.made_progress();
        }
        assert!(task.poll(&mut receiver).is_pending());
    });
    assert_eq!(task.poll(&mut receiver), Poll::Ready(Ok(1)));
}

/// For Miri and the address sanitizer: each thing that the one end does against each that the other
/// does.
#[test]
fn ends_that_race_leave_nothing_behind() {
    let cases = (0..4).flat_map(|sending| (0..5).map(move |receiving| (sending, receiving)));
    for (sending, receiving) in cases.cycle().take(if cfg!(miri) { 20 } else { 4_000 }) {
        let (mut sender, mut receiver) = channel();
        let (value, tasks) = (Arc::new(()), [Task::new(), Task::new(), Task::new()]);
        let sent = Arc::clone(&value);
        let [one, other, third] = &tasks;
        std::thread::scope(|scope| {
            scope.spawn(move || {
                if sending >= 2 {
                    let _ = sender.poll_closed(&mut Context::from_waker(&third.waker));
                }
                if sending % 2 == 0 {
                    let _ = sender.send(sent);
                }
            });
            let _ = receiving > 0 && one.poll(&mut receiver).is_ready();
            match receiving {
                1 => receiver.close(),
                2 => drop(receiver.try_recv()),
                3 if !receiver.is_terminated() => drop(other.poll(&mut receiver)),
                _ => {}
            }
            drop(receiver);
        });
        assert_eq!(Arc::strong_count(&value), 1, "{sending} against {receiving}");
        assert_eq!(tasks.map(|task| task.seen().1), [0; 3], "{sending} against {receiving}");
    }
}
