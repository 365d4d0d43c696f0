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
use std::task::Waker;
use std::time::Duration;

use super::Shared;
use super::frame::{Client, handle_frame};
use crate::core::{Framer, Limits, Outbox};
use crate::runtime::Runtime;

/// How long the lines of one client are handled under one lock, to the end of the line in which
/// this is over. Others wait that long, so it is to be short; what is handled under one lock reaches
/// each receiver in one write, so it is not to be shorter than those writes take. 10 ms are a
/// hundred lines to 2,000 members each. The fan-out bench would move it.
pub(super) const LOCK_MAX: Duration = Duration::from_millis(10);

/// The part of its outbox that the answers to one turn's lines may fill before it is written. The
/// rest is for the last of them, which may be a long one, and for what others send.
const ANSWERS_PART: usize = 4;

/// Bytes on their way from one client to the hub.
#[derive(Debug)]
pub(super) struct Input {
    framer: Framer,
    /// What a turn had no time for.
    kept: Vec<u8>,
}

impl Input {
    pub(super) fn new(limits: &Limits) -> Self {
        Self { framer: Framer::new(limits), kept: Vec::new() }
    }

    /// Whether there is nothing to handle before more is read.
    pub(super) fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Forgets what is not handled: the hub is done with the client.
    pub(super) fn clear(&mut self) {
        self.kept = Vec::new();
    }

    /// [`Input::handle`] with what is kept.
    pub(super) fn handle_kept<R: Runtime>(
        &mut self,
        shared: &Shared<R>,
        client: Client,
        outbox: &Outbox,
        own: &Waker,
    ) -> Option<Duration> {
        let piece = mem::take(&mut self.kept);
        self.handle(&piece, shared, client, outbox, own)
    }

    /// Hands the complete lines in `piece` to the hub under one lock of it, for as long as a turn
    /// may take, and keeps the rest. Half a line takes no lock. Tells until when the client is to
    /// rest, if it is.
    pub(super) fn handle<R: Runtime>(
        &mut self,
        mut piece: &[u8],
        shared: &Shared<R>,
        client: Client,
        outbox: &Outbox,
        own: &Waker,
    ) -> Option<Duration> {
        let mut turn = None;
        let mut rest = None;
        while let Some(frame) = self.framer.poll_frame(&mut piece) {
            let turn = turn.get_or_insert_with(|| shared.begin());
            handle_frame(&mut turn.hub, turn.now, client, frame);
            let now = shared.runtime.now();
            let taken = now.saturating_sub(turn.now.mono);
            if taken >= LOCK_MAX {
                rest = Some(now + taken);
                break;
            }
            if outbox.waiting_bytes() >= shared.limits.outbox_bytes_max / ANSWERS_PART {
                break;
            }
        }
        if let Some(turn) = turn {
            turn.end(Some(own));
        }
        self.kept = piece.to_vec();
        rest
    }
}
