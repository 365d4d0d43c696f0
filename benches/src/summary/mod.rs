//! What do the benches say? One table out of Criterion's files.
//!
//! [`read`] finds the medians, [`ratio`] sets two beside each other, [`targets`] knows what is to
//! be reached, and [`table`] writes it down. The program that people run is the example `summary`.

pub mod ratio;
pub mod read;
pub mod table;
pub mod targets;
