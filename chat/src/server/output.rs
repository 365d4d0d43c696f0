//! What has been taken from a client's outbox and is not yet written.
//!
//! What always holds:
//! 1. What stands here still counts against the bound of the outbox that it came from, until
//!    [`Outbox::wrote`](crate::core::Outbox::wrote) is told: a peer that does not read cannot hold
//!    more than that bound, on whichever side of the hand-over its lines wait.
//! 2. A line that is partly written is written to its end before anything else.
//! 3. An idle client keeps room for [`LINES_KEPT_MAX`] lines, and no line.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::task::{Context, Poll, ready};

use crate::core::Line;
use crate::runtime::Stream;

/// Lines that one `writev` takes at most; the system's own limit is 1,024. The list of slices is
/// on the stack: 4 KiB.
const SLICES_MAX: usize = 256;

/// Up to here the list of slices is a small one: most writes are of one line or a few, and 4 KiB
/// of stack would have to be set to zero for each.
const SLICES_FEW: usize = 8;

/// The room for lines that is kept while nothing is to be written.
const LINES_KEPT_MAX: usize = 16;

/// Lines on their way to one client.
#[derive(Debug, Default)]
pub(crate) struct Output {
    lines: VecDeque<Line>,
    /// How much of the first line is written.
    written: usize,
}

impl Output {
    /// Whether all that was taken has been written.
    pub(crate) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Where [`Outbox::poll_take`](crate::core::Outbox::poll_take) puts lines.
    pub(crate) fn lines(&mut self) -> &mut VecDeque<Line> {
        &mut self.lines
    }

    /// Writes as much as one syscall takes, and says how many bytes that was. To be called when
    /// there is something.
    pub(crate) fn poll_write<S: Stream>(
        &mut self,
        stream: &mut S,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        let polled = if self.lines.len() <= SLICES_FEW {
            self.poll_write_slices::<S, SLICES_FEW>(stream, cx)
        } else {
            self.poll_write_slices::<S, SLICES_MAX>(stream, cx)
        };
        let bytes = ready!(polled)?;
        if bytes == 0 {
            return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
        }
        self.advance(bytes);
        Poll::Ready(Ok(bytes))
    }

    fn poll_write_slices<S: Stream, const N: usize>(
        &self,
        stream: &mut S,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        let mut slices = [IoSlice::new(&[]); N];
        let mut filled = 0;
        for (slice, line) in slices.iter_mut().zip(&self.lines) {
            *slice = IoSlice::new(line.as_ref());
            filled += 1;
        }
        slices[0].advance(self.written);
        stream.poll_write_vectored(cx, &slices[..filled])
    }

    /// Forgets what is written.
    fn advance(&mut self, bytes: usize) {
        let mut written = self.written + bytes; // counted from the start of the first line
        while let Some(line) = self.lines.front() {
            let line_bytes = line.as_ref().len();
            if written < line_bytes {
                break;
            }
            written -= line_bytes;
            self.lines.pop_front();
        }
        self.written = written;
        if self.lines.is_empty() && self.lines.capacity() > LINES_KEPT_MAX {
            self.lines = VecDeque::new();
        }
    }
}
