//! What do tasks cost: to spawn, to join, to wake, to let others run?
//!
//! - `spawn_join`: a task that is ready at once is spawned and joined. `one`: over and over;
//!   `batch_10000`: 10,000 of them are spawned, then joined in that order. `inside`, the loop is
//!   itself a task; without that suffix it is the root future of `block_on`, which on a runtime
//!   with threads is a thread that runs no tasks, so each `one` goes to a worker and back.
//! - `spawn`: `outside_10000`: a thread of no runtime spawns 10,000 tasks, which are joined inside;
//!   `chained_1000`: each of 1,000 tasks spawns the next.
//! - `ping_pong/1000`: 1,000 tasks at once, each with a partner of its own: over one oneshot and
//!   back over another. The channels are those of the `futures` crate on all.
//! - `yield`: `200_tasks_x1000` that each let others run 1,000 times, and `alone_x10000`, one that
//!   has nobody to let run. Each runtime's own `yield_now`.
//! - `wake`: `self_1000`: a task wakes itself in its poll; `foreign_one`: a thread of no runtime
//!   answers a task over a oneshot, which sleeps meanwhile; `foreign_1000`: such a thread wakes
//!   1,000 tasks that wait.
//! - `request_reply`: the root future of `block_on` asks a task over a channel and waits for the
//!   answer.
//! - `spawn_blocking/batch_16`: 16 blocking calls that return at once, then joined.
//!
//! What it cannot tell: how it is when tasks have real work, hold memory for long, or come from
//! many threads. On two cores, whatever crosses threads (`one`, `foreign_one`, `request_reply`,
//! `spawn_blocking`, and all kinds with threads) shows the kernel's scheduler as much as the
//! runtime's. mini-rt's `block_on` and one of its workers stay awake for each other for up to 5 us
//! while that pays, where the others go to sleep at once: the times do not show the CPU that this
//! takes, two threads for so long. smol's pool for blocking calls is one for the process and lives
//! on between its lines.

use std::future::{poll_fn, ready};
use std::hint::black_box;
use std::task::Poll;
use std::time::{Duration, Instant};

use benches::measure::{Place, Workload, criterion, group, on_each};
use benches::outside::Outside;
use benches::tasks::Tasks;
use criterion::{Criterion, criterion_group, criterion_main};
use futures::StreamExt;
use futures::channel::{mpsc, oneshot};

/// Tasks that exist at once in a batch; far past what any runtime's local queue holds (256).
const BATCH: u32 = 10_000;
const PAIRS: u32 = 1_000;
const LINKS: u32 = 1_000;
const WAKES: u32 = 1_000;
const BLOCKING: u32 = 16;

criterion_group! { name = all; config = criterion(); targets = spawn_join, spawn, wake }
criterion_main!(all);

fn spawn_join(criterion: &mut Criterion) {
    let mut group = group(criterion, "spawn_join");
    on_each(&mut group, "one", 1, Place::Root, SpawnJoin(1));
    on_each(&mut group, "one_inside", 1, Place::Task, SpawnJoin(1));
    on_each(&mut group, "batch_10000", BATCH as usize, Place::Root, SpawnJoin(BATCH));
    on_each(&mut group, "batch_10000_inside", BATCH as usize, Place::Task, SpawnJoin(BATCH));
    group.finish();
}

fn spawn(criterion: &mut Criterion) {
    let mut spawn = group(criterion, "spawn");
    on_each(&mut spawn, "outside_10000", BATCH as usize, Place::Task, FromOutside);
    on_each(&mut spawn, "chained_1000", LINKS as usize, Place::Task, Chained);
    spawn.finish();
    let mut blocking = group(criterion, "spawn_blocking");
    on_each(&mut blocking, "batch_16", BLOCKING as usize, Place::Task, Blocking);
    blocking.finish();
}

fn wake(criterion: &mut Criterion) {
    let mut pairs = group(criterion, "ping_pong");
    on_each(&mut pairs, "1000", PAIRS as usize, Place::Task, PingPong);
    pairs.finish();
    let mut yields = group(criterion, "yield");
    let (many, alone) = (Yield { tasks: 200, times: 1_000 }, Yield { tasks: 1, times: 10_000 });
    on_each(&mut yields, "200_tasks_x1000", 200_000, Place::Task, many);
    on_each(&mut yields, "alone_x10000", 10_000, Place::Task, alone);
    yields.finish();
    let mut wake = group(criterion, "wake");
    on_each(&mut wake, "self_1000", WAKES as usize, Place::Task, SelfWake);
    on_each(&mut wake, "foreign_one", 1, Place::Task, ForeignWake(1));
    on_each(&mut wake, "foreign_1000", WAKES as usize, Place::Task, ForeignWake(WAKES));
    wake.finish();
    let mut requests = group(criterion, "request_reply");
    on_each(&mut requests, "one", 1, Place::Root, RequestReply);
    requests.finish();
}

/// Spawns so many, then joins them.
#[derive(Clone, Copy)]
struct SpawnJoin(u32);

impl Workload for SpawnJoin {
    async fn run<T: Tasks>(self, tasks: T, iters: u64) -> Duration {
        let mut handles = Vec::with_capacity(self.0 as usize);
        let start = Instant::now();
        for _ in 0..iters {
            handles.extend((0..self.0).map(|task| tasks.spawn(async move { black_box(task) })));
            for (task, handle) in (0..self.0).zip(handles.drain(..)) {
                assert_eq!(T::join(handle).await, task);
            }
        }
        start.elapsed()
    }
}

#[derive(Clone, Copy)]
struct FromOutside;

impl Workload for FromOutside {
    async fn run<T: Tasks>(self, tasks: T, iters: u64) -> Duration {
        let outside = Outside::start();
        let start = Instant::now();
        for _ in 0..iters {
            let (sender, spawned) = oneshot::channel();
            let tasks = tasks.clone();
            outside.run(move || {
                let spawn = |task| tasks.spawn_outside(async move { black_box(task) });
                let handles: Vec<_> = (0..BATCH).map(spawn).collect();
                assert!(sender.send(handles).is_ok(), "somebody waits for them");
            });
            let handles = spawned.await.expect("it does not panic out there");
            for (task, handle) in (0..BATCH).zip(handles) {
                assert_eq!(T::join(handle).await, task);
            }
        }
        start.elapsed()
    }
}

#[derive(Clone, Copy)]
struct Chained;

impl Workload for Chained {
    async fn run<T: Tasks>(self, tasks: T, iters: u64) -> Duration {
        let start = Instant::now();
        for _ in 0..iters {
            let (sender, end) = oneshot::channel();
            link(tasks.clone(), LINKS, sender);
            end.await.expect("the last link sends");
        }
        start.elapsed()
    }
}

/// Spawns a task that does this with one less.
fn link<T: Tasks>(tasks: T, left: u32, end: oneshot::Sender<()>) {
    let next = tasks.clone();
    T::detach(tasks.spawn(async move {
        match left {
            1 => end.send(()).expect("somebody waits for the end"),
            _ => link(next, left - 1, end),
        }
    }));
}

#[derive(Clone, Copy)]
struct Blocking;

impl Workload for Blocking {
    async fn run<T: Tasks>(self, tasks: T, iters: u64) -> Duration {
        let mut handles = Vec::with_capacity(BLOCKING as usize);
        let start = Instant::now();
        for _ in 0..iters {
            handles.extend((0..BLOCKING).map(|call| tasks.spawn_blocking(move || black_box(call))));
            for (call, handle) in (0..BLOCKING).zip(handles.drain(..)) {
                assert_eq!(T::join(handle).await, call);
            }
        }
        start.elapsed()
    }
}

#[derive(Clone, Copy)]
struct PingPong;

impl Workload for PingPong {
    async fn run<T: Tasks>(self, tasks: T, iters: u64) -> Duration {
        let mut handles = Vec::with_capacity(PAIRS as usize);
        let start = Instant::now();
        for _ in 0..iters {
            handles.extend((0..PAIRS).map(|_| tasks.spawn(ping_pong(tasks.clone()))));
            for handle in handles.drain(..) {
                T::join(handle).await;
            }
        }
        start.elapsed()
    }
}

async fn ping_pong<T: Tasks>(tasks: T) {
    let (ping, pinged) = oneshot::channel();
    let (pong, ponged) = oneshot::channel();
    T::detach(tasks.spawn(async move {
        pinged.await.expect("it is pinged");
        pong.send(()).expect("the pong is waited for");
    }));
    ping.send(()).expect("the ping is waited for");
    ponged.await.expect("the partner answers");
}

#[derive(Clone, Copy)]
struct Yield {
    tasks: u32,
    times: u32,
}

impl Workload for Yield {
    async fn run<T: Tasks>(self, tasks: T, iters: u64) -> Duration {
        let Self { tasks: count, times } = self;
        let mut handles = Vec::with_capacity(count as usize);
        let start = Instant::now();
        for _ in 0..iters {
            let yielding = || async move {
                for _ in 0..times {
                    T::yield_now().await;
                }
            };
            handles.extend((0..count).map(|_| tasks.spawn(yielding())));
            for handle in handles.drain(..) {
                T::join(handle).await;
            }
        }
        start.elapsed()
    }
}

#[derive(Clone, Copy)]
struct SelfWake;

impl Workload for SelfWake {
    async fn run<T: Tasks>(self, _: T, iters: u64) -> Duration {
        let start = Instant::now();
        for _ in 0..iters {
            let mut left = WAKES;
            let wake_self = poll_fn(|cx| match left {
                0 => Poll::Ready(()),
                _ => {
                    left -= 1;
                    cx.waker().wake_by_ref();
                    Poll::Pending
                }
            });
            wake_self.await;
        }
        start.elapsed()
    }
}

/// So many tasks wait, each over a oneshot, for the thread outside.
#[derive(Clone, Copy)]
struct ForeignWake(u32);

impl Workload for ForeignWake {
    async fn run<T: Tasks>(self, tasks: T, iters: u64) -> Duration {
        let outside = Outside::start();
        let mut busy = Duration::ZERO;
        for _ in 0..iters {
            let (senders, waiting): (Vec<_>, Vec<_>) =
                (0..self.0).map(|_| oneshot::channel::<()>()).unzip();
            let wait = |end: oneshot::Receiver<()>| async { end.await.expect("a wake comes") };
            let handles: Vec<_> = waiting.into_iter().map(|end| tasks.spawn(wait(end))).collect();
            T::yield_now().await; // so that those who run here wait by now
            let start = Instant::now();
            outside.run(|| {
                for sender in senders {
                    sender.send(()).expect("it is waited for");
                }
            });
            for handle in handles {
                T::join(handle).await;
            }
            busy += start.elapsed();
        }
        busy
    }
}

type Reply = oneshot::Sender<u64>;

#[derive(Clone, Copy)]
struct RequestReply;

impl Workload for RequestReply {
    async fn run<T: Tasks>(self, tasks: T, iters: u64) -> Duration {
        let (requests, received) = mpsc::unbounded::<(u64, Reply)>();
        let server = tasks.spawn(received.for_each(|(question, reply)| {
            reply.send(question + 1).expect("the answer is waited for");
            ready(())
        }));
        let start = Instant::now();
        for question in 0..iters {
            let (reply, replied) = oneshot::channel();
            requests.unbounded_send((question, reply)).expect("the server is there");
            assert_eq!(replied.await, Ok(question + 1));
        }
        let elapsed = start.elapsed();
        drop(requests);
        T::join(server).await;
        elapsed
    }
}
