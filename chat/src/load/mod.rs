//! What does an IRC server make of many people who talk? Connections in rooms, in one loop over mio
//! on the caller's thread; give it a thread of its own.
//!
//! [`Crowd::gather`] lets clients in, [`Crowd::run`] lets them talk and gives a [`Report`], again
//! and again if wanted, [`Crowd::leave`] lets them quit. It needs nothing of the server but IRC: what
//! a line is known by stands in its text.
//!
//! What always holds:
//! 1. The schedule of an open loop never slips: a line's latency counts from the time at which it
//!    was to be said, whatever the server, the socket or this thread made of it
//!    ([`schedule`]). So a server that stalls cannot hide it by stalling its load too, which is
//!    known as coordinated omission (Gil Tene). In a closed loop there is no such time, and latency
//!    counts from the send.
//! 2. Each line is numbered, and each delivery is checked by its receiver: lost, twice, out of its
//!    sender's order, changed, or told outside of its room ([`ledger`], [`stamp`]). What is due is
//!    exact: `due` is `delivered` plus `lost`.
//! 3. Nothing blocks and nothing is dropped: what a socket does not take waits here. That queue is
//!    the only one without a bound but the run's own length: the server's lag has to show. What a
//!    server sends unasked has bounds: a bufferful is read of it in a turn, and of the answers to
//!    its PINGs some kilobytes wait.
//! 4. It is the same loop whatever serves, and no line costs an allocation. The clock is read once
//!    per `read` and once per line said (about 25 ns each).
//! 5. Where this thread was what limited the run, [`Report::trust`] says so, and nobody is told a
//!    figure. To be late counts as that only where the server has no core in common with this
//!    thread: else it may be the server's doing, and is told beside the latency, which holds it.
//!
//! Who comes and goes ([`Run::churn_per_second`]) belongs to no ledger: a visitor joins one of the
//! rooms, is seen by its members, and quits; deliveries are due to members alone, so they stay
//! exact. Slow readers ([`Gathering::slow`]) are members who never speak and take a trickle while a
//! run lasts. One that the server closes for that is owed nothing more, and counted as closed.
//!
//! Rejected: a thread or task per client (it measures the generator's scheduler), spinning until
//! the next send (it takes a core from the server under test), and more than one thread: where one
//! is not enough, the report says so.

mod arrival;
mod conns;
mod crowd;
mod error;
mod layout;
mod ledger;
mod line;
mod meter;
mod net;
mod report;
mod run;
mod schedule;
mod server_cost;
mod show;
mod stamp;
mod talking;
mod timer;
mod visits;

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

pub use crowd::Crowd;
pub use error::LoadError;
pub use report::{Latency, Own, Report, ServerCost, SlowReaders, Trust, Visitors};
pub use show::Show;

/// Who comes together, and where.
#[derive(Clone, Debug)]
pub struct Gathering {
    /// The server.
    pub addr: SocketAddr,
    /// How many are members of rooms, slow readers among them.
    pub clients: usize,
    /// The most members of a room; the rooms are as even as can be.
    pub room_size: usize,
    /// How many of the clients read slowly; they are spread over the rooms.
    pub slow: usize,
    /// The time over which they connect; zero: as fast as the server lets them in.
    pub ramp: Duration,
    /// What every nick and every room's name begins with: a letter, then letters and digits. Four
    /// more are added, and the shortest limit of a nick that servers have is nine.
    pub prefix: String,
    /// For servers that want one of everybody.
    pub password: Option<String>,
    /// How long nothing at all may come of what has to come.
    pub patience: Duration,
}

impl Default for Gathering {
    fn default() -> Self {
        Self {
            addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 6667)),
            clients: 100,
            room_size: 10,
            slow: 0,
            ramp: Duration::ZERO,
            prefix: "load".into(),
            password: None,
            patience: Duration::from_secs(10),
        }
    }
}

/// What they do then.
#[derive(Clone, Debug)]
pub struct Run {
    /// How much is said.
    pub load: Load,
    /// How long they talk before measuring begins; what is said is checked all the same.
    pub warm_up: Duration,
    /// How long is measured.
    pub duration: Duration,
    /// The length of each text, without the rest of its line.
    pub text_bytes: usize,
    /// How many visitors come and go each second.
    pub churn_per_second: f64,
    /// The server's process on this machine: what it costs is read from `/proc`.
    pub server: Option<u32>,
}

impl Default for Run {
    fn default() -> Self {
        Self {
            load: Load::Closed,
            warm_up: Duration::from_secs(2),
            duration: Duration::from_secs(10),
            text_bytes: 100,
            churn_per_second: 0.0,
            server: None,
        }
    }
}

/// How much is said.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Load {
    /// Each room says its next line once all members (but slow readers) have the last one.
    Closed,
    /// Lines are said at a rate, whatever the server makes of it.
    Open {
        /// A line to a room of ten is nine deliveries. Slow readers count as well.
        deliveries_per_second: f64,
    },
}

/// Who is told how far it is. Called now and then on the load's own thread: be quick.
pub trait Watch {
    /// Something begins that counts up to `total`.
    fn stage(&mut self, name: &str, total: u64);
    /// So far it is.
    fn at(&mut self, done: u64);
}

/// Nobody watches.
impl Watch for () {
    fn stage(&mut self, _: &str, _: u64) {}
    fn at(&mut self, _: u64) {}
}
