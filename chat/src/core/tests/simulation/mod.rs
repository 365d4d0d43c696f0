//! Random clients send random commands, sensible and not; after each step everything that the hub
//! promises is looked at. The seed of a failure is printed: put it into [`SEEDS`] to see it again.

mod words;

use std::collections::{HashMap, HashSet, VecDeque};
use std::net::{IpAddr, Ipv4Addr};
use std::ops::Range;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::config;
use crate::core::client::Client;
use crate::core::mode::user;
use crate::core::{ClientId, Config, Hub, Limits, Now, Outbox, Taken};
use words::{CHANNELS, COMMANDS, MODES, NICKS, TEXTS};

/// One run for each.
const SEEDS: Range<u64> = 0..50;

/// The events of a run.
const STEPS: usize = 500;

/// The clients that are connected at once, at most.
const CLIENTS_MAX: usize = 10;

/// SplitMix64 (Steele, Lea, Flood 2014): enough to choose by.
struct Random(u64);

impl Random {
    /// Any number.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).expect("it is below a usize")
    }

    /// One of several.
    fn of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }
}

/// Says which seed it was.
struct Seed(u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the simulation failed with seed {}", self.0);
        }
    }
}

/// A connection of the simulation.
struct Peer {
    /// Its id.
    id: ClientId,
    /// What it gets.
    outbox: Arc<Outbox>,
    /// Reads everything at each step; the others read now and then, and do not tell of writing.
    reads: bool,
}

/// One run.
struct Simulation {
    /// What is looked at.
    hub: Hub,
    /// The time of the next step.
    now: Now,
    /// What chooses.
    random: Random,
    /// Who is connected, as far as the shell knows.
    peers: Vec<Peer>,
    /// Those who were closed as they did not read.
    overflows: usize,
}

#[test]
fn whatever_clients_send_the_hub_stays_true() {
    let mut overflows = 0;
    for seed in SEEDS {
        let _said_on_failure = Seed(seed);
        let limits = Limits {
            outbox_bytes_max: 8 << 10,
            channels_per_client_max: 4,
            invites_per_client_max: 2,
            list_entries_max: 4,
            whowas_max: 5,
            query_lines_max: 5,
            ..Limits::default()
        };
        let now = Now { mono: Duration::ZERO, unix_s: 1_800_000_000 };
        let hub = Hub::new(Config { limits, ..config() }, now);
        let mut simulation =
            Simulation { hub, now, random: Random(seed), peers: Vec::new(), overflows: 0 };
        simulation.run();
        overflows += simulation.overflows;
    }
    assert!(overflows > 50, "only {overflows} clients were too slow: nothing was tested by that");
}

impl Simulation {
    /// Does all steps, looking at everything after each.
    fn run(&mut self) {
        for _ in 0..STEPS {
            self.step();
            self.check_membership();
            self.check_index();
            self.check_outboxes();
        }
        self.hub.handle_shutdown(self.now, b"the end");
        assert_eq!(self.hub.client_count(), 0);
    }

    /// One event.
    fn step(&mut self) {
        self.now.mono += Duration::from_millis(self.random.next() % 4_000);
        if self.peers.is_empty() || self.random.below(15) == 0 {
            return self.connect();
        }
        let at = self.random.below(self.peers.len());
        let id = self.peers[at].id;
        match self.random.below(100) {
            0..=1 => {
                self.hub.handle_disconnect(self.now, id, b"reset");
                self.peers.swap_remove(at);
            }
            2 => self.hub.handle_overlong(self.now, id),
            3..=6 => {
                if let Some(deadline) = self.hub.poll_timeout(id) {
                    // Often too early, sometimes late.
                    self.now.mono =
                        self.now.mono.max(deadline.saturating_sub(Duration::from_secs(1)));
                    self.hub.handle_timeout(self.now, id);
                }
            }
            7..=12 => {
                let garbage: Vec<u8> = (0..self.random.below(600))
                    .map(|_| self.random.next().to_le_bytes()[0])
                    .collect();
                self.hub.handle_line(self.now, id, &garbage);
            }
            13..=16 => {
                // A flood: the same line, faster than anybody reads.
                let line = self.line();
                for _ in 0..self.random.below(100) {
                    self.hub.handle_line(self.now, id, line.as_bytes());
                }
            }
            _ => {
                let line = self.line();
                self.say(id, &line);
            }
        }
        self.read();
    }

    /// A new connection, which registers and joins at once three times out of four.
    fn connect(&mut self) {
        if self.peers.len() >= CLIENTS_MAX {
            return;
        }
        let (id, outbox) = self.hub.handle_connect(self.now, IpAddr::V4(Ipv4Addr::LOCALHOST));
        let reads = self.random.below(4) > 0;
        self.peers.push(Peer { id, outbox, reads });
        if self.random.below(4) > 0 {
            let nick = format!("NICK n{}", self.random.below(1_000));
            self.hub.handle_line(self.now, id, nick.as_bytes());
            self.hub.handle_line(self.now, id, b"USER u 0 * :r");
            self.hub.handle_line(self.now, id, b"JOIN #a,#b,#c");
        }
    }

    /// A line from the tables.
    fn line(&mut self) -> String {
        let template = self.random.of(COMMANDS);
        let words = template.split(' ').map(|word| {
            let (mark, word) =
                word.split_at(usize::from(word.starts_with([':', '@']) && word.len() > 1));
            let parts = word.split(',').map(|part| match part {
                "N" if self.random.below(3) == 0 => self.nick_in_use(),
                "N" => self.random.of(NICKS).to_owned(),
                "C" => self.random.of(CHANNELS).to_owned(),
                "M" => self.random.of(MODES).to_owned(),
                "T" => self.random.of(TEXTS).to_owned(),
                word => word.to_owned(),
            });
            mark.to_owned() + &parts.collect::<Vec<_>>().join(",")
        });
        words.collect::<Vec<_>>().join(" ")
    }

    /// The nick of somebody.
    fn nick_in_use(&mut self) -> String {
        let at = self.random.below(self.peers.len());
        let client = self.hub.clients.get(self.peers[at].id.0);
        client
            .map_or_else(String::new, |it| String::from_utf8_lossy(it.identity.nick()).into_owned())
    }

    /// Lets a client say a line. If that is a QUIT or a NICK, those who share a channel with it, and
    /// nobody else, hear of it, once.
    fn say(&mut self, id: ClientId, line: &str) {
        self.read();
        let before = self.hub.clients.get(id.0).filter(|client| client.is_registered());
        let before = before.map(|client| (client.identity.mask().to_vec(), self.peers_of(client)));
        self.hub.handle_line(self.now, id, line.as_bytes());
        let Some((mask, mut hearers)) = before else { return };
        let verb = line.split(' ').next().unwrap_or_default();
        let changed = match (verb, self.hub.clients.get(id.0)) {
            ("QUIT", None) => true,
            ("NICK", Some(client)) => {
                hearers.insert(id);
                client.identity.mask() != mask
            }
            _ => return,
        };
        let start = [b":", &mask[..], b" ", verb.as_bytes(), b" "].concat();
        for at in 0..self.peers.len() {
            let Peer { id: hearer, reads, .. } = self.peers[at];
            if reads && self.hub.clients.get(hearer.0).is_some() {
                let heard = self.read_one(at).iter().filter(|it| it.starts_with(&start)).count();
                let expected = usize::from(changed && hearers.contains(&hearer));
                assert_eq!(heard, expected, "{line:?}");
            }
        }
    }

    /// Those who share a channel with a client, without it.
    fn peers_of(&self, client: &Client) -> HashSet<ClientId> {
        let channels = client.channels.iter().map(|joined| &self.hub.channels[joined.channel.0]);
        let members = channels.flat_map(|channel| &channel.members).map(|member| member.client);
        members.filter(|id| *id != client.id).collect()
    }

    /// Lets those who read read, and now and then one of the others.
    fn read(&mut self) {
        for at in 0..self.peers.len() {
            if self.peers[at].reads || self.random.below(1_000) == 0 {
                self.read_one(at);
            }
        }
        // The tasks of those who are closed notice it, each when it likes; the shell notices an end
        // that the hub has decided.
        for at in 0..self.peers.len() {
            if self.peers[at].outbox.is_closing() && self.random.below(2) == 0 {
                self.hub.handle_closing(self.now, self.peers[at].id);
            }
        }
        self.peers.retain(|peer| {
            let there = self.hub.clients.get(peer.id.0).is_some();
            assert_eq!(self.hub.poll_timeout(peer.id).is_some(), there);
            if !there {
                let mut lines = VecDeque::new();
                let mut cx = Context::from_waker(Waker::noop());
                let taken = peer.outbox.poll_take(&mut cx, &mut lines);
                assert_eq!(taken, Poll::Ready(Taken::Closing));
                if let Some(last) = lines.back() {
                    assert!(last.as_ref().starts_with(b"ERROR :Closing Link: 127.0.0.1 ("));
                    self.overflows += usize::from(last.as_ref().ends_with(b"(SendQ exceeded)\r\n"));
                }
            }
            there
        });
    }

    /// Everything that waits for a client; each line has the form of a line.
    fn read_one(&mut self, at: usize) -> Vec<Vec<u8>> {
        let (_, lines) = super::take(&self.peers[at].outbox);
        for line in &lines {
            let text = line.strip_suffix(b"\r\n").expect("a line ends with CR LF");
            assert!(line.len() <= 512, "{} bytes", line.len());
            assert!(!text.iter().any(|b| matches!(b, 0 | b'\r' | b'\n')));
        }
        lines
    }

    /// Membership is the same at both ends, and no channel is empty.
    fn check_membership(&self) {
        let hub = &self.hub;
        let mut members = 0;
        for channel in hub.channels.iter() {
            assert!(!channel.members.is_empty(), "an empty channel is gone");
            let id = hub.channel_names.get(&channel.name).expect("it is found by its name");
            for (place, member) in channel.members.iter().enumerate() {
                let client = hub.clients.get(member.client.0).expect("a member is connected");
                assert!(client.is_registered());
                assert_eq!(client.place_in(id), Some(place));
                members += 1;
            }
            assert!(channel.list_entries() <= hub.config.limits.list_entries_max);
        }
        assert_eq!(hub.channel_names.len(), hub.channels.len());
        let joined: usize = hub.clients.iter().map(|client| client.channels.len()).sum();
        assert_eq!(joined, members);
    }

    /// Every nick is found, no other is, and the census is what a count gives.
    fn check_index(&self) {
        let hub = &self.hub;
        let mut nicks = HashMap::new();
        for client in hub.clients.iter() {
            assert!(client.channels.len() <= hub.config.limits.channels_per_client_max);
            assert!(client.invites.len() <= hub.config.limits.invites_per_client_max);
            let nick = client.identity.nick();
            if !nick.is_empty() {
                assert_eq!(hub.nicks.get(nick), Some(client.id));
                assert_eq!(nicks.insert(nick.to_ascii_lowercase(), client.id), None);
            }
        }
        assert_eq!(hub.nicks.len(), nicks.len());
        let count =
            |wanted: &dyn Fn(&Client) -> bool| hub.clients.iter().filter(|it| wanted(it)).count();
        assert_eq!(hub.census.registered, count(&Client::is_registered));
        assert_eq!(hub.census.invisible, count(&|client| client.modes.has(user::INVISIBLE)));
        assert_eq!(hub.census.operators, count(&|client| client.modes.has(user::OPERATOR)));
        assert!(hub.census.registered_max >= hub.census.registered);
    }

    /// The bytes that wait are counted exactly and within the bound, and who was over it is closed.
    fn check_outboxes(&self) {
        for peer in &self.peers {
            peer.outbox.audit();
            if let Some(client) = self.hub.clients.get(peer.id.0) {
                assert_eq!(client.overflowed.get(), peer.outbox.is_closing());
            }
        }
    }
}
