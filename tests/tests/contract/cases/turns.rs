//! Who gets to run, and when: yielding, and what always-ready tasks must not keep from running.

use super::{check, check_async, rt, yield_until};
use futures::future::BoxFuture;
use rt::net::UdpSocket;
use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

/// A flag that a task waits for by yielding: it ends only if who sets it gets to run.
fn flag() -> (Arc<AtomicBool>, Arc<AtomicBool>) {
    let flag = Arc::new(AtomicBool::new(false));
    (Arc::clone(&flag), flag)
}

#[test]
fn a_yield_lets_other_tasks_run() {
    check_async(async || {
        let turn = Arc::new(AtomicUsize::new(0));
        let tasks: Vec<_> = (0..3)
            .map(|id| {
                let turn = Arc::clone(&turn);
                rt::spawn(async move {
                    for round in 0..50 {
                        yield_until(|| turn.load(Relaxed) == 3 * round + id).await;
                        turn.fetch_add(1, Relaxed);
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
}

#[test]
fn a_yield_of_the_root_future_lets_tasks_run() {
    check_async(async || {
        let (set, flag) = flag();
        drop(rt::spawn(async move { set.store(true, Relaxed) }));
        yield_until(|| flag.load(Relaxed)).await;
    });
}

#[test]
fn a_yield_lets_timers_fire() {
    check_async(async || {
        let (set, flag) = flag();
        drop(rt::spawn(async move {
            rt::time::sleep(Duration::from_millis(2)).await;
            set.store(true, Relaxed);
        }));
        let task = rt::spawn(async move { yield_until(|| flag.load(Relaxed)).await });
        task.await.unwrap();
    });
}

#[test]
fn a_yield_lets_sockets_become_ready() {
    check_async(async || {
        let listener = rt::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut peer = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let (set, flag) = flag();
        let task = rt::spawn(async move {
            yield_until(|| flag.load(Relaxed)).await;
        });
        drop(rt::spawn(async move {
            stream.readable().await.unwrap();
            set.store(true, Relaxed);
        }));
        peer.write_all(b"x").unwrap();
        task.await.unwrap();
    });
}

#[test]
fn tasks_that_always_wake_each_other_do_not_keep_a_foreign_spawn_from_running() {
    check(|rt| {
        let (set, flag) = flag();
        for _ in 0..super::WORKERS.max(1) * 4 {
            let flag = Arc::clone(&flag);
            drop(rt.spawn(async move { yield_until(|| flag.load(Relaxed)).await }));
        }
        let handle = rt.handle().clone();
        let spawner = thread::spawn(move || {
            drop(handle.spawn(async move { set.store(true, Relaxed) }));
        });
        rt.block_on(async { rt::spawn(yield_until(move || flag.load(Relaxed))).await.unwrap() });
        spawner.join().unwrap();
    });
}

#[test]
fn a_task_that_spawns_forever_does_not_keep_others_from_running() {
    // Each task spawns its successor before it ends, so the local queue never runs dry.
    fn successor(stop: Arc<AtomicBool>) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            if !stop.load(Relaxed) {
                drop(rt::spawn(successor(stop)));
            }
        })
    }

    check_async(async || {
        let (set, stop) = flag();
        for _ in 0..4 {
            drop(rt::spawn(successor(Arc::clone(&stop))));
        }
        let sleeper = rt::spawn(rt::time::sleep(Duration::from_millis(2)));
        let yielder = rt::spawn(super::yield_times(1_000));
        sleeper.await.unwrap();
        yielder.await.unwrap();
        set.store(true, Relaxed);
    });
}

/// What a datagram socket sends to itself it can receive at once.
async fn to_itself() -> (UdpSocket, SocketAddr) {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let own = socket.local_addr().unwrap();
    (socket, own)
}

/// Sends and receives: neither has a reason to be pending, but the budget.
async fn once(socket: &UdpSocket, own: SocketAddr) {
    socket.send_to(b"again", own).await.unwrap();
    socket.recv_from(&mut [0; 8]).await.unwrap();
}

/// Never ends, and has no reason of its own to be pending.
async fn always_ready() {
    let (socket, own) = to_itself().await;
    loop {
        once(&socket, own).await;
    }
}

#[test]
fn a_task_whose_socket_is_always_ready_does_not_starve_a_timer() {
    check_async(async || {
        let (set, flag) = flag();
        let busy = rt::spawn(async move {
            let (socket, own) = to_itself().await;
            while !flag.load(Relaxed) {
                once(&socket, own).await;
            }
        });
        let timer = rt::spawn(async move {
            rt::time::sleep(Duration::from_millis(5)).await;
            set.store(true, Relaxed);
        });
        timer.await.unwrap();
        busy.await.unwrap();
    });
}

#[test]
fn a_timeout_ends_a_task_that_is_always_ready() {
    check_async(async || {
        let busy = rt::spawn(rt::time::timeout(Duration::from_millis(5), always_ready()));
        busy.await.unwrap().unwrap_err();
    });
}

#[test]
fn a_timeout_ends_a_root_future_that_is_always_ready() {
    check_async(async || {
        rt::time::timeout(Duration::from_millis(5), always_ready()).await.unwrap_err();
    });
}

#[test]
fn a_listener_that_always_has_a_peer_does_not_starve_a_timer() {
    check_async(async || {
        let (set, flag) = flag();
        let listener = rt::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let busy = rt::spawn(async move {
            while !flag.load(Relaxed) {
                let _peer = TcpStream::connect(address).unwrap();
                listener.accept().await.unwrap();
            }
        });
        let timer = rt::spawn(async move {
            rt::time::sleep(Duration::from_millis(5)).await;
            set.store(true, Relaxed);
        });
        timer.await.unwrap();
        busy.await.unwrap();
    });
}
