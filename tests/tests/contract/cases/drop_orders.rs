//! The product of all orders: whatever is done to a task, in whatever order, its future and its
//! output are dropped exactly once.
//!
//! Six things can be done to a task from outside, each at most once: that makes 720 orders. Each
//! is run with futures of five characters, before or after the first poll, and with or without
//! time for the runtime to react in between.

use super::{WORKERS, builder, rt};
use rt::runtime::Runtime;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use tests::tracker::{Token, Tracker};
use tests::wait::poll_once;
use tests::watchdog::guarded;

/// What is done to the task.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Step {
    Abort,
    WakeByRef,
    WakeByValue,
    PollHandle,
    DropHandle,
    DropRuntime,
}

const STEPS: [Step; 6] = {
    use Step::*;
    [Abort, WakeByRef, WakeByValue, PollHandle, DropHandle, DropRuntime]
};

/// What the future does when it is polled.
#[derive(Clone, Copy, Debug)]
enum Character {
    Pending,
    ReadyAtPoll(u32),
    PanicsAtPoll(u32),
}

const CHARACTERS: [Character; 5] = {
    use Character::*;
    [Pending, ReadyAtPoll(1), ReadyAtPoll(2), PanicsAtPoll(1), PanicsAtPoll(2)]
};

/// The future under test. Its waker is left in a slot outside.
struct Subject {
    character: Character,
    polls: u32,
    waker: Arc<Mutex<Option<Waker>>>,
    outputs: Tracker,
    _token: Token,
}

impl Future for Subject {
    type Output = Token;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Token> {
        self.polls += 1;
        match self.character {
            Character::ReadyAtPoll(n) if self.polls == n => {
                return Poll::Ready(self.outputs.token());
            }
            // Without the hook's message: this happens some thousand times.
            Character::PanicsAtPoll(n) if self.polls == n => resume_unwind(Box::new("meant")),
            _ => {}
        }
        let old = self.waker.lock().unwrap().replace(cx.waker().clone());
        drop(old);
        Poll::Pending
    }
}

/// Lets the runtime do what it has to do, as far as that can be told from outside.
fn react(rt: Option<&Runtime>) {
    if let Some(rt) = rt {
        rt.block_on(super::yield_times(2));
    }
}

/// Does `steps` in order to a fresh task on a fresh runtime, and looks at what was dropped.
fn check_order(steps: &[Step], character: Character, polled: bool, reacts: bool) {
    let context = || format!("{steps:?} {character:?} polled: {polled} reacts: {reacts}");
    let (futures, outputs) = (Tracker::default(), Tracker::default());
    let waker = Arc::new(Mutex::new(None));
    let mut rt = Some(builder().build().expect("a runtime can be built"));
    let mut handle = rt.as_ref().map(|rt| {
        Box::pin(rt.spawn(Subject {
            character,
            polls: 0,
            waker: Arc::clone(&waker),
            outputs: outputs.clone(),
            _token: futures.token(),
        }))
    });
    let abort = handle.as_ref().map(|handle| handle.abort_handle());
    if polled {
        react(rt.as_ref());
    }
    let mut joined = false;
    for step in steps {
        match step {
            Step::Abort => abort.iter().for_each(|abort| abort.abort()),
            Step::WakeByRef => {
                let waker = waker.lock().unwrap().clone();
                waker.iter().for_each(Waker::wake_by_ref);
            }
            Step::WakeByValue => {
                let waker = waker.lock().unwrap().take();
                waker.into_iter().for_each(Waker::wake);
            }
            Step::PollHandle => {
                if let Some(handle) = &mut handle {
                    joined = poll_once(handle.as_mut()).is_ready();
                    assert!(joined || rt.is_some(), "never joined: {}", context());
                }
            }
            Step::DropHandle => handle = None,
            Step::DropRuntime => rt = None,
        }
        if reacts {
            react(rt.as_ref());
        }
    }
    drop((waker, abort));
    assert_eq!(futures.dropped(), 1, "drops of the future: {}", context());
    assert!(outputs.made() <= 1, "two outputs: {}", context());
    assert!(outputs.balanced(), "drops of the output, joined: {joined}: {}", context());
}

/// All orders of `items`, by Heap's algorithm.
fn permutations(items: &mut [Step], n: usize, visit: &mut impl FnMut(&[Step])) {
    if n <= 1 {
        return visit(items);
    }
    for i in 0..n {
        permutations(items, n - 1, visit);
        items.swap(if n.is_multiple_of(2) { i } else { 0 }, n - 1);
    }
}

/// Runs all orders for one combination of the rest.
fn check_all_orders(character: Character, polled: bool, reacts: bool) {
    let mut orders = 0;
    permutations(&mut STEPS.clone(), STEPS.len(), &mut |steps| {
        orders += 1;
        // Building threads is most of what a multi-thread case costs: every fifth order does, and
        // as the factors of 720 hide no pattern from it, no step is always early or always late.
        if WORKERS == 0 || orders % 5 == 0 {
            check_order(steps, character, polled, reacts);
        }
    });
    assert_eq!(orders, 720);
}

#[test]
fn future_and_output_are_dropped_once_in_every_order() {
    guarded(|| {
        for character in CHARACTERS {
            check_all_orders(character, true, false);
            check_all_orders(character, true, true);
        }
    });
}

#[test]
fn future_and_output_are_dropped_once_in_every_order_before_the_first_poll() {
    guarded(|| {
        for character in CHARACTERS {
            check_all_orders(character, false, false);
            check_all_orders(character, false, true);
        }
    });
}
