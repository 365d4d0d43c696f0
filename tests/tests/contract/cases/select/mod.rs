//! `select!`: its syntax, its order, and what its handlers may do.

mod handlers;

use super::{check_async, rt};
use futures::FutureExt;
use futures::channel::{mpsc, oneshot};
use futures::stream::StreamExt;
use std::cell::{Cell, RefCell};
use std::future::{IntoFuture, Ready, pending, poll_fn, ready};
use std::task::Poll;
use tests::tracker::{OnDrop, Tracker};

#[test]
fn the_first_that_is_ready_is_taken_and_the_others_are_dropped() {
    check_async(async || {
        let tracker = Tracker::default();
        let token = tracker.token();
        let waits = async move {
            let _token = token;
            pending::<u32>().await
        };
        let taken = rt::select! {
            never = waits => never,
            one = async { 1 } => {
                assert_eq!(tracker.dropped(), 1, "before the handler runs");
                one
            }
        };
        assert_eq!(taken, 1);
    });
}

#[test]
fn every_form_of_a_branch_is_read() {
    check_async(async || {
        let yes = true;
        // Blocks with a comma and without, expressions, conditions, and no comma at the end.
        let a = rt::select! {
            n = ready(1) => { n }
            _ = pending::<()>(), if yes => { 0 },
            _ = pending::<()>(), if !yes => 0,
            _ = pending::<()>() => 0
        };
        let b = rt::select! { biased; n = async { 2 }, if yes => n, else => 0 };
        let c = rt::select! { biased; else => 3 };
        let d = rt::select! { Ok(n) | Err(n) = ready(Ok::<i32, i32>(4)) => n, else => 0, };
        let e = rt::select! { | (n, ..) = ready((5, 6, 7)) => n };
        let f = rt::select! {
            n = async { if yes { 6 } else { 0 } }, if match yes { true => true, false => false } => match n {
                6 => n,
                _ => 0,
            },
        };
        assert_eq!((a, b, c, d, e, f), (1, 2, 3, 4, 5, 6));
    });
}

#[test]
fn patterns_bind_as_in_a_match() {
    struct Point {
        x: String,
        y: Option<u32>,
    }
    check_async(async || {
        let point = || ready(Point { x: "x".to_owned(), y: Some(1) });
        let (moved, y) = rt::select! { Point { x, y: Some(mut y) } = point() => { y += 1; (x, y) } else => panic!() };
        assert_eq!((moved.as_str(), y), ("x", 2));
        let length = rt::select! { Point { ref x, .. } = point() => x.len() };
        assert_eq!(length, 1);
        rt::select! {
            whole @ Point { y: Some(1..=3), .. } = point() => assert_eq!(whole.x, "x"),
            else => panic!("it is in the range"),
        }
        let mut number = 1;
        rt::select! { ref mut n = ready(&mut number) => **n += 1 }
        rt::select! { [first, .., last] = ready([number, 3, 4]) => assert_eq!((first, last), (2, 4)) }
        rt::select! { &n = ready(&number) => assert_eq!(n, 2) }
    });
}

#[test]
fn an_output_that_does_not_fit_disables_its_branch_only() {
    check_async(async || {
        let tracker = Tracker::default();
        let token = tracker.token();
        let taken = rt::select! {
            biased;
            None::<tests::tracker::Token> = ready(Some(token)) => 0,
            n = rt::task::yield_now().map(|()| 2) => {
                assert_eq!(tracker.dropped(), 1);
                n
            }
        };
        assert_eq!(taken, 2);
    });
}

#[test]
fn a_disabled_branch_is_not_polled_again() {
    check_async(async || {
        let polls = Cell::new(0);
        let once = poll_fn(|_| {
            polls.set(polls.get() + 1);
            Poll::Ready(None::<()>)
        });
        rt::select! {
            biased;
            Some(()) = once => panic!("it is `None`"),
            () = super::yield_times(3) => {}
        }
        assert_eq!(polls.get(), 1);
    });
}

#[test]
fn with_all_disabled_else_runs() {
    check_async(async || {
        let taken = rt::select! {
            Some(n) = ready(None) => n,
            Ok(n) = async { rt::task::yield_now().await; Err::<u32, ()>(()) } => n,
            n = ready(1), if false => n,
            else => 4,
        };
        assert_eq!(taken, 4);
    });
}

#[test]
#[should_panic = "all branches are disabled and there is no else branch"]
fn with_all_disabled_and_no_else_it_panics() {
    check_async(async || {
        rt::select! {
            Some(()) = ready(None) => {}
            () = ready(()), if false => {}
        }
    });
}

#[test]
fn conditions_come_before_futures_and_futures_of_disabled_branches_are_made_too() {
    check_async(async || {
        let trace = RefCell::new(Vec::new());
        let says = |what, returns: bool| {
            trace.borrow_mut().push(what);
            returns
        };
        let makes = |what| {
            trace.borrow_mut().push(what);
            async { trace.borrow_mut().push("polled") }
        };
        rt::select! {
            biased;
            () = makes("future 1"), if says("condition 1", false) => says("handler 1", true),
            () = makes("future 2"), if says("condition 2", true) => says("handler 2", true),
        };
        let expected =
            ["condition 1", "condition 2", "future 1", "future 2", "polled", "handler 2"];
        assert_eq!(*trace.borrow(), expected);
    });
}

#[test]
fn futures_are_dropped_from_the_first_to_the_last() {
    check_async(async || {
        let dropped = &RefCell::new(Vec::new());
        let waits = |n| {
            let on_drop = OnDrop(move || dropped.borrow_mut().push(n));
            async move {
                let _on_drop = &on_drop;
                rt::task::yield_now().await;
                pending::<()>().await
            }
        };
        rt::select! {
            () = waits(1) => {}
            () = waits(2) => {}
            () = super::yield_times(2) => assert_eq!(*dropped.borrow(), [1, 2, 3]),
            () = waits(3) => {}
        }
    });
}

#[test]
fn without_biased_each_ready_branch_has_its_turn() {
    check_async(async || {
        let mut turns = [0; 3];
        for _ in 0..300 {
            rt::select! {
                () = ready(()) => turns[0] += 1,
                () = ready(()) => turns[1] += 1,
                () = ready(()) => turns[2] += 1,
            }
        }
        assert!(turns.iter().all(|&turns| turns > 30), "{turns:?}");
    });
}

#[test]
fn with_biased_the_first_has_every_turn() {
    check_async(async || {
        for _ in 0..100 {
            rt::select! {
                biased;
                () = ready(()) => {}
                () = ready(()) => panic!("the first is ready"),
            }
        }
    });
}

#[test]
fn what_makes_a_future_is_a_branch_too() {
    struct Five;
    impl IntoFuture for Five {
        type Output = u32;
        type IntoFuture = Ready<u32>;
        fn into_future(self) -> Ready<u32> {
            ready(5)
        }
    }
    check_async(async || {
        assert_eq!(rt::select! { five = Five => five }, 5);
        // The temporary lives as long as the future that borrows it.
        rt::select! { five = &mut Box::pin(super::yield_times(2)) => five }
    });
}

#[test]
fn an_output_without_values_is_no_warning() {
    check_async(async || {
        let forever = || pending::<std::convert::Infallible>();
        let n = rt::select! {
            never = forever() => match never {},
            n = ready(7) => n,
        };
        assert_eq!(n, 7);
    });
}

#[test]
fn names_in_the_expansion_are_not_those_of_the_caller() {
    mod support {
        pub(super) fn ready(n: u32) -> std::future::Ready<u32> {
            std::future::ready(n)
        }
    }
    check_async(async || {
        let (start, disabled, output, future0, cx) = (1, 2, 3, 4, 5);
        let sum = rt::select! {
            future1 = support::ready(start), if disabled == 2 => future1 + output + future0 + cx,
        };
        assert_eq!(sum, 13);
    });
}

#[test]
fn sixty_four_branches_are_not_too_many() {
    macro_rules! select_64 {
        ($($number:literal)*) => {
            rt::select! { $(n = ready($number), if $number == 63 => n,)* }
        };
    }
    check_async(async || {
        let taken = select_64! {
             0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31
            32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63
        };
        assert_eq!(taken, 63);
    });
}

#[test]
fn it_does_not_poll_when_the_budget_is_used_up() {
    check_async(async || {
        let task = rt::spawn(async {
            while rt::task::coop::consume_budget().now_or_never().is_some() {}
            let select = async {
                rt::select! { () = ready(()) => {} }
            };
            rt::pin!(select);
            assert!(futures::poll!(&mut select).is_pending());
            rt::task::yield_now().await;
            select.await;
        });
        task.await.unwrap();
    });
}
