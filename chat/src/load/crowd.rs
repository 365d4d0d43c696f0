//! [`Crowd`]: clients that are in their rooms.

use std::time::Duration;

use super::arrival::{Arrival, Next, hello, join};
use super::conns::Conns;
use super::layout::{Layout, Names};
use super::ledger::Ledger;
use super::line::Line;
use super::net::{End, Net, Talk};
use super::visits::VISITS_MAX;
use super::{Gathering, LoadError, Watch};

/// So many may be on their way in at a time: more than a server needs to be busy.
const ARRIVING_MAX: usize = 256;

/// So many connect before the first of them is answered, and so many more in each
/// [`UNANSWERED_NS`] without an answer. A short backlog of connections (ngircd has one of ten) that
/// overflows costs each a second and more, as TCP tries again ever more slowly.
const UNANSWERED: usize = 8;

/// 20 ms.
const UNANSWERED_NS: u64 = 20_000_000;

/// Files beside the connections: the standard streams, the poller, the timer, what `/proc` takes.
const FILES_BESIDE: u64 = 32;

/// Clients that are in their rooms, connected to a server.
#[derive(Debug)]
pub struct Crowd {
    pub(super) net: Net,
    pub(super) plan: Gathering,
    pub(super) layout: Layout,
    pub(super) names: Names,
    pub(super) ledger: Ledger,
    pub(super) talks: Vec<RoomTalk>,
    /// How many visitors there were: each gets a nick of its own.
    pub(super) visitors: usize,
    /// Slow readers that the server has closed, in all runs.
    pub(super) slow_closed: u64,
}

/// What is said in a room.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct RoomTalk {
    /// So many lines were said, in all runs.
    pub(super) lines: u32,
    /// So many who read fast have not heard the last one.
    pub(super) waiting: u32,
    /// When the last one was said.
    pub(super) said_ns: u64,
    /// Members that the server has closed.
    pub(super) gone: u32,
}

impl Crowd {
    /// Connects, registers and joins all clients, and waits until the rooms are quiet.
    ///
    /// # Errors
    /// When the plan or the system does not allow it, or the server does not let them in.
    pub fn gather(plan: &Gathering, watch: &mut impl Watch) -> Result<Self, LoadError> {
        let layout = Layout::new(plan)?;
        let names = Names::new(&plan.prefix, &layout)?;
        let members = layout.members();
        let needed = (members + VISITS_MAX) as u64 + FILES_BESIDE;
        let limit = rlimit::increase_nofile_limit(u64::MAX)
            .map_err(LoadError::io("read the limit of open files"))?;
        if limit < needed {
            return Err(LoadError::Files { needed, limit });
        }
        let net = Net::new(members + VISITS_MAX).map_err(LoadError::io("have a poller"))?;
        let ledger = Ledger::new(layout.streams());
        let talks = vec![RoomTalk::default(); layout.rooms.len()];
        let plan = plan.clone();
        let mut crowd =
            Self { net, plan, layout, names, ledger, talks, visitors: 0, slow_closed: 0 };
        crowd.arrive(watch)?;
        crowd.settle()?;
        Ok(crowd)
    }

    /// Lets everybody in.
    fn arrive(&mut self, watch: &mut impl Watch) -> Result<(), LoadError> {
        let Self { net, plan, layout, names, .. } = self;
        let members = layout.members();
        watch.stage("connecting", members as u64);
        let mut entrance = Entrance::new(layout, names, net.now_ns(), plan.ramp);
        while entrance.inside < members {
            let now_ns = net.now_ns();
            while entrance.begins_ns().is_some_and(|at_ns| at_ns <= now_ns) {
                let who = entrance.begun;
                net.conns.connect(who, plan.addr, layout.is_slow(who)).map_err(|source| {
                    LoadError::Connect { addr: plan.addr, connected: who, source }
                })?;
                let nick = String::from_utf8_lossy(names.nick(who));
                net.conns.say(who, hello(&nick, plan.password.as_deref()).as_bytes());
                entrance.begun += 1;
                entrance.heard_ns = now_ns;
            }
            let missing = members - entrance.inside;
            let next_ns = entrance.begins_ns();
            let deadline_ns = if entrance.begun == entrance.inside {
                // Nobody is under way: there is nothing to be patient for.
                entrance.heard_ns = now_ns;
                next_ns.unwrap_or(now_ns)
            } else {
                let what = "a place in their rooms";
                let until_ns =
                    patience_until(entrance.heard_ns, plan.patience, now_ns, what, missing)?;
                next_ns.map_or(until_ns, |next_ns| next_ns.min(until_ns))
            };
            let begun = entrance.begun;
            net.turn(deadline_ns, &mut entrance)
                .map_err(|error| error.connecting(plan.addr, begun))?;
            watch.at(entrance.inside as u64);
        }
        Ok(())
    }

    /// Whoever came early has still to hear of those who came late. An answer to a PING comes after
    /// all that.
    fn settle(&mut self) -> Result<(), LoadError> {
        let Self { net, plan, names, layout, .. } = self;
        let members = layout.members();
        for who in 0..members {
            net.conns.say(who, b"PING settled\r\n");
        }
        let mut quiet = Quiet { names, missing: members, heard_ns: net.now_ns() };
        while quiet.missing > 0 {
            let now_ns = net.now_ns();
            let deadline_ns = patience_until(
                quiet.heard_ns,
                plan.patience,
                now_ns,
                "an answer to PING",
                quiet.missing,
            )?;
            net.turn(deadline_ns, &mut quiet)?;
        }
        Ok(())
    }

    /// Lets all quit, and waits until the server has closed their connections, so that their nicks
    /// are free again. Whoever it does not close in time is closed here.
    pub fn leave(mut self) {
        let mut leaving = Leaving { left: 0, heard_ns: self.net.now_ns() };
        let members = self.layout.members();
        for who in 0..members {
            if self.net.conns.get(who).is_some() {
                let _ = self.net.conns.set_slow(who, false); // else it is closed unread
                self.net.conns.say(who, b"QUIT :done\r\n");
                leaving.left += 1;
            }
        }
        while leaving.left > 0 {
            let now_ns = self.net.now_ns();
            let patience = patience_until(leaving.heard_ns, self.plan.patience, now_ns, "", 0);
            let Ok(deadline_ns) = patience else { return };
            if self.net.turn(deadline_ns, &mut leaving).is_err() {
                return;
            }
        }
    }
}

/// Until when there is patience, if something was heard last at `heard_ns`.
fn patience_until(
    heard_ns: u64,
    patience: Duration,
    now_ns: u64,
    what: &'static str,
    missing: usize,
) -> Result<u64, LoadError> {
    let until_ns = heard_ns.saturating_add(patience.as_nanos() as u64);
    if until_ns <= now_ns {
        Err(LoadError::Silent { what, missing, patience })
    } else {
        Ok(until_ns)
    }
}

/// Where members come in.
struct Entrance<'a> {
    layout: &'a Layout,
    names: &'a Names,
    states: Vec<Arrival>,
    /// To whom the server has said something.
    has_answered: Vec<bool>,
    start_ns: u64,
    ramp: Duration,
    /// How many have begun to connect.
    begun: usize,
    /// To how many of them the server has said something.
    answered: usize,
    /// When that was last.
    answered_ns: u64,
    /// How many are inside.
    inside: usize,
    heard_ns: u64,
}

impl<'a> Entrance<'a> {
    fn new(layout: &'a Layout, names: &'a Names, start_ns: u64, ramp: Duration) -> Self {
        let members = layout.members();
        Self {
            layout,
            names,
            states: vec![Arrival::default(); members],
            has_answered: vec![false; members],
            start_ns,
            ramp,
            begun: 0,
            answered: 0,
            answered_ns: start_ns,
            inside: 0,
            heard_ns: start_ns,
        }
    }

    /// When the next one is to connect; `None` while as many are under way as may be, or all are.
    fn begins_ns(&self) -> Option<u64> {
        let members = self.states.len();
        if self.begun == members || self.begun - self.inside >= ARRIVING_MAX {
            return None;
        }
        let part = self.ramp.as_nanos() as f64 * self.begun as f64 / members as f64;
        let by_ramp_ns = self.start_ns + part as u64;
        // The first few at once, then as many in each interval in which nobody was answered.
        let intervals = (self.begun - self.answered) / UNANSWERED;
        let by_answers_ns = self.answered_ns + intervals as u64 * UNANSWERED_NS;
        Some(by_ramp_ns.max(by_answers_ns))
    }
}

impl Talk for Entrance<'_> {
    fn line(
        &mut self,
        conns: &mut Conns,
        who: usize,
        line: &Line<'_>,
        now_ns: u64,
    ) -> Result<(), LoadError> {
        self.heard_ns = now_ns;
        if !std::mem::replace(&mut self.has_answered[who], true) {
            self.answered += 1;
            self.answered_ns = now_ns;
        }
        let nick = self.names.nick(who);
        match self.states[who].hear(line, nick) {
            Next::Wait => {}
            Next::Join => conns.say(who, &join(self.names.room(self.layout.room_of(who)))),
            Next::Arrived => self.inside += 1,
            Next::Refused => return Err(refused(nick, line)),
        }
        Ok(())
    }

    fn ended(&mut self, _: &mut Conns, who: usize, end: End) -> Result<(), LoadError> {
        Err(end.of(self.names.nick(who)))
    }
}

/// Waits for the answer to a PING.
struct Quiet<'a> {
    names: &'a Names,
    missing: usize,
    heard_ns: u64,
}

impl Talk for Quiet<'_> {
    fn line(
        &mut self,
        _: &mut Conns,
        who: usize,
        line: &Line<'_>,
        now_ns: u64,
    ) -> Result<(), LoadError> {
        self.heard_ns = now_ns;
        if line.command == b"PONG" {
            self.missing -= 1;
        } else if line.is_refusal() {
            return Err(refused(self.names.nick(who), line));
        }
        Ok(())
    }

    fn ended(&mut self, _: &mut Conns, who: usize, end: End) -> Result<(), LoadError> {
        Err(end.of(self.names.nick(who)))
    }
}

/// Waits for the ends.
struct Leaving {
    left: usize,
    heard_ns: u64,
}

impl Talk for Leaving {
    fn line(
        &mut self,
        _: &mut Conns,
        _: usize,
        _: &Line<'_>,
        now_ns: u64,
    ) -> Result<(), LoadError> {
        self.heard_ns = now_ns;
        Ok(())
    }

    fn ended(&mut self, _: &mut Conns, _: usize, _: End) -> Result<(), LoadError> {
        self.left = self.left.saturating_sub(1);
        Ok(())
    }
}

/// What a refusal is to people.
pub(super) fn refused(nick: &[u8], line: &Line<'_>) -> LoadError {
    LoadError::Refused { nick: String::from_utf8_lossy(nick).into_owned(), line: line.show() }
}

impl End {
    /// What it is to people.
    pub(super) fn of(self, nick: &[u8]) -> LoadError {
        let nick = String::from_utf8_lossy(nick).into_owned();
        match self.never_open {
            Some(source) => LoadError::Io { what: "connect", source },
            None => LoadError::Closed { nick, said: self.said },
        }
    }
}

impl LoadError {
    /// A connection that could not be made is one of many to that address.
    fn connecting(self, addr: std::net::SocketAddr, begun: usize) -> Self {
        match self {
            Self::Io { what: "connect", source } => {
                Self::Connect { addr, connected: begun.saturating_sub(1), source }
            }
            other => other,
        }
    }
}
