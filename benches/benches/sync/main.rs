//! What do channels and locks cost?
//!
//! mini-rt's on mini-rt, Tokio's on Tokio: [`cases`](mini::cases) is one source that is compiled
//! against each. All of a line runs inside tasks.
//!
//! - `mpsc`: `bounded_alone`, `unbounded_alone`: one task sends to itself and receives;
//!   `bounded_1`, `_2`, `_5`: so many tasks send, another receives, over a channel for 128;
//!   `unbounded_` likewise; `recv_many_1`: bounded, received by up to 128 at once. Per message.
//! - `oneshot/one`: made, sent to and received from, in one task.
//! - `broadcast/to_10`, `_100`, `_1000`: a message to so many tasks that wait, 16 messages in a
//!   row. Per delivery.
//! - `watch`: `to_100`: a value to 100 tasks that wait for it, per delivery; `borrow`: a look at it.
//! - `mutex`, `rwlock`, `semaphore`: `alone`: taken and given back by one task; `contended`: eight
//!   tasks take it in turns, and let others run while they have it. The semaphore has two permits;
//!   every fourth task writes.
//! - `notify`: `one`: two tasks notify each other in turns; `all_1000`: a thousand that wait.
//!
//! What it cannot tell: which part of a difference is the runtime's and which the primitive's,
//! wherever tasks wait. What is `alone` is the primitive's only. `contended` locks are held while
//! others run, so that there is contention on one thread too; it is mostly waking.

#![allow(clippy::duplicate_mod, reason = "the cases are compiled once per library, on purpose")]

mod mini;
mod tokio;

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use benches::candidate::{AnyKind, Work};
use benches::measure::{Group, criterion, group};
use benches::tasks::{Spawner, Tasks};
use chat::runtime::Kind;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

criterion_group! { name = all; config = criterion(); targets = channels, locks }
criterion_main!(all);

/// So many rounds of something, and how long they took.
type Case = fn(u64) -> Pin<Box<dyn Future<Output = Duration> + Send>>;

/// Puts one case of each library side by side.
macro_rules! on_both {
    ($group:expr, $name:literal, $elements:expr, $($case:tt)*) => {
        on_both(
            &mut $group,
            $name,
            $elements,
            |rounds| Box::pin(mini::cases::$($case)*(rounds)),
            |rounds| Box::pin(tokio::cases::$($case)*(rounds)),
        )
    };
}

fn channels(criterion: &mut Criterion) {
    let mut mpsc = group(criterion, "mpsc");
    on_both!(mpsc, "bounded_alone", 1, bounded_alone);
    on_both!(mpsc, "unbounded_alone", 1, unbounded_alone);
    on_both!(mpsc, "bounded_1", BURST, bounded::<1>);
    on_both!(mpsc, "bounded_2", BURST, bounded::<2>);
    on_both!(mpsc, "bounded_5", BURST, bounded::<5>);
    on_both!(mpsc, "unbounded_1", BURST, unbounded::<1>);
    on_both!(mpsc, "unbounded_2", BURST, unbounded::<2>);
    on_both!(mpsc, "unbounded_5", BURST, unbounded::<5>);
    on_both!(mpsc, "recv_many_1", BURST, recv_many);
    mpsc.finish();
    on_both!(group(criterion, "oneshot"), "one", 1, oneshot_one);
    let mut broadcast = group(criterion, "broadcast");
    on_both!(broadcast, "to_10", 10 * ROW, broadcast::<10>);
    on_both!(broadcast, "to_100", 100 * ROW, broadcast::<100>);
    on_both!(broadcast, "to_1000", 1000 * ROW, broadcast::<1000>);
    broadcast.finish();
    let mut watch = group(criterion, "watch");
    on_both!(watch, "to_100", 100, watch_to::<100>);
    on_both!(watch, "borrow", 1, watch_borrow);
    watch.finish();
}

fn locks(criterion: &mut Criterion) {
    let mut mutex = group(criterion, "mutex");
    on_both!(mutex, "alone", 1, mutex_alone);
    on_both!(mutex, "contended", TURNS, mutex_contended);
    mutex.finish();
    let mut rwlock = group(criterion, "rwlock");
    on_both!(rwlock, "read_alone", 1, read_alone);
    on_both!(rwlock, "write_alone", 1, write_alone);
    on_both!(rwlock, "contended", TURNS, rwlock_contended);
    rwlock.finish();
    let mut semaphore = group(criterion, "semaphore");
    on_both!(semaphore, "alone", 1, semaphore_alone);
    on_both!(semaphore, "contended", TURNS, semaphore_contended);
    semaphore.finish();
    let mut notify = group(criterion, "notify");
    on_both!(notify, "one", 1, notify_one);
    on_both!(notify, "all_1000", 1000, notify_all::<1000>);
    notify.finish();
}

/// Messages that go through a channel in one round.
const BURST: usize = 10_000;
/// Messages that a broadcast sends in a row.
const ROW: usize = 16;
/// How often a lock is taken in one round.
const TURNS: usize = 8 * 100;

fn on_both(group: &mut Group<'_>, name: &str, elements: usize, mini: Case, tokio: Case) {
    group.throughput(Throughput::Elements(elements as u64));
    for (kind, case) in
        [(Kind::Mini, mini), (Kind::Tokio, tokio), (Kind::MiniCt, mini), (Kind::TokioCt, tokio)]
    {
        let kind = AnyKind::Chat(kind);
        let run = OnOne { group, id: BenchmarkId::new(name, kind), case };
        kind.run(run).expect("threads and a poller can be had");
    }
}

struct OnOne<'a, 'g> {
    group: &'a mut Group<'g>,
    id: BenchmarkId,
    case: Case,
}

impl Work for OnOne<'_, '_> {
    type Output = ();

    fn on<E: Spawner>(self, executor: &E) {
        let tasks = executor.tasks();
        self.group.bench_function(self.id, |bencher| {
            bencher.iter_custom(|rounds| {
                let run = (self.case)(rounds);
                executor.block_on(async { E::Tasks::join(tasks.spawn(run)).await })
            });
        });
    }
}
