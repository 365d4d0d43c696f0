//! How is a connected stream read and written?
//!
//! The ways are those of [`Io`] over any source that `std` can read and write, below; the macro
//! gives them names and documentation. The stream and its four halves are six ways to reach one
//! `Io`, all through `&self`: each direction has one waker in the reactor's slot, and that one task
//! at a time polls it is what the `&mut` of the traits stands for.

use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::task::{Context, Poll};

use bytes::BufMut;
use mio::event::Source;

use crate::io::source::{Io, short_of, total_len};
use crate::reactor::{Direction, Interest};

/// So much, at most, does a read into a growing buffer read. As `std`'s `BufReader` does.
const READ_BUF_BYTES: usize = 8 * 1024;

impl<S: Source> Io<S>
where
    for<'a> &'a S: Read + Write,
{
    pub(super) fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
        let is_dry = short_of(buf.len());
        self.try_io(Interest::READABLE, is_dry, || (&**self).read(buf))
    }

    /// By way of an array, since what `buf` has room for is not initialized.
    pub(super) fn try_read_buf(&self, buf: &mut impl BufMut) -> io::Result<usize> {
        let mut bytes = [0; READ_BUF_BYTES];
        let room = buf.chunk_mut().len().min(READ_BUF_BYTES);
        let n = self.try_read(&mut bytes[..room])?;
        buf.put_slice(&bytes[..n]);
        Ok(n)
    }

    pub(super) fn try_read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        let is_dry = short_of(total_len(bufs.iter().map(|buf| buf.len())));
        self.try_io(Interest::READABLE, is_dry, || (&**self).read_vectored(bufs))
    }

    pub(super) fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
        let is_dry = short_of(buf.len());
        self.try_io(Interest::WRITABLE, is_dry, || (&**self).write(buf))
    }

    pub(super) fn try_write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        let is_dry = short_of(total_len(bufs.iter().map(|buf| buf.len())));
        self.try_io(Interest::WRITABLE, is_dry, || (&**self).write_vectored(bufs))
    }

    pub(super) fn poll_read(
        &self,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let is_dry = short_of(buf.len());
        self.poll_io(cx, Direction::Read, is_dry, || (&**self).read(buf))
    }

    pub(super) fn poll_read_vectored(
        &self,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        let is_dry = short_of(total_len(bufs.iter().map(|buf| buf.len())));
        self.poll_io(cx, Direction::Read, is_dry, || (&**self).read_vectored(bufs))
    }

    pub(super) fn poll_write(&self, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let is_dry = short_of(buf.len());
        self.poll_io(cx, Direction::Write, is_dry, || (&**self).write(buf))
    }

    pub(super) fn poll_write_vectored(
        &self,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let is_dry = short_of(total_len(bufs.iter().map(|buf| buf.len())));
        self.poll_io(cx, Direction::Write, is_dry, || (&**self).write_vectored(bufs))
    }
}

/// What a connected stream has; its halves are those of the module `$halves`.
macro_rules! stream {
    ($Stream:ident, $mio:ty, $std:ty, $halves:ident) => {
        crate::net::socket::socket!($Stream, $mio, $std, crate::reactor::Kind::Stream);
        crate::net::socket::waits!($Stream);
        crate::net::stream::async_read!($Stream);
        crate::net::stream::async_write!($Stream);

        impl $Stream {
            /// A fresh connection: its send buffer is empty, so the first write need not wait for
            /// the reactor to say so. Whether the peer has sent anything is unknown, so the first
            /// read does.
            pub(super) fn fresh(io: crate::io::source::Io<$mio>) -> $Stream {
                io.assume(crate::io::Ready::WRITABLE);
                $Stream { io }
            }

            /// Waits until an attempt to connect has ended.
            async fn connected(self) -> std::io::Result<$Stream> {
                use crate::reactor::Direction;
                // Writable means that it has, `SO_ERROR` how.
                std::future::poll_fn(|cx| self.io.poll_ready(cx, Direction::Write)).await?;
                match self.take_error()? {
                    Some(error) => Err(error),
                    None => Ok(self),
                }
            }

            /// Splits into two halves that borrow the stream, for two futures of one task. Costs
            /// nothing.
            ///
            /// Where `futures::AsyncReadExt` is in scope, whose `split` takes the stream itself,
            #[doc = concat!("write `", stringify!($Stream), "::split(&mut stream)`.")]
            pub fn split(&mut self) -> ($halves::ReadHalf<'_>, $halves::WriteHalf<'_>) {
                $halves::split(self)
            }

            /// Splits into two halves that own the stream together, for two tasks. One allocation.
            ///
            /// Dropping the writing half tells the peer that nothing more comes, unless it is
            #[doc = concat!("[forgotten](", stringify!($halves), "::OwnedWriteHalf::forget).")]
            pub fn into_split(self) -> ($halves::OwnedReadHalf, $halves::OwnedWriteHalf) {
                $halves::into_split(self)
            }

            /// [`readable`](Self::readable) as a poll. Shares its one waker with the reading trait.
            ///
            /// # Errors
            /// If the runtime is shut down.
            pub fn poll_read_ready(
                &self,
                cx: &mut std::task::Context<'_>,
            ) -> std::task::Poll<std::io::Result<()>> {
                self.io.poll_ready(cx, crate::reactor::Direction::Read).map_ok(drop)
            }

            /// [`writable`](Self::writable) as a poll. Shares its one waker with the writing trait.
            ///
            /// # Errors
            /// If the runtime is shut down.
            pub fn poll_write_ready(
                &self,
                cx: &mut std::task::Context<'_>,
            ) -> std::task::Poll<std::io::Result<()>> {
                self.io.poll_ready(cx, crate::reactor::Direction::Write).map_ok(drop)
            }

            /// Reads without waiting. `Ok(0)` is the end of the stream, or an empty buffer.
            ///
            /// # Errors
            /// `WouldBlock` if nothing is there, without a system call if that is known; else the
            /// system's.
            pub fn try_read(&self, buf: &mut [u8]) -> std::io::Result<usize> {
                self.io.try_read(buf)
            }

            /// Reads into a buffer that keeps count, behind what is in it, without waiting: at most 8 KiB,
            /// and what [`chunk_mut`](bytes::BufMut::chunk_mut) has room for (a `Vec` and a `BytesMut` make
            /// some). The bytes are copied once more than by [`try_read`](Self::try_read).
            ///
            /// # Errors
            /// As [`try_read`](Self::try_read).
            ///
            /// # Panics
            /// If the buffer has less room than it says.
            pub fn try_read_buf<B: bytes::BufMut>(&self, buf: &mut B) -> std::io::Result<usize> {
                self.io.try_read_buf(buf)
            }

            /// Reads into several buffers, one after the other, without waiting.
            ///
            /// # Errors
            /// As [`try_read`](Self::try_read).
            pub fn try_read_vectored(
                &self,
                bufs: &mut [std::io::IoSliceMut<'_>],
            ) -> std::io::Result<usize> {
                self.io.try_read_vectored(bufs)
            }

            /// Writes without waiting, and returns how much was taken.
            ///
            /// # Errors
            /// `WouldBlock` if there is no room, without a system call if that is known; else the
            /// system's.
            pub fn try_write(&self, buf: &[u8]) -> std::io::Result<usize> {
                self.io.try_write(buf)
            }

            /// Writes several buffers, one after the other, without waiting.
            ///
            /// # Errors
            /// As [`try_write`](Self::try_write).
            pub fn try_write_vectored(
                &self,
                bufs: &[std::io::IoSlice<'_>],
            ) -> std::io::Result<usize> {
                self.io.try_write_vectored(bufs)
            }

            /// Tells the peer that nothing more comes.
            pub(super) fn shut_down_write(&self) -> std::io::Result<()> {
                match self.io.shutdown(std::net::Shutdown::Write) {
                    // The peer was faster.
                    Err(error) if error.kind() == std::io::ErrorKind::NotConnected => Ok(()),
                    result => result,
                }
            }

            fn close(&mut self) -> std::io::Result<()> {
                self.shut_down_write()
            }
        }

        impl AsRef<$Stream> for $Stream {
            fn as_ref(&self) -> &$Stream {
                self
            }
        }
    };
}

macro_rules! async_read {
    ($stream:ty) => {
        impl futures::io::AsyncRead for $stream {
            fn poll_read(
                self: std::pin::Pin<&mut Self>,
                cx: &mut std::task::Context<'_>,
                buf: &mut [u8],
            ) -> std::task::Poll<std::io::Result<usize>> {
                (*self).as_ref().io.poll_read(cx, buf)
            }

            fn poll_read_vectored(
                self: std::pin::Pin<&mut Self>,
                cx: &mut std::task::Context<'_>,
                bufs: &mut [std::io::IoSliceMut<'_>],
            ) -> std::task::Poll<std::io::Result<usize>> {
                (*self).as_ref().io.poll_read_vectored(cx, bufs)
            }
        }
    };
}

macro_rules! async_write {
    ($stream:ty) => {
        /// Flushing does nothing: what was written is with the system. Closing tells the peer that
        /// nothing more comes, at once.
        impl futures::io::AsyncWrite for $stream {
            fn poll_write(
                self: std::pin::Pin<&mut Self>,
                cx: &mut std::task::Context<'_>,
                buf: &[u8],
            ) -> std::task::Poll<std::io::Result<usize>> {
                (*self).as_ref().io.poll_write(cx, buf)
            }

            fn poll_write_vectored(
                self: std::pin::Pin<&mut Self>,
                cx: &mut std::task::Context<'_>,
                bufs: &[std::io::IoSlice<'_>],
            ) -> std::task::Poll<std::io::Result<usize>> {
                (*self).as_ref().io.poll_write_vectored(cx, bufs)
            }

            fn poll_flush(
                self: std::pin::Pin<&mut Self>,
                _: &mut std::task::Context<'_>,
            ) -> std::task::Poll<std::io::Result<()>> {
                std::task::Poll::Ready(Ok(()))
            }

            fn poll_close(
                self: std::pin::Pin<&mut Self>,
                _: &mut std::task::Context<'_>,
            ) -> std::task::Poll<std::io::Result<()>> {
                std::task::Poll::Ready(self.get_mut().close())
            }
        }
    };
}

pub(super) use {async_read, async_write, stream};
