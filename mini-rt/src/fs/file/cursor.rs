//! What is under way at the cursor of a file, and what becomes of it?
//!
//! A file has one cursor, so its reads, writes and seeks are a row, of which at most one is with the
//! pool. Each may be left behind by who began it: a write always is, for it counts as written when
//! its bytes are copied; a read or seek is, when its future is dropped. Whoever comes next waits for
//! it to end, and then:
//!
//! ```text
//! left behind     a read           a write or flush   a seek
//! ------------    --------------   ----------------   -------------------------
//! read, bytes     takes them       steps back         counts them in
//! read, error     returns it       forgets it         forgets it
//! write, error    keeps it         returns it         keeps it
//! seek            goes on there    goes on there      is it, if to the same place
//! ```
//!
//! 1. No byte is lost or doubled by a future that was dropped: bytes read and not taken are ahead of
//!    the cursor that the file's user sees, so a write or seek steps back over them.
//! 2. An error of a write is told once, by the next write or flush.
//! 3. The shutdown of the runtime cancels reads and seeks that wait for a thread, but no write.
//!
//! Proof: random operations, dropped at random, against an array and a number (`contract`,
//! `fs_cursor.rs`).

use std::fs::File as StdFile;
use std::io::{self, IoSlice, Seek, SeekFrom};
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use crate::io::buf::Buf;
use crate::io::lent::Lent;

/// The row of operations of one file.
#[derive(Debug, Default)]
pub(super) struct Cursor {
    /// Bytes read and not taken; while it is away, what an operation works on.
    buf: Lent<Buf, Done>,
    /// Nobody was told of it yet.
    write_error: Option<io::Error>,
}

/// What an operation says.
#[derive(Debug)]
enum Done {
    Read(io::Result<()>),
    Write(io::Result<()>),
    Seek(SeekFrom, io::Result<u64>),
    SetLen(io::Result<()>),
}

/// Steps back over bytes that were read and not taken.
fn step_back(mut file: &StdFile, unread: usize) -> io::Result<()> {
    if unread > 0 {
        file.seek_relative(-(unread as i64))?;
    }
    Ok(())
}

/// Seeks from where the file's user sees the cursor. It is there if the seek fails.
fn seek(mut file: &StdFile, unread: usize, to: SeekFrom) -> io::Result<u64> {
    step_back(file, unread)?;
    file.seek(to)
}

impl Cursor {
    /// Waits until nothing is under way. Keeps the error of a write.
    pub(super) fn poll_idle(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match ready!(self.buf.poll_back(cx)) {
            Ok(Some(Done::Write(Err(error)))) | Err(error) => self.write_error = Some(error),
            Ok(_) => {}
        }
        Poll::Ready(())
    }

    /// Waits until nothing is under way. Tells of a write that has failed.
    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Some(error) = self.write_error.take() {
            return Poll::Ready(Err(error));
        }
        Poll::Ready(match ready!(self.buf.poll_back(cx))? {
            Some(Done::Write(result)) => result,
            _ => Ok(()),
        })
    }

    pub(super) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        file: &Arc<StdFile>,
        dst: &mut [u8],
        len_max: usize,
    ) -> Poll<io::Result<usize>> {
        loop {
            if let Some(buf) = self.buf.here() {
                if !buf.is_empty() || dst.is_empty() {
                    return Poll::Ready(Ok(buf.take(dst)));
                }
                let (file, len) = (Arc::clone(file), dst.len().min(len_max));
                self.buf.lend(move |buf| Done::Read(buf.read_from(&*file, len)));
            }
            match ready!(self.buf.poll_back(cx))? {
                Some(Done::Read(result)) => {
                    // Nothing in it is the end of the file.
                    let taken = self.buf.here().map_or(0, |buf| buf.take(dst));
                    return Poll::Ready(result.map(|()| taken));
                }
                Some(Done::Write(Err(error))) => self.write_error = Some(error),
                _ => {}
            }
        }
    }

    /// Copies bytes and has them written, after the write before has ended.
    pub(super) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        file: &Arc<StdFile>,
        parts: &[IoSlice<'_>],
        len_max: usize,
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_flush(cx))?;
        let buf = self.buf.here().expect("nothing is under way");
        let unread = buf.clear();
        let n = buf.fill(parts.iter().map(|part| &**part), len_max);
        let file = Arc::clone(file);
        self.buf.lend_for_certain(move |buf| {
            Done::Write(step_back(&file, unread).and_then(|()| buf.write_to(&*file)))
        })?;
        Poll::Ready(Ok(n))
    }

    pub(super) fn poll_seek(
        &mut self,
        cx: &mut Context<'_>,
        file: &Arc<StdFile>,
        to: SeekFrom,
    ) -> Poll<io::Result<u64>> {
        loop {
            if let Some(buf) = self.buf.here() {
                let (unread, file) = (buf.clear(), Arc::clone(file));
                self.buf.lend(move |_| Done::Seek(to, seek(&file, unread, to)));
            }
            match ready!(self.buf.poll_back(cx))? {
                Some(Done::Seek(asked, result)) if asked == to => return Poll::Ready(result),
                Some(Done::Write(Err(error))) => self.write_error = Some(error),
                _ => {}
            }
        }
    }

    /// Has the length set, after what is under way has ended. [`poll_len_set`](Self::poll_len_set)
    /// waits for it.
    pub(super) fn set_len(&mut self, file: &Arc<StdFile>, len: u64) {
        let unread = self.buf.here().expect("nothing is under way").clear();
        let file = Arc::clone(file);
        self.buf
            .lend(move |_| Done::SetLen(step_back(&file, unread).and_then(|()| file.set_len(len))));
    }

    pub(super) fn poll_len_set(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match ready!(self.buf.poll_back(cx))? {
            Some(Done::SetLen(result)) => Poll::Ready(result),
            _ => unreachable!("nobody else has come in between"),
        }
    }
}
