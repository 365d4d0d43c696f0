//! The two directions of a TCP connection as two values.
//!
//! Borrowed halves cost nothing and serve two futures of one task; owned halves share the stream
//! and go to two tasks. Each direction has its own waker in the reactor's slot, so the halves do
//! not know of each other. What differs between borrowed and owned is how a half comes and goes;
//! all else is written once, in the macros below.

use std::error::Error;
use std::fmt;
use std::io::{self, IoSlice, IoSliceMut};
use std::net::SocketAddr;

use super::TcpStream;
use crate::primitive::Arc;
use crate::reactor::{Interest, Ready};

/// The reading half of [`TcpStream::split`].
#[derive(Debug)]
pub struct ReadHalf<'a>(&'a TcpStream);

/// The writing half of [`TcpStream::split`]. Dropping it changes nothing.
#[derive(Debug)]
pub struct WriteHalf<'a>(&'a TcpStream);

/// The reading half of [`TcpStream::into_split`].
///
/// Dropping it does not close the reading side; the connection closes with its last half.
#[derive(Debug)]
pub struct OwnedReadHalf {
    stream: Arc<TcpStream>,
}

/// The writing half of [`TcpStream::into_split`].
///
/// Dropping it tells the peer that nothing more comes, as closing it does. See
/// [`forget`](Self::forget).
#[derive(Debug)]
pub struct OwnedWriteHalf {
    stream: Arc<TcpStream>,
    shut_down_on_drop: bool,
}

pub(super) fn split(stream: &mut TcpStream) -> (ReadHalf<'_>, WriteHalf<'_>) {
    (ReadHalf(stream), WriteHalf(stream))
}

pub(super) fn into_split(stream: TcpStream) -> (OwnedReadHalf, OwnedWriteHalf) {
    let stream = Arc::new(stream);
    let read = OwnedReadHalf { stream: stream.clone() };
    (read, OwnedWriteHalf { stream, shut_down_on_drop: true })
}

/// The halves that [`OwnedReadHalf::reunite`] was given are not of one stream: here they are.
#[derive(Debug)]
pub struct ReuniteError(pub OwnedReadHalf, pub OwnedWriteHalf);

impl fmt::Display for ReuniteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the halves are not of the same stream")
    }
}

impl Error for ReuniteError {}

impl OwnedReadHalf {
    /// Puts the stream together again.
    ///
    /// # Errors
    /// Gives both halves back if they are not of one stream.
    pub fn reunite(self, other: OwnedWriteHalf) -> Result<TcpStream, ReuniteError> {
        if !Arc::ptr_eq(&self.stream, &other.stream) {
            return Err(ReuniteError(self, other));
        }
        other.forget();
        Ok(Arc::try_unwrap(self.stream).expect("a stream has two halves, and the other has gone"))
    }
}

impl OwnedWriteHalf {
    /// As [`OwnedReadHalf::reunite`].
    ///
    /// # Errors
    /// Gives both halves back if they are not of one stream.
    pub fn reunite(self, other: OwnedReadHalf) -> Result<TcpStream, ReuniteError> {
        other.reunite(self)
    }

    /// Drops this half without telling the peer anything.
    pub fn forget(mut self) {
        self.shut_down_on_drop = false;
    }

    pub(super) fn close(&mut self) -> io::Result<()> {
        self.stream.shut_down_write()?;
        self.shut_down_on_drop = false;
        Ok(())
    }
}

impl Drop for OwnedWriteHalf {
    fn drop(&mut self) {
        if self.shut_down_on_drop {
            // Nobody is left to hear of an error, and the stream is going.
            let _ = self.close();
        }
    }
}

impl WriteHalf<'_> {
    pub(super) fn close(&mut self) -> io::Result<()> {
        self.0.shut_down_write()
    }
}

impl AsRef<TcpStream> for ReadHalf<'_> {
    fn as_ref(&self) -> &TcpStream {
        self.0
    }
}

impl AsRef<TcpStream> for WriteHalf<'_> {
    fn as_ref(&self) -> &TcpStream {
        self.0
    }
}

impl AsRef<TcpStream> for OwnedReadHalf {
    fn as_ref(&self) -> &TcpStream {
        &self.stream
    }
}

impl AsRef<TcpStream> for OwnedWriteHalf {
    fn as_ref(&self) -> &TcpStream {
        &self.stream
    }
}

/// What both halves of either kind have, by way of the stream.
macro_rules! half {
    ($half:ty) => {
        impl $half {
            /// As [`TcpStream::ready`].
            ///
            /// # Errors
            /// If the runtime is shut down.
            pub async fn ready(&self, interest: Interest) -> io::Result<Ready> {
                self.as_ref().ready(interest).await
            }

            /// As [`TcpStream::local_addr`].
            ///
            /// # Errors
            /// Those of the system.
            pub fn local_addr(&self) -> io::Result<SocketAddr> {
                self.as_ref().local_addr()
            }

            /// As [`TcpStream::peer_addr`].
            ///
            /// # Errors
            /// Those of the system.
            pub fn peer_addr(&self) -> io::Result<SocketAddr> {
                self.as_ref().peer_addr()
            }
        }
    };
}

macro_rules! read_half {
    ($half:ty) => {
        half!($half);

        impl $half {
            /// As [`TcpStream::readable`].
            ///
            /// # Errors
            /// If the runtime is shut down.
            pub async fn readable(&self) -> io::Result<()> {
                self.as_ref().readable().await
            }

            /// As [`TcpStream::peek`].
            ///
            /// # Errors
            /// Those of the system, or that the runtime is shut down.
            pub async fn peek(&mut self, buf: &mut [u8]) -> io::Result<usize> {
                self.as_ref().peek(buf).await
            }

            /// As [`TcpStream::try_read`].
            ///
            /// # Errors
            /// `WouldBlock` if nothing is there; else the system's.
            pub fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
                self.as_ref().try_read(buf)
            }

            /// As [`TcpStream::try_read_vectored`].
            ///
            /// # Errors
            /// `WouldBlock` if nothing is there; else the system's.
            pub fn try_read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
                self.as_ref().try_read_vectored(bufs)
            }
        }
    };
}

macro_rules! write_half {
    ($half:ty) => {
        half!($half);

        impl $half {
            /// As [`TcpStream::writable`].
            ///
            /// # Errors
            /// If the runtime is shut down.
            pub async fn writable(&self) -> io::Result<()> {
                self.as_ref().writable().await
            }

            /// As [`TcpStream::try_write`].
            ///
            /// # Errors
            /// `WouldBlock` if there is no room; else the system's.
            pub fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
                self.as_ref().try_write(buf)
            }

            /// As [`TcpStream::try_write_vectored`].
            ///
            /// # Errors
            /// `WouldBlock` if there is no room; else the system's.
            pub fn try_write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
                self.as_ref().try_write_vectored(bufs)
            }
        }
    };
}

read_half!(ReadHalf<'_>);
read_half!(OwnedReadHalf);
write_half!(WriteHalf<'_>);
write_half!(OwnedWriteHalf);
