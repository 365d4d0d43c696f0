//! How are connections accepted?

/// What a listener has, whose streams are `$Stream` and whose addresses are `$addr`.
macro_rules! listener {
    ($Listener:ident, $mio:ty, $std:ty, $Stream:ident, $mio_stream:ty, $addr:ty) => {
        crate::net::socket::socket!($Listener, $mio, $std, crate::reactor::Kind::Endless);

        impl $Listener {
            /// Waits for a connection, and returns it with the address of its peer.
            ///
            /// The connection belongs to the runtime of the listener. Any number of tasks may wait
            /// at once; a new connection wakes them all.
            ///
            /// # Errors
            /// Those of `accept`. Not all are fatal: `ConnectionAborted` tells of one connection
            /// only, and with too many open files (`EMFILE`) the connection stays in the backlog,
            /// and the next call fails the same way until a file is closed: a server waits a moment
            /// before it goes on.
            ///
            /// # Cancel safety
            /// If the future is dropped before it completes, no connection was accepted.
            pub async fn accept(&self) -> std::io::Result<($Stream, $addr)> {
                let accept = || self.io.accept();
                let (stream, peer) =
                    self.io.async_io(crate::io::Interest::READABLE, accept).await?;
                self.adopt(stream, peer)
            }

            /// [`accept`](Self::accept) as a poll. Only the waker of the last call is woken.
            ///
            /// # Errors
            /// As `accept`.
            pub fn poll_accept(
                &self,
                cx: &mut std::task::Context<'_>,
            ) -> std::task::Poll<std::io::Result<($Stream, $addr)>> {
                let (direction, accept) = (crate::reactor::Direction::Read, || self.io.accept());
                let more_may_follow = crate::io::source::more_may_follow;
                let accepted = self.io.poll_io(cx, direction, more_may_follow, accept);
                let (stream, peer) = std::task::ready!(accepted)?;
                std::task::Poll::Ready(self.adopt(stream, peer))
            }

            fn adopt(&self, stream: $mio_stream, peer: $addr) -> std::io::Result<($Stream, $addr)> {
                let io = self.io.accepted(stream, crate::reactor::Kind::Stream)?;
                Ok(($Stream::fresh(io), peer))
            }

            /// The address that the socket is bound to.
            ///
            /// # Errors
            /// Those of the system.
            pub fn local_addr(&self) -> std::io::Result<$addr> {
                self.io.local_addr()
            }
        }
    };
}

pub(super) use listener;
