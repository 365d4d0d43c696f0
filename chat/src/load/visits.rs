//! Who comes and goes: each visitor connects, registers, joins a room, and quits.
//!
//! Visits begin by a [`Schedule`] of their own. What is said in the room meanwhile is not due to a
//! visitor. Where the server lets fewer in than are to come, they queue outside, up to
//! [`VISITS_MAX`] at a time.

use std::net::SocketAddr;

use super::arrival::{Arrival, Next, hello, join};
use super::conns::Conns;
use super::layout::{Names, numbered};
use super::line::Line;
use super::net::End;
use super::report::Visitors;
use super::schedule::Schedule;

/// So many may be under way at a time.
pub(super) const VISITS_MAX: usize = 256;

/// The visitors of a run.
#[derive(Debug)]
pub(super) struct Visits {
    schedule: Option<Schedule>,
    /// The number of the first one's connection.
    base: usize,
    /// Under way, by connection.
    visits: Vec<Option<Visit>>,
    /// Connections that are free.
    free: Vec<usize>,
    /// How many visitors there were, in all runs.
    count: usize,
    tally: Visitors,
}

#[derive(Debug)]
struct Visit {
    arrival: Arrival,
    nick: String,
    room: usize,
}

impl Visits {
    /// Visitors whose connections are numbered from `base` on.
    pub(super) fn new(schedule: Option<Schedule>, base: usize, count: usize) -> Self {
        Self {
            schedule,
            base,
            visits: (0..VISITS_MAX).map(|_| None).collect(),
            free: (0..VISITS_MAX).rev().collect(),
            count,
            tally: Visitors::default(),
        }
    }

    /// When the next one is to come, if one can.
    pub(super) fn due_ns(&self) -> Option<u64> {
        self.schedule.as_ref()?.due_ns().filter(|_| !self.free.is_empty())
    }

    /// Lets those begin who are due.
    pub(super) fn begin(
        &mut self,
        conns: &mut Conns,
        now_ns: u64,
        prefix: &str,
        password: Option<&str>,
        addr: SocketAddr,
    ) {
        while let Some(slot) = self.free.pop() {
            let next = self.schedule.as_mut().and_then(|schedule| schedule.take(now_ns));
            let Some((room, _)) = next else {
                self.free.push(slot);
                return;
            };
            let nick = numbered(&format!("{prefix}v"), self.count);
            self.count += 1;
            if let Err(error) = conns.connect(self.base + slot, addr, false) {
                self.free.push(slot);
                self.fail(format!("cannot connect: {error}"));
                return; // out of files or ports: the next one is better tried later
            }
            conns.say(self.base + slot, hello(&nick, password).as_bytes());
            self.visits[slot] = Some(Visit { arrival: Arrival::default(), nick, room });
        }
    }

    /// How many are under way.
    pub(super) fn under_way(&self) -> usize {
        VISITS_MAX - self.free.len()
    }

    /// A visitor has heard a line.
    pub(super) fn line(&mut self, conns: &mut Conns, who: usize, line: &Line<'_>, names: &Names) {
        let slot = who - self.base;
        let Some(visit) = &mut self.visits[slot] else { return };
        match visit.arrival.hear(line, visit.nick.as_bytes()) {
            Next::Wait => {}
            Next::Join => conns.say(who, &join(names.room(visit.room))),
            Next::Arrived => conns.say(who, b"QUIT :seen\r\n"),
            Next::Refused => {
                conns.close(who);
                self.leave(slot);
                self.fail(line.show());
            }
        }
    }

    /// A visitor's connection has ended.
    pub(super) fn ended(&mut self, who: usize, end: End) {
        let slot = who - self.base;
        let Some(visit) = self.leave(slot) else { return };
        if visit.arrival == Arrival::Inside {
            self.tally.completed += 1;
        } else {
            let said = end.never_open.map(|error| format!("cannot connect: {error}")).or(end.said);
            self.fail(said.unwrap_or_else(|| "closed without a word".into()));
        }
    }

    /// Ends all visits: those under way have failed. Returns how many there were in all runs.
    pub(super) fn end(mut self, conns: &mut Conns) -> (Option<Visitors>, usize) {
        for slot in 0..VISITS_MAX {
            if self.leave(slot).is_some() {
                conns.close(self.base + slot);
                self.fail("not done in time".into());
            }
        }
        (self.schedule.is_some().then_some(self.tally), self.count)
    }

    fn leave(&mut self, slot: usize) -> Option<Visit> {
        let visit = self.visits[slot].take()?;
        self.free.push(slot);
        Some(visit)
    }

    fn fail(&mut self, why: String) {
        self.tally.failed += 1;
        self.tally.first_failure.get_or_insert(why);
    }
}
