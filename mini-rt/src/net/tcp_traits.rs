//! The reading and writing traits, for the stream and for its halves.
//!
//! Six types, one behaviour: each is a way to reach a [`TcpStream`], and the polls below go through
//! `&self`. Each direction has one waker in the reactor's slot; that one task at a time polls it is
//! what the `&mut` of the traits stands for.

use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::io::{AsyncRead, AsyncWrite};

use super::io::{short_of, total_len};
use super::{OwnedReadHalf, OwnedWriteHalf, ReadHalf, TcpStream, WriteHalf};
use crate::reactor::Direction;

impl TcpStream {
    fn poll_read_shared(&self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        let is_dry = short_of(buf.len());
        self.io.poll_io(cx, Direction::Read, is_dry, || (&*self.io).read(buf))
    }

    fn poll_read_vectored_shared(
        &self,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        let is_dry = short_of(total_len(bufs.iter().map(|buf| buf.len())));
        self.io.poll_io(cx, Direction::Read, is_dry, || (&*self.io).read_vectored(bufs))
    }

    fn poll_write_shared(&self, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let is_dry = short_of(buf.len());
        self.io.poll_io(cx, Direction::Write, is_dry, || (&*self.io).write(buf))
    }

    fn poll_write_vectored_shared(
        &self,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let is_dry = short_of(total_len(bufs.iter().map(|buf| buf.len())));
        self.io.poll_io(cx, Direction::Write, is_dry, || (&*self.io).write_vectored(bufs))
    }

    fn close(&mut self) -> io::Result<()> {
        self.shut_down_write()
    }
}

macro_rules! async_read {
    ($stream:ty) => {
        impl AsyncRead for $stream {
            fn poll_read(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: &mut [u8],
            ) -> Poll<io::Result<usize>> {
                (*self).as_ref().poll_read_shared(cx, buf)
            }

            fn poll_read_vectored(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bufs: &mut [IoSliceMut<'_>],
            ) -> Poll<io::Result<usize>> {
                (*self).as_ref().poll_read_vectored_shared(cx, bufs)
            }
        }
    };
}

macro_rules! async_write {
    ($stream:ty) => {
        /// Flushing does nothing: what was written is with the system. Closing tells the peer that
        /// nothing more comes, at once.
        impl AsyncWrite for $stream {
            fn poll_write(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: &[u8],
            ) -> Poll<io::Result<usize>> {
                (*self).as_ref().poll_write_shared(cx, buf)
            }

            fn poll_write_vectored(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bufs: &[IoSlice<'_>],
            ) -> Poll<io::Result<usize>> {
                (*self).as_ref().poll_write_vectored_shared(cx, bufs)
            }

            fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(Ok(()))
            }

            fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(self.get_mut().close())
            }
        }
    };
}

async_read!(TcpStream);
async_read!(ReadHalf<'_>);
async_read!(OwnedReadHalf);
async_write!(TcpStream);
async_write!(WriteHalf<'_>);
async_write!(OwnedWriteHalf);
