//! Which runtime serves better, and by how much? One server, several candidates, runs that take
//! turns, and ratios with intervals.

pub mod analysis;
pub mod model;
pub mod results;
pub mod statistics;
