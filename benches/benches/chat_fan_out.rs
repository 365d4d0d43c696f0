//! How many lines does the chat server deliver in a second, and at which cost?
//!
//! 100, 1,000 and 9,000 people are in rooms of 10; 1,000 and 9,000 in rooms of 1,000. In a round,
//! one of each room says a line, and the next round begins when all others of every room have heard
//! it. So 9,000 people in rooms of 10 cause 8,100 deliveries of 900 lines, and in rooms of 1,000 there
//! are 8,991 deliveries of 9 lines: reads, parsing, the hub's lock, wakes across tasks, and writes.
//!
//! - `chat_fan_out`: the time of a delivery, the load included.
//! - `chat_fan_out_cpu`: the CPU time that the server's threads take for a delivery, the kernel's
//!   part included, without the load's. In rooms of 10.
//!
//! `floor` is the same server's core in a loop over mio on one thread, with no runtime.
//!
//! What it cannot tell: the client shares the cores with the server, and reads each delivery with a
//! syscall of its own. As the rounds wait for the slowest delivery, a server may not fall behind,
//! and lines are hardly ever written several at once, as they would be under an overload. It is a
//! closed loop over loopback, with no latency under a given load in it.

use benches::measure::{Cost, against_each, criterion, enough_files, group, sized};
use benches::rooms::Rooms;
use criterion::{Criterion, criterion_group, criterion_main};

/// How many people there are, in rooms of how many.
const PEOPLE: [(usize, usize); 5] =
    [(100, 10), (1_000, 10), (9_000, 10), (1_000, 1_000), (9_000, 1_000)];

criterion_group! { name = all; config = criterion(); targets = chat_fan_out, chat_fan_out_cpu }
criterion_main!(all);

fn chat_fan_out(criterion: &mut Criterion) {
    fan_out(criterion, "chat_fan_out", &PEOPLE, Cost::Time);
}

fn chat_fan_out_cpu(criterion: &mut Criterion) {
    fan_out(criterion, "chat_fan_out_cpu", &PEOPLE[..3], Cost::Cpu);
}

fn fan_out(criterion: &mut Criterion, name: &str, plans: &[(usize, usize)], cost: Cost) {
    let mut group = group(criterion, name);
    for &(people, room) in plans {
        let workload = format!("rooms_of_{room}_{people}");
        if !enough_files(&format!("{name}/{workload}"), people) {
            continue;
        }
        let (people, room) = (sized(people), sized(room));
        let deliveries = people / room * (room - 1);
        against_each(&mut group, &workload, (deliveries, cost), |candidate| {
            let rooms = Rooms::start(candidate, people, room);
            assert_eq!(rooms.deliveries(), deliveries as u64);
            rooms
        });
    }
    group.finish();
}
