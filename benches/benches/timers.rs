//! What do timers cost?
//!
//! - `timers/insert_cancel_1`, `insert_cancel_100000`: a sleep of an hour is made, polled once and
//!   dropped, while 1 or 100,000 others are live, spread over the hours to come.
//! - `timers/timeout_ready`: a timeout of an hour around what is ready at once; `timeout_yield`:
//!   around what lets others run once, so that the timer is waited for.
//! - `timers_cpu/fire_10000`: the CPU time of inserting 10,000 sleeps that end over 10 ms, and of
//!   their firing. It is CPU time because the wait itself is the same for all.
//!
//! One task holds all timers, so that no spawn, join or wake of another is in it.
//!
//! What it cannot tell: how timers behave that several threads use at once, and how punctual they
//! are: mini-rt and Tokio round to a millisecond, smol does not.

use std::future::{Future, poll_fn, ready};
use std::hint::black_box;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::{Duration, Instant};

use benches::measure::{Place, Workload, cpu_of_all, criterion, group, on_each};
use benches::tasks::Tasks;
use criterion::{Criterion, criterion_group, criterion_main};

const HOUR: Duration = Duration::from_secs(60 * 60);
const FIRING: u32 = 10_000;

criterion_group! { name = all; config = criterion(); targets = timers }
criterion_main!(all);

fn timers(criterion: &mut Criterion) {
    let mut timers = group(criterion, "timers");
    on_each(&mut timers, "insert_cancel_1", 1, Place::Task, InsertCancel { live: 1 });
    on_each(&mut timers, "insert_cancel_100000", 1, Place::Task, InsertCancel { live: 100_000 });
    on_each(&mut timers, "timeout_ready", 1, Place::Task, Timeout { yields: false });
    on_each(&mut timers, "timeout_yield", 1, Place::Task, Timeout { yields: true });
    timers.finish();
    let mut firing = group(criterion, "timers_cpu");
    on_each(&mut firing, "fire_10000", FIRING as usize, Place::Task, Fire);
    firing.finish();
}

/// Polls once a future that is not ready yet.
async fn poll_once(mut future: Pin<&mut (impl Future<Output = ()> + Send)>) {
    poll_fn(|cx| {
        assert!(future.as_mut().poll(cx).is_pending(), "it ends later");
        Poll::Ready(())
    })
    .await;
}

#[derive(Clone, Copy)]
struct InsertCancel {
    live: u32,
}

impl Workload for InsertCancel {
    async fn run<T: Tasks>(self, _: T, iters: u64) -> Duration {
        let mut live: Vec<_> = (0..self.live).map(|idx| Box::pin(T::sleep(spread(idx)))).collect();
        for sleep in &mut live {
            poll_once(sleep.as_mut()).await;
        }
        let start = Instant::now();
        for _ in 0..iters {
            let sleep = pin!(T::sleep(HOUR));
            poll_once(sleep).await;
        }
        start.elapsed()
    }
}

/// From one hour to five, by multiples of a number that share no factor with the span.
fn spread(idx: u32) -> Duration {
    let span_ms = 4 * HOUR.as_millis() as u64;
    HOUR + Duration::from_millis(u64::from(idx) * 7_368_787 % span_ms)
}

#[derive(Clone, Copy)]
struct Timeout {
    yields: bool,
}

impl Workload for Timeout {
    async fn run<T: Tasks>(self, _: T, iters: u64) -> Duration {
        let start = Instant::now();
        for work in 0..iters {
            let done = match self.yields {
                false => T::timeout(HOUR, ready(black_box(work))).await,
                true => {
                    let yielding = async {
                        T::yield_now().await;
                        black_box(work)
                    };
                    T::timeout(HOUR, yielding).await
                }
            };
            assert_eq!(done, Some(work));
        }
        start.elapsed()
    }
}

#[derive(Clone, Copy)]
struct Fire;

impl Workload for Fire {
    async fn run<T: Tasks>(self, _: T, iters: u64) -> Duration {
        let mut busy = Duration::ZERO;
        for _ in 0..iters {
            // Their memory is not what is measured.
            let mut sleeps = Vec::with_capacity(FIRING as usize);
            for idx in 0..FIRING {
                // The first ends late enough for all to be inserted before.
                let after = Duration::from_millis(20) + Duration::from_micros(u64::from(idx));
                sleeps.push(Box::pin(T::sleep(after)));
            }
            let before = cpu_of_all();
            poll_fn(|cx| {
                // On a loaded machine some may be over already, and may not be polled again.
                sleeps.retain_mut(|sleep| sleep.as_mut().poll(cx).is_pending());
                Poll::Ready(())
            })
            .await;
            for sleep in sleeps {
                sleep.await;
            }
            busy += cpu_of_all() - before;
        }
        busy
    }
}
