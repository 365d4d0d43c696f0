//! The load generator against the real server on every runtime, and against one that goes wrong.

#[allow(dead_code, reason = "each test binary uses a part of it")]
mod faulty;

use std::fmt::Display;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use chat::load::{Crowd, Gathering, Load, Report, Run};
use chat::runtime::Kind;
use chat::server::{Options, Running};

use crate::faulty::{Faults, Faulty};

/// Far more than a loaded machine needs.
const PATIENCE: Duration = Duration::from_secs(20);

fn serve(kind: Kind, change: impl FnOnce(&mut Options)) -> Running {
    let mut options = Options::default();
    change(&mut options);
    Running::start(kind, 2, options).expect("a loopback socket")
}

fn gathering(addr: SocketAddr) -> Gathering {
    Gathering { addr, clients: 40, patience: PATIENCE, ..Gathering::default() }
}

/// 350 ms in all.
fn short(load: Load) -> Run {
    let (warm_up, duration) = (Duration::from_millis(50), Duration::from_millis(300));
    Run { load, warm_up, duration, ..Run::default() }
}

fn open(deliveries_per_second: f64) -> Run {
    short(Load::Open { deliveries_per_second })
}

fn gather(plan: &Gathering) -> Crowd {
    Crowd::gather(plan, &mut ()).unwrap_or_else(|error| panic!("no crowd: {error}"))
}

fn run(crowd: &mut Crowd, run: &Run) -> Report {
    crowd.run(run, &mut ()).unwrap_or_else(|error| panic!("no run: {error}"))
}

/// Why no crowd gathers.
fn refusal(plan: &Gathering) -> String {
    Crowd::gather(plan, &mut ()).expect_err("it must not come together").to_string()
}

fn assert_all_came(report: &Report, what: impl Display) {
    assert!(report.is_correct() && report.delivered == report.due, "{what}: {report:?}");
    assert!(report.delivered > 0 && report.sent > 0, "{what}: {report:?}");
}

#[test]
fn every_message_arrives_in_both_loops_on_every_runtime() {
    for kind in Kind::ALL {
        let server = serve(kind, |_| ());
        let mut crowd = gather(&gathering(server.local_addr()));
        let closed = run(&mut crowd, &short(Load::Closed));
        assert_all_came(&closed, kind);
        assert_eq!(closed.due, closed.sent * 9);
        let open = run(&mut crowd, &open(9_000.0));
        assert_all_came(&open, kind);
        assert_eq!(open.sent, 350, "a thousand lines a second, with warm-up");
        assert!(open.latency.p50_us > 0.0 && open.latency.max_us >= open.latency.p999_us);
        assert_eq!(open.latency.histogram.len(), 300 * 9);
        crowd.leave();
    }
}

#[test]
fn visitors_come_and_go_and_what_is_due_stays_exact() {
    for kind in [Kind::MiniCt, Kind::Tokio] {
        let server = serve(kind, |_| ());
        let mut crowd = gather(&gathering(server.local_addr()));
        for _ in 0..2 {
            let report = run(&mut crowd, &Run { churn_per_second: 200.0, ..open(9_000.0) });
            assert_all_came(&report, kind);
            assert_eq!(report.due, 350 * 9);
            let visitors = report.visitors.expect("they were asked for");
            assert_eq!((visitors.completed, visitors.failed), (70, 0), "{visitors:?}");
        }
    }
}

#[test]
fn slow_readers_who_stay_get_everything_in_the_end() {
    let server = serve(Kind::Mini, |_| ());
    let mut crowd = gather(&Gathering { slow: 10, ..gathering(server.local_addr()) });
    let report = run(&mut crowd, &open(9_000.0));
    assert_all_came(&report, "slow");
    assert_eq!(report.due, 350 * 9);
    let slow = report.slow.expect("there are some");
    assert_eq!((slow.readers, slow.closed_by_server), (10, 0));
}

#[test]
fn slow_readers_whom_the_server_closes_have_lost_nothing() {
    for kind in [Kind::MiniCt, Kind::Tokio] {
        let server = serve(kind, |options| options.config.limits.outbox_bytes_max = 8192);
        let room =
            Gathering { clients: 4, room_size: 4, slow: 1, ..gathering(server.local_addr()) };
        let mut crowd = gather(&room);
        // A closed loop, so that nobody else falls behind; what the kernel keeps for a connection
        // takes a while to fill, and runs shorter than that do no harm.
        let mut duration = Duration::from_secs(1);
        loop {
            let report = run(&mut crowd, &Run { duration, text_bytes: 350, ..short(Load::Closed) });
            assert_all_came(&report, kind);
            if report.slow.expect("there is one").closed_by_server == 1 {
                break;
            }
            assert!(duration < Duration::from_secs(60), "{kind}: it is never closed");
            duration *= 2;
        }
        // Nothing is due to it any more.
        let after = run(&mut crowd, &short(Load::Closed));
        assert_all_came(&after, kind);
        assert_eq!(after.due, after.sent * 2);
    }
}

#[test]
fn a_seeded_loss_a_duplicate_a_reordering_and_a_change_are_found_exactly() {
    for seed in [7, 19, 1234] {
        let server = Faulty::start(Faults { seed, one_in: 50, ..Faults::default() });
        // What never comes is waited for: short, as nothing else is.
        let patience = Duration::from_secs(2);
        let plan = Gathering { clients: 9, room_size: 3, patience, ..gathering(server.addr) };
        let mut crowd = gather(&plan);
        let report = run(&mut crowd, &open(4_000.0));
        let done = server.done();
        assert!(done.lost > 0 && done.duplicated > 0 && done.reordered > 0 && done.corrupt > 0);
        assert_eq!(report.lost, done.lost + done.corrupt, "{seed}: {done:?} {report:?}");
        assert_eq!(report.duplicated, done.duplicated, "{seed}: {done:?} {report:?}");
        assert_eq!(report.reordered, done.reordered, "{seed}: {done:?} {report:?}");
        assert!(
            report.first_corrupt.as_ref().is_some_and(|line| line.starts_with("PRIVMSG #load"))
        );
        assert_eq!(report.corrupt, done.corrupt, "{seed}: {done:?} {report:?}");
        assert_eq!(report.due, report.delivered + report.lost);
        assert_eq!(report.due, report.sent * 2);
    }
}

#[test]
fn a_message_that_is_told_outside_of_its_room_is_found() {
    let server = Faulty::start(Faults { leak_at: Some(20), ..Faults::default() });
    let plan = Gathering { clients: 9, room_size: 3, ..gathering(server.addr) };
    let mut crowd = gather(&plan);
    let report = run(&mut crowd, &open(1_000.0));
    assert_eq!((server.done().leaked, report.corrupt), (6, 6), "{report:?}");
    assert_eq!((report.due, report.lost), (report.delivered, 0), "{report:?}");
    assert!(!report.is_correct());
}

#[test]
fn a_repeat_of_the_very_last_delivery_is_found() {
    let server = Faulty::start(Faults { repeat_at: Some(350), ..Faults::default() });
    let plan = Gathering { clients: 9, room_size: 3, ..gathering(server.addr) };
    let mut crowd = gather(&plan);
    let report = run(&mut crowd, &open(2_000.0));
    assert_eq!(report.sent, 350, "the last one is repeated");
    assert_eq!((server.done().duplicated, report.duplicated), (1, 1), "{report:?}");
    assert_eq!((report.due, report.lost), (report.delivered, 0), "{report:?}");
    // What was asked at the end of one run leaves nothing behind for the next.
    assert_all_came(&run(&mut crowd, &open(2_000.0)), "after");
}

#[test]
fn a_closed_loop_goes_on_after_a_loss() {
    let server = Faulty::start(Faults { seed: 5, one_in: 30, ..Faults::default() });
    let patience = Duration::from_millis(200);
    let plan = Gathering { clients: 2, room_size: 2, patience, ..gathering(server.addr) };
    let mut crowd = gather(&plan);
    let report = run(&mut crowd, &Run { duration: Duration::from_secs(2), ..short(Load::Closed) });
    assert!(report.lost > 1, "it went on after the first: {report:?}");
    assert_eq!(report.due, report.delivered + report.lost);
}

#[test]
fn a_stall_shows_in_the_latency_of_all_that_should_have_been_said_meanwhile() {
    let stall = Duration::from_millis(200);
    let server = Faulty::start(Faults { stall: Some((150, stall)), ..Faults::default() });
    let plan = Gathering { clients: 2, room_size: 2, ..gathering(server.addr) };
    let mut crowd = gather(&plan);
    let load = Load::Open { deliveries_per_second: 500.0 };
    let report = run(&mut crowd, &Run { duration: Duration::from_secs(1), ..short(load) });
    assert_all_came(&report, "stall");
    assert_eq!(report.sent, 525, "the schedule did not slip");
    // One of 500 was stalled; but a hundred were to be said within these 200 ms, of which 75 wait
    // for longer than 50 ms: 15 %.
    assert!(report.latency.p90_us >= 50_000.0, "{report:?}");
    assert!(report.latency.max_us >= 195_000.0, "{report:?}");
}

#[test]
fn a_server_that_closes_a_member_is_quoted() {
    let server = Faulty::start(Faults { close_at: Some(20), ..Faults::default() });
    let plan = Gathering { clients: 4, room_size: 2, ..gathering(server.addr) };
    let error = gather(&plan).run(&open(1_000.0), &mut ()).expect_err("a member is gone");
    let error = error.to_string();
    assert!(error.contains("closed the connection of load000"), "{error}");
    assert!(
        error.contains("Excess Flood") && error.contains("raise the server's limits"),
        "{error}"
    );
}

#[test]
fn why_nobody_comes_in_is_told_with_what_to_do() {
    let server = serve(Kind::Mini, |options| options.config.password = Some("sesame".into()));
    let plan = Gathering { clients: 2, ..gathering(server.local_addr()) };
    let locked = refusal(&plan);
    assert!(locked.contains("464") && locked.contains("give the server's password"), "{locked}");
    let open = Gathering { password: Some("sesame".into()), ..plan };
    let first = gather(&open);
    let taken = refusal(&open);
    assert!(taken.contains("433") && taken.contains("choose another prefix"), "{taken}");
    first.leave();
    gather(&open).leave(); // the nicks are free again

    let nobody = TcpListener::bind("127.0.0.1:0").expect("a port");
    let addr = nobody.local_addr().expect("bound");
    let patience = Duration::from_millis(100);
    let silent = refusal(&Gathering { patience, ..gathering(addr) });
    assert!(silent.contains("said nothing for 100ms"), "{silent}");
    drop(nobody);
    let refused = refusal(&gathering(addr));
    assert!(refused.contains("is a server running there?"), "{refused}");
    let alone = refusal(&Gathering { clients: 1, ..gathering(addr) });
    assert!(alone.contains("it takes two"), "{alone}");
}
