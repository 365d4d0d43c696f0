//! A run: lines are said and heard until its time is over and all that is due has come, or is lost.
//!
//! Then each member asks with a PING. What the server has written before its PONG has been heard
//! when that comes, so that what comes again after all that was due (the last line, twice) is not
//! missed. Who is not answered is waited for as long as for anything else, and no longer. None of
//! it is measured.

use super::crowd::Crowd;
use super::meter::Meter;
use super::net::Net;
use super::report::{Latency, Report, SlowReaders, Trust};
use super::schedule::Schedule;
use super::stamp::{TEXT_BYTES_MAX, TEXT_BYTES_MIN};
use super::talking::Talking;
use super::visits::Visits;
use super::{Load, LoadError, Run, Watch};

/// How often slow readers read, waiting rooms are looked at and progress is told.
const TICK_NS: u64 = 100_000_000;

/// What a slow reader reads then: 5 kB a second.
const TRICKLE_BYTES: usize = 512;

/// So many lines are said at most before sockets are read again: an overload must not keep this
/// thread from hearing what comes.
const SAID_AT_ONCE_MAX: usize = 64;

/// When lines are said.
#[derive(Debug)]
enum Source {
    /// In each room, when the last one has been heard.
    Answers,
    /// At their times.
    Times(Schedule),
}

impl Crowd {
    /// Lets the rooms talk. May be called again: numbers go on.
    ///
    /// # Errors
    /// When the run cannot be made, or the server closes a member who reads, or refuses a message.
    pub fn run(&mut self, run: &Run, watch: &mut impl Watch) -> Result<Report, LoadError> {
        check(run)?;
        let begin_ns = self.net.now_ns();
        let start_ns = begin_ns + run.warm_up.as_nanos() as u64;
        let end_ns = start_ns + run.duration.as_nanos() as u64;
        let rooms = self.layout.rooms.len();
        let schedule = |per_second| Schedule::new(begin_ns, end_ns, per_second, rooms);
        let mut source = match run.load {
            Load::Closed => Source::Answers,
            Load::Open { deliveries_per_second } => {
                let cycle = self.layout.deliveries_per_cycle() as f64;
                Source::Times(schedule(deliveries_per_second * rooms as f64 / cycle))
            }
        };
        let visits = (run.churn_per_second > 0.0).then(|| schedule(run.churn_per_second));
        let visits = Visits::new(visits, self.layout.members(), self.visitors);
        let meter = Meter::new(run.server, start_ns..end_ns);
        let mut talking = Talking::new(self, run, start_ns..end_ns, visits);
        if matches!(source, Source::Answers) {
            talking.ready.extend(0..rooms);
        }
        self.set_slow(true)?;
        let result = self.talk(&mut talking, &mut source, meter, watch);
        let (visitors, count) = talking.visits.end(&mut self.net.conns);
        self.visitors = count;
        self.talks = talking.talks;
        self.slow_closed += talking.slow_closed;
        let Self { layout, talks, .. } = &*self;
        let said = |stream| layout.said(stream, |room| talks[room].lines);
        let tally = talking.ledger.settle(said);
        self.ledger = talking.ledger;
        let meter = result?;
        let (seconds, server, generator) = meter.read(talking.in_window, &talking.late);
        let readers = self.layout.slow().count() as u64;
        let slow = SlowReaders { readers, closed_by_server: self.slow_closed };
        let mut report = Report {
            sent: talking.sent,
            due: tally.due,
            delivered: tally.delivered,
            lost: tally.outstanding(),
            duplicated: tally.duplicated,
            reordered: tally.reordered,
            corrupt: talking.corrupt,
            first_corrupt: talking.first_corrupt,
            seconds,
            deliveries_per_second: talking.in_window as f64 / seconds,
            latency: Latency::of(talking.latency),
            server,
            generator,
            trust: Trust::Fine,
            slow: (readers > 0).then_some(slow),
            visitors,
        };
        report.judge();
        Ok(report)
    }

    /// The loop of a run.
    fn talk(
        &mut self,
        talking: &mut Talking,
        source: &mut Source,
        mut meter: Meter,
        watch: &mut impl Watch,
    ) -> Result<Meter, LoadError> {
        let patience_ns = self.plan.patience.as_nanos() as u64;
        let mut tick_ns = 0;
        let mut is_over = false;
        loop {
            let now_ns = self.net.now_ns();
            meter.step(now_ns, watch)?;
            if !is_over && meter.is_over() {
                is_over = true;
                self.set_slow(false)?; // now they read up to the end
            }
            if now_ns >= tick_ns {
                tick_ns = now_ns + TICK_NS;
                meter.tell(now_ns, watch);
                if !is_over {
                    self.trickle(talking)?;
                    talking.give_up(now_ns, patience_ns, matches!(source, Source::Answers));
                }
            }
            let net = &mut self.net;
            let mut due_ns = say(net, talking, source, now_ns, is_over);
            let Self { net, plan, .. } = self;
            let password = plan.password.as_deref();
            talking.visits.begin(&mut net.conns, now_ns, &plan.prefix, password, plan.addr);
            if is_over && due_ns.is_none() && talking.is_quiet(now_ns, patience_ns) {
                if talking.has_asked() {
                    return Ok(meter);
                }
                talking.ask(&mut net.conns, now_ns);
            }
            for other in [talking.visits.due_ns(), meter.edge_ns(), Some(tick_ns)] {
                due_ns = due_ns.into_iter().chain(other).min();
            }
            net.turn(due_ns.unwrap_or(tick_ns), talking)?;
        }
    }

    /// Lets slow readers read slowly, or all they can.
    fn set_slow(&mut self, slow: bool) -> Result<(), LoadError> {
        let Self { net, layout, .. } = self;
        layout
            .slow()
            .try_for_each(|who| net.conns.set_slow(who, slow))
            .map_err(LoadError::io("wait for a socket"))
    }

    /// Lets slow readers read a little.
    fn trickle(&mut self, talking: &mut Talking) -> Result<(), LoadError> {
        let Self { net, layout, .. } = self;
        layout.slow().try_for_each(|who| net.trickle(who, TRICKLE_BYTES, talking))
    }
}

/// Says what is due, and tells when the next line is.
fn say(
    net: &mut Net,
    talking: &mut Talking,
    source: &mut Source,
    now_ns: u64,
    is_over: bool,
) -> Option<u64> {
    match source {
        Source::Answers => {
            let mut ready = std::mem::take(&mut talking.ready);
            if !is_over {
                for room in &ready {
                    let at_ns = net.now_ns();
                    talking.say(&mut net.conns, *room, at_ns, at_ns);
                }
            }
            ready.clear();
            talking.ready = ready; // its room, for the next ones
            None
        }
        Source::Times(schedule) => {
            talking.ready.clear(); // nobody waits for an answer
            for _ in 0..SAID_AT_ONCE_MAX {
                let Some((room, at_ns)) = schedule.take(now_ns) else { break };
                let said_ns = net.now_ns();
                talking.say(&mut net.conns, room, at_ns, said_ns);
            }
            schedule.due_ns()
        }
    }
}

/// Whether a run can be made.
fn check(run: &Run) -> Result<(), LoadError> {
    let wrong = |what: String| Err(LoadError::Plan(what));
    if !(TEXT_BYTES_MIN..=TEXT_BYTES_MAX).contains(&run.text_bytes) {
        return wrong(format!(
            "a text of {} bytes: it holds what it is checked by, and its line at most 512 bytes; \
             have {TEXT_BYTES_MIN} to {TEXT_BYTES_MAX}",
            run.text_bytes
        ));
    }
    if let Load::Open { deliveries_per_second: rate } = run.load
        && !(rate > 0.0 && rate.is_finite())
    {
        return wrong(format!(
            "{rate} deliveries per second: have more than none, or a closed loop"
        ));
    }
    let churn = run.churn_per_second;
    if !(churn >= 0.0 && churn.is_finite()) {
        return wrong(format!("{churn} visitors per second: have none, or more"));
    }
    if run.duration.is_zero() {
        return wrong("a run of no time: have a duration".into());
    }
    Ok(())
}
