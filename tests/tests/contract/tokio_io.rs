//! Where Tokio and mini-rt differ by name: the I/O traits, and what is in `tokio_util` here.

use ::tokio::io::ReadBuf;
use ::tokio::net::UdpSocket;

pub(crate) use ::tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWrite, AsyncWriteExt};
pub(crate) use ::tokio_util::sync::CancellationToken;
pub(crate) use ::tokio_util::task::TaskTracker;

/// Ends the writing direction: the peer reads to the end.
pub(crate) async fn close(writer: &mut (impl AsyncWrite + Unpin)) -> std::io::Result<()> {
    writer.shutdown().await
}

// Polls that receive take a `ReadBuf` here, and a slice there.

pub(crate) async fn poll_recv(socket: &UdpSocket, buf: &mut [u8]) -> std::io::Result<usize> {
    let mut buf = ReadBuf::new(buf);
    std::future::poll_fn(|cx| socket.poll_recv(cx, &mut buf)).await?;
    Ok(buf.filled().len())
}

pub(crate) async fn poll_peek(socket: &UdpSocket, buf: &mut [u8]) -> std::io::Result<usize> {
    let mut buf = ReadBuf::new(buf);
    std::future::poll_fn(|cx| socket.poll_peek(cx, &mut buf)).await?;
    Ok(buf.filled().len())
}

pub(crate) async fn poll_recv_from(
    socket: &UdpSocket,
    buf: &mut [u8],
) -> std::io::Result<(usize, std::net::SocketAddr)> {
    let mut buf = ReadBuf::new(buf);
    let from = std::future::poll_fn(|cx| socket.poll_recv_from(cx, &mut buf)).await?;
    Ok((buf.filled().len(), from))
}
