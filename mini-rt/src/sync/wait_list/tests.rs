//! The list against a plain queue, by random operations.

use super::{KEPT_ENTRIES, Key, WaitList};
use crate::util::Random;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Wake, Waker};

/// Counts how often it is woken. That nothing else touches it, its reference count tells.
#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Relaxed);
    }
}

fn waker() -> (Arc<Count>, Waker) {
    let count = Arc::new(Count::default());
    (Arc::clone(&count), count.into())
}

struct Owner {
    key: Key,
    name: u32,
    count: Arc<Count>,
}

#[test]
fn it_is_a_queue_with_removal_from_anywhere() {
    let random = Random::new(7);
    let (mut list, mut queue) = (WaitList::new(), VecDeque::new());
    let (mut queued, mut taken) = (Vec::<Owner>::new(), Vec::<Owner>::new());
    for name in 0..20_000 {
        match random.below(7) {
            0..=2 => {
                let (count, waker) = waker();
                queued.push(Owner { key: list.push(waker, name), name, count });
                queue.push_back(name);
            }
            3 => match list.take_first() {
                None => assert!(queue.is_empty()),
                Some((value, waker)) => {
                    let expected = queue.pop_front().expect("as the list");
                    assert_eq!(*value, expected);
                    *value += 1_000_000; // What it is given.
                    waker.wake();
                    let idx = queued.iter().position(|owner| owner.name == expected).unwrap();
                    let owner = queued.swap_remove(idx);
                    assert_eq!(owner.count.0.load(Relaxed), 1, "its own waker");
                    assert_eq!(Arc::strong_count(&owner.count), 1, "and the list keeps none");
                    taken.push(owner);
                }
            },
            4 if !queued.is_empty() => {
                let owner = queued.swap_remove(random.below(queued.len()));
                assert_eq!(list.get_mut(&owner.key), (&mut owner.name.clone(), true));
                let removed = list.remove(owner.key);
                assert_eq!((removed.value, removed.waker.is_some()), (owner.name, true));
                queue.retain(|name| *name != owner.name);
            }
            5 if !taken.is_empty() => {
                let owner = taken.swap_remove(random.below(taken.len()));
                let value = owner.name + 1_000_000;
                assert_eq!(list.get_mut(&owner.key), (&mut value.clone(), false));
                let removed = list.remove(owner.key);
                assert_eq!((removed.value, removed.waker.is_none()), (value, true));
            }
            6 => {
                let (popped, expected) = if random.below(2) == 0 {
                    (list.pop_first(), queue.pop_front())
                } else {
                    (list.pop_last(), queue.pop_back())
                };
                let Some((value, waker)) = popped else {
                    assert_eq!(expected, None);
                    continue;
                };
                assert_eq!(Some(value), expected);
                waker.wake();
                let idx = queued.iter().position(|owner| owner.name == value).unwrap();
                let Owner { key: _gone, count, .. } = queued.swap_remove(idx);
                assert_eq!(count.0.load(Relaxed), 1, "its own waker");
            }
            _ => {}
        }
        assert_eq!(list.is_empty(), queue.is_empty());
        assert_eq!(list.first_mut().copied(), queue.front().copied());
        assert_eq!(list.entries.len(), queued.len() + taken.len());
    }
    assert!(queue.len() > 10, "it was not always empty");
}

#[test]
fn a_waker_is_replaced_only_while_it_is_queued() {
    let mut list = WaitList::new();
    let ((first, one), (second, two), (third, three)) = (waker(), waker(), waker());
    let key = list.push(one.clone(), ());
    assert!(!list.wakes_another(&key, &one) && list.wakes_another(&key, &two));
    assert!(list.replace_waker(&key, two.clone()).will_wake(&one));
    let ((), taken) = list.take_first().expect("one waits");
    taken.wake();
    assert!(!list.wakes_another(&key, &three), "a taken entry wakes nobody");
    assert!(list.replace_waker(&key, three.clone()).will_wake(&three));
    assert!(list.remove(key).waker.is_none());
    assert_eq!([first, second, third].map(|count| count.0.load(Relaxed)), [0, 1, 0]);
}

#[test]
fn the_memory_of_a_crowd_is_given_back() {
    let mut list = WaitList::new();
    assert_eq!(list.entries.capacity(), 0, "nothing is allocated before somebody waits");
    let keys: Vec<_> = (0..=KEPT_ENTRIES).map(|_| list.push(Waker::noop().clone(), ())).collect();
    for key in keys {
        let _ = list.remove(key);
    }
    assert_eq!(list.entries.capacity(), 0);
}
