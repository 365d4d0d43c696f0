//! The standard output and the standard error, written by calls on the blocking pool, one after the
//! other for each handle.

use std::io::{self, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures::io::AsyncWrite;

use super::buf::{self, Buf};
use super::lent::Lent;

/// The row of writes of one handle.
#[derive(Debug, Default)]
struct Row {
    buf: Lent<Buf, io::Result<()>>,
    /// `std` may hold back bytes of its own.
    needs_flush: bool,
}

impl Row {
    /// Waits for what is under way, and returns its error.
    fn poll_idle(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(ready!(self.buf.poll_back(cx))?.unwrap_or(Ok(())))
    }

    fn poll_write<W: Write + 'static>(
        &mut self,
        cx: &mut Context<'_>,
        src: &[u8],
        open: fn() -> W,
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_idle(cx))?;
        let buf = self.buf.here().expect("nothing is under way");
        let n = buf.fill([src], buf::MAX_BYTES);
        self.buf.lend_for_certain(move |buf| buf.write_to(open()))?;
        self.needs_flush = true;
        Poll::Ready(Ok(n))
    }

    fn poll_flush<W: Write + 'static>(
        &mut self,
        cx: &mut Context<'_>,
        open: fn() -> W,
    ) -> Poll<io::Result<()>> {
        ready!(self.poll_idle(cx))?;
        if std::mem::take(&mut self.needs_flush) {
            self.buf.lend_for_certain(move |_| open().flush())?;
            ready!(self.poll_idle(cx))?;
        }
        Poll::Ready(Ok(()))
    }
}

macro_rules! output {
    ($(#[$doc_type:meta])* $Type:ident, $(#[$doc:meta])* $open:ident) => {
        $(#[$doc_type])*
        ///
        /// **A write is done when its bytes are copied.** The next operation waits for it; if it
        /// fails, the next write or flush says so. Flush before the process ends: what was written
        /// comes out even if the runtime is shut down, but a process that ends waits for nobody.
        /// Writes of several handles come out in any order, each in pieces of up to 2 MiB.
        ///
        /// # Cancel safety
        /// A future of one write that is dropped before it completes has written nothing.
        ///
        /// # Panics
        /// Outside of a runtime its operations panic.
        #[derive(Debug)]
        pub struct $Type {
            std: io::$Type,
            row: Row,
        }

        $(#[$doc])*
        #[must_use]
        pub fn $open() -> $Type {
            $Type { std: io::$open(), row: Row::default() }
        }

        impl AsyncWrite for $Type {
            fn poll_write(
                mut self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                src: &[u8],
            ) -> Poll<io::Result<usize>> {
                self.row.poll_write(cx, src, io::$open)
            }

            fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                self.row.poll_flush(cx, io::$open)
            }

            /// As `poll_flush`. Nothing is closed.
            fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                self.poll_flush(cx)
            }
        }

        impl AsFd for $Type {
            fn as_fd(&self) -> BorrowedFd<'_> {
                self.std.as_fd()
            }
        }

        impl AsRawFd for $Type {
            fn as_raw_fd(&self) -> RawFd {
                self.std.as_raw_fd()
            }
        }
    };
}

output! {
    /// The standard output of the process, written by [`AsyncWrite`]: what [`stdout`] returns.
    Stdout,
    /// The standard output of the process.
    ///
    /// ```
    /// # let runtime = mini_rt::runtime::Builder::new_current_thread().enable_all().build()?;
    /// # runtime.block_on(async {
    /// use futures::io::AsyncWriteExt;
    ///
    /// let mut stdout = mini_rt::io::stdout();
    /// stdout.write_all(b"hello\n").await?;
    /// stdout.flush().await?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    stdout
}

output! {
    /// The standard error of the process, written by [`AsyncWrite`]: what [`stderr`] returns.
    Stderr,
    /// The standard error of the process.
    ///
    /// ```
    /// # let runtime = mini_rt::runtime::Builder::new_current_thread().enable_all().build()?;
    /// # runtime.block_on(async {
    /// use futures::io::AsyncWriteExt;
    ///
    /// let mut stderr = mini_rt::io::stderr();
    /// stderr.write_all(b"going on without it\n").await?;
    /// stderr.flush().await?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    stderr
}
