//! How many lines does the chat server deliver in a second?
//!
//! 100 and 1,000 people are in rooms of ten. In a round, one of each room says a line, and the next
//! round begins when all nine others of every room have heard it. So 10 or 100 lines come at once,
//! each from another connection, and cause 90 or 900 deliveries: reads, parsing, the hub's lock,
//! wakes across tasks, and writes.
//!
//! What it cannot tell: the client shares the cores with the server, and reads each delivery with a
//! syscall of its own. As the rounds wait for the slowest delivery, a server may not fall behind, and
//! lines are hardly ever written several at once, as they would be under an overload. It is a closed
//! loop over loopback, with no latency under a given load in it.

use std::time::Instant;

use benches::rooms::{ROOM, Rooms};
use benches::{KINDS, criterion, group};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

/// How many people there are.
const PEOPLE: [usize; 2] = [100, 1_000];

criterion_group! { name = all; config = criterion(); targets = chat_fan_out }
criterion_main!(all);

fn chat_fan_out(criterion: &mut Criterion) {
    let mut group = group(criterion, "chat_fan_out");
    for people in PEOPLE {
        let deliveries = people / ROOM * (ROOM - 1);
        group.throughput(Throughput::Elements(deliveries as u64));
        for kind in KINDS {
            let mut started = None;
            group.bench_function(BenchmarkId::new(people.to_string(), kind), |bencher| {
                // Not before it is measured: a run that is filtered out starts no server.
                let rooms = started.get_or_insert_with(|| Rooms::start(kind, people));
                assert_eq!(rooms.deliveries(), deliveries as u64);
                bencher.iter_custom(|iters| {
                    let start = Instant::now();
                    rooms.run(iters);
                    start.elapsed()
                });
            });
        }
    }
    group.finish();
}
