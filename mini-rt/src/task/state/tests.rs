//! Every order of every step, walked exhaustively: the pure steps against a model of their callers.

use super::*;
use std::collections::{BTreeSet, HashSet};

/// Where the one right to poll is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Right {
    Nowhere,
    Queued,
    Polling,
    /// The future is dropped and the output stored; `complete` comes next.
    Completing,
    /// The life reference comes next.
    Leaving,
    Done,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Handle {
    Held,
    /// Between `detach` and dropping its reference.
    Leaving,
    Gone,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Output {
    None,
    Stored,
    Dropped,
}

/// Takes a change that the world may undergo next.
type Offer<'a> = dyn FnMut(&dyn Fn(&mut World)) + 'a;

/// The word and all who act on it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct World {
    word: Word,
    right: Right,
    handle: Handle,
    /// Wakers in foreign hands, at most two: enough for one to act while the other exists.
    wakers: usize,
    output: Output,
    join_waker_stored: bool,
    freed: bool,
}

impl World {
    fn new() -> Self {
        Self {
            word: Word::NEW,
            right: Right::Queued,
            handle: Handle::Held,
            wakers: 0,
            output: Output::None,
            join_waker_stored: false,
            freed: false,
        }
    }

    fn scheduled_by(&mut self, wake: Wake) {
        if wake == Wake::Schedule {
            assert_eq!(self.right, Right::Nowhere, "two rights to poll: {self:?}");
            self.right = Right::Queued;
        }
    }

    fn wake(&mut self) {
        let (word, wake) = self.word.wake();
        self.word = word;
        self.scheduled_by(wake);
    }

    fn drop_ref(&mut self) {
        let (word, last) = self.word.drop_ref();
        self.leave_or_set(word);
        self.free_if(last);
    }

    fn leave_or_set(&mut self, word: Option<Word>) {
        self.word = word.unwrap_or(self.word);
    }

    fn free_if(&mut self, last: bool) {
        if last {
            assert!(!self.freed, "freed twice: {self:?}");
            self.freed = true;
        }
    }

    fn drop_output(&mut self) {
        assert_eq!(self.output, Output::Stored, "output dropped twice or early: {self:?}");
        self.output = Output::Dropped;
    }

    /// Who has cleared the flag takes it out.
    fn drop_join_waker(&mut self) {
        assert!(!self.word.has_join_waker(), "the waker is shared: {self:?}");
        assert!(self.join_waker_stored, "taken out twice: {self:?}");
        self.join_waker_stored = false;
    }

    /// Everything that can happen next.
    fn next(&self) -> Vec<World> {
        let mut next = Vec::new();
        let mut with = |change: &dyn Fn(&mut World)| {
            let mut world = self.clone();
            change(&mut world);
            next.push(world);
        };
        if self.freed {
            return next;
        }
        if self.wakers > 0 {
            with(&World::wake);
            for needs_ref in [false, true] {
                with(&|w| {
                    let (word, (wake, last)) = w.word.wake_owned(needs_ref);
                    let scheduled = wake == Wake::Schedule;
                    w.leave_or_set(word);
                    w.wakers -= 1;
                    w.scheduled_by(wake);
                    w.free_if(last);
                    if scheduled && needs_ref {
                        w.drop_ref();
                    }
                });
            }
            with(&|w| {
                w.wakers -= 1;
                w.drop_ref();
            });
        }
        if (self.wakers == 1 || self.right == Right::Polling) && self.wakers < 2 {
            with(&|w| {
                w.word = Word(w.word.0 + REF_ONE);
                w.wakers += 1;
            });
        }
        if self.right == Right::Polling {
            // By reference to the waker of the poll itself, which holds no reference of its own.
            with(&World::wake);
        }
        if self.wakers > 0 || self.handle == Handle::Held {
            with(&|w| {
                let (word, wake) = w.word.abort();
                w.word = word;
                w.scheduled_by(wake);
            });
        }
        self.next_of_poller(&mut with);
        self.next_of_handle(&mut with);
        next
    }

    fn next_of_poller(&self, with: &mut Offer<'_>) {
        match self.right {
            Right::Nowhere | Right::Done => {}
            Right::Queued => with(&|w| {
                let (word, start) = w.word.start_poll();
                w.word = word;
                w.right = match start {
                    Start::Poll => Right::Polling,
                    Start::Cancel => {
                        w.output = Output::Stored;
                        Right::Completing
                    }
                };
            }),
            Right::Polling => {
                with(&|w| {
                    let (word, end) = w.word.end_poll();
                    w.leave_or_set(word);
                    w.right = match end {
                        End::Idle => Right::Nowhere,
                        End::Again => Right::Queued,
                        End::Cancel => {
                            w.output = Output::Stored;
                            Right::Completing
                        }
                    };
                });
                with(&|w| {
                    w.output = Output::Stored;
                    w.right = Right::Completing;
                });
            }
            Right::Completing => with(&|w| {
                let (word, joiner) = w.word.complete();
                w.word = word;
                w.right = match joiner {
                    Joiner::Gone => {
                        w.drop_output();
                        Right::Leaving
                    }
                    Joiner::Idle => Right::Done,
                    Joiner::Waiting => {
                        w.drop_join_waker();
                        Right::Leaving
                    }
                };
            }),
            Right::Leaving => with(&|w| {
                w.right = Right::Done;
                w.drop_ref();
            }),
        }
    }

    fn next_of_handle(&self, with: &mut Offer<'_>) {
        match self.handle {
            Handle::Gone => {}
            Handle::Leaving => with(&|w| {
                w.handle = Handle::Gone;
                w.drop_ref();
            }),
            Handle::Held => {
                with(&|w| {
                    let (word, detach) = w.word.detach();
                    w.leave_or_set(word);
                    w.handle = Handle::Leaving;
                    match detach {
                        Detach::Done => w.handle = Handle::Gone,
                        Detach::DropWaker => w.drop_join_waker(),
                        Detach::DropOutput => {
                            if w.output == Output::Stored {
                                w.drop_output();
                            }
                        }
                    }
                });
                // One poll of the handle, as `can_take_output` does it.
                if self.word.is_complete() {
                    if self.output == Output::Stored {
                        with(&|w| w.drop_output());
                    }
                } else if self.word.has_join_waker() {
                    with(&|w| {
                        w.word = w.word.take_join_waker().0.expect("not complete");
                        w.drop_join_waker();
                    });
                } else {
                    with(&|w| {
                        assert!(!w.join_waker_stored, "written over: {w:?}");
                        w.join_waker_stored = true;
                        w.word = w.word.set_join_waker().0.expect("not complete");
                    });
                }
            }
        }
    }

    fn check(&self) {
        let word = self.word;
        let held = usize::from(self.handle != Handle::Gone)
            + usize::from(self.right != Right::Done)
            + self.wakers;
        assert_eq!(self.freed, held == 0, "freed when, and only when, nobody is left: {self:?}");
        // Who was alone with the task has left the count as it was.
        let counted = word.refs() - usize::from(self.freed);
        assert_eq!(counted, held, "references as counted and as held: {self:?}");
        assert_eq!(
            word.has(ACTIVE),
            matches!(self.right, Right::Queued | Right::Polling | Right::Completing),
            "ACTIVE is the right to poll: {self:?}"
        );
        assert!(
            word.has(SCHEDULED) || self.right != Right::Queued,
            "what is queued is to be polled: {self:?}"
        );
        assert!(word.has(ACTIVE) || !word.has(SCHEDULED), "a wake gives the right: {self:?}");
        assert_eq!(word.has_join_waker(), self.join_waker_stored, "JOIN_WAKER is one: {self:?}");
        if self.freed {
            assert_eq!(self.output, Output::Dropped, "the output is dropped: {self:?}");
            assert!(word.is_complete(), "the future is gone: {self:?}");
        }
    }
}

fn reachable() -> HashSet<World> {
    walk(|_| ())
}

/// Every world there is, if `also` is done after every step. Panics at one that breaks the contract.
fn walk(also: impl Fn(&mut World)) -> HashSet<World> {
    let mut seen = HashSet::from([World::new()]);
    let mut open = vec![World::new()];
    while let Some(world) = open.pop() {
        world.check();
        for mut next in world.next() {
            also(&mut next);
            if seen.insert(next.clone()) {
                open.push(next);
            }
        }
    }
    seen
}

#[test]
fn every_order_of_every_step_keeps_the_contract() {
    let worlds = reachable();
    // `check` has run on each. And each can come to its end: no order leads into a dead end.
    let dead_ends: Vec<_> =
        worlds.iter().filter(|world| !world.freed && world.next().is_empty()).collect();
    // An idle task that nobody can wake or abort lives until its runtime aborts it.
    for world in dead_ends {
        assert_eq!((world.right, world.wakers), (Right::Nowhere, 0), "stuck: {world:?}");
    }
    assert!(worlds.len() > 150, "the walk went somewhere: {}", worlds.len());
}

#[test]
fn the_table_lists_every_reachable_word() {
    let flags = |word: Word| format!("{word:?}").split('+').next().expect("flags").to_owned();
    let reached: BTreeSet<String> =
        reachable().iter().filter(|world| !world.freed).map(|world| flags(world.word)).collect();
    let table: BTreeSet<String> = include_str!("../state.rs")
        .lines()
        .skip_while(|line| !line.contains("```text"))
        .take_while(|line| line.starts_with("//!"))
        .flat_map(str::split_whitespace)
        .filter(|word| word.len() == 6 && word.chars().all(|c| "SADXJW-".contains(c)))
        .map(str::to_owned)
        .collect();
    assert_eq!(table, reached, "the list in the module doc (left) against the walk (right)");
}

#[test]
#[should_panic(expected = "references as counted and as held")]
fn the_walk_finds_out_a_reference_that_is_forgotten() {
    walk(|world| {
        if world.right == Right::Done && world.handle == Handle::Leaving && !world.freed {
            world.word = Word(world.word.0 + REF_ONE);
        }
    });
}

#[test]
#[should_panic(expected = "ACTIVE is the right to poll")]
fn the_walk_finds_out_a_right_to_poll_that_could_be_given_twice() {
    walk(|world| {
        if world.right == Right::Polling {
            world.word = world.word.without(ACTIVE | SCHEDULED);
        }
    });
}
