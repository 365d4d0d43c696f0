//! Every order of what two ends can do, with a shadow of what the memory holds.

use super::*;
use std::collections::HashSet;

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Phase {
    Here,
    /// The sender has sent and has the receiver's waker to take; the receiver is on its way out.
    Leaving,
    Gone,
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Value {
    WithSender,
    InCell,
    Received,
    Refused,
    Never,
}

/// The word, and what it should say.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
struct Shadow {
    word: Word,
    sender: Phase,
    receiver: Phase,
    value: Value,
    /// Whether a waker lies in the receiver's slot, in the sender's.
    slots: [bool; 2],
    /// Whether the receiver, the sender waits and was not woken.
    waits: [bool; 2],
    frees: u32,
}

type Step = fn(Word) -> (Word, bool);

const RX: usize = 0;
const TX: usize = 1;

impl Shadow {
    fn new() -> Self {
        Self {
            word: Word::NEW,
            sender: Phase::Here,
            receiver: Phase::Here,
            value: Value::WithSender,
            slots: [false; 2],
            waits: [false; 2],
            frees: 0,
        }
    }

    fn put(&mut self, slot: usize) {
        assert!(!std::mem::replace(&mut self.slots[slot], true), "one waker over another");
    }

    fn take(&mut self, slot: usize) {
        assert!(std::mem::replace(&mut self.slots[slot], false), "a waker that is not there");
    }

    fn wake(&mut self, slot: usize) {
        self.take(slot);
        self.waits[slot] = false;
    }

    fn free(&mut self, free: bool) {
        if free {
            self.frees += 1;
            assert_eq!((self.sender, self.receiver), (Phase::Gone, Phase::Gone));
            let set = [self.word.receiver_waits(), self.word.sender_waits()];
            assert_eq!(self.slots, set, "as many wakers are dropped as there are");
            assert_ne!(self.value, Value::InCell, "the value is lost");
        }
    }

    /// What the shell's `wait` does, on a slot of its own, in its single steps.
    fn wait(mut self, slot: usize) -> Self {
        let (is_set, set, unset): (_, Step, Step) = match slot {
            RX => (self.word.receiver_waits(), Word::receiver_wait, Word::receiver_unwait),
            _ => (self.word.sender_waits(), Word::sender_wait, Word::sender_unwait),
        };
        if is_set {
            let (word, is_own) = unset(self.word);
            assert!(is_own, "seen in the same step");
            self.word = word;
            self.take(slot);
        }
        self.put(slot);
        let (word, waits) = set(self.word);
        self.word = word;
        self.waits[slot] = waits;
        if !waits {
            self.take(slot);
        }
        self
    }

    fn send(mut self, has_value: bool) -> Self {
        let (word, sent) = self.word.send(has_value);
        self.word = word;
        self.value = match (sent, has_value) {
            (_, false) => Value::Never,
            (Sent::Refused { .. }, true) => Value::Refused,
            (_, true) => Value::InCell,
        };
        self.sender = Phase::Gone;
        match sent {
            Sent::Gone => {}
            Sent::Wake => self.sender = Phase::Leaving,
            Sent::Refused { free } => self.free(free),
        }
        assert!(sent == Sent::Wake || !self.waits[RX] || self.word.is_closed());
        self
    }

    fn sender_gone(mut self) -> Self {
        self.wake(RX);
        let (word, free) = self.word.sender_gone();
        self.word = word;
        self.sender = Phase::Gone;
        self.free(free);
        self
    }

    fn close(mut self) -> Self {
        let (word, wake) = self.word.close();
        self.word = word;
        if wake {
            self.wake(TX);
        }
        assert!(!self.waits[TX] || self.sender != Phase::Here, "who waits for the close is woken");
        self
    }

    fn leave(mut self) -> Self {
        self.receiver = Phase::Leaving;
        self.waits[RX] = false;
        if self.word.is_sender_gone() {
            self.receiver = Phase::Gone;
            if self.word.has_value() {
                assert_eq!(std::mem::replace(&mut self.value, Value::Received), Value::InCell);
            }
            self.free(true);
            return self;
        }
        let (word, left) = self.word.leave();
        self.word = word;
        match left {
            Left::Value => {
                assert_eq!(std::mem::replace(&mut self.value, Value::Received), Value::InCell);
            }
            Left::Wake => self.wake(TX),
            Left::Gone { free } => {
                self.receiver = Phase::Gone;
                assert!(!self.waits[TX] || self.sender != Phase::Here, "it is woken");
                self.free(free);
            }
        }
        self
    }

    fn next(self) -> Vec<Self> {
        let mut next = Vec::new();
        match self.sender {
            Phase::Here => {
                next.extend([self.send(true), self.send(false)]);
                if !self.word.is_closed() {
                    next.push(self.wait(TX));
                }
            }
            Phase::Leaving => next.push(self.sender_gone()),
            Phase::Gone => {}
        }
        match self.receiver {
            Phase::Here => {
                next.extend([self.close(), self.leave()]);
                if !self.word.has_value() && !self.word.is_over() {
                    next.push(self.wait(RX));
                }
            }
            Phase::Leaving => next.push(self.leave()),
            Phase::Gone => {}
        }
        next
    }
}

#[test]
fn in_every_order_the_value_and_the_memory_have_one_end() {
    let mut seen = HashSet::from([Shadow::new()]);
    let mut todo = vec![Shadow::new()];
    let mut ends = HashSet::new();
    while let Some(shadow) = todo.pop() {
        let next = shadow.next();
        if next.is_empty() {
            assert_eq!(shadow.frees, 1, "{shadow:?}");
            ends.insert(shadow.value);
        }
        assert!(shadow.frees == 0 || next.is_empty(), "used after it was freed: {shadow:?}");
        todo.extend(next.into_iter().filter(|next| seen.insert(*next)));
    }
    assert_eq!(ends, HashSet::from([Value::Received, Value::Refused, Value::Never]));
    assert!(seen.len() > 50, "only {} states", seen.len());
}

/// What the walk above takes as one step is two, with the other end's in between.
#[test]
fn a_waker_is_put_and_fetched_back_only_while_it_can_be_used() {
    let new = Word::NEW;
    let (sent, _) = new.send(true);
    assert_eq!(sent.receiver_wait(), (sent, false), "there is a value");
    let (waiting, is_waiting) = new.receiver_wait();
    assert!(is_waiting);
    let (sent, Sent::Wake) = waiting.send(true) else { panic!("somebody waits") };
    assert_eq!(sent.receiver_unwait(), (sent, false), "the sender has it");
    let (closed, false) = new.close() else { panic!("nobody waits") };
    assert_eq!(closed.sender_wait(), (closed, false), "it is closed");
    let (closed, true) = new.sender_wait().0.close() else { panic!("the sender waits") };
    assert_eq!(closed.sender_unwait(), (closed, false), "the receiver has it");
    assert!(!sent.close().1, "what the sender does not wait for any more does not wake it");
}
