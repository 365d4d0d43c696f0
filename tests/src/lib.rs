//! What the tests share.
//!
//! Tools that know no runtime: [`watchdog`], [`tracker`], [`probe`], [`wait`], [`caught`]. Clients
//! of the chat server: [`script`], [`irc`].
//!
//! 1. Nothing here sleeps. Time limits are guards only: a test that reaches one has failed.

pub mod caught;
pub mod irc;
pub mod probe;
pub mod script;
pub mod tracker;
pub mod wait;
pub mod watchdog;

/// Makes a test of each case on each runtime: `case::tokio`, `case::tokio_ct`, ...
///
/// A case is a function that takes a [`Kind`](chat::runtime::Kind).
#[macro_export]
macro_rules! on_every_runtime {
    ($($case:ident),* $(,)?) => {
        $(
            mod $case {
                use chat::runtime::Kind;

                #[test]
                fn mini() {
                    super::$case(Kind::Mini);
                }

                #[test]
                fn mini_ct() {
                    super::$case(Kind::MiniCt);
                }

                #[test]
                fn tokio() {
                    super::$case(Kind::Tokio);
                }

                #[test]
                fn tokio_ct() {
                    super::$case(Kind::TokioCt);
                }
            }
        )*
    };
}
