//! What the benches share: what is measured and in which order, loads for servers, and the summary.
//!
//! A bench measures a *workload* on each [`candidate`]; its id is `group/workload/candidate`. Three
//! rules keep the comparison fair:
//! 1. The same code runs on all runtimes, through adapters that only forward: chat's own
//!    [`Runtime`](chat::runtime::Runtime) for what has sockets, [`tasks`] for tasks and timers.
//!    What loads a server is the [`client`], a loop over mio that belongs to none of them.
//! 2. The candidates take turns within a workload ([`measure`]), so that a machine that slows down
//!    over the minutes slows them all.
//! 3. What is compared is compiled alike: one profile in the workspace's manifest, all runtimes'
//!    dependencies in one graph, the same allocator.
//!
//! Set a figure beside its counterpart of the same flavour only: `mini` beside `tokio`, `mini-ct`
//! beside `tokio-ct`; [`summary`] does. No figure here is a promise about another machine.

#![forbid(unsafe_code)]

pub mod bytes;
pub mod candidate;
pub mod client;
pub mod echo;
pub mod floor;
pub mod host;
pub mod measure;
pub mod outside;
pub mod rooms;
pub mod smol;
pub mod summary;
pub mod tasks;
pub mod visit;

/// The workers of the kinds with threads. Two, so that there is stealing and waking between them
/// on any machine; a figure for more needs a machine with cores for it.
pub const WORKERS: usize = 2;
