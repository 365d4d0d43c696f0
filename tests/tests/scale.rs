//! Does one process hold nine thousand connections, of which one in a hundred talks?
//!
//! The server is the real one, on each runtime and on none, in this process; the clients are one mio loop
//! ([`tests::crowd`]). So there are two sockets for each connection, and a limit of open files of
//! 20,000 is enough. Where the machine allows fewer, the test takes as many as it can have, and says
//! so.
//!
//! Cannot tell: how fast any of it is. The chat benches can.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chat::candidate::Candidate;
use chat::runtime::Kind;
use chat::server::{Ended, Options, Running};
use tests::crowd::Crowd;
use tests::irc::Peer;
use tests::watchdog::guarded_for;

const CONNECTIONS: usize = 9_000;
const ROOM_SIZE: usize = 10;
/// The first member of every tenth room talks: one in a hundred.
const ROOMS_PER_TALKER: usize = 10;
const MESSAGES: u64 = 20;

/// Files that are no connections: the runtimes' own, the standard streams, one client more.
const FILES_SPARE: u64 = 64;

/// A loaded machine without optimisation takes some ten seconds.
const LIMIT: Duration = Duration::from_secs(240);

/// One at a time: the limit of open files is the process's.
static ALONE: Mutex<()> = Mutex::new(());

/// How many rooms there can be under the limit of open files.
fn rooms() -> usize {
    let files = rlimit::increase_nofile_limit(u64::MAX).expect("the limit can be read");
    let connections = usize::try_from((files - FILES_SPARE) / 2).unwrap_or(usize::MAX);
    if connections < CONNECTIONS {
        eprintln!("room for {connections} connections only: raise the limit of open files");
    }
    connections.min(CONNECTIONS) / ROOM_SIZE
}

fn hold(candidate: Candidate) {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    guarded_for(LIMIT, move || {
        let rooms = rooms();
        let server = Running::start(candidate, 2, Options::default()).expect("a loopback port");
        let addr = server.local_addr();
        let mut crowd = Crowd::gather(addr, rooms, ROOM_SIZE).expect("files and ports for all");

        // Each message is compared by each member of its room, and no other member reads anything.
        let talking = (0..rooms).step_by(ROOMS_PER_TALKER);
        let talkers = talking.len() as u64;
        let delivered = crowd.talk(talking, MESSAGES);
        assert_eq!(delivered, talkers * MESSAGES * (ROOM_SIZE as u64 - 1));

        // Somebody new is as welcome as the first was, and nobody was dropped for it.
        let mut fresh = Peer::register(addr, "fresh");
        fresh.join("#room0");
        assert_eq!(fresh.sync(), [""; 0]);
        drop(fresh);
        crowd.sync();

        let connections = crowd.len();
        drop(crowd);
        let Ended { cut_off, .. } = server.shutdown("done");
        assert_eq!(cut_off, 0, "of {connections}");
    });
}

#[test]
fn mini_holds_nine_thousand_connections() {
    hold(Kind::Mini.into());
}

#[test]
fn mini_ct_holds_nine_thousand_connections() {
    hold(Kind::MiniCt.into());
}

#[test]
fn tokio_holds_nine_thousand_connections() {
    hold(Kind::Tokio.into());
}

#[test]
fn tokio_ct_holds_nine_thousand_connections() {
    hold(Kind::TokioCt.into());
}

#[test]
fn the_floor_holds_nine_thousand_connections() {
    hold(Candidate::Floor);
}
