//! What a builder says of the runtime's threads.

use super::{WORKERS, builder, rt};
use futures::channel::oneshot;
use futures::task::AtomicWaker;
use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, mpsc};
use std::task::Poll;
use std::thread;
use std::time::Duration;
use tests::caught::caught;
use tests::watchdog::guarded;

#[test]
fn each_thread_calls_what_it_is_to_at_its_start_and_its_end_inside_of_the_runtime() {
    guarded(|| {
        let (told, tells) = mpsc::channel();
        let (start, stop) = (told.clone(), told);
        let is_inside = || rt::runtime::Handle::try_current().is_ok();
        let rt = builder()
            .on_thread_start(move || start.send((is_inside(), thread::current().id())).unwrap())
            .on_thread_stop(move || stop.send((is_inside(), thread::current().id())).unwrap())
            .build()
            .unwrap();
        let blocking = rt.block_on(rt.spawn_blocking(|| thread::current().id())).unwrap();
        drop(rt);
        let told: Vec<_> = tells.iter().collect();
        assert_eq!(told.len(), 2 * (WORKERS + 1));
        for &(is_inside, id) in &told {
            assert!(is_inside);
            assert_eq!(told.iter().filter(|(_, other)| *other == id).count(), 2);
        }
        assert!(told.iter().any(|&(_, id)| id == blocking));
        assert!(told.iter().all(|&(_, id)| id != thread::current().id()));
    });
}

#[test]
fn a_runtime_has_the_name_that_it_was_given() {
    guarded(|| {
        let rt = builder().name("crew").build().unwrap();
        assert_eq!(rt.handle().name(), Some("crew"));
        let name = || rt::runtime::Handle::current().name().map(str::to_owned);
        assert_eq!(rt.block_on(rt.spawn(async move { name() })).unwrap().unwrap(), "crew");
        assert_eq!(builder().build().unwrap().handle().name(), None);
        caught(|| builder().name(" ").build().is_ok());
    });
}

#[test]
fn threads_carry_the_names_that_a_function_gives() {
    guarded(|| {
        let made = Arc::new(AtomicUsize::new(0));
        let names = Arc::clone(&made);
        let rt = builder()
            .thread_name_fn(move || format!("crew-{}", names.fetch_add(1, SeqCst)))
            .build()
            .unwrap();
        let name = || thread::current().name().unwrap().to_owned();
        let name = rt.block_on(rt.spawn_blocking(name)).unwrap();
        assert!(name.starts_with("crew-"), "{name}");
        assert_eq!(made.load(SeqCst), WORKERS + 1);
    });
}

#[test]
fn threads_have_the_stack_that_was_asked_for() {
    #[inline(never)]
    fn down(kilobytes: usize) -> u8 {
        let frame = std::hint::black_box([kilobytes as u8; 1024]);
        if kilobytes == 0 { 7 } else { down(kilobytes - 1).max(frame[0] / 255) }
    }
    guarded(|| {
        let rt = builder().thread_stack_size(64 << 20).build().unwrap();
        // More than a thread has if nobody asks.
        assert_eq!(rt.block_on(rt.spawn_blocking(|| down(6 << 10))).unwrap(), 7);
    });
}

#[test]
fn a_thread_for_blocking_calls_ends_when_it_has_waited_as_long_as_it_is_to() {
    guarded(|| {
        let (stopped, stops) = mpsc::channel();
        let rt = builder()
            .thread_keep_alive(Duration::from_millis(1))
            .on_thread_stop(move || stopped.send(thread::current().id()).unwrap())
            .build()
            .unwrap();
        let ran_on = rt.block_on(rt.spawn_blocking(|| thread::current().id())).unwrap();
        assert_eq!(stops.recv().unwrap(), ran_on);
    });
}

#[test]
fn a_thread_for_blocking_calls_may_wait_for_ever() {
    guarded(|| {
        let (stopped, stops) = mpsc::channel();
        let rt = builder()
            .thread_keep_alive(Duration::MAX)
            .max_blocking_threads(1)
            .on_thread_stop(move || stopped.send(()).unwrap())
            .build()
            .unwrap();
        for _ in 0..3 {
            assert_eq!(rt.block_on(rt.spawn_blocking(|| 7)).unwrap(), 7);
            assert!(stops.recv_timeout(Duration::from_millis(20)).is_err(), "it waits");
        }
    });
}

/// Or it would be lost: the thread has looked already whether there is anything to do.
#[test]
fn what_is_woken_before_a_thread_sleeps_is_run() {
    guarded(|| {
        let (waker, may) = (Arc::new(AtomicWaker::new()), Arc::new(AtomicBool::new(false)));
        let (wakes, allows) = (Arc::clone(&waker), Arc::clone(&may));
        let rt = builder()
            .on_thread_park(move || {
                allows.store(true, SeqCst);
                wakes.wake();
            })
            .build()
            .unwrap();
        let task = rt.spawn(poll_fn(move |cx| {
            waker.register(cx.waker());
            if may.load(SeqCst) {
                drop(waker.take()); // Or it would keep the runtime whose hook has it.
                return Poll::Ready(7);
            }
            Poll::Pending
        }));
        assert_eq!(rt.block_on(task).unwrap(), 7);
    });
}

#[test]
fn what_is_spawned_before_a_thread_sleeps_is_run() {
    guarded(|| {
        let (ran, runs) = oneshot::channel();
        let ran = Mutex::new(Some(ran));
        let rt = builder()
            .worker_threads(1) // Nobody else is to find the task.
            .on_thread_park(move || {
                if let Some(ran) = ran.lock().unwrap().take() {
                    drop(rt::spawn(async move { ran.send(7).unwrap() }));
                }
            })
            .build()
            .unwrap();
        assert_eq!(rt.block_on(runs), Ok(7));
    });
}

#[test]
fn who_has_slept_says_so() {
    guarded(|| {
        let (parks, unparks) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (on_park, on_unpark) = (Arc::clone(&parks), Arc::clone(&unparks));
        let rt = builder()
            .on_thread_park(move || _ = on_park.fetch_add(1, SeqCst))
            .on_thread_unpark(move || _ = on_unpark.fetch_add(1, SeqCst))
            .build()
            .unwrap();
        rt.block_on(async { rt::spawn(rt::time::sleep(Duration::from_millis(2))).await.unwrap() });
        drop(rt);
        let (parks, unparks) = (parks.load(SeqCst), unparks.load(SeqCst));
        assert!(unparks > 0 && parks >= unparks, "{parks} {unparks}");
    });
}

#[test]
fn intervals_of_nothing_are_refused() {
    caught(|| drop(builder().event_interval(0).build()));
    caught(|| drop(builder().global_queue_interval(0).build()));
    let rt = builder().event_interval(31).global_queue_interval(31).build().unwrap();
    assert_eq!(rt.block_on(async { 7 }), 7);
}
