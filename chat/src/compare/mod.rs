//! Which runtime serves better, and by how much? One server, several candidates, runs that take
//! turns, and ratios with intervals.
//!
//! What is measured is [`results`]; what follows from it is [`analysis`] (with [`statistics`] and
//! [`model`]), which measures nothing, so a file of results can be looked at again.

pub mod agreement;
pub mod analysis;
pub mod child;
pub mod cores;
pub mod curve;
pub mod disturbance;
pub mod hub_cost;
pub mod label;
pub mod measure;
pub mod model;
pub mod page;
pub mod plan;
mod record;
pub mod results;
mod scale_table;
mod sitting;
pub mod statistics;
pub mod store;
pub mod table;
