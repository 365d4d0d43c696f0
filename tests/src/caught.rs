//! Which panic did misuse raise, and whose line does it name?

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

/// A panic that was expected.
#[derive(Clone, Debug)]
pub struct Caught {
    /// What it says.
    pub message: String,
    /// The file that it names, as `#[track_caller]` has it.
    pub file: String,
}

thread_local! {
    /// While a panic is expected on this thread: what the hook saw of it.
    static EXPECTED: RefCell<Option<Option<Caught>>> = const { RefCell::new(None) };
}

/// Runs `body`, which must panic on this thread, and tells how.
///
/// # Panics
///
/// If `body` returns.
pub fn caught<T>(body: impl FnOnce() -> T) -> Caught {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let print = take_hook();
        set_hook(Box::new(move |info| {
            let caught = Caught {
                message: info.payload_as_str().unwrap_or("(no text)").to_owned(),
                file: info.location().map(|at| at.file().to_owned()).unwrap_or_default(),
            };
            let expected = EXPECTED.try_with(|slot| match &mut *slot.borrow_mut() {
                Some(seen) => seen.replace(caught).is_none(),
                None => false,
            });
            if !expected.unwrap_or(false) {
                print(info);
            }
        }));
    });
    EXPECTED.set(Some(None));
    let result = catch_unwind(AssertUnwindSafe(body));
    let seen = EXPECTED.take().flatten();
    assert!(result.is_err(), "this must panic");
    seen.expect("the hook saw the panic")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_and_the_line_are_told() {
        let caught = caught(|| panic!("on {}", "purpose"));
        assert_eq!(caught.message, "on purpose");
        assert_eq!(caught.file, file!());
    }
}
