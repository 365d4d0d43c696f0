//! What TCP has beside its three sockets: the halves of a [`TcpStream`].

pub(super) mod listener;
pub(super) mod socket;
pub(super) mod stream;

use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll};

use super::halves::halves;
use listener::TcpListener;
use stream::TcpStream;

halves!(TcpStream, SocketAddr);

macro_rules! peek {
    ($half:ty) => {
        impl $half {
            /// As [`TcpStream::peek`].
            ///
            /// # Errors
            /// Those of the system, or that the runtime is shut down.
            ///
            /// # Cancel safety
            /// Dropping the future loses nothing.
            pub async fn peek(&mut self, buf: &mut [u8]) -> io::Result<usize> {
                self.as_ref().peek(buf).await
            }

            /// As [`TcpStream::poll_peek`].
            ///
            /// # Errors
            /// As `peek`.
            pub fn poll_peek(
                &mut self,
                cx: &mut Context<'_>,
                buf: &mut [u8],
            ) -> Poll<io::Result<usize>> {
                self.as_ref().poll_peek(cx, buf)
            }
        }
    };
}

peek!(ReadHalf<'_>);
peek!(OwnedReadHalf);
