//! What members say and hear in a run, checked line by line.

use std::ops::Range;

use hdrhistogram::Histogram;

use super::conns::Conns;
use super::crowd::{Crowd, RoomTalk, refused};
use super::layout::{Layout, Names};
use super::ledger::{Heard, Ledger};
use super::line::Line;
use super::net::{End, Talk};
use super::report::histogram;
use super::stamp::Stamp;
use super::visits::Visits;
use super::{LoadError, Run};

/// A run's lines. Taken out of the [`Crowd`] for the time of a run, and put back.
#[derive(Debug)]
pub(super) struct Talking {
    layout: Layout,
    names: Names,
    pub(super) ledger: Ledger,
    pub(super) talks: Vec<RoomTalk>,
    text_bytes: usize,
    /// What is measured.
    window: Range<u64>,
    pub(super) visits: Visits,
    /// Rooms in which all have heard the last line.
    pub(super) ready: Vec<usize>,
    /// A line on its way out.
    scratch: Vec<u8>,
    /// When something came last that was awaited, or was said.
    heard_ns: u64,
    pub(super) sent: u64,
    pub(super) corrupt: u64,
    pub(super) first_corrupt: Option<String>,
    /// Deliveries that came while it was measured.
    pub(super) in_window: u64,
    pub(super) slow_closed: u64,
    /// Whose PING at the end has no answer, by member; empty before the end.
    asked: Vec<bool>,
    /// How many those are.
    unanswered: usize,
    pub(super) latency: Histogram<u64>,
    /// How late this side was, where the socket was not.
    pub(super) late: Histogram<u64>,
}

impl Talking {
    pub(super) fn new(crowd: &mut Crowd, run: &Run, window: Range<u64>, visits: Visits) -> Self {
        Self {
            layout: crowd.layout.clone(),
            names: crowd.names.clone(),
            ledger: std::mem::replace(&mut crowd.ledger, Ledger::new(0)),
            talks: std::mem::take(&mut crowd.talks),
            text_bytes: run.text_bytes,
            window,
            visits,
            ready: Vec::new(),
            scratch: Vec::new(),
            heard_ns: 0,
            sent: 0,
            corrupt: 0,
            first_corrupt: None,
            in_window: 0,
            slow_closed: 0,
            asked: Vec::new(),
            unanswered: 0,
            latency: histogram(),
            late: histogram(),
        }
    }

    /// Lets a room's next speaker say its line, which was to be said at `at_ns`.
    pub(super) fn say(&mut self, conns: &mut Conns, room: usize, at_ns: u64, now_ns: u64) {
        let (seats, talk) = (&self.layout.rooms[room], &mut self.talks[room]);
        let number = talk.lines;
        let (speaker, _) = seats.turn(number);
        let who = seats.first + speaker;
        talk.lines += 1;
        talk.waiting = seats.fast() as u32 - 1;
        talk.said_ns = now_ns;
        self.ledger.owe((seats.members - 1) as u64 - u64::from(talk.gone));
        self.sent += 1;
        self.heard_ns = now_ns;
        let line = &mut self.scratch;
        line.clear();
        line.extend_from_slice(b"PRIVMSG ");
        line.extend_from_slice(self.names.room(room));
        line.extend_from_slice(b" :");
        Stamp { room: room as u16, number, at_ns }.write(self.text_bytes, line);
        line.extend_from_slice(b"\r\n");
        if self.window.contains(&at_ns) && !conns.is_behind(who) {
            self.late.saturating_record(now_ns - at_ns);
        }
        conns.say(who, line);
    }

    /// Goes on in rooms that have waited too long: what is missing is late, or lost.
    pub(super) fn give_up(&mut self, now_ns: u64, patience_ns: u64, closed_loop: bool) {
        if !closed_loop {
            return;
        }
        for (room, talk) in self.talks.iter_mut().enumerate() {
            if talk.waiting > 0 && now_ns.saturating_sub(talk.said_ns) > patience_ns {
                talk.waiting = 0;
                self.ready.push(room);
            }
        }
    }

    /// Whether nothing is to be awaited any more: of what is due, then of the answers to
    /// [`ask`](Self::ask).
    pub(super) fn is_quiet(&self, now_ns: u64, patience_ns: u64) -> bool {
        let all_came = match self.has_asked() {
            false => self.ledger.tally().outstanding() == 0 && self.visits.under_way() == 0,
            true => self.unanswered == 0,
        };
        let last_ns = self.heard_ns.max(self.window.end);
        all_came || now_ns.saturating_sub(last_ns) > patience_ns
    }

    /// Lets each member ask for an answer, which comes after all that the server has written to it.
    pub(super) fn ask(&mut self, conns: &mut Conns, now_ns: u64) {
        self.heard_ns = now_ns;
        self.asked = (0..self.layout.members()).map(|who| conns.get(who).is_some()).collect();
        self.unanswered = self.asked.iter().filter(|is_asked| **is_asked).count();
        for (who, _) in self.asked.iter().enumerate().filter(|(_, is_asked)| **is_asked) {
            conns.say(who, b"PING over\r\n");
        }
    }

    /// Whether all have asked.
    pub(super) fn has_asked(&self) -> bool {
        !self.asked.is_empty()
    }

    /// A member has its answer, or is gone.
    fn answered(&mut self, who: usize) {
        if self.asked.get_mut(who).is_some_and(std::mem::take) {
            self.unanswered -= 1;
        }
    }

    /// A member has heard a message. What is not for its room is none of ours, unless it was said
    /// in a room: the server has told it to who is not there.
    fn hear(&mut self, who: usize, line: &Line<'_>, now_ns: u64) {
        let room = self.layout.room_of(who);
        let Some(text) = line.text_to(self.names.room(room)) else {
            if line.text_to(line.first_param()).is_some_and(|text| Stamp::read(text).is_some()) {
                self.spoil(line);
            }
            return;
        };
        let seats = &self.layout.rooms[room];
        let said = Stamp::read(text)
            .filter(|stamp| {
                usize::from(stamp.room) == room && stamp.number < self.talks[room].lines
            })
            .map(|stamp| (stamp, seats.turn(stamp.number)))
            .filter(|(_, (speaker, _))| {
                let from = seats.first + speaker;
                from != who && line.is_from(self.names.nick(from))
            });
        let Some((stamp, (speaker, number))) = said else {
            return self.spoil(line);
        };
        match self.ledger.hear(Layout::stream(who, speaker), number) {
            Heard::InOrder | Heard::Reordered => {}
            Heard::Again | Heard::Stale => return,
        }
        self.heard_ns = now_ns;
        if seats.is_slow(who) {
            return;
        }
        if self.window.contains(&stamp.at_ns) {
            self.latency.saturating_record(now_ns.saturating_sub(stamp.at_ns));
        }
        self.in_window += u64::from(self.window.contains(&now_ns));
        let talk = &mut self.talks[room];
        if stamp.number + 1 == talk.lines && talk.waiting > 0 {
            talk.waiting -= 1;
            if talk.waiting == 0 {
                self.ready.push(room);
            }
        }
    }

    fn spoil(&mut self, line: &Line<'_>) {
        self.corrupt += 1;
        self.first_corrupt.get_or_insert_with(|| line.show());
    }

    fn is_visitor(&self, who: usize) -> bool {
        who >= self.layout.members()
    }
}

impl Talk for Talking {
    fn line(
        &mut self,
        conns: &mut Conns,
        who: usize,
        line: &Line<'_>,
        now_ns: u64,
    ) -> Result<(), LoadError> {
        if self.is_visitor(who) {
            self.heard_ns = now_ns;
            self.visits.line(conns, who, line, &self.names);
        } else if line.command == b"PRIVMSG" {
            self.hear(who, line, now_ns);
        } else if line.command == b"PONG" {
            self.heard_ns = now_ns;
            self.answered(who);
        } else if line.is_refusal() {
            return Err(refused(self.names.nick(who), line));
        }
        Ok(())
    }

    fn ended(&mut self, _: &mut Conns, who: usize, end: End) -> Result<(), LoadError> {
        if self.is_visitor(who) {
            self.visits.ended(who, end);
            return Ok(());
        }
        if !self.layout.is_slow(who) {
            return Err(end.of(self.names.nick(who)));
        }
        self.slow_closed += 1;
        self.answered(who);
        let room = self.layout.room_of(who);
        let (seats, talk) = (&self.layout.rooms[room], &mut self.talks[room]);
        talk.gone += 1;
        for speaker in 0..seats.speakers {
            self.ledger.excuse(Layout::stream(who, speaker), seats.said(talk.lines, speaker));
        }
        Ok(())
    }
}
