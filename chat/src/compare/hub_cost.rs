//! What does the core cost without I/O? That much of a delivery is done under the one lock, whatever
//! the runtime: the serial part of the model.
//!
//! Rooms of clients are put into a [`Hub`], and a line is said in each room. Timed is what the
//! server does under the lock: the line, and taking the wakers. The outboxes are emptied between,
//! untimed, as their clients' tasks would.

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::{Duration, Instant};

use super::results::HubCost;
use crate::core::{ClientId, Config, Hub, Now, Outbox};

/// The core's time per delivery at so many connections in rooms of `room_size`, with texts of
/// `text_bytes`: the median of several passes that take `time` in all, at least three.
pub fn measure(connections: usize, room_size: usize, text_bytes: usize, time: Duration) -> HubCost {
    let now = Now { mono: Duration::ZERO, unix_s: 1 };
    let mut crowd = Crowd::gather(now, connections, room_size);
    let text = "x".repeat(text_bytes);
    let lines: Vec<(ClientId, String)> = crowd
        .members
        .chunks(room_size)
        .enumerate()
        .filter(|(_, room)| room.len() > 1)
        .map(|(room, members)| {
            (members[room % members.len()].0, format!("PRIVMSG #r{room} :{text}"))
        })
        .collect();
    let rooms = crowd.members.chunks(room_size).filter(|room| room.len() > 1);
    let deliveries: usize = rooms.map(|room| room.len() - 1).sum();
    // One room alone is too quick for the clock, so it says more lines in a pass.
    let repeats = 100_usize.div_ceil(lines.len().max(1));
    let begin = Instant::now();
    let mut passes = Vec::new();
    while passes.len() < 3 || begin.elapsed() < time {
        let pass = Instant::now();
        for _ in 0..repeats {
            for (who, line) in &lines {
                crowd.hub.handle_line(now, *who, line.as_bytes());
                crowd.hub.poll_wakers(&mut crowd.wakers);
                crowd.wakers.clear();
            }
        }
        passes.push(pass.elapsed().as_secs_f64() * 1e9);
        crowd.read();
    }
    passes.sort_by(f64::total_cmp);
    let median = passes[passes.len() / 2];
    HubCost { connections, ns_per_delivery: median / (deliveries * repeats).max(1) as f64 }
}

/// Clients in rooms.
struct Crowd {
    hub: Hub,
    members: Vec<(ClientId, Arc<Outbox>)>,
    wakers: Vec<Waker>,
}

impl Crowd {
    fn gather(now: Now, connections: usize, room_size: usize) -> Self {
        let mut hub = Hub::new(Config::default(), now);
        let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let members = (0..connections).map(|_| hub.handle_connect(now, peer)).collect();
        let mut crowd = Self { hub, members, wakers: Vec::new() };
        for place in 0..connections {
            let (nick, room) = (format!("n{place}"), place / room_size);
            let id = crowd.members[place].0;
            for line in [
                format!("NICK {nick}"),
                format!("USER {nick} 0 * :{nick}"),
                format!("JOIN #r{room}"),
            ] {
                crowd.hub.handle_line(now, id, line.as_bytes());
            }
        }
        crowd.read();
        crowd
    }

    /// Everybody takes what waits, and waits for more.
    fn read(&mut self) {
        let mut lines = VecDeque::new();
        let mut cx = Context::from_waker(Waker::noop());
        for (_, outbox) in &self.members {
            while outbox.poll_take(&mut cx, &mut lines).is_ready() && !lines.is_empty() {
                outbox.wrote(lines.drain(..).map(|line| line.as_ref().len()).sum());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_member_gets_what_is_said_and_it_takes_time() {
        let now = Now { mono: Duration::ZERO, unix_s: 1 };
        let mut crowd = Crowd::gather(now, 20, 10);
        let speaker = crowd.members[0].0;
        crowd.hub.handle_line(now, speaker, b"PRIVMSG #r0 :hello");
        let waiting = |crowd: &Crowd| -> Vec<bool> {
            crowd.members.iter().map(|(_, outbox)| outbox.waiting_bytes() > 0).collect()
        };
        let heard: Vec<bool> = (0..20).map(|place| (1..10).contains(&place)).collect();
        assert_eq!(waiting(&crowd), heard);
        crowd.hub.poll_wakers(&mut crowd.wakers);
        assert_eq!(crowd.wakers.len(), 9, "they wait for more");
        crowd.read();
        assert!(!waiting(&crowd).contains(&true));
        let cost = measure(20, 10, 100, Duration::ZERO);
        assert!(cost.ns_per_delivery > 0.0 && cost.connections == 20);
    }
}
