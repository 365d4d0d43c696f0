//! The load generator against the real server, on every runtime.

use std::net::SocketAddr;
use std::time::Duration;

use chat::load::{Crowd, Gathering, Load, Report, Run};
use chat::runtime::Kind;
use chat::server::{Options, Running};

/// A server on a free port of loopback.
fn serve(kind: Kind, change: impl FnOnce(&mut Options)) -> Running {
    let mut options = Options::default();
    change(&mut options);
    Running::start(kind, 2, options).expect("a loopback socket")
}

fn gathering(addr: SocketAddr) -> Gathering {
    Gathering { addr, clients: 40, patience: Duration::from_secs(20), ..Gathering::default() }
}

fn short(load: Load) -> Run {
    let (warm_up, duration) = (Duration::from_millis(50), Duration::from_millis(300));
    Run { load, warm_up, duration, ..Run::default() }
}

fn assert_all_came(report: &Report, what: impl std::fmt::Display) {
    assert!(report.is_correct() && report.delivered == report.due, "{what}: {report:?}");
    assert!(report.delivered > 0 && report.sent > 0, "{what}: {report:?}");
}

#[test]
fn every_message_arrives_in_both_loops_on_every_runtime() {
    for kind in Kind::ALL {
        let server = serve(kind, |_| ());
        let mut crowd = Crowd::gather(&gathering(server.local_addr()), &mut ()).expect("a crowd");
        let closed = crowd.run(&short(Load::Closed), &mut ()).expect("a run");
        assert_all_came(&closed, kind);
        assert_eq!(closed.due, closed.sent * 9);
        let open = Load::Open { deliveries_per_second: 9_000.0 };
        let open = crowd.run(&short(open), &mut ()).expect("a second run");
        assert_all_came(&open, kind);
        assert_eq!(open.sent, 350, "a thousand lines a second, with warm-up");
        assert!(open.latency.p50_us > 0.0 && open.latency.max_us >= open.latency.p999_us);
        assert_eq!(open.latency.histogram.len(), 300 * 9);
        crowd.leave();
    }
}
