//! Random programs: tasks that spawn, join, abort, panic, yield, sleep, block, talk to each other and
//! to the network, in an order that a seed decides. Each counts what it makes; at the end nothing is
//! missing and nothing is left.
//!
//! A failure names the seed. Which thread ran what when is not repeated with it, so a seed that fails
//! may need a few runs to fail again.

use super::{builder, rt};
use futures::channel::oneshot;
use futures::future::BoxFuture;
use rt::net::UdpSocket;
use rt::time::{sleep, timeout};
use std::future::{pending, ready};
use std::panic::resume_unwind;
use std::time::Duration;
use tests::tracker::Tracker;
use tests::watchdog::guarded;

/// Steps that one task takes.
const STEPS: u32 = 12;
/// Tasks that the root spawns.
const ROOTS: u64 = 24;
/// Children of children of roots have no children.
const DEPTH: u32 = 2;

/// Vigna's SplitMix64: small, and any seed is a good one.
#[derive(Clone)]
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    /// Up to two milliseconds, often less than the clock of a timer can tell.
    fn moment(&mut self) -> Duration {
        Duration::from_micros(self.below(2_000))
    }
}

/// Takes its steps and returns how many it took, with those of the children that it joined.
fn walk(mut random: Random, depth: u32, tracker: Tracker) -> BoxFuture<'static, u64> {
    Box::pin(async move {
        let _token = tracker.token();
        let mut steps = 0;
        for _ in 0..STEPS {
            steps += 1;
            let child = |random: &mut Random| {
                rt::spawn(walk(Random(random.next()), depth + 1, tracker.clone()))
            };
            match random.below(if depth < DEPTH { 11 } else { 7 }) {
                0 => rt::task::yield_now().await,
                1 => sleep(random.moment()).await,
                2 => assert!(timeout(random.moment(), pending::<()>()).await.is_err()),
                3 => assert_eq!(timeout(random.moment(), ready(1)).await.unwrap(), 1),
                4 => speak_with_a_task(&mut random, &tracker).await,
                5 => speak_with_oneself().await,
                6 => {
                    let token = tracker.token();
                    let call = rt::task::spawn_blocking(move || drop(token));
                    call.await.unwrap();
                }
                7 => steps += child(&mut random).await.unwrap(),
                8 => drop(child(&mut random)),
                9 => {
                    let task = child(&mut random);
                    super::yield_times(random.below(3) as usize).await;
                    task.abort();
                    match task.await {
                        Ok(taken) => steps += taken,
                        Err(error) => assert!(error.is_cancelled()),
                    }
                }
                _ => {
                    let token = tracker.token();
                    let task = rt::spawn(async move {
                        let _token = token;
                        rt::task::yield_now().await;
                        resume_unwind(Box::new(7));
                    });
                    assert_eq!(*task.await.unwrap_err().into_panic().downcast::<i32>().unwrap(), 7);
                }
            }
        }
        steps
    })
}

/// Question and answer with a task that may be gone before.
async fn speak_with_a_task(random: &mut Random, tracker: &Tracker) {
    let (ask, asked) = oneshot::channel::<u64>();
    let (answer, answered) = oneshot::channel();
    let token = tracker.token();
    let gone = random.below(4) == 0;
    let other = rt::spawn(async move {
        let _token = token;
        if !gone {
            let _ = answer.send(asked.await.unwrap() + 1);
        }
    });
    let question = random.below(100);
    let heard = ask.send(question);
    match answered.await {
        Ok(answer) => assert_eq!((heard, answer), (Ok(()), question + 1)),
        Err(oneshot::Canceled) => assert!(gone),
    }
    other.await.unwrap();
}

/// A datagram to the own socket.
async fn speak_with_oneself() {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.send_to(b"echo", socket.local_addr().unwrap()).await.unwrap();
    assert_eq!(socket.recv_from(&mut [0; 8]).await.unwrap().0, 4);
}

#[test]
fn random_programs_end_and_leave_nothing() {
    guarded(|| {
        for seed in 0..10 {
            let rt = builder().max_blocking_threads(4).build().unwrap();
            let tracker = Tracker::default();
            let steps = rt.block_on(async {
                let mut random = Random(seed);
                let roots: Vec<_> = (0..ROOTS)
                    .map(|_| rt::spawn(walk(Random(random.next()), 0, tracker.clone())))
                    .collect();
                let mut steps = 0;
                for root in roots {
                    steps += root.await.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
                }
                steps
            });
            assert!(steps >= ROOTS * u64::from(STEPS), "seed {seed}: {steps} steps");
            drop(rt);
            assert!(tracker.balanced(), "seed {seed}: {tracker:?}");
        }
    });
}

#[test]
fn random_programs_are_cut_off_anywhere_and_leave_nothing() {
    guarded(|| {
        for seed in 0..40 {
            let rt = builder().max_blocking_threads(4).build().unwrap();
            let tracker = Tracker::default();
            let mut random = Random(1_000 + seed);
            for _ in 0..ROOTS {
                drop(rt.spawn(walk(Random(random.next()), 0, tracker.clone())));
            }
            let cut_off = random.moment();
            rt.block_on(async { sleep(cut_off).await });
            drop(rt);
            assert!(tracker.balanced(), "seed {seed}: {tracker:?}");
        }
    });
}
