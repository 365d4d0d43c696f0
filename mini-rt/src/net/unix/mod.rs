//! What Unix domain sockets have beside the sockets: addresses, credentials, and the halves of a
//! [`UnixStream`].
//!
//! Reads and writes count a short transfer as one that ran dry, as those of TCP do. (One exception
//! is accepted, as Tokio does: a read stops short at a message that carries descriptors, or that
//! another process has written to a stream with `SO_PASSCRED`; what follows is read with the next
//! message. Who passes descriptors uses `async_io` and `recvmsg`.)

pub(super) mod datagram;
pub(super) mod listener;
pub(super) mod stream;
#[cfg(all(test, not(loom)))]
mod tests;
#[cfg(any(target_os = "linux", target_os = "android"))]
mod ucred;

use std::io;
use std::path::Path;

/// The address of a Unix socket: a path, an abstract name, or none. It is that of `std`; abstract
/// names are in the trait [`SocketAddrExt`](std::os::linux::net::SocketAddrExt).
pub use std::os::unix::net::SocketAddr;
#[cfg(any(target_os = "linux", target_os = "android"))]
pub use ucred::UCred;

use super::halves::halves;
use stream::UnixStream;

/// A type for user ids.
#[allow(non_camel_case_types, reason = "the system's name, and Tokio's")]
pub type uid_t = u32;
/// A type for group ids.
#[allow(non_camel_case_types, reason = "the system's name, and Tokio's")]
pub type gid_t = u32;
/// A type for process ids.
#[allow(non_camel_case_types, reason = "the system's name, and Tokio's")]
pub type pid_t = i32;

halves!(UnixStream, SocketAddr);

/// On Linux, what begins with a zero byte is an abstract name: it is no file, and goes with its
/// socket.
fn address_of(path: &Path) -> io::Result<SocketAddr> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        #[cfg(target_os = "android")]
        use std::os::android::net::SocketAddrExt;
        #[cfg(target_os = "linux")]
        use std::os::linux::net::SocketAddrExt;
        use std::os::unix::ffi::OsStrExt;
        if let Some(name) = path.as_os_str().as_bytes().strip_prefix(b"\0") {
            return SocketAddr::from_abstract_name(name);
        }
    }
    SocketAddr::from_pathname(path)
}
