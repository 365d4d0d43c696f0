//! What the tests share.

pub mod irc;
pub mod script;

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
