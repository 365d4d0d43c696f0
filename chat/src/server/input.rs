//! What has been read from a client and is not yet handled, and how much of it one turn handles.
//!
//! What always holds:
//! 1. A turn handles lines until they have taken [`LOCK_MAX`], and at least one. So a client that
//!    asks for much makes the others wait that long and for the rest of one line; and then it rests
//!    for as long as that took, so that it has half of the hub's time at most.
//! 2. Nor does a turn go on when its answers fill [a part](ANSWERS_PART) of the outbox: who asks for
//!    more than the outbox holds in one breath, and reads it, is not closed for that.
//! 3. What a turn leaves is kept, and handled before more is read: at most
//!    [`READ_BYTES_MAX`](super::scratch::READ_BYTES_MAX), and no allocation while there is nothing.
//!
//! Rejected: a count of deliveries and of entries looked at in place of the clock. Each command would
//! have to keep it, and the one that forgets is the one that is used.
//!
//! Rejected: to yield in place of a rest. A runtime with one thread polls the same task again, some
//! sixty times, before it looks at a socket; and with more threads, one that gives up the lock and
//! takes it again is mostly faster than those who wait for it.

use std::mem;
use std::time::Duration;

use crate::core::{Frame, Framer, Limits, Outbox};

/// How long the lines of one client are handled under one lock, to the end of the line in which
/// this is over. Others wait that long, so it is to be short; what is handled under one lock reaches
/// each receiver in one write, so it is not to be shorter than those writes take. 10 ms are a
/// hundred lines to 2,000 members each. The fan-out bench would move it.
pub(crate) const LOCK_MAX: Duration = Duration::from_millis(10);

/// The part of its outbox that the answers to one turn's lines may fill before it is written. The
/// rest is for the last of them, which may be a long one, and for what others send.
const ANSWERS_PART: usize = 4;

/// Bytes on their way from one client to the hub.
#[derive(Debug)]
pub(crate) struct Input {
    framer: Framer,
    /// What a turn had no time for.
    kept: Vec<u8>,
}

/// What follows a line that was handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// The next line, in the same turn.
    Line,
    /// Another turn.
    Turn,
    /// Another turn, not before then.
    Rest(Duration),
}

impl Next {
    /// What follows a line that was handled by `now`, in a turn that `began` then.
    pub(crate) fn after(began: Duration, now: Duration, outbox: &Outbox, limits: &Limits) -> Self {
        let taken = now.saturating_sub(began);
        if taken >= LOCK_MAX {
            Next::Rest(now + taken)
        } else if outbox.waiting_bytes() >= limits.outbox_bytes_max / ANSWERS_PART {
            Next::Turn
        } else {
            Next::Line
        }
    }
}

impl Input {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self { framer: Framer::new(limits), kept: Vec::new() }
    }

    /// Whether there is nothing to handle before more is read.
    pub(crate) fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Forgets what is not handled: the hub is done with the client.
    pub(crate) fn clear(&mut self) {
        self.kept = Vec::new();
    }

    /// What a turn has left, to be handled in this one.
    pub(crate) fn take_kept(&mut self) -> Vec<u8> {
        mem::take(&mut self.kept)
    }

    /// Hands the complete lines in `piece` to `handle`, for as long as that says, and keeps the
    /// rest. Tells until when the client is to rest, if it is.
    pub(crate) fn handle(
        &mut self,
        mut piece: &[u8],
        mut handle: impl FnMut(Frame<'_>) -> Next,
    ) -> Option<Duration> {
        let mut rest = None;
        while let Some(frame) = self.framer.poll_frame(&mut piece) {
            match handle(frame) {
                Next::Line => continue,
                Next::Turn => {}
                Next::Rest(until) => rest = Some(until),
            }
            break;
        }
        self.kept = piece.to_vec();
        rest
    }
}
