//! The two directions of a stream as two values.
//!
//! Borrowed halves cost nothing and serve two futures of one task; owned halves share the stream
//! and go to two tasks. Each direction has its own waker in the reactor's slot, so the halves do
//! not know of each other. What differs between borrowed and owned is how a half comes and goes;
//! all else is written once, in the macros below.

/// The four halves of a stream, how it comes apart and how it is put together again.
macro_rules! halves {
    ($Stream:ident, $addr:ty) => {
        #[doc = concat!("The reading half of [`", stringify!($Stream), "::split`].")]
        #[derive(Debug)]
        pub struct ReadHalf<'a>(&'a $Stream);

        #[doc = concat!("The writing half of [`", stringify!($Stream), "::split`].")]
        /// Dropping it changes nothing.
        #[derive(Debug)]
        pub struct WriteHalf<'a>(&'a $Stream);

        #[doc = concat!("The reading half of [`", stringify!($Stream), "::into_split`].")]
        ///
        /// Dropping it does not close the reading side; the connection closes with its last half.
        #[derive(Debug)]
        pub struct OwnedReadHalf {
            stream: crate::primitive::Arc<$Stream>,
        }

        #[doc = concat!("The writing half of [`", stringify!($Stream), "::into_split`].")]
        ///
        /// Dropping it tells the peer that nothing more comes, as closing it does. See
        /// [`forget`](Self::forget).
        #[derive(Debug)]
        pub struct OwnedWriteHalf {
            stream: crate::primitive::Arc<$Stream>,
            shut_down_on_drop: bool,
        }

        pub(super) fn split(stream: &mut $Stream) -> (ReadHalf<'_>, WriteHalf<'_>) {
            (ReadHalf(stream), WriteHalf(stream))
        }

        pub(super) fn into_split(stream: $Stream) -> (OwnedReadHalf, OwnedWriteHalf) {
            let stream = crate::primitive::Arc::new(stream);
            let read = OwnedReadHalf { stream: stream.clone() };
            (read, OwnedWriteHalf { stream, shut_down_on_drop: true })
        }

        /// The halves that [`OwnedReadHalf::reunite`] was given are not of one stream: here they
        /// are.
        #[derive(Debug)]
        pub struct ReuniteError(pub OwnedReadHalf, pub OwnedWriteHalf);

        impl std::fmt::Display for ReuniteError {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("the halves are not of the same stream")
            }
        }

        impl std::error::Error for ReuniteError {}

        impl OwnedReadHalf {
            /// Puts the stream together again.
            ///
            /// # Errors
            /// Gives both halves back if they are not of one stream.
            pub fn reunite(self, other: OwnedWriteHalf) -> Result<$Stream, ReuniteError> {
                use crate::primitive::Arc;
                if !Arc::ptr_eq(&self.stream, &other.stream) {
                    return Err(ReuniteError(self, other));
                }
                other.forget();
                let stream = Arc::try_unwrap(self.stream);
                Ok(stream.expect("a stream has two halves, and the other has gone"))
            }
        }

        impl OwnedWriteHalf {
            /// As [`OwnedReadHalf::reunite`].
            ///
            /// # Errors
            /// Gives both halves back if they are not of one stream.
            pub fn reunite(self, other: OwnedReadHalf) -> Result<$Stream, ReuniteError> {
                other.reunite(self)
            }

            /// Drops this half without telling the peer anything.
            pub fn forget(mut self) {
                self.shut_down_on_drop = false;
            }

            fn close(&mut self) -> std::io::Result<()> {
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
            fn close(&mut self) -> std::io::Result<()> {
                self.0.shut_down_write()
            }
        }

        impl AsRef<$Stream> for ReadHalf<'_> {
            fn as_ref(&self) -> &$Stream {
                self.0
            }
        }

        impl AsRef<$Stream> for WriteHalf<'_> {
            fn as_ref(&self) -> &$Stream {
                self.0
            }
        }

        impl AsRef<$Stream> for OwnedReadHalf {
            fn as_ref(&self) -> &$Stream {
                &self.stream
            }
        }

        impl AsRef<$Stream> for OwnedWriteHalf {
            fn as_ref(&self) -> &$Stream {
                &self.stream
            }
        }

        crate::net::halves::read_half!(ReadHalf<'_>, $Stream, $addr);
        crate::net::halves::read_half!(OwnedReadHalf, $Stream, $addr);
        crate::net::halves::write_half!(WriteHalf<'_>, $Stream, $addr);
        crate::net::halves::write_half!(OwnedWriteHalf, $Stream, $addr);
    };
}

/// What both halves of either kind have, by way of the stream.
macro_rules! half {
    ($half:ty, $Stream:ident, $addr:ty) => {
        impl $half {
            #[doc = concat!("As [`", stringify!($Stream), "::ready`].")]
            ///
            /// # Errors
            /// If the runtime is shut down.
            ///
            /// # Cancel safety
            /// Dropping the future loses nothing.
            pub async fn ready(
                &self,
                interest: crate::io::Interest,
            ) -> std::io::Result<crate::io::Ready> {
                self.as_ref().ready(interest).await
            }

            #[doc = concat!("As [`", stringify!($Stream), "::local_addr`].")]
            ///
            /// # Errors
            /// Those of the system.
            pub fn local_addr(&self) -> std::io::Result<$addr> {
                self.as_ref().local_addr()
            }

            #[doc = concat!("As [`", stringify!($Stream), "::peer_addr`].")]
            ///
            /// # Errors
            /// Those of the system.
            pub fn peer_addr(&self) -> std::io::Result<$addr> {
                self.as_ref().peer_addr()
            }
        }
    };
}

macro_rules! read_half {
    ($half:ty, $Stream:ident, $addr:ty) => {
        crate::net::halves::half!($half, $Stream, $addr);
        crate::net::stream::async_read!($half);

        impl $half {
            #[doc = concat!("As [`", stringify!($Stream), "::readable`].")]
            ///
            /// # Errors
            /// If the runtime is shut down.
            ///
            /// # Cancel safety
            /// Dropping the future loses nothing.
            pub async fn readable(&self) -> std::io::Result<()> {
                self.as_ref().readable().await
            }

            #[doc = concat!("As [`", stringify!($Stream), "::try_read`].")]
            ///
            /// # Errors
            /// `WouldBlock` if nothing is there; else the system's.
            pub fn try_read(&self, buf: &mut [u8]) -> std::io::Result<usize> {
                self.as_ref().try_read(buf)
            }

            #[doc = concat!("As [`", stringify!($Stream), "::try_read_buf`].")]
            ///
            /// # Errors
            /// `WouldBlock` if nothing is there; else the system's.
            ///
            /// # Panics
            /// If the buffer has less room than it says.
            pub fn try_read_buf<B: bytes::BufMut>(&self, buf: &mut B) -> std::io::Result<usize> {
                self.as_ref().try_read_buf(buf)
            }

            #[doc = concat!("As [`", stringify!($Stream), "::try_read_vectored`].")]
            ///
            /// # Errors
            /// `WouldBlock` if nothing is there; else the system's.
            pub fn try_read_vectored(
                &self,
                bufs: &mut [std::io::IoSliceMut<'_>],
            ) -> std::io::Result<usize> {
                self.as_ref().try_read_vectored(bufs)
            }
        }
    };
}

macro_rules! write_half {
    ($half:ty, $Stream:ident, $addr:ty) => {
        crate::net::halves::half!($half, $Stream, $addr);
        crate::net::stream::async_write!($half);

        impl $half {
            #[doc = concat!("As [`", stringify!($Stream), "::writable`].")]
            ///
            /// # Errors
            /// If the runtime is shut down.
            ///
            /// # Cancel safety
            /// Dropping the future loses nothing.
            pub async fn writable(&self) -> std::io::Result<()> {
                self.as_ref().writable().await
            }

            #[doc = concat!("As [`", stringify!($Stream), "::try_write`].")]
            ///
            /// # Errors
            /// `WouldBlock` if there is no room; else the system's.
            pub fn try_write(&self, buf: &[u8]) -> std::io::Result<usize> {
                self.as_ref().try_write(buf)
            }

            #[doc = concat!("As [`", stringify!($Stream), "::try_write_vectored`].")]
            ///
            /// # Errors
            /// `WouldBlock` if there is no room; else the system's.
            pub fn try_write_vectored(
                &self,
                bufs: &[std::io::IoSlice<'_>],
            ) -> std::io::Result<usize> {
                self.as_ref().try_write_vectored(bufs)
            }
        }
    };
}

pub(super) use {half, halves, read_half, write_half};
