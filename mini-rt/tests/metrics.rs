//! Each counter counts what it says, on both flavours.

use futures::channel::oneshot;
use futures::future::poll_immediate;
use mini_rt::net::{TcpListener, TcpStream, UdpSocket};
use mini_rt::runtime::{Builder, Runtime, RuntimeMetrics};
use mini_rt::task::yield_now;
use mini_rt::time::sleep;
use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

fn current() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a driver")
}

fn workers(count: usize) -> Runtime {
    Builder::new_multi_thread().worker_threads(count).enable_all().build().expect("a driver")
}

fn runtimes() -> [Runtime; 3] {
    [current(), workers(1), workers(2)]
}

/// Waits for what another thread is about to do.
fn until(what: &str, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < deadline, "never: {what}");
        thread::yield_now();
    }
}

fn sum(metrics: &RuntimeMetrics, of: fn(&RuntimeMetrics, usize) -> u64) -> u64 {
    (0..metrics.num_workers()).map(|worker| of(metrics, worker)).sum()
}

#[test]
fn a_current_thread_runtime_counts_as_one_worker() {
    let counts = runtimes().map(|runtime| runtime.metrics().num_workers());
    assert_eq!(counts, [1, 1, 2]);
    let runtime = current();
    let inside = runtime.block_on(async { mini_rt::runtime::Handle::current().metrics() });
    assert_eq!(inside.clone().num_workers(), 1);
    assert!(format!("{inside:?}").starts_with("RuntimeMetrics"));
}

#[test]
fn a_task_is_alive_from_its_spawn_to_its_end_however_it_ends() {
    for runtime in runtimes() {
        let metrics = runtime.metrics();
        let (go, gone) = oneshot::channel::<()>();
        let waits = runtime.spawn(gone);
        let panics = runtime.spawn(async { panic!("expected by the test") });
        let aborted = runtime.spawn(pending::<()>());
        let spawns = runtime.spawn(async { drop(mini_rt::spawn(pending::<()>())) });
        runtime.block_on(spawns).expect("joined");
        assert_eq!(metrics.spawned_tasks_count(), 5);
        runtime.block_on(panics).expect_err("it panics");
        until("two have ended", || metrics.num_alive_tasks() == 3);
        aborted.abort();
        assert!(runtime.block_on(aborted).expect_err("aborted").is_cancelled());
        until("one is aborted", || metrics.num_alive_tasks() == 2);
        go.send(()).expect("it waits");
        runtime.block_on(waits).expect("joined").expect("sent");
        until("one is left", || metrics.num_alive_tasks() == 1);
        let handle = runtime.handle().clone();
        drop(runtime);
        assert_eq!(metrics.num_alive_tasks(), 0, "the runtime ends what waits");
        drop(handle.spawn(async {}));
        assert_eq!((metrics.num_alive_tasks(), metrics.spawned_tasks_count()), (0, 5), "refused");
    }
}

#[test]
fn tasks_wait_in_the_queue_of_who_made_them_and_are_counted_there() {
    // On one worker, in a poll that the test waits for.
    let runtime = workers(1);
    let metrics = runtime.metrics();
    let barrier = Arc::new(Barrier::new(2));
    let inside = barrier.clone();
    let task = runtime.spawn(async move {
        let tasks = [mini_rt::spawn(async {}), mini_rt::spawn(async {})];
        inside.wait();
        inside.wait();
        tasks
    });
    barrier.wait();
    let outside = [(); 3].map(|()| runtime.spawn(async {}));
    assert_eq!((metrics.global_queue_depth(), metrics.worker_local_queue_depth(0)), (3, 2));
    assert_eq!(metrics.num_alive_tasks(), 6);
    barrier.wait();
    let inside = runtime.block_on(task).expect("joined");
    inside.into_iter().chain(outside).for_each(|task| runtime.block_on(task).expect("joined"));
    assert_eq!((metrics.global_queue_depth(), metrics.worker_local_queue_depth(0)), (0, 0));
    assert_eq!((metrics.remote_schedule_count(), metrics.worker_local_schedule_count(0)), (4, 2));
    assert_eq!(metrics.worker_poll_count(0), 6);

    // On one thread, in the future that it is in `block_on` with.
    let runtime = current();
    let metrics = runtime.metrics();
    let outside = [(); 3].map(|()| runtime.spawn(async {}));
    assert_eq!((metrics.global_queue_depth(), metrics.worker_local_queue_depth(0)), (3, 0));
    runtime.block_on(async {
        let inside = [mini_rt::spawn(async {}), mini_rt::spawn(async {})];
        assert_eq!((metrics.global_queue_depth(), metrics.worker_local_queue_depth(0)), (3, 2));
        assert_eq!(metrics.num_alive_tasks(), 5);
        for task in outside.into_iter().chain(inside) {
            task.await.expect("joined");
        }
        assert_eq!(metrics.num_alive_tasks(), 0);
    });
    assert_eq!((metrics.global_queue_depth(), metrics.worker_local_queue_depth(0)), (0, 0));
    assert_eq!((metrics.remote_schedule_count(), metrics.worker_local_schedule_count(0)), (3, 2));
    assert_eq!(metrics.worker_poll_count(0), 5);
}

#[test]
fn a_task_that_yields_is_polled_and_scheduled_once_more_each_time() {
    for runtime in runtimes() {
        let metrics = runtime.metrics();
        let task = runtime.spawn(async {
            for _ in 0..3 {
                yield_now().await;
            }
        });
        runtime.block_on(task).expect("joined");
        assert_eq!(sum(&metrics, RuntimeMetrics::worker_poll_count), 4);
        assert_eq!(sum(&metrics, RuntimeMetrics::worker_local_schedule_count), 3);
        assert_eq!(metrics.remote_schedule_count(), 1);
        assert_eq!(sum(&metrics, RuntimeMetrics::worker_overflow_count), 0);
    }
}

#[test]
fn what_finds_the_ring_full_is_counted() {
    let spawns = || async { (0..300).map(|_| mini_rt::spawn(async {})).collect::<Vec<_>>() };
    for (runtime, overflows) in [(current(), 0), (workers(1), 300 - 256)] {
        let metrics = runtime.metrics();
        let tasks = runtime.block_on(runtime.spawn(spawns())).expect("joined");
        assert_eq!(metrics.worker_local_schedule_count(0), 300);
        runtime.block_on(futures::future::try_join_all(tasks)).expect("joined");
        assert_eq!(metrics.worker_overflow_count(0), overflows);
        assert_eq!(metrics.worker_steal_count(0) + metrics.worker_steal_operations(0), 0);
    }
}

#[test]
fn who_sleeps_is_known_and_what_wakes_it_is_counted() {
    for runtime in [current(), workers(1)] {
        let metrics = runtime.metrics();
        let parks = || (metrics.worker_park_count(0), metrics.worker_park_unpark_count(0));
        let (go, gone) = oneshot::channel();
        let task = runtime.spawn(gone);
        thread::scope(|scope| {
            let joins = scope.spawn(|| runtime.block_on(task));
            until("the task waits", || sum(&metrics, RuntimeMetrics::worker_poll_count) == 1);
            until("all sleep", || parks().1 % 2 == 1);
            let (before, wakeups) = (parks(), metrics.wakeups_sent());
            assert_eq!(before.1, 2 * before.0 - 1, "asleep");
            go.send(()).expect("it waits");
            joins.join().expect("no panic").expect("joined").expect("sent");
            assert_eq!(metrics.wakeups_sent(), wakeups + 1);
            until("it has got up", || parks().1 > before.1);
        });
        assert_eq!(metrics.io_driver_ready_count(), 0, "the bell is no socket");
    }
}

#[test]
fn who_sleeps_twice_without_a_poll_has_slept_for_nothing() {
    let runtime = current();
    let metrics = runtime.metrics();
    let counts = || (metrics.worker_park_count(0), metrics.worker_noop_count(0));
    runtime.block_on(async { sleep(Duration::from_millis(1)).await });
    let (parks, noops) = counts();
    assert!(parks > 0 && noops == parks, "the future of `block_on` is no task");
    let task = runtime.spawn(async { sleep(Duration::from_millis(1)).await });
    runtime.block_on(task).expect("joined");
    assert!(counts().0 > parks);
    assert_eq!(counts().1 - noops, counts().0 - parks - 1, "before one sleep it was polled");
}

#[test]
fn threads_for_blocking_calls_and_calls_that_wait_for_one_are_counted() {
    for mut builder in [Builder::new_current_thread(), Builder::new_multi_thread()] {
        let runtime = builder.max_blocking_threads(1).build().expect("a driver");
        let metrics = runtime.metrics();
        let counts = || {
            let threads = metrics.num_blocking_threads();
            (threads, metrics.num_idle_blocking_threads(), metrics.blocking_queue_depth())
        };
        assert_eq!(counts(), (0, 0, 0));
        let barrier = Arc::new(Barrier::new(2));
        let inside = barrier.clone();
        let first = runtime.spawn_blocking(move || {
            inside.wait();
            inside.wait();
        });
        barrier.wait();
        assert_eq!(counts(), (1, 0, 0));
        let second = runtime.spawn_blocking(|| ());
        assert_eq!(counts(), (1, 0, 1));
        barrier.wait();
        runtime.block_on(async { futures::try_join!(first, second) }).expect("joined");
        until("the thread is idle", || counts() == (1, 1, 0));
        assert_eq!(metrics.spawned_tasks_count(), 0, "a blocking call is no task here");
        drop(runtime);
        assert_eq!(counts(), (0, 0, 0));
    }
}

#[test]
fn sockets_that_come_and_go_and_their_events_are_counted() {
    for runtime in runtimes() {
        let metrics = runtime.metrics();
        let fds = || {
            let gone = metrics.io_driver_fd_deregistered_count();
            (metrics.io_driver_fd_registered_count(), gone)
        };
        assert_eq!((fds(), metrics.io_driver_ready_count()), ((0, 0), 0));
        runtime.block_on(async {
            let udp = UdpSocket::bind("127.0.0.1:0").await.expect("a free port");
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
            assert_eq!(fds(), (2, 0));
            let addr = listener.local_addr().expect("bound");
            let (client, server) = futures::join!(TcpStream::connect(addr), listener.accept());
            assert_eq!(fds(), (4, 0));
            drop((client.expect("connected"), server.expect("accepted")));
            assert_eq!(fds(), (4, 2));
            drop((udp, listener));
        });
        assert_eq!(fds(), (4, 4));
        let events = metrics.io_driver_ready_count();
        assert!(events >= 2, "one who connects and one who is connected to: {events}");
    }
}

#[test]
fn a_timer_lives_from_its_first_poll_until_it_fires_or_is_dropped() {
    for runtime in runtimes() {
        let metrics = runtime.metrics();
        runtime.block_on(async {
            let mut far = Box::pin(sleep(Duration::from_secs(3600)));
            assert_eq!(metrics.timers_live(), 0);
            assert!(poll_immediate(&mut far).await.is_none());
            assert_eq!(metrics.timers_live(), 1);
            sleep(Duration::from_millis(1)).await;
            assert_eq!(metrics.timers_live(), 1, "the other has fired");
            drop(far);
            assert_eq!(metrics.timers_live(), 0);
        });
        drop(runtime);
        assert_eq!(metrics.timers_live(), 0);
    }
}

#[test]
fn a_worker_that_there_is_not_panics() {
    let of_worker: [fn(&RuntimeMetrics, usize) -> u64; 9] = [
        |metrics, worker| metrics.worker_local_queue_depth(worker) as u64,
        RuntimeMetrics::worker_poll_count,
        RuntimeMetrics::worker_steal_count,
        RuntimeMetrics::worker_steal_operations,
        RuntimeMetrics::worker_local_schedule_count,
        RuntimeMetrics::worker_overflow_count,
        RuntimeMetrics::worker_park_count,
        RuntimeMetrics::worker_park_unpark_count,
        RuntimeMetrics::worker_noop_count,
    ];
    for runtime in runtimes() {
        let metrics = runtime.metrics();
        let count = metrics.num_workers();
        for read in of_worker {
            read(&metrics, count - 1);
            let panic = catch_unwind(AssertUnwindSafe(|| read(&metrics, count)));
            let message = panic.expect_err("there is none");
            let message = message.downcast_ref::<String>().expect("formatted");
            assert!(message.starts_with(&format!("there is no worker {count}")), "{message}");
        }
    }
}
