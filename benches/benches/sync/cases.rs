//! The cases, against `rt`. Each does `rounds` rounds and says how long they took.

use std::future::Future;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::Poll;
use std::time::{Duration, Instant};

use futures::future::{join_all, poll_fn};
use futures::task::AtomicWaker;

use super::super::{BURST, ROW, TURNS};
use super::rt;
use rt::sync::{Mutex, Notify, RwLock, Semaphore, broadcast, mpsc, oneshot, watch};

/// How long so many rounds take. (As a function of an `AsyncFnMut` the future would not be `Send`.)
macro_rules! timed {
    ($rounds:expr, |$round:pat_param| $body:expr) => {{
        let start = Instant::now();
        for $round in 0..$rounds {
            $body;
        }
        start.elapsed()
    }};
}

/// What a bounded channel holds.
const CAPACITY: usize = 128;
/// How many tasks want a lock.
const TASKS: usize = 8;

pub(crate) async fn bounded_alone(rounds: u64) -> Duration {
    let (sender, mut receiver) = mpsc::channel(CAPACITY);
    timed!(rounds, |round| {
        sender.send(round).await.expect("it is received from");
        assert_eq!(receiver.recv().await, Some(round));
    })
}

pub(crate) async fn unbounded_alone(rounds: u64) -> Duration {
    let (sender, mut receiver) = mpsc::unbounded_channel();
    timed!(rounds, |round| {
        sender.send(round).expect("it is received from");
        assert_eq!(receiver.recv().await, Some(round));
    })
}

pub(crate) async fn bounded<const SENDERS: usize>(rounds: u64) -> Duration {
    timed!(rounds, |_| {
        let (sender, mut receiver) = mpsc::channel(CAPACITY);
        send_from::<SENDERS>(sender);
        let mut received = 0;
        while let Some(message) = receiver.recv().await {
            black_box(message);
            received += 1;
        }
        assert_eq!(received, BURST);
    })
}

pub(crate) async fn recv_many(rounds: u64) -> Duration {
    let mut messages = Vec::with_capacity(CAPACITY);
    timed!(rounds, |_| {
        let (sender, mut receiver) = mpsc::channel(CAPACITY);
        send_from::<1>(sender);
        let mut received = 0;
        while receiver.recv_many(&mut messages, CAPACITY).await > 0 {
            received += messages.len();
            black_box(&messages);
            messages.clear();
        }
        assert_eq!(received, BURST);
    })
}

fn send_from<const SENDERS: usize>(sender: mpsc::Sender<usize>) {
    for _ in 0..SENDERS {
        let sender = sender.clone();
        drop(rt::spawn(async move {
            for message in 0..BURST / SENDERS {
                sender.send(message).await.expect("it is received from");
            }
        }));
    }
}

pub(crate) async fn unbounded<const SENDERS: usize>(rounds: u64) -> Duration {
    timed!(rounds, |_| {
        let (sender, mut receiver) = mpsc::unbounded_channel();
        for _ in 0..SENDERS {
            let sender = sender.clone();
            drop(rt::spawn(async move {
                for message in 0..BURST / SENDERS {
                    sender.send(message).expect("it is received from");
                }
            }));
        }
        drop(sender);
        let mut received = 0;
        while let Some(message) = receiver.recv().await {
            black_box(message);
            received += 1;
        }
        assert_eq!(received, BURST);
    })
}

pub(crate) async fn oneshot_one(rounds: u64) -> Duration {
    timed!(rounds, |round| {
        let (sender, receiver) = oneshot::channel();
        sender.send(round).expect("it is received from");
        assert_eq!(receiver.await, Ok(round));
    })
}

pub(crate) async fn broadcast<const RECEIVERS: usize>(rounds: u64) -> Duration {
    let (sender, _) = broadcast::channel(ROW);
    let all = Arc::new(Arrivals::default());
    for _ in 0..RECEIVERS {
        let (mut receiver, all) = (sender.subscribe(), Arc::clone(&all));
        drop(rt::spawn(async move {
            all.arrive();
            while let Ok(message) = receiver.recv().await {
                if message == ROW - 1 {
                    all.arrive();
                }
            }
        }));
    }
    all.wait(RECEIVERS).await;
    timed!(rounds, |_| {
        for message in 0..ROW {
            sender.send(message).expect("it is received from");
        }
        all.wait(RECEIVERS).await;
    })
}

pub(crate) async fn watch_to<const RECEIVERS: usize>(rounds: u64) -> Duration {
    let (sender, _) = watch::channel(0);
    let all = Arc::new(Arrivals::default());
    for _ in 0..RECEIVERS {
        let (mut receiver, all) = (sender.subscribe(), Arc::clone(&all));
        drop(rt::spawn(async move {
            all.arrive();
            while receiver.changed().await.is_ok() {
                black_box(*receiver.borrow_and_update());
                all.arrive();
            }
        }));
    }
    all.wait(RECEIVERS).await;
    timed!(rounds, |round| {
        sender.send(round).expect("it is received from");
        all.wait(RECEIVERS).await;
    })
}

pub(crate) async fn watch_borrow(rounds: u64) -> Duration {
    let (_sender, receiver) = watch::channel(7);
    timed!(rounds, |_| assert_eq!(*black_box(&receiver).borrow(), 7))
}

pub(crate) async fn mutex_alone(rounds: u64) -> Duration {
    let mutex = Mutex::new(0);
    timed!(rounds, |_| *black_box(&mutex).lock().await += 1)
}

pub(crate) async fn mutex_contended(rounds: u64) -> Duration {
    let mutex = Arc::new(Mutex::new(0));
    contended(rounds, move |_| {
        let mutex = Arc::clone(&mutex);
        async move {
            let mut guard = mutex.lock().await;
            rt::task::yield_now().await;
            *guard += 1;
        }
    })
    .await
}

pub(crate) async fn read_alone(rounds: u64) -> Duration {
    let lock = RwLock::new(7);
    timed!(rounds, |_| assert_eq!(*black_box(&lock).read().await, 7))
}

pub(crate) async fn write_alone(rounds: u64) -> Duration {
    let lock = RwLock::new(0);
    timed!(rounds, |_| *black_box(&lock).write().await += 1)
}

pub(crate) async fn rwlock_contended(rounds: u64) -> Duration {
    let lock = Arc::new(RwLock::new(0));
    contended(rounds, move |task| {
        let lock = Arc::clone(&lock);
        async move {
            if task % 4 == 0 {
                let mut guard = lock.write().await;
                rt::task::yield_now().await;
                *guard += 1;
            } else {
                let guard = lock.read().await;
                rt::task::yield_now().await;
                black_box(*guard);
            }
        }
    })
    .await
}

pub(crate) async fn semaphore_alone(rounds: u64) -> Duration {
    let semaphore = Semaphore::new(2);
    timed!(rounds, |_| drop(black_box(&semaphore).acquire().await.expect("it is open")))
}

pub(crate) async fn semaphore_contended(rounds: u64) -> Duration {
    let semaphore = Arc::new(Semaphore::new(2));
    contended(rounds, move |_| {
        let semaphore = Arc::clone(&semaphore);
        async move {
            let _permit = semaphore.acquire().await.expect("it is open");
            rt::task::yield_now().await;
        }
    })
    .await
}

pub(crate) async fn notify_one(rounds: u64) -> Duration {
    let (here, there) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (here_too, there_too) = (Arc::clone(&here), Arc::clone(&there));
    drop(rt::spawn(async move {
        for _ in 0..rounds {
            there_too.notified().await;
            here_too.notify_one();
        }
    }));
    timed!(rounds, |_| {
        there.notify_one();
        here.notified().await;
    })
}

pub(crate) async fn notify_all<const WAITING: usize>(rounds: u64) -> Duration {
    let (notify, all) = (Arc::new(Notify::new()), Arc::new(Arrivals::default()));
    for _ in 0..WAITING {
        let (notify, all) = (Arc::clone(&notify), Arc::clone(&all));
        drop(rt::spawn(async move {
            for _ in 0..=rounds {
                // It waits from here on, before it says so.
                let notified = notify.notified();
                all.arrive();
                notified.await;
            }
        }));
    }
    all.wait(WAITING).await;
    let took = timed!(rounds, |_| {
        notify.notify_waiters();
        all.wait(WAITING).await;
    });
    notify.notify_waiters();
    took
}

/// How long [`TASKS`] tasks take for `rounds` times [`TURNS`] of `turn`, which is told whose it is.
async fn contended<F>(rounds: u64, turn: impl Fn(usize) -> F + Clone + Send + 'static) -> Duration
where
    F: Future<Output = ()> + Send,
{
    let start = Instant::now();
    let tasks = (0..TASKS).map(|task| {
        let turn = turn.clone();
        rt::spawn(async move {
            for _ in 0..rounds * (TURNS / TASKS) as u64 {
                turn(task).await;
            }
        })
    });
    // They are spawned all before the first is awaited.
    let tasks: Vec<_> = tasks.collect();
    join_all(tasks).await.into_iter().for_each(|end| end.expect("no task panics"));
    start.elapsed()
}

/// Where one task waits until so many others have come. The same code for both.
#[derive(Default)]
struct Arrivals {
    arrived: AtomicUsize,
    waiting_for: AtomicUsize,
    waiter: AtomicWaker,
}

impl Arrivals {
    fn arrive(&self) {
        let arrived = self.arrived.fetch_add(1, SeqCst) + 1;
        if arrived == self.waiting_for.load(SeqCst) {
            self.waiter.wake();
        }
    }

    /// Waits for the next `n`.
    async fn wait(&self, n: usize) {
        self.waiting_for.store(n, SeqCst);
        poll_fn(|cx| {
            self.waiter.register(cx.waker());
            match self.arrived.load(SeqCst) {
                arrived if arrived == n => Poll::Ready(()),
                _ => Poll::Pending,
            }
        })
        .await;
        self.arrived.store(0, SeqCst);
    }
}
