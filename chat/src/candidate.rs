//! [`Candidate`]: what a comparison can start, by the name that `--runtime` takes.

use std::fmt;

use crate::runtime::Kind;

/// A way to serve: on one of the runtimes, or on none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Candidate {
    /// The server over a runtime.
    Runtime(Kind),
    /// The same core in a bare loop over mio, on one thread: what a runtime cannot be cheaper than.
    Floor,
}

impl Candidate {
    /// All there are, in the order in which they are shown.
    pub const ALL: [Candidate; 6] = [
        Candidate::Runtime(Kind::Mini),
        Candidate::Runtime(Kind::Tokio),
        Candidate::Runtime(Kind::TokioTuned),
        Candidate::Runtime(Kind::MiniCt),
        Candidate::Runtime(Kind::TokioCt),
        Candidate::Floor,
    ];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Candidate::Runtime(kind) => kind.name(),
            Candidate::Floor => "floor",
        }
    }

    /// How many threads serve when `workers` are asked for.
    pub fn workers(self, workers: usize) -> usize {
        match self {
            Candidate::Runtime(kind) => kind.workers(workers),
            Candidate::Floor => 1,
        }
    }
}

impl From<Kind> for Candidate {
    fn from(kind: Kind) -> Self {
        Candidate::Runtime(kind)
    }
}

impl fmt::Display for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl clap::ValueEnum for Candidate {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        Some(clap::builder::PossibleValue::new(self.name()))
    }
}
