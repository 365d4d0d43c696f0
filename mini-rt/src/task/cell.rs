//! What lies in a task's one allocation, and what happens to it between its polls and its end?
//!
//! [`Cell`] is generic over the future and the scheduler; everyone else holds a pointer to its
//! [`Header`] and goes through the [`Vtable`]. The rules cited (R1, R2, ...) are those of
//! [`task`](super); the edges (T1, ...) those of [`state`](super::state).

use super::state::{Detach, End, Joiner, Start, State, Wake};
use super::{Id, JoinError, Ran, Runnable, Schedule, Take, Waiting, drop_ref, waker};
use crate::coop;
use crate::primitive::UnsafeCell;
use crate::primitive::atomic::{AtomicUsize, Ordering::Relaxed};
use crate::util::contain;
use std::mem::{self, MaybeUninit};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::ptr::NonNull;
use std::task::{Context, Poll, Waker};

/// The part of a task that does not depend on its future's type.
#[repr(C)]
pub(crate) struct Header {
    pub(super) state: State,
    pub(super) vtable: &'static Vtable,
    /// Where [`Owned`](super::Owned) keeps the task. Written once, by who polls it first (R1).
    owner_key: AtomicUsize,
}

/// What can be done with a task whose type is not known.
///
/// Each takes a pointer to the header of a live [`Cell`] of the types that the table was made for.
pub(super) struct Vtable {
    /// Uses up the right to poll: polls once, or cancels.
    pub(super) run: unsafe fn(NonNull<Header>) -> Ran,
    /// Gives the right to poll to the scheduler. The caller holds a reference (R3).
    pub(super) schedule: unsafe fn(NonNull<Header>),
    /// [`Schedule::here`].
    pub(super) here: unsafe fn(NonNull<Header>) -> Option<Take>,
    /// One poll of the join handle. `out` points to a `Poll<Result<F::Output, JoinError>>`.
    pub(super) join: unsafe fn(NonNull<Header>, out: *mut (), &Waker),
    /// Ends the join handle, and uses up its reference.
    pub(super) detach: unsafe fn(NonNull<Header>),
    /// Frees the memory. The caller has dropped the last reference.
    pub(super) free: unsafe fn(NonNull<Header>),
}

/// A task: header, scheduler, the join handle's waker, and the future or its output.
#[repr(C)]
pub(super) struct Cell<F: Future, S> {
    header: Header,
    scheduler: S,
    /// Initialised while `JOIN_WAKER` is set, and while the join handle is about to set it.
    join_waker: UnsafeCell<MaybeUninit<Waker>>,
    stage: UnsafeCell<Stage<F>>,
}

enum Stage<F: Future> {
    Future(F),
    Output(Result<F::Output, JoinError>),
    Consumed,
}

pub(super) const NO_OWNER: usize = usize::MAX;

impl Header {
    pub(super) fn owner_key(&self) -> usize {
        self.owner_key.load(Relaxed) // Relaxed: R1 orders it, by edge T2.
    }

    fn set_owner_key(&self, key: usize) {
        self.owner_key.store(key, Relaxed); // Relaxed: as above.
    }
}

impl<F: Future, S: Schedule> Cell<F, S> {
    const VTABLE: Vtable = Vtable {
        run: run::<F, S>,
        schedule: schedule::<F, S>,
        here: here::<F, S>,
        join: join::<F, S>,
        detach: detach::<F, S>,
        free: free::<F, S>,
    };

    /// Allocates a task: one right to poll, two references (see [`state`](super::state)).
    pub(super) fn allocate(future: F, scheduler: S) -> NonNull<Header> {
        const {
            // A pointer to the header is a pointer to the cell.
            assert!(mem::offset_of!(Cell<F, S>, header) == 0);
        }
        let cell = Box::new(Cell {
            header: Header {
                state: State::new(),
                vtable: &Self::VTABLE,
                owner_key: AtomicUsize::new(NO_OWNER),
            },
            scheduler,
            join_waker: UnsafeCell::new(MaybeUninit::uninit()),
            stage: UnsafeCell::new(Stage::Future(future)),
        });
        NonNull::from(Box::leak(cell)).cast()
    }

    fn id(&self) -> Id {
        Id::of(NonNull::from(&self.header))
    }

    /// Polls the future once. `None`: it is pending. Called under R1.
    ///
    /// # Safety
    /// `ptr` points to this task, and comes from [`allocate`](Self::allocate).
    unsafe fn poll(&self, ptr: NonNull<Header>) -> Option<Result<F::Output, JoinError>> {
        // SAFETY: the task outlives its poll: R1, and its life reference.
        let waker = unsafe { waker::borrowed(ptr) };
        let mut cx = Context::from_waker(&waker);
        let polled = catch_unwind(AssertUnwindSafe(|| {
            self.stage.with_mut(|stage| {
                // SAFETY: R1: the caller runs the task, so no one else touches the stage.
                let stage = unsafe { &mut *stage };
                let Stage::Future(future) = stage else {
                    unreachable!("a task that is not complete has its future");
                };
                // SAFETY: the future lies in the task's allocation, and is dropped there.
                let future = unsafe { Pin::new_unchecked(future) };
                coop::with_budget(|| future.poll(&mut cx))
            })
        }));
        match polled {
            Ok(Poll::Pending) => None,
            Ok(Poll::Ready(output)) => Some(Ok(output)),
            Err(payload) => Some(Err(JoinError::panic(self.id(), payload))),
        }
    }

    /// Drops the future. A panic of its drop takes the place of an output, which nobody would
    /// otherwise hear of; the panic that ended the task stays. Called under R1.
    fn drop_future(&self, result: Result<F::Output, JoinError>) -> Result<F::Output, JoinError> {
        match catch_unwind(AssertUnwindSafe(|| self.replace_stage(Stage::Consumed))) {
            Err(payload) if result.as_ref().err().is_none_or(JoinError::is_cancelled) => {
                contain(|| drop(result));
                Err(JoinError::panic(self.id(), payload))
            }
            Err(second) => {
                contain(|| drop(second));
                result
            }
            Ok(()) => result,
        }
    }

    /// Drops the future, stores the output, and lets the scheduler forget the task. `complete` comes
    /// next. Called under R1.
    fn store_output(&self, result: Result<F::Output, JoinError>) {
        let result = self.drop_future(result);
        let owner_key = self.header.owner_key();
        if owner_key != NO_OWNER {
            self.scheduler.release(owner_key);
        }
        self.replace_stage(Stage::Output(result));
    }

    /// Lets the scheduler keep the task from its first wait on, or ends it. Called under R1.
    fn enter_owned(&self, ptr: NonNull<Header>) {
        if self.header.owner_key() != NO_OWNER {
            return;
        }
        match self.scheduler.own(Waiting(ptr)) {
            Some(owner_key) => self.header.set_owner_key(owner_key),
            None => {
                let wake = self.header.state.abort();
                debug_assert_eq!(wake, Wake::Nothing, "it is running");
            }
        }
    }

    /// Drops what is in the stage, in place, and writes `stage`, also if that drop panics. Called
    /// under R1 or R2.
    fn replace_stage(&self, stage: Stage<F>) {
        self.stage.with_mut(|place| {
            // SAFETY: R1 or R2: the stage is the caller's alone.
            let place = unsafe { &mut *place };
            // The assignment also takes place when dropping the old value unwinds.
            *place = stage;
        });
    }

    /// Called under R2. A panic of the output's drop ends here: nobody is left to tell.
    fn drop_output(&self) {
        contain(|| self.replace_stage(Stage::Consumed));
    }

    /// Called under R2.
    fn take_output(&self) -> Result<F::Output, JoinError> {
        let stage = self.stage.with_mut(|stage| {
            // SAFETY: R2: the task is complete, and the join handle is the only one left to act.
            mem::replace(unsafe { &mut *stage }, Stage::Consumed)
        });
        match stage {
            Stage::Output(result) => result,
            _ => panic!("`JoinHandle` polled after it has returned the task's output"),
        }
    }

    /// Called by whom the waker belongs to now, once (R4).
    fn read_join_waker(&self) -> Waker {
        self.join_waker.with(|waker| {
            // SAFETY: R4: it is there, the caller's, and not used again. The join handle may still
            // compare the bits that stay, but neither writes nor drops them.
            unsafe { waker.cast::<Waker>().read() }
        })
    }

    /// Called by the join handle, to whom the place belongs (R4), before `set_join_waker`.
    fn write_join_waker(&self, new: Waker) {
        self.join_waker.with_mut(|waker| {
            // SAFETY: R4: `JOIN_WAKER` is clear, so there is nothing in it, and nobody else looks.
            unsafe { waker.cast::<Waker>().write(new) };
        });
    }

    /// Whether the join handle may take the output; if not, `waker` will be woken when it may.
    fn can_take_output(&self, waker: &Waker) -> bool {
        let state = &self.header.state;
        let word = state.load();
        if word.is_complete() {
            return true;
        }
        if word.has_join_waker() {
            let same = self.join_waker.with(|stored| {
                // SAFETY: R4: while `JOIN_WAKER` is set, and after that for a complete task, its
                // bits stay, and comparing them is all that is done here.
                unsafe { &*stored.cast::<Waker>() }.will_wake(waker)
            });
            if same {
                return false;
            }
            if !state.take_join_waker() {
                return true;
            }
            drop(self.read_join_waker());
        }
        self.write_join_waker(waker.clone());
        if state.set_join_waker() {
            return false;
        }
        drop(self.read_join_waker());
        true
    }
}

/// # Safety
/// As [`Vtable`] says, and the caller uses up a `Runnable` of this task.
unsafe fn run<F: Future, S: Schedule>(ptr: NonNull<Header>) -> Ran {
    // SAFETY: alive: a task with a right to poll is not complete, so it has its life reference.
    let cell = unsafe { ptr.cast::<Cell<F, S>>().as_ref() };
    // For the poll, and for the drops of future and output.
    let current = cell.id().enter();
    let result = match cell.header.state.start_poll() {
        Start::Cancel => Err(JoinError::cancelled(cell.id())),
        // SAFETY: `cell` is where `ptr` points to.
        Start::Poll => match unsafe { cell.poll(ptr) } {
            Some(result) => result,
            // From `end_poll` on, another thread may run and free the task: R3.
            None => {
                cell.enter_owned(ptr);
                match cell.header.state.end_poll() {
                    End::Idle => return Ran::Waiting,
                    // SAFETY: the step hands the right to poll back.
                    End::Again => return Ran::Again(unsafe { Runnable::from_raw(ptr) }),
                    End::Cancel => Err(JoinError::cancelled(cell.id())),
                }
            }
        },
    };
    cell.store_output(result);
    // From `complete` on, the task may be gone: R3. It has the life reference where nothing else is said.
    match cell.header.state.complete() {
        Joiner::Idle => return Ran::Complete,
        Joiner::Gone => cell.drop_output(),
        Joiner::Waiting => {
            let waker = cell.read_join_waker();
            // SAFETY: the life reference, given up once: it returns here.
            unsafe { drop_ref(ptr) };
            drop(current);
            contain(|| waker.wake());
            return Ran::Complete;
        }
    }
    // SAFETY: the life reference, given up once: the other ways have returned.
    unsafe { drop_ref(ptr) };
    Ran::Complete
}

/// # Safety
/// As [`Vtable`] says; the caller holds the right to poll, and a reference besides (R3).
unsafe fn schedule<F: Future, S: Schedule>(ptr: NonNull<Header>) {
    // SAFETY: alive for the whole call: the caller's reference.
    let cell = unsafe { ptr.cast::<Cell<F, S>>().as_ref() };
    // SAFETY: the caller hands over the right to poll.
    let runnable = unsafe { Runnable::from_raw(ptr) };
    cell.scheduler.schedule(runnable);
}

/// # Safety
/// As [`Vtable`] says.
unsafe fn here<F: Future, S: Schedule>(ptr: NonNull<Header>) -> Option<Take> {
    // SAFETY: alive, says the caller.
    unsafe { ptr.cast::<Cell<F, S>>().as_ref() }.scheduler.here()
}

/// # Safety
/// As [`Vtable`] says; the caller is the join handle, and `out` is as the table says.
unsafe fn join<F: Future, S: Schedule>(ptr: NonNull<Header>, out: *mut (), waker: &Waker) {
    // SAFETY: alive: the join handle's reference.
    let cell = unsafe { ptr.cast::<Cell<F, S>>().as_ref() };
    if cell.can_take_output(waker) {
        let output = Poll::Ready(cell.take_output());
        // SAFETY: `out` points to a value of this type, which the caller owns.
        let out = unsafe { &mut *out.cast::<Poll<Result<F::Output, JoinError>>>() };
        *out = output;
    }
}

/// # Safety
/// As [`Vtable`] says; the caller is the join handle, and does not use it again.
unsafe fn detach<F: Future, S: Schedule>(ptr: NonNull<Header>) {
    // SAFETY: alive: the join handle's reference, until `Detach::Done`.
    let cell = unsafe { ptr.cast::<Cell<F, S>>().as_ref() };
    match cell.header.state.detach() {
        Detach::Done => return,
        Detach::DropWaker => contain(|| drop(cell.read_join_waker())),
        Detach::DropOutput => {
            let _current = cell.id().enter();
            cell.drop_output();
        }
    }
    // SAFETY: the join handle's reference, given up once.
    unsafe { drop_ref(ptr) };
}

/// # Safety
/// As [`Vtable`] says; no reference is left.
unsafe fn free<F: Future, S: Schedule>(ptr: NonNull<Header>) {
    // SAFETY: it came from a `Box` of this type in `allocate`; edge T4 has ordered all before it.
    drop(unsafe { Box::from_raw(ptr.cast::<Cell<F, S>>().as_ptr()) });
}
