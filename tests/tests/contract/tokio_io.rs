//! Where Tokio and mini-rt differ by name: the I/O traits.

pub(crate) use ::tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Ends the writing direction: the peer reads to the end.
pub(crate) async fn close(writer: &mut (impl AsyncWrite + Unpin)) -> std::io::Result<()> {
    writer.shutdown().await
}
