//! Tokens under loom. A cancellation that is missed is a deadlock, which loom reports.

use super::*;
use crate::primitive::{UnsafeCell, thread};
use crate::sync::model::block_on;

fn model(model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(2);
    builder.check(model);
}

#[test]
fn loom_who_waits_for_a_child_is_told_of_its_parents_end() {
    model(|| {
        let parent = CancellationToken::new();
        let child = parent.child_token();
        let waiter = thread::spawn(move || block_on(child.cancelled_owned()));
        parent.cancel();
        waiter.join().expect("no panic");
    });
}

/// Edge X1: who finds the flag, without a lock, sees what was done before the call.
#[test]
fn loom_what_was_done_before_a_cancellation_is_seen_with_it() {
    model(|| {
        let parent = CancellationToken::new();
        let child = parent.child_token();
        let cell = loom::sync::Arc::new(UnsafeCell::new(()));
        let shared = loom::sync::Arc::clone(&cell);
        let caller = thread::spawn(move || {
            shared.with_mut(|_| ());
            drop(shared);
            parent.cancel();
        });
        if child.is_cancelled() {
            cell.with_mut(|_| ());
        }
        caller.join().expect("no panic");
    });
}

#[test]
fn loom_a_child_that_is_made_meanwhile_is_cancelled_too() {
    model(|| {
        let parent = CancellationToken::new();
        let maker = thread::spawn({
            let parent = parent.clone();
            move || block_on(parent.child_token().cancelled())
        });
        parent.cancel();
        maker.join().expect("no panic");
    });
}

/// The one in the middle is dropped, and its child moves up, while the one above is cancelled.
#[test]
fn loom_a_child_that_moves_up_meanwhile_is_cancelled_too() {
    model(|| {
        let parent = CancellationToken::new();
        let middle = parent.child_token();
        let child = middle.child_token();
        let dropper = thread::spawn(move || drop(middle));
        parent.cancel();
        assert!(child.is_cancelled());
        dropper.join().expect("no panic");
        block_on(child.cancelled());
    });
}
