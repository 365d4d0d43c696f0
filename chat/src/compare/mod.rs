//! Which runtime serves better, and by how much? One server, several candidates, runs that take
//! turns, and ratios with intervals.

pub mod results;
