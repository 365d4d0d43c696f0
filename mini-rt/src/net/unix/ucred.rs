//! Who is at the other end?

use super::{gid_t, pid_t, uid_t};

/// The process at the other end of a [`UnixStream`](crate::net::UnixStream), as it was when it
/// connected, or made the pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UCred {
    pub(super) pid: Option<pid_t>,
    pub(super) uid: uid_t,
    pub(super) gid: gid_t,
}

impl UCred {
    /// Its user.
    #[must_use]
    pub fn uid(&self) -> uid_t {
        self.uid
    }

    /// Its group.
    #[must_use]
    pub fn gid(&self) -> gid_t {
        self.gid
    }

    /// Its process id. It may have ended since, and another have the number.
    #[must_use]
    pub fn pid(&self) -> Option<pid_t> {
        self.pid
    }
}
