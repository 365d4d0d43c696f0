//! What a multi-thread runtime promises beside.

mod block_in_place;

use super::cases::nudged_recv;
use super::cases::wake::wake_on_the_way_to_sleep;
use super::io::{AsyncReadExt, AsyncWriteExt};
use super::{builder, rt};
use std::collections::HashSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Barrier, mpsc};
use std::thread;
use std::time::Duration;
use tests::caught::caught;
use tests::wait::wait;
use tests::watchdog::guarded;

#[test]
fn tasks_run_while_nobody_is_in_block_on() {
    guarded(|| {
        let rt = builder().build().unwrap();
        let (sent, received) = mpsc::channel();
        drop(rt.spawn(async move {
            rt::time::sleep(Duration::from_millis(1)).await;
            sent.send(thread::current().id()).unwrap();
        }));
        assert_ne!(received.recv().unwrap(), thread::current().id());
    });
}

#[test]
fn tasks_run_on_several_threads_at_once() {
    guarded(|| {
        for workers in [2, 4] {
            let rt = builder().worker_threads(workers).build().unwrap();
            let barrier = Arc::new(Barrier::new(workers));
            let (sent, received) = mpsc::channel();
            for _ in 0..workers {
                let (barrier, sent) = (Arc::clone(&barrier), sent.clone());
                drop(rt.spawn(async move {
                    barrier.wait();
                    sent.send(thread::current().id()).unwrap();
                }));
            }
            let threads: HashSet<_> = (0..workers).map(|_| nudged_recv(&rt, &received)).collect();
            assert_eq!(threads.len(), workers);
        }
    });
}

#[test]
fn workers_carry_the_name_that_was_asked_for() {
    guarded(|| {
        let rt = builder().thread_name("crew").build().unwrap();
        let name = rt.spawn(async { thread::current().name().map(str::to_owned) });
        let name = wait(name).unwrap().unwrap();
        assert!(name.starts_with("crew"), "{name}");
    });
}

#[test]
fn no_workers_at_all_are_refused() {
    guarded(|| {
        caught(|| rt::runtime::Builder::new_multi_thread().worker_threads(0).build());
    });
}

/// Serves one echo, through timer, spawn and socket.
async fn echo_once(listener: rt::net::TcpListener) {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut line = [0; 5];
    stream.read_exact(&mut line).await.unwrap();
    rt::time::sleep(Duration::from_millis(1)).await;
    let line = rt::spawn(async move { line }).await.unwrap();
    stream.write_all(&line).await.unwrap();
}

#[test]
fn one_worker_is_enough() {
    guarded(|| {
        let rt = builder().worker_threads(1).build().unwrap();
        let listener = rt.block_on(rt::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let mut peer = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let served = rt.spawn(echo_once(listener));
        peer.write_all(b"hello").unwrap();
        let mut back = [0; 5];
        peer.read_exact(&mut back).unwrap();
        assert_eq!(&back, b"hello");
        wait(served).unwrap();
        let tasks: Vec<_> = (0..1_000_u32).map(|i| rt.spawn(async move { i })).collect();
        assert!(tasks.into_iter().map(|task| wait(task).unwrap()).eq(0..1_000));
        assert_eq!(rt.block_on(async { rt::spawn(async { 1 }).await.unwrap() }), 1);
    });
}

#[test]
fn a_wake_that_meets_the_only_worker_on_its_way_to_sleep_is_not_lost() {
    guarded(|| {
        let rt = builder().worker_threads(1).build().unwrap();
        wake_on_the_way_to_sleep(&rt);
    });
}

/// Blocks one of two workers until the sender is dropped.
fn block_a_worker(rt: &rt::runtime::Runtime) -> mpsc::Sender<()> {
    let (started, starts) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    drop(rt.spawn(async move {
        started.send(()).unwrap();
        let _ = released.recv();
    }));
    starts.recv().unwrap();
    // The other one is awake, and will look for work before it sleeps.
    let (ran, runs) = mpsc::channel();
    drop(rt.spawn(async move { ran.send(()).unwrap() }));
    nudged_recv(rt, &runs);
    release
}

#[test]
fn a_blocked_worker_does_not_keep_the_other_from_tasks_timers_and_sockets() {
    guarded(|| {
        for _ in 0..20 {
            let rt = builder().build().unwrap();
            let listener = rt.block_on(rt::net::TcpListener::bind("127.0.0.1:0")).unwrap();
            let address = listener.local_addr().unwrap();
            let release = block_a_worker(&rt);
            let tasks: Vec<_> = (0..100_u32)
                .map(|i| {
                    rt.spawn(async move {
                        rt::task::yield_now().await;
                        rt::spawn(async move { i }).await.unwrap()
                    })
                })
                .collect();
            assert!(tasks.into_iter().map(|task| wait(task).unwrap()).eq(0..100));
            let served = rt.spawn(echo_once(listener));
            let mut peer = TcpStream::connect(address).unwrap();
            peer.write_all(b"while").unwrap();
            let mut back = [0; 5];
            peer.read_exact(&mut back).unwrap();
            assert_eq!(&back, b"while");
            wait(served).unwrap();
            wait(rt.spawn(async { rt::time::sleep(Duration::from_millis(1)).await })).unwrap();
            drop(release);
        }
    });
}

#[test]
fn what_a_blocked_worker_has_queued_is_stolen() {
    guarded(|| {
        let rt = builder().build().unwrap();
        let (ran, runs) = mpsc::channel();
        let (release, released) = mpsc::channel::<()>();
        drop(rt.spawn(async move {
            for _ in 0..100 {
                let ran = ran.clone();
                drop(rt::spawn(async move { ran.send(()).unwrap() }));
            }
            let _ = released.recv();
        }));
        // One may sit in a slot that only its worker empties: Tokio allows itself that much.
        (0..99).for_each(|_| nudged_recv(&rt, &runs));
        drop(release);
    });
}

#[test]
fn a_panic_costs_no_worker() {
    guarded(|| {
        let rt = builder().build().unwrap();
        for _ in 0..100 {
            let task = rt.spawn(async { std::panic::resume_unwind(Box::new("meant")) });
            assert!(wait(task).unwrap_err().is_panic());
        }
        let barrier = Arc::new(Barrier::new(2));
        let (met, meetings) = mpsc::channel();
        for _ in 0..2 {
            let (barrier, met) = (Arc::clone(&barrier), met.clone());
            drop(rt.spawn(async move { met.send(barrier.wait().is_leader()).unwrap() }));
        }
        assert_ne!(nudged_recv(&rt, &meetings), nudged_recv(&rt, &meetings));
    });
}

#[test]
fn a_root_future_that_blocks_does_not_keep_what_it_spawned_from_running() {
    guarded(|| {
        let rt = builder().build().unwrap();
        rt.block_on(async {
            let (sent, received) = mpsc::channel();
            drop(rt::spawn(async move { sent.send(3).unwrap() }));
            // Blocks the thread, in async code, on purpose.
            assert_eq!(received.recv().unwrap(), 3);
        });
    });
}

#[test]
fn a_hundred_thousand_yields_of_many_tasks_lose_no_wake() {
    guarded(|| {
        let rt = builder().build().unwrap();
        let tasks: Vec<_> = (0..100)
            .map(|_| {
                rt.spawn(async {
                    for _ in 0..1_000 {
                        rt::task::yield_now().await;
                    }
                })
            })
            .collect();
        tasks.into_iter().for_each(|task| wait(task).unwrap());
    });
}

#[test]
fn workers_that_sleep_and_wake_in_turns_lose_no_wake() {
    // A token goes round a ring of tasks; most of the time all workers but one are asleep.
    guarded(|| {
        let rt = builder().build().unwrap();
        const TASKS: usize = 8;
        const ROUNDS: usize = 2_000;
        let (mut senders, mut receivers): (Vec<_>, Vec<_>) =
            (0..TASKS).map(|_| futures::channel::mpsc::unbounded::<usize>()).unzip();
        senders.rotate_left(1);
        let first = senders[TASKS - 1].clone();
        let tasks: Vec<_> = senders
            .drain(..)
            .zip(receivers.drain(..))
            .map(|(next, mut own)| {
                rt.spawn(async move {
                    while let Some(n) = futures::StreamExt::next(&mut own).await {
                        if next.unbounded_send(n + 1).is_err() || n >= ROUNDS {
                            break;
                        }
                    }
                })
            })
            .collect();
        first.unbounded_send(0).unwrap();
        drop(first);
        tasks.into_iter().for_each(|task| wait(task).unwrap());
    });
}
