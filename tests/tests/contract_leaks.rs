//! Does a runtime that is dropped take everything with it: threads, files, memory of its tasks?
//!
//! What is counted is the process's, so this is one test in a binary of its own.

#![cfg(target_os = "linux")]

use std::fs;
use std::thread;
use std::time::Duration;
use tests::tracker::Tracker;
use tests::watchdog::guarded;

/// How many threads and open files this process has.
fn threads_and_files() -> (usize, usize) {
    let count = |path| fs::read_dir(path).expect("Linux has it").count();
    (count("/proc/self/task"), count("/proc/self/fd"))
}

/// Uses what a runtime has, and leaves all of it waiting: tasks, sockets, timers, blocking calls,
/// wakers outside. What comes back is to be dropped after the runtime, or before.
macro_rules! busy_runtime {
    ($rt:ident, $builder:expr, $tracker:expr) => {
        busy_runtime!($rt, $builder.enable_all().build(), $tracker, $rt::spawn)
    };
    ($rt:ident, $built:expr, $tracker:expr, $spawn:path) => {{
        let runtime = $built.expect("a runtime can be built");
        let (waker, wakers) = std::sync::mpsc::channel();
        let kept = runtime.block_on(async {
            let listener = $rt::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
            let peer = std::net::TcpStream::connect(listener.local_addr().expect("it is bound"));
            let (stream, _) = listener.accept().await.expect("it has connected");
            let socket = $rt::net::UdpSocket::bind("127.0.0.1:0").await.expect("a port");
            let token = $tracker.token();
            drop($spawn(async move {
                let _token = token;
                let mut byte = [0];
                let sleep = $rt::time::sleep(Duration::from_secs(3600));
                let (accept, receive) = (listener.accept(), socket.recv_from(&mut byte));
                let all = futures::future::join4(sleep, accept, receive, stream.writable());
                let _all = all.await;
            }));
            let token = $tracker.token();
            drop($spawn(std::future::poll_fn(move |cx| {
                let _token = &token;
                waker.send(cx.waker().clone()).expect("the test receives");
                std::task::Poll::<()>::Pending
            })));
            $rt::task::spawn_blocking(|| ()).await.expect("no panic");
            // With one thread it is polled in here or not at all; with two workers Tokio may leave it
            // queued beside one that sleeps, until the next spawn.
            let waker = loop {
                match wakers.try_recv() {
                    Ok(waker) => break waker,
                    Err(_) => $rt::spawn($rt::task::yield_now()).await.expect("no panic"),
                }
            };
            (peer.expect("it has connected"), waker)
        });
        (runtime, kept)
    }};
}

#[test]
fn a_dropped_runtime_takes_its_threads_and_files_along() {
    guarded(|| {
        let tracker = Tracker::default();
        let round = || {
            type MiniRt = mini_rt::runtime::Builder;
            type Tokio = tokio::runtime::Builder;
            drop(busy_runtime!(mini_rt, MiniRt::new_current_thread(), tracker));
            drop(busy_runtime!(mini_rt, MiniRt::new_multi_thread().worker_threads(2), tracker));
            drop(busy_runtime!(tokio, Tokio::new_current_thread(), tracker));
            drop(busy_runtime!(tokio, Tokio::new_multi_thread().worker_threads(2), tracker));
            let local = mini_rt::runtime::LocalRuntime::new();
            drop(busy_runtime!(mini_rt, local, tracker, mini_rt::task::spawn_local));
            let local = tokio::runtime::LocalRuntime::new();
            drop(busy_runtime!(tokio, local, tracker, tokio::task::spawn_local));
        };
        // The first round opens what stays open for good, such as Tokio's signal pipe.
        round();
        let before = threads_and_files();
        for _ in 0..20 {
            round();
        }
        assert!(tracker.balanced());
        // A thread is counted for a moment after it was joined, in `before` too. One that never ends
        // hangs here, with 19 others.
        let (threads_before, files_before) = before;
        loop {
            let (threads, files) = threads_and_files();
            if threads <= threads_before && files <= files_before {
                break;
            }
            thread::yield_now();
        }

        // It can fail: a runtime that is kept is counted.
        let kept = busy_runtime!(
            mini_rt,
            mini_rt::runtime::Builder::new_multi_thread().worker_threads(2),
            tracker
        );
        assert!(threads_and_files() > before);
        assert!(!tracker.balanced());
        drop(kept);
    });
}
