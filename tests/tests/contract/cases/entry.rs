//! `#[test]` and `#[main]` on functions. (The flavour of the module does not matter here.)

use super::rt;
use rt::runtime::{Handle, RuntimeFlavor};
use std::fmt::Debug;

#[rt::test]
async fn a_test_is_on_a_current_thread_runtime() {
    assert_eq!(Handle::current().runtime_flavor(), RuntimeFlavor::CurrentThread);
    assert_eq!(rt::spawn(async { 1 }).await.unwrap(), 1);
}

#[rt::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_test_is_on_as_many_workers_as_it_says() {
    assert_eq!(Handle::current().runtime_flavor(), RuntimeFlavor::MultiThread);
    assert_eq!(Handle::current().metrics().num_workers(), 2);
}

#[rt::test]
#[should_panic = "of the body"]
async fn a_panic_of_the_body_fails_the_test() {
    rt::task::yield_now().await;
    panic!("of the body");
}

#[rt::test]
async fn a_test_may_use_the_question_mark() -> Result<(), Box<dyn std::error::Error>> {
    let n: u32 = "4".parse()?;
    assert_eq!(rt::spawn(async move { n }).await?, 4);
    Ok(())
}

#[test]
fn main_may_be_any_function() {
    #[rt::main]
    async fn on_workers() -> RuntimeFlavor {
        rt::time::sleep(std::time::Duration::from_millis(1)).await;
        Handle::current().runtime_flavor()
    }

    /// With an attribute, arguments, a bound, and an early return.
    #[rt::main(flavor = "current_thread")]
    #[inline(never)]
    async fn on_this_thread<T: Debug>(values: &[T], fails: bool) -> Result<String, &'static str> {
        #![allow(clippy::needless_return, reason = "an attribute of the function, inside of it")]
        if fails {
            Err("it fails")?;
        }
        return Ok(format!("{values:?}"));
    }

    struct Named(&'static str);
    impl Named {
        #[rt::main(flavor = "multi_thread", worker_threads = 1, crate = "rt")]
        async fn name(&self) -> impl Debug + use<> {
            rt::task::yield_now().await;
            self.0
        }
    }

    assert_eq!(on_workers(), RuntimeFlavor::MultiThread);
    assert_eq!(on_this_thread(&[1, 2], false), Ok("[1, 2]".to_owned()));
    assert_eq!(on_this_thread(&[1, 2], true), Err("it fails"));
    assert_eq!(format!("{:?}", Named("n").name()), "\"n\"");
}

#[test]
fn main_may_never_return() {
    #[rt::main(flavor = "current_thread")]
    async fn ends() -> ! {
        panic!("instead of returning");
    }
    assert_eq!(tests::caught::caught(|| ends()).message, "instead of returning");
}

/// A name and a body from elsewhere, as macros that make many tests have them.
macro_rules! made_by_a_macro {
    ($($name:ident $body:block)*) => {$(
        #[rt::test]
        async fn $name() $body
    )*};
    (main $name:ident: $($body:tt)*) => {
        #[rt::main(flavor = "current_thread")]
        async fn $name() -> u32 { $($body)* }
    };
}

made_by_a_macro! {
    a_body_may_come_from_a_macros_caller {
        let body = rt::spawn(async { 1 });
        assert_eq!(body.await.unwrap(), 1);
    }
    an_empty_one_too {}
}

#[test]
fn main_may_be_made_by_a_macro() {
    made_by_a_macro!(main five: let three = 3; rt::task::yield_now().await; 2 + three);
    assert_eq!(five(), 5);
}
