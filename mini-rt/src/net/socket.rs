//! What do sockets of all kinds have in common?
//!
//! Each public type is a struct around one [`Io`](crate::io::source::Io), so that its name, its
//! documentation and its methods are found where Tokio's users look for them. What they share is
//! written once, in the macros of this directory:
//!
//! | macro | file | who has it |
//! |---|---|---|
//! | `socket!` | here | all six: comes from `std`, goes back, is a file descriptor |
//! | `waits!` | here | all but the listeners: `ready`, `readable`, `writable`, `try_io`, `async_io` |
//! | `listener!` | `listener.rs` | `TcpListener`, `UnixListener`: accepting |
//! | `stream!` | `stream.rs` | `TcpStream`, `UnixStream`: reading and writing |
//! | `halves!` | `halves.rs` | the halves of both |
//! | `datagram!` | `datagram.rs` | `UdpSocket`, `UnixDatagram`: sending and receiving |
//!
//! Rejected: one generic `Stream<S>` with aliases, whose documentation would name mio's types, and
//! where each method says to which `S` it belongs; a macro for the signatures over generic code is
//! shorter than either that or forwarding.

use std::os::fd::AsFd;

/// Refuses, in builds with debug assertions, a socket that would block the thread.
///
/// # Panics
/// If it is in blocking mode, or not a socket at all.
#[track_caller]
pub(super) fn check_nonblocking(socket: &impl AsFd) {
    debug_assert!(
        socket2::SockRef::from(socket).nonblocking().unwrap_or(false),
        "this socket is in blocking mode, and would keep a whole thread of the runtime waiting: \
         call `set_nonblocking(true)` on it first"
    );
}

/// Comes from `std` and goes back; is a file descriptor.
macro_rules! socket {
    ($Socket:ident, $mio:ty, $std:ty, $kind:expr) => {
        impl $Socket {
            #[track_caller]
            fn new(socket: $mio) -> std::io::Result<$Socket> {
                Ok($Socket { io: crate::io::source::Io::new(socket, $kind)? })
            }

            /// Makes one of `std`'s, which must be in non-blocking mode (`set_nonblocking(true)`):
            /// otherwise its operations would block the thread.
            ///
            /// # Errors
            /// Those of the reactor.
            ///
            /// # Panics
            /// If called outside of a runtime. In builds with debug assertions also if the socket
            /// is in blocking mode.
            #[track_caller]
            pub fn from_std(socket: $std) -> std::io::Result<$Socket> {
                crate::net::socket::check_nonblocking(&socket);
                Self::new(<$mio>::from_std(socket))
            }

            /// Takes the socket out of the reactor. It stays in non-blocking mode.
            ///
            /// # Errors
            /// Those of the reactor.
            pub fn into_std(self) -> std::io::Result<$std> {
                self.io.into_source().map(|socket| std::os::fd::OwnedFd::from(socket).into())
            }

            /// Takes the pending error of the socket (`SO_ERROR`).
            ///
            /// # Errors
            /// Those of the system.
            pub fn take_error(&self) -> std::io::Result<Option<std::io::Error>> {
                self.io.take_error()
            }
        }

        impl TryFrom<$std> for $Socket {
            type Error = std::io::Error;
            #[doc = concat!("As [`", stringify!($Socket), "::from_std`].")]
            fn try_from(socket: $std) -> std::io::Result<$Socket> {
                $Socket::from_std(socket)
            }
        }

        impl std::fmt::Debug for $Socket {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.io.fmt(f)
            }
        }

        impl std::os::fd::AsFd for $Socket {
            fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
                self.io.as_fd()
            }
        }

        impl std::os::fd::AsRawFd for $Socket {
            fn as_raw_fd(&self) -> std::os::fd::RawFd {
                self.io.as_raw_fd()
            }
        }
    };
}

/// Waits for readiness, and lends it to operations of the caller's own.
macro_rules! waits {
    ($Socket:ident) => {
        impl $Socket {
            /// Waits until `interest` is met, and tells what of it is. Any number of tasks may wait
            /// at once.
            ///
            /// Readiness is a hint: the `try_*` method that follows may still fail with
            /// `WouldBlock`, and then clears it.
            ///
            /// # Errors
            /// If the runtime is shut down.
            ///
            /// # Cancel safety
            /// Dropping the future loses nothing.
            pub async fn ready(
                &self,
                interest: crate::io::Interest,
            ) -> std::io::Result<crate::io::Ready> {
                self.io.ready(interest).await
            }

            /// Waits until there is something to read, an error, or the end. See
            /// [`ready`](Self::ready).
            ///
            /// # Errors
            /// If the runtime is shut down.
            ///
            /// # Cancel safety
            /// Dropping the future loses nothing.
            pub async fn readable(&self) -> std::io::Result<()> {
                self.ready(crate::io::Interest::READABLE).await.map(drop)
            }

            /// Waits until there is room to write. See [`ready`](Self::ready).
            ///
            /// # Errors
            /// If the runtime is shut down.
            ///
            /// # Cancel safety
            /// Dropping the future loses nothing.
            pub async fn writable(&self) -> std::io::Result<()> {
                self.ready(crate::io::Interest::WRITABLE).await.map(drop)
            }

            /// Runs `f`, an operation of one's own on the socket, if `interest` is met.
            ///
            /// `f` must return `WouldBlock` if and only if the socket did, and touch only the
            /// directions named: readiness is cleared for all of them.
            ///
            /// # Errors
            /// `WouldBlock` if the socket is not ready; else those of `f`.
            pub fn try_io<R>(
                &self,
                interest: crate::io::Interest,
                f: impl FnOnce() -> std::io::Result<R>,
            ) -> std::io::Result<R> {
                let more_may_follow = crate::io::source::more_may_follow;
                self.io.try_io(interest, more_may_follow, || (*self.io).try_io(f))
            }

            /// Runs `f`, an operation of one's own on the socket, whenever `interest` is met, until
            /// it returns something other than `WouldBlock`. For `f` see [`try_io`](Self::try_io).
            ///
            /// # Errors
            /// If the runtime is shut down; else those of `f`.
            ///
            /// # Cancel safety
            /// The future waits between calls of `f`, never amid one: what `f` has not done when
            /// the future is dropped is not done.
            pub async fn async_io<R>(
                &self,
                interest: crate::io::Interest,
                mut f: impl FnMut() -> std::io::Result<R>,
            ) -> std::io::Result<R> {
                self.io.async_io(interest, || (*self.io).try_io(&mut f)).await
            }
        }
    };
}

pub(super) use {socket, waits};
