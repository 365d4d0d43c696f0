//! Where mini-rt and Tokio differ by name: the I/O traits, and what is in `tokio_util` there.

use ::mini_rt::net::UdpSocket;

pub(crate) use ::mini_rt::sync::CancellationToken;
pub(crate) use ::mini_rt::task::TaskTracker;
pub(crate) use futures::io::{AsyncReadExt, AsyncSeekExt, AsyncWrite, AsyncWriteExt};

/// Ends the writing direction: the peer reads to the end.
pub(crate) async fn close(writer: &mut (impl AsyncWrite + Unpin)) -> std::io::Result<()> {
    AsyncWriteExt::close(writer).await
}

// Polls that receive take a slice here, and a `ReadBuf` there.

pub(crate) async fn poll_recv(socket: &UdpSocket, buf: &mut [u8]) -> std::io::Result<usize> {
    std::future::poll_fn(|cx| socket.poll_recv(cx, buf)).await
}

pub(crate) async fn poll_peek(socket: &UdpSocket, buf: &mut [u8]) -> std::io::Result<usize> {
    std::future::poll_fn(|cx| socket.poll_peek(cx, buf)).await
}

pub(crate) async fn poll_recv_from(
    socket: &UdpSocket,
    buf: &mut [u8],
) -> std::io::Result<(usize, std::net::SocketAddr)> {
    std::future::poll_fn(|cx| socket.poll_recv_from(cx, buf)).await
}
