//! What the macros leave to their caller: the caller's names, and the caller's lints.

/// The lints that are off by default concern the caller's code, and not what is generated. (Clippy
/// tells.)
#[deny(unused, clippy::pedantic, clippy::nursery, clippy::integer_division_remainder_used)]
mod strict {
    async fn last_even(mut numbers: Vec<u32>) -> Result<u32, &'static str> {
        let mut last = 0;
        loop {
            mini_rt::select! {
                biased;
                Some(number) = async { numbers.pop() } => {
                    if number & 1 == 0 {
                        last = number;
                    }
                }
                () = std::future::pending(), if last > 2 => return Err("it is never ready"),
                else => break,
            }
        }
        let (two, four) = mini_rt::join!(async { 2 }, async { 4 });
        let (six,) = mini_rt::try_join!(async { Err::<u32, _>("no six") })?;
        Ok(last + two + four + six)
    }

    mini_rt::task_local! { static NUMBERS: Vec<u32>; }

    #[mini_rt::test]
    async fn nothing_that_is_generated_is_warned_of() {
        let found = NUMBERS.scope(vec![1, 2, 3], async { last_even(NUMBERS.get()).await });
        mini_rt::pin!(found);
        assert_eq!(found.await, Err("no six"));
    }
}

/// Whoever has these names for something else means that by them, and the macros do not.
mod shadowed {
    #[allow(dead_code, non_camel_case_types, reason = "names of what is shadowed")]
    mod names {
        pub(super) struct Builder;
        pub(super) struct Err;
        pub(super) struct Future;
        pub(super) struct IntoFuture;
        pub(super) struct None;
        pub(super) struct Ok;
        pub(super) struct Option;
        pub(super) struct Pending;
        pub(super) struct Pin;
        pub(super) struct Poll;
        pub(super) struct Ready;
        pub(super) struct Result;
        pub(super) struct Some;
        pub(super) struct bool;
        pub(super) struct u64;
        pub(super) struct usize;
        pub(super) mod core {}
        pub(super) mod futures {}
        pub(super) mod std {}
    }
    #[allow(unused_imports, reason = "what nobody means is not used")]
    use names::*;

    mini_rt::task_local! { static ONE: i32; }

    #[mini_rt::test]
    async fn names_of_the_standard_library_may_be_the_callers() {
        let one = mini_rt::select! {
            one = async { 1 } => one,
            two = async { 2 }, if true => two - 1,
            else => 0,
        };
        ::std::assert_eq!(one, 1);
        ::std::assert_eq!(mini_rt::join!(async { 1 }, async { 2 }), (1, 2));
        let both = mini_rt::try_join!(async { ::std::result::Result::<i32, ()>::Ok(1) });
        ::std::assert_eq!(both, ::std::result::Result::Ok((1,)));
        let three = async { 3 };
        mini_rt::pin!(three);
        ::std::assert_eq!(three.await, 3);
        ::std::assert_eq!(ONE.scope(1, async { ONE.get() }).await, 1);
    }

    #[mini_rt::main(flavor = "current_thread")]
    async fn four() -> i32 {
        4
    }

    #[test]
    fn main_may_stand_among_them() {
        ::std::assert_eq!(four(), 4);
    }
}
