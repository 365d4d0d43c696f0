//! Where mini-rt and Tokio differ by name: the I/O traits.

pub(crate) use futures::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Ends the writing direction: the peer reads to the end.
pub(crate) async fn close(writer: &mut (impl AsyncWrite + Unpin)) -> std::io::Result<()> {
    AsyncWriteExt::close(writer).await
}
