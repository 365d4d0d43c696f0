//! What the tests share.
//!
//! Tools that know no runtime: [`watchdog`], [`tracker`], [`probe`], [`wait`], [`caught`], [`scratch`], [`turn`], [`docs`]. Clients
//! of the chat server: [`script`], [`irc`], [`crowd`].
//!
//! 1. Nothing here sleeps. Time limits are guards only: a test that reaches one has failed.

pub mod caught;
pub mod crowd;
pub mod docs;
pub mod irc;
pub mod probe;
pub mod scratch;
pub mod script;
pub mod tracker;
pub mod turn;
pub mod wait;
pub mod watchdog;

use std::time::Duration;

use chat::candidate::Candidate;
use chat::server::{Options, Running};

/// Makes a test of each case on each candidate: `case::mini`, `case::mini_ct`, `case::tokio`, ...
/// (Tokio tuned differs from Tokio in numbers only.)
///
/// A case is a function that takes a [`Candidate`]. One that hangs fails.
#[macro_export]
macro_rules! on_every_candidate {
    ($($case:ident),* $(,)?) => {
        $(
            mod $case {
                use chat::candidate::Candidate;
                use chat::runtime::Kind;

                #[test]
                fn mini() {
                    $crate::run(super::$case, Kind::Mini.into());
                }

                #[test]
                fn mini_ct() {
                    $crate::run(super::$case, Kind::MiniCt.into());
                }

                #[test]
                fn tokio() {
                    $crate::run(super::$case, Kind::Tokio.into());
                }

                #[test]
                fn tokio_ct() {
                    $crate::run(super::$case, Kind::TokioCt.into());
                }

                #[test]
                fn floor() {
                    $crate::run(super::$case, Candidate::Floor);
                }
            }
        )*
    };
}

/// Runs a case of [`on_every_candidate`]. The limit is for a server that hangs in its shutdown too;
/// the longest case takes a few seconds.
pub fn run(case: fn(Candidate), candidate: Candidate) {
    watchdog::guarded_for(Duration::from_secs(180), move || case(candidate));
}

/// Starts a chat server on a loopback port: two workers, and the defaults but for what `change`
/// changes.
pub fn start(candidate: Candidate, change: impl FnOnce(&mut Options)) -> Running {
    let mut options = Options::default();
    change(&mut options);
    Running::start(candidate, 2, options).expect("a loopback port")
}
