//! The ring against what it promises, by random operations.

use super::*;
use crate::util::Random;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// A receiver by the book: which values it is still to get.
struct Reader {
    place: Place,
    todo: VecDeque<u32>,
}

impl Reader {
    fn new(ring: &mut Ring<Arc<u32>>) -> Self {
        Self { place: ring.subscribe(), todo: VecDeque::new() }
    }

    /// What the next receive should say, if the last `capacity` values are kept.
    fn expect(&mut self, capacity: usize) -> Result<u32, TryRecvError> {
        let lost = self.todo.len().saturating_sub(capacity);
        if lost > 0 {
            self.todo.drain(..lost);
            return Err(TryRecvError::Lagged(lost as u64));
        }
        self.todo.pop_front().ok_or(TryRecvError::Empty)
    }
}

#[test]
fn each_receiver_gets_each_value_or_learns_how_many_it_lost() {
    let random = Random::new(3);
    for capacity in [1, 2, 8] {
        let mut ring = Ring::new(capacity);
        let (mut readers, mut values) = (Vec::<Reader>::new(), Vec::new());
        let mut lags = 0;
        for name in 0..10_000 {
            match random.below(8) {
                0 if readers.len() < 5 => readers.push(Reader::new(&mut ring)),
                1 if !readers.is_empty() && random.below(4) == 0 => {
                    let mut reader = readers.swap_remove(random.below(readers.len()));
                    drop(ring.leave(&mut reader.place));
                }
                2 | 3 => {
                    let value = Arc::new(name);
                    values.push(Arc::downgrade(&value));
                    match ring.send(value) {
                        Ok(sent) => {
                            assert_eq!(sent.receivers, readers.len());
                            readers.iter_mut().for_each(|reader| reader.todo.push_back(name));
                        }
                        Err(value) => assert_eq!((*value, readers.len()), (name, 0)),
                    }
                }
                _ if !readers.is_empty() => {
                    let idx = random.below(readers.len());
                    let reader = &mut readers[idx];
                    assert_eq!(ring.len_for(&reader.place), reader.todo.len());
                    let expected = reader.expect(capacity);
                    lags += u32::from(matches!(expected, Err(TryRecvError::Lagged(_))));
                    assert_eq!(
                        ring.receive(&mut reader.place).map(|value| *value.into_inner()),
                        expected
                    );
                }
                _ => {}
            }
            let wanted = readers.iter().map(|reader| reader.todo.len()).max().unwrap_or(0);
            assert_eq!(ring.len(), wanted.min(capacity), "what nobody wants is not kept");
            values.retain(|value| value.strong_count() > 0);
            assert_eq!(values.len(), ring.len());
        }
        assert!(lags > 100, "only {lags} times");
    }
}

#[test]
fn the_last_who_wants_a_value_gets_it_for_itself() {
    let mut ring = Ring::new(2);
    let mut first = ring.subscribe();
    assert!(ring.send("a".to_owned()).is_ok());
    let mut second = ring.subscribe();
    assert!(matches!(ring.receive(&mut first), Ok(Value::One(_))), "there was one receiver");
    assert!(ring.send("b".to_owned()).is_ok());
    let Ok(Value::Each(early)) = ring.receive(&mut first) else { panic!("there are two") };
    assert_eq!(Arc::strong_count(&early), 2);
    let Ok(Value::Each(late)) = ring.receive(&mut second) else { panic!("there are two") };
    drop(early);
    assert_eq!(Arc::into_inner(late).as_deref(), Some("b"));
}

#[test]
fn what_owns_nothing_is_cloned_for_each_but_the_last() {
    static CLONES: AtomicUsize = AtomicUsize::new(0);
    struct Counted;
    impl Clone for Counted {
        fn clone(&self) -> Self {
            CLONES.fetch_add(1, Relaxed);
            Self
        }
    }
    let mut ring = Ring::new(2);
    let mut places = [ring.subscribe(), ring.subscribe(), ring.subscribe()];
    assert!(ring.send(Counted).is_ok());
    for (idx, place) in places.iter_mut().enumerate() {
        assert!(matches!(ring.receive(place), Ok(Value::One(Counted))));
        assert_eq!((ring.len(), CLONES.load(Relaxed)), ((idx < 2).into(), (idx + 1).min(2)));
    }
}

#[test]
fn without_senders_the_values_are_the_rest() {
    let mut ring = Ring::new(2);
    let mut place = ring.subscribe();
    assert!(ring.send('a').is_ok());
    ring.end().wake_all();
    assert!(ring.is_ended() && ring.receive(&mut place).is_ok());
    assert!(matches!(ring.receive(&mut place), Err(TryRecvError::Closed)));
}

#[test]
fn a_place_at_the_end_is_new_until_it_waits_there() {
    let mut ring = Ring::new(2);
    let mut place = ring.subscribe();
    assert!(place.is_new_at(ring.end_low()));
    let mut waker = PollWaker::new(Waker::noop());
    waker.make_clone();
    assert!(matches!(ring.poll_receive(&mut place, &mut waker), Step::Wait));
    assert!(!place.is_new_at(ring.end_low()), "no second clone is needed");
    assert!(ring.send('a').is_ok_and(|sent| sent.receivers == 1));
    assert!(!place.is_new_at(ring.end_low()), "there is a value");
    assert!(matches!(ring.poll_receive(&mut place, &mut waker), Step::Ready(Ok(_))));
    assert!(place.is_new_at(ring.end_low()));
}
