//! A task's waker: one reference to the task, and what each of the four operations does with it.

use super::cell::Header;
use super::state::Wake;
use super::{Runnable, drop_ref};
use std::mem::ManuallyDrop;
use std::ptr::NonNull;
use std::task::{RawWaker, RawWakerVTable, Waker};

/// One table for all tasks, so that `will_wake` is a comparison of two pointers.
static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, release);

/// The waker that a poll is given. It holds no reference: the poll is shorter than the task.
///
/// Takes a pointer, not a `&Header`: its clones reach, and may free, the whole task, which a pointer
/// made from a reference to the header must not.
///
/// # Safety
/// `ptr` is a task that outlives the use of what is returned.
pub(super) unsafe fn borrowed(ptr: NonNull<Header>) -> ManuallyDrop<Waker> {
    let raw = RawWaker::new(ptr.as_ptr().cast_const().cast(), &VTABLE);
    // SAFETY: the functions below keep the contract of `RawWakerVTable`. Never dropped here, so
    // the reference that `release` would give up need not exist.
    ManuallyDrop::new(unsafe { Waker::from_raw(raw) })
}

fn pointer(data: *const ()) -> NonNull<Header> {
    NonNull::new(data.cast_mut().cast()).expect("made from a task's pointer")
}

/// # Safety
/// `data` comes from [`borrowed`], and the task is alive: the waker's reference, or the poll.
unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: alive, says the caller.
    let header = unsafe { pointer(data).as_ref() };
    header.state.add_ref();
    RawWaker::new(data, &VTABLE)
}

/// # Safety
/// As for [`clone`]; the waker's reference is used up.
unsafe fn wake(data: *const ()) {
    let ptr = pointer(data);
    // SAFETY: alive, says the caller.
    let header = unsafe { ptr.as_ref() };
    let vtable = header.vtable;
    // SAFETY: alive, as above.
    let here = unsafe { (vtable.here)(ptr) };
    match (header.state.wake_owned(here.is_none()), here) {
        // SAFETY: the step gave us the right to poll, which keeps the task until it is used.
        ((Wake::Schedule, _), Some(schedule)) => schedule(unsafe { Runnable::from_raw(ptr) }),
        ((Wake::Schedule, _), None) => {
            // SAFETY: the step gave us the right to poll; the waker's reference is still there.
            unsafe { (vtable.schedule)(ptr) };
            // SAFETY: the waker's reference, used up.
            unsafe { drop_ref(ptr) };
        }
        // SAFETY: the step has dropped the last reference.
        ((Wake::Nothing, true), _) => unsafe { (vtable.free)(ptr) },
        ((Wake::Nothing, false), _) => {}
    }
}

/// # Safety
/// As for [`clone`].
unsafe fn wake_by_ref(data: *const ()) {
    let ptr = pointer(data);
    // SAFETY: alive, says the caller.
    let header = unsafe { ptr.as_ref() };
    if header.state.wake() == Wake::Schedule {
        // SAFETY: the step gave us the right to poll; the waker's reference outlasts the call.
        unsafe { (header.vtable.schedule)(ptr) };
    }
}

/// # Safety
/// As for [`clone`]; the waker's reference is used up.
unsafe fn release(data: *const ()) {
    // SAFETY: as the caller says.
    unsafe { drop_ref(pointer(data)) };
}
