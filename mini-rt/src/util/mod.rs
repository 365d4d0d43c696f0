//! Small parts that know nothing of tasks, threads or I/O.

mod contain;
mod counter;
mod patience;
mod random;
mod unshared;
mod wake_list;

pub(crate) use contain::contain;
pub(crate) use counter::Counter;
pub(crate) use patience::Patience;
pub(crate) use random::Random;
pub(crate) use unshared::Unshared;
pub(crate) use wake_list::WakeList;
