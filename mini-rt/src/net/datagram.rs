//! How are datagrams sent and received?
//!
//! Of a result nothing can be told about what the kernel still holds: readiness lasts until an
//! attempt would block.

/// What a socket for datagrams has, whose addresses are `$addr`.
macro_rules! datagram {
    ($Socket:ident, $mio:ty, $std:ty, $addr:ty) => {
        crate::net::socket::socket!($Socket, $mio, $std, crate::reactor::Kind::Endless);
        crate::net::socket::waits!($Socket);

        impl $Socket {
            /// The address that the socket is bound to.
            ///
            /// # Errors
            /// Those of the system.
            pub fn local_addr(&self) -> std::io::Result<$addr> {
                self.io.local_addr()
            }

            /// The address that the socket is connected to.
            ///
            /// # Errors
            /// Those of the system (`NotConnected` if it is not).
            pub fn peer_addr(&self) -> std::io::Result<$addr> {
                self.io.peer_addr()
            }

            /// Sends one datagram to the peer that the socket is connected to.
            ///
            /// # Errors
            /// Those of the system: also `ConnectionRefused` for an earlier datagram that came to
            /// nobody.
            ///
            /// # Cancel safety
            /// If the future is dropped before it completes, nothing was sent.
            pub async fn send(&self, buf: &[u8]) -> std::io::Result<usize> {
                self.io.async_io(crate::io::Interest::WRITABLE, || self.io.send(buf)).await
            }

            /// Receives one datagram of the peer that the socket is connected to, and returns its
            /// length.
            ///
            /// # Errors
            /// As [`send`](Self::send).
            ///
            /// # Cancel safety
            /// If the future is dropped before it completes, nothing was taken.
            pub async fn recv(&self, buf: &mut [u8]) -> std::io::Result<usize> {
                self.io.async_io(crate::io::Interest::READABLE, || self.io.recv(buf)).await
            }

            /// Receives one datagram, and returns its length and where it came from.
            ///
            /// # Errors
            /// Those of the system.
            ///
            /// # Cancel safety
            /// If the future is dropped before it completes, nothing was taken.
            pub async fn recv_from(&self, buf: &mut [u8]) -> std::io::Result<(usize, $addr)> {
                self.io.async_io(crate::io::Interest::READABLE, || self.io.recv_from(buf)).await
            }

            /// [`send`](Self::send) without waiting.
            ///
            /// # Errors
            /// `WouldBlock` if there is no room; else as `send`.
            pub fn try_send(&self, buf: &[u8]) -> std::io::Result<usize> {
                let send = || self.io.send(buf);
                self.io.try_io(crate::io::Interest::WRITABLE, more_may_follow, send)
            }

            /// [`recv`](Self::recv) without waiting.
            ///
            /// # Errors
            /// `WouldBlock` if nothing is there; else as `recv`.
            pub fn try_recv(&self, buf: &mut [u8]) -> std::io::Result<usize> {
                let recv = || self.io.recv(buf);
                self.io.try_io(crate::io::Interest::READABLE, more_may_follow, recv)
            }

            /// [`recv_from`](Self::recv_from) without waiting.
            ///
            /// # Errors
            /// `WouldBlock` if nothing is there; else those of the system.
            pub fn try_recv_from(&self, buf: &mut [u8]) -> std::io::Result<(usize, $addr)> {
                let recv = || self.io.recv_from(buf);
                self.io.try_io(crate::io::Interest::READABLE, more_may_follow, recv)
            }

            /// [`readable`](Self::readable) as a poll. Of all `poll_recv*` calls, only the waker of
            /// the last is woken.
            ///
            /// # Errors
            /// If the runtime is shut down.
            pub fn poll_recv_ready(
                &self,
                cx: &mut std::task::Context<'_>,
            ) -> std::task::Poll<std::io::Result<()>> {
                self.io.poll_ready(cx, crate::reactor::Direction::Read).map_ok(drop)
            }

            /// [`writable`](Self::writable) as a poll. Of all `poll_send*` calls, only the waker of
            /// the last is woken.
            ///
            /// # Errors
            /// If the runtime is shut down.
            pub fn poll_send_ready(
                &self,
                cx: &mut std::task::Context<'_>,
            ) -> std::task::Poll<std::io::Result<()>> {
                self.io.poll_ready(cx, crate::reactor::Direction::Write).map_ok(drop)
            }

            /// [`send`](Self::send) as a poll. Only the waker of the last call is woken.
            ///
            /// # Errors
            /// As `send`.
            pub fn poll_send(
                &self,
                cx: &mut std::task::Context<'_>,
                buf: &[u8],
            ) -> std::task::Poll<std::io::Result<usize>> {
                let send = || self.io.send(buf);
                self.io.poll_io(cx, crate::reactor::Direction::Write, more_may_follow, send)
            }

            /// [`recv`](Self::recv) as a poll, into a slice in place of Tokio's `ReadBuf`. Only the
            /// waker of the last call is woken.
            ///
            /// # Errors
            /// As `recv`.
            pub fn poll_recv(
                &self,
                cx: &mut std::task::Context<'_>,
                buf: &mut [u8],
            ) -> std::task::Poll<std::io::Result<usize>> {
                let recv = || self.io.recv(buf);
                self.io.poll_io(cx, crate::reactor::Direction::Read, more_may_follow, recv)
            }

            /// [`recv_from`](Self::recv_from) as a poll, into a slice in place of Tokio's
            /// `ReadBuf`. Only the waker of the last call is woken.
            ///
            /// # Errors
            /// As `recv_from`.
            pub fn poll_recv_from(
                &self,
                cx: &mut std::task::Context<'_>,
                buf: &mut [u8],
            ) -> std::task::Poll<std::io::Result<(usize, $addr)>> {
                let recv = || self.io.recv_from(buf);
                self.io.poll_io(cx, crate::reactor::Direction::Read, more_may_follow, recv)
            }
        }
    };
}

pub(super) use datagram;
