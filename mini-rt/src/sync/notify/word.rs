//! One word: is there a notification, may somebody wait, and how often were all notified?
//!
//! The two lowest bits are a [`State`], the others count the calls of `notify_waiters`, and wrap
//! around. The steps are pure; [`Notify`](super::Notify) makes each of them in one exchange.

const STATE: usize = 0b11;
const EMPTY: usize = 0;
const MAY_WAIT: usize = 1;
const NOTIFIED: usize = 2;
const CALL_ONE: usize = STATE + 1;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word(pub(super) usize);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// No notification, and nobody waits.
    Empty,
    /// No notification. Whether somebody waits, the list tells.
    MayWait,
    /// There is one for who comes next.
    Notified,
}

/// How often all were notified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Calls(usize);

/// What a step finds that it cannot make without the list.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SomebodyMayWait;

impl Word {
    pub(super) const NEW: Self = Self(EMPTY);

    pub(super) fn state(self) -> State {
        match self.0 & STATE {
            EMPTY => State::Empty,
            MAY_WAIT => State::MayWait,
            _ => State::Notified,
        }
    }

    pub(super) fn calls(self) -> Calls {
        Calls(self.0 & !STATE)
    }

    /// Leaves a notification for who comes next.
    pub(super) fn notify_one(self) -> Result<Self, SomebodyMayWait> {
        match self.state() {
            State::MayWait => Err(SomebodyMayWait),
            State::Empty | State::Notified => Ok(self.with(NOTIFIED)),
        }
    }

    /// Tells those who do not wait yet, but have come.
    pub(super) fn notify_waiters(self) -> Result<Self, SomebodyMayWait> {
        match self.state() {
            State::MayWait => Err(SomebodyMayWait),
            State::Empty | State::Notified => Ok(self.with_call()),
        }
    }

    /// [`notify_one`](Self::notify_one), for who has looked in the list, and found nobody.
    pub(super) fn notify_nobody(self) -> Self {
        self.with(NOTIFIED)
    }

    /// [`notify_waiters`](Self::notify_waiters), for who takes all from the list.
    pub(super) fn take_waiters(self) -> Self {
        self.with_call()
    }

    /// Who came after so many `calls` wants to go on: takes the notification, if that is what lets
    /// it, or waits. To be called under the lock, unless there is a notification, or a new call.
    pub(super) fn wait(self, calls: Calls) -> Self {
        if self.calls() != calls {
            return self; // A notification is for somebody else.
        }
        match self.state() {
            State::Empty | State::MayWait => self.with(MAY_WAIT),
            State::Notified => self.with(EMPTY),
        }
    }

    fn with(self, state: usize) -> Self {
        Self((self.0 & !STATE) | state)
    }

    fn with_call(self) -> Self {
        Self(self.0.wrapping_add(CALL_ONE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every state, with the first and the last counts of calls.
    fn words() -> impl Iterator<Item = Word> {
        let calls = [0, CALL_ONE, !STATE];
        calls
            .into_iter()
            .flat_map(|calls| [EMPTY, MAY_WAIT, NOTIFIED].map(|state| Word(calls | state)))
    }

    #[test]
    fn a_notification_is_left_if_nobody_waits_and_there_is_never_more_than_one() {
        for word in words() {
            match word.notify_one() {
                Err(SomebodyMayWait) => assert_eq!(word.state(), State::MayWait),
                Ok(after) => {
                    assert_ne!(word.state(), State::MayWait);
                    assert_eq!((after.state(), after.calls()), (State::Notified, word.calls()));
                    assert_eq!(after.notify_one(), Ok(after));
                }
            }
        }
    }

    #[test]
    fn who_finds_nobody_leaves_a_notification() {
        for word in words() {
            let after = word.notify_nobody();
            assert_eq!((after.state(), after.calls()), (State::Notified, word.calls()));
        }
    }

    #[test]
    fn a_call_to_all_is_counted_and_takes_no_notification() {
        for word in words() {
            let after = word.take_waiters();
            assert_ne!(after.calls(), word.calls());
            assert_eq!(after.state(), word.state());
            let may_wait = word.state() == State::MayWait;
            assert_eq!(word.notify_waiters().ok(), (!may_wait).then_some(after));
        }
    }

    #[test]
    fn who_comes_takes_the_notification_or_waits_unless_all_were_called() {
        for word in words() {
            let after = word.wait(word.calls());
            let taken = word.state() == State::Notified;
            assert_eq!(after.state(), if taken { State::Empty } else { State::MayWait });
            assert_eq!(after.calls(), word.calls());
            assert_eq!(word.wait(word.take_waiters().calls()), word, "it is for somebody else");
        }
    }
}
