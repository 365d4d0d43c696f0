//! Small parts that know nothing of tasks, threads or I/O.

mod wake_list;

pub(crate) use wake_list::WakeList;
