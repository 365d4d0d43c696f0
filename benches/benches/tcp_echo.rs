//! How many messages does a runtime read and write back in a second, and at which cost?
//!
//! The server has a task per connection: read, write back. 1, 64, 1,000 and 9,000 connections send
//! 64 bytes or 16 KiB each, wait for the echo, and send again. At 1 each message goes through an
//! idle runtime: that is mostly the cost of being woken. At 64 a turn of the driver finds several
//! sockets ready; at 1,000 tasks and sockets no longer fit into the nearest cache.
//!
//! - `tcp_echo`: the time of a message, the load included.
//! - `tcp_echo_cpu`: the CPU time that the server's threads take for a message, the kernel's part
//!   included, without the load's.
//! - `connect`, `connect_cpu`: the same for somebody who connects, says 64 bytes, hears them and
//!   closes; 64 of them at a time.
//!
//! `floor` is a loop over mio on one thread, with no runtime.
//!
//! What it cannot tell: the client shares the cores with the server, and on two cores the kinds
//! with two workers are three threads; a kind that leaves the client more of a core looks better.
//! The loop is closed and over loopback: there is no latency under a given load in it, no network,
//! and the kernel's send and receive (5 to 10 us a message) are most of each figure. What the
//! kernel does for the peer within a server's send is the server's CPU time.

use benches::echo::Echo;
use benches::measure::{Cost, against_each, criterion, enough_files, group, sized};
use benches::visit::{BATCH, Visits};
use criterion::{Criterion, criterion_group, criterion_main};

/// How many connections there are.
const CONNECTIONS: [usize; 4] = [1, 64, 1_000, 9_000];

/// The bytes of a message, and the name of that.
const MESSAGES: [(usize, &str); 2] = [(64, "64B"), (16 << 10, "16KiB")];

criterion_group! { name = all; config = criterion(); targets = tcp_echo, tcp_echo_cpu, connect }
criterion_main!(all);

fn tcp_echo(criterion: &mut Criterion) {
    echo(criterion, "tcp_echo", &MESSAGES, Cost::Time);
}

fn tcp_echo_cpu(criterion: &mut Criterion) {
    echo(criterion, "tcp_echo_cpu", &MESSAGES[..1], Cost::Cpu);
}

fn echo(criterion: &mut Criterion, name: &str, messages: &[(usize, &str)], cost: Cost) {
    let mut group = group(criterion, name);
    for &(bytes, size) in messages {
        for conns in CONNECTIONS {
            let workload = format!("{size}_{conns}");
            if !enough_files(&format!("{name}/{workload}"), conns) {
                continue;
            }
            // An iteration is one message on each connection.
            let conns = sized(conns);
            against_each(&mut group, &workload, (conns, cost), |candidate| {
                Echo::start(candidate, conns, bytes)
            });
        }
    }
    group.finish();
}

fn connect(criterion: &mut Criterion) {
    for (name, cost) in [("connect", Cost::Time), ("connect_cpu", Cost::Cpu)] {
        let mut group = group(criterion, name);
        against_each(&mut group, "one_line", (BATCH, cost), Visits::start);
        group.finish();
    }
}
